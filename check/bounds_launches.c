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

static Linear below(Follow *f, int64_t n)
{
	return n > 1 ? linear_symbol(&f->k, 0, n - 1) : linear_constant(0);
}

void follow_launch(Follow *f, const Ast *call)
{
	int64_t grid[3], block[3];
	const Ast *kernel = launch_sizes(f->rules, call, grid, block);
	if (!kernel) {
		follow_find(f, call, "a launch whose kernel or sizes are not known");
		return;
	}
	f->launched[kernel->number] = true; /* that of an instance is 0 */
	for (int i = 0; i < 3; i++) {
		f->launch[LAUNCH_BLOCK][i] = below(f, grid[i]);
		f->launch[LAUNCH_THREAD][i] = below(f, block[i]);
		f->launch[LAUNCH_BLOCKS][i] = linear_constant(grid[i]);
		f->launch[LAUNCH_THREADS][i] = linear_constant(block[i]);
	}
	Value argument[LAUNCH_ARGUMENTS];
	int n = 0;
	f->dynamic = follow_expression(f, ast_child(call, 5)).x;
	for (const Ast *c = ast_child(call, 6); c && n < LAUNCH_ARGUMENTS; c = c->next)
		argument[n++] = follow_expression(f, c);
	const bool apart = grid[1] <= APART; /* phases, images: each a case of its own */
	for (int64_t y = 0; y < (apart ? grid[1] : 1); y++) {
		if (apart)
			f->launch[LAUNCH_BLOCK][1] = linear_constant(y);
		follow_call(f, kernel, call, argument, n);
	}
}

bool follow_index(const Follow *f, const Ast *n, Value *v)
{
	static const char *const names[] = {
	    [LAUNCH_BLOCK] = "blockIdx", [LAUNCH_THREAD] = "threadIdx", [LAUNCH_BLOCKS] = "gridDim", [LAUNCH_THREADS] = "blockDim"};
	const Ast *of = n->child ? ast_bare(n->child) : NULL;
	const int axis = n->name[0] - 'x';
	if (f->rules->language != IN_CUDA || !of || of->refers || axis < 0 || axis > 2 || n->name[1])
		return false;
	for (int i = 0; i < LAUNCH_INDICES; i++)
		if (!strcmp(of->name, names[i])) {
			*v = value_integer(f->launch[i][axis]);
			return true;
		}
	return false;
}

static bool launches(const Rules *r, const Ast *function)
{
	for (const Ast *n = function; n; n = ast_next(n, function))
		if (n->kind == CXCursor_CallExpr && rules_is_named(r, calls_name(n), "launch"))
			return true;
	return false;
}

bool is_host_part(const Rules *r, const Ast *function)
{
	if (function->kind != CXCursor_FunctionDecl || !function->number)
		return false;
	bool queue = false, arrays = false;
	for (const Ast *p = function->child; p; p = p->next)
		if (p->kind == CXCursor_ParmDecl) {
			CXString s = clang_getCursorSpelling(clang_getTypeDeclaration(clang_getCanonicalType(clang_getPointeeType(p->type))));
			queue |= p->type.kind == CXType_Pointer && rules_is_named(r, clang_getCString(s), "queue");
			arrays |= p->type.kind == CXType_ConstantArray;
			clang_disposeString(s);
		}
	return queue && arrays;
}

bool is_cuda_root(const Rules *r, const Ast *n)
{
	const bool external = n->kind == CXCursor_FunctionDecl && n->number && clang_getCursorLinkage(n->cursor) == CXLinkage_External;
	return r->is_device && (external || is_host_part(r, n) || (n->kind == CXCursor_FunctionDecl && n->number && launches(r, n)));
}
