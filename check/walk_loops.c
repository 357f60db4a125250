/* walk_loops.c -- a loop, its iterations all at once where that can be proved, else in parts.
 *
 * The counter is start + step * iteration, where iteration is a symbol. walk_invariants.c finds the state
 * of the variables at the start of an iteration. Few iterations are walked one by one if a variable does not change by a constant.
 * Otherwise the last iteration may be peeled: a block of channels may be cut short there. */
#include "check/walk.h"
#include "check/bounds_conditions.h"
#include "check/bounds_findings.h"
#include "check/bounds_join.h"
#include "check/bounds_loop_text.h"

enum { FEW = 8 };

/* ---- the head ---- */

/* Sets the number of iterations for which `counter op bound` holds; false: it is no linear expression. */
static bool iterations_of(State *s, For *l, const Ast *condition)
{
	Value bound = walk_expression(s, ast_child(condition, 1));
	enum CX_BinaryOperatorKind op = condition->op.binary;
	if (bound.kind != VALUE_INTEGER || (l->step > 0) != (op == CX_BO_LT || op == CX_BO_LE))
		return false;
	Linear way = linear_add(&s->k, bound.x, l->start, -1);
	if (l->step < 0)
		way = linear_scale(&s->k, way, -1);
	const int64_t step = l->step > 0 ? l->step : -l->step;
	l->way = linear_add(&s->k, way, linear_constant(op == CX_BO_LE || op == CX_BO_GE), 1);
	way = linear_add(&s->k, l->way, linear_constant(step - 1), 1);
	if (step == 1)
		l->iterations = way;
	else
		linear_divide(&s->k, way, step, &l->iterations, NULL);
	return true;
}

/* The type of the counter holds its value where the head ends the loop: it does not wrap before. */
static bool counter_holds(State *s, const For *l)
{
	Linear end = linear_add(&s->k, l->start, linear_scale(&s->k, l->iterations, l->step), 1);
	Value v = value_convert(s, value_integer(end), l->counter->type);
	return linear_equal(&v.x, &end);
}

static bool head_of(State *s, const Ast *n, For *l)
{
	const Ast *init = ast_child(n, 0), *condition = ast_child(n, 1), *step = ast_child(n, 2), *body = ast_child(n, 3);
	if (!init || !condition || !step || !body || init->kind != CXCursor_DeclStmt || !init->child || !init->child->init)
		return false;
	*l = (For){.body = body, .counter = init->child, .condition = condition, .may_peel = true};
	Value start = value_convert(s, walk_expression(s, l->counter->init), l->counter->type);
	const Ast *compare = loop_comparison(condition, l->counter);
	if (start.kind != VALUE_INTEGER || !compare || !loop_step(step, l->counter, &l->step))
		return false;
	l->start = start.x;
	l->early = compare != ast_bare(condition);
	return iterations_of(s, l, compare) && counter_holds(s, l);
}

/* ---- iterations ---- */

/* The current state is an exit of the loop. */
static void may_leave(State *s, Loop *loop)
{
	scope_leave(s, &loop->leave, (Value){.kind = VALUE_NOTHING});
}

/* All iterations at once, from the invariant. True: some path goes on after the loop. */
static bool walk_iterations(State *s, For *l)
{
	Loop loop;
	Scope all;
	const int64_t most = loop_most_iterations(s, l);
	scope_enter(s, &all);
	while (!confirm_invariant(s, l, &loop))
		continue;
	l->breaks = loop.leave.exit != NULL;
	if (!loop_is_exact(l) || loop.most < 0 || l->iterations.constant <= loop.most) { /* the exit at the head */
		Linear iterations = l->iterations;
		if (l->early || !linear_not_negative(&s->k, iterations))
			iterations = linear_symbol(&s->k, 0, most > 0 ? most : 0);
		for (int i = 0; i < l->nwritten; i++)
			slot_set(s, l->written[i].slot, written_after(s, &l->written[i], iterations, most));
		ExitState *e = scope_exit(s, &all, (Value){.kind = VALUE_NOTHING});
		e->next = loop.leave.exit;
		loop.leave.exit = e;
	}
	join_states(s, &all, loop.leave.exit);
	return loop.leave.exit != NULL;
}

/* Iterations first .. last, one by one. False: no path goes on into the next. */
static bool walk_each(State *s, For *l, Loop *loop, int64_t first, int64_t last)
{
	for (int64_t i = first; i <= last; i++) {
		loop_coarsen(s, l);
		if (l->early)
			may_leave(s, loop);
		if (!walk_body(s, l, loop, linear_constant(i)))
			return false;
	}
	return true;
}

/* Each of few iterations; or all but the last at once, then the last. */
static bool walk_apart(State *s, For *l, int64_t iterations)
{
	Loop loop;
	bool goes_on = true;
	int64_t first = 0;
	loop_open(s, &loop);
	if (iterations > FEW) {
		For most = *l;
		most.may_peel = false;
		most.iterations = linear_constant(iterations - 1);
		find_invariant(s, &most);
		widen_invariant(s, &most);
		goes_on = walk_iterations(s, &most); /* the exits by break are joined too: an over-approximation */
		if (most.breaks && goes_on)          /* an exit without the last iteration */
			may_leave(s, &loop);
		first = iterations - 1;
	}
	goes_on = goes_on && walk_each(s, l, &loop, first, iterations - 1);
	if (goes_on)
		may_leave(s, &loop);
	join_states(s, &loop.leave, loop.leave.exit);
	return loop.leave.exit != NULL;
}

/* ---- an object for the first iterations, another for the others ---- */

/* `counter < CONSTANT ? one pointer : another` in the body: the first iteration of the other; else 0. */
static int64_t parting(State *s, const For *l)
{
	for (const Ast *n = l->body; n; n = ast_next(n, l->body)) {
		if (n->kind != CXCursor_ConditionalOperator || (n->type.kind != CXType_Pointer && n->type.kind != CXType_ConstantArray))
			continue; /* libclang gives a parameter that is an array the type of an array, in a sum too */
		const Ast *c = ast_bare(ast_child(n, 0));
		int64_t at;
		if (!loop_compares(c, l->counter) || c->op.binary != CX_BO_LT)
			continue;
		Value bound = walk_expression(s, ast_child(c, 1));
		if (bound.kind == VALUE_INTEGER && linear_is_constant(&bound.x, &at) && at > l->start.constant)
			return at - l->start.constant;
	}
	return 0;
}

/* The iterations of each object are walked apart. */
static bool walk_parts(State *s, For *l)
{
	const int64_t iterations = l->iterations.constant, at = loop_is_exact(l) && l->start.n == 0 && l->step == 1 ? parting(s, l) : 0;
	if (at == 0 || at >= iterations)
		return walk_iterations(s, l);
	For before = *l;
	before.iterations = linear_constant(at);
	l->first = at;
	l->iterations = linear_constant(iterations - at);
	const bool one = walk_iterations(s, &before), other = walk_iterations(s, l);
	return one || other;
}

/* ---- counters that are multiplied or divided ---- */

enum { VALUES = 64 };

static bool holds(enum CX_BinaryOperatorKind op, int64_t a, int64_t b)
{
	return op == CX_BO_LT ? a < b : op == CX_BO_LE ? a <= b : op == CX_BO_GT ? a > b : a >= b;
}

/* The values of a counter that starts at a constant, is multiplied or divided by a constant, and has a constant as its bound, or a
 * bound below a constant. Returns how many; 0: the loop is another. */
static int values_of(State *s, const Ast *n, For *l, int64_t value[VALUES])
{
	const Ast *init = ast_child(n, 0), *step = ast_child(n, 2), *body = ast_child(n, 3);
	int64_t by, v, end;
	int count = 0;
	if (!body || init->kind != CXCursor_DeclStmt || !init->child || !init->child->init || step->kind != CXCursor_CompoundAssignOperator)
		return 0;
	*l = (For){.body = body, .counter = init->child, .condition = ast_child(n, 1)};
	const Ast *compare = loop_comparison(l->condition, l->counter);
	const bool times = step->op.binary == CX_BO_MulAssign, divided = step->op.binary == CX_BO_DivAssign;
	if (!compare || !loop_is_counter(step->child, l->counter) || (!times && !divided) || !ast_constant(ast_child(step, 1), &by) ||
	    by < 2)
		return 0;
	Value bound = walk_expression(s, ast_child(compare, 1)), start = walk_expression(s, l->counter->init);
	if (bound.kind != VALUE_INTEGER || start.kind != VALUE_INTEGER || !linear_is_constant(&start.x, &v))
		return 0;
	const bool ends_there = linear_is_constant(&bound.x, &end);
	if (!ends_there)
		end = linear_high(&s->k, bound.x);
	if (!ends_there && (!times || end >= LINEAR_MOST))
		return 0;
	l->early = !ends_there || compare != ast_bare(l->condition);
	for (; v > 0 && v < LINEAR_MOST / by && count < VALUES && holds(compare->op.binary, v, end); v = times ? v * by : v / by)
		value[count++] = v;
	return count < VALUES && !(v > 0 && holds(compare->op.binary, v, end)) ? count : 0;
}

static bool walk_values(State *s, For *l, const int64_t *value, int n)
{
	Loop loop;
	bool goes_on = true;
	loop_open(s, &loop);
	for (int i = 0; i < n && goes_on; i++) {
		l->start = linear_constant(value[i]);
		if (l->early)
			may_leave(s, &loop);
		goes_on = walk_body(s, l, &loop, linear_constant(0));
	}
	if (goes_on)
		may_leave(s, &loop);
	join_states(s, &loop.leave, loop.leave.exit);
	return loop.leave.exit != NULL;
}

bool walk_for(State *s, const Ast *n)
{
	For l;
	int64_t value[VALUES];
	if (loop_ends_at_once(ast_child(n, 1)))
		return true;
	const int count = values_of(s, n, &l, value);
	if (count > 0)
		return walk_values(s, &l, value, count);
	if (!head_of(s, n, &l)) {
		bounds_find(s, n, "a loop whose rounds are not known is not followed");
		return false;
	}
	if (loop_most_iterations(s, &l) <= 0)
		return true;
	const int64_t iterations = l.iterations.constant;
	loop_find_written(s, &l);
	if (loop_is_exact(&l) && iterations <= FEW && loop_touches_elements(l.body))
		return walk_apart(s, &l, iterations);
	if (l.nwritten == 0)
		return walk_parts(s, &l);
	find_invariant(s, &l);
	if (loop_is_exact(&l) && iterations <= FEW && loop_is_uneven(&l, false))
		return walk_apart(s, &l, iterations);
	if (loop_is_exact(&l) && l.may_peel && iterations > FEW && loop_is_uneven(&l, true))
		return walk_apart(s, &l, iterations);
	widen_invariant(s, &l);
	return walk_iterations(s, &l);
}
