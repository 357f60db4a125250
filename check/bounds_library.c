/* bounds_library.c -- functions that are known by their names: their text is not walked.
 *
 * The regions are those of one image of a batch, and all rows of a table are one place: functions that move to an image or a row prove
 * the index and return their argument. */
#include "check/bounds_library.h"
#include "check/bounds_access.h"
#include "check/bounds_findings.h"
#include "check/bounds_records.h"
#include "check/calls.h"
#include "check/names.h"

#include <string.h>

typedef struct Known {
	const char *name;
	bool own; /* of CUDA source: the model's name and _ come before it */
	int arguments;
	/* The result; false: such arguments are not known. */
	bool (*apply)(State *s, const Ast *call, const Value *argument, int n, Value *v);
} Known;

/* Arguments: destination, source or byte, size. */
static bool move_bytes(State *s, const Ast *call, const Value *argument, bool fills, Value *v)
{
	Linear size = argument[2].kind == VALUE_INTEGER ? argument[2].x : linear_constant(LINEAR_MOST - 1);
	access_prove(s, call, argument[0], size, fills ? call->name : arena_printf(s->arena, "%s to a place", call->name));
	if (!fills)
		access_prove(s, call, argument[1], size, arena_printf(s->arena, "%s from a place", call->name));
	if (argument[0].kind == VALUE_POINTER && argument[0].region)
		region_forget(s, argument[0].region);
	*v = call->type.kind == CXType_Pointer ? argument[0] : value_unknown(s, call->type); /* a status */
	return true;
}

static bool copy_bytes(State *s, const Ast *call, const Value *argument, int n, Value *v)
{
	(void)n;
	return move_bytes(s, call, argument, false, v);
}

static bool fill_bytes(State *s, const Ast *call, const Value *argument, int n, Value *v)
{
	(void)n;
	return move_bytes(s, call, argument, true, v);
}

/* cudaGetSymbolAddress(&pointer, object) */
static bool find_symbol(State *s, const Ast *call, const Value *argument, int n, Value *v)
{
	(void)n;
	if (argument[0].kind != VALUE_POINTER || !argument[0].region || !argument[0].region->variable)
		return false;
	*v = value_unknown(s, call->type);
	slot_set(s, argument[0].region->variable, argument[1]);
	return true;
}

static bool give_memory(State *s, const Ast *call, const Value *argument, int n, Value *v)
{
	int64_t items, size;
	(void)call, (void)n;
	if (argument[0].kind != VALUE_INTEGER || argument[1].kind != VALUE_INTEGER || !linear_is_constant(&argument[0].x, &items) ||
	    !linear_is_constant(&argument[1].x, &size))
		return false;
	*v = (Value){.kind = VALUE_POINTER, .region = region_new(s, "calloc()", linear_constant(linear_product(items, size)))};
	return true;
}

static void hold_image(State *s, const Ast *call, Value image)
{
	int64_t images = 1;
	ast_macro(s->rules->file, arena_printf(s->arena, "%s_BATCH", s->rules->upper), &images);
	Linear last = linear_add(&s->k, linear_constant(images - 1), image.x, -1);
	if (!linear_not_negative(&s->k, image.x) || !linear_not_negative(&s->k, last))
		bounds_find(s, call, "the image is not proved to be one of %lld", (long long)images);
}

/* NAME_at_image(p, image) */
static bool find_image(State *s, const Ast *call, const Value *argument, int n, Value *v)
{
	(void)n;
	if (argument[1].kind == VALUE_INTEGER)
		hold_image(s, call, argument[1]);
	*v = argument[1].kind == VALUE_INTEGER ? argument[0] : (Value){.kind = VALUE_POINTER};
	return true;
}

/* NAME_image_chunks(image): the distance to the image, which is 0 here. */
static bool find_chunks(State *s, const Ast *call, const Value *argument, int n, Value *v)
{
	const Value both[] = {value_integer(linear_constant(0)), argument[0]};
	return find_image(s, call, both, n, v);
}

/* NAME_row(p, i, n, ...): row i of n; all rows are one place too. */
static bool find_row(State *s, const Ast *call, const Value *argument, int n, Value *v)
{
	(void)n;
	*v = (Value){.kind = VALUE_POINTER};
	if (argument[1].kind != VALUE_INTEGER || argument[2].kind != VALUE_INTEGER)
		return true;
	Linear left = linear_add(&s->k, linear_add(&s->k, argument[2].x, argument[1].x, -1), linear_constant(1), -1);
	if (!linear_not_negative(&s->k, argument[1].x) || !linear_not_negative(&s->k, left))
		bounds_find(s, call, "the row is not proved to be one of those that there are");
	*v = argument[0];
	return true;
}

/* NAME_at(p, offset), in bytes */
static bool find_place(State *s, const Ast *call, const Value *argument, int n, Value *v)
{
	(void)call, (void)n;
	if (argument[0].kind != VALUE_POINTER || argument[1].kind != VALUE_INTEGER)
		return false;
	*v = argument[0];
	v->x = linear_add(&s->k, v->x, argument[1].x, 1);
	return true;
}

static const Known known[] = {
    {"memcpy", false, 3, copy_bytes},
    {"memset", false, 3, fill_bytes},
    {"calloc", false, 2, give_memory},
    {"cudaMemcpyAsync", false, 5, copy_bytes},
    {"cudaMemsetAsync", false, 4, fill_bytes},
    {"cudaGetSymbolAddress", false, 2, find_symbol},
    {"at_image", true, 2, find_image},
    {"image_chunks", true, 1, find_chunks},
    {"row", true, 4, find_row},
    {"at", true, 2, find_place},
};

bool library_call(State *s, const Ast *call, const Value *argument, int n, Value *v)
{
	const char *own = s->rules->language == IN_CUDA ? calls_name(call) : "";
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		const Known *k = &known[i];
		if (k->arguments != n)
			continue;
		if (k->own ? name_is(s->rules, own, k->name) : !strcmp(call->name, k->name))
			return k->apply(s, call, argument, n, v);
	}
	return false;
}
