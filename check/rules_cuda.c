/* rules_cuda.c -- C4 to C7: memory, objects of the device, statuses, early launches. */
#include "check/calls.h"
#include "check/cuda_facts.h"
#include "check/findings.h"
#include "check/names.h"
#include "check/rules.h"

#include <string.h>

/* ---- C4: memory ---- */

static bool allocates(const Ast *n)
{
	static const char *const names[] = {"malloc",
	                                    "calloc",
	                                    "realloc",
	                                    "aligned_alloc",
	                                    "posix_memalign",
	                                    "strdup",
	                                    "alloca",
	                                    "__builtin_alloca",
	                                    "cudaMalloc",
	                                    "cudaMallocAsync",
	                                    "cudaMallocHost",
	                                    "cudaMallocManaged",
	                                    "cudaMallocPitch",
	                                    "cudaHostAlloc",
	                                    "cudaStreamCreate",
	                                    "cudaStreamCreateWithFlags",
	                                    "cudaStreamCreateWithPriority",
	                                    "cudaEventCreate",
	                                    "cudaEventCreateWithFlags",
	                                    "cudaGraphInstantiate",
	                                    "cudnnCreate",
	                                    NULL};
	if (n->kind == CXCursor_CXXNewExpr)
		return true;
	return n->kind == CXCursor_CallExpr && name_in_list(calls_name(n), names);
}

static bool is_open(const Rules *r, const Ast *f)
{
	return name_is(r, f->name, "open");
}

/* The field is a flag of opening: no function of `runs` sets it to anything but 0, and some other function does. */
static bool is_flag_of_opening(const Rules *r, const Ast *field, const bool *runs)
{
	int64_t value;
	int set = 0;
	for (const Ast *n = r->file->root; n; n = ast_next(n, r->file->root)) {
		if (n->kind != CXCursor_BinaryOperator || n->op.binary != CX_BO_Assign || !n->function)
			continue;
		const Ast *to = ast_bare(n->child);
		if (to->kind != CXCursor_MemberRefExpr || to->refers != field || (ast_constant(ast_child(n, 1), &value) && value == 0))
			continue;
		if (runs[n->function->number - 1])
			return false;
		set++;
	}
	return set > 0;
}

/* One of the conditions that && joins is a flag of opening. */
static bool asks_for_flag(const Rules *r, const Ast *condition, const bool *runs)
{
	condition = ast_bare(condition);
	if (condition->kind == CXCursor_BinaryOperator && condition->op.binary == CX_BO_LAnd)
		return asks_for_flag(r, ast_child(condition, 0), runs) || asks_for_flag(r, ast_child(condition, 1), runs);
	return condition->kind == CXCursor_MemberRefExpr && condition->refers && is_flag_of_opening(r, condition->refers, runs);
}

/* Runs only while the model is opened: n is in the first branch of an `if` on a flag of opening. */
static bool happens_in_opening(const Rules *r, const Ast *n, const bool *runs)
{
	for (const Ast *c = n; c->parent && c != n->function; c = c->parent)
		if (c->parent->kind == CXCursor_IfStmt && ast_child(c->parent, 1) == c && asks_for_flag(r, c->parent->child, runs))
			return true;
	return false;
}

/* Functions that are reachable from outside without NAME_open(). runs: calls that are guarded by a flag of opening do not count; null:
 * all calls count. */
static void reach_runs(const Rules *r, const bool *runs, bool *reached)
{
	const int n = r->file->nfunction;
	for (int i = 0; i < n; i++)
		reached[i] = clang_getCursorLinkage(r->definition[i]->cursor) == CXLinkage_External && !is_open(r, r->definition[i]);
	for (bool again = true; again;) {
		again = false;
		for (const Ast *c = r->file->root; c; c = ast_next(c, r->file->root)) {
			const Ast *to[CALLS_MOST];
			if (c->kind != CXCursor_CallExpr || !c->function || !reached[c->function->number - 1] ||
			    (runs && happens_in_opening(r, c, runs)))
				continue;
			for (int i = calls_of(r, c, to) - 1; i >= 0; i--)
				if (!reached[to[i]->number - 1] && !is_open(r, to[i]))
					again = reached[to[i]->number - 1] = true;
		}
	}
}

/* At the root, for the whole file. Flags are judged with the larger set of functions that is reachable if no flag counts: no flag
 * justifies itself. */
void check_allocations(Rules *r, const Ast *root)
{
	if (root != r->file->root)
		return;
	const int n = r->file->nfunction;
	bool *all = arena_new_array(r->arena, bool, n + 1), *runs = arena_new_array(r->arena, bool, n + 1);
	reach_runs(r, NULL, all);
	reach_runs(r, all, runs);
	for (const Ast *c = root; c; c = ast_next(c, root)) {
		if (!allocates(c))
			continue;
		const char *name = c->kind == CXCursor_CXXNewExpr ? "new" : calls_name(c);
		if (cuda_runs_on_device(c->function))
			finding_at(r, c, "%s on the device", name);
		else if (!c->function || (runs[c->function->number - 1] && !happens_in_opening(r, c, all)))
			finding_at(r, c, "%s, and not only while %s_open() runs", name, r->prefix);
	}
}

/* ---- C5: objects of the device ---- */

void check_device_objects(Rules *r, const Ast *n)
{
	if (n->kind != CXCursor_DeclRefExpr || !n->refers || n->refers->kind != CXCursor_VarDecl || !cuda_runs_on_host(n->function))
		return;
	if (!ast_has(n->refers, CXCursor_CUDADeviceAttr) && !ast_has(n->refers, CXCursor_CUDAConstantAttr))
		return;
	for (const Ast *up = n->parent; up && up->kind != CXCursor_CompoundStmt; up = up->parent) {
		const char *name = up->kind == CXCursor_CallExpr ? calls_name(up) : "";
		if (!strncmp(name, "cuda", 4) && strstr(name, "Symbol"))
			return;
		if (up->kind == CXCursor_CXXTypeidExpr || (up->kind == CXCursor_UnaryExpr && up->child))
			return; /* sizeof */
	}
	finding_at(r, n, "the host uses '%s', which is the device's", n->name);
}

/* ---- C6: statuses ---- */

/* The type of the result, inside of a template too. */
static CXType result_of(const Ast *call)
{
	return call->type.kind == CXType_Enum ? call->type : clang_getCanonicalType(clang_getCursorResultType(calls_target(call)));
}

static bool is_status(CXType t)
{
	static const char *const types[] = {"cudaError", "cudnnStatus_t", "cudaError_enum", NULL};
	if (t.kind != CXType_Enum)
		return false;
	CXString s = clang_getTypeSpelling(t);
	const bool found = name_in_list(clang_getCString(s), types);
	clang_disposeString(s);
	return found;
}

/* Releases something, or clears an error that was handled: a failure has no consequence. */
static bool may_be_dropped(const char *name)
{
	return strstr(name, "Destroy") || !strncmp(name, "cudaFree", 8) || !strcmp(name, "cudaGetLastError");
}

/* The variable or field that a statement sets and does not read, or null. */
static const Ast *set_by(const Ast *statement)
{
	if (statement->kind == CXCursor_DeclStmt)
		return statement->child && !statement->child->next && statement->child->init ? statement->child : NULL;
	const bool assigns = statement->kind == CXCursor_BinaryOperator && statement->op.binary == CX_BO_Assign;
	const Ast *to = assigns ? ast_bare(statement->child) : NULL;
	const Ast *value = assigns ? ast_child(statement, 1) : NULL;
	for (const Ast *n = value; n; n = ast_next(n, value))
		if (to->refers && n->refers == to->refers)
			return NULL;
	return to ? to->refers : NULL;
}

/* The variable that holds the status is set again by the next statement. */
static bool is_overwritten(const Ast *call)
{
	const Ast *statement = call;
	while (statement->parent && (ast_bare(statement->parent) == ast_bare(call) || statement->parent->kind == CXCursor_VarDecl ||
	                             statement->parent->kind == CXCursor_DeclStmt || statement->parent->kind == CXCursor_BinaryOperator))
		statement = statement->parent;
	const Ast *to = statement->next ? set_by(statement) : NULL;
	return to && statement->parent->kind == CXCursor_CompoundStmt && set_by(statement->next) == to;
}

void check_statuses(Rules *r, const Ast *n)
{
	if (n->kind != CXCursor_CallExpr || !is_status(result_of(n)))
		return;
	const char *name = calls_name(n);
	if (cuda_is_statement(n))
		finding_at(r, n, "the status of %s is ignored", name);
	else if (is_overwritten(n))
		finding_at(r, n, "the status of %s is overwritten before anybody looks at it", name);
	else if (cuda_void_cast(n) && !may_be_dropped(name))
		finding_at(r, n, "the status of %s is thrown away, and it gives nothing back", name);
}

/* ---- C7: early launches ---- */

static bool has_begin(const Rules *r)
{
	for (int i = 0; i < r->file->nfunction; i++)
		if (name_is(r, r->definition[i]->name, "begin") && cuda_runs_on_device(r->definition[i]))
			return true;
	return false;
}

/* A call with a pointer as an argument, except for the functions that compute places and for NAME_fetch(). */
static bool may_read(const Rules *r, const Ast *call)
{
	const char *name = calls_name(call);
	if (name_is(r, name, "at") || name_is(r, name, "at_image") || name_is(r, name, "fetch"))
		return false;
	for (const Ast *c = call->child ? call->child->next : NULL; c; c = c->next)
		if (clang_getCanonicalType(c->type).kind == CXType_Pointer)
			return true;
	return false;
}

/* p[i], *p, p->x, an object of the device. */
static bool is_of_memory(const Ast *n)
{
	return n->kind == CXCursor_ArraySubscriptExpr || (n->kind == CXCursor_UnaryOperator && n->op.unary == CXUnaryOperator_Deref) ||
	       (n->kind == CXCursor_MemberRefExpr && n->child && clang_getCanonicalType(n->child->type).kind == CXType_Pointer) ||
	       (n->kind == CXCursor_DeclRefExpr && n->refers && ast_has(n->refers, CXCursor_CUDADeviceAttr) &&
	        n->refers->kind == CXCursor_VarDecl);
}

static bool touches_memory(const Rules *r, const Ast *statement)
{
	for (const Ast *n = statement; n; n = ast_next(n, statement))
		if (is_of_memory(n) || (n->kind == CXCursor_CallExpr && may_read(r, n)))
			return true;
	return false;
}

/* The one call of a statement; or null. */
static const Ast *only_call(const Ast *statement)
{
	const Ast *n = ast_bare(statement);
	return n->kind == CXCursor_CallExpr ? n : NULL;
}

void check_early_launches(Rules *r, const Ast *n)
{
	if (!n->number || !ast_has(n, CXCursor_CUDAGlobalAttr) || !has_begin(r))
		return;
	const Ast *body = n->child;
	while (body && body->kind != CXCursor_CompoundStmt)
		body = body->next;
	for (const Ast *s = body ? body->child : NULL; s; s = s->next) {
		const Ast *call = only_call(s);
		if (call && name_is(r, calls_name(call), "begin"))
			return;
		const Ast *fetch = s->kind == CXCursor_IfStmt && ast_child(s, 1) && !ast_child(s, 2) ? only_call(ast_child(s, 1)) : call;
		const bool fetches = fetch && name_is(r, calls_name(fetch), "fetch");
		if ((s->kind != CXCursor_DeclStmt && !fetches) || touches_memory(r, s)) {
			finding_at(r, s, "%s has not called %s_begin() yet", n->name, r->prefix);
			return;
		}
	}
	if (body)
		finding_at(r, n, "%s does not call %s_begin()", n->name, r->prefix);
}
