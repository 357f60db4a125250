/* test_rules_cuda.c -- every rule of dssdc check finds its fault in CUDA source, at its line, and finds nothing in emitted code. */
#include "tests/shell.h"

static bool can_check(void)
{
	if (sh("echo 'int net_x(void); int net_x(void) { return 0; }' >net.c; " DSSDC " check net.c") != 3)
		return true;
	print_message("skipped: %s", err);
	return false;
}

/* What every text begins with: five lines. */
#define HEAD                                                                                                                       \
	"#include <cuda_runtime.h>\n"                                                                                                  \
	"static __device__ int net_count;\n"                                                                                           \
	"static __global__ void __launch_bounds__(256) net_kernel(int *p, float x) { if (x > 1.0f) *p = net_count; }\n"                \
	"static __device__ int net_both(int x) { return x + 1; }\n"                                                                    \
	"static __global__ void net_other(int *p) { *p = net_both(1); }\n"
#define CUDNN "#include <cudnn.h>\n"
/* In a function of the host. */
#define HOST(text) HEAD "extern \"C\" cudaError_t net_run(int *p, cudaStream_t stream) {\n" text "\n\treturn cudaGetLastError(); }\n"

static const struct {
	const char *rule; /* and what follows it in the message */
	int line;
	const char *text; /* of net.cu */
} bad[] = {
    {"C0: incompatible pointer types assigning to", 6, HEAD "static __global__ void net_k(int *p, float *q) { p = q; }\n"},
    {"C0: too few arguments", 7, HOST("\tnet_kernel<<<1, 32, 0, stream>>>(p);")},
    {"C0: cannot initialize a parameter of type 'int *'", 7, HOST("\tnet_kernel<<<1, 32, 0, stream>>>(1.0f, p);")},
    {"C0: no matching function for call to 'net_host'", 7, HEAD "static int net_host(int x) { return x; }\nstatic __global__ void net_k(int *p) { *p = net_host(1); }\n"},
    {"C0: call to global function 'net_kernel' not configured", 7, HOST("\tnet_kernel(p, 1.0f);")},
    {"C0: kernel function type 'int (int *)' must have void return type", 6, HEAD "static __global__ int net_k(int *p) { return *p; }\n"},
    {"C0: variable length array", 6, HEAD "static __global__ void net_k(int *p, int n) { int a[n]; a[0] = 1; *p = a[0]; }\n"},
    {"C0: use of undeclared identifier 'CUDNN_STATUS_FINE'", 3, CUDNN "static int net_f(cudnnStatus_t s) {\n\treturn s == CUDNN_STATUS_FINE; }\n"},
    {"C0: no matching function for call to 'cudnnSetStream'", 3, CUDNN "static cudnnStatus_t net_f(cudnnHandle_t h) {\n\treturn cudnnSetStream(h); }\n"},
    {"C0: use of undeclared identifier 'cudnnSetRNNDescriptor_v6'", 3, CUDNN "static cudnnStatus_t net_f(cudnnHandle_t h) {\n\treturn cudnnSetRNNDescriptor_v6(h); }\n"},
    {"C0: array index 4 is past the end", 6, HEAD "static __global__ void net_k(int *p) { int a[4] = {0}; *p = a[4]; }\n"},
    {"C0: implicit conversion", 6, HEAD "static __device__ int net_narrow(size_t n) { return n; }\n"},
    {"C0: unused variable 'newer'", 8, HEAD "static __global__ void net_k(int *p) {\n#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800\n\tint newer;\n#endif\n\t*p = 1; }\n"},
    {"C0: unused variable 'older'", 8, HEAD "static __global__ void net_k(int *p) {\n#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800\n\tint older;\n#endif\n\t*p = 1; }\n"},
    {"C0: no matching function for call to 'dssdc_launch'", 12, HEAD "static cudaError_t net_f(cudaStream_t stream) {\n\tcudaLaunchConfig_t c = {};\n\tc.gridDim = 1;\n\tc.blockDim = 32;\n\tc.stream = stream;\n\tfloat p = 0.0f;\n\treturn cudaLaunchKernelEx(&c, net_other, p); }\n"},
};

static void every_fault_is_found(void **state)
{
	(void)state;
	if (!can_check())
		skip();
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char want[128];
		snprintf(want, sizeof want, "net.cu:%d:", bad[i].line);
		write_text("net.cu", bad[i].text);
		assert_int_equal(sh(DSSDC " check net.cu"), 1);
		char *at = err;
		bool found = false;
		for (; !found && (at = strstr(at, bad[i].rule)) != NULL; at++) {
			char *line = at;
			while (line > err && line[-1] != '\n')
				line--;
			found = !strncmp(line, want, strlen(want));
		}
		if (!found)
			fail_msg("wanted %s %s in\n%s\nfound:\n%s", want, bad[i].rule, bad[i].text, err);
	}
}

static void emitted_code_keeps_the_rules(void **state)
{
	static const char *const targets[] = {"cuda", "cuda-standalone"};
	(void)state;
	if (!can_check())
		skip();
	for (int i = 0; i < 2; i++)
		for (int level = 0; level < 2; level++) {
			must(DSSDC " compile " SMALL " --emit=c --quiet --target=%s -O%d --precision=%s --name=net -o %s%d/", targets[i], level, level ? "f16" : "f32", targets[i], level);
			must(DSSDC " check %s%d/net.cu", targets[i], level);
			assert_has(out, ": 0 findings, profile cuda");
		}
	must(DSSDC " check cuda1/net.cu --json");
	assert_string_equal(out, "{\"file\":\"cuda1/net.cu\",\"profile\":\"cuda\",\"findings\":[]}\n");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_fault_is_found),
	    cmocka_unit_test(emitted_code_keeps_the_rules),
	    cmocka_unit_test(strange_files),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
