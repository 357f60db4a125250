/* ast.h -- a C or CUDA source as libclang sees it, copied into a tree of ours: rules walk it without callbacks.
 *
 * Only what stands in the main file is kept; headers are known through the declarations that are referred to. A node's
 * place is where it was expanded, so that a statement that begins with a macro still counts as the main file's. A call of a
 * template's instance refers to the template: instances have no text.
 */
#ifndef CHECK_AST_H
#define CHECK_AST_H

#include "ir/arena.h"
#include "ir/diag.h"

#include <clang-c/Index.h>

#include <stdbool.h>
#include <stdint.h>

typedef struct Ast Ast;
struct Ast {
	enum CXCursorKind kind;
	CXCursor cursor;
	CXType type;      /* canonical */
	const char *name; /* of what is declared or referred to; "" when nothing is */
	int line, col;
	Ast *parent, *child, *next; /* children in order of the text */
	Ast *refers;      /* the declaration, when it stands in the tree; else null */
	Ast *function;    /* the function definition around it, or null */
	int number;       /* of function definitions, templates among them: from 1, in order of the text */
	union {
		enum CX_BinaryOperatorKind binary;
		enum CXUnaryOperatorKind unary;
	} op;             /* of operators */
	const Ast *init;  /* of variables: what they begin as, or null */
	int slot;         /* of variables: free for the rule that follows values; 0 at first */
};

typedef struct AstMacro { /* #define NAME 12 */
	const char *name;
	int64_t value;
} AstMacro;

typedef struct AstFile {
	Ast *root;
	AstMacro *macro; /* of this file and its own headers */
	int nmacro, macro_capacity;
	int nfunction;
	const char *path;
	Ast **table; /* declarations by cursor: ast.c's */
	size_t table_size, table_used;
	int ndiagnostic; /* of the compiler, warnings included */
	int nerror;      /* errors among them */
	CXIndex index;
	CXTranslationUnit unit;
	Arena *arena;
} AstFile;

/* Parses path with the given arguments (null-terminated). Diagnostics go to `diagnose`. False after an error was
 * reported: the file cannot be read, or libclang refuses the arguments. ast_close() is due in any case. headers: or null. */
typedef void AstDiagnose(void *context, Loc loc, const char *text);
typedef struct AstHeaders { /* files that are not on disk */
	struct CXUnsavedFile *file;
	unsigned n;
} AstHeaders;
bool ast_open(AstFile *f, const char *path, const char *const *arguments, const AstHeaders *headers, AstDiagnose *diagnose, void *context,
              Diag *d);
void ast_close(AstFile *f);

/* The function that a template becomes for some arguments, as a call refers to it: a tree of its own, beside the file's, whose
 * functions have no number. Null: it is no instance and no function of the file. */
const Ast *ast_instance(AstFile *f, CXCursor function);

Loc ast_loc(const AstFile *f, const Ast *n);
Ast *ast_next(const Ast *n, const Ast *root); /* the next node in order of the text, within root; null at the end */
Ast *ast_child(const Ast *n, int i);          /* or null */
const Ast *ast_bare(const Ast *n);            /* without parentheses and implicit conversions */
bool ast_is_definition(const Ast *n);
bool ast_has(const Ast *n, enum CXCursorKind kind); /* a child of the kind: an attribute */
bool ast_is_function(const Ast *n); /* or a template of functions, or a method */

bool ast_is_integer(CXType t); /* bool and enumerations too */
bool ast_is_float(CXType t);
bool ast_is_const(CXType t); /* on the array or on its elements: clang has it at either */
bool ast_is_external(const Ast *n); /* a function or an object of the file that others see */
/* The value of an integer constant expression. */
bool ast_constant(const Ast *n, int64_t *value);

/* The number that a macro of the file or of its own headers stands for. */
bool ast_macro(const AstFile *f, const char *name, int64_t *value);

#endif
