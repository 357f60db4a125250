/* cuda_facts.c -- facts of CUDA source that several rules ask for. */
#include "check/cuda_facts.h"
#include "check/calls.h"
#include "check/names.h"

#include <string.h>

bool cuda_runs_on_host(const Ast *f)
{
	if (!f || ast_has(f, CXCursor_CUDAHostAttr))
		return true;
	return !ast_has(f, CXCursor_CUDAGlobalAttr) && !ast_has(f, CXCursor_CUDADeviceAttr);
}

bool cuda_runs_on_device(const Ast *f)
{
	return f && (ast_has(f, CXCursor_CUDAGlobalAttr) || ast_has(f, CXCursor_CUDADeviceAttr));
}

bool cuda_declares(CXCursor c)
{
	CXFile file;
	clang_getExpansionLocation(clang_getCursorLocation(c), &file, NULL, NULL, NULL);
	CXString s = clang_getFileName(file);
	const char *name = file ? clang_getCString(s) : NULL;
	const bool found = name && !strncmp(name, CUDA_FOLDER "/", strlen(CUDA_FOLDER "/"));
	clang_disposeString(s);
	return found;
}

bool cuda_may_call(const Ast *call)
{
	static const char *const others[] = {"memcpy", "memset", "calloc", "free", NULL};
	const CXCursor target = calls_target(call);
	const enum CXCursorKind kind = clang_getCursorKind(target);
	if (name_in_list(calls_name(call), others))
		return true;
	/* a function object: a lambda of this file, or an argument of a template */
	if (kind == CXCursor_Constructor || kind == CXCursor_CXXMethod || kind == CXCursor_ConversionFunction)
		return cuda_declares(target) || !clang_Location_isInSystemHeader(clang_getCursorLocation(target));
	if (kind == CXCursor_ParmDecl)
		return clang_getCanonicalType(clang_getCursorType(target)).kind == CXType_Unexposed;
	return !clang_Cursor_isNull(target) && cuda_declares(target);
}

bool cuda_is_statement(const Ast *n)
{
	const Ast *up = n->parent;
	for (; up && (up->kind == CXCursor_UnexposedExpr || up->kind == CXCursor_ParenExpr); up = up->parent)
		if (up->type.kind == CXType_Bool)
			return false;
	return up && (up->kind == CXCursor_CompoundStmt || up->kind == CXCursor_IfStmt || up->kind == CXCursor_ForStmt ||
	              up->kind == CXCursor_WhileStmt || up->kind == CXCursor_DoStmt || up->kind == CXCursor_CaseStmt ||
	              up->kind == CXCursor_DefaultStmt || up->kind == CXCursor_LabelStmt);
}

const Ast *cuda_void_cast(const Ast *call)
{
	const Ast *up = call->parent;
	while (up && (up->kind == CXCursor_UnexposedExpr || up->kind == CXCursor_ParenExpr))
		up = up->parent;
	return up && (up->kind == CXCursor_CStyleCastExpr || up->kind == CXCursor_CXXStaticCastExpr) && up->type.kind == CXType_Void ? up
	                                                                                                                             : NULL;
}

bool cuda_is_dropped(const Ast *call)
{
	return cuda_is_statement(call) || cuda_void_cast(call);
}
