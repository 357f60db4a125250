/* cuda_launches.c -- launches of kernels.
 *
 * A kernel is launched in one of three ways: as kernel<<<grid, block, shared>>>(...), by cudaLaunchKernel(), or by the
 * model's own NAME_launch(queue, kernel, grid, threads, shared, ...), in which alone a launch may take its sizes from a
 * structure: the sizes are those of the calls of NAME_launch(). */
#include "check/cuda_launches.h"
#include "check/calls.h"
#include "check/names.h"

#include <string.h>

bool launch_of(const Rules *r, const Ast *n, Launch *l)
{
	if (n->kind != CXCursor_CallExpr)
		return false;
	const Ast *sizes = ast_child(n, 1);
	const char *name = calls_name(n);
	if (sizes && (!strcmp(sizes->name, "cudaConfigureCall") || !strcmp(sizes->name, "__cudaPushCallConfiguration"))) {
		*l = (Launch){.kernel = n->child, .grid = ast_child(sizes, 1), .block = ast_child(sizes, 2), .shared = ast_child(sizes, 3)};
		return true;
	}
	if (!strcmp(name, "cudaLaunchKernel")) {
		*l = (Launch){.kernel = ast_child(n, 1), .grid = ast_child(n, 2), .block = ast_child(n, 3), .shared = ast_child(n, 5)};
		return true;
	}
	if (name_is(r, name, "launch")) {
		*l = (Launch){.kernel = ast_child(n, 2),
		              .grid = ast_child(n, 3),
		              .block = ast_child(n, 4),
		              .shared = ast_child(n, 5),
		              .is_asked_for = true};
		return true;
	}
	*l = (Launch){.is_hidden = !n->function || !name_is(r, n->function->name, "launch")};
	return !strncmp(name, "cudaLaunch", 10) && strcmp(name, "cudaLaunchHostFunc");
}

/* Without casts, copies and names of constants: dim3(x, y, z) or a number. */
static const Ast *bare_extent(const Ast *n)
{
	for (;;) {
		n = ast_bare(n);
		const Ast *last = n->child;
		while (last && last->next)
			last = last->next;
		if (n->kind == CXCursor_CXXFunctionalCastExpr && last)
			n = last;
		else if (n->kind == CXCursor_CallExpr && last && last == n->child && strstr(n->name, "dim3") &&
		         !ast_is_integer(ast_bare(last)->type))
			n = last; /* a copy */
		else if (n->kind == CXCursor_DeclRefExpr && n->refers && n->refers->init && clang_isConstQualifiedType(n->refers->type) &&
		         !ast_is_integer(n->type))
			n = n->refers->init;
		else
			return n;
	}
}

/* One number or three, all constant. */
bool launch_extent(const Ast *n, int64_t v[3])
{
	n = bare_extent(n);
	v[0] = v[1] = v[2] = 1;
	if (ast_is_integer(n->type))
		return ast_constant(n, &v[0]);
	if (n->kind != CXCursor_CallExpr || strcmp(n->name, "dim3"))
		return false;
	int i = 0;
	for (const Ast *c = n->child; c && i < 3; c = c->next) {
		if (c->kind == CXCursor_TypeRef)
			continue;
		if (c->line && !ast_constant(c, &v[i])) /* a default argument has no line */
			return false;
		i++;
	}
	return true;
}

const Ast *launch_kernel(const Ast *n)
{
	for (const Ast *m = n; m; m = ast_next(m, n))
		if (m->kind == CXCursor_DeclRefExpr && m->refers && m->refers->number)
			return m->refers;
	return NULL;
}

const Ast *launch_sizes(const Rules *r, const Ast *call, int64_t grid[3], int64_t block[3])
{
	Launch l;
	if (!launch_of(r, call, &l) || !l.kernel || !l.grid || !l.block || !launch_extent(l.grid, grid) || !launch_extent(l.block, block))
		return NULL;
	return launch_kernel(l.kernel);
}
