/* rules_launches.c -- C1, C2, C3: shared memory of kernels, the sizes of launches, what happens to their statuses.
 *
 * NAME_launch() asks the device for the shared memory above 48 KiB.
 */
#include "check/calls.h"
#include "check/cuda_facts.h"
#include "check/cuda_launches.h"
#include "check/findings.h"
#include "check/names.h"
#include "check/rules.h"

#include <stdlib.h>
#include <string.h>

enum {
	STATIC_SHARED = 48 * 1024, /* bytes; any device gives them */
	ASKED_SHARED = 227 * 1024, /* bytes; the largest devices give them when asked */
	MOST_THREADS = 1024
};

/* ---- shared memory ---- */

/* Bytes of shared memory of the objects in f; -1: the size of one depends on a template's argument. */
static long long shared_of(const Ast *f)
{
	long long sum = 0;
	for (const Ast *n = f; n && sum >= 0; n = ast_next(n, f)) {
		if (n->kind != CXCursor_VarDecl || !ast_has(n, CXCursor_CUDASharedAttr) ||
		    clang_Cursor_getStorageClass(n->cursor) == CX_SC_Extern)
			continue;
		long long size = clang_Type_getSizeOf(n->type);
		sum = size < 0 ? -1 : sum + size;
	}
	return sum;
}

/* Bytes of shared memory of a kernel and of all functions that it can call; -1 as above. */
static long long shared_below(const Rules *r, const Ast *kernel)
{
	const int n = r->file->nfunction;
	long long sum = 0;
	for (int i = 0; i < n && sum >= 0; i++) {
		if (i != kernel->number - 1 && !r->reaches[(kernel->number - 1) * n + i])
			continue;
		long long own = shared_of(r->definition[i]);
		sum = own < 0 ? -1 : sum + own;
	}
	return sum;
}

void check_shared_memory(Rules *r, const Ast *n)
{
	if (!n->number || !ast_has(n, CXCursor_CUDAGlobalAttr))
		return;
	const long long bytes = shared_below(r, n);
	if (bytes < 0)
		finding_at(r, n, "%s has shared memory of a size that its text does not tell", n->name);
	if (bytes > STATIC_SHARED)
		finding_at(r, n, "%s has %lld bytes of shared memory; a device gives %d", n->name, bytes, STATIC_SHARED);
}

/* ---- sizes of launches ---- */

/* The threads that __launch_bounds__ promises, or 0: see cuda/cuda_runtime.h. */
static long promised_threads(const Ast *kernel)
{
	static const char note[] = "launch_bounds ";
	for (const Ast *c = kernel->child; c; c = c->next) {
		if (c->kind != CXCursor_AnnotateAttr || strncmp(c->name, note, strlen(note)))
			continue;
		char *end;
		long threads = strtol(c->name + strlen(note), &end, 10);
		return *end == 0 || *end == ',' ? threads : 0;
	}
	return 0;
}

static void check_block(Rules *r, const Ast *n, const Launch *l, const Ast *kernel)
{
	int64_t v[3];
	if (!launch_extent(l->block, v)) {
		finding_at(r, n, "the size of the block is not constant");
		return;
	}
	bool fits = v[0] >= 1 && v[1] >= 1 && v[2] >= 1 && v[0] <= MOST_THREADS && v[1] <= MOST_THREADS && v[2] <= 64;
	if (!fits || v[0] * v[1] * v[2] > MOST_THREADS)
		finding_at(r, n, "a block of %lld x %lld x %lld threads; 1 to %d can be", (long long)v[0], (long long)v[1], (long long)v[2],
		           MOST_THREADS);
	const long promised = kernel ? promised_threads(kernel) : 0;
	if (fits && promised && v[0] * v[1] * v[2] > promised)
		finding_at(r, n, "a block of %lld threads; %s is compiled for %ld", (long long)(v[0] * v[1] * v[2]), kernel->name,
		           promised);
}

static void check_grid(Rules *r, const Ast *n, const Launch *l)
{
	int64_t v[3];
	if (!launch_extent(l->grid, v))
		finding_at(r, n, "the size of the grid is not constant");
	else if (v[0] < 1 || v[1] < 1 || v[2] < 1 || v[0] > INT32_MAX || v[1] > 65535 || v[2] > 65535)
		finding_at(r, n, "a grid of %lld x %lld x %lld blocks", (long long)v[0], (long long)v[1], (long long)v[2]);
}

static void check_shared(Rules *r, const Ast *n, const Launch *l, const Ast *kernel)
{
	int64_t bytes = 0;
	const long long most = l->is_asked_for ? ASKED_SHARED : STATIC_SHARED;
	if (l->shared && l->shared->line && !ast_constant(l->shared, &bytes)) {
		finding_at(r, n, "the dynamic shared memory is not constant");
		return;
	}
	const long long own = kernel ? shared_below(r, kernel) : 0;
	if (bytes < 0 || bytes + (own > 0 ? own : 0) > most)
		finding_at(r, n, "%lld bytes of shared memory, %lld of them dynamic; %lld can be", (long long)(bytes + (own > 0 ? own : 0)),
		           (long long)bytes, most);
}

void check_launches(Rules *r, const Ast *n)
{
	Launch l;
	if (!launch_of(r, n, &l))
		return;
	if (l.is_hidden)
		finding_at(r, n, "the sizes of a launch are members of a structure");
	if (!l.grid || !l.block)
		return;
	const Ast *kernel = launch_kernel(l.kernel);
	check_grid(r, n, &l);
	check_block(r, n, &l, kernel);
	check_shared(r, n, &l, kernel);
}

/* ---- statuses ---- */

static bool asks_for_error(const Ast *statement)
{
	for (const Ast *n = statement; n; n = ast_next(n, statement))
		if (n->kind == CXCursor_CallExpr && (!strcmp(n->name, "cudaGetLastError") || !strcmp(n->name, "cudaPeekAtLastError")) &&
		    !cuda_is_dropped(n))
			return true;
	return false;
}

static bool has_launch(const Rules *r, const Ast *statement)
{
	Launch l;
	for (const Ast *n = statement; n; n = ast_next(n, statement))
		if (launch_of(r, n, &l))
			return true;
	return false;
}

/* After <<<>>> the same block asks cudaGetLastError() before it launches again. */
static bool is_asked_after(const Rules *r, const Ast *launch)
{
	const Ast *statement = launch;
	while (statement->parent && statement->parent->kind != CXCursor_CompoundStmt)
		statement = statement->parent;
	for (const Ast *s = statement->next; s && !has_launch(r, s); s = s->next)
		if (asks_for_error(s))
			return true;
	return false;
}

/* The field that the status is assigned to, or null. */
static const Ast *kept_in(const Ast *call)
{
	const Ast *n = call->parent;
	while (n && (n->kind == CXCursor_UnexposedExpr || n->kind == CXCursor_ParenExpr))
		n = n->parent;
	const bool assigns = n && n->kind == CXCursor_BinaryOperator && (n->op.binary == CX_BO_Assign || n->op.binary == CX_BO_Invalid);
	const Ast *to = assigns ? ast_bare(n->child) : NULL;
	return to && to->kind == CXCursor_MemberRefExpr ? to->refers : NULL;
}

/* Another function returns an expression with the field. */
static bool is_read_elsewhere(const Rules *r, const Ast *field, const Ast *function)
{
	for (const Ast *n = r->file->root; n; n = ast_next(n, r->file->root)) {
		if (n->kind != CXCursor_MemberRefExpr || n->refers != field || n->function == function)
			continue;
		for (const Ast *up = n->parent; up && up->kind != CXCursor_CompoundStmt; up = up->parent)
			if (up->kind == CXCursor_ReturnStmt)
				return true;
	}
	return false;
}

void check_launch_statuses(Rules *r, const Ast *n)
{
	Launch l;
	const char *name = n->kind == CXCursor_CallExpr ? calls_name(n) : "";
	if (!launch_of(r, n, &l) || name_is(r, name, "launch"))
		return;
	if (strncmp(name, "cudaLaunch", 10)) {
		if (!is_asked_after(r, n))
			finding_at(r, n, "no call reads the error status after a launch");
		return;
	}
	const Ast *field = kept_in(n);
	if (cuda_is_dropped(n))
		finding_at(r, n, "the status of a launch is not looked at");
	else if (field && !is_read_elsewhere(r, field, n->function))
		finding_at(r, n, "the status of a launch is kept in '%s', which no function returns", field->name);
}
