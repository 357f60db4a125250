/* bounds_contracts.c -- sizes that the header and the functions NAME_load() and NAME_open() guarantee. */
#include "check/bounds_contracts.h"
#include "check/bounds_access.h"

#include <string.h>

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

/* NAME_load() has seen to their size. */
Region *contract_weights(State *s)
{
	int64_t bytes;
	if (!s->weights_region && ast_macro(s->rules->file, arena_printf(s->arena, "%s_WEIGHTS_SIZE", s->rules->upper), &bytes))
		s->weights_region = region_new(s, "weights", linear_constant(bytes));
	return s->weights_region;
}

/* ---- invariants of contexts and queues ---- */

typedef struct Opened { /* memory that a member points at from NAME_open() on */
	const char *member, *macro;
	int64_t bytes; /* of one unit that the macro counts */
	bool inside;   /* part of other memory: the size is proved where the pointer is written */
} Opened;

static const Opened opened_places[] = {
    {"memory", "ARENA_SIZE", 1, false}, {"pinned", "PINNED_SIZE", 1, false}, {"tickets", "TICKETS", 4, true}};
enum { OPENED = sizeof opened_places / sizeof *opened_places };

/* *bytes: the size of the memory that a member of this name points at. Null: it is no such member. */
static const Opened *opened_place(State *s, const char *member, int64_t *bytes)
{
	for (const Opened *o = opened_places; o < opened_places + OPENED; o++)
		if (!strcmp(member, o->member) &&
		    ast_macro(s->rules->file, arena_printf(s->arena, "%s_%s", s->rules->upper, o->macro), bytes)) {
			*bytes *= o->bytes;
			return o;
		}
	return NULL;
}

Region *contract_member(State *s, const Ast *n)
{
	int64_t bytes;
	if (n->kind != CXCursor_MemberRefExpr || n->type.kind != CXType_Pointer)
		return NULL;
	if (!strcmp(n->name, "weights") && contract_weights(s))
		return contract_weights(s);
	return s->rules->language == IN_CUDA && opened_place(s, n->name, &bytes) ? region_new(s, n->name, linear_constant(bytes)) : NULL;
}

void check_invariant(State *s, const Ast *at, const char *member, Value v)
{
	int64_t bytes;
	const Opened *o = s->rules->language == IN_CUDA ? opened_place(s, member, &bytes) : NULL;
	if (o && o->inside)
		access_prove(s, at, v, linear_constant(bytes), arena_printf(s->arena, "what '%s' leads to", member));
}

/* ---- preconditions on arguments ---- */

/* The number of elements of in0, out1 or input, from the macro NAME_INPUT_0_SIZE, NAME_OUTPUT_1_SIZE or NAME_INPUT_SIZE; -1: there
 * is no such macro. */
static int64_t macro_elements(const State *s, const char *parameter)
{
	int64_t n;
	const char *kind = !strncmp(parameter, "out", 3) ? "OUTPUT" : "INPUT";
	const char *digits = parameter + strcspn(parameter, "0123456789");
	const char *name = arena_printf(s->arena, "%s_%s%s%s_SIZE", s->rules->upper, kind, *digits ? "_" : "", digits);
	return ast_macro(s->rules->file, name, &n) ? n : -1;
}

static const Ast *parameter(const Ast *function, const char *name)
{
	for (const Ast *p = function->child; p; p = p->next)
		if (p->kind == CXCursor_ParmDecl && !strcmp(p->name, name))
			return p;
	return NULL;
}

/* The header says: pixels have the size that the caller knows; out has max elements, or n rows; images and counts have n; weights
 * has size bytes; the arena, inputs and outputs have the sizes of the header's macros. */
Region *contract_argument(State *s, const Ast *function, const Ast *p)
{
	const CXType element = clang_getCanonicalType(clang_getPointeeType(p->type));
	const long long size = clang_Type_getSizeOf(element);
	const Ast *max = parameter(function, "max"), *bytes = parameter(function, "size"), *count = parameter(function, "n");
	int64_t n;
	if (!strcmp(p->name, "pixels"))
		return contract_pixels(s);
	if (!strcmp(p->name, "out") && max && ast_is_integer(max->type))
		return region_new(s, p->name, linear_scale(&s->k, s->value[slot_of(s, max)].x, size > 0 ? size : 1));
	if (!strcmp(p->name, "images") || !strcmp(p->name, "counts") || (!strcmp(p->name, "out") && count)) /* n of them */
		return count && ast_is_integer(count->type)
		           ? region_new(s, p->name, linear_scale(&s->k, s->value[slot_of(s, count)].x, size > 0 ? size : 1))
		           : NULL;
	if (!strcmp(p->name, "weights") && bytes && ast_is_integer(bytes->type))
		return region_new(s, p->name, s->value[slot_of(s, bytes)].x);
	if (!strcmp(p->name, "arena") && ast_macro(s->rules->file, arena_printf(s->arena, "%s_ARENA_SIZE", s->rules->upper), &n))
		return s->arena_region = region_new(s, p->name, linear_constant(n));
	n = macro_elements(s, p->name);
	if (n < 0)
		return contract_object(s, p->name, p->type);
	return region_new(s, p->name, linear_constant(n * (size > 0 ? size : 1)));
}
