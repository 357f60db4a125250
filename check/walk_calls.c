/* walk_calls.c -- calls of functions, and launches of kernels.
 *
 * A function is walked at each call with the values of the arguments, but a host wrapper only as an entry point: its own arrays say
 * how large its arguments are. A kernel is walked at its launch, once for all threads. */
#include "check/walk.h"
#include "check/bounds_access.h"
#include "check/bounds_arguments.h"
#include "check/bounds_entry_points.h"
#include "check/bounds_findings.h"
#include "check/bounds_join.h"
#include "check/bounds_library.h"
#include "check/bounds_records.h"
#include "check/bounds_threads.h"
#include "check/calls.h"
#include "check/cuda_launches.h"
#include "check/names.h"

#include <string.h>

enum { LAUNCH_ARGUMENTS = 16, APART = 16 }; /* APART: blocks in y, at most */

static const Ast *body_of(const Ast *function)
{
	const Ast *c = function->child;
	while (c && c->kind != CXCursor_CompoundStmt)
		c = c->next;
	return c;
}

Value walk_function(State *s, const Ast *function, const Ast *call, const Value *argument, int n)
{
	Frame frame = {.function = function, .call = call, .caller = s->frame};
	for (const Frame *c = s->frame; c; c = c->caller)
		if (c->function == function)
			return value_unknown(s, clang_getResultType(function->type)); /* E20 finds recursion */
	int i = 0;
	const int shared = s->nshared;
	scope_enter(s, &frame.leave);
	frame.leave.function = function;
	for (const Ast *p = function->child; p; p = p->next)
		if (p->kind == CXCursor_ParmDecl) {
			Value v = arguments_bind(s, p, call, argument, i, n);
			slot_set(s, slot_of(s, p), v);
			i++;
		}
	const bool apart = call && s->rules->language == IN_CUDA && entry_point_is_wrapper(s->rules, function); /* an entry point */
	const bool has_number = function->number != 0; /* an instance of a template has none */
	const bool known = apart || (has_number && arguments_are_arrays(function) && s->visited[function->number]);
	s->ncall++;
	if (s->speculative == 0 && !s->visited[function->number])
		s->visited[function->number] = s->ncall;
	if (known) {
		scope_undo(s, &frame.leave);
		if (apart) {
			arguments_forget_globals(s);
			arguments_forget(s, call->child->next, argument);
		}
		return value_unknown(s, clang_getResultType(function->type));
	}
	s->frame = &frame;
	Scope all = frame.leave;
	if (body_of(function) && walk_statement(s, body_of(function)))
		scope_leave(s, &frame.leave, (Value){.kind = VALUE_NOTHING});
	s->frame = frame.caller;
	slot_end_shared(s, function, shared);
	return join_states(s, &all, frame.leave.exit);
}

/* The definition; of a template its instance. Null: it is not in the file. */
static const Ast *callee(State *s, const Ast *call)
{
	const Ast *to[CALLS_MOST];
	const CXCursor c = clang_getCursorReferenced(call->cursor);
	if (!clang_Cursor_isNull(clang_getSpecializedCursorTemplate(c)))
		return ast_instance((AstFile *)s->rules->file, c);
	return calls_of(s->rules, call, to) == 1 ? to[0] : NULL;
}

/* C++: an object that is copied or made of others. */
static Value walk_constructor(State *s, const Ast *n)
{
	Value v = {.kind = VALUE_OPAQUE};
	for (const Ast *c = n->child; c; c = c->next)
		if (clang_isExpression(c->kind)) {
			Value of = walk_expression(s, c);
			v = c == n->child && !c->next && c->type.kind == CXType_Record ? of : v;
		}
	return v;
}

/* C++: an assignment of structures. Its operands are the place, the operator, the value. */
static Value walk_record_assignment(State *s, const Ast *n)
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

/* NAME_launch(queue, kernel, grid, threads, shared, arguments...) */
static void walk_launch(State *s, const Ast *call)
{
	int64_t grid[3], block[3];
	const Ast *kernel = launch_sizes(s->rules, call, grid, block);
	if (!kernel) {
		bounds_find(s, call, "a launch whose kernel or sizes are not known");
		return;
	}
	s->launched[kernel->number] = true; /* an instance of a template has number 0 */
	thread_set_launch(s, grid, block);
	Value argument[LAUNCH_ARGUMENTS];
	int n = 0;
	s->dynamic = walk_expression(s, ast_child(call, 5)).x;
	for (const Ast *c = ast_child(call, 6); c && n < LAUNCH_ARGUMENTS; c = c->next)
		argument[n++] = walk_expression(s, c);
	const bool apart = grid[1] <= APART; /* y is a phase or an image: each is walked apart */
	for (int64_t y = 0; y < (apart ? grid[1] : 1); y++) {
		if (apart)
			s->launch[LAUNCH_BLOCK][1] = linear_constant(y);
		walk_function(s, kernel, call, argument, n);
	}
}

Value walk_call(State *s, const Ast *n)
{
	const enum CXCursorKind kind = clang_getCursorKind(clang_getCursorReferenced(n->cursor));
	if (kind == CXCursor_Constructor)
		return walk_constructor(s, n);
	if (kind == CXCursor_CXXMethod && !strcmp(n->name, "operator=") && n->child)
		return walk_record_assignment(s, n);
	const Ast *first = n->child ? n->child->next : NULL;
	int count = 0;
	for (const Ast *c = first; c; c = c->next)
		count++;
	Value *argument = arena_new_array(s->arena, Value, count + 1);
	count = 0;
	for (const Ast *c = first; c; c = c->next)
		argument[count++] = walk_expression(s, c);
	if (s->rules->language == IN_CUDA && name_is(s->rules, calls_name(n), "launch")) {
		walk_launch(s, n);
		return (Value){.kind = VALUE_OPAQUE};
	}
	Value v;
	if (library_call(s, n, argument, count, &v))
		return v;
	const Ast *to = callee(s, n);
	if (!to || ast_has(to, CXCursor_CUDAGlobalAttr)) { /* a kernel is walked at its launch */
		arguments_forget(s, first, argument);
		return value_unknown(s, n->type);
	}
	v = walk_function(s, to, n, argument, count);
	return v.kind == VALUE_NOTHING ? value_unknown(s, n->type) : value_convert(s, v, n->type);
}
