/* bounds_loop_text.c -- loops by their text. */
#include "check/bounds_loop_text.h"

bool loop_is_counter(const Ast *n, const Ast *counter)
{
	n = ast_bare(n);
	return n->kind == CXCursor_DeclRefExpr && n->refers == counter;
}

bool loop_step(const Ast *n, const Ast *counter, int64_t *step)
{
	n = ast_bare(n);
	if (!n->child || !loop_is_counter(n->child, counter))
		return false;
	if (n->kind == CXCursor_UnaryOperator) {
		*step = n->op.unary == CXUnaryOperator_PostInc || n->op.unary == CXUnaryOperator_PreInc ? 1 : -1;
		return n->op.unary <= CXUnaryOperator_PreDec;
	}
	if (n->kind != CXCursor_CompoundAssignOperator || !ast_constant(ast_child(n, 1), step))
		return false;
	if (n->op.binary == CX_BO_SubAssign)
		*step = -*step;
	return (n->op.binary == CX_BO_AddAssign || n->op.binary == CX_BO_SubAssign) && *step != 0;
}

bool loop_compares(const Ast *n, const Ast *counter)
{
	return n->kind == CXCursor_BinaryOperator && n->op.binary >= CX_BO_LT && n->op.binary <= CX_BO_GE &&
	       loop_is_counter(ast_child(n, 0), counter);
}

/* In a && b && ... the first comparison: the others only end the loop earlier. */
const Ast *loop_comparison(const Ast *n, const Ast *counter)
{
	int64_t known;
	n = ast_bare(n);
	while (n->kind == CXCursor_BinaryOperator && n->op.binary == CX_BO_LAnd)
		n = ast_bare(ast_child(n, ast_constant(ast_child(n, 0), &known) && known)); /* a template's argument that is true */
	return loop_compares(n, counter) ? n : NULL;
}

bool loop_ends_at_once(const Ast *condition)
{
	int64_t known;
	const Ast *n = condition ? ast_bare(condition) : NULL;
	while (n && n->kind == CXCursor_BinaryOperator && n->op.binary == CX_BO_LAnd) {
		if (ast_constant(ast_child(n, 0), &known) && !known)
			return true;
		n = ast_bare(ast_child(n, 1));
	}
	return n && ast_constant(n, &known) && !known;
}

bool loop_touches_elements(const Ast *body)
{
	for (const Ast *n = body; n; n = ast_next(n, body))
		if (n->kind == CXCursor_ArraySubscriptExpr && ast_bare(n->child)->kind == CXCursor_MemberRefExpr && ast_is_integer(n->type))
			return true;
	return false;
}

/* ---- what the body writes ---- */

static bool is_within(const Ast *n, const Ast *within)
{
	while (n && n != within)
		n = n->parent;
	return n == within;
}

/* The variable that is written through the expression n, if it is declared outside. */
static const Ast *target(const Ast *n, const Ast *body, bool *memory)
{
	n = ast_bare(n);
	if (n->kind != CXCursor_DeclRefExpr) {
		*memory = true;
		return NULL;
	}
	return n->refers && n->refers->kind != CXCursor_EnumConstantDecl && !is_within(n->refers, body) ? n->refers : NULL;
}

static bool in_assembly(const Ast *n, const Ast *within)
{
	while (n && n != within && n->kind != CXCursor_AsmStmt)
		n = n->parent;
	return n && n->kind == CXCursor_AsmStmt;
}

const Ast *loop_written(const Ast *n, const Ast *body, bool *memory)
{
	if (n->kind == CXCursor_CompoundAssignOperator || (n->kind == CXCursor_BinaryOperator && n->op.binary == CX_BO_Assign))
		return target(n->child, body, memory);
	if (n->kind == CXCursor_UnaryOperator && (n->op.unary <= CXUnaryOperator_PreDec || n->op.unary == CXUnaryOperator_AddrOf))
		return target(n->child, body, memory);
	if (n->kind == CXCursor_CallExpr || n->kind == CXCursor_AsmStmt)
		*memory = true;
	else if (n->kind == CXCursor_DeclRefExpr && in_assembly(n, body))
		return target(n, body, memory);
	return NULL;
}
