/* bounds_values.c -- values, the slots that hold them, and the join of two ways that meet. */
#include "check/bounds.h"

#include <string.h>

Value value_integer(Linear x)
{
	return (Value){.kind = VALUE_INTEGER, .x = x};
}

/* The range of an integer type; false for 128 bits and what is none. */
static bool type_range(CXType type, int64_t *low, int64_t *high)
{
	type = clang_getCanonicalType(type);
	if (type.kind == CXType_Bool) {
		*low = 0;
		*high = 1;
		return true;
	}
	const long long size = clang_Type_getSizeOf(type);
	if (!ast_is_integer(type) || size < 1 || size > 8)
		return false;
	CXType base = type.kind == CXType_Enum ? clang_getCanonicalType(clang_getEnumDeclIntegerType(clang_getTypeDeclaration(type))) : type;
	const bool is_signed = base.kind >= CXType_Char_S;
	const int bits = (int)size * 8;
	*low = is_signed ? bits == 64 ? -LINEAR_MOST : -((int64_t)1 << (bits - 1)) : 0;
	*high = bits == 64 ? LINEAR_MOST : ((int64_t)1 << (is_signed ? bits - 1 : bits)) - 1;
	return true;
}

Value value_unknown(State *s, CXType type)
{
	int64_t low, high;
	type = clang_getCanonicalType(type);
	if (type_range(type, &low, &high))
		return value_integer(linear_symbol(&s->k, low, high));
	if (type.kind == CXType_Pointer)
		return (Value){.kind = VALUE_POINTER, .x = linear_symbol(&s->k, -LINEAR_MOST, LINEAR_MOST)};
	return (Value){.kind = VALUE_OPAQUE};
}

Value value_convert(State *s, Value v, CXType to)
{
	int64_t low, high;
	to = clang_getCanonicalType(to);
	if (!type_range(to, &low, &high))
		return v.kind == VALUE_INTEGER && to.kind != CXType_Pointer ? (Value){.kind = VALUE_OPAQUE} : v;
	if (v.kind != VALUE_INTEGER)
		return value_unknown(s, to);
	if (v.x.n == 0 && v.x.constant >= low && v.x.constant <= high)
		return v;
	if (s->speculative && (linear_low(&s->k, v.x) <= -LINEAR_MOST || linear_high(&s->k, v.x) >= LINEAR_MOST))
		return v; /* what stands for anything: the second look at a loop finds whether it wraps */
	if ((low <= -LINEAR_MOST || linear_low(&s->k, v.x) >= low) && (high >= LINEAR_MOST || linear_high(&s->k, v.x) <= high))
		return v;
	Linear under = linear_add(&s->k, v.x, linear_constant(low), -1), over = linear_add(&s->k, linear_constant(high), v.x, -1);
	if ((low <= -LINEAR_MOST || linear_not_negative(&s->k, under)) && (high >= LINEAR_MOST || linear_not_negative(&s->k, over)))
		return v;
	return value_unknown(s, to); /* it wraps */
}

Linear value_size(CXType type)
{
	const long long size = clang_Type_getSizeOf(type);
	return linear_constant(size > 0 ? size : 1);
}

Value value_move(State *s, Value p, Value by, CXType element, int sign)
{
	if (p.kind != VALUE_POINTER || by.kind != VALUE_INTEGER)
		return (Value){.kind = VALUE_POINTER, .x = linear_symbol(&s->k, -LINEAR_MOST, LINEAR_MOST)};
	const long long size = clang_Type_getSizeOf(element);
	p.x = linear_add(&s->k, p.x, by.x, sign * (size > 0 ? size : 1));
	return p;
}

Region *region_new(State *s, const char *name, Linear size)
{
	Region *r = arena_new_one(s->arena, Region);
	*r = (Region){.name = name, .size = size};
	return r;
}

/* ---- slots ---- */

static void *grow(State *s, void *p, size_t size, int more)
{
	return arena_grow(s->arena, p, size * (size_t)s->slot_capacity, size * (size_t)more);
}

int slot_new(State *s, Value v)
{
	if (s->nslot >= s->slot_capacity) {
		int more = s->slot_capacity ? 2 * s->slot_capacity : 1024;
		s->value = grow(s, s->value, sizeof *s->value, more);
		s->owner = grow(s, s->owner, sizeof *s->owner, more);
		s->type = grow(s, s->type, sizeof *s->type, more);
		s->shared = grow(s, s->shared, sizeof *s->shared, more);
		s->is_content = grow(s, s->is_content, sizeof *s->is_content, more);
		s->is_shared = grow(s, s->is_shared, sizeof *s->is_shared, more);
		s->slot_capacity = more;
	}
	s->value[s->nslot] = v;
	return s->nslot++;
}

void slot_share(State *s, int slot)
{
	if (!s->is_shared[slot])
		s->shared[s->nshared++] = slot;
	s->is_shared[slot] = true;
}

int slot_content(State *s, bool constant)
{
	int slot = slot_new(s, (Value){.kind = VALUE_NOTHING});
	s->is_content[slot] = true;
	s->owner[slot] = s->frame ? s->frame->function : NULL;
	if (!constant)
		slot_share(s, slot);
	return slot;
}

int slot_of(State *s, const Ast *variable)
{
	Ast *v = (Ast *)variable; /* the slot is this rule's to write */
	if (v->slot == 0)
		v->slot = slot_new(s, (Value){.kind = VALUE_NOTHING});
	s->owner[v->slot] = v->kind == CXCursor_ParmDecl ? v->parent : v->function;
	s->type[v->slot] = v->type;
	return v->slot;
}

void slot_set(State *s, int slot, Value v)
{
	if (v.kind == VALUE_OPAQUE && s->value[slot].kind == VALUE_OPAQUE)
		return;
	if (s->nundo == s->undo_capacity) {
		int more = s->undo_capacity ? 2 * s->undo_capacity : 1024;
		s->undo = arena_grow(s->arena, s->undo, sizeof *s->undo * (size_t)s->undo_capacity, sizeof *s->undo * (size_t)more);
		s->undo_capacity = more;
	}
	s->undo[s->nundo++] = (Change){slot, s->value[slot]};
	s->value[slot] = v;
}

/* ---- scopes ---- */

void scope_enter(State *s, Scope *scope)
{
	*scope = (Scope){.change = s->nundo, .fact = s->k.nfact};
}

void scope_undo(State *s, const Scope *scope)
{
	while (s->nundo > scope->change) {
		Change c = s->undo[--s->nundo];
		s->value[c.slot] = c.value;
	}
	s->k.nfact = scope->fact;
}

ExitState *scope_exit(State *s, const Scope *scope, Value value)
{
	ExitState *e = arena_new_one(s->arena, ExitState);
	int most = s->nundo - scope->change;
	*e = (ExitState){.value = value, .nfact = s->k.nfact - scope->fact};
	e->change = arena_new_array(s->arena, Change, most + 1);
	for (int i = scope->change; i < s->nundo; i++) {
		const int slot = s->undo[i].slot;
		int known = 0;
		if (scope->function && s->owner[slot] == scope->function)
			continue;
		while (known < e->nchange && e->change[known].slot != slot)
			known++;
		if (known == e->nchange)
			e->change[e->nchange++] = (Change){slot, s->value[slot]};
	}
	e->fact = arena_new_array(s->arena, Linear, e->nfact + 1);
	if (e->nfact)
		memcpy(e->fact, s->k.fact + scope->fact, sizeof *e->fact * (size_t)e->nfact);
	return e;
}

void state_assume(State *s, const Linear *fact, int n)
{
	for (int i = 0; i < n; i++)
		linear_assume(&s->k, fact[i]);
}

/* ---- joins ---- */

typedef struct Side { /* one of two numbers that meet, and what is known where it comes from */
	Linear x;
	const ExitState *from;
	int64_t low, high;             /* of the number */
	int64_t far_low, far_high;     /* of its distance from the first of the two */
	bool above_other, below_other; /* not less, not more than the other */
} Side;

static void look(State *s, Side *side, const Side *other, const Linear *first)
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

/* Either a number of its own, or the first and how far from it: whichever says more. What is proved of one against the
 * other where it comes from holds for what they become: if b >= a where b is taken, it is never less than a. */
static Linear join_numbers(State *s, Linear a, const ExitState *at_a, Linear b, const ExitState *at_b)
{
	if (linear_equal(&a, &b))
		return a;
	Side x = {.x = a, .from = at_a}, y = {.x = b, .from = at_b};
	look(s, &x, &y, &a);
	look(s, &y, &x, &a);
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

static const Value *changed(const State *s, const ExitState *e, int slot)
{
	for (int i = 0; i < e->nchange; i++)
		if (e->change[i].slot == slot)
			return &e->change[i].value;
	return &s->value[slot];
}

/* One way out in place of two. */
static ExitState *join_exits(State *s, ExitState *a, ExitState *b)
{
	ExitState *e = arena_new_one(s->arena, ExitState);
	e->change = arena_new_array(s->arena, Change, a->nchange + b->nchange + 1);
	e->fact = a->fact; /* none of them: nfact is 0 */
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
