/* ast.c -- builds the tree in one visit of libclang's; a hash table of cursors finds the declaration that a reference means. */
#include "check/ast.h"

#include <stdlib.h>
#include <string.h>

typedef struct Builder {
	AstFile *file;
	CXFile main;
	Ast *parent, *last; /* last: the newest child of parent */
	Ast *function;
	bool is_instance; /* the tree is an instance of a C++ template; its functions have no number */
} Builder;

static const char *copy_string(Arena *a, CXString s)
{
	const char *text = clang_getCString(s);
	text = arena_strdup(a, text ? text : "");
	clang_disposeString(s);
	return text;
}

static bool is_declaration(enum CXCursorKind k)
{
	return k == CXCursor_FunctionDecl || k == CXCursor_FunctionTemplate || k == CXCursor_VarDecl || k == CXCursor_ParmDecl ||
	       k == CXCursor_EnumConstantDecl || k == CXCursor_CXXMethod || k == CXCursor_Constructor || k == CXCursor_ConversionFunction ||
	       k == CXCursor_FieldDecl || k == CXCursor_NonTypeTemplateParameter;
}

/* Declarations by cursor, open addressing. */
static Ast **slot(AstFile *f, CXCursor c)
{
	size_t i = (size_t)clang_hashCursor(c) * 2654435761u & (f->table_size - 1);
	while (f->table[i] && !clang_equalCursors(f->table[i]->cursor, c))
		i = (i + 1) & (f->table_size - 1);
	return &f->table[i];
}

static void remember(AstFile *f, Ast *n)
{
	if (2 * (f->table_used + 1) > f->table_size) {
		Ast **old = f->table;
		size_t size = f->table_size;
		f->table_size = size ? 2 * size : 1024;
		f->table = arena_new_array(f->arena, Ast *, f->table_size);
		for (size_t i = 0; i < size; i++)
			if (old[i])
				*slot(f, old[i]->cursor) = old[i];
	}
	*slot(f, n->cursor) = n;
	f->table_used++;
}

static Ast *find(AstFile *f, CXCursor c)
{
	if (!f->table_size || clang_Cursor_isNull(c))
		return NULL;
	return *slot(f, c);
}

/* The declaration that c refers to; of an instance the template. */
static Ast *find_referred(Builder *b, CXCursor c)
{
	CXCursor to = clang_getCursorReferenced(c);
	Ast *n = find(b->file, to);
	return n ? n : find(b->file, clang_getSpecializedCursorTemplate(to));
}

static Ast *make(Builder *b, CXCursor c)
{
	Arena *a = b->file->arena;
	Ast *n = arena_new_one(a, Ast);
	unsigned line, col;
	clang_getExpansionLocation(clang_getCursorLocation(c), NULL, &line, &col, NULL);
	*n = (Ast){.kind = clang_getCursorKind(c),
	           .cursor = c,
	           .type = clang_getCanonicalType(clang_getCursorType(c)),
	           .line = (int)line,
	           .col = (int)col,
	           .parent = b->parent,
	           .function = b->function};
	n->name = copy_string(a, clang_getCursorSpelling(c));
	if (n->kind == CXCursor_BinaryOperator || n->kind == CXCursor_CompoundAssignOperator)
		n->op.binary = clang_Cursor_getBinaryOpcode(c);
	if (n->kind == CXCursor_UnaryOperator)
		n->op.unary = clang_getCursorUnaryOperatorKind(c);
	if (n->kind == CXCursor_DeclRefExpr || n->kind == CXCursor_CallExpr || n->kind == CXCursor_MemberRefExpr)
		n->refers = find_referred(b, c);
	if (b->last)
		b->last->next = n;
	else
		b->parent->child = n;
	return n;
}

/* Remembers `#define NAME NUMBER`. */
static void remember_macro(AstFile *f, CXCursor c)
{
	CXToken *token;
	unsigned n;
	if (clang_Cursor_isMacroBuiltin(c) || clang_Location_isInSystemHeader(clang_getCursorLocation(c)))
		return;
	clang_tokenize(f->unit, clang_getCursorExtent(c), &token, &n);
	if (n == 2) {
		const char *digits = copy_string(f->arena, clang_getTokenSpelling(f->unit, token[1]));
		char *end;
		long long value = strtoll(digits, &end, 0);
		if (end > digits && strspn(end, "uUlL") == strlen(end)) {
			if (f->nmacro == f->macro_capacity) {
				int more = f->macro_capacity ? 2 * f->macro_capacity : 64;
				f->macro =
				    arena_grow(f->arena, f->macro, sizeof *f->macro * (size_t)f->nmacro, sizeof *f->macro * (size_t)more);
				f->macro_capacity = more;
			}
			f->macro[f->nmacro++] = (AstMacro){copy_string(f->arena, clang_getCursorSpelling(c)), value};
		}
	}
	clang_disposeTokens(f->unit, token, n);
}

bool ast_macro(const AstFile *f, const char *name, int64_t *value)
{
	for (int i = 0; i < f->nmacro; i++)
		if (!strcmp(f->macro[i].name, name)) {
			*value = f->macro[i].value;
			return true;
		}
	return false;
}

static const Ast *initializer(const Ast *variable)
{
	CXCursor c = clang_Cursor_getVarDeclInitializer(variable->cursor);
	const Ast *n = variable->child;
	while (n && !clang_equalCursors(n->cursor, c))
		n = n->next;
	return n;
}

static enum CXChildVisitResult visit(CXCursor c, CXCursor parent, CXClientData data)
{
	Builder *b = data;
	(void)parent;
	if (clang_isPreprocessing(clang_getCursorKind(c))) {
		if (clang_getCursorKind(c) == CXCursor_MacroDefinition)
			remember_macro(b->file, c);
		return CXChildVisit_Continue;
	}
	if (b->parent == b->file->root) {
		CXFile file;
		clang_getExpansionLocation(clang_getCursorLocation(c), &file, NULL, NULL, NULL);
		if (!file || !clang_File_isEqual(file, b->main)) {
			/* a declaration in a header is not copied */
			return CXChildVisit_Continue;
		}
	}
	Ast *n = make(b, c);
	if (is_declaration(n->kind))
		remember(b->file, n);
	Builder saved = *b;
	b->parent = n;
	b->last = NULL;
	if (ast_is_function(n) && ast_is_definition(n)) {
		b->function = n;
		n->number = b->is_instance ? 0 : ++b->file->nfunction;
	}
	clang_visitChildren(c, visit, b);
	if (n->kind == CXCursor_VarDecl)
		n->init = initializer(n);
	b->parent = saved.parent;
	b->function = saved.function;
	b->last = n;
	return CXChildVisit_Continue;
}

/* The place of a diagnostic. Of one in a header's template: the last note in this file, the place that instantiates it. */
static Loc diagnostic_loc(AstFile *f, CXFile main, CXDiagnostic d)
{
	CXFile at, file;
	unsigned line, col;
	clang_getExpansionLocation(clang_getDiagnosticLocation(d), &at, &line, &col, NULL);
	file = at;
	CXDiagnosticSet notes = clang_getChildDiagnostics(d);
	unsigned n = clang_getNumDiagnosticsInSet(notes);
	for (unsigned i = 0; i < n && at && !clang_File_isEqual(at, main); i++) {
		CXFile other;
		unsigned l, c;
		CXDiagnostic note = clang_getDiagnosticInSet(notes, i);
		clang_getExpansionLocation(clang_getDiagnosticLocation(note), &other, &l, &c, NULL);
		if (other && clang_File_isEqual(other, main)) {
			file = other;
			line = l;
			col = c;
		}
		clang_disposeDiagnostic(note);
	}
	clang_disposeDiagnosticSet(notes);
	return (Loc){.file = file ? copy_string(f->arena, clang_getFileName(file)) : f->path, .line = (int)line, .col = (int)col};
}

static void diagnose_all(AstFile *f, CXFile main, AstDiagnose *diagnose, void *context)
{
	unsigned n = clang_getNumDiagnostics(f->unit);
	for (unsigned i = 0; i < n; i++) {
		CXDiagnostic d = clang_getDiagnostic(f->unit, i);
		if (clang_getDiagnosticSeverity(d) >= CXDiagnostic_Warning) {
			diagnose(context, diagnostic_loc(f, main, d), copy_string(f->arena, clang_getDiagnosticSpelling(d)));
			f->ndiagnostic++;
			f->nerror += clang_getDiagnosticSeverity(d) >= CXDiagnostic_Error;
		}
		clang_disposeDiagnostic(d);
	}
}

static int count_arguments(const char *const *a)
{
	int n = 0;
	while (a[n])
		n++;
	return n;
}

bool ast_open(AstFile *f, const char *path, const char *const *arguments, const AstHeaders *headers, AstDiagnose *diagnose, void *context,
              Diag *d)
{
	*f = (AstFile){.path = path, .arena = arena_new(), .index = clang_createIndex(0, 0)};
	enum CXErrorCode error =
	    clang_parseTranslationUnit2(f->index, path, arguments, count_arguments(arguments), headers ? headers->file : NULL,
	                                headers ? headers->n : 0, CXTranslationUnit_DetailedPreprocessingRecord, &f->unit);
	if (error != CXError_Success) {
		diag_error(d, DIAG_UNSUPPORTED, (Loc){.file = path, .offset = -1},
		           "libclang cannot parse it (error %d): unreadable, or an unknown option or architecture", (int)error);
		return false;
	}
	Builder b = {.file = f, .main = clang_getFile(f->unit, path)};
	b.parent = f->root = arena_new_one(f->arena, Ast);
	f->root->cursor = clang_getTranslationUnitCursor(f->unit);
	f->root->kind = CXCursor_TranslationUnit;
	f->root->name = "";
	clang_visitChildren(f->root->cursor, visit, &b);
	diagnose_all(f, b.main, diagnose, context);
	return true;
}

const Ast *ast_instance(AstFile *f, CXCursor function)
{
	Ast *known = find(f, function);
	if (known || clang_Cursor_isNull(clang_getSpecializedCursorTemplate(function)))
		return known;
	Ast *beside = arena_new_one(f->arena, Ast); /* not below the root: walks through the file do not visit it */
	*beside = (Ast){.kind = CXCursor_TranslationUnit, .name = "", .parent = f->root};
	Builder b = {.file = f, .parent = beside, .is_instance = true};
	visit(function, beside->cursor, &b);
	return beside->child;
}

void ast_close(AstFile *f)
{
	if (f->unit)
		clang_disposeTranslationUnit(f->unit);
	if (f->index)
		clang_disposeIndex(f->index);
	arena_free(f->arena);
	*f = (AstFile){0};
}

Loc ast_loc(const AstFile *f, const Ast *n)
{
	return (Loc){.file = f->path, .line = n->line, .col = n->col};
}

Ast *ast_next(const Ast *n, const Ast *root)
{
	if (n->child)
		return n->child;
	for (; n != root; n = n->parent)
		if (n->next)
			return n->next;
	return NULL;
}

Ast *ast_child(const Ast *n, int i)
{
	Ast *c = n->child;
	while (c && i--)
		c = c->next;
	return c;
}

const Ast *ast_bare(const Ast *n)
{
	while ((n->kind == CXCursor_ParenExpr || n->kind == CXCursor_UnexposedExpr) && n->child && !n->child->next)
		n = n->child;
	return n;
}

bool ast_is_function(const Ast *n)
{
	return n->kind == CXCursor_FunctionDecl || n->kind == CXCursor_FunctionTemplate || n->kind == CXCursor_CXXMethod ||
	       n->kind == CXCursor_Constructor || n->kind == CXCursor_Destructor || n->kind == CXCursor_ConversionFunction;
}

bool ast_has(const Ast *n, enum CXCursorKind kind)
{
	for (const Ast *c = n->child; c; c = c->next)
		if (c->kind == kind)
			return true;
	return false;
}

bool ast_is_definition(const Ast *n)
{
	return clang_isCursorDefinition(n->cursor);
}

bool ast_is_integer(CXType t)
{
	return (t.kind >= CXType_Bool && t.kind <= CXType_Int128) || t.kind == CXType_Enum;
}

bool ast_is_float(CXType t)
{
	return (t.kind >= CXType_Float && t.kind <= CXType_LongDouble) || t.kind == CXType_Float128 || t.kind == CXType_Half ||
	       t.kind == CXType_Float16;
}

bool ast_is_const(CXType t)
{
	while (t.kind == CXType_ConstantArray || t.kind == CXType_IncompleteArray) {
		if (clang_isConstQualifiedType(t))
			return true;
		t = clang_getArrayElementType(t);
	}
	return clang_isConstQualifiedType(t);
}

bool ast_is_external(const Ast *n)
{
	const bool names = (n->kind == CXCursor_VarDecl && !n->function) || n->kind == CXCursor_FunctionDecl;
	return names && clang_getCursorLinkage(n->cursor) == CXLinkage_External;
}

bool ast_constant(const Ast *n, int64_t *value)
{
	if (!clang_isExpression(n->kind))
		return false;
	CXEvalResult r = clang_Cursor_Evaluate(n->cursor);
	if (!r)
		return false;
	bool good = clang_EvalResult_getKind(r) == CXEval_Int;
	if (good)
		*value = clang_EvalResult_getAsLongLong(r);
	clang_EvalResult_dispose(r);
	return good;
}
