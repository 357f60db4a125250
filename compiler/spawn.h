/* spawn.h -- a command line that is put together word by word, and run. */
#ifndef COMPILER_SPAWN_H
#define COMPILER_SPAWN_H

#include "ir/arena.h"
#include "ir/diag.h"

#include <stdbool.h>

enum { MAX_ARGUMENTS = 128 };

typedef struct Command {
	const char *argument[MAX_ARGUMENTS + 1];
	int n;
} Command;

void command_add(Command *c, const char *argument); /* kept by pointer */
void command_add_words(Command *c, const char *words, Arena *a); /* as a shell without quotes would split them */
void command_add_all(Command *c, const char *const *words); /* null-terminated */

/* False, with an error reported, when it cannot be run or does not end with 0. verbose: it is printed first. */
bool command_run(const Command *c, bool verbose, Diag *d);

#endif
