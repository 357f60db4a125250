/* source.h -- names of a model in what is emitted, and runs that are killed: for the quick test and the slow one. */
#ifndef TESTS_EMIT_SOURCE_H
#define TESTS_EMIT_SOURCE_H

#include "tests/shell.h"

#include <signal.h>
#include <time.h>

/* The text without comments, blanks between tokens as one space; strings stay. */
static char *tokens(const char *path)
{
	size_t size;
	char *s = read_file(path, &size), *o = s;
	for (const char *p = s; *p;) {
		if (p[0] == '/' && p[1] == '*') {
			p = strstr(p + 2, "*/");
			assert_non_null(p);
			p += 2;
			*o++ = ' ';
		} else if (*p == '"' || *p == '\'') {
			char quote = *p;
			do {
				if (*p == '\\')
					*o++ = *p++;
				*o++ = *p++;
				assert_true(*p && *p != '\n');
			} while (*p != quote);
			*o++ = *p++;
		} else {
			*o++ = *p++;
		}
	}
	*o = 0;
	return s;
}

static void assert_tame(const char *path)
{
	size_t size;
	char *s = read_file(path, &size);
	assert_lacks(s, "?"
	                "?/");
	for (char *p = strstr(s, "\\\n"); p; p = strstr(p + 2, "\\\n"))
		fail_msg("%s: a spliced line", path);
	for (size_t i = 0; i < size; i++)
		assert_true((s[i] >= 0x20 && s[i] < 0x7f) || s[i] == '\n' || s[i] == '\t');
	free(s);
}

static void write_named(const char *path, const char *name)
{
	char text[8192];
	snprintf(text, sizeof text,
	         "dssdc.ir 1\ngraph \"%s\"\ninput %%1 \"%s\" : f32[1,2,4,4]\nconst %%2 \"%s\" : f32[3,2,1,1] = 1 2 3 4 5 6\n"
	         "%%3 \"%s\" = conv2d \"%s\" %%1 %%2\n%%4 = eltwise \"%s\" %%3 fn=relu\noutput %%4 %%3\n",
	         name, name, name, name, name, name);
	write_text(path, text);
}

/* More options of dssdc compile. */
static void check_names(const char *options)
{
	char longest[256];
	memset(longest, '*', 255);
	longest[254] = '/';
	longest[255] = 0;
	const char *const names[] = {
	    "*/ int main(void) { return 1; } /*",
	    "x\\\"; system(\\\"id\\\"); //",
	    "a\\x0a#include \\\"/etc/passwd\\\"\\x0a",
	    "?"
	    "?/",
	    "?\\x3f/\\x0aint x;",
	    "int",
	    "__attribute__((constructor))",
	    "\342\200\256gnp",
	    "\\x0d\\x0aint y;",
	    "\\\\",
	    "//",
	    "/*",
	    "*",
	    "/",
	    "%s%n%s",
	    "\\x1b[2J",
	    "\\xff\\xfe",
	    longest,
	};
	write_named("plain.ir", "plain");
	must(DSSDC " compile plain.ir --emit=c -O0 --name=net -o plain/ %s", options);
	char *want = tokens("plain/net.c");
	assert_has(want, "net_conv_plain_1(");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		write_named("evil.ir", names[i]);
		must(DSSDC " compile evil.ir --emit=c -O0 --name=net -o evil/ %s", options);
		assert_tame("evil/net.c");
		assert_tame("evil/net.h");
		char *got = tokens("evil/net.c");
		if (strcmp(got, want))
			fail_msg("the name %s changes the tokens", names[i]);
		free(got);
	}
	free(want);
	must("sed 's,/[*].*[*]/,,; /_MODEL_HASH/d; /^ [*]/d; /^\\/[*]/d' plain/net.h >a; sed 's,/[*].*[*]/,,; /_MODEL_HASH/d; /^ [*]/d; "
	     "/^\\/[*]/d' evil/net.h >b; cmp a b");
}

static void sleep_us(long us)
{
	nanosleep(&(struct timespec){us / 1000000, us % 1000000 * 1000}, NULL);
}

/* Killed at so many moments of a run: each file is the old one or the complete new one. */
static void check_kills(int rounds)
{
	enum { FILES = 4 };
	static const char *const files[FILES] = {"net.c", "net.h", "net.manifest.json", "net.weights"};
	char *want[FILES];
	size_t size[FILES];
	struct timespec a, b;
	clock_gettime(CLOCK_MONOTONIC, &a);
	must(DSSDC " compile --no-check " SMALL " --emit=c -o whole/net.c");
	clock_gettime(CLOCK_MONOTONIC, &b);
	long whole = (b.tv_sec - a.tv_sec) * 1000000 + (b.tv_nsec - a.tv_nsec) / 1000;
	for (int i = 0; i < FILES; i++) {
		char path[32];
		snprintf(path, sizeof path, "whole/%s", files[i]);
		want[i] = read_file(path, &size[i]);
	}
	must("mkdir -p killed");
	for (int round = 0; round < rounds; round++) {
		must("echo old | tee killed/net.c killed/net.h killed/net.manifest.json >killed/net.weights; rm -rf killed/.dssdc-*");
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (!pid) {
			execl(BUILD_DIR "/dssdc", "dssdc", "compile", SOURCE_DIR "/models/dssd321_mobilenet.json", "--width-divisor=8",
			      "--random-weights=1", "--emit=c", "--no-check", "-o", "killed/net.c", "--quiet", (char *)NULL);
			_exit(127);
		}
		sleep_us(whole * (round + 1) / rounds);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		for (int i = 0; i < FILES; i++) {
			char path[32];
			size_t n;
			snprintf(path, sizeof path, "killed/%s", files[i]);
			char *got = read_file(path, &n);
			if (strcmp(got, "old\n") && (n != size[i] || memcmp(got, want[i], n)))
				fail_msg("round %d: %s is neither old nor new", round, path);
			free(got);
		}
	}
	for (int i = 0; i < FILES; i++)
		free(want[i]);
}

#endif
