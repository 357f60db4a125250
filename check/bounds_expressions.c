/* bounds_expressions.c -- what an expression is worth. */
#include "check/bounds.h"

static int64_t power_of_two(int64_t exponent)
{
	return exponent >= 0 && exponent < 62 ? (int64_t)1 << exponent : 0;
}

static Value divide(State *s, Value a, Value b, CXType type, bool rest)
{
	int64_t by;
	if (!linear_is_constant(&b.x, &by) || by <= 0)
		return value_unknown(s, type);
	Linear q, r;
	linear_divide(&s->k, a.x, by, &q, &r);
	return value_integer(rest ? r : q);
}

/* It has no bit beyond the highest of either. */
static Value exclusive(State *s, Linear a, Linear b, CXType type)
{
	int64_t most = 1;
	const int64_t x = linear_high(&s->k, a), y = linear_high(&s->k, b), high = x > y ? x : y;
	if (linear_low(&s->k, a) < 0 || linear_low(&s->k, b) < 0 || high >= LINEAR_MOST / 2)
		return value_unknown(s, type);
	while (most <= high)
		most *= 2;
	return value_integer(linear_symbol(&s->k, 0, most - 1));
}

/* It is no more than either that is not negative. */
static Value masked(State *s, Linear a, Linear b, CXType type)
{
	const bool below_a = linear_not_negative(&s->k, a), below_b = linear_not_negative(&s->k, b);
	if (!below_a && !below_b)
		return value_unknown(s, type);
	const int64_t x = below_a ? linear_high(&s->k, a) : LINEAR_MOST, y = below_b ? linear_high(&s->k, b) : LINEAR_MOST;
	Linear symbol = linear_symbol(&s->k, 0, x < y ? x : y);
	if (below_a)
		linear_define(&s->k, symbol, linear_add(&s->k, a, symbol, -1));
	if (below_b)
		linear_define(&s->k, symbol, linear_add(&s->k, b, symbol, -1));
	return value_integer(symbol);
}

static Value arithmetic(State *s, enum CX_BinaryOperatorKind op, Value a, Value b, CXType type)
{
	int64_t by;
	if (a.kind != VALUE_INTEGER || b.kind != VALUE_INTEGER)
		return value_unknown(s, type);
	switch (op) {
	case CX_BO_Add:
		return value_convert(s, value_integer(linear_add(&s->k, a.x, b.x, 1)), type);
	case CX_BO_Sub:
		return value_convert(s, value_integer(linear_add(&s->k, a.x, b.x, -1)), type);
	case CX_BO_Mul:
		return value_convert(s, value_integer(linear_multiply(&s->k, a.x, b.x)), type);
	case CX_BO_Div:
		return divide(s, a, b, type, false);
	case CX_BO_Rem:
		return divide(s, a, b, type, true);
	case CX_BO_Shl:
		return linear_is_constant(&b.x, &by) && power_of_two(by) ? value_convert(s, value_integer(linear_scale(&s->k, a.x, power_of_two(by))), type)
		                                                         : value_unknown(s, type);
	case CX_BO_Shr:
		if (!linear_is_constant(&b.x, &by) || !power_of_two(by) || !linear_not_negative(&s->k, a.x))
			return value_unknown(s, type);
		return divide(s, a, value_integer(linear_constant(power_of_two(by))), type, false);
	case CX_BO_And:
		return masked(s, a.x, b.x, type);
	case CX_BO_Xor:
		return exclusive(s, a.x, b.x, type);
	default:
		return value_unknown(s, type);
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

static Value operate(State *s, const Ast *n, enum CX_BinaryOperatorKind op, Value a, Value b)
{
	const Ast *left = ast_child(n, 0), *right = ast_child(n, 1);
	if (op >= CX_BO_LT && op <= CX_BO_NE)
		return condition_compare(s, op, a, b);
	if (is_pointer(left) && (op == CX_BO_Add || op == CX_BO_Sub))
		return is_pointer(right) ? value_unknown(s, n->type) : value_move(s, a, b, pointee(left->type), op == CX_BO_Add ? 1 : -1);
	if (is_pointer(right))
		return value_move(s, b, a, pointee(right->type), 1);
	return arithmetic(s, op, a, b, n->type);
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

static Value walk_within(State *s, const Ast *n, const Ast *asked)
{
	Value x = walk_expression(s, asked), end = walk_expression(s, ast_child(n, 1));
	return x.kind == VALUE_INTEGER && end.kind == VALUE_INTEGER ? condition_within(s, x, end) : value_integer(linear_symbol(&s->k, 0, 1));
}

static Value walk_binary(State *s, const Ast *n)
{
	enum CX_BinaryOperatorKind op = n->op.binary;
	if (op == CX_BO_LAnd || op == CX_BO_LOr)
		return condition_join(s, n, op == CX_BO_LAnd);
	const Ast *asked = asked_within(n);
	if (asked)
		return walk_within(s, n, asked);
	if (op == CX_BO_Assign) {
		Value v = walk_expression(s, ast_child(n, 1));
		walk_assign(s, ast_child(n, 0), v);
		return v;
	}
	Value a = walk_expression(s, ast_child(n, 0)), b = walk_expression(s, ast_child(n, 1));
	return op == CX_BO_Comma ? b : operate(s, n, op, a, b);
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

static Value walk_compound(State *s, const Ast *n)
{
	const Ast *to = ast_child(n, 0);
	Value old = walk_expression(s, to), by = walk_expression(s, ast_child(n, 1));
	Value v = old.kind == VALUE_OPAQUE ? old : operate(s, n, plain_operator(n->op.binary), old, by);
	walk_assign(s, to, v);
	return v;
}

static Value walk_step(State *s, const Ast *n)
{
	const bool up = n->op.unary == CXUnaryOperator_PostInc || n->op.unary == CXUnaryOperator_PreInc;
	const bool before = n->op.unary == CXUnaryOperator_PostInc || n->op.unary == CXUnaryOperator_PostDec;
	Value old = walk_expression(s, n->child), one = value_integer(linear_constant(1)), v;
	if (is_pointer(n->child))
		v = value_move(s, old, one, pointee(n->child->type), up ? 1 : -1);
	else
		v = arithmetic(s, up ? CX_BO_Add : CX_BO_Sub, old, one, n->type);
	walk_assign(s, n->child, v);
	return before ? old : v;
}

static Value walk_unary(State *s, const Ast *n)
{
	switch (n->op.unary) {
	case CXUnaryOperator_PostInc:
	case CXUnaryOperator_PostDec:
	case CXUnaryOperator_PreInc:
	case CXUnaryOperator_PreDec:
		return walk_step(s, n);
	case CXUnaryOperator_AddrOf:
		return walk_place(s, n->child);
	case CXUnaryOperator_Deref:
		return walk_read(s, n);
	default:
		break;
	}
	Value v = walk_expression(s, n->child);
	if (n->op.unary == CXUnaryOperator_LNot)
		return condition_opposite(s, v);
	if (n->op.unary == CXUnaryOperator_Plus)
		return v;
	if (n->op.unary == CXUnaryOperator_Minus && v.kind == VALUE_INTEGER)
		return value_convert(s, value_integer(linear_scale(&s->k, v.x, -1)), n->type);
	return value_unknown(s, n->type);
}

/* c ? a : b, each arm followed where it is taken. */
static Value walk_choice(State *s, const Ast *n)
{
	Value c = walk_expression(s, ast_child(n, 0));
	int64_t known;
	if (c.kind == VALUE_INTEGER && linear_is_constant(&c.x, &known))
		return walk_expression(s, ast_child(n, known ? 1 : 2));
	Scope scope;
	ExitState *exit[2];
	for (int arm = 0; arm < 2; arm++) {
		scope_enter(s, &scope);
		if (c.when)
			state_assume(s, arm ? c.when->no : c.when->yes, arm ? c.when->nno : c.when->nyes);
		Value v = walk_expression(s, ast_child(n, arm + 1));
		exit[arm] = scope_exit(s, &scope, v);
		scope_undo(s, &scope);
	}
	exit[0]->next = exit[1];
	return join_states(s, &scope, exit[0]);
}

Value walk_expression(State *s, const Ast *n)
{
	int64_t known;
	s->steps--;
	switch (n->kind) {
	case CXCursor_ParenExpr:
		return walk_expression(s, n->child);
	case CXCursor_UnexposedExpr: /* what the compiler converts by itself */
		return n->child && !n->child->next ? value_convert(s, walk_expression(s, n->child), n->type) : value_unknown(s, n->type);
	case CXCursor_CXXStaticCastExpr:
	case CXCursor_CXXReinterpretCastExpr:
	case CXCursor_CXXFunctionalCastExpr:
	case CXCursor_CStyleCastExpr: {
		const Ast *from = n->child;
		while (from && from->next)
			from = from->next;
		return from ? value_convert(s, walk_expression(s, from), n->type) : value_unknown(s, n->type);
	}
	case CXCursor_IntegerLiteral:
	case CXCursor_CharacterLiteral:
	case CXCursor_CXXBoolLiteralExpr:
	case CXCursor_UnaryExpr: /* sizeof */
		return ast_constant(n, &known) ? value_integer(linear_constant(known)) : value_unknown(s, n->type);
	case CXCursor_DeclRefExpr:
		if (n->refers && n->refers->kind == CXCursor_EnumConstantDecl)
			return value_integer(linear_constant(clang_getEnumConstantDeclValue(n->refers->cursor)));
		if (n->refers && (n->refers->kind == CXCursor_VarDecl || n->refers->kind == CXCursor_ParmDecl))
			return walk_variable(s, n->refers);
		return ast_constant(n, &known) ? value_integer(linear_constant(known)) : value_unknown(s, n->type);
	case CXCursor_ArraySubscriptExpr:
	case CXCursor_MemberRefExpr:
		return walk_read(s, n);
	case CXCursor_BinaryOperator:
		return walk_binary(s, n);
	case CXCursor_CompoundAssignOperator:
		return walk_compound(s, n);
	case CXCursor_UnaryOperator:
		return walk_unary(s, n);
	case CXCursor_ConditionalOperator:
		return walk_choice(s, n);
	case CXCursor_CallExpr:
		return walk_call(s, n);
	case CXCursor_InitListExpr:
		if (n->type.kind == CXType_Record)
			return walk_list(s, n);
		/* fall through */
	default: /* floats, strings, vectors */
		for (const Ast *c = n->child; c; c = c->next)
			if (clang_isExpression(c->kind))
				walk_expression(s, c);
		return value_unknown(s, n->type);
	}
}
