/* walk_statements.c -- the paths through the statements of a function. */
#include "check/walk.h"
#include "check/bounds_conditions.h"
#include "check/bounds_findings.h"
#include "check/bounds_join.h"
#include "check/bounds_records.h"

/* `if (...) break;` at the top of a loop's body, with no `continue` before it: a guard, which ends the loop at its iteration. */
static bool is_guard(const State *s, const Ast *n, const Ast *then)
{
	const Loop *l = s->frame->loop;
	while (then->kind == CXCursor_CompoundStmt && then->child && !then->child->next)
		then = then->child;
	return l && !l->again.exit && then->kind == CXCursor_BreakStmt && (n->parent == l->body || n == l->body);
}

/* The iteration from which on the condition holds; -1: there is no such constant. */
static int64_t guarded_iteration(const State *s, const Value *c)
{
	const Loop *l = s->frame->loop;
	if (!c->when || l->iteration.n != 1 || l->iteration.constant != 0)
		return -1;
	const int symbol = l->iteration.term[0].symbol;
	const Linear *x = c->when->is_equal ? &c->when->equal : &c->when->yes[0];
	if ((c->when->nyes != 1 && !c->when->is_equal) || x->n != 1 || x->term[0].symbol != symbol)
		return -1;
	const int64_t by = x->term[0].by, at = -x->constant;
	if (c->when->is_equal) /* by * iteration == at */
		return at % by == 0 && at / by >= 0 ? at / by : -1;
	return by > 0 ? at > 0 ? (at + by - 1) / by : 0 : -1;
}

/* The path continues under the assumption of an earlier iteration; the exit is at the guarded one. */
static bool walk_guard(State *s, const Value *c, int64_t iteration)
{
	Loop *l = s->frame->loop;
	const int symbol = l->iteration.term[0].symbol;
	scope_leave(s, &l->leave, (Value){.kind = VALUE_NOTHING});
	ExitState *e = l->leave.exit;
	for (int i = 0; i < e->nchange; i++) { /* the constant replaces the symbol in all values */
		Linear *x = &e->change[i].value.x;
		for (int t = 0; t < x->n; t++)
			if (x->term[t].symbol == symbol) {
				Linear step = linear_scale(&s->k, l->iteration, x->term[t].by);
				*x = linear_add(&s->k, linear_add(&s->k, *x, step, -1), linear_constant(iteration), step.term[0].by);
				break;
			}
	}
	e->nfact = 0;
	l->most = l->most < 0 || iteration < l->most ? iteration : l->most;
	linear_assume(&s->k, linear_add(&s->k, linear_constant(iteration - 1), l->iteration, -1));
	state_assume(s, c->when->no, c->when->nno);
	return true;
}

static bool walk_if(State *s, const Ast *n)
{
	const Ast *then = ast_child(n, 1), *otherwise = ast_child(n, 2);
	Value c = walk_expression(s, ast_child(n, 0));
	int64_t known;
	if (c.kind == VALUE_INTEGER && linear_is_constant(&c.x, &known))
		return known ? walk_statement(s, then) : !otherwise || walk_statement(s, otherwise);
	if (!otherwise && is_guard(s, n, then) && guarded_iteration(s, &c) >= 0)
		return walk_guard(s, &c, guarded_iteration(s, &c));
	Scope scope;
	ExitState *exit[2] = {NULL, NULL};
	for (int arm = 0; arm < 2; arm++) {
		const Ast *body = arm ? otherwise : then;
		scope_enter(s, &scope);
		condition_assume(s, c, !arm);
		if (!body || walk_statement(s, body))
			exit[arm] = scope_exit(s, &scope, (Value){.kind = VALUE_NOTHING});
		scope_undo(s, &scope);
	}
	if (exit[0])
		exit[0]->next = exit[1];
	join_states(s, &scope, exit[0] ? exit[0] : exit[1]);
	return exit[0] || exit[1];
}

/* The path ends at an exit of the scope. */
static bool leave(State *s, Scope *scope, Value v)
{
	scope_leave(s, scope, v);
	return false;
}

/* Each variable that it names may have any value afterwards. */
static void walk_assembly(State *s, const Ast *n)
{
	for (const Ast *c = n; c; c = ast_next(c, n)) {
		const Ast *v = c->kind == CXCursor_DeclRefExpr ? c->refers : NULL;
		if (!v || (v->kind != CXCursor_VarDecl && v->kind != CXCursor_ParmDecl))
			continue;
		Value place = walk_variable(s, v);
		if (ast_is_integer(v->type) || v->type.kind == CXType_Pointer)
			slot_set(s, slot_of(s, v), value_unknown(s, v->type));
		else if (place.kind == VALUE_POINTER && place.region)
			region_forget(s, place.region);
	}
}

bool walk_statement(State *s, const Ast *n)
{
	if (s->steps-- < 0)
		return false;
	switch (n->kind) {
	case CXCursor_UnexposedStmt: /* a loop with its pragma */
	case CXCursor_CompoundStmt:
		for (const Ast *c = n->child; c; c = c->next)
			if (!walk_statement(s, c))
				return false;
		return true;
	case CXCursor_DeclStmt:
		for (const Ast *c = n->child; c; c = c->next)
			if (c->kind == CXCursor_VarDecl)
				walk_declaration(s, c);
		return true;
	case CXCursor_IfStmt:
		return walk_if(s, n);
	case CXCursor_ForStmt:
		return walk_for(s, n);
	case CXCursor_ReturnStmt:
		return leave(s, &s->frame->leave,
		             n->child ? record_returned(s, walk_expression(s, n->child)) : (Value){.kind = VALUE_NOTHING});
	case CXCursor_BreakStmt:
		return s->frame->loop ? leave(s, &s->frame->loop->leave, (Value){.kind = VALUE_NOTHING}) : false;
	case CXCursor_ContinueStmt:
		return s->frame->loop ? leave(s, &s->frame->loop->again, (Value){.kind = VALUE_NOTHING}) : false;
	case CXCursor_NullStmt:
		return true;
	case CXCursor_AsmStmt:
		walk_assembly(s, n);
		return true;
	case CXCursor_WhileStmt: /* E04 and E07 refuse these */
	case CXCursor_DoStmt:
	case CXCursor_SwitchStmt:
	case CXCursor_GotoStmt:
	case CXCursor_LabelStmt:
		bounds_find(s, n, "places behind this statement are not followed");
		return false;
	default:
		if (clang_isExpression(n->kind))
			walk_expression(s, n);
		return true;
	}
}
