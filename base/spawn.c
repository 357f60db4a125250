/* spawn.c -- posix_spawn() with signals held back until the child is in the table of cleanup.h. */
#include "base/spawn.h"
#include "base/files.h"
#include "ir/cleanup.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

void command_add(Command *c, const char *argument)
{
	if (c->n + 1 >= c->room) {
		c->room = c->room ? 2 * c->room : 64;
		c->argument = arena_grow(c->arena, c->argument, sizeof *c->argument * (size_t)c->n, sizeof *c->argument * (size_t)c->room);
	}
	c->argument[c->n++] = argument;
}

void command_add_words(Command *c, const char *words)
{
	while (*words) {
		size_t n = strcspn(words, " \t\n");
		if (n)
			command_add(c, arena_strndup(c->arena, words, n));
		words += n + strspn(words + n, " \t\n");
	}
}

static bool is_program(const char *path)
{
	struct stat st;
	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

/* Bytes of the longest path of a program that the words begin with and that ends before a blank; 0: there is none. */
static size_t program_length(const Command *c, const char *words)
{
	for (size_t n = strchr(words, '/') ? strlen(words) : 0; n > 0; n--)
		if ((!words[n] || isspace((unsigned char)words[n])) && is_program(arena_strndup(c->arena, words, n)))
			return n;
	return 0;
}

void command_add_program(Command *c, const char *variable, const char *standard)
{
	const char *words = getenv(variable);
	words = words ? words + strspn(words, " \t\n") : "";
	const size_t n = program_length(c, words);
	if (n)
		command_add(c, arena_strndup(c->arena, words, n));
	command_add_words(c, *words ? words + n : standard);
}

void command_add_all(Command *c, const char *const *words)
{
	for (; *words; words++)
		command_add(c, *words);
}

/* Ours, but for TMPDIR: what a compiler leaves there when it is killed goes with the folder. */
static char **environment(const Command *c)
{
	static const char name[] = "TMPDIR=";
	int n = 0, k = 0;
	if (!c->temporary)
		return environ;
	while (environ[n])
		n++;
	char **e = arena_new_array(c->arena, char *, n + 2);
	for (int i = 0; i < n; i++)
		if (strncmp(environ[i], name, sizeof name - 1))
			e[k++] = environ[i];
	e[k] = arena_printf(c->arena, "%s%s", name, c->temporary);
	return e;
}

/* main() ignores SIGPIPE and SIGXFSZ; the child does not inherit that. 0 or an errno. */
static int set_attributes(posix_spawnattr_t *t, const sigset_t *mask)
{
	sigset_t standard;
	sigemptyset(&standard);
	sigaddset(&standard, SIGPIPE);
	sigaddset(&standard, SIGXFSZ);
	int error = posix_spawnattr_setsigdefault(t, &standard);
	error = error ? error : posix_spawnattr_setsigmask(t, mask);
	error = error ? error : posix_spawnattr_setpgroup(t, 0);
	return error ? error : posix_spawnattr_setflags(t, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
}

/* out: becomes the child's standard output; -1: ours. 0 or an errno. */
static int spawn(const Command *c, pid_t *pid, int out)
{
	posix_spawnattr_t attributes;
	posix_spawn_file_actions_t actions;
	sigset_t before;
	char **e = environment(c);
	int error = posix_spawn_file_actions_init(&actions);
	if (error)
		return error;
	if (out >= 0)
		error = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	int bad = posix_spawnattr_init(&attributes);
	error = error ? error : bad;
	cleanup_hold(&before);
	error = error ? error : set_attributes(&attributes, &before);
	error = error ? error : posix_spawnp(pid, c->argument[0], &actions, &attributes, (char *const *)c->argument, e);
	if (!error)
		cleanup_child_set(*pid);
	cleanup_release(&before);
	if (!bad)
		posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

static bool refuse(const Command *c, int error, Diag *d)
{
	diag_error(d, file_error_class(error), (Loc){0}, "cannot run '%s': %s", c->argument[0], strerror(error));
	return false;
}

static bool start_with_pipe(const Command *c, pid_t *pid, FILE **out, Diag *d)
{
	int to[2];
	if (pipe(to))
		return refuse(c, errno, d);
	fcntl(to[0], F_SETFD, FD_CLOEXEC);
	fcntl(to[1], F_SETFD, FD_CLOEXEC);
	*out = fdopen(to[0], "r");
	int error = *out ? spawn(c, pid, to[1]) : errno;
	close(to[1]);
	if (!error)
		return true;
	if (*out)
		fclose(*out);
	else
		close(to[0]);
	return refuse(c, error, d);
}

bool command_start(const Command *c, pid_t *pid, FILE **out, Diag *d)
{
	if (out)
		return start_with_pipe(c, pid, out, d);
	const int error = spawn(c, pid, -1);
	return !error || refuse(c, error, d);
}

pid_t command_fork(Diag *d)
{
	sigset_t before;
	cleanup_hold(&before);
	const pid_t pid = fork();
	const int error = errno;
	if (pid == 0) {
		setpgid(0, 0);
		cleanup_forget();
	} else if (pid > 0) {
		setpgid(pid, pid); /* whoever comes first */
		cleanup_child_set(pid);
	}
	cleanup_release(&before);
	if (pid < 0)
		diag_error(d, DIAG_LIMIT, (Loc){0}, "no process for the emitted program: %s", strerror(error));
	return pid;
}

int command_wait(pid_t pid)
{
	siginfo_t info;
	sigset_t before;
	int status = 0;
	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) && errno == EINTR)
		;
	cleanup_hold(&before); /* as long as nobody waited for it, its number is nobody else's */
	cleanup_child_set(0);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	cleanup_release(&before);
	return status;
}

bool command_try(const Command *c, bool verbose, Diag *d)
{
	pid_t pid;
	if (verbose) {
		for (int i = 0; i < c->n; i++)
			fprintf(stderr, "%s%s", i ? " " : "", c->argument[i]);
		fputc('\n', stderr);
	}
	if (!command_start(c, &pid, NULL, d))
		return false;
	const int status = command_wait(pid);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

bool command_run(const Command *c, bool verbose, Diag *d)
{
	const int before = diag_errors(d);
	if (command_try(c, verbose, d))
		return true;
	if (diag_errors(d) == before)
		diag_error(d, DIAG_IO, (Loc){0}, "'%s' failed; --verbose shows the command", c->argument[0]);
	return false;
}
