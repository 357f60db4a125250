/* bounds_join.c -- the join of two exit states, slot by slot.
 *
 * Two numbers a and b become a fresh symbol: either the number itself, or its distance from a, whichever interval is smaller. An
 * order that is proved at the exit of one number holds of the join too: if b >= a where b comes from, the join is never less than a. */
#include "check/bounds_join.h"

typedef struct Side { /* one of two numbers that are joined, under the facts of its exit */
	Linear x;
	const ExitState *from;
	int64_t low, high;             /* of the number */
	int64_t far_low, far_high;     /* of its distance from the first of the two */
	bool above_other, below_other; /* not less, not more than the other */
} Side;

static void bound_side(State *s, Side *side, const Side *other, const Linear *first)
{
	const int mark = s->k.nfact;
	state_assume(s, side->from->fact, side->from->nfact);
	Linear far = linear_add(&s->k, side->x, *first, -1), above = linear_add(&s->k, side->x, other->x, -1);
	side->low = linear_low(&s->k, side->x);
	side->high = linear_high(&s->k, side->x);
	side->far_low = linear_low(&s->k, far);
	side->far_high = linear_high(&s->k, far);
	side->above_other = linear_not_negative(&s->k, above);
	side->below_other = linear_not_negative(&s->k, linear_scale(&s->k, above, -1));
	s->k.nfact = mark;
}

static int64_t lesser(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static Linear join_numbers(State *s, Linear a, const ExitState *at_a, Linear b, const ExitState *at_b)
{
	if (linear_equal(&a, &b))
		return a;
	Side x = {.x = a, .from = at_a}, y = {.x = b, .from = at_b};
	bound_side(s, &x, &y, &a);
	bound_side(s, &y, &x, &a);
	const int64_t low = lesser(x.low, y.low), high = greater(x.high, y.high);
	const int64_t far_low = lesser(0, y.far_low), far_high = greater(0, y.far_high);
	const bool apart = far_low > -LINEAR_MOST && far_high < LINEAR_MOST &&
	                   (low <= -LINEAR_MOST || high >= LINEAR_MOST || far_high - far_low < high - low);
	Linear symbol = apart ? linear_symbol(&s->k, far_low, far_high) : linear_symbol(&s->k, low, high);
	Linear joined = apart ? linear_add(&s->k, a, symbol, 1) : symbol;
	if (apart && low > -LINEAR_MOST)
		linear_define(&s->k, symbol, linear_add(&s->k, joined, linear_constant(low), -1));
	if (apart && high < LINEAR_MOST)
		linear_define(&s->k, symbol, linear_add(&s->k, linear_constant(high), joined, -1));
	if (y.above_other)
		linear_define(&s->k, symbol, linear_add(&s->k, joined, a, -1));
	if (y.below_other)
		linear_define(&s->k, symbol, linear_add(&s->k, a, joined, -1));
	if (x.above_other)
		linear_define(&s->k, symbol, linear_add(&s->k, joined, b, -1));
	if (x.below_other)
		linear_define(&s->k, symbol, linear_add(&s->k, b, joined, -1));
	return joined;
}

static Value join_values(State *s, const Value *a, const ExitState *at_a, const Value *b, const ExitState *at_b)
{
	if (a->kind == VALUE_NOTHING)
		return *b;
	if (b->kind == VALUE_NOTHING)
		return *a;
	if (a->kind != b->kind || a->kind == VALUE_OPAQUE)
		return (Value){.kind = VALUE_OPAQUE};
	Value v = {.kind = a->kind, .region = a->region == b->region ? a->region : NULL};
	v.x = join_numbers(s, a->x, at_a, b->x, at_b);
	v.when = linear_equal(&a->x, &b->x) && a->when == b->when ? a->when : NULL;
	return v;
}

/* The value of a slot at an exit. */
static const Value *changed(const State *s, const ExitState *e, int slot)
{
	for (int i = 0; i < e->nchange; i++)
		if (e->change[i].slot == slot)
			return &e->change[i].value;
	return &s->value[slot];
}

static ExitState *join_exits(State *s, ExitState *a, ExitState *b)
{
	ExitState *e = arena_new_one(s->arena, ExitState);
	e->change = arena_new_array(s->arena, Change, a->nchange + b->nchange + 1);
	e->fact = a->fact; /* no fact is kept: nfact is 0 */
	for (int i = 0; i < a->nchange + b->nchange; i++) {
		const int slot = i < a->nchange ? a->change[i].slot : b->change[i - a->nchange].slot;
		bool done = false;
		for (int k = 0; k < e->nchange; k++)
			done |= e->change[k].slot == slot;
		if (!done)
			e->change[e->nchange++] = (Change){slot, join_values(s, changed(s, a, slot), a, changed(s, b, slot), b)};
	}
	e->value = join_values(s, &a->value, a, &b->value, b);
	return e;
}

Value join_states(State *s, Scope *scope, ExitState *exits)
{
	scope_undo(s, scope);
	if (!exits)
		return (Value){.kind = VALUE_NOTHING};
	ExitState *all = exits;
	for (ExitState *e = exits->next; e; e = e->next)
		all = join_exits(s, all, e);
	for (int i = 0; i < all->nchange; i++)
		slot_set(s, all->change[i].slot, all->change[i].value);
	state_assume(s, all->fact, all->nfact);
	return all->value;
}
