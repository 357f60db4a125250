/* bounds_loops.c -- a loop, once for all its rounds.
 *
 * The counter is its start plus step * round, round a symbol. A variable that the body writes is first anything; one look
 * at the body then tells how a round changes it:
 *	by a constant d             it is what it was + d * round
 *	to something new each time  it lies within the bounds of that, or is what it was
 *	by something between l, h   it is what it was, + a symbol between l * round and h * round
 *	to what it was, or something  bounds are guessed from one look and tried in the next
 * and a second look, with that, finds what there is to find. Where the change is not constant, few rounds are followed one
 * by one; otherwise the last round is followed apart: there a block of channels may be cut short.
 */
#include "check/bounds.h"

#include <string.h>

enum { FEW = 8, WRITTEN = 64, CONTENT_JOINS = 6, WIDENINGS = 12 };

typedef struct Written { /* a variable that the body writes, and how */
	int slot;
	Value before, probe; /* before the loop; what stood for anything */
	enum { BY_CONSTANT, ANEW, BETWEEN, ANYHOW } how;
	int64_t low, high; /* of the change, or of the new value */
} Written;

typedef struct For {
	const Ast *body;
	const Ast *counter;
	Linear start, iterations; /* rounds: may be below 0, then there are none */
	Linear way;           /* from the start to the bound: what rounds do not reach */
	int64_t first;        /* round; > 0: those before were followed apart */
	int64_t step;
	Written written[WRITTEN];
	int nwritten;
	bool may_peel;
	bool breaks; /* some round may leave before the head does */
	const Ast *condition;
	bool early;  /* the condition says more than how far the counter goes: it may end any round */
} For;

/* ---- the head ---- */

static bool is_counter(const Ast *n, const Ast *counter)
{
	n = ast_bare(n);
	return n->kind == CXCursor_DeclRefExpr && n->refers == counter;
}

static bool step_of(const Ast *n, const Ast *counter, int64_t *step)
{
	n = ast_bare(n);
	if (!n->child || !is_counter(n->child, counter))
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

/* How often counter op bound holds from start on, when that is a sum. */
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

static bool compares(const Ast *n, const Ast *counter)
{
	return n->kind == CXCursor_BinaryOperator && n->op.binary >= CX_BO_LT && n->op.binary <= CX_BO_GE && is_counter(ast_child(n, 0), counter);
}

/* The comparison with the counter, which comes first; conditions behind it only end the loop earlier. */
static const Ast *comparison(const Ast *n, const Ast *counter)
{
	int64_t known;
	n = ast_bare(n);
	while (n->kind == CXCursor_BinaryOperator && n->op.binary == CX_BO_LAnd)
		n = ast_bare(ast_child(n, ast_constant(ast_child(n, 0), &known) && known)); /* a template's argument says nothing */
	return compares(n, counter) ? n : NULL;
}

/* The counter holds what it is when the head ends the loop: it does not wrap on the way. */
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
	const Ast *compare = comparison(condition, l->counter);
	if (start.kind != VALUE_INTEGER || !compare || !step_of(step, l->counter, &l->step))
		return false;
	l->start = start.x;
	l->early = compare != ast_bare(condition);
	return iterations_of(s, l, compare) && counter_holds(s, l);
}

/* ---- what the body writes ---- */

static void add_written(State *s, For *l, int slot)
{
	for (int i = 0; i < l->nwritten; i++)
		if (l->written[i].slot == slot)
			return;
	if (l->nwritten == WRITTEN) {
		bounds_find(s, l->body, "more than %d variables change in this loop: they are not followed", WRITTEN);
		return;
	}
	l->written[l->nwritten++] = (Written){.slot = slot, .before = s->value[slot]};
}

static bool stands_within(const Ast *n, const Ast *within)
{
	while (n && n != within)
		n = n->parent;
	return n == within;
}

/* The variable that is written, when it is one from outside; *memory: something is written through a pointer. */
static const Ast *target(const Ast *n, const Ast *body, bool *memory)
{
	n = ast_bare(n);
	if (n->kind != CXCursor_DeclRefExpr) {
		*memory = true;
		return NULL;
	}
	return n->refers && n->refers->kind != CXCursor_EnumConstantDecl && !stands_within(n->refers, body) ? n->refers : NULL;
}

/* Of a call that is being followed, or of the file. */
static bool is_alive(const State *s, int slot)
{
	const Frame *c = s->frame;
	while (c && s->owner[slot] && c->function != s->owner[slot])
		c = c->caller;
	return c;
}

static bool in_assembly(const Ast *n, const Ast *within)
{
	while (n && n != within && n->kind != CXCursor_AsmStmt)
		n = n->parent;
	return n && n->kind == CXCursor_AsmStmt;
}

static void find_written(State *s, For *l)
{
	bool memory = false;
	for (const Ast *n = l->body; n; n = ast_next(n, l->body)) {
		const Ast *v = NULL;
		if (n->kind == CXCursor_CompoundAssignOperator || (n->kind == CXCursor_BinaryOperator && n->op.binary == CX_BO_Assign))
			v = target(n->child, l->body, &memory);
		else if (n->kind == CXCursor_UnaryOperator && (n->op.unary <= CXUnaryOperator_PreDec || n->op.unary == CXUnaryOperator_AddrOf))
			v = target(n->child, l->body, &memory);
		else if (n->kind == CXCursor_CallExpr || n->kind == CXCursor_AsmStmt)
			memory = true;
		else if (n->kind == CXCursor_DeclRefExpr && in_assembly(n, l->body))
			v = target(n, l->body, &memory);
		if (v && (ast_is_integer(v->type) || v->type.kind == CXType_Pointer))
			add_written(s, l, slot_of(s, v));
	}
	for (int i = 0; i < s->nshared && memory; i++) {
		const int slot = s->shared[i];
		const ValueKind kind = s->value[slot].kind;
		const bool named = s->type[slot].kind != CXType_Invalid; /* then nothing yet is something after */
		if (is_alive(s, slot) && (kind == VALUE_INTEGER || kind == VALUE_POINTER || (kind == VALUE_NOTHING && (named || s->is_content[slot]))))
			add_written(s, l, slot);
	}
}

/* ---- a round ---- */

static bool is_exact(const For *l)
{
	return l->iterations.n == 0;
}

/* Follows the body with round in [0, rounds). The ways to its end, joined, are the state that is left; false: none. */
static bool walk_body(State *s, For *l, Loop *loop, Linear iteration)
{
	loop->body = l->body;
	loop->iteration = iteration;
	loop->outer = s->frame->loop;
	scope_enter(s, &loop->again);
	Linear passed = linear_add(&s->k, iteration, linear_constant(l->first), 1);
	slot_set(s, slot_of(s, l->counter), value_integer(linear_add(&s->k, l->start, linear_scale(&s->k, passed, l->step), 1)));
	if (!is_exact(l)) /* the head's condition, where a quotient stands for it */
		linear_assume(&s->k, linear_add(&s->k, linear_add(&s->k, l->way, passed, l->step > 0 ? -l->step : l->step), linear_constant(1), -1));
	s->frame->loop = loop;
	if (l->early) {
		const Value c = walk_expression(s, l->condition);
		if (c.when)
			state_assume(s, c.when->yes, c.when->nyes);
	}
	if (walk_statement(s, l->body)) {
		ExitState *e = scope_exit(s, &loop->again, (Value){.kind = VALUE_NOTHING});
		e->next = loop->again.exit;
		loop->again.exit = e;
	}
	s->frame->loop = loop->outer;
	join_states(s, &loop->again, loop->again.exit);
	return loop->again.exit != NULL;
}

static void loop_begin(State *s, Loop *loop)
{
	*loop = (Loop){.most = -1};
	scope_enter(s, &loop->leave);
}

static int64_t most_iterations(const State *s, const For *l)
{
	return linear_high(&s->k, l->iterations);
}

/* A symbol for any round that is run. */
static Linear any_iteration(State *s, const For *l)
{
	const int64_t most = most_iterations(s, l);
	Linear iteration = linear_symbol(&s->k, 0, most >= LINEAR_MOST ? LINEAR_MOST : most - 1);
	if (!is_exact(l) && iteration.n) {
		Linear below = linear_add(&s->k, linear_add(&s->k, l->iterations, linear_constant(1), -1), iteration, -1);
		linear_define(&s->k, iteration, below);
	}
	return iteration;
}

/* ---- the first look ---- */

/* Anything of its kind stands for the variable. */
static void probe(State *s, Written *w)
{
	w->before = s->value[w->slot];
	w->probe = w->before;
	w->probe.when = NULL;
	if (w->before.kind == VALUE_INTEGER || w->before.kind == VALUE_POINTER)
		w->probe.x = linear_symbol(&s->k, -LINEAR_MOST, LINEAR_MOST);
	slot_set(s, w->slot, w->probe);
}

static void classify(State *s, Written *w)
{
	const Value *after = &s->value[w->slot];
	w->how = ANYHOW;
	if (after->kind != w->before.kind || after->region != w->before.region)
		return;
	if (after->kind != VALUE_INTEGER && after->kind != VALUE_POINTER)
		return;
	Linear change = linear_add(&s->k, after->x, w->probe.x, -1);
	const int symbol = w->probe.x.term[0].symbol;
	if (linear_is_constant(&change, &w->low)) {
		w->how = BY_CONSTANT;
		w->high = w->low;
		return;
	}
	bool again = false, change_again = false;
	for (int i = 0; i < after->x.n; i++)
		again |= after->x.term[i].symbol == symbol;
	for (int i = 0; i < change.n; i++)
		change_again |= change.term[i].symbol == symbol;
	if (!again) {
		w->low = linear_low(&s->k, after->x);
		w->high = linear_high(&s->k, after->x);
		w->how = w->low > -LINEAR_MOST && w->high < LINEAR_MOST ? ANEW : ANYHOW;
	} else if (!change_again) {
		w->low = linear_low(&s->k, change);
		w->high = linear_high(&s->k, change);
		w->how = w->low > -LINEAR_MOST && w->high < LINEAR_MOST ? BETWEEN : ANYHOW;
	}
}

static bool same_value(const State *s, const Value *a, const Value *b)
{
	return a->kind == b->kind && a->region == b->region && linear_low(&s->k, a->x) == linear_low(&s->k, b->x) &&
	       linear_high(&s->k, a->x) == linear_high(&s->k, b->x);
}

/* How the body changes what it writes. Leaves the state as it was, but for elements of arrays: they only gain, and looks
 * go on until nothing is gained. */
static void find_invariant(State *s, For *l)
{
	bool settled = false, content[WRITTEN];
	for (int i = 0; i < l->nwritten; i++)
		content[i] = s->is_content[l->written[i].slot];
	s->speculative++;
	for (int look = 0; !settled; look++) {
		Scope all;
		Loop loop;
		Value gained[WRITTEN];
		scope_enter(s, &all);
		loop_begin(s, &loop);
		for (int i = 0; i < l->nwritten; i++) {
			if (!content[i])
				probe(s, &l->written[i]);
			else if (look == CONTENT_JOINS)
				slot_set(s, l->written[i].slot, (Value){.kind = VALUE_OPAQUE});
		}
		const bool goes_on = walk_body(s, l, &loop, any_iteration(s, l));
		settled = true;
		for (int i = 0; i < l->nwritten; i++) {
			Written *w = &l->written[i];
			if (!content[i] && goes_on)
				classify(s, w);
			else if (!content[i])
				w->how = ANYHOW;
			gained[i] = s->value[w->slot];
		}
		scope_undo(s, &all);
		for (int i = 0; i < l->nwritten; i++)
			if (content[i] && !same_value(s, &gained[i], &s->value[l->written[i].slot])) {
				slot_set(s, l->written[i].slot, look >= CONTENT_JOINS ? (Value){.kind = VALUE_OPAQUE} : gained[i]);
				settled = look > CONTENT_JOINS;
			}
		if (!goes_on)
			settled = true;
	}
	s->speculative--;
	for (int i = l->nwritten - 1; i >= 0; i--)
		if (content[i])
			l->written[i] = l->written[--l->nwritten];
}

/* ---- the second look ---- */

/* The variable after `round` rounds, at most `most` of them. */
static Value value_after(State *s, const Written *w, Linear iteration, int64_t most)
{
	Value v = w->before;
	v.when = NULL;
	if (v.kind != VALUE_INTEGER && v.kind != VALUE_POINTER)
		return v.kind == VALUE_NOTHING ? (Value){.kind = VALUE_OPAQUE} : v;
	if (w->how == BY_CONSTANT) {
		v.x = linear_add(&s->k, v.x, iteration, w->low);
	} else if (w->how == ANEW) {
		const int64_t low = linear_low(&s->k, v.x), high = linear_high(&s->k, v.x);
		v.x = linear_symbol(&s->k, low < w->low ? low : w->low, high > w->high ? high : w->high);
	} else if (w->how == BETWEEN) {
		const int64_t low = linear_product(w->low, most), high = linear_product(w->high, most);
		Linear moved = linear_symbol(&s->k, low < 0 ? low : 0, high > 0 ? high : 0);
		linear_define(&s->k, moved, linear_add(&s->k, linear_scale(&s->k, iteration, w->high), moved, -1));
		linear_define(&s->k, moved, linear_add(&s->k, moved, iteration, -w->low));
		v.x = linear_add(&s->k, v.x, moved, 1);
	} else {
		v = v.kind == VALUE_INTEGER ? value_unknown(s, s->type[w->slot]) : v;
		v.region = NULL;
		v.x = v.kind == VALUE_INTEGER ? v.x : linear_symbol(&s->k, -LINEAR_MOST, LINEAR_MOST);
	}
	return v;
}

static bool is_uneven(const For *l)
{
	for (int i = 0; i < l->nwritten; i++)
		if ((l->written[i].how == ANYHOW || l->written[i].how == BETWEEN) &&
		    (l->written[i].before.kind == VALUE_INTEGER || l->written[i].before.kind == VALUE_POINTER))
			return true;
	return false;
}

static bool is_uneven_pointer(const For *l)
{
	for (int i = 0; i < l->nwritten; i++)
		if (l->written[i].before.kind == VALUE_POINTER && (l->written[i].how == ANYHOW || l->written[i].how == BETWEEN))
			return true;
	return false;
}

static bool wants_widening(const Written *w)
{
	return (w->before.kind == VALUE_INTEGER || w->before.kind == VALUE_POINTER) && w->how == ANYHOW;
}

/* One more look with guessed bounds, the rest as it was found. True: all guesses hold; else they are wider. */
static bool try_widened(State *s, For *l, const bool *widened)
{
	bool hold = true;
	Loop loop;
	loop_begin(s, &loop);
	Scope all = loop.leave;
	Linear iteration = any_iteration(s, l);
	for (int i = 0; i < l->nwritten; i++)
		slot_set(s, l->written[i].slot, value_after(s, &l->written[i], iteration, most_iterations(s, l)));
	const bool goes_on = walk_body(s, l, &loop, iteration);
	for (int i = 0; i < l->nwritten && goes_on; i++) {
		Written *w = &l->written[i];
		const Value *v = &s->value[w->slot];
		if (!widened[i])
			continue;
		int64_t low = linear_low(&s->k, v->x), high = linear_high(&s->k, v->x);
		if (v->kind != w->before.kind || v->region != w->before.region) {
			low = -LINEAR_MOST;
			high = LINEAR_MOST;
		}
		hold = hold && low >= w->low && high <= w->high;
		w->low = low < w->low ? low : w->low;
		w->high = high > w->high ? high : w->high;
	}
	scope_undo(s, &all);
	return hold;
}

static void widen(State *s, For *l)
{
	bool widened[WRITTEN], any = false, hold = false;
	for (int i = 0; i < l->nwritten; i++) {
		Written *w = &l->written[i];
		widened[i] = wants_widening(w);
		any = any || widened[i];
		if (!widened[i])
			continue;
		w->how = ANEW;
		w->low = linear_low(&s->k, w->before.x);
		w->high = linear_high(&s->k, w->before.x);
	}
	s->speculative++;
	for (int look = 0; any && !hold && look < WIDENINGS; look++)
		hold = try_widened(s, l, widened);
	s->speculative--;
	for (int i = 0; i < l->nwritten; i++)
		if (widened[i] && !hold)
			l->written[i].how = ANYHOW;
}

/* Does the round that was just followed change the variable as the first look said? In that look nothing wrapped. */
static bool is_inductive(State *s, const Written *w, const Value *start)
{
	const Value *end = &s->value[w->slot];
	if (w->how == ANYHOW || (start->kind != VALUE_INTEGER && start->kind != VALUE_POINTER))
		return true;
	if (end->kind != start->kind || end->region != start->region)
		return false;
	Linear change = linear_add(&s->k, end->x, w->how == ANEW ? linear_constant(0) : start->x, -1);
	if (w->low > -LINEAR_MOST && !linear_not_negative(&s->k, linear_add(&s->k, change, linear_constant(w->low), -1)))
		return false;
	return w->high >= LINEAR_MOST || linear_not_negative(&s->k, linear_add(&s->k, linear_constant(w->high), change, -1));
}

/* What was found since, in a look that went wrong, does not count. */
static void bounds_forget(State *s, int nfinding, int ncall)
{
	s->rules->result->n = nfinding;
	for (int i = 0; i <= s->rules->file->nfunction; i++)
		if (s->visited[i] > ncall)
			s->visited[i] = 0;
}

/* One look at all rounds; variables that do not do what was thought become anything. False: there were some. */
static bool confirm_invariant(State *s, For *l, Loop *loop)
{
	Value start[WRITTEN];
	bool confirmed = true;
	const int nfinding = s->rules->result->n, ncall = s->ncall;
	loop_begin(s, loop);
	Scope all = loop->leave;
	Linear iteration = any_iteration(s, l);
	for (int i = 0; i < l->nwritten; i++) {
		start[i] = value_after(s, &l->written[i], iteration, most_iterations(s, l));
		slot_set(s, l->written[i].slot, start[i]);
	}
	const bool goes_on = walk_body(s, l, loop, iteration);
	for (int i = 0; i < l->nwritten && goes_on; i++)
		if (!is_inductive(s, &l->written[i], &start[i])) {
			l->written[i].how = ANYHOW;
			confirmed = false;
		}
	scope_undo(s, &all);
	if (!confirmed)
		bounds_forget(s, nfinding, ncall);
	return confirmed;
}

/* All rounds at once, with what the first look found. True: some path goes on behind the loop. */
static bool walk_iterations(State *s, For *l)
{
	Loop loop;
	Scope all;
	const int64_t most = most_iterations(s, l);
	scope_enter(s, &all);
	while (!confirm_invariant(s, l, &loop))
		continue;
	l->breaks = loop.leave.exit != NULL;
	if (!is_exact(l) || loop.most < 0 || l->iterations.constant <= loop.most) { /* the end that the head makes */
		Linear iterations = l->iterations;
		if (l->early || !linear_not_negative(&s->k, iterations))
			iterations = linear_symbol(&s->k, 0, most > 0 ? most : 0);
		for (int i = 0; i < l->nwritten; i++)
			slot_set(s, l->written[i].slot, value_after(s, &l->written[i], iterations, most));
		ExitState *e = scope_exit(s, &all, (Value){.kind = VALUE_NOTHING});
		e->next = loop.leave.exit;
		loop.leave.exit = e;
	}
	join_states(s, &all, loop.leave.exit);
	return loop.leave.exit != NULL;
}

/* The state of now is a way out of the loop. */
static void may_leave(State *s, Loop *loop)
{
	ExitState *e = scope_exit(s, &loop->leave, (Value){.kind = VALUE_NOTHING});
	e->next = loop->leave.exit;
	loop->leave.exit = e;
}

/* What has gathered many symbols on its way becomes one: sums have room for some, and a sum that overflows says less. */
static void coarsen(State *s, const For *l)
{
	for (int i = 0; i < l->nwritten; i++) {
		Value v = s->value[l->written[i].slot];
		if ((v.kind != VALUE_INTEGER && v.kind != VALUE_POINTER) || v.x.n <= LINEAR_TERMS / 2)
			continue;
		v.x = linear_symbol(&s->k, linear_low(&s->k, v.x), linear_high(&s->k, v.x));
		v.when = NULL;
		slot_set(s, l->written[i].slot, v);
	}
}

/* Rounds first .. last, one by one. False: no path goes on into the next. */
static bool walk_each(State *s, For *l, Loop *loop, int64_t first, int64_t last)
{
	for (int64_t i = first; i <= last; i++) {
		coarsen(s, l);
		if (l->early)
			may_leave(s, loop);
		if (!walk_body(s, l, loop, linear_constant(i)))
			return false;
	}
	return true;
}

/* Few rounds, or all but the last at once and then that one. */
static bool walk_apart(State *s, For *l, int64_t iterations)
{
	Loop loop;
	bool goes_on = true;
	int64_t first = 0;
	loop_begin(s, &loop);
	if (iterations > FEW) {
		For most = *l;
		most.may_peel = false;
		most.iterations = linear_constant(iterations - 1);
		find_invariant(s, &most);
		widen(s, &most);
		goes_on = walk_iterations(s, &most); /* what breaks there is joined into what goes on: more than can be, never less */
		if (most.breaks && goes_on) /* and ends the loop without the last round */
			may_leave(s, &loop);
		first = iterations - 1;
	}
	goes_on = goes_on && walk_each(s, l, &loop, first, iterations - 1);
	if (goes_on)
		may_leave(s, &loop);
	join_states(s, &loop.leave, loop.leave.exit);
	return loop.leave.exit != NULL;
}

/* `counter < CONSTANT ? one pointer : another` in the body: the first round of the other; else 0. */
static int64_t parting(State *s, const For *l)
{
	for (const Ast *n = l->body; n; n = ast_next(n, l->body)) {
		if (n->kind != CXCursor_ConditionalOperator || (n->type.kind != CXType_Pointer && n->type.kind != CXType_ConstantArray))
			continue; /* a parameter's array is one to libclang even behind a sum */
		const Ast *c = ast_bare(ast_child(n, 0));
		int64_t at;
		if (!compares(c, l->counter) || c->op.binary != CX_BO_LT)
			continue;
		Value bound = walk_expression(s, ast_child(c, 1));
		if (bound.kind == VALUE_INTEGER && linear_is_constant(&bound.x, &at) && at > l->start.constant)
			return at - l->start.constant;
	}
	return 0;
}

/* Which object a pointer points into hangs on the round: the rounds of each are followed apart. */
static bool walk_parts(State *s, For *l)
{
	const int64_t iterations = l->iterations.constant, at = is_exact(l) && l->start.n == 0 && l->step == 1 ? parting(s, l) : 0;
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

/* The values of a counter that begins at a constant and is multiplied or divided by one, and ends at one or below one; 0: it
 * is another. */
static int values_of(State *s, const Ast *n, For *l, int64_t value[VALUES])
{
	const Ast *init = ast_child(n, 0), *step = ast_child(n, 2), *body = ast_child(n, 3);
	int64_t by, v, end;
	int count = 0;
	if (!body || init->kind != CXCursor_DeclStmt || !init->child || !init->child->init || step->kind != CXCursor_CompoundAssignOperator)
		return 0;
	*l = (For){.body = body, .counter = init->child, .condition = ast_child(n, 1)};
	const Ast *compare = comparison(l->condition, l->counter);
	const bool times = step->op.binary == CX_BO_MulAssign, divided = step->op.binary == CX_BO_DivAssign;
	if (!compare || !is_counter(step->child, l->counter) || (!times && !divided) || !ast_constant(ast_child(step, 1), &by) || by < 2)
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
	loop_begin(s, &loop);
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

/* Elements of arrays in structures are read or written: each is a variable of its own, when the index is a number. */
static bool touches_elements(const For *l)
{
	for (const Ast *n = l->body; n; n = ast_next(n, l->body))
		if (n->kind == CXCursor_ArraySubscriptExpr && ast_bare(n->child)->kind == CXCursor_MemberRefExpr && ast_is_integer(n->type))
			return true;
	return false;
}

/* A template's argument may say that there is no round. */
static bool ends_at_once(const Ast *condition)
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

bool walk_for(State *s, const Ast *n)
{
	For l;
	int64_t value[VALUES];
	if (ends_at_once(ast_child(n, 1)))
		return true;
	const int count = values_of(s, n, &l, value);
	if (count > 0)
		return walk_values(s, &l, value, count);
	if (!head_of(s, n, &l)) {
		bounds_find(s, n, "a loop whose rounds are not known is not followed");
		return false;
	}
	if (most_iterations(s, &l) <= 0)
		return true;
	const int64_t iterations = l.iterations.constant;
	find_written(s, &l);
	if (is_exact(&l) && iterations <= FEW && touches_elements(&l))
		return walk_apart(s, &l, iterations);
	if (l.nwritten == 0)
		return walk_parts(s, &l);
	find_invariant(s, &l);
	if (is_exact(&l) && iterations <= FEW && is_uneven(&l))
		return walk_apart(s, &l, iterations);
	if (is_exact(&l) && l.may_peel && iterations > FEW && is_uneven_pointer(&l))
		return walk_apart(s, &l, iterations);
	widen(s, &l);
	return walk_iterations(s, &l);
}
