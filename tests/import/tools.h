/* tools.h -- what the import tests share: a temporary folder, messages caught as text, time and memory of a call. */
#ifndef TESTS_IMPORT_TOOLS_H
#define TESTS_IMPORT_TOOLS_H

#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* wait4 */
#endif

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ir/diag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

typedef struct Messages {
	Diag diag;
	char *text;
	size_t size;
} Messages;

static inline void messages_open(Messages *m)
{
	*m = (Messages){0};
	m->diag.out = open_memstream(&m->text, &m->size);
	m->diag.show_notes = true;
	assert_non_null(m->diag.out);
}

/* The text stays until messages_free. */
static inline const char *messages_text(Messages *m)
{
	fflush(m->diag.out);
	return m->text;
}

static inline void messages_free(Messages *m)
{
	fclose(m->diag.out);
	free(m->text);
}

static inline void assert_message(Messages *m, const char *part)
{
	if (!strstr(messages_text(m), part))
		fail_msg("no \"%s\" in:\n%s", part, messages_text(m));
}

/* A folder of its own for the test; the caller removes what it puts there. */
static inline char *temporary_folder(char *path)
{
	const char *base = getenv("TMPDIR");
	sprintf(path, "%.200s/dssdc-test-XXXXXX", base ? base : "/tmp");
	assert_non_null(mkdtemp(path));
	return path;
}

static inline void write_file(const char *path, const void *data, size_t size)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

static inline char *read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		fail_msg("cannot read %s", path);
	fseek(f, 0, SEEK_END);
	long n = ftell(f);
	rewind(f);
	char *p = malloc((size_t)n + 1);
	assert_non_null(p);
	assert_int_equal(fread(p, 1, (size_t)n, f), (size_t)n);
	p[n] = 0;
	fclose(f);
	if (size)
		*size = (size_t)n;
	return p;
}

/* What one run of `call`, in a process of its own, cost. */
typedef struct Cost {
	double cpu;      /* seconds of processor time */
	size_t resident; /* KiB */
} Cost;

static inline Cost run_apart(int (*call)(const char *), const char *argument, int status)
{
	fflush(NULL);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(call(argument));
	int result;
	struct rusage usage;
	assert_int_equal(wait4(child, &result, 0, &usage), child);
	assert_true(WIFEXITED(result));
	assert_int_equal(WEXITSTATUS(result), status);
	return (Cost){(double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec * 1e-6 + (double)usage.ru_stime.tv_sec +
	                  (double)usage.ru_stime.tv_usec * 1e-6,
	              (size_t)usage.ru_maxrss};
}

/* Holds `call` to robustness.md: it ends with the given status within a second, in 64 MiB plus twice the size of its
 * input. On a shared machine the quickest of a few runs is what the code costs. Under a sanitizer only the status counts. */
static inline void assert_frugal(int (*call)(const char *), const char *argument, size_t input_size, int status)
{
	enum { RUNS = 8 };
	const size_t allowed = ((size_t)64 << 10) + 2 * input_size / 1024;
	double best = INFINITY;
	for (int i = 0; i < RUNS && best > 1; i++) {
		Cost c = run_apart(call, argument, status);
		if (SANITIZED)
			return;
		if (c.resident > allowed)
			fail_msg("%zu KiB resident; %zu are allowed", c.resident, allowed);
		best = c.cpu < best ? c.cpu : best;
	}
	if (best > 1)
		fail_msg("%.2f s of processor time; one second is allowed", best);
}

#endif
