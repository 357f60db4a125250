/* bounds_records.c -- structures whose members are tracked one by one: a function's own variables.
 *
 * Each number and pointer in one has a slot, as a variable has, and so has each element of a short array in it: relations between
 * members survive, such as those between a place in the table of a thread's copies and its row and column. A write through a pointer
 * to the whole structure, or to an element whose index is not constant, makes all members any value.
 *
 * Structures in shared memory, in tables and of the caller are not tracked, nor are unions. */
#include "check/bounds_records.h"

enum { ELEMENTS = 32 };

static bool is_tracked(CXType type)
{
	return type.kind == CXType_Record && clang_getCursorKind(clang_getTypeDeclaration(type)) != CXCursor_UnionDecl;
}

Region *record_at(Value v)
{
	return v.kind == VALUE_POINTER && v.region && v.region->is_record && v.x.n == 0 && v.x.constant == 0 ? v.region : NULL;
}

Region *record_new(State *s, const char *name, CXType type, const Ast *owner, bool constant)
{
	Region *r = region_new(s, name, value_size(type));
	r->is_record = is_tracked(type);
	r->type = type;
	r->owner = owner;
	r->constant = constant;
	return r;
}

/* A slot for a number in the structure. */
static int part_slot(State *s, const Region *of, CXType type)
{
	int slot = slot_new(s, of->unset ? (Value){.kind = VALUE_NOTHING} : value_unknown(s, type));
	s->owner[slot] = of->owner;
	s->type[slot] = type;
	if (!of->constant)
		slot_share(s, slot);
	return slot;
}

static bool is_number(CXType t)
{
	return ast_is_integer(t) || t.kind == CXType_Pointer;
}

static CXType element_type(const Region *r)
{
	return clang_getCanonicalType(clang_getArrayElementType(r->type));
}

static void make_elements(State *s, const Region *of, Region *r)
{
	const CXType element = element_type(r);
	const long long n = clang_getArraySize(r->type);
	if (!is_number(element) || n > ELEMENTS || n < 1)
		return;
	r->element = arena_new_array(s->arena, int, n);
	r->nelement = (int)n;
	for (int i = 0; i < r->nelement; i++)
		r->element[i] = part_slot(s, of, element);
}

Region *record_member(State *s, Region *of, const char *name, CXType type, int64_t offset)
{
	Region *r = of->member;
	while (r && r->offset != offset)
		r = r->next;
	if (r)
		return r;
	r = record_new(s, name, type, of->owner, of->constant);
	r->unset = of->unset;
	r->offset = offset;
	r->next = of->member;
	of->member = r;
	if (is_number(type))
		r->variable = part_slot(s, of, type);
	else if (type.kind == CXType_ConstantArray)
		make_elements(s, of, r);
	return r;
}

void region_forget(State *s, Region *r)
{
	if (r->content)
		slot_set(s, r->content, (Value){.kind = VALUE_OPAQUE});
	if (r->variable)
		slot_set(s, r->variable, value_unknown(s, r->type));
	for (int i = 0; i < r->nelement; i++)
		slot_set(s, r->element[i], value_unknown(s, element_type(r)));
	for (Region *m = r->is_record ? r->member : NULL; m; m = m->next)
		region_forget(s, m);
	r->unset = false; /* members that get a region later have any value */
}

static void copy_members(State *s, Region *to, const Region *from)
{
	for (const Region *m = from->member; m; m = m->next) {
		Region *t = record_member(s, to, m->name, m->type, m->offset);
		if (m->variable)
			slot_set(s, t->variable, s->value[m->variable]);
		for (int i = 0; i < m->nelement; i++)
			slot_set(s, t->element[i], s->value[m->element[i]]);
		if (m->is_record)
			copy_members(s, t, m);
	}
}

void record_copy(State *s, Region *to, Value from)
{
	if (record_at(from) == to)
		return;
	region_forget(s, to);
	if (record_at(from))
		copy_members(s, to, from.region);
}

Value record_returned(State *s, Value v)
{
	if (!record_at(v))
		return v;
	Region *r = record_new(s, v.region->name, v.region->type, NULL, true);
	record_copy(s, r, v);
	return (Value){.kind = VALUE_POINTER, .region = r};
}
