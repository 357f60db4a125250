/* options.h -- the command line. Rows of options.def become members here. */
#ifndef COMPILER_OPTIONS_H
#define COMPILER_OPTIONS_H

#include "base/progress.h"
#include "ir/arena.h"
#include "ir/diag.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum CommandRow {
#define COMMAND(name, word, operands, operand, help) COMMAND_##word,
#include "compiler/commands.def"
	COMMANDS
} CommandRow;

enum { /* sets of commands */
#define COMMAND(name, word, operands, operand, help) word = 1 << COMMAND_##word,
#include "compiler/commands.def"
       ALL_MODELS = COMPILE | INSPECT | VERIFY | IMPORT,
       HAVE_OPERAND = ALL_MODELS | EVAL | PRIORS | CHECK,
       ALL = (1 << COMMANDS) - 1,
};

typedef struct List {
	const char **item; /* null-terminated, or null */
	int n;
} List;

typedef enum OptionRow {
#define OPTION(member, ...) ROW_##member,
#include "compiler/options.def"
	ROW_COUNT
} OptionRow;

typedef struct Options {
	int command;
	List files;          /* the operands */
	const char *model;   /* the first: a model, eval's program, priors' data set */
	const char *dataset; /* the second, of eval */
#define MEMBER_FLAG bool
#define MEMBER_TEXT const char *
#define MEMBER_INT int
#define MEMBER_DOUBLE double
#define MEMBER_SEED uint64_t
#define MEMBER_BYTES uint64_t
#define MEMBER_LIST List
#define MEMBER_MAYBE const char *
#define OPTION(member, name, argument, kind, ...) MEMBER_##kind member;
#include "compiler/options.def"
	bool given[ROW_COUNT]; /* by row: it was on the command line */
} Options;

#define option_given(o, member) ((o)->given[ROW_##member])

static inline Progress options_progress(const Options *o)
{
	return (Progress){.quiet = o->quiet, .verbose = o->verbose};
}

/* Reads argv[1..]; strings are kept by pointer, lists live in a. All problems are reported; false if there were any. */
bool options_read(int argc, char **argv, Options *o, Arena *a, Diag *d);
bool options_help_of(const char *word, FILE *out, Arena *a, Diag *d); /* of the command of that name; false after an error */
void options_help(int command, FILE *out);                            /* 0: of the whole program */

/* The options that decide what is emitted, in one normal form; files by their base names. target: --target resolved. */
const char *options_normal_form(const Options *o, const char *target, Arena *a);

#endif
