/* shell.h -- tests that run commands: a work folder, what they print, files as bytes. */
#ifndef TESTS_SHELL_H
#define TESTS_SHELL_H

#ifndef _DEFAULT_SOURCE
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* mkdtemp */
#endif
#endif
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define DSSDC "'" BUILD_DIR "/dssdc'"
#define CARD "'" SOURCE_DIR "/models/dssd321_mobilenet.json'"
#define SMALL CARD " --width-divisor=8 --random-weights=1" /* compiles in seconds, finds plenty in any picture */

static char out[1 << 20], err[1 << 20]; /* what the last command printed */
static char work[64];

/* Group setup and teardown: the current folder is a fresh one, removed in the end. */
static int work_begin(void **state)
{
	(void)state;
	snprintf(work, sizeof work, "/tmp/dssdc-test-XXXXXX");
	return !mkdtemp(work) || chdir(work);
}

static int work_end(void **state)
{
	char command[128];
	(void)state;
	snprintf(command, sizeof command, "cd / && rm -rf '%s'", work);
	return system(command);
}

static void read_text(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		fail_msg("%s is missing", path);
	size_t n = fread(text, 1, size - 1, f);
	text[n] = 0;
	fclose(f);
}

/* The exit status; death by a signal and a sanitizer's report fail the test. */
static __attribute__((format(printf, 1, 2))) int sh(const char *format, ...)
{
	static char command[1 << 16], whole[sizeof command + 256];
	va_list args;
	va_start(args, format);
	vsnprintf(command, sizeof command, format, args);
	va_end(args);
	snprintf(whole, sizeof whole, "( %s\n) >'%s/.out' 2>'%s/.err'", command, work, work);
	int status = system(whole);
	char path[80];
	snprintf(path, sizeof path, "%s/.out", work);
	read_text(path, out, sizeof out);
	snprintf(path, sizeof path, "%s/.err", work);
	read_text(path, err, sizeof err);
	if (!WIFEXITED(status) || WEXITSTATUS(status) >= 128 || strstr(err, "Sanitizer") || strstr(err, "runtime error:"))
		fail_msg("%s\nstatus %x\n%s", command, (unsigned)status, err);
	return WEXITSTATUS(status);
}

/* The same, and the status must be 0. */
#define must(...)                                         \
	do {                                              \
		if (sh(__VA_ARGS__))                      \
			fail_msg("failed: " __VA_ARGS__); \
	} while (0)

static inline bool exists(const char *path)
{
	return !access(path, F_OK);
}

/* All bytes, with a NUL behind them; the caller frees. */
static inline char *read_file(const char *path, size_t *size)
{
	struct stat st;
	FILE *f = fopen(path, "rb");
	if (!f || fstat(fileno(f), &st))
		fail_msg("%s is missing", path);
	char *bytes = malloc((size_t)st.st_size + 1);
	assert_non_null(bytes);
	*size = fread(bytes, 1, (size_t)st.st_size, f);
	bytes[*size] = 0;
	fclose(f);
	return bytes;
}

static inline void write_bytes(const char *path, const void *bytes, size_t size)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

static inline void write_text(const char *path, const char *text)
{
	write_bytes(path, text, strlen(text));
}

static inline void assert_same_file(const char *a, const char *b)
{
	size_t na, nb;
	char *x = read_file(a, &na), *y = read_file(b, &nb);
	if (na != nb || memcmp(x, y, na))
		fail_msg("%s and %s differ", a, b);
	free(x);
	free(y);
}

static inline int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "a.c a.h": the names in a folder, sorted; dot files are left out. */
static inline void assert_folder(const char *dir, const char *want)
{
	char *name[64], got[4096] = "";
	int n = 0;
	DIR *d = opendir(dir);
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d)) && n < 64;)
		if (e->d_name[0] != '.')
			name[n++] = strdup(e->d_name);
	closedir(d);
	qsort(name, (size_t)n, sizeof *name, by_name);
	for (int i = 0; i < n; i++) {
		snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", i ? " " : "", name[i]);
		free(name[i]);
	}
	assert_string_equal(got, want);
}

static inline void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in:\n%.3000s", part, text);
}

static inline void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' is in:\n%.3000s", part, text);
}

#endif
