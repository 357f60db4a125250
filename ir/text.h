/* text.h -- what reading and writing of the text form share: numbers, types, the reader of one line. */
#ifndef IR_TEXT_H
#define IR_TEXT_H

#include "ir/ir.h"

#include <locale.h>

enum { TYPE_TEXT = 320, NUMBER_TEXT = 40, WORD_TEXT = 64 }; /* room that is always enough */

/* Numbers below have a point, whatever the user's locale: between begin and end the thread is in the C locale. */
typedef struct TextLocale {
	locale_t c, before;
} TextLocale;

TextLocale text_locale_begin(void);
void text_locale_end(TextLocale l);

/* "f32[1,3,321,321]", with "{c8 halo=1,1,1,1}" when the layout is not plain. Returns out. */
const char *type_format(const Type *t, char out[TYPE_TEXT]);

/* A short decimal form that reads back as the same double, or, with single, as the same float. Returns out. */
const char *number_format(double v, bool single, char out[NUMBER_TEXT]);

/* The unread part of a text. Every function skips blanks first; those that want something report what they find
 * instead and are false. After an error the rest of the line is to be skipped. */
typedef struct Lexer {
	const char *file;
	const char *at, *end, *line_start;
	int line;
	Diag *d;
	Arena *a; /* of strings and messages */
} Lexer;

Loc lex_loc(Lexer *x);
bool lex_fail(Lexer *x, const char *wanted); /* "expected WANTED, found ..." here; always false */
bool lex_at_end(Lexer *x);                   /* of the line */
bool lex_want_end(Lexer *x);
void lex_next_line(Lexer *x);
bool lex_is(Lexer *x, char c);  /* comes next */
bool lex_try(Lexer *x, char c); /* takes it when it comes next */
bool lex_want(Lexer *x, char c);
bool lex_string(Lexer *x, const char **out);                      /* "..." with \xNN, \" and \\ */
bool lex_word(Lexer *x, char out[WORD_TEXT], const char *wanted); /* a letter, then letters, digits, _ . - */
bool lex_this(Lexer *x, const char *word);                        /* that word */
bool lex_int(Lexer *x, int64_t least, int64_t most, int64_t *out, const char *wanted);
bool lex_double(Lexer *x, double *out);
bool lex_hash(Lexer *x, uint64_t *out); /* 16 hexadecimal digits */

/* "th:2,tw:6,tv:4": a number for each choice of the kernel. */
void print_plan(FILE *out, const struct Kernel *k, const int plan[MAX_PLAN]);
bool lex_plan(Lexer *x, const struct Kernel *k, int plan[MAX_PLAN]);

/* " name=value" for each attribute of the node that is not the standard one. */
void print_attributes(FILE *out, const Node *n);

/* "; did you mean 'conv2d'?" when a name is near to a misspelt one, or "". name_at gives null at the end. */
typedef const char *(*NameAt)(const void *table, int i);
const char *name_hint(Arena *a, const char *word, NameAt name_at, const void *table);

#endif
