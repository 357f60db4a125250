/* ast.h -- the syntax tree of a C or CUDA source, copied from libclang: rules walk it without callbacks.
 *
 * The tree has the main file only; cursors lead to declarations in headers. A node's place is that of the macro's expansion, so
 * that a statement that begins with a macro belongs to the main file. A call of a template's instance refers to the template:
 * instances have no text.
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
	const char *name; /* of the declaration, or of the one that is referred to; "" if there is none */
	int line, col;
	Ast *parent, *child, *next; /* children in order of the text */
	Ast *refers;                /* the declaration, if it is in the tree; else null */
	Ast *function;              /* the function definition around it, or null */
	int number;                 /* of function definitions, templates among them: from 1, in order of the text */
	union {
		enum CX_BinaryOperatorKind binary;
		enum CXUnaryOperatorKind unary;
	} op;            /* of operators */
	const Ast *init; /* of variables: the initializer, or null */
	int slot;        /* of variables: belongs to E21, bounds_state.h; 0 at first */
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

/* The instance of a template that a call refers to, as a tree outside of the file's; its functions have no number. Of another function
 * of the file: that function. Null: it is neither. */
const Ast *ast_instance(AstFile *f, CXCursor function);

Loc ast_loc(const AstFile *f, const Ast *n);
Ast *ast_next(const Ast *n, const Ast *root); /* the next node in order of the text, within root; null at the end */
Ast *ast_child(const Ast *n, int i);          /* or null */
const Ast *ast_bare(const Ast *n);            /* without parentheses and implicit conversions */
bool ast_is_definition(const Ast *n);
bool ast_has(const Ast *n, enum CXCursorKind kind); /* a child of the kind: an attribute */
bool ast_is_function(const Ast *n);                 /* or a template of functions, or a method */

bool ast_is_integer(CXType t); /* bool and enumerations too */
bool ast_is_float(CXType t);
bool ast_is_const(CXType t);        /* on the array or on its elements: clang has it at either */
bool ast_is_external(const Ast *n); /* a function or an object with external linkage */
/* The value of an integer constant expression. */
bool ast_constant(const Ast *n, int64_t *value);

/* The number that a macro of the file or of its own headers stands for. */
bool ast_macro(const AstFile *f, const char *name, int64_t *value);

#endif
