/* test_rules_cuda.c -- every rule of dssdc check finds its fault in CUDA source, at its line, and finds nothing in emitted code. */
#include "tests/check/test_rules_cuda.h"

static void every_rule_finds_a_fault(void **state)
{
	(void)state;
	if (!can_check())
		skip();
	check_faults(true);
}

/* What the rules allow: but no kernel that is launched so is followed. */
static const char direct[] = HOST("\tnet_kernel<<<dim3(3, 2), dim3(16, 16), 1024, stream>>>(p, 1.0f);\n\tif (cudaGetLastError() != "
                                  "cudaSuccess) return cudaErrorUnknown;\n\tnet_other<<<1, 32, 0, stream>>>(p);");

static const char *const good[] = {
    HEAD "extern \"C\" cudaError_t net_run(void **p) { return cudaGetSymbolAddress(p, net_count); }\nextern \"C\" cudaError_t net_go(const "
         "int *p) { return cudaMemcpyToSymbol(net_count, p, sizeof net_count); }\n",
    HEAD "static void *net_room(void) { return calloc(1, 4); }\nextern \"C\" void *net_open(void) { return net_room(); }\nextern \"C\" "
         "void *net_run(void) { return net_open(); }\n",
    /* a flag of opening */
    HEAD "typedef struct { int building; void *p; } net_state;\nstatic cudaError_t net_f(net_state *s) {\n\tif (s->p && "
         "s->building)\n\t\treturn cudaMalloc(&s->p, 4);\n\treturn cudaSuccess; }\n"
         "extern \"C\" cudaError_t net_run(net_state *s) { return net_f(s); }\nextern \"C\" cudaError_t net_open(net_state *s) "
         "{\n\ts->building = 1;\n\tconst cudaError_t status = net_f(s);\n\ts->building = 0;\n\treturn status; }\n",
    HOST("\tcudaError_t status = cudaMemsetAsync(p, 0, 4, stream);\n\tstatus = status == cudaSuccess ? cudaStreamSynchronize(stream) : "
         "status;\n\tif (status != cudaSuccess) return status;"),
    HEAD LAUNCH "extern \"C\" cudaError_t net_run(int p[1]) {\n\tnet_queue q = {};\n\tnet_launch(&q, net_other, dim3(1), 32, 100000, "
                "p);\n\treturn q.status; }\n",
};

static void good_code_has_no_findings(void **state)
{
	(void)state;
	if (!can_check())
		skip();
	write_text("net.cu", direct);
	assert_int_equal(sh(DSSDC " check net.cu"), 1);
	assert_has(err, "E21: net_kernel is not launched by net_launch(): the places in it are not followed");
	assert_has(err, "E21: net_other is not launched by net_launch(): the places in it are not followed");
	assert_has(out, "net.cu: 2 findings");
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		write_text("net.cu", good[i]);
		if (sh(DSSDC " check net.cu"))
			fail_msg("found in good code:\n%s\n%s", good[i], err);
	}
}

static void emitted_code_keeps_the_rules(void **state)
{
	(void)state;
	if (!can_check())
		skip();
	check_golden("block", "cuda-standalone");
	check_golden("detector", "cuda-standalone");
	check_golden("conv", "cuda");
	must(DSSDC " check conv.cu --json");
	assert_string_equal(out, "{\"file\":\"conv.cu\",\"profile\":\"cuda\",\"findings\":[]}\n");
}

/* Files that are not ours get findings or an error, never a crash. */
static void strange_files(void **state)
{
	(void)state;
	if (!can_check())
		skip();
	write_text("empty.cu", "");
	assert_int_equal(sh(DSSDC " check empty.cu"), 0);
	write_text("broken.cu", "int f( { ] = ; \"");
	assert_int_equal(sh(DSSDC " check broken.cu"), 1);
	write_text("other.cu", "#include <cub/cub.cuh>\nint other_x;\n");
	assert_int_equal(sh(DSSDC " check other.cu"), 1);
	assert_has(err, "other.cu:1:10: error: C0: 'cub/cub.cuh' file not found");
	assert_int_equal(sh(DSSDC " check none.cu"), 5);
}

/* The module carries its headers: it needs neither the source tree nor a toolkit. */
static void a_copy_checks_too(void **state)
{
	(void)state;
	if (!can_check())
		skip();
	write_text("net.cu", good[0]);
	must("mkdir -p copy/bin copy/lib/dssdc && cp " DSSDC " copy/bin/ && cp '" BUILD_DIR "/dssdc-check.so' copy/lib/dssdc/");
	must("copy/bin/dssdc check net.cu");
	must("copy/bin/dssdc check --rules");
	assert_has(out, "C6   no status of CUDA or cuDNN is ignored");
	assert_has(out, "     for: C and CUDA\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_rule_finds_a_fault),
	    cmocka_unit_test(good_code_has_no_findings),
	    cmocka_unit_test(emitted_code_keeps_the_rules),
	    cmocka_unit_test(strange_files),
	    cmocka_unit_test(a_copy_checks_too),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
