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
static void forget_content(Follow *f, const Ast *parameter, Value v)
{
	if (v.kind == VALUE_POINTER && v.region && !ast_is_const(parameter->type))
		region_forget(f, v.region);
}

/* A parameter that is declared as an array is held to it on both sides: what is passed has so many elements, and the
 * function sees no more. */
static Value bind_array(Follow *f, const Ast *parameter, const Ast *call, Value v)
{
	const Linear size = value_size(parameter->type);
	int64_t offset;
	if (call && v.kind == VALUE_POINTER && v.region && linear_is_constant(&v.x, &offset) && !f->quiet) {
		if (v.region == f->arena_region)
			check_passed(f->rules, call, call, "arena", offset, size.constant);
		else if (v.region == f->weights_region)
			check_passed(f->rules, call, call, "weights", offset, size.constant);
	}
	if (call)
		forget_content(f, parameter, v);
	if (call)
		follow_access(f, call, v, size, arena_printf(f->arena, "the array '%s' that is passed is", parameter->name));
	return (Value){.kind = VALUE_POINTER, .region = region_new(f, parameter->name, size)};
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

static Value bind_parameter(Follow *f, const Ast *p, const Ast *call, const Value *argument, int i, int n)
{
	if (i >= n)
		return value_unknown(f, p->type);
	if (p->type.kind == CXType_Record) { /* a copy */
		Region *r = record_new(f, p->name, p->type, p->parent, ast_is_const(p->type));
		record_copy(f, r, argument[i]);
		return (Value){.kind = VALUE_POINTER, .region = r};
	}
	return p->type.kind == CXType_ConstantArray ? bind_array(f, p, call, argument[i]) : value_convert(f, argument[i], p->type);
}

/* What is not a function's own may have been written. */
static void forget_globals(Follow *f)
{
	for (int i = 0; i < f->nshared; i++)
		if (!f->owner[f->shared[i]] && f->type[f->shared[i]].kind != CXType_Invalid)
			slot_set(f, f->shared[i], value_unknown(f, f->type[f->shared[i]]));
}

/* A function that is not followed reads or writes what it gets pointers to, one of a kind at least. */
static void forget_arguments(Follow *f, const Ast *first, const Value *argument)
{
	for (const Ast *c = first; c; c = c->next, argument++) {
		const CXType to = clang_getPointeeType(c->type);
		if (argument->kind == VALUE_POINTER && argument->region && to.kind != CXType_Invalid && clang_Type_getSizeOf(to) > 0)
			follow_access(f, c, *argument, value_size(to), "what is passed");
		if (argument->kind == VALUE_POINTER && argument->region && !(to.kind != CXType_Invalid && clang_isConstQualifiedType(to)))
			region_forget(f, argument->region);
	}
}

/* The function's variables are gone. */
static void end_variables(Follow *f, const Ast *function, int mark)
{
	int kept = mark;
	for (int i = mark; i < f->nshared; i++) {
		f->is_shared[f->shared[i]] = f->owner[f->shared[i]] != function;
		if (f->is_shared[f->shared[i]])
			f->shared[kept++] = f->shared[i];
	}
	f->nshared = kept;
}

Value follow_call(Follow *f, const Ast *function, const Ast *call, const Value *argument, int n)
{
	Frame frame = {.function = function, .call = call, .caller = f->frame};
	for (const Frame *c = f->frame; c; c = c->caller)
		if (c->function == function)
			return value_unknown(f, clang_getResultType(function->type)); /* recursion is E20's to find */
	int i = 0;
	const int shared = f->nshared;
	scope_enter(f, &frame.leave);
	frame.leave.function = function;
	for (const Ast *p = function->child; p; p = p->next)
		if (p->kind == CXCursor_ParmDecl) {
			Value v = bind_parameter(f, p, call, argument, i, n);
			slot_set(f, slot_of(f, p), v);
			i++;
		}
	const bool apart = call && f->rules->language == IN_CUDA && is_host_part(f->rules, function); /* a root */
	const bool known = apart || (function->number && takes_arrays_only(function) && f->followed[function->number]); /* instances have none */
	f->ncall++;
	if (f->quiet == 0 && !f->followed[function->number])
		f->followed[function->number] = f->ncall;
	if (known) {
		scope_undo(f, &frame.leave);
		if (apart) {
			forget_globals(f);
			forget_arguments(f, call->child->next, argument);
		}
		return value_unknown(f, clang_getResultType(function->type));
	}
	f->frame = &frame;
	Scope all = frame.leave;
	if (body_of(function) && follow_statement(f, body_of(function))) {
		Exit *e = scope_exit(f, &all, (Value){.kind = VALUE_NOTHING});
		e->next = frame.leave.exit;
		frame.leave.exit = e;
	}
	f->frame = frame.caller;
	end_variables(f, function, shared);
	return scope_join(f, &all, frame.leave.exit);
}

/* The definition; of a template the instance. */
static const Ast *callee(Follow *f, const Ast *call)
{
	const Ast *to[CALLS_MOST];
	const CXCursor c = clang_getCursorReferenced(call->cursor);
	if (!clang_Cursor_isNull(clang_getSpecializedCursorTemplate(c)))
		return ast_instance((AstFile *)f->rules->file, c);
	return calls_of(f->rules, call, to) == 1 ? to[0] : NULL;
}

/* C++: objects that are copied or made of others. */
static Value make_record(Follow *f, const Ast *n)
{
	Value v = {.kind = VALUE_OPAQUE};
	for (const Ast *c = n->child; c; c = c->next)
		if (clang_isExpression(c->kind)) {
			Value of = follow_expression(f, c);
			v = c == n->child && !c->next && c->type.kind == CXType_Record ? of : v;
		}
	return v;
}

/* Structures that are assigned: the place, the operator, what goes there. */
static Value assign_record(Follow *f, const Ast *n)
{
	const Ast *from = n->child;
	while (from->next)
		from = from->next;
	Value v = follow_expression(f, from), to = follow_place(f, n->child);
	follow_access(f, n->child, to, value_size(n->child->type), "a write");
	if (record_at(to))
		record_copy(f, to.region, v);
	else if (to.kind == VALUE_POINTER && to.region)
		region_forget(f, to.region);
	return v;
}

Value follow_function(Follow *f, const Ast *n)
{
	const enum CXCursorKind kind = clang_getCursorKind(clang_getCursorReferenced(n->cursor));
	if (kind == CXCursor_Constructor)
		return make_record(f, n);
	if (kind == CXCursor_CXXMethod && !strcmp(n->name, "operator=") && n->child)
		return assign_record(f, n);
	const Ast *first = n->child ? n->child->next : NULL;
	int count = 0;
	for (const Ast *c = first; c; c = c->next)
		count++;
	Value *argument = arena_new_array(f->arena, Value, count + 1);
	count = 0;
	for (const Ast *c = first; c; c = c->next)
		argument[count++] = follow_expression(f, c);
	Value v;
	if (follow_known(f, n, argument, count, &v))
		return v;
	const Ast *to = callee(f, n);
	if (!to || ast_has(to, CXCursor_CUDAGlobalAttr)) { /* a kernel is followed where NAME_launch() has its sizes */
		forget_arguments(f, first, argument);
		return value_unknown(f, n->type);
	}
	v = follow_call(f, to, n, argument, count);
	return v.kind == VALUE_NOTHING ? value_unknown(f, n->type) : value_convert(f, v, n->type);
}
