/* bounds_launches.c -- CUDA: what others may call is a root, and the host's part of each kernel, where launches are followed
 * once for all their threads. What a thread is told of its place are symbols within the launch's sizes; arrays are as large as
 * the head of the launching function says, for one image of a batch. Only in the passes for devices, whose code runs.
 *
 * A function that was another root is not followed again: what it is given is held against its head.
 */
#include "check/bounds.h"
#include "check/calls.h"
#include "check/rules_cuda.h"

#include <string.h>

enum { APART = 16 }; /* blocks of y at most, for which each is a case of its own */

static Linear below(State *s, int64_t n)
{
	return n > 1 ? linear_symbol(&s->k, 0, n - 1) : linear_constant(0);
}

void walk_launch(State *s, const Ast *call)
{
	int64_t grid[3], block[3];
	const Ast *kernel = launch_sizes(s->rules, call, grid, block);
	if (!kernel) {
		bounds_find(s, call, "a launch whose kernel or sizes are not known");
		return;
	}
	s->launched[kernel->number] = true; /* that of an instance is 0 */
	for (int i = 0; i < 3; i++) {
		s->launch[LAUNCH_BLOCK][i] = below(s, grid[i]);
		s->launch[LAUNCH_THREAD][i] = below(s, block[i]);
		s->launch[LAUNCH_BLOCKS][i] = linear_constant(grid[i]);
		s->launch[LAUNCH_THREADS][i] = linear_constant(block[i]);
	}
	Value argument[LAUNCH_ARGUMENTS];
	int n = 0;
	s->dynamic = walk_expression(s, ast_child(call, 5)).x;
	for (const Ast *c = ast_child(call, 6); c && n < LAUNCH_ARGUMENTS; c = c->next)
		argument[n++] = walk_expression(s, c);
	const bool apart = grid[1] <= APART; /* phases, images: each a case of its own */
	for (int64_t y = 0; y < (apart ? grid[1] : 1); y++) {
		if (apart)
			s->launch[LAUNCH_BLOCK][1] = linear_constant(y);
		walk_function(s, kernel, call, argument, n);
	}
}

bool thread_index(const State *s, const Ast *n, Value *v)
{
	static const char *const names[] = {
	    [LAUNCH_BLOCK] = "blockIdx", [LAUNCH_THREAD] = "threadIdx", [LAUNCH_BLOCKS] = "gridDim", [LAUNCH_THREADS] = "blockDim"};
	const Ast *of = n->child ? ast_bare(n->child) : NULL;
	const int axis = n->name[0] - 'x';
	if (s->rules->language != IN_CUDA || !of || of->refers || axis < 0 || axis > 2 || n->name[1])
		return false;
	for (int i = 0; i < LAUNCH_INDICES; i++)
		if (!strcmp(of->name, names[i])) {
			*v = value_integer(s->launch[i][axis]);
			return true;
		}
	return false;
}

static bool launches(const Rules *r, const Ast *function)
{
	for (const Ast *n = function; n; n = ast_next(n, function))
		if (n->kind == CXCursor_CallExpr && name_is(r, calls_name(n), "launch"))
			return true;
	return false;
}

bool entry_is_wrapper(const Rules *r, const Ast *function)
{
	if (function->kind != CXCursor_FunctionDecl || !function->number)
		return false;
	bool queue = false, arrays = false;
	for (const Ast *p = function->child; p; p = p->next)
		if (p->kind == CXCursor_ParmDecl) {
			CXString spelling = clang_getCursorSpelling(clang_getTypeDeclaration(clang_getCanonicalType(clang_getPointeeType(p->type))));
			queue |= p->type.kind == CXType_Pointer && name_is(r, clang_getCString(spelling), "queue");
			arrays |= p->type.kind == CXType_ConstantArray;
			clang_disposeString(spelling);
		}
	return queue && arrays;
}

bool is_cuda_entry_point(const Rules *r, const Ast *n)
{
	const bool external = n->kind == CXCursor_FunctionDecl && n->number && clang_getCursorLinkage(n->cursor) == CXLinkage_External;
	return r->is_device && (external || entry_is_wrapper(r, n) || (n->kind == CXCursor_FunctionDecl && n->number && launches(r, n)));
}
