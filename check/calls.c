/* calls.c -- the call graph, and its transitive closure. */
#include "check/calls.h"

/* In a template: the node with the overloads that the call may mean, or null. */
static const Ast *candidates(const Ast *call)
{
	const Ast *name = call->child;
	for (const Ast *n = name; n; n = ast_next(n, name))
		if (n->kind == CXCursor_OverloadedDeclRef)
			return n;
	return NULL;
}

CXCursor calls_target(const Ast *call)
{
	CXCursor c = clang_getCursorReferenced(call->cursor);
	const Ast *list = clang_Cursor_isNull(c) ? candidates(call) : NULL;
	return list ? clang_getOverloadedDecl(list->cursor, 0) : c;
}

const char *calls_name(const Ast *call)
{
	const Ast *list = *call->name ? NULL : candidates(call);
	return list ? list->name : call->name;
}

/* The definition that belongs to a declaration, in this file; of an instance of a template, the template. Null: there is none. */
static const Ast *definition(const Rules *r, CXCursor c)
{
	CXCursor template = clang_getSpecializedCursorTemplate(c);
	c = clang_getCursorDefinition(clang_Cursor_isNull(template) ? c : template);
	for (int i = 0; i < r->file->nfunction && !clang_Cursor_isNull(c); i++)
		if (clang_equalCursors(r->definition[i]->cursor, c))
			return r->definition[i];
	return NULL;
}

int calls_of(const Rules *r, const Ast *call, const Ast *to[CALLS_MOST])
{
	int n = 0;
	if (call->refers && call->refers->number) {
		to[n++] = call->refers;
		return n;
	}
	CXCursor c = clang_getCursorReferenced(call->cursor);
	const Ast *list = clang_Cursor_isNull(c) ? candidates(call) : NULL;
	const unsigned count = list ? clang_getNumOverloadedDecls(list->cursor) : 1;
	for (unsigned i = 0; i < count && n < CALLS_MOST; i++) {
		to[n] = definition(r, list ? clang_getOverloadedDecl(list->cursor, i) : c);
		n += to[n] != NULL;
	}
	return n;
}

void calls_find(Rules *r)
{
	const int n = r->file->nfunction;
	r->definition = arena_new_array(r->arena, const Ast *, n + 1);
	r->reaches = arena_new_array(r->arena, bool, n *n + 1);
	for (const Ast *c = r->file->root; c; c = ast_next(c, r->file->root))
		if (c->number)
			r->definition[c->number - 1] = c;
	for (const Ast *c = r->file->root; c; c = ast_next(c, r->file->root)) {
		const Ast *to[CALLS_MOST];
		const int count = c->kind == CXCursor_CallExpr && c->function ? calls_of(r, c, to) : 0;
		for (int i = 0; i < count; i++)
			r->reaches[(c->function->number - 1) * n + to[i]->number - 1] = true;
	}
	for (int via = 0; via < n; via++)
		for (int i = 0; i < n; i++)
			for (int k = 0; k < n && r->reaches[i * n + via]; k++)
				r->reaches[i * n + k] |= r->reaches[via * n + k];
}
