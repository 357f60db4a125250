/* option_table.h -- the rows of options.def and the commands as tables: what reads the command line, prints help, the
 * manual and completion goes by them. */
#ifndef COMPILER_OPTION_TABLE_H
#define COMPILER_OPTION_TABLE_H

#include "compiler/options.h"

typedef enum OptionKind { FLAG, TEXT, INT, DOUBLE, SEED, BYTES, LIST, MAYBE } OptionKind; /* MAYBE: text that may be left out */

typedef struct OptionInfo {
	size_t offset; /* of its member in Options */
	const char *name, *argument;
	OptionKind kind;
	double least, most; /* of INT and DOUBLE */
	int commands;
	const char *group, *help;
	bool unlisted;     /* the list of options in the head of emitted source skips it: the option does not change the source, or the list
	                      always begins with it */
	double standard;   /* of INT and DOUBLE, when it is not given */
	const char *words; /* the values, where they are a fixed list, with blanks between them; completion offers them */
} OptionInfo;

enum { MANY = 1 << 20 };

typedef struct CommandInfo {
	const char *name;
	int command;
	int operands; /* how many; 0: none; MANY: one or more */
	const char *operand, *help;
} CommandInfo;

extern const OptionInfo option_info[ROW_COUNT];
extern const CommandInfo command_info[COMMANDS + 1]; /* one without a name ends them */

/* The help of a row for a command, and its words (null: no fixed list). */
const char *option_help(int row, int command);
const char *option_words(int row, int command);

/* The separator between an option and its value: "=", " " or nothing. */
const char *option_join(const OptionInfo *row);

#endif
