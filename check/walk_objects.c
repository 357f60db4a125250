/* walk_objects.c -- objects: declarations, places in objects, reads and writes through expressions. */
#include "check/walk.h"
#include "check/bounds_access.h"
#include "check/bounds_contracts.h"
#include "check/bounds_records.h"
#include "check/bounds_threads.h"
#include "check/names.h"

#include <string.h>

/* ---- declarations ---- */

/* The join of all elements of a table. */
static void initial_content(State *s, int slot, const Ast *init)
{
	if (init->kind == CXCursor_InitListExpr) {
		long long rest = clang_getArraySize(init->type);
		for (const Ast *c = init->child; c; c = c->next, rest--)
			initial_content(s, slot, c);
		if (rest > 0)
			access_join_content(s, slot, value_integer(linear_constant(0)));
		return;
	}
	access_join_content(s, slot, walk_expression(s, init));
}

static bool holds_numbers(CXType t)
{
	while (t.kind == CXType_ConstantArray)
		t = clang_getCanonicalType(clang_getArrayElementType(t));
	return ast_is_integer(t) || t.kind == CXType_Pointer;
}

static void make_record(State *s, const Ast *v)
{
	Region *r = record_new(s, v->name, v->type, v->function, ast_is_const(v->type));
	r->unset = !v->init;
	slot_set(s, slot_of(s, v), (Value){.kind = VALUE_POINTER, .region = r});
	if (v->init)
		record_copy(s, r, walk_expression(s, v->init));
}

/* An array or a structure. The region of a local one is made at its declaration, each time; of another at its first use. */
static void make_object(State *s, const Ast *v)
{
	const bool local = v->function && clang_Cursor_getStorageClass(v->cursor) != CX_SC_Static;
	const int mark = s->nundo;
	const bool shared = ast_has(v, CXCursor_CUDASharedAttr), dynamic = shared && v->type.kind == CXType_IncompleteArray;
	if (local && !shared && v->type.kind == CXType_Record) {
		make_record(s, v);
		return;
	}
	Region *r = region_new(s, v->name, dynamic ? s->dynamic : value_size(v->type));
	const bool constant = v->init && ast_is_const(v->type);
	if (v->type.kind == CXType_ConstantArray && holds_numbers(v->type) && (constant || (local && !shared))) {
		r->content = slot_content(s, constant);
		if (v->init && v->init->kind == CXCursor_InitListExpr)
			initial_content(s, r->content, v->init);
	} else if (local && v->init) {
		walk_expression(s, v->init); /* for its reads */
	}
	slot_set(s, slot_of(s, v), (Value){.kind = VALUE_POINTER, .region = r});
	if (!local)
		s->nundo = mark; /* the region stays when the path is undone */
}

static bool is_object(const Ast *v)
{
	return v->type.kind == CXType_ConstantArray || v->type.kind == CXType_IncompleteArray || v->type.kind == CXType_Record;
}

void walk_declaration(State *s, const Ast *v)
{
	if (is_object(v)) {
		make_object(s, v);
		return;
	}
	if (v->init && clang_Cursor_getStorageClass(v->cursor) != CX_SC_Static)
		slot_set(s, slot_of(s, v), value_convert(s, walk_expression(s, v->init), v->type));
	else
		slot_set(s, slot_of(s, v), v->init ? value_unknown(s, v->type) : (Value){.kind = VALUE_NOTHING});
}

/* The first use of a global, or of a static variable, from this entry point. */
static void make_global(State *s, const Ast *v)
{
	if (is_object(v)) {
		make_object(s, v);
		if (name_is(s->rules, v->name, "weights"))
			s->weights_region = s->value[slot_of(s, v)].region;
		return;
	}
	Value any = value_unknown(s, v->type);
	if (any.kind == VALUE_POINTER && name_is(s->rules, v->name, "weights") && contract_weights(s))
		any = (Value){.kind = VALUE_POINTER, .region = contract_weights(s)};
	slot_set(s, slot_of(s, v), any);
	slot_share(s, slot_of(s, v)); /* any function may write it */
}

Value walk_variable(State *s, const Ast *v)
{
	if (!is_object(v) && ast_has(v, CXCursor_CUDASharedAttr)) /* other threads write it too */
		return value_unknown(s, v->type);
	int slot = slot_of(s, v);
	const bool outside = !v->function || clang_Cursor_getStorageClass(v->cursor) == CX_SC_Static;
	if (s->value[slot].kind == VALUE_NOTHING && outside)
		make_global(s, v);
	if (s->value[slot].kind == VALUE_NOTHING)
		return value_unknown(s, v->type);
	return s->value[slot];
}

/* ---- places: results of & ---- */

static Value variable_place(State *s, const Ast *v)
{
	if (is_object(v) || v->type.kind == CXType_LValueReference)
		return walk_variable(s, v);
	Region *r = region_new(s, v->name, value_size(v->type));
	r->variable = slot_of(s, v);
	r->type = v->type;
	slot_share(s, r->variable);
	return (Value){.kind = VALUE_POINTER, .region = r};
}

static Value subscript_place(State *s, const Ast *n)
{
	Value base = walk_expression(s, ast_child(n, 0)), index = walk_expression(s, ast_child(n, 1));
	return value_move(s, base, index, n->type, 1);
}

/* The region of the array at `offset` bytes in a structure that is not tracked. */
static Region *member_region(State *s, Region *of, const Ast *n, int64_t offset)
{
	Region *r = of->member;
	const Linear size = value_size(n->type);
	while (r && (r->offset != offset || !linear_equal(&r->size, &size))) /* a union has several */
		r = r->next;
	if (!r) {
		r = region_new(s, n->name, size);
		r->offset = offset;
		r->next = of->member;
		of->member = r;
		if (!strcmp(n->name, "arena"))
			s->arena_region = r;
	}
	return r;
}

static Value member_place(State *s, const Ast *n)
{
	const Ast *of = n->child;
	Value base = of ? of->type.kind == CXType_Pointer ? walk_expression(s, of) : walk_place(s, of) : (Value){.kind = VALUE_OPAQUE};
	const long long bits = clang_Cursor_getOffsetOfField(clang_getCursorReferenced(n->cursor));
	const Linear offset = linear_constant(bits > 0 ? bits / 8 : 0);
	if (base.kind != VALUE_POINTER)
		return base;
	if (record_at(base))
		return (Value){.kind = VALUE_POINTER,
		               .region = record_member(s, base.region, n->name, clang_getCanonicalType(n->type), offset.constant)};
	if (n->type.kind == CXType_ConstantArray && base.region && base.x.n == 0)
		return (Value){.kind = VALUE_POINTER, .region = member_region(s, base.region, n, base.x.constant + offset.constant)};
	base.x = linear_add(&s->k, base.x, offset, 1);
	return base;
}

Value walk_place(State *s, const Ast *n)
{
	n = ast_bare(n);
	if (n->kind == CXCursor_DeclRefExpr && n->refers)
		return variable_place(s, n->refers);
	if (n->kind == CXCursor_ArraySubscriptExpr)
		return subscript_place(s, n);
	if (n->kind == CXCursor_MemberRefExpr)
		return member_place(s, n);
	if (n->kind == CXCursor_UnaryOperator && n->op.unary == CXUnaryOperator_Deref)
		return walk_expression(s, n->child);
	for (const Ast *c = n->child; c; c = c->next)
		walk_expression(s, c);
	return (Value){.kind = VALUE_OPAQUE};
}

/* ---- reads and writes ---- */

/* A vector's lane is a register's, not memory: the index must be below the number of lanes. */
static Value lane_value(State *s, const Ast *n, const Ast *vector)
{
	Value index = walk_expression(s, ast_child(n, 1));
	Region *r = region_new(s, "the vector", value_size(vector->type));
	walk_expression(s, vector);
	access_prove(s, n, value_move(s, (Value){.kind = VALUE_POINTER, .region = r}, index, n->type, 1), value_size(n->type), "a lane");
	return value_unknown(s, n->type);
}

static bool is_lane(const Ast *n)
{
	return n->kind == CXCursor_ArraySubscriptExpr && ast_bare(ast_child(n, 0))->type.kind == CXType_Vector;
}

Value walk_read(State *s, const Ast *n)
{
	if (is_lane(n))
		return lane_value(s, n, ast_bare(ast_child(n, 0)));
	Value p;
	if (thread_index(s, n, &p))
		return p;
	Region *known = contract_member(s, n);
	if (known)
		return (Value){.kind = VALUE_POINTER, .region = known};
	p = walk_place(s, n);
	if (n->type.kind == CXType_ConstantArray) /* a row: a place, not a value */
		return p;
	if (n->type.kind == CXType_Record) {
		access_prove(s, n, p, value_size(n->type), "a read");
		return p;
	}
	Value v = access_load(s, n, p, n->type);
	if (n->kind == CXCursor_MemberRefExpr && !strcmp(n->name, "pixels") && v.kind == VALUE_POINTER && !v.region)
		v.region = contract_pixels(s); /* in the structure of a call that the device gets */
	Region *own =
	    n->kind == CXCursor_MemberRefExpr && v.kind == VALUE_POINTER && !v.region ? contract_object(s, n->name, n->type) : NULL;
	if (own)
		v = (Value){.kind = VALUE_POINTER, .region = own};
	return v;
}

void walk_assign(State *s, const Ast *n, Value v)
{
	n = ast_bare(n);
	v = value_convert(s, v, n->type);
	if (n->kind == CXCursor_DeclRefExpr && n->refers && !is_object(n->refers) && n->refers->type.kind != CXType_LValueReference)
		slot_set(s, slot_of(s, n->refers), v);
	else if (is_lane(n))
		lane_value(s, n, ast_bare(ast_child(n, 0)));
	else
		access_store(s, n, walk_place(s, n), n->type, v);
	if (n->kind == CXCursor_MemberRefExpr && n->type.kind == CXType_Pointer)
		check_invariant(s, n, n->name, v);
}

/* ---- { a, b, c } ---- */

typedef struct Listed { /* a list whose values are assigned to fields */
	State *s;
	Region *to;
	const Ast *next;
	bool elided; /* inner braces are left out: which field gets which value is not known */
} Listed;

static enum CXVisitorResult set_field(CXCursor field, CXClientData data)
{
	Listed *l = data;
	const CXType type = clang_getCanonicalType(clang_getCursorType(field));
	const Value v = l->next ? walk_expression(l->s, l->next) : value_integer(linear_constant(0));
	CXString name = clang_getCursorSpelling(field);
	Region *m = record_member(l->s, l->to, arena_printf(l->s->arena, "%s", clang_getCString(name)), type,
	                          clang_Cursor_getOffsetOfField(field) / 8);
	clang_disposeString(name);
	if (l->next && type.kind == CXType_Pointer)
		check_invariant(l->s, l->next, m->name, v);
	if (m->variable)
		slot_set(l->s, m->variable,
		         type.kind == CXType_Pointer && v.kind != VALUE_POINTER ? value_unknown(l->s, type) : value_convert(l->s, v, type));
	else if (m->is_record)
		record_copy(l->s, m, v);
	const bool holds_more = type.kind == CXType_Record || type.kind == CXType_ConstantArray;
	l->elided |= l->next && holds_more && l->next->type.kind != CXType_Record && l->next->type.kind != CXType_ConstantArray;
	if (l->next)
		l->next = l->next->next;
	return CXVisit_Continue;
}

/* A list that names fields is read, but not tracked. */
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
