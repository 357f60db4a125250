/* bounds_memory.c -- objects, places in them, what is read and written there: and the proof that it is there. */
#include "check/bounds.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void follow_find(Follow *f, const Ast *at, const char *format, ...)
{
	char text[400];
	va_list args;
	if (f->quiet)
		return;
	for (int i = 0; i < f->rules->result->n; i++) { /* one finding a place, however often it is passed */
		const Finding *known = &f->rules->result->finding[i];
		if (known->loc.line == at->line && known->loc.col == at->col && !strcmp(known->rule, f->rules->rule))
			return;
	}
	va_start(args, format);
	size_t n = (size_t)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	const char *word = "called at line";
	for (const Frame *c = f->frame; c && c->call && n < sizeof text; c = c->caller, word = ",")
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s %d", *word == ',' ? "" : "; ", word, c->call->line);
	rules_find(f->rules, at, "%s", text);
}

/* ---- reads and writes ---- */

static void bound_text(char *s, size_t n, int64_t v)
{
	if (v >= LINEAR_MOST || v <= -LINEAR_MOST)
		snprintf(s, n, "anywhere");
	else
		snprintf(s, n, "%lld", (long long)v);
}

void follow_access(Follow *f, const Ast *at, Value p, Linear size, const char *what)
{
	char low[32], high[32], most[32];
	if (f->quiet || (p.region && p.region->trusted))
		return;
	if (p.kind != VALUE_POINTER || !p.region) {
		follow_find(f, at, "%s through a pointer whose object is not known", what);
		return;
	}
	Linear end = linear_add(&f->k, p.region->size, linear_add(&f->k, p.x, size, 1), -1);
	if (linear_not_negative(&f->k, p.x) && linear_not_negative(&f->k, end))
		return;
	bound_text(low, sizeof low, linear_low(&f->k, p.x));
	bound_text(high, sizeof high, linear_high(&f->k, linear_add(&f->k, p.x, size, 1)));
	bound_text(most, sizeof most, linear_low(&f->k, p.region->size));
	follow_find(f, at, "%s not proved to stay in '%s': bytes %s to %s of %s", what, p.region->name, low, high, most);
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

static Value load(Follow *f, const Ast *at, Value p, CXType type)
{
	follow_access(f, at, p, value_size(type), "a read");
	const Region *r = p.kind == VALUE_POINTER ? p.region : NULL;
	const int element = r && r->nelement ? element_slot(r, &p, type) : 0;
	if (element)
		return value_convert(f, f->value[element], type);
	if (r && r->variable && p.x.n == 0 && p.x.constant == 0)
		return value_convert(f, f->value[r->variable], type);
	if (!r || !r->content || f->value[r->content].kind == VALUE_NOTHING)
		return value_unknown(f, type);
	Value v = f->value[r->content]; /* of any element: a number of its own within the same bounds */
	if (v.kind == VALUE_OPAQUE)
		return value_unknown(f, type);
	v.x = linear_symbol(&f->k, linear_low(&f->k, v.x), linear_high(&f->k, v.x));
	v.when = NULL;
	return value_convert(f, v, type);
}

/* Element joins element: as bounds that do not hang on anything. */
static void store_content(Follow *f, int slot, Value v)
{
	Value old = f->value[slot];
	if (v.kind == VALUE_INTEGER || v.kind == VALUE_POINTER) {
		int64_t low = linear_low(&f->k, v.x), high = linear_high(&f->k, v.x);
		if (old.kind == v.kind) {
			int64_t l = linear_low(&f->k, old.x), h = linear_high(&f->k, old.x);
			if (l <= low && h >= high && old.region == v.region)
				return;
			low = l < low ? l : low;
			high = h > high ? h : high;
		} else if (old.kind != VALUE_NOTHING) {
			v.kind = VALUE_OPAQUE;
		}
		v.region = old.kind == VALUE_NOTHING || old.region == v.region ? v.region : NULL;
		v.x = linear_symbol(&f->k, low, high);
		v.when = NULL;
	}
	slot_set(f, slot, v);
}

static void store(Follow *f, const Ast *at, Value p, CXType type, Value v)
{
	follow_access(f, at, p, value_size(type), "a write");
	Region *r = p.kind == VALUE_POINTER ? p.region : NULL;
	const int element = r && r->nelement ? element_slot(r, &p, type) : 0;
	if (element)
		slot_set(f, element, v);
	else if (type.kind == CXType_Record && record_at(p))
		record_copy(f, r, v);
	else if (r && (r->is_record || r->nelement))
		region_forget(f, r);
	else if (r && r->variable)
		slot_set(f, r->variable, p.x.n == 0 && p.x.constant == 0 ? v : value_unknown(f, type));
	else if (r && r->content)
		store_content(f, r->content, v);
}

/* ---- objects ---- */

/* What any number of a constant table may be. */
static void initial_content(Follow *f, int slot, const Ast *init)
{
	if (init->kind == CXCursor_InitListExpr) {
		long long rest = clang_getArraySize(init->type);
		for (const Ast *c = init->child; c; c = c->next, rest--)
			initial_content(f, slot, c);
		if (rest > 0)
			store_content(f, slot, value_integer(linear_constant(0)));
		return;
	}
	store_content(f, slot, follow_expression(f, init));
}

static bool holds_numbers(CXType t)
{
	while (t.kind == CXType_ConstantArray)
		t = clang_getCanonicalType(clang_getArrayElementType(t));
	return ast_is_integer(t) || t.kind == CXType_Pointer;
}

static void make_record(Follow *f, const Ast *v)
{
	Region *r = record_new(f, v->name, v->type, v->function, ast_is_const(v->type));
	r->unset = !v->init;
	slot_set(f, slot_of(f, v), (Value){.kind = VALUE_POINTER, .region = r});
	if (v->init)
		record_copy(f, r, follow_expression(f, v->init));
}

/* An array or a structure: its region is made when it is met; a local one anew each time. */
static void make_object(Follow *f, const Ast *v)
{
	const bool local = v->function && clang_Cursor_getStorageClass(v->cursor) != CX_SC_Static;
	const int mark = f->nundo;
	const bool shared = ast_has(v, CXCursor_CUDASharedAttr), dynamic = shared && v->type.kind == CXType_IncompleteArray;
	if (local && !shared && v->type.kind == CXType_Record) {
		make_record(f, v);
		return;
	}
	Region *r = region_new(f, v->name, dynamic ? f->dynamic : value_size(v->type));
	const bool constant = v->init && ast_is_const(v->type);
	if (v->type.kind == CXType_ConstantArray && holds_numbers(v->type) && (constant || (local && !shared))) {
		r->content = slot_content(f, constant);
		if (v->init && v->init->kind == CXCursor_InitListExpr)
			initial_content(f, r->content, v->init);
	} else if (local && v->init) {
		follow_expression(f, v->init); /* what it reads */
	}
	slot_set(f, slot_of(f, v), (Value){.kind = VALUE_POINTER, .region = r});
	if (!local)
		f->nundo = mark; /* it is there whichever way led here */
}

static bool is_object(const Ast *v)
{
	return v->type.kind == CXType_ConstantArray || v->type.kind == CXType_IncompleteArray || v->type.kind == CXType_Record;
}

void follow_initialize(Follow *f, const Ast *v)
{
	if (is_object(v)) {
		make_object(f, v);
		return;
	}
	if (v->init && clang_Cursor_getStorageClass(v->cursor) != CX_SC_Static)
		slot_set(f, slot_of(f, v), value_convert(f, follow_expression(f, v->init), v->type));
	else
		slot_set(f, slot_of(f, v), v->init ? value_unknown(f, v->type) : (Value){.kind = VALUE_NOTHING});
}

/* Weights that NAME_load() took in: it saw to their size. Null: there are none. */
static Region *loaded_weights(Follow *f)
{
	int64_t bytes;
	if (!f->weights_region && ast_macro(f->rules->file, arena_printf(f->arena, "%s_WEIGHTS_SIZE", f->rules->upper), &bytes))
		f->weights_region = region_new(f, "weights", linear_constant(bytes));
	return f->weights_region;
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
static const Opened *opened_place(Follow *f, const char *member, int64_t *bytes)
{
	for (const Opened *o = opened_places; o < opened_places + OPENED; o++)
		if (!strcmp(member, o->member) && ast_macro(f->rules->file, arena_printf(f->arena, "%s_%s", f->rules->upper, o->macro), bytes)) {
			*bytes *= o->bytes;
			return o;
		}
	return NULL;
}

/* NAME_load() and NAME_open() saw to the size of what the member leads to. False: it is not such a pointer. */
static bool opened(Follow *f, const Ast *n, Value *v)
{
	int64_t bytes;
	if (n->kind != CXCursor_MemberRefExpr || n->type.kind != CXType_Pointer)
		return false;
	if (!strcmp(n->name, "weights") && loaded_weights(f)) {
		*v = (Value){.kind = VALUE_POINTER, .region = loaded_weights(f)};
		return true;
	}
	if (f->rules->language != IN_CUDA)
		return false;
	if (!opened_place(f, n->name, &bytes))
		return false;
	*v = (Value){.kind = VALUE_POINTER, .region = region_new(f, n->name, linear_constant(bytes))};
	return true;
}

void follow_kept(Follow *f, const Ast *at, const char *member, Value v)
{
	int64_t bytes;
	const Opened *o = f->rules->language == IN_CUDA ? opened_place(f, member, &bytes) : NULL;
	if (o && o->inside)
		follow_access(f, at, v, linear_constant(bytes), arena_printf(f->arena, "what '%s' leads to", member));
}

/* A variable of the file, met for the first time in this root. */
static void make_global(Follow *f, const Ast *v)
{
	if (is_object(v)) {
		make_object(f, v);
		if (rules_is_named(f->rules, v->name, "weights"))
			f->weights_region = f->value[slot_of(f, v)].region;
		return;
	}
	Value any = value_unknown(f, v->type);
	if (any.kind == VALUE_POINTER && rules_is_named(f->rules, v->name, "weights") && loaded_weights(f))
		any = (Value){.kind = VALUE_POINTER, .region = loaded_weights(f)};
	slot_set(f, slot_of(f, v), any);
	slot_share(f, slot_of(f, v)); /* any function may write it */
}

Value follow_variable(Follow *f, const Ast *v)
{
	if (!is_object(v) && ast_has(v, CXCursor_CUDASharedAttr)) /* other threads write it too */
		return value_unknown(f, v->type);
	int slot = slot_of(f, v);
	const bool outside = !v->function || clang_Cursor_getStorageClass(v->cursor) == CX_SC_Static;
	if (f->value[slot].kind == VALUE_NOTHING && outside)
		make_global(f, v);
	if (f->value[slot].kind == VALUE_NOTHING)
		return value_unknown(f, v->type);
	return f->value[slot];
}

/* ---- places: what & gives ---- */

static Value variable_place(Follow *f, const Ast *v)
{
	if (is_object(v) || v->type.kind == CXType_LValueReference)
		return follow_variable(f, v);
	Region *r = region_new(f, v->name, value_size(v->type));
	r->variable = slot_of(f, v);
	r->type = v->type;
	slot_share(f, r->variable);
	return (Value){.kind = VALUE_POINTER, .region = r};
}

static Value subscript_place(Follow *f, const Ast *n)
{
	Value base = follow_expression(f, ast_child(n, 0)), index = follow_expression(f, ast_child(n, 1));
	return value_move(f, base, index, n->type, 1);
}

/* The array at offset in a structure: nothing is added to the structure's own place. */
static Region *member_region(Follow *f, Region *of, const Ast *n, int64_t offset)
{
	Region *r = of->member;
	const Linear size = value_size(n->type);
	while (r && (r->offset != offset || !linear_equal(&r->size, &size))) /* a union has several */
		r = r->next;
	if (!r) {
		r = region_new(f, n->name, size);
		r->offset = offset;
		r->next = of->member;
		of->member = r;
		if (!strcmp(n->name, "arena"))
			f->arena_region = r;
	}
	return r;
}

static Value member_place(Follow *f, const Ast *n)
{
	const Ast *of = n->child;
	Value base = of ? of->type.kind == CXType_Pointer ? follow_expression(f, of) : follow_place(f, of) : (Value){.kind = VALUE_OPAQUE};
	const long long bits = clang_Cursor_getOffsetOfField(clang_getCursorReferenced(n->cursor));
	const Linear offset = linear_constant(bits > 0 ? bits / 8 : 0);
	if (base.kind != VALUE_POINTER)
		return base;
	if (record_at(base))
		return (Value){.kind = VALUE_POINTER, .region = record_member(f, base.region, n->name, clang_getCanonicalType(n->type), offset.constant)};
	if (n->type.kind == CXType_ConstantArray && base.region && base.x.n == 0)
		return (Value){.kind = VALUE_POINTER, .region = member_region(f, base.region, n, base.x.constant + offset.constant)};
	base.x = linear_add(&f->k, base.x, offset, 1);
	return base;
}

Value follow_place(Follow *f, const Ast *n)
{
	n = ast_bare(n);
	if (n->kind == CXCursor_DeclRefExpr && n->refers)
		return variable_place(f, n->refers);
	if (n->kind == CXCursor_ArraySubscriptExpr)
		return subscript_place(f, n);
	if (n->kind == CXCursor_MemberRefExpr)
		return member_place(f, n);
	if (n->kind == CXCursor_UnaryOperator && n->op.unary == CXUnaryOperator_Deref)
		return follow_expression(f, n->child);
	for (const Ast *c = n->child; c; c = c->next)
		follow_expression(f, c);
	return (Value){.kind = VALUE_OPAQUE};
}

/* A vector's lane is no memory of its own: the index must lie below the number of lanes. */
static Value lane_value(Follow *f, const Ast *n, const Ast *vector)
{
	Value index = follow_expression(f, ast_child(n, 1));
	Region *r = region_new(f, "the vector", value_size(vector->type));
	follow_expression(f, vector);
	follow_access(f, n, value_move(f, (Value){.kind = VALUE_POINTER, .region = r}, index, n->type, 1), value_size(n->type), "a lane");
	return value_unknown(f, n->type);
}

static bool is_lane(const Ast *n)
{
	return n->kind == CXCursor_ArraySubscriptExpr && ast_bare(ast_child(n, 0))->type.kind == CXType_Vector;
}

Region *callers_pixels(Follow *f)
{
	if (!f->pixels) {
		f->pixels = region_new(f, "pixels", linear_constant(0));
		f->pixels->trusted = true;
	}
	return f->pixels;
}

Region *own_object(Follow *f, const char *name, CXType pointer)
{
	const CXType type = clang_getCanonicalType(clang_getPointeeType(pointer));
	const size_t n = strlen(f->rules->prefix);
	CXString s = clang_getCursorSpelling(clang_getTypeDeclaration(type));
	const char *spelled = clang_getCString(s);
	const bool own = type.kind == CXType_Record && !strncmp(spelled, f->rules->prefix, n) && spelled[n] == '_';
	clang_disposeString(s);
	return f->rules->language == IN_CUDA && (own || type.kind == CXType_ConstantArray) ? region_new(f, name, value_size(type)) : NULL;
}

Value follow_read(Follow *f, const Ast *n)
{
	if (is_lane(n))
		return lane_value(f, n, ast_bare(ast_child(n, 0)));
	Value p;
	if (follow_index(f, n, &p) || opened(f, n, &p))
		return p;
	p = follow_place(f, n);
	if (n->type.kind == CXType_ConstantArray) /* a row: still a place */
		return p;
	if (n->type.kind == CXType_Record) {
		follow_access(f, n, p, value_size(n->type), "a read");
		return p;
	}
	Value v = load(f, n, p, n->type);
	if (n->kind == CXCursor_MemberRefExpr && !strcmp(n->name, "pixels") && v.kind == VALUE_POINTER && !v.region)
		v.region = callers_pixels(f); /* of a call that is handed to the device */
	Region *own = n->kind == CXCursor_MemberRefExpr && v.kind == VALUE_POINTER && !v.region ? own_object(f, n->name, n->type) : NULL;
	if (own)
		v = (Value){.kind = VALUE_POINTER, .region = own};
	return v;
}

/* Writes v to what n names. */
void follow_assign(Follow *f, const Ast *n, Value v)
{
	n = ast_bare(n);
	v = value_convert(f, v, n->type);
	if (n->kind == CXCursor_DeclRefExpr && n->refers && !is_object(n->refers) && n->refers->type.kind != CXType_LValueReference)
		slot_set(f, slot_of(f, n->refers), v);
	else if (is_lane(n))
		lane_value(f, n, ast_bare(ast_child(n, 0)));
	else
		store(f, n, follow_place(f, n), n->type, v);
	if (n->kind == CXCursor_MemberRefExpr && n->type.kind == CXType_Pointer)
		follow_kept(f, n, n->name, v);
}
