/* bounds_calls.c -- functions, followed with what they are given. */
#include "check/bounds.h"
#include "check/calls.h"
#include "check/promise.h"

#include <string.h>

static const Ast *body_of(const Ast *function)
{
	const Ast *c = function->child;
	while (c && c->kind != CXCursor_CompoundStmt)
		c = c->next;
	return c;
}

/* What a function may write to an array or a variable of its caller's. */
static void forget_content(State *s, const Ast *parameter, Value v)
{
	if (v.kind == VALUE_POINTER && v.region && !ast_is_const(parameter->type))
		region_forget(s, v.region);
}

/* A parameter that is declared as an array is held to it on both sides: what is passed has so many elements, and the
 * function sees no more. */
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

/* Nothing but arrays go in: what holds of one call holds of all. */
static bool takes_arrays_only(const Ast *function)
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

static Value bind_parameter(State *s, const Ast *p, const Ast *call, const Value *argument, int i, int n)
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

/* What is not a function's own may have been written. */
static void forget_globals(State *s)
{
	for (int i = 0; i < s->nshared; i++)
		if (!s->owner[s->shared[i]] && s->type[s->shared[i]].kind != CXType_Invalid)
			slot_set(s, s->shared[i], value_unknown(s, s->type[s->shared[i]]));
}

/* A function that is not followed reads or writes what it gets pointers to, one of a kind at least. */
static void forget_arguments(State *s, const Ast *first, const Value *argument)
{
	for (const Ast *c = first; c; c = c->next, argument++) {
		const CXType to = clang_getPointeeType(c->type);
		if (argument->kind == VALUE_POINTER && argument->region && to.kind != CXType_Invalid && clang_Type_getSizeOf(to) > 0)
			access_prove(s, c, *argument, value_size(to), "what is passed");
		if (argument->kind == VALUE_POINTER && argument->region && !(to.kind != CXType_Invalid && clang_isConstQualifiedType(to)))
			region_forget(s, argument->region);
	}
}

/* The function's variables are gone. */
static void end_variables(State *s, const Ast *function, int mark)
{
	int kept = mark;
	for (int i = mark; i < s->nshared; i++) {
		s->is_shared[s->shared[i]] = s->owner[s->shared[i]] != function;
		if (s->is_shared[s->shared[i]])
			s->shared[kept++] = s->shared[i];
	}
	s->nshared = kept;
}

Value walk_function(State *s, const Ast *function, const Ast *call, const Value *argument, int n)
{
	Frame frame = {.function = function, .call = call, .caller = s->frame};
	for (const Frame *c = s->frame; c; c = c->caller)
		if (c->function == function)
			return value_unknown(s, clang_getResultType(function->type)); /* recursion is E20's to find */
	int i = 0;
	const int shared = s->nshared;
	scope_enter(s, &frame.leave);
	frame.leave.function = function;
	for (const Ast *p = function->child; p; p = p->next)
		if (p->kind == CXCursor_ParmDecl) {
			Value v = bind_parameter(s, p, call, argument, i, n);
			slot_set(s, slot_of(s, p), v);
			i++;
		}
	const bool apart = call && s->rules->language == IN_CUDA && entry_is_wrapper(s->rules, function); /* a root */
	const bool known = apart || (function->number && takes_arrays_only(function) && s->visited[function->number]); /* instances have none */
	s->ncall++;
	if (s->speculative == 0 && !s->visited[function->number])
		s->visited[function->number] = s->ncall;
	if (known) {
		scope_undo(s, &frame.leave);
		if (apart) {
			forget_globals(s);
			forget_arguments(s, call->child->next, argument);
		}
		return value_unknown(s, clang_getResultType(function->type));
	}
	s->frame = &frame;
	Scope all = frame.leave;
	if (body_of(function) && walk_statement(s, body_of(function))) {
		ExitState *e = scope_exit(s, &all, (Value){.kind = VALUE_NOTHING});
		e->next = frame.leave.exit;
		frame.leave.exit = e;
	}
	s->frame = frame.caller;
	end_variables(s, function, shared);
	return join_states(s, &all, frame.leave.exit);
}

/* The definition; of a template the instance. */
static const Ast *callee(State *s, const Ast *call)
{
	const Ast *to[CALLS_MOST];
	const CXCursor c = clang_getCursorReferenced(call->cursor);
	if (!clang_Cursor_isNull(clang_getSpecializedCursorTemplate(c)))
		return ast_instance((AstFile *)s->rules->file, c);
	return calls_of(s->rules, call, to) == 1 ? to[0] : NULL;
}

/* C++: objects that are copied or made of others. */
static Value make_record(State *s, const Ast *n)
{
	Value v = {.kind = VALUE_OPAQUE};
	for (const Ast *c = n->child; c; c = c->next)
		if (clang_isExpression(c->kind)) {
			Value of = walk_expression(s, c);
			v = c == n->child && !c->next && c->type.kind == CXType_Record ? of : v;
		}
	return v;
}

/* Structures that are assigned: the place, the operator, what goes there. */
static Value assign_record(State *s, const Ast *n)
{
	const Ast *from = n->child;
	while (from->next)
		from = from->next;
	Value v = walk_expression(s, from), to = walk_place(s, n->child);
	access_prove(s, n->child, to, value_size(n->child->type), "a write");
	if (record_at(to))
		record_copy(s, to.region, v);
	else if (to.kind == VALUE_POINTER && to.region)
		region_forget(s, to.region);
	return v;
}

Value walk_call(State *s, const Ast *n)
{
	const enum CXCursorKind kind = clang_getCursorKind(clang_getCursorReferenced(n->cursor));
	if (kind == CXCursor_Constructor)
		return make_record(s, n);
	if (kind == CXCursor_CXXMethod && !strcmp(n->name, "operator=") && n->child)
		return assign_record(s, n);
	const Ast *first = n->child ? n->child->next : NULL;
	int count = 0;
	for (const Ast *c = first; c; c = c->next)
		count++;
	Value *argument = arena_new_array(s->arena, Value, count + 1);
	count = 0;
	for (const Ast *c = first; c; c = c->next)
		argument[count++] = walk_expression(s, c);
	Value v;
	if (library_call(s, n, argument, count, &v))
		return v;
	const Ast *to = callee(s, n);
	if (!to || ast_has(to, CXCursor_CUDAGlobalAttr)) { /* a kernel is followed where NAME_launch() has its sizes */
		forget_arguments(s, first, argument);
		return value_unknown(s, n->type);
	}
	v = walk_function(s, to, n, argument, count);
	return v.kind == VALUE_NOTHING ? value_unknown(s, n->type) : value_convert(s, v, n->type);
}
