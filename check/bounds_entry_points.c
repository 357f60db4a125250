/* bounds_entry_points.c -- entry points of the analysis.
 *
 * In C each exported function is one. In CUDA, in the passes for devices, host wrappers of kernels are entry points too: kernels are
 * walked from there, where the sizes of launches are constants. */
#include "check/bounds_entry_points.h"
#include "check/calls.h"
#include "check/names.h"

static bool launches(const Rules *r, const Ast *function)
{
	for (const Ast *n = function; n; n = ast_next(n, function))
		if (n->kind == CXCursor_CallExpr && name_is(r, calls_name(n), "launch"))
			return true;
	return false;
}

bool entry_point_is_wrapper(const Rules *r, const Ast *function)
{
	if (function->kind != CXCursor_FunctionDecl || !function->number)
		return false;
	bool queue = false, arrays = false;
	for (const Ast *p = function->child; p; p = p->next)
		if (p->kind == CXCursor_ParmDecl) {
			CXString spelling =
			    clang_getCursorSpelling(clang_getTypeDeclaration(clang_getCanonicalType(clang_getPointeeType(p->type))));
			queue |= p->type.kind == CXType_Pointer && name_is(r, clang_getCString(spelling), "queue");
			arrays |= p->type.kind == CXType_ConstantArray;
			clang_disposeString(spelling);
		}
	return queue && arrays;
}

static bool is_cuda_entry_point(const Rules *r, const Ast *n)
{
	const bool external = n->kind == CXCursor_FunctionDecl && n->number && clang_getCursorLinkage(n->cursor) == CXLinkage_External;
	return r->is_device &&
	       (external || entry_point_is_wrapper(r, n) || (n->kind == CXCursor_FunctionDecl && n->number && launches(r, n)));
}

bool entry_point_is(const Rules *r, const Ast *n)
{
	return r->language == IN_CUDA ? is_cuda_entry_point(r, n) : n->number && clang_getCursorLinkage(n->cursor) == CXLinkage_External;
}
