/* bounds_arguments.c -- arguments of calls.
 *
 * The size of a parameter that is declared as an array is proved at the call and assumed in the function: the argument has that many
 * elements, and the function may use no more. */
#include "check/bounds_arguments.h"
#include "check/bounds_access.h"
#include "check/bounds_records.h"
#include "check/promise.h"

/* The callee may write to the caller's array or variable. */
static void forget_content(State *s, const Ast *parameter, Value v)
{
	if (v.kind == VALUE_POINTER && v.region && !ast_is_const(parameter->type))
		region_forget(s, v.region);
}

static Value bind_array(State *s, const Ast *parameter, const Ast *call, Value v)
{
	const Linear size = value_size(parameter->type);
	int64_t offset;
	if (call && v.kind == VALUE_POINTER && v.region && linear_is_constant(&v.x, &offset) && !s->speculative) {
		if (v.region == s->arena_region)
			check_passed(s->rules, call, call, "arena", offset, size.constant);
		else if (v.region == s->weights_region)
			check_passed(s->rules, call, call, "weights", offset, size.constant);
	}
	if (call)
		forget_content(s, parameter, v);
	if (call)
		access_prove(s, call, v, size, arena_printf(s->arena, "the array '%s' that is passed is", parameter->name));
	return (Value){.kind = VALUE_POINTER, .region = region_new(s, parameter->name, size)};
}

bool arguments_are_arrays(const Ast *function)
{
	int n = 0;
	for (const Ast *p = function->child; p; p = p->next)
		if (p->kind == CXCursor_ParmDecl) {
			if (p->type.kind != CXType_ConstantArray)
				return false;
			n++;
		}
	return n > 0;
}

Value arguments_bind(State *s, const Ast *p, const Ast *call, const Value *argument, int i, int n)
{
	if (i >= n)
		return value_unknown(s, p->type);
	if (p->type.kind == CXType_Record) { /* a copy */
		Region *r = record_new(s, p->name, p->type, p->parent, ast_is_const(p->type));
		record_copy(s, r, argument[i]);
		return (Value){.kind = VALUE_POINTER, .region = r};
	}
	return p->type.kind == CXType_ConstantArray ? bind_array(s, p, call, argument[i]) : value_convert(s, argument[i], p->type);
}

/* Any global may have been written. */
void arguments_forget_globals(State *s)
{
	for (int i = 0; i < s->nshared; i++)
		if (!s->owner[s->shared[i]] && s->type[s->shared[i]].kind != CXType_Invalid)
			slot_set(s, s->shared[i], value_unknown(s, s->type[s->shared[i]]));
}

/* The callee reads or writes at least one object through each pointer. */
void arguments_forget(State *s, const Ast *first, const Value *argument)
{
	for (const Ast *c = first; c; c = c->next, argument++) {
		const CXType to = clang_getPointeeType(c->type);
		if (argument->kind == VALUE_POINTER && argument->region && to.kind != CXType_Invalid && clang_Type_getSizeOf(to) > 0)
			access_prove(s, c, *argument, value_size(to), "what is passed");
		if (argument->kind == VALUE_POINTER && argument->region && !(to.kind != CXType_Invalid && clang_isConstQualifiedType(to)))
			region_forget(s, argument->region);
	}
}
