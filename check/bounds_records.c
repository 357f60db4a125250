/* bounds_records.c -- structures of a function's own. Each number and pointer in one is followed like a variable, so is each
 * element of a short array in it: a place in the table of a thread's copies and the row and column that it stands for keep
 * hanging together. What is written through a pointer to the whole, or to no constant element, makes all of it anything.
 *
 * Structures in shared memory, in tables and behind the caller's pointers are not followed, nor are unions.
 */
#include "check/bounds.h"

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
	r->unset = false; /* members that are met later are anything */
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

/* ---- { a, b, c } ---- */

typedef struct Listed { /* the values of a list, on their way to the fields */
	State *s;
	Region *to;
	const Ast *next;
	bool elided; /* braces within braces are left out: which value goes where is not known */
} Listed;

static enum CXVisitorResult set_field(CXCursor field, CXClientData data)
{
	Listed *l = data;
	const CXType type = clang_getCanonicalType(clang_getCursorType(field));
	const Value v = l->next ? walk_expression(l->s, l->next) : value_integer(linear_constant(0));
	CXString name = clang_getCursorSpelling(field);
	Region *m = record_member(l->s, l->to, arena_printf(l->s->arena, "%s", clang_getCString(name)), type, clang_Cursor_getOffsetOfField(field) / 8);
	clang_disposeString(name);
	if (l->next && type.kind == CXType_Pointer)
		check_invariant(l->s, l->next, m->name, v);
	if (m->variable)
		slot_set(l->s, m->variable, type.kind == CXType_Pointer && v.kind != VALUE_POINTER ? value_unknown(l->s, type) : value_convert(l->s, v, type));
	else if (m->is_record)
		record_copy(l->s, m, v);
	const bool holds_more = type.kind == CXType_Record || type.kind == CXType_ConstantArray;
	l->elided |= l->next && holds_more && l->next->type.kind != CXType_Record && l->next->type.kind != CXType_ConstantArray;
	if (l->next)
		l->next = l->next->next;
	return CXVisit_Continue;
}

/* Fields may be named: such a list is read, and says nothing. */
static bool is_plain_list(const Ast *list)
{
	for (const Ast *c = list->child; c; c = c->next)
		if (!clang_isExpression(c->kind) || (c->child && c->child->kind == CXCursor_MemberRef))
			return false;
	return true;
}

Value walk_list(State *s, const Ast *list)
{
	Region *r = record_new(s, "a structure", list->type, NULL, true);
	Listed l = {.s = s, .to = r, .next = list->child};
	const bool plain = r->is_record && is_plain_list(list);
	if (plain)
		clang_Type_visitFields(list->type, set_field, &l);
	if (l.elided)
		region_forget(s, r);
	for (const Ast *c = plain ? l.next : list->child; c; c = c->next)
		if (clang_isExpression(c->kind))
			walk_expression(s, c);
	return (Value){.kind = VALUE_POINTER, .region = r};
}
