/* parallel.h -- shell commands, as many at a time as there are processors. */
#ifndef TESTS_EMIT_PARALLEL_H
#define TESTS_EMIT_PARALLEL_H

#include "tests/shell.h"

enum { MAX_JOBS = 128 };

static __attribute__((unused)) bool have(const char *program)
{
	char command[128];
	snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", program);
	return !system(command);
}

typedef struct Jobs {
	char *command[MAX_JOBS];
	pid_t pid[MAX_JOBS];
	int n;
} Jobs;

static __attribute__((format(printf, 2, 3))) void job(Jobs *j, const char *format, ...)
{
	char text[4096];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	assert_true(j->n < MAX_JOBS);
	j->command[j->n++] = strdup(text);
}

/* Waits for one; reports the command and what it printed when it failed. */
static void jobs_wait(Jobs *j, int *nfailed)
{
	int status, i = 0;
	pid_t pid = wait(&status);
	while (i < j->n && j->pid[i] != pid)
		i++;
	assert_true(pid > 0 && i < j->n);
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return;
	char path[32], log[4000];
	snprintf(path, sizeof path, ".job%d", i);
	read_text(path, log, sizeof log);
	print_error("%s\n%s\n", j->command[i], log);
	++*nfailed;
}

/* Runs them all; every one must end with 0. */
static void jobs_run(Jobs *j)
{
	int running = 0, nfailed = 0, most = (int)sysconf(_SC_NPROCESSORS_ONLN);
	for (int i = 0; i < j->n; i++) {
		if (running == most) {
			jobs_wait(j, &nfailed);
			running--;
		}
		j->pid[i] = fork();
		assert_true(j->pid[i] >= 0);
		if (!j->pid[i]) {
			char *text = malloc(strlen(j->command[i]) + 64);
			sprintf(text, "( %s\n) >.job%d 2>&1", j->command[i], i);
			execl("/bin/sh", "sh", "-c", text, (char *)NULL);
			_exit(127);
		}
		running++;
	}
	for (; running; running--)
		jobs_wait(j, &nfailed);
	for (int i = 0; i < j->n; i++)
		free(j->command[i]);
	j->n = 0;
	assert_int_equal(nfailed, 0);
}

#endif
