/* bounds_access.c -- reads and writes: the proof that they stay inside a region, and the values of slots there.
 *
 * An array's elements share one slot, the join of all that was written: without relations to other values, since each element may be
 * another number. Each scalar has one slot, and so has each element of a short array in a structure. */
#include "check/bounds_access.h"
#include "check/bounds_findings.h"
#include "check/bounds_records.h"

#include <stdio.h>

static void bound_text(char *text, size_t n, int64_t v)
{
	if (v >= LINEAR_MOST || v <= -LINEAR_MOST)
		snprintf(text, n, "anywhere");
	else
		snprintf(text, n, "%lld", (long long)v);
}

void access_prove(State *s, const Ast *at, Value p, Linear size, const char *what)
{
	char low[32], high[32], most[32];
	if (s->speculative || (p.region && p.region->trusted))
		return;
	if (p.kind != VALUE_POINTER || !p.region) {
		bounds_find(s, at, "%s through a pointer whose object is not known", what);
		return;
	}
	Linear end = linear_add(&s->k, p.region->size, linear_add(&s->k, p.x, size, 1), -1);
	if (linear_not_negative(&s->k, p.x) && linear_not_negative(&s->k, end))
		return;
	bound_text(low, sizeof low, linear_low(&s->k, p.x));
	bound_text(high, sizeof high, linear_high(&s->k, linear_add(&s->k, p.x, size, 1)));
	bound_text(most, sizeof most, linear_low(&s->k, p.region->size));
	bounds_find(s, at, "%s not proved to stay in '%s': bytes %s to %s of %s", what, p.region->name, low, high, most);
}

/* The slot of the element that p points at; 0: which element that is, is not known. */
static int element_slot(const Region *r, const Value *p, CXType type)
{
	const long long size = clang_Type_getSizeOf(type);
	const int64_t at = p->x.constant;
	if (p->x.n > 0 || size < 1 || at < 0 || at % size != 0 || size != clang_Type_getSizeOf(clang_getArrayElementType(r->type)))
		return 0;
	return at / size < r->nelement ? r->element[at / size] : 0;
}

Value access_load(State *s, const Ast *at, Value p, CXType type)
{
	access_prove(s, at, p, value_size(type), "a read");
	const Region *r = p.kind == VALUE_POINTER ? p.region : NULL;
	const int element = r && r->nelement ? element_slot(r, &p, type) : 0;
	if (element)
		return value_convert(s, s->value[element], type);
	if (r && r->variable && p.x.n == 0 && p.x.constant == 0)
		return value_convert(s, s->value[r->variable], type);
	if (!r || !r->content || s->value[r->content].kind == VALUE_NOTHING)
		return value_unknown(s, type);
	Value v = s->value[r->content]; /* some element: a fresh symbol with the bounds of all */
	if (v.kind == VALUE_OPAQUE)
		return value_unknown(s, type);
	v.x = linear_symbol(&s->k, linear_low(&s->k, v.x), linear_high(&s->k, v.x));
	v.when = NULL;
	return value_convert(s, v, type);
}

void access_join_content(State *s, int slot, Value v)
{
	Value old = s->value[slot];
	if (v.kind == VALUE_INTEGER || v.kind == VALUE_POINTER) {
		int64_t low = linear_low(&s->k, v.x), high = linear_high(&s->k, v.x);
		if (old.kind == v.kind) {
			int64_t l = linear_low(&s->k, old.x), h = linear_high(&s->k, old.x);
			if (l <= low && h >= high && old.region == v.region)
				return;
			low = l < low ? l : low;
			high = h > high ? h : high;
		} else if (old.kind != VALUE_NOTHING) {
			v.kind = VALUE_OPAQUE;
		}
		v.region = old.kind == VALUE_NOTHING || old.region == v.region ? v.region : NULL;
		v.x = linear_symbol(&s->k, low, high);
		v.when = NULL;
	}
	slot_set(s, slot, v);
}

void access_store(State *s, const Ast *at, Value p, CXType type, Value v)
{
	access_prove(s, at, p, value_size(type), "a write");
	Region *r = p.kind == VALUE_POINTER ? p.region : NULL;
	const int element = r && r->nelement ? element_slot(r, &p, type) : 0;
	if (element)
		slot_set(s, element, v);
	else if (type.kind == CXType_Record && record_at(p))
		record_copy(s, r, v);
	else if (r && (r->is_record || r->nelement))
		region_forget(s, r);
	else if (r && r->variable)
		slot_set(s, r->variable, p.x.n == 0 && p.x.constant == 0 ? v : value_unknown(s, type));
	else if (r && r->content)
		access_join_content(s, r->content, v);
}
