/* test_architectures_slow.c -- what is emitted for GPUs compiles with nvcc for every architecture from sm_75 on, in every
 * precision; what kernels that are launched early do before they wait. */
#include "tests/cuda/nvcc_case.h"
#include "tests/full.h"

#define TINY "'" SOURCE_DIR "/tests/cuda/tiny.ir'"

static void every_architecture(void **state)
{
	const char *archs = full_run() ? "75 80 86 89 90a 100 120" : "75 90a 120";
	(void)state;
	if (!has_nvcc())
		skip();
	must(DSSDC " compile --no-check " CARD " --target=cuda-standalone --precision=f16 --emit=c -o half.cu");
	compile("half", archs, "trained, f16");
}

static void every_precision(void **state)
{
	static const char *const cases[][4] = {
	    {"cuda-standalone", "f32", "75", ""},
	    {"cuda-standalone", "tf32", "80", ""},
	    {"cuda-standalone", "bf16", "75", ""},
	    {"cuda-standalone", "bf16", "90a", ""},
	    {"cuda-standalone", "mixed", "120", ""},
	    {"cuda-standalone", "f16", "90a", "--batch=8"},
	    {"cuda-standalone", "f16", "80", "--arena=caller --weights-form=file"},
	    {"cuda-standalone", "f32", "80", "-O0"},
	    {"cuda", "f32", "75", ""},
	    {"cuda", "bf16", "90a", ""},
	    {"cuda", "f16", "120", "--batch=4 --arena=caller"},
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
		must(DSSDC " compile --no-check %s --random-weights=1 --target=%s --precision=%s %s --emit=c -o net.cu",
		     full_run() ? CARD " --width-divisor=2" : TINY, c[0], c[1], c[3]);
		snprintf(what, sizeof what, "%s, %s, sm_%s %s", c[0], c[1], c[2], c[3]);
		compile("net", c[2], what);
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
	must("nvcc " FLAGS " -arch=compute_90a -ptx early.cu -o early.ptx");
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
	must("ptxas -v -arch=sm_90a early.ptx -o early.cubin");
	check_resources("trained, f16, launched early, sm_90a");
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
	must("NVCC= " DSSDC " compile '" SOURCE_DIR
	     "/tests/golden/detector.ir' --target=cuda -o small && ldd small"); /* nothing in it is cuDNN's */
	assert_null(strstr(out, "cudnn"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_architecture),
	    cmocka_unit_test(every_precision),
	    cmocka_unit_test(a_kernel_that_is_launched_early_waits),
	    cmocka_unit_test(an_executable_needs_few_libraries),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
