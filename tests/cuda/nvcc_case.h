/* nvcc_case.h -- compiles emitted sources with nvcc, without a warning, and reads what ptxas says of their kernels: none spills
 * registers or wants more of a device than the smallest has. Without nvcc: one line, and the tests are skipped. */
#ifndef TESTS_CUDA_NVCC_CASE_H
#define TESTS_CUDA_NVCC_CASE_H

#include "tests/shell.h"

#include <sys/resource.h>

#define FLAGS "-std=c++17 -Werror all-warnings -Xcompiler -Wall,-Wextra -Xptxas -v"

static inline bool has_nvcc(void)
{
	static int known = -1;
	if (known < 0)
		known = !sh("command -v nvcc");
	if (!known)
		print_message("no nvcc: what is emitted for GPUs was not compiled\n");
	return known;
}

/* Seconds of a processor that commands took so far: what else runs here does not count. */
static inline double spent(void)
{
	struct rusage r;
	getrusage(RUSAGE_CHILDREN, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) + 1e-6 * (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
}

/* The number before or behind a word of ptxas' report, largest of all kernels; -1: it is not there. */
static inline long largest(const char *text, const char *pattern)
{
	long most = -1;
	for (const char *at = text; (at = strstr(at, pattern)); at++) {
		const char *p = at;
		while (p > text && p[-1] == ' ')
			p--;
		while (p > text && p[-1] >= '0' && p[-1] <= '9')
			p--;
		long n = strtol(p, NULL, 10);
		most = n > most ? n : most;
	}
	return most;
}

/* Static shared memory of a block may be 48 KiB everywhere; 255 registers a thread are what there is. */
static inline void check_resources(const char *what)
{
	long spills = largest(err, "bytes spill stores"), registers = largest(err, " registers"), shared = largest(err, "bytes smem");
	if (spills < 0)
		spills = largest(out, "bytes spill stores"), registers = largest(out, " registers"), shared = largest(out, "bytes smem");
	print_message("%-44s %3ld registers, %5ld bytes of static shared memory, %ld spilled\n", what, registers, shared, spills);
	assert_int_equal(spills, 0);
	assert_in_range(registers, 8, 255);
	assert_true(shared <= 48 * 1024);
}

/* Seconds that nvcc takes. archs: "75 90a"; the first steps, which are the same for all of them, run once. */
static inline double compile(const char *name, const char *archs, const char *what)
{
	char codes[512] = "", copy[128];
	double start = spent();
	snprintf(copy, sizeof copy, "%s", archs);
	for (char *arch = strtok(copy, " "); arch; arch = strtok(NULL, " "))
		snprintf(codes + strlen(codes), sizeof codes - strlen(codes), " -gencode arch=compute_%s,code=sm_%s", arch, arch);
	must("nvcc " FLAGS "%s -c %s.cu -o %s.o", codes, name, name);
	check_resources(what);
	return spent() - start;
}

#endif
