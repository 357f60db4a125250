/* bounds_memory.c -- objects, places in them, what is read and written there: and the proof that it is there. */
#include "check/bounds.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void bounds_find(State *s, const Ast *at, const char *format, ...)
{
	char text[400];
	va_list args;
	if (s->speculative)
		return;
	for (int i = 0; i < s->rules->result->n; i++) { /* one finding a place, however often it is passed */
		const Finding *known = &s->rules->result->finding[i];
		if (known->loc.line == at->line && known->loc.col == at->col && !strcmp(known->rule, s->rules->rule))
			return;
	}
	va_start(args, format);
	size_t n = (size_t)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	const char *word = "called at line";
	for (const Frame *c = s->frame; c && c->call && n < sizeof text; c = c->caller, word = ",")
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s %d", *word == ',' ? "" : "; ", word, c->call->line);
	finding_at(s->rules, at, "%s", text);
}

/* ---- reads and writes ---- */

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

/* The slot of the element that p points at; 0: it is not one that is known. */
static int element_slot(const Region *r, const Value *p, CXType type)
{
	const long long size = clang_Type_getSizeOf(type);
	const int64_t at = p->x.constant;
	if (p->x.n > 0 || size < 1 || at < 0 || at % size != 0 || size != clang_Type_getSizeOf(clang_getArrayElementType(r->type)))
		return 0;
	return at / size < r->nelement ? r->element[at / size] : 0;
}

static Value access_load(State *s, const Ast *at, Value p, CXType type)
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
	Value v = s->value[r->content]; /* of any element: a number of its own within the same bounds */
	if (v.kind == VALUE_OPAQUE)
		return value_unknown(s, type);
	v.x = linear_symbol(&s->k, linear_low(&s->k, v.x), linear_high(&s->k, v.x));
	v.when = NULL;
	return value_convert(s, v, type);
}

/* Element joins element: as bounds that do not hang on anything. */
static void access_join_content(State *s, int slot, Value v)
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

static void access_store(State *s, const Ast *at, Value p, CXType type, Value v)
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

/* ---- objects ---- */

/* What any number of a constant table may be. */
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

/* An array or a structure: its region is made when it is met; a local one anew each time. */
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
		walk_expression(s, v->init); /* what it reads */
	}
	slot_set(s, slot_of(s, v), (Value){.kind = VALUE_POINTER, .region = r});
	if (!local)
		s->nundo = mark; /* it is there whichever way led here */
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

/* Weights that NAME_load() took in: it saw to their size. Null: there are none. */
static Region *contract_weights(State *s)
{
	int64_t bytes;
	if (!s->weights_region && ast_macro(s->rules->file, arena_printf(s->arena, "%s_WEIGHTS_SIZE", s->rules->upper), &bytes))
		s->weights_region = region_new(s, "weights", linear_constant(bytes));
	return s->weights_region;
}

/* What a context points at, and a queue of CUDA. */
typedef struct Opened {
	const char *member, *macro;
	int64_t bytes; /* of what the macro counts */
	bool inside;   /* of other memory: held against it where the pointer is set */
} Opened;

static const Opened opened_places[] = {
    {"memory", "ARENA_SIZE", 1, false}, {"pinned", "PINNED_SIZE", 1, false}, {"tickets", "TICKETS", 4, true}};
enum { OPENED = sizeof opened_places / sizeof *opened_places };

/* Bytes that a member of this name leads to. */
static const Opened *opened_place(State *s, const char *member, int64_t *bytes)
{
	for (const Opened *o = opened_places; o < opened_places + OPENED; o++)
		if (!strcmp(member, o->member) && ast_macro(s->rules->file, arena_printf(s->arena, "%s_%s", s->rules->upper, o->macro), bytes)) {
			*bytes *= o->bytes;
			return o;
		}
	return NULL;
}

/* NAME_load() and NAME_open() saw to the size of what the member leads to. False: it is not such a pointer. */
static bool contract_member(State *s, const Ast *n, Value *v)
{
	int64_t bytes;
	if (n->kind != CXCursor_MemberRefExpr || n->type.kind != CXType_Pointer)
		return false;
	if (!strcmp(n->name, "weights") && contract_weights(s)) {
		*v = (Value){.kind = VALUE_POINTER, .region = contract_weights(s)};
		return true;
	}
	if (s->rules->language != IN_CUDA)
		return false;
	if (!opened_place(s, n->name, &bytes))
		return false;
	*v = (Value){.kind = VALUE_POINTER, .region = region_new(s, n->name, linear_constant(bytes))};
	return true;
}

void check_invariant(State *s, const Ast *at, const char *member, Value v)
{
	int64_t bytes;
	const Opened *o = s->rules->language == IN_CUDA ? opened_place(s, member, &bytes) : NULL;
	if (o && o->inside)
		access_prove(s, at, v, linear_constant(bytes), arena_printf(s->arena, "what '%s' leads to", member));
}

/* A variable of the file, met for the first time in this root. */
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

/* ---- places: what & gives ---- */

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

/* The array at offset in a structure: nothing is added to the structure's own place. */
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
		return (Value){.kind = VALUE_POINTER, .region = record_member(s, base.region, n->name, clang_getCanonicalType(n->type), offset.constant)};
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

/* A vector's lane is no memory of its own: the index must lie below the number of lanes. */
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

Region *contract_pixels(State *s)
{
	if (!s->pixels) {
		s->pixels = region_new(s, "pixels", linear_constant(0));
		s->pixels->trusted = true;
	}
	return s->pixels;
}

Region *contract_object(State *s, const char *name, CXType pointer)
{
	const CXType type = clang_getCanonicalType(clang_getPointeeType(pointer));
	const size_t n = strlen(s->rules->prefix);
	CXString spelling = clang_getCursorSpelling(clang_getTypeDeclaration(type));
	const char *spelled = clang_getCString(spelling);
	const bool own = type.kind == CXType_Record && !strncmp(spelled, s->rules->prefix, n) && spelled[n] == '_';
	clang_disposeString(spelling);
	return s->rules->language == IN_CUDA && (own || type.kind == CXType_ConstantArray) ? region_new(s, name, value_size(type)) : NULL;
}

Value walk_read(State *s, const Ast *n)
{
	if (is_lane(n))
		return lane_value(s, n, ast_bare(ast_child(n, 0)));
	Value p;
	if (thread_index(s, n, &p) || contract_member(s, n, &p))
		return p;
	p = walk_place(s, n);
	if (n->type.kind == CXType_ConstantArray) /* a row: still a place */
		return p;
	if (n->type.kind == CXType_Record) {
		access_prove(s, n, p, value_size(n->type), "a read");
		return p;
	}
	Value v = access_load(s, n, p, n->type);
	if (n->kind == CXCursor_MemberRefExpr && !strcmp(n->name, "pixels") && v.kind == VALUE_POINTER && !v.region)
		v.region = contract_pixels(s); /* of a call that is handed to the device */
	Region *own = n->kind == CXCursor_MemberRefExpr && v.kind == VALUE_POINTER && !v.region ? contract_object(s, n->name, n->type) : NULL;
	if (own)
		v = (Value){.kind = VALUE_POINTER, .region = own};
	return v;
}

/* Writes v to what n names. */
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
