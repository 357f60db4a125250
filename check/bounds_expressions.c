/* bounds_expressions.c -- what an expression is worth. */
#include "check/bounds.h"

static int64_t power_of_two(int64_t exponent)
{
	return exponent >= 0 && exponent < 62 ? (int64_t)1 << exponent : 0;
}

static Value divide(Follow *f, Value a, Value b, CXType type, bool rest)
{
	int64_t by;
	if (!linear_is_constant(&b.x, &by) || by <= 0)
		return value_unknown(f, type);
	Linear q, r;
	linear_divide(&f->k, a.x, by, &q, &r);
	return value_integer(rest ? r : q);
}

/* It has no bit beyond the highest of either. */
static Value exclusive(Follow *f, Linear a, Linear b, CXType type)
{
	int64_t most = 1;
	const int64_t x = linear_high(&f->k, a), y = linear_high(&f->k, b), high = x > y ? x : y;
	if (linear_low(&f->k, a) < 0 || linear_low(&f->k, b) < 0 || high >= LINEAR_MOST / 2)
		return value_unknown(f, type);
	while (most <= high)
		most *= 2;
	return value_integer(linear_symbol(&f->k, 0, most - 1));
}

/* It is no more than either that is not negative. */
static Value masked(Follow *f, Linear a, Linear b, CXType type)
{
	const bool below_a = linear_not_negative(&f->k, a), below_b = linear_not_negative(&f->k, b);
	if (!below_a && !below_b)
		return value_unknown(f, type);
	const int64_t x = below_a ? linear_high(&f->k, a) : LINEAR_MOST, y = below_b ? linear_high(&f->k, b) : LINEAR_MOST;
	Linear symbol = linear_symbol(&f->k, 0, x < y ? x : y);
	if (below_a)
		linear_define(&f->k, symbol, linear_add(&f->k, a, symbol, -1));
	if (below_b)
		linear_define(&f->k, symbol, linear_add(&f->k, b, symbol, -1));
	return value_integer(symbol);
}

static Value arithmetic(Follow *f, enum CX_BinaryOperatorKind op, Value a, Value b, CXType type)
{
	int64_t by;
	if (a.kind != VALUE_INTEGER || b.kind != VALUE_INTEGER)
		return value_unknown(f, type);
	switch (op) {
	case CX_BO_Add:
		return value_convert(f, value_integer(linear_add(&f->k, a.x, b.x, 1)), type);
	case CX_BO_Sub:
		return value_convert(f, value_integer(linear_add(&f->k, a.x, b.x, -1)), type);
	case CX_BO_Mul:
		return value_convert(f, value_integer(linear_multiply(&f->k, a.x, b.x)), type);
	case CX_BO_Div:
		return divide(f, a, b, type, false);
	case CX_BO_Rem:
		return divide(f, a, b, type, true);
	case CX_BO_Shl:
		return linear_is_constant(&b.x, &by) && power_of_two(by) ? value_convert(f, value_integer(linear_scale(&f->k, a.x, power_of_two(by))), type)
		                                                         : value_unknown(f, type);
	case CX_BO_Shr:
		if (!linear_is_constant(&b.x, &by) || !power_of_two(by) || !linear_not_negative(&f->k, a.x))
			return value_unknown(f, type);
		return divide(f, a, value_integer(linear_constant(power_of_two(by))), type, false);
	case CX_BO_And:
		return masked(f, a.x, b.x, type);
	case CX_BO_Xor:
		return exclusive(f, a.x, b.x, type);
	default:
		return value_unknown(f, type);
	}
}

static CXType pointee(CXType t)
{
	return clang_getCanonicalType(t.kind == CXType_Pointer ? clang_getPointeeType(t) : clang_getArrayElementType(t));
}

static bool is_pointer(const Ast *n)
{
	return n->type.kind == CXType_Pointer || n->type.kind == CXType_ConstantArray || n->type.kind == CXType_IncompleteArray;
}

static Value operate(Follow *f, const Ast *n, enum CX_BinaryOperatorKind op, Value a, Value b)
{
	const Ast *left = ast_child(n, 0), *right = ast_child(n, 1);
	if (op >= CX_BO_LT && op <= CX_BO_NE)
		return condition_compare(f, op, a, b);
	if (is_pointer(left) && (op == CX_BO_Add || op == CX_BO_Sub))
		return is_pointer(right) ? value_unknown(f, n->type) : value_move(f, a, b, pointee(left->type), op == CX_BO_Add ? 1 : -1);
	if (is_pointer(right))
		return value_move(f, b, a, pointee(right->type), 1);
	return arithmetic(f, op, a, b, n->type);
}

/* The x of (unsigned)x < end, where end is no more than an int: it asks for 0 <= x too. Else null. */
static const Ast *asked_within(const Ast *n)
{
	int64_t end;
	const Ast *left = ast_bare(ast_child(n, 0)), *x = left->child;
	if (n->op.binary != CX_BO_LT || !ast_constant(ast_child(n, 1), &end) || end < 0 || end > INT32_MAX)
		return NULL;
	if (left->type.kind != CXType_UInt || (left->kind != CXCursor_CStyleCastExpr && left->kind != CXCursor_CXXFunctionalCastExpr))
		return NULL;
	while (x && x->next)
		x = x->next;
	return x && ast_bare(x)->type.kind == CXType_Int ? ast_bare(x) : NULL;
}

static Value follow_within(Follow *f, const Ast *n, const Ast *asked)
{
	Value x = follow_expression(f, asked), end = follow_expression(f, ast_child(n, 1));
	return x.kind == VALUE_INTEGER && end.kind == VALUE_INTEGER ? condition_within(f, x, end) : value_integer(linear_symbol(&f->k, 0, 1));
}

static Value follow_binary(Follow *f, const Ast *n)
{
	enum CX_BinaryOperatorKind op = n->op.binary;
	if (op == CX_BO_LAnd || op == CX_BO_LOr)
		return condition_join(f, n, op == CX_BO_LAnd);
	const Ast *asked = asked_within(n);
	if (asked)
		return follow_within(f, n, asked);
	if (op == CX_BO_Assign) {
		Value v = follow_expression(f, ast_child(n, 1));
		follow_assign(f, ast_child(n, 0), v);
		return v;
	}
	Value a = follow_expression(f, ast_child(n, 0)), b = follow_expression(f, ast_child(n, 1));
	return op == CX_BO_Comma ? b : operate(f, n, op, a, b);
}

static enum CX_BinaryOperatorKind plain_operator(enum CX_BinaryOperatorKind op)
{
	static const enum CX_BinaryOperatorKind pair[][2] = {
	    {CX_BO_AddAssign, CX_BO_Add}, {CX_BO_SubAssign, CX_BO_Sub}, {CX_BO_MulAssign, CX_BO_Mul}, {CX_BO_DivAssign, CX_BO_Div},
	    {CX_BO_RemAssign, CX_BO_Rem}, {CX_BO_ShlAssign, CX_BO_Shl}, {CX_BO_ShrAssign, CX_BO_Shr}, {CX_BO_AndAssign, CX_BO_And},
	};
	for (size_t i = 0; i < sizeof pair / sizeof *pair; i++)
		if (pair[i][0] == op)
			return pair[i][1];
	return CX_BO_Invalid;
}

static Value follow_compound(Follow *f, const Ast *n)
{
	const Ast *to = ast_child(n, 0);
	Value old = follow_expression(f, to), by = follow_expression(f, ast_child(n, 1));
	Value v = old.kind == VALUE_OPAQUE ? old : operate(f, n, plain_operator(n->op.binary), old, by);
	follow_assign(f, to, v);
	return v;
}

static Value follow_step(Follow *f, const Ast *n)
{
	const bool up = n->op.unary == CXUnaryOperator_PostInc || n->op.unary == CXUnaryOperator_PreInc;
	const bool before = n->op.unary == CXUnaryOperator_PostInc || n->op.unary == CXUnaryOperator_PostDec;
	Value old = follow_expression(f, n->child), one = value_integer(linear_constant(1)), v;
	if (is_pointer(n->child))
		v = value_move(f, old, one, pointee(n->child->type), up ? 1 : -1);
	else
		v = arithmetic(f, up ? CX_BO_Add : CX_BO_Sub, old, one, n->type);
	follow_assign(f, n->child, v);
	return before ? old : v;
}

static Value follow_unary(Follow *f, const Ast *n)
{
	switch (n->op.unary) {
	case CXUnaryOperator_PostInc:
	case CXUnaryOperator_PostDec:
	case CXUnaryOperator_PreInc:
	case CXUnaryOperator_PreDec:
		return follow_step(f, n);
	case CXUnaryOperator_AddrOf:
		return follow_place(f, n->child);
	case CXUnaryOperator_Deref:
		return follow_read(f, n);
	default:
		break;
	}
	Value v = follow_expression(f, n->child);
	if (n->op.unary == CXUnaryOperator_LNot)
		return condition_opposite(f, v);
	if (n->op.unary == CXUnaryOperator_Plus)
		return v;
	if (n->op.unary == CXUnaryOperator_Minus && v.kind == VALUE_INTEGER)
		return value_convert(f, value_integer(linear_scale(&f->k, v.x, -1)), n->type);
	return value_unknown(f, n->type);
}

/* c ? a : b, each arm followed where it is taken. */
static Value follow_choice(Follow *f, const Ast *n)
{
	Value c = follow_expression(f, ast_child(n, 0));
	int64_t known;
	if (c.kind == VALUE_INTEGER && linear_is_constant(&c.x, &known))
		return follow_expression(f, ast_child(n, known ? 1 : 2));
	Scope s;
	Exit *exit[2];
	for (int arm = 0; arm < 2; arm++) {
		scope_enter(f, &s);
		if (c.when)
			suppose_all(f, arm ? c.when->no : c.when->yes, arm ? c.when->nno : c.when->nyes);
		Value v = follow_expression(f, ast_child(n, arm + 1));
		exit[arm] = scope_exit(f, &s, v);
		scope_undo(f, &s);
	}
	exit[0]->next = exit[1];
	return scope_join(f, &s, exit[0]);
}

Value follow_expression(Follow *f, const Ast *n)
{
	int64_t known;
	f->steps--;
	switch (n->kind) {
	case CXCursor_ParenExpr:
		return follow_expression(f, n->child);
	case CXCursor_UnexposedExpr: /* what the compiler converts by itself */
		return n->child && !n->child->next ? value_convert(f, follow_expression(f, n->child), n->type) : value_unknown(f, n->type);
	case CXCursor_CXXStaticCastExpr:
	case CXCursor_CXXReinterpretCastExpr:
	case CXCursor_CXXFunctionalCastExpr:
	case CXCursor_CStyleCastExpr: {
		const Ast *from = n->child;
		while (from && from->next)
			from = from->next;
		return from ? value_convert(f, follow_expression(f, from), n->type) : value_unknown(f, n->type);
	}
	case CXCursor_IntegerLiteral:
	case CXCursor_CharacterLiteral:
	case CXCursor_CXXBoolLiteralExpr:
	case CXCursor_UnaryExpr: /* sizeof */
		return ast_constant(n, &known) ? value_integer(linear_constant(known)) : value_unknown(f, n->type);
	case CXCursor_DeclRefExpr:
		if (n->refers && n->refers->kind == CXCursor_EnumConstantDecl)
			return value_integer(linear_constant(clang_getEnumConstantDeclValue(n->refers->cursor)));
		if (n->refers && (n->refers->kind == CXCursor_VarDecl || n->refers->kind == CXCursor_ParmDecl))
			return follow_variable(f, n->refers);
		return ast_constant(n, &known) ? value_integer(linear_constant(known)) : value_unknown(f, n->type);
	case CXCursor_ArraySubscriptExpr:
	case CXCursor_MemberRefExpr:
		return follow_read(f, n);
	case CXCursor_BinaryOperator:
		return follow_binary(f, n);
	case CXCursor_CompoundAssignOperator:
		return follow_compound(f, n);
	case CXCursor_UnaryOperator:
		return follow_unary(f, n);
	case CXCursor_ConditionalOperator:
		return follow_choice(f, n);
	case CXCursor_CallExpr:
		return follow_function(f, n);
	case CXCursor_InitListExpr:
		if (n->type.kind == CXType_Record)
			return record_listed(f, n);
		/* fall through */
	default: /* floats, strings, vectors */
		for (const Ast *c = n->child; c; c = c->next)
			if (clang_isExpression(c->kind))
				follow_expression(f, c);
		return value_unknown(f, n->type);
	}
}
