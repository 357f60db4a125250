/* walk_expressions.c -- the value of an expression. */
#include "check/walk.h"
#include "check/bounds_arithmetic.h"
#include "check/bounds_conditions.h"
#include "check/bounds_join.h"

static Value walk_logical(State *s, const Ast *n, bool is_and)
{
	Value a = walk_expression(s, ast_child(n, 0)), v;
	if (condition_decides(a, is_and, &v))
		return v;
	const int mark = s->k.nfact;
	condition_assume(s, a, is_and);
	v = walk_expression(s, ast_child(n, 1));
	s->k.nfact = mark;
	return condition_combine(s, is_and, a, v);
}

static Value walk_within(State *s, const Ast *n, const Ast *asked)
{
	Value x = walk_expression(s, asked), end = walk_expression(s, ast_child(n, 1));
	return x.kind == VALUE_INTEGER && end.kind == VALUE_INTEGER ? condition_within(s, x, end) : condition_any(s);
}

static Value walk_binary(State *s, const Ast *n)
{
	enum CX_BinaryOperatorKind op = n->op.binary;
	if (op == CX_BO_LAnd || op == CX_BO_LOr)
		return walk_logical(s, n, op == CX_BO_LAnd);
	const Ast *asked = condition_range_operand(n);
	if (asked)
		return walk_within(s, n, asked);
	if (op == CX_BO_Assign) {
		Value v = walk_expression(s, ast_child(n, 1));
		walk_assign(s, ast_child(n, 0), v);
		return v;
	}
	Value a = walk_expression(s, ast_child(n, 0)), b = walk_expression(s, ast_child(n, 1));
	return op == CX_BO_Comma ? b : arithmetic_operate(s, n, op, a, b);
}

static Value walk_compound(State *s, const Ast *n)
{
	const Ast *to = ast_child(n, 0);
	Value old = walk_expression(s, to), by = walk_expression(s, ast_child(n, 1));
	Value v = old.kind == VALUE_OPAQUE ? old : arithmetic_operate(s, n, arithmetic_of_assignment(n->op.binary), old, by);
	walk_assign(s, to, v);
	return v;
}

static Value walk_step(State *s, const Ast *n)
{
	const bool before = n->op.unary == CXUnaryOperator_PostInc || n->op.unary == CXUnaryOperator_PostDec;
	Value old = walk_expression(s, n->child), v = arithmetic_step(s, n, old);
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

/* c ? a : b, each arm under its condition. */
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
		condition_assume(s, c, !arm);
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
	case CXCursor_UnexposedExpr: /* an implicit conversion */
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
