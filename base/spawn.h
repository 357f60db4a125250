/* spawn.h -- a command line that is put together word by word, and run.
 *
 * The child leads a process group of its own, so that cleanup_run() can end it with everything that it started. It finds
 * signals as a shell would have given them to it. */
#ifndef BASE_SPAWN_H
#define BASE_SPAWN_H

#include "ir/arena.h"
#include "ir/diag.h"

#include <stdbool.h>
#include <sys/types.h>

typedef struct Command {
	Arena *arena;          /* set by who begins one; the rest is zero then */
	const char *temporary; /* $TMPDIR of the child; null: ours */
	const char **argument; /* null-terminated */
	int n, room;
} Command;

void command_add(Command *c, const char *argument);    /* kept by pointer */
void command_add_words(Command *c, const char *words); /* as a shell without quotes would split them */
/* The program that the environment's variable names, with options if need be, or the standard one. Blanks belong to a path where
 * there is such a file. */
void command_add_program(Command *c, const char *variable, const char *standard);
void command_add_all(Command *c, const char *const *words); /* null-terminated */

/* False, with an error reported, when it cannot be run or does not end with 0. verbose: it is printed first. */
bool command_run(const Command *c, bool verbose, Diag *d);

/* The same, and nothing is said about an end that is not 0. */
bool command_try(const Command *c, bool verbose, Diag *d);

/* Starts it; out, unless null, gets what it prints. False after an error was reported. One child at a time. */
bool command_start(const Command *c, pid_t *pid, FILE **out, Diag *d);
int command_wait(pid_t pid); /* as waitpid() tells it */

/* fork(): a child that runs on in this program, with nothing to clean up, and ends in stop_with_status(). -1 after an error was
 * reported. */
pid_t command_fork(Diag *d);

#endif
