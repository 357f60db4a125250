/* test_shim_slow.c -- the stand-in for CUDA does what a device does, and ends a program where a device would go wrong in
 * silence. The kernels and their answers are in shim_case.cu. NVCC=nvcc asks a device for those that are legal. */
#include "tests/shell.h"

#define SHIM "'" SOURCE_DIR "/tests/cuda/nvcc.sh'"
#define SOURCE "'" SOURCE_DIR "/tests/cuda/shim_case.cu'"
#define FLAGS " -O2 -std=c++17 -gencode arch=compute_80,code=[sm_80,compute_80] -Werror all-warnings "

static bool on_device(void)
{
	const char *nvcc = getenv("NVCC");
	return nvcc && *nvcc && !strstr(nvcc, "nvcc.sh");
}

static void legal_programs(const char *program)
{
	static const char *const legal[] = {"barriers",       "block_votes", "returned_threads", "warp_shuffles", "warp_parts", "atomics",
	                                    "dynamic_memory", "grids",       "conversions",      "graphs",        "captures",   "copies",
	                                    "fork_waits"};
	for (size_t i = 0; i < sizeof legal / sizeof *legal; i++) {
		must("./%s %s", program, legal[i]);
		if (on_device())
			continue;
		must("DSSDC_SHIM_ORDER=2 ./%s %s", program, legal[i]);
		must("DSSDC_SHIM_ORDER=7 ./%s %s", program, legal[i]);
	}
}

static void does_what_a_device_does(void **state)
{
	(void)state;
	if (on_device()) {
		must("$NVCC" FLAGS SOURCE " -o device");
		legal_programs("device");
		return;
	}
	must(SHIM FLAGS SOURCE " -o gnu");
	legal_programs("gnu");
	if (sh("command -v clang++-19")) {
		print_message("no clang++-19: the shim was not compiled with it\n");
		return;
	}
	must("CXX=clang++-19 " SHIM FLAGS SOURCE " -o clang");
	legal_programs("clang");
}

/* Without nvcc.sh, and several sources in one program. */
static void links_as_headers(void **state)
{
	(void)state;
	write_text("other.cu", "#include <cuda_runtime.h>\n"
	                       "static __global__ void other(int *y)\n{\n"
	                       "\textern __shared__ __align__(16) unsigned char other_shared[];\n"
	                       "\tother_shared[threadIdx.x] = 1;\n\ty[threadIdx.x] = other_shared[threadIdx.x];\n}\n"
	                       "int run_other(int *y)\n{\n\tcudaLaunchConfig_t c = {};\n\tc.gridDim = dim3(1);\n\tc.blockDim = dim3(32);\n"
	                       "\tc.dynamicSmemBytes = 32;\n\treturn cudaLaunchKernelEx(&c, other, y);\n}\n");
	write_text("plain.c", "int of_c(void);\nint of_c(void)\n{\n\treturn 5;\n}\n");
	write_text(
	    "main.cu",
	    "#include <cuda_runtime.h>\n#include <cuda_fp16.h>\nextern \"C\" int of_c(void);\nint run_other(int *y);\n"
	    "static __global__ void here(int *y)\n{\n"
	    "\textern __shared__ __align__(16) unsigned char main_shared[];\n\ty[0] = main_shared[threadIdx.x];\n}\n"
	    "int main(void)\n{\n\tstatic int y[32];\n\tcudaLaunchConfig_t c = {};\n\tc.gridDim = dim3(1);\n\tc.blockDim = dim3(32);\n"
	    "\tc.dynamicSmemBytes = 32;\n\treturn cudaLaunchKernelEx(&c, here, y) || y[0] != 255 || run_other(y) || y[31] != 1 || of_c() "
	    "!= 5;\n}\n");
	if (on_device())
		skip();
	must(SHIM FLAGS "-c other.cu -o other.o && " SHIM FLAGS "-c plain.c -o plain.o && " SHIM FLAGS
	                "main.cu other.o plain.o -o all && ./all");
	must("g++ -x c++ -std=c++17 -O2 -Wall -Wextra -Werror -I'" SOURCE_DIR "/tests/cuda/shim' " SOURCE
	     " -o direct && ./direct barriers");
	must(SHIM FLAGS "-shared -Xcompiler -fPIC other.cu -o libother.so");
}

static void compile(void)
{
	if (on_device())
		skip();
	if (!exists("gnu"))
		must(SHIM FLAGS SOURCE " -o gnu");
}

static void finds_races(void **state)
{
	(void)state;
	compile();
	must("./gnu laziness && ./gnu races && DSSDC_SHIM_ORDER=7 ./gnu races");
	must("./gnu block_order");
	assert_string_equal(out, "100\n");
	must("DSSDC_SHIM_ORDER=2 ./gnu block_order");
	assert_true(strcmp(out, "100\n") != 0);
}

/* Nodes of a graph run in another order where nothing makes them wait, and in no other where something does. */
static void reorders_graphs(void **state)
{
	bool other = false;
	(void)state;
	compile();
	for (int order = 0; order < 8; order++) {
		must("DSSDC_SHIM_ORDER=%d ./gnu fork_waits", order);
		assert_string_equal(out, "123\n");
		must("DSSDC_SHIM_ORDER=%d ./gnu fork_races", order);
		assert_true(!strcmp(out, "123\n") || (order && !strcmp(out, "132\n")));
		other |= !strcmp(out, "132\n");
	}
	assert_true(other);
}

static void ends_with_a_message(void **state)
{
	static const char *const faults[][2] = {
	    {"deadlock", "apart(int*)"},
	    {"deadlock", "thread (0, 0, 0) waits in __syncthreads (lanes ffffffff of its warp)"},
	    {"deadlock", "thread (40, 0, 0) waits in a shuffle for the lanes ffffffff of its warp; missing are 000000ff"},
	    {"lane_fault", "shuffles from a lane that does not take part"},
	    {"mask_fault", "thread (31, 0, 0) takes part in an exchange whose mask lacks it"},
	    {"masks_fault", "thread (0, 0, 0) waits in a vote for the lanes 000000ff of its warp; missing are 000000fe"},
	    {"memory_fault", "writes behind its dynamic shared memory"},
	    {"stack_fault", "overran its stack"},
	};
	(void)state;
	compile();
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		must("! ./gnu %s", faults[i][0]);
		assert_has(err, faults[i][1]);
	}
	must("./gnu late_allocation");
	must("! DSSDC_SHIM_NO_ALLOC=1 ./gnu late_allocation");
	assert_has(err, "cudaMalloc after a graph was launched");
}

static void refuses_on_request(void **state)
{
	static const char *const cases[][2] = {
	    {"", "cudaSuccess memory\n"},
	    {"DSSDC_SHIM_DEVICES=0", "cudaErrorNoDevice no memory\n"},
	    {"DSSDC_SHIM_ARCH=75", "cudaErrorNoKernelImageForDevice memory\n"},
	    {"DSSDC_SHIM_ARCH=80", "cudaSuccess memory\n"},
	    {"DSSDC_SHIM_FAIL=cudaMalloc:1", "cudaErrorMemoryAllocation no memory\n"},
	    {"DSSDC_SHIM_FAIL=cudaMalloc:2", "cudaSuccess memory\n"},
	    {"DSSDC_SHIM_FAIL=cudaLaunchKernelEx:1", "cudaErrorLaunchFailure memory\n"},
	    {"DSSDC_SHIM_FAIL=cudaDeviceSynchronize:1", "cudaErrorLaunchFailure memory\n"},
	};
	(void)state;
	compile();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		must("%s ./gnu refusals", cases[i][0]);
		assert_string_equal(out, cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(does_what_a_device_does), cmocka_unit_test(links_as_headers),    cmocka_unit_test(finds_races),
	    cmocka_unit_test(reorders_graphs),         cmocka_unit_test(ends_with_a_message), cmocka_unit_test(refuses_on_request),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
