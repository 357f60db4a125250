/* spawn.c -- runs a command and waits for it. */
#include "compiler/spawn.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

void command_add(Command *c, const char *argument)
{
	if (c->n == MAX_ARGUMENTS)
		bug("more than %d arguments for a compiler", MAX_ARGUMENTS);
	c->argument[c->n++] = argument;
	c->argument[c->n] = NULL;
}

void command_add_words(Command *c, const char *words, Arena *a)
{
	while (*words) {
		size_t n = strcspn(words, " \t");
		if (n)
			command_add(c, arena_strndup(a, words, n));
		words += n + strspn(words + n, " \t");
	}
}

bool command_run(const Command *c, bool verbose, Diag *d)
{
	if (verbose) {
		for (int i = 0; i < c->n; i++)
			fprintf(stderr, "%s%s", i ? " " : "", c->argument[i]);
		fputc('\n', stderr);
	}
	pid_t pid;
	posix_spawnattr_t attributes; /* main() ignores SIGPIPE; the child does not inherit that */
	sigset_t standard;
	sigemptyset(&standard);
	sigaddset(&standard, SIGPIPE);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &standard);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	int error = posix_spawnp(&pid, c->argument[0], NULL, &attributes, (char *const *)c->argument, environ);
	posix_spawnattr_destroy(&attributes);
	if (error) {
		diag_error(d, DIAG_IO, (Loc){0}, "cannot run '%s': %s", c->argument[0], strerror(error));
		return false;
	}
	int status;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return true;
	diag_error(d, DIAG_IO, (Loc){0}, "'%s' failed; --verbose shows the command", c->argument[0]);
	return false;
}

void command_add_all(Command *c, const char *const *words)
{
	for (; *words; words++)
		command_add(c, *words);
}
