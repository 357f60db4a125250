/* test_nvcc_slow.c -- what is emitted for GPUs compiles with nvcc, without a warning, for every architecture from sm_75 on;
 * no kernel spills registers or wants more of a device than the smallest has; a network's source compiles in less than a
 * minute. Without nvcc: one line, and the tests are skipped. */
#include "tests/shell.h"

#include <sys/resource.h>

#define FLAGS "-std=c++17 -Werror all-warnings -Xcompiler -Wall,-Wextra -Xptxas -v"

static bool has_nvcc(void)
{
	static int known = -1;
	if (known < 0)
		known = !sh("command -v nvcc");
	if (!known)
		print_message("no nvcc: what is emitted for GPUs was not compiled\n");
	return known;
}

/* Seconds of a processor that commands took so far: what else runs here does not count. */
static double spent(void)
{
	struct rusage r;
	getrusage(RUSAGE_CHILDREN, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) + 1e-6 * (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
}

/* The number before or behind a word of ptxas' report, largest of all kernels; -1: it is not there. */
static long largest(const char *text, const char *pattern)
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
static void check_resources(const char *what)
{
	long spills = largest(err, "bytes spill stores"), registers = largest(err, " registers"), shared = largest(err, "bytes smem");
	if (spills < 0)
		spills = largest(out, "bytes spill stores"), registers = largest(out, " registers"), shared = largest(out, "bytes smem");
	print_message("%-44s %3ld registers, %5ld bytes of static shared memory, %ld spilled\n", what, registers, shared, spills);
	assert_int_equal(spills, 0);
	assert_in_range(registers, 8, 255);
	assert_true(shared <= 48 * 1024);
}

/* Seconds that nvcc takes. */
static double compile(const char *name, const char *arch, const char *what)
{
	double start = spent();
	must("nvcc " FLAGS " -arch=%s -c %s.cu -o %s.o", arch, name, name);
	check_resources(what);
	return spent() - start;
}

static void every_architecture(void **state)
{
	static const char *const archs[] = {"sm_75", "sm_80", "sm_86", "sm_89", "sm_90a", "sm_100", "sm_120"};
	(void)state;
	if (!has_nvcc())
		skip();
	must(DSSDC " compile --no-check " CARD " --target=cuda-standalone --precision=f16 --emit=c -o half.cu");
	for (size_t i = 0; i < sizeof archs / sizeof *archs; i++) {
		char what[64];
		snprintf(what, sizeof what, "trained, f16, %s", archs[i]);
		compile("half", archs[i], what);
	}
}

static void every_precision(void **state)
{
	static const char *const cases[][5] = { /* the trained network has three times the kernels */
	    {"cuda-standalone", "f32", "sm_75", "", "dssd321_mobilenet"},
	    {"cuda-standalone", "tf32", "sm_80", "", "ssd300_voc"},
	    {"cuda-standalone", "bf16", "sm_75", "", "dssd321_mobilenet"},
	    {"cuda-standalone", "bf16", "sm_90a", "", "ssd300_voc"},
	    {"cuda-standalone", "mixed", "sm_120", "", "ssd300_voc"},
	    {"cuda-standalone", "f16", "sm_90a", "--batch=8", "dssd321_mobilenet"},
	    {"cuda-standalone", "f16", "sm_80", "--arena=caller --weights-form=file", "ssd300_voc"},
	    {"cuda-standalone", "f32", "sm_80", "-O0", "ssd300_voc"},
	    {"cuda", "f32", "sm_75", "", "ssd300_voc"},
	    {"cuda", "bf16", "sm_90a", "", "dssd321_mobilenet"},
	    {"cuda", "f16", "sm_120", "--batch=4 --arena=caller", "ssd300_voc"},
	};
	(void)state;
	if (!has_nvcc())
		skip();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *const *c = cases[i];
		char what[128];
		if (!strcmp(c[0], "cuda") && sh("echo '#include <cudnn.h>' | nvcc -x cu -E - >/dev/null")) {
			print_message("no cudnn.h: target cuda was not compiled\n");
			continue;
		}
		must(DSSDC " compile --no-check '" SOURCE_DIR "/models/%s.json' --width-divisor=2 --random-weights=1 --target=%s --precision=%s %s --emit=c -o net.cu",
		     c[4], c[0], c[1], c[3]);
		snprintf(what, sizeof what, "%s, %s, %s %s", c[0], c[1], c[2], c[3]);
		compile("net", c[2], what);
	}
}

/* The sources of the full networks: thousands of kernels would be a fault of the emitter. */
static void every_network(void **state)
{
	static const char *const cards[] = {"ssd300_voc",  "ssd300_coco",  "ssd512_voc",   "ssd512_coco", "ssd321_voc", "ssd321_coco",
	                                    "dssd321_voc", "dssd321_coco", "ssd513_voc", "ssd513_coco", "dssd513_voc", "dssd513_coco"};
	(void)state;
	if (!has_nvcc())
		skip();
	for (size_t i = 0; i < sizeof cards / sizeof *cards; i++) {
		must(DSSDC " compile --no-check '" SOURCE_DIR "/models/%s.json' --random-weights=1 --target=cuda-standalone --precision=bf16 --weights-form=file --emit=c -o net.cu", cards[i]);
		must("rm -f net.weights");
		double seconds = compile("net", "sm_90a", cards[i]);
		print_message("%-44s %.1f s\n", cards[i], seconds);
		assert_true(seconds < 60);
	}
}

/* What one kernel does to memory before it waits for the kernel before it: nothing. The compiler may move loads of what is
 * declared as constant, so its result is looked at. */
static void a_kernel_that_is_launched_early_waits(void **state)
{
	(void)state;
	if (!has_nvcc())
		skip();
	must(DSSDC " compile --no-check " CARD " --target=cuda-standalone --precision=f16 --early-launch --emit=c -o early.cu");
	must("nvcc -std=c++17 -arch=compute_90a -ptx early.cu -o early.ptx");
	must("awk '/\\.entry / {kernels++; begun = 0} "
	     "/griddepcontrol.wait/ {begun = 1; waits++} "
	     "!begun && kernels && /\t(ld|st|atom|red|cp)\\./ && !/ld\\.param|prefetch\\.L2/ {bad++; print > \"/dev/stderr\"} "
	     "/prefetch.L2/ {fetches++} "
	     "END {print kernels + 0, waits + 0, fetches + 0, bad + 0}' early.ptx");
	int kernels, waits, fetches, bad;
	assert_int_equal(sscanf(out, "%d %d %d %d", &kernels, &waits, &fetches, &bad), 4);
	print_message("%d kernels launched early, %d wait, %d fetch weights meanwhile\n", kernels, waits, fetches);
	assert_in_range(kernels, 50, 200);
	assert_int_equal(waits, kernels);
	assert_in_range(fetches, 50, kernels);
	assert_int_equal(bad, 0);
	compile("early", "sm_90a", "trained, f16, launched early, sm_90a");
}

/* The executable carries what reads photographs, as the one of a CPU does. */
static void an_executable_needs_few_libraries(void **state)
{
	(void)state;
	if (!has_nvcc())
		skip();
	must("NVCC= " DSSDC " compile --no-check " SMALL " --target=cuda-standalone --precision=f16 -o detect && ldd detect");
	assert_null(strstr(out, "jpeg"));
	assert_null(strstr(out, "png"));
	assert_null(strstr(out, "libz"));
	int status = sh("./detect '" SOURCE_DIR "/examples/photos/chelsea.png'");
	assert_true(status == 0 || (status == 3 && strstr(err, "there is no device")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_architecture),
	    cmocka_unit_test(every_precision),
	    cmocka_unit_test(every_network),
	    cmocka_unit_test(a_kernel_that_is_launched_early_waits),
	    cmocka_unit_test(an_executable_needs_few_libraries),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
