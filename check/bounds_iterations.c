/* bounds_iterations.c -- how the variables of a loop change with its iterations, and what they are after some. */
#include "check/bounds_iterations.h"
#include "check/bounds_findings.h"
#include "check/bounds_loop_text.h"

bool loop_is_exact(const For *l)
{
	return l->iterations.n == 0;
}

int64_t loop_most_iterations(const State *s, const For *l)
{
	return linear_high(&s->k, l->iterations);
}

Linear loop_any_iteration(State *s, const For *l)
{
	const int64_t most = loop_most_iterations(s, l);
	Linear iteration = linear_symbol(&s->k, 0, most >= LINEAR_MOST ? LINEAR_MOST : most - 1);
	if (!loop_is_exact(l) && iteration.n) {
		Linear below = linear_add(&s->k, linear_add(&s->k, l->iterations, linear_constant(1), -1), iteration, -1);
		linear_define(&s->k, iteration, below);
	}
	return iteration;
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

/* The variable is a global, or its function's call is open. */
static bool is_alive(const State *s, int slot)
{
	const Frame *c = s->frame;
	while (c && s->owner[slot] && c->function != s->owner[slot])
		c = c->caller;
	return c;
}

void loop_find_written(State *s, For *l)
{
	bool memory = false;
	for (const Ast *n = l->body; n; n = ast_next(n, l->body)) {
		const Ast *v = loop_written(n, l->body, &memory);
		if (v && (ast_is_integer(v->type) || v->type.kind == CXType_Pointer))
			add_written(s, l, slot_of(s, v));
	}
	for (int i = 0; i < s->nshared && memory; i++) {
		const int slot = s->shared[i];
		const ValueKind kind = s->value[slot].kind;
		const bool named = s->type[slot].kind != CXType_Invalid; /* it may be set for the first time in the body */
		if (is_alive(s, slot) &&
		    (kind == VALUE_INTEGER || kind == VALUE_POINTER || (kind == VALUE_NOTHING && (named || s->is_content[slot]))))
			add_written(s, l, slot);
	}
}

/* ---- how it changes ---- */

void written_probe(State *s, Written *w)
{
	w->before = s->value[w->slot];
	w->probe = w->before;
	w->probe.when = NULL;
	if (w->before.kind == VALUE_INTEGER || w->before.kind == VALUE_POINTER)
		w->probe.x = linear_symbol(&s->k, -LINEAR_MOST, LINEAR_MOST);
	slot_set(s, w->slot, w->probe);
}

void written_classify(State *s, Written *w)
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

Value written_after(State *s, const Written *w, Linear iteration, int64_t most)
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

/* The speculative walk ignored wrapping of unbounded values; a value that wraps is not confirmed here. */
bool written_is_inductive(State *s, const Written *w, const Value *start)
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

bool written_is_number(const Written *w)
{
	return w->before.kind == VALUE_INTEGER || w->before.kind == VALUE_POINTER;
}

bool loop_is_uneven(const For *l, bool pointers)
{
	for (int i = 0; i < l->nwritten; i++) {
		const Written *w = &l->written[i];
		if ((w->how == ANYHOW || w->how == BETWEEN) && (pointers ? w->before.kind == VALUE_POINTER : written_is_number(w)))
			return true;
	}
	return false;
}

/* A number with many symbols becomes one symbol: a linear expression has room for few, and an overflow loses more. */
void loop_coarsen(State *s, const For *l)
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
