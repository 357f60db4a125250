/* walk_invariants.c -- loop invariants: what the variables that the body writes are at the start of any iteration.
 *
 * The body is walked speculatively, with a fresh symbol (a probe) for each variable; the state afterwards tells how an iteration
 * changes the variable:
 *	by a constant d             it is before + d * iteration
 *	to a new value              its interval is the join of the new value's and of before
 *	by something between l, h   it is before + a symbol between l * iteration and h * iteration
 *	in another way              widen to a guessed interval, confirm in the next iteration
 * A last walk, from the invariant, makes the findings and confirms that the invariant is inductive. */
#include "check/walk.h"
#include "check/bounds_conditions.h"
#include "check/bounds_findings.h"
#include "check/bounds_join.h"

enum { CONTENT_JOINS = 6, WIDENINGS = 12 };

bool walk_body(State *s, For *l, Loop *loop, Linear iteration)
{
	loop->body = l->body;
	loop->iteration = iteration;
	loop->outer = s->frame->loop;
	scope_enter(s, &loop->again);
	Linear passed = linear_add(&s->k, iteration, linear_constant(l->first), 1);
	slot_set(s, slot_of(s, l->counter), value_integer(linear_add(&s->k, l->start, linear_scale(&s->k, passed, l->step), 1)));
	if (!loop_is_exact(l)) /* the head's condition: `iterations` is a quotient, which says less */
		linear_assume(
		    &s->k, linear_add(&s->k, linear_add(&s->k, l->way, passed, l->step > 0 ? -l->step : l->step), linear_constant(1), -1));
	s->frame->loop = loop;
	if (l->early) {
		const Value c = walk_expression(s, l->condition);
		condition_assume(s, c, true);
	}
	if (walk_statement(s, l->body))
		scope_leave(s, &loop->again, (Value){.kind = VALUE_NOTHING});
	s->frame->loop = loop->outer;
	join_states(s, &loop->again, loop->again.exit);
	return loop->again.exit != NULL;
}

/* The same bounds. */
static bool same_value(const State *s, const Value *a, const Value *b)
{
	return a->kind == b->kind && a->region == b->region && linear_low(&s->k, a->x) == linear_low(&s->k, b->x) &&
	       linear_high(&s->k, a->x) == linear_high(&s->k, b->x);
}

/* Leaves the state as it was, except for the slots that hold the join of an array's elements: these only grow, and the body is walked
 * again until they are stable. */
void find_invariant(State *s, For *l)
{
	bool stable = false, content[WRITTEN];
	for (int i = 0; i < l->nwritten; i++)
		content[i] = s->is_content[l->written[i].slot];
	s->speculative++;
	for (int walk = 0; !stable; walk++) {
		Scope all;
		Loop loop;
		Value joined[WRITTEN];
		scope_enter(s, &all);
		loop_open(s, &loop);
		for (int i = 0; i < l->nwritten; i++) {
			if (!content[i])
				written_probe(s, &l->written[i]);
			else if (walk == CONTENT_JOINS)
				slot_set(s, l->written[i].slot, (Value){.kind = VALUE_OPAQUE});
		}
		const bool goes_on = walk_body(s, l, &loop, loop_any_iteration(s, l));
		stable = true;
		for (int i = 0; i < l->nwritten; i++) {
			Written *w = &l->written[i];
			if (!content[i] && goes_on)
				written_classify(s, w);
			else if (!content[i])
				w->how = ANYHOW;
			joined[i] = s->value[w->slot];
		}
		scope_undo(s, &all);
		for (int i = 0; i < l->nwritten; i++)
			if (content[i] && !same_value(s, &joined[i], &s->value[l->written[i].slot])) {
				slot_set(s, l->written[i].slot, walk >= CONTENT_JOINS ? (Value){.kind = VALUE_OPAQUE} : joined[i]);
				stable = walk > CONTENT_JOINS;
			}
		if (!goes_on)
			stable = true;
	}
	s->speculative--;
	for (int i = l->nwritten - 1; i >= 0; i--)
		if (content[i])
			l->written[i] = l->written[--l->nwritten];
}

/* ---- widening ---- */

static bool wants_widening(const Written *w)
{
	return written_is_number(w) && w->how == ANYHOW;
}

/* Walks the body from the widened intervals. True: they are inductive; else they were widened further. */
static bool try_widened(State *s, For *l, const bool *widened)
{
	bool hold = true;
	Loop loop;
	loop_open(s, &loop);
	Scope all = loop.leave;
	Linear iteration = loop_any_iteration(s, l);
	for (int i = 0; i < l->nwritten; i++)
		slot_set(s, l->written[i].slot, written_after(s, &l->written[i], iteration, loop_most_iterations(s, l)));
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

/* Starts from the interval before the loop. If an interval is not stable after WIDENINGS walks, the variables have any value. */
void widen_invariant(State *s, For *l)
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
	for (int walk = 0; any && !hold && walk < WIDENINGS; walk++)
		hold = try_widened(s, l, widened);
	s->speculative--;
	for (int i = 0; i < l->nwritten; i++)
		if (widened[i] && !hold)
			l->written[i].how = ANYHOW;
}

/* ---- the walk that makes findings ---- */

bool confirm_invariant(State *s, For *l, Loop *loop)
{
	Value start[WRITTEN];
	bool confirmed = true;
	const int nfinding = s->rules->result->n, ncall = s->ncall;
	loop_open(s, loop);
	Scope all = loop->leave;
	Linear iteration = loop_any_iteration(s, l);
	for (int i = 0; i < l->nwritten; i++) {
		start[i] = written_after(s, &l->written[i], iteration, loop_most_iterations(s, l));
		slot_set(s, l->written[i].slot, start[i]);
	}
	const bool goes_on = walk_body(s, l, loop, iteration);
	for (int i = 0; i < l->nwritten && goes_on; i++)
		if (!written_is_inductive(s, &l->written[i], &start[i])) {
			l->written[i].how = ANYHOW;
			confirmed = false;
		}
	scope_undo(s, &all);
	if (!confirmed)
		bounds_forget(s, nfinding, ncall);
	return confirmed;
}
