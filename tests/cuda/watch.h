/* watch.h -- tests whose kernels AddressSanitizer looks at; see shim/shim_watch.h. Its runtime must come before all else in a
 * process, so the test runs itself again with it. With a real nvcc nothing is watched. */
#ifndef TESTS_CUDA_WATCH_H
#define TESTS_CUDA_WATCH_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What kernels may touch is all that is not hidden. For the head of a source. */
static const char watch_text[] = "#if defined(SHIM_CUDA_RUNTIME_H)\n"
                                 "#define CASE_HIDE(p, size) ::shim::hide(p, size)\n"
                                 "#define CASE_SHOW(p, size) ::shim::show(p, size)\n"
                                 "#else\n"
                                 "#define CASE_HIDE(p, size) ((void)(p), (void)(size))\n"
                                 "#define CASE_SHOW(p, size) ((void)(p), (void)(size))\n"
                                 "#endif\n\n";

static inline bool watch_is_possible(void)
{
	const char *nvcc = getenv("NVCC"), *cxx = getenv("CXX");
	return (!nvcc || !*nvcc || strstr(nvcc, "nvcc.sh")) && !(cxx && strstr(cxx, "clang"));
}

#if !defined(__SANITIZE_ADDRESS__)
static inline void watch_again(char **arguments)
{
	char path[4096] = "";
	FILE *f = popen("${CXX:-g++} -print-file-name=libasan.so", "r");
	if (!f || !fgets(path, sizeof path, f) || pclose(f) || path[0] != '/') {
		fprintf(stderr, "g++ has no libasan.so\n");
		exit(1);
	}
	path[strcspn(path, "\n")] = 0;
	setenv("LD_PRELOAD", path, 1);
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	setenv("UBSAN_OPTIONS", "print_stacktrace=1", 1);
	setenv("DSSDC_SHIM_WATCH", "1", 1);
	execv("/proc/self/exe", arguments);
	perror("/proc/self/exe");
	exit(1);
}
#endif

/* The text with its first `from` replaced; null if it has none. */
static inline char *watch_seed(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	const size_t size = strlen(text) + strlen(to) + 1;
	char *seeded = at ? malloc(size) : NULL;
	if (seeded)
		snprintf(seeded, size, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	return seeded;
}

/* Whether a sanitizer ends run(argument), in a process of its own, with a report. What AddressSanitizer finds has the kernel's
 * name. */
static inline bool watch_finds(void (*run)(void *), void *argument, const char *kernel)
{
	static char report[1 << 16];
	FILE *f = tmpfile();
	fflush(NULL);
	const pid_t child = f ? fork() : -1;
	int status = 0;
	if (child == 0) {
		dup2(fileno(f), 2);
		run(argument);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return false;
	rewind(f);
	report[fread(report, 1, sizeof report - 1, f)] = 0;
	fclose(f);
	const bool found =
	    status && (strstr(report, "runtime error:") || (strstr(report, "ERROR: AddressSanitizer") && strstr(report, kernel)));
	if (!found)
		fprintf(stderr, "status %x\n%s\n", (unsigned)status, report);
	return found;
}

/* First of all in main(). */
static inline void watch_begin(char **arguments)
{
	if (!watch_is_possible())
		return;
#if defined(__SANITIZE_ADDRESS__)
	(void)arguments;
	setenv("DSSDC_SHIM_WATCH", "1", 1);
#else
	if (!getenv("DSSDC_SHIM_WATCH"))
		watch_again(arguments);
	unsetenv("LD_PRELOAD"); /* compilers do without */
#endif
}

#endif
