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

Value value_unknown(Follow *f, CXType type)
{
	int64_t low, high;
	type = clang_getCanonicalType(type);
	if (type_range(type, &low, &high))
		return value_integer(linear_symbol(&f->k, low, high));
	if (type.kind == CXType_Pointer)
		return (Value){.kind = VALUE_POINTER, .x = linear_symbol(&f->k, -LINEAR_MOST, LINEAR_MOST)};
	return (Value){.kind = VALUE_OPAQUE};
}

Value value_convert(Follow *f, Value v, CXType to)
{
	int64_t low, high;
	to = clang_getCanonicalType(to);
	if (!type_range(to, &low, &high))
		return v.kind == VALUE_INTEGER && to.kind != CXType_Pointer ? (Value){.kind = VALUE_OPAQUE} : v;
	if (v.kind != VALUE_INTEGER)
		return value_unknown(f, to);
	if (v.x.n == 0 && v.x.constant >= low && v.x.constant <= high)
		return v;
	if (f->quiet && (linear_low(&f->k, v.x) <= -LINEAR_MOST || linear_high(&f->k, v.x) >= LINEAR_MOST))
		return v; /* what stands for anything: the second look at a loop finds whether it wraps */
	if ((low <= -LINEAR_MOST || linear_low(&f->k, v.x) >= low) && (high >= LINEAR_MOST || linear_high(&f->k, v.x) <= high))
		return v;
	Linear under = linear_add(&f->k, v.x, linear_constant(low), -1), over = linear_add(&f->k, linear_constant(high), v.x, -1);
	if ((low <= -LINEAR_MOST || linear_not_negative(&f->k, under)) && (high >= LINEAR_MOST || linear_not_negative(&f->k, over)))
		return v;
	return value_unknown(f, to); /* it wraps */
}

Linear value_size(CXType type)
{
	const long long size = clang_Type_getSizeOf(type);
	return linear_constant(size > 0 ? size : 1);
}

Value value_move(Follow *f, Value p, Value by, CXType element, int sign)
{
	if (p.kind != VALUE_POINTER || by.kind != VALUE_INTEGER)
		return (Value){.kind = VALUE_POINTER, .x = linear_symbol(&f->k, -LINEAR_MOST, LINEAR_MOST)};
	const long long size = clang_Type_getSizeOf(element);
	p.x = linear_add(&f->k, p.x, by.x, sign * (size > 0 ? size : 1));
	return p;
}

Region *region_new(Follow *f, const char *name, Linear size)
{
	Region *r = arena_new_one(f->arena, Region);
	*r = (Region){.name = name, .size = size};
	return r;
}

/* ---- slots ---- */

static void *grow(Follow *f, void *p, size_t size, int more)
{
	return arena_grow(f->arena, p, size * (size_t)f->slot_capacity, size * (size_t)more);
}

int slot_new(Follow *f, Value v)
{
	if (f->nslot >= f->slot_capacity) {
		int more = f->slot_capacity ? 2 * f->slot_capacity : 1024;
		f->value = grow(f, f->value, sizeof *f->value, more);
		f->owner = grow(f, f->owner, sizeof *f->owner, more);
		f->type = grow(f, f->type, sizeof *f->type, more);
		f->shared = grow(f, f->shared, sizeof *f->shared, more);
		f->is_content = grow(f, f->is_content, sizeof *f->is_content, more);
		f->is_shared = grow(f, f->is_shared, sizeof *f->is_shared, more);
		f->slot_capacity = more;
	}
	f->value[f->nslot] = v;
	return f->nslot++;
}

void slot_share(Follow *f, int slot)
{
	if (!f->is_shared[slot])
		f->shared[f->nshared++] = slot;
	f->is_shared[slot] = true;
}

int slot_content(Follow *f, bool constant)
{
	int slot = slot_new(f, (Value){.kind = VALUE_NOTHING});
	f->is_content[slot] = true;
	f->owner[slot] = f->frame ? f->frame->function : NULL;
	if (!constant)
		slot_share(f, slot);
	return slot;
}

int slot_of(Follow *f, const Ast *variable)
{
	Ast *v = (Ast *)variable; /* the slot is this rule's to write */
	if (v->slot == 0)
		v->slot = slot_new(f, (Value){.kind = VALUE_NOTHING});
	f->owner[v->slot] = v->kind == CXCursor_ParmDecl ? v->parent : v->function;
	f->type[v->slot] = v->type;
	return v->slot;
}

void slot_set(Follow *f, int slot, Value v)
{
	if (v.kind == VALUE_OPAQUE && f->value[slot].kind == VALUE_OPAQUE)
		return;
	if (f->nundo == f->undo_capacity) {
		int more = f->undo_capacity ? 2 * f->undo_capacity : 1024;
		f->undo = arena_grow(f->arena, f->undo, sizeof *f->undo * (size_t)f->undo_capacity, sizeof *f->undo * (size_t)more);
		f->undo_capacity = more;
	}
	f->undo[f->nundo++] = (Change){slot, f->value[slot]};
	f->value[slot] = v;
}

/* ---- scopes ---- */

void scope_enter(Follow *f, Scope *s)
{
	*s = (Scope){.change = f->nundo, .fact = f->k.nfact};
}

void scope_undo(Follow *f, const Scope *s)
{
	while (f->nundo > s->change) {
		Change c = f->undo[--f->nundo];
		f->value[c.slot] = c.value;
	}
	f->k.nfact = s->fact;
}

Exit *scope_exit(Follow *f, const Scope *s, Value value)
{
	Exit *e = arena_new_one(f->arena, Exit);
	int most = f->nundo - s->change;
	*e = (Exit){.value = value, .nfact = f->k.nfact - s->fact};
	e->change = arena_new_array(f->arena, Change, most + 1);
	for (int i = s->change; i < f->nundo; i++) {
		const int slot = f->undo[i].slot;
		int known = 0;
		if (s->function && f->owner[slot] == s->function)
			continue;
		while (known < e->nchange && e->change[known].slot != slot)
			known++;
		if (known == e->nchange)
			e->change[e->nchange++] = (Change){slot, f->value[slot]};
	}
	e->fact = arena_new_array(f->arena, Linear, e->nfact + 1);
	if (e->nfact)
		memcpy(e->fact, f->k.fact + s->fact, sizeof *e->fact * (size_t)e->nfact);
	return e;
}

void suppose_all(Follow *f, const Linear *fact, int n)
{
	for (int i = 0; i < n; i++)
		linear_suppose(&f->k, fact[i]);
}

/* ---- joins ---- */

typedef struct Side { /* one of two numbers that meet, and what is known where it comes from */
	Linear x;
	const Exit *from;
	int64_t low, high;             /* of the number */
	int64_t far_low, far_high;     /* of its distance from the first of the two */
	bool above_other, below_other; /* not less, not more than the other */
} Side;

static void look(Follow *f, Side *s, const Side *other, const Linear *first)
{
	const int mark = f->k.nfact;
	suppose_all(f, s->from->fact, s->from->nfact);
	Linear far = linear_add(&f->k, s->x, *first, -1), above = linear_add(&f->k, s->x, other->x, -1);
	s->low = linear_low(&f->k, s->x);
	s->high = linear_high(&f->k, s->x);
	s->far_low = linear_low(&f->k, far);
	s->far_high = linear_high(&f->k, far);
	s->above_other = linear_not_negative(&f->k, above);
	s->below_other = linear_not_negative(&f->k, linear_scale(&f->k, above, -1));
	f->k.nfact = mark;
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
static Linear join_numbers(Follow *f, Linear a, const Exit *at_a, Linear b, const Exit *at_b)
{
	if (linear_equal(&a, &b))
		return a;
	Side x = {.x = a, .from = at_a}, y = {.x = b, .from = at_b};
	look(f, &x, &y, &a);
	look(f, &y, &x, &a);
	const int64_t low = lesser(x.low, y.low), high = greater(x.high, y.high);
	const int64_t far_low = lesser(0, y.far_low), far_high = greater(0, y.far_high);
	const bool apart = far_low > -LINEAR_MOST && far_high < LINEAR_MOST &&
	                   (low <= -LINEAR_MOST || high >= LINEAR_MOST || far_high - far_low < high - low);
	Linear symbol = apart ? linear_symbol(&f->k, far_low, far_high) : linear_symbol(&f->k, low, high);
	Linear joined = apart ? linear_add(&f->k, a, symbol, 1) : symbol;
	if (apart && low > -LINEAR_MOST)
		linear_define(&f->k, symbol, linear_add(&f->k, joined, linear_constant(low), -1));
	if (apart && high < LINEAR_MOST)
		linear_define(&f->k, symbol, linear_add(&f->k, linear_constant(high), joined, -1));
	if (y.above_other)
		linear_define(&f->k, symbol, linear_add(&f->k, joined, a, -1));
	if (y.below_other)
		linear_define(&f->k, symbol, linear_add(&f->k, a, joined, -1));
	if (x.above_other)
		linear_define(&f->k, symbol, linear_add(&f->k, joined, b, -1));
	if (x.below_other)
		linear_define(&f->k, symbol, linear_add(&f->k, b, joined, -1));
	return joined;
}

static Value join_values(Follow *f, const Value *a, const Exit *at_a, const Value *b, const Exit *at_b)
{
	if (a->kind == VALUE_NOTHING)
		return *b;
	if (b->kind == VALUE_NOTHING)
		return *a;
	if (a->kind != b->kind || a->kind == VALUE_OPAQUE)
		return (Value){.kind = VALUE_OPAQUE};
	Value v = {.kind = a->kind, .region = a->region == b->region ? a->region : NULL};
	v.x = join_numbers(f, a->x, at_a, b->x, at_b);
	v.when = linear_equal(&a->x, &b->x) && a->when == b->when ? a->when : NULL;
	return v;
}

static const Value *changed(const Follow *f, const Exit *e, int slot)
{
	for (int i = 0; i < e->nchange; i++)
		if (e->change[i].slot == slot)
			return &e->change[i].value;
	return &f->value[slot];
}

/* One way out in place of two. */
static Exit *join_exits(Follow *f, Exit *a, Exit *b)
{
	Exit *e = arena_new_one(f->arena, Exit);
	e->change = arena_new_array(f->arena, Change, a->nchange + b->nchange + 1);
	e->fact = a->fact; /* none of them: nfact is 0 */
	for (int i = 0; i < a->nchange + b->nchange; i++) {
		const int slot = i < a->nchange ? a->change[i].slot : b->change[i - a->nchange].slot;
		bool done = false;
		for (int k = 0; k < e->nchange; k++)
			done |= e->change[k].slot == slot;
		if (!done)
			e->change[e->nchange++] = (Change){slot, join_values(f, changed(f, a, slot), a, changed(f, b, slot), b)};
	}
	e->value = join_values(f, &a->value, a, &b->value, b);
	return e;
}

Value scope_join(Follow *f, Scope *s, Exit *exits)
{
	scope_undo(f, s);
	if (!exits)
		return (Value){.kind = VALUE_NOTHING};
	Exit *all = exits;
	for (Exit *e = exits->next; e; e = e->next)
		all = join_exits(f, all, e);
	for (int i = 0; i < all->nchange; i++)
		slot_set(f, all->change[i].slot, all->change[i].value);
	suppose_all(f, all->fact, all->nfact);
	return all->value;
}
