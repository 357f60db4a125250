/* test_rules_cuda.h -- CUDA source with a fault for every rule, for the quick test (one of each rule) and the slow one (the others),
 * and how both look at emitted code. */
#ifndef TESTS_CHECK_TEST_RULES_CUDA_H
#define TESTS_CHECK_TEST_RULES_CUDA_H

#include "tests/check/checker.h"

/* What every text begins with: five lines. */
#define HEAD                                                                                                                             \
	"#include <cuda_runtime.h>\n"                                                                                                    \
	"static __device__ int net_count;\n"                                                                                             \
	"[[maybe_unused]] static __global__ void __launch_bounds__(256) net_kernel(int *p, float x) { if (x > 1.0f) *p = net_count; }\n" \
	"static __device__ int net_both(int x) { return x + 1; }\n"                                                                      \
	"[[maybe_unused]] static __global__ void net_other(int *p) { *p = net_both(1); }\n"
#define CUDNN "#include <cudnn.h>\n"
/* In a function of the host. */
#define HOST(text) HEAD "extern \"C\" cudaError_t net_run(int p[1], cudaStream_t stream) {\n" text "\n\treturn cudaGetLastError(); }\n"

#define LAUNCH                                                                                                                      \
	"struct net_queue { cudaError_t status; }; template <typename... P, typename... A> [[maybe_unused]] static void "           \
	"net_launch(net_queue *q, "                                                                                                 \
	"void (*kernel)(P...), dim3 grid, int threads, int shared, A... arguments) { cudaLaunchConfig_t c = {}; c.gridDim = grid; " \
	"c.blockDim = dim3(unsigned(threads)); c.dynamicSmemBytes = size_t(shared); "                                               \
	"q->status = cudaLaunchKernelEx(&c, kernel, arguments...); }\n"

/* A kernel of 32 threads for each of two images, on arrays of 32. */
#define PLACES(body)                                                                                                                \
	HEAD LAUNCH "#define NET_BATCH 2\n"                                                                                         \
	            "template <typename T> static __device__ inline T *net_at_image(T *p, int image) { return p + image * 64; }\n"  \
	            "static __global__ void __launch_bounds__(32) net_k(const int *x, int *y) {\n"                                  \
	            "\tconst int i = (int)threadIdx.x;\n\tint *const to = net_at_image(y, (int)blockIdx.x);\n" body "\n}\n"         \
	            "static void net_f(net_queue *q, const int x[32], int y[32]) { net_launch(q, net_k, dim3(2), 32, 0, x, y); }\n" \
	            "void net_run(const int *x, int *y);\nvoid net_run(const int *x, int *y) { net_queue q = {}; net_f(&q, x, y); }\n"

/* A kernel that is launched early. */
#define EARLY(body)                                                                                                          \
	"#include <cuda_runtime.h>\n[[maybe_unused]] static __device__ int net_count; static __device__ void net_begin() { " \
	"cudaGridDependencySynchronize(); }\n"                                                                               \
	"[[maybe_unused]] static __global__ void net_k(int *p) {\n" body "\n}\n"

static const Fault bad[] = {
    {"C7: net_k does not call net_begin()", 3, EARLY("")},
    {"C7: net_k has not called net_begin() yet", 4, EARLY("\tconst int i = p[0];\n\tnet_begin();\n\t*p = i;")},
    {"C7: net_k has not called net_begin() yet", 5,
     EARLY("\tstruct net_s { int x; } *const s = (net_s *)p;\n\tconst int i = s->x;\n\tnet_begin();\n\t*p = i;")},
    {"C7: net_k has not called net_begin() yet", 4, EARLY("\tconst int i = net_count; net_begin(); *p = i;")},
    {"C7: net_k has not called net_begin() yet", 4, EARLY("\tif (threadIdx.x > 0)\n\t\treturn;\n\tnet_begin();\n\t*p = 1;")},
    {"E21: a write not proved to stay in 'y': bytes 4 to 132 of 128", 12, PLACES("\tto[i + 1] = x[i];")},
    {"E21: a read not proved to stay in 'x': bytes 0 to 252 of 128", 12, PLACES("\tto[i] = x[2 * i];")},
    {"E21: a write not proved to stay in 's'", 13, PLACES("\t__shared__ int s[16];\n\ts[i] = x[i];\n\t__syncthreads();\n\tto[i] = s[i];")},
    {"E21: a write not proved to stay in 'y': bytes 0 to 256 of 128", 12, PLACES("\tto[i ^ 32] = x[i];")},
    {"E21: a read not proved to stay in 'net_shared': bytes 0 to 128 of 0", 14,
     PLACES("\textern __shared__ int net_shared[];\n\t__syncthreads();\n\tto[i] = net_shared[i];")},
    {"E21: a read not proved to stay in 'x'", 15,
     PLACES("\t__shared__ int s[32];\n\ts[i] = 1;\n\t__syncthreads();\n\tto[i] = x[s[0]];\n\ts[i] = 100;")},
    {"E21: a read not proved to stay in 'x'", 15, PLACES("\t__shared__ int s;\n\ts = 1;\n\t__syncthreads();\n\tto[i] = x[s];\n\ts = 100;")},
    {"E21: the image is not proved to be one of 2", 12, PLACES("\tto[i] = net_at_image(x, (int)blockIdx.x + 1)[i];")},
    {"E21: a write not proved to stay in 'y'", 7,
     HEAD LAUNCH "template <typename T, int N> static __device__ void net_put(T *p, T v) { p[N] = v; }\n"
                 "static __global__ void net_k(int *y) { net_put<int, 8>(y + threadIdx.x, 1); }\n"
                 "static void net_f(net_queue *q, int y[16]) { net_launch(q, net_k, dim3(1), 16, 0, y); }\n"
                 "void net_run(int *y);\nvoid net_run(int *y) { net_queue q = {}; net_f(&q, y); }\n"},
    {"E21: a read not proved to stay in 's'", 15,
     PLACES("\t__shared__ int s[32];\n\ts[i] = x[i];\n\tfor (int half = 32; half > 0; half /= 2)\n\t\ts[i] += s[i / 2 + half];\n\tto[i] = "
            "s[i];")},
    {"E21: a read not proved to stay in 'x': bytes 4 to 132 of 128", 14,
     PLACES("\tstruct net_s { int at[2], y; } s;\n\tfor (int k = 0; k < 2; k++) s.at[k] = k;\n\tto[i] = x[s.at[1] + i];")},
    {"E21: a read not proved to stay in 'x': bytes 0 to 132 of 128", 16,
     PLACES("\tstruct net_s { int row; bool inside; };\n\tconst net_s s = {i + (int)blockIdx.x, i + (int)blockIdx.x < 32}, other = {s.row, "
            "s.row < 33};\n\tif (s.inside)\n\t\tto[i] = x[s.row];\n\tif (other.inside) to[i] = x[other.row];")},
    {"E21: a read not proved to stay in 'x'", 15,
     PLACES("\tstruct net_s { int at; } s = {0};\n\tint *const p = &s.at;\n\t*p = 40;\n\tto[i] = x[s.at];")},
    {"E21: a read not proved to stay in 'x'", 15,
     PLACES("\tstruct net_s { int at[2]; } s = {{0, 0}};\n\tfor (int k = 0; k < 2; k++) s.at[i & 1] = 32 * k;\n\tconst net_s t = "
            "s;\n\tto[i] = x[t.at[0]];")},
    {"E21: a read not proved to stay in 'x'", 15,
     PLACES("\tstruct net_s { int at; } s;\n\tfor (int k = 0; k < 100; k++) s.at = 40;\n\tif (i > 3) s.at = 3;\n\tto[i] = x[s.at];")},
    {"E21: a read not proved to stay in 'x'", 15,
     PLACES("\tunion net_s { int at; unsigned int bits; } s = {0};\n\n\ts.bits = 40;\n\tto[i] = x[s.at];")},
    {"E21: a read not proved to stay in 'x': bytes 96 to 132 of 128", 14,
     PLACES(
         "\tint full = 0;\n\tfor (int k = 0; k < 100; k++) {\n\t\tto[i] = x[24 + full];\n\t\tfull = full + 1 <= 8 ? full + 1 : 0;\n\t}")},
    {"E21: a read not proved to stay in 'x': bytes 0 to 244 of 128", 13,
     PLACES("\tconst int at = 2 * i - 2;\n\tif ((unsigned)at < 63) to[i] = x[at];")},
    {"E21: a read not proved to stay in 'x': bytes 12 to 132 of 128", 13,
     PLACES("\tconst int at = i - 2;\n\tif ((unsigned)at < 32) to[i] = x[at + 3];")},
    {"C0: incompatible pointer types assigning to", 6, HEAD "static __global__ void net_k(int *p, float *q) { p = q; }\n"},
    {"C0: use of undeclared identifier 'net_begin'", 12, PLACES("\tnet_begin();\n\tto[i] = x[i];")},
    {"C0: too few arguments", 7, HOST("\tnet_kernel<<<1, 32, 0, stream>>>(p);")},
    {"C0: cannot initialize a parameter of type 'int *'", 7, HOST("\tnet_kernel<<<1, 32, 0, stream>>>(1.0f, p);")},
    {"C0: no matching function for call to 'net_host'", 7,
     HEAD "static int net_host(int x) { return x; }\nstatic __global__ void net_k(int *p) { *p = net_host(1); }\n"},
    {"C0: call to global function 'net_kernel' not configured", 7, HOST("\tnet_kernel(p, 1.0f);")},
    {"C0: kernel function type 'int (int *)' must have void return type", 6, HEAD "static __global__ int net_k(int *p) { return *p; }\n"},
    {"C0: variable length array", 6, HEAD "static __global__ void net_k(int *p, int n) { int a[n]; a[0] = 1; *p = a[0]; }\n"},
    {"C0: use of undeclared identifier 'CUDNN_STATUS_FINE'", 3,
     CUDNN "static int net_f(cudnnStatus_t s) {\n\treturn s == CUDNN_STATUS_FINE; }\n"},
    {"C0: no matching function for call to 'cudnnSetStream'", 3,
     CUDNN "static cudnnStatus_t net_f(cudnnHandle_t h) {\n\treturn cudnnSetStream(h); }\n"},
    {"C0: use of undeclared identifier 'cudnnSetRNNDescriptor_v6'", 3,
     CUDNN "static cudnnStatus_t net_f(cudnnHandle_t h) {\n\treturn cudnnSetRNNDescriptor_v6(h); }\n"},
    {"C0: array index 4 is past the end", 6, HEAD "static __global__ void net_k(int *p) { int a[4] = {0}; *p = a[4]; }\n"},
    {"C0: implicit conversion", 6, HEAD "static __device__ int net_narrow(size_t n) { return n; }\n"},
    {"C0: unused variable 'newer'", 8,
     HEAD
     "static __global__ void net_k(int *p) {\n#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800\n\tint newer;\n#endif\n\t*p = 1; }\n"},
    {"C0: unused variable 'older'", 8,
     HEAD "static __global__ void net_k(int *p) {\n#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800\n\tint older;\n#endif\n\t*p = 1; }\n"},
    {"C0: no matching function for call to 'dssdc_launch'", 12,
     HEAD "static cudaError_t net_f(cudaStream_t stream) {\n\tcudaLaunchConfig_t c = {};\n\tc.gridDim = 1;\n\tc.blockDim = 32;\n\tc.stream "
          "= stream;\n\tfloat p = 0.0f;\n\treturn cudaLaunchKernelEx(&c, net_other, p); }\n"},
    {"C1: net_k has 49156 bytes of shared memory", 6,
     HEAD "static __global__ void net_k(int *p) { __shared__ int s[12289]; s[threadIdx.x] = 1; *p = s[0]; }\n"},
    {"C1: net_k has 60000 bytes of shared memory", 7,
     HEAD "static __device__ int net_f(void) { __shared__ int s[7500]; s[threadIdx.x] = 1; return s[0]; }\nstatic __global__ void "
          "net_k(int *p) { __shared__ int s[7500]; s[threadIdx.x] = 1; *p = s[0] + net_f(); }\n"},
    {"C1: net_k has shared memory of a size", 7,
     HEAD "template <int N> static __device__ int net_f(void) { __shared__ int s[N]; s[threadIdx.x] = 1; return s[0]; }\nstatic __global__ "
          "void net_k(int *p) { *p = net_f<3>(); }\n"},
    {"C2: a block of 2048 x 1 x 1 threads", 7, HOST("\tnet_other<<<1, 2048, 0, stream>>>(p);")},
    {"C2: a block of 33 x 32 x 1 threads", 8, HOST("\tconst dim3 block(33, 32);\n\tnet_other<<<1, block, 0, stream>>>(p);")},
    {"C2: a block of 0 x 1 x 1 threads", 7, HOST("\tnet_other<<<1, 0, 0, stream>>>(p);")},
    {"C2: a block of 512 threads; net_kernel is compiled for 256", 7, HOST("\tnet_kernel<<<1, 512, 0, stream>>>(p, 1.0f);")},
    {"C2: the size of the block is not constant", 6,
     HEAD "extern \"C\" cudaError_t net_run(int *p, int n) { net_other<<<1, n>>>(p); return cudaGetLastError(); }\n"},
    {"C2: the size of the grid is not constant", 6,
     HEAD "extern \"C\" cudaError_t net_run(int *p, unsigned n) { net_other<<<dim3(1, n), 32>>>(p); return cudaGetLastError(); }\n"},
    {"C2: a grid of 1 x 65536 x 1 blocks", 7, HOST("\tnet_other<<<dim3(1, 65536), 32, 0, stream>>>(p);")},
    {"C2: 50000 bytes of shared memory", 7, HOST("\tnet_other<<<1, 32, 50000, stream>>>(p);")},
    {"C2: the dynamic shared memory is not constant", 6,
     HEAD "extern \"C\" cudaError_t net_run(int *p, size_t n) { net_other<<<1, 32, n>>>(p); return cudaGetLastError(); }\n"},
    {"C2: a block of 4096 x 1 x 1 threads", 6,
     HEAD "static cudaError_t net_f(void **p) { return cudaLaunchKernel(net_other, dim3(1), dim3(4096), p, 0); }\n"},
    {"C2: the sizes of a launch are members of a structure", 6,
     HEAD "static cudaError_t net_f(const cudaLaunchConfig_t *c, int *p) { return cudaLaunchKernelEx(c, net_other, p); }\n"},
    {"C2: a block of 512 threads; net_kernel is compiled for 256", 7,
     HEAD LAUNCH "static void net_f(net_queue *q, int *p) { net_launch(q, net_kernel, dim3(1), 512, 0, p, 1.0f); }\n"},
    {"C2: 300000 bytes of shared memory", 7,
     HEAD LAUNCH "static void net_f(net_queue *q, int *p) { net_launch(q, net_other, dim3(1), 32, 300000, p); }\n"},
    {"C3: no call reads the error status", 6, HEAD "extern \"C\" void net_run(int *p) { net_other<<<1, 32>>>(p); }\n"},
    {"C3: no call reads the error status", 7, HOST("\tnet_other<<<1, 32, 0, stream>>>(p);\n\tnet_other<<<1, 32, 0, stream>>>(p);")},
    {"C3: no call reads the error status", 6,
     HEAD "extern \"C\" void net_run(int *p) { net_other<<<1, 32>>>(p); (void)cudaGetLastError(); }\n"},
    {"C3: the status of a launch is not looked at", 6,
     HEAD "static void net_f(void **p) { (void)cudaLaunchKernel(net_other, dim3(1), dim3(32), p, 0); }\n"},
    {"C3: the status of a launch is kept in 'status'", 6,
     HEAD LAUNCH "static void net_f(net_queue *q, int *p) { net_launch(q, net_other, dim3(1), 32, 0, p); }\n"},
    {"C4: malloc on the device", 6, HEAD "static __global__ void net_k(int **p) { *p = static_cast<int *>(malloc(4)); }\n"},
    {"C4: new on the device", 6, HEAD "static __global__ void net_k(int **p) { *p = new int; }\n"},
    {"C4: cudaMalloc, and not only while net_open() runs", 6,
     HEAD "extern \"C\" cudaError_t net_run(int **p) { return cudaMalloc(p, 4); }\n"},
    {"C4: calloc, and not only while net_open() runs", 6,
     HEAD "static void *net_room(void) { return calloc(1, 4); }\nextern \"C\" void *net_run(void);\nextern \"C\" void *net_run(void) { "
          "return net_room(); }\nextern \"C\" void *net_open(void) { return net_room(); }\n"},
    {"C4: cudaMalloc, and not only while net_open() runs", 7,
     HEAD "typedef struct { int building; void *p; } net_state;\nstatic cudaError_t net_f(net_state *s) { return s->building ? cudaSuccess "
          ": cudaMalloc(&s->p, 4); }\nextern \"C\" cudaError_t net_run(net_state *s) { return net_f(s); }\n"},
    {"C4: cudaMalloc, and not only while net_open() runs", 9,
     HEAD "typedef struct { int building; void *p; } net_state;\nextern \"C\" cudaError_t net_run(net_state *s) {\n\ts->building = 1; if "
          "(s->building)\n\t\treturn cudaMalloc(&s->p, 4);\n\treturn cudaSuccess; }\n"},
    {"C5: the host uses 'net_count'", 6, HEAD "extern \"C\" int net_run(void) { return net_count; }\n"},
    {"C5: the host uses 'net_count'", 7, HOST("\tnet_count = 1; *p = 2;")},
    {"C5: the host uses 'net_table'", 7,
     HEAD "static __constant__ float net_table[4];\nextern \"C\" float net_run(void) { return net_table[1]; }\n"},
    {"C5: the host uses 'net_count'", 7,
     HOST("\tif (cudaMemcpyAsync(p, &net_count, 4, cudaMemcpyDeviceToHost, stream) != cudaSuccess) return cudaErrorUnknown;")},
    {"C6: the status of cudaMemsetAsync is ignored", 7, HOST("\tcudaMemsetAsync(p, 0, 4, stream);")},
    {"C6: the status of cudaStreamSynchronize is ignored", 7, HOST("\tif (p) cudaStreamSynchronize(stream);")},
    {"C6: the status of cudaMemsetAsync is thrown away", 7, HOST("\t(void)cudaMemsetAsync(p, 0, 4, stream);")},
    {"C6: the status of cudnnSetStream is ignored", 2, CUDNN "static void net_f(cudnnHandle_t h) { cudnnSetStream(h, 0); }\n"},
    {"C6: the status of net_f is ignored", 7,
     HEAD "static cudaError_t net_f(int **p) { return cudaMemset(p, 0, 4); }\nextern \"C\" void net_run(int **p) { net_f(p); }\n"},
    {"C6: the status of cudaMemset is ignored", 6,
     HEAD "template <typename T> static void net_clear(T *p) { cudaMemset(p, 0, sizeof *p); }\n"},
    {"C6: the status of cudaMemsetAsync is overwritten", 8,
     HOST("\tcudaError_t status;\n\tstatus = cudaMemsetAsync(p, 0, 4, stream);\n\tstatus = cudaStreamSynchronize(stream);\n\tif (status != "
          "cudaSuccess) return status;")},
    {"C6: the status of cudaMemsetAsync is overwritten", 7,
     HOST("\tcudaError_t status = cudaMemsetAsync(p, 0, 4, stream);\n\tstatus = cudaStreamSynchronize(stream);\n\tif (status != "
          "cudaSuccess) return status;")},
    {"C4: malloc on the device", 6, HEAD "struct net_s { __device__ void *get(void) { return malloc(4); } };\n"},
    {"C1: net_k has 60000 bytes of shared memory", 7,
     HEAD "struct net_s { __device__ int get(void) { __shared__ int s[15000]; s[threadIdx.x] = 1; return s[0]; } };\nstatic __global__ "
          "void net_k(int *p) { net_s s; *p = s.get(); }\n"},
    {"E01: calls printf", 7, "#include <stdio.h>\n" HEAD "static int net_f(void) { return printf(\"x\"); }\n"},
    {"E01: calls malloc", 6, HEAD "extern \"C\" void *net_open(void) { return malloc(4); }\n"},
    {"E02: index 4 of an array of 4", 7, HOST("\tint a[4] = {0}; *p = a[4];")},
    {"E02: index -1 of an array of 8", 6,
     HEAD "template <typename T> static __device__ T net_f(void) { __shared__ int s[8]; return T(s[-1]); }\n"},
    {"E03: 'a' has a variable length", 6, HEAD "static int net_f(int n) { int a[n]; a[0] = 1; return a[0]; }\n"},
    {"E04: a `while` loop", 7, HOST("\twhile (*p > 3) *p -= 2;")},
    {"E04: the loop has no counter", 6, HEAD "static __global__ void net_k(int *p) { for (;;) if (*p++) break; }\n"},
    {"E04: the bound of 'i' may change", 6,
     HEAD "static __global__ void net_k(int *p, const int *n) { for (int i = 0; i < *p; i++) p[i] = n[i]; for (int i = 0; i < n[0]; i++) "
          "p[i] = 1; }\n"},
    {"E04: the step of 'i' is not constant", 6, HEAD "static __global__ void net_k(int *p) { for (int i = 0; i < 9; i *= 2) p[i] = 1; }\n"},
    {"E05: the loop's counter 'i' is written", 6,
     HEAD "static __global__ void net_k(int *p) { for (int i = 0; i < 9; i++) if (p[i]) i = 8; }\n"},
    {"E05: the loop's counter 'i' is written", 6,
     HEAD "template <typename T> static __device__ void net_f(T *p) { for (int i = 0; i < 9; i++) if (p[i]) i--; }\n"},
    {"E07: a goto", 7, HOST("\tif (*p) goto end;\n\t*p = 1;\nend: *p = 2;")},
    {"E09: a float becomes an integer", 6, HEAD "static int net_f(float x) { return (int)x; }\n"},
    {"E09: a float becomes an integer", 6, HEAD "static __host__ __device__ int net_f(float x) { return (int)x; }\n"},
    {"E11: 'net_state' can be changed", 6, HEAD "extern \"C\" int net_state;\nint net_state;\n"},
    {"E12: 'helper' does not begin with 'net_'", 6, HEAD "int helper(int *p) { return *p; }\n"},
    {"E12: 'kernel' does not begin with 'net_'", 6, HEAD "__global__ void kernel(int *p) { *p = 1; }\n"},
    {"E13: 'net_f' takes any number", 6, HEAD "extern \"C\" int net_f(int n, ...) { return n; }\n"},
    {"E14: assembly", 6, HEAD "static void net_f(void) { __asm__ volatile(\"nop\"); }\n"},
    {"E14: assembly", 6, HEAD "static __host__ __device__ void net_f(void) { asm volatile(\"nop\"); }\n"},
    {"E16: floats are compared", 6, HEAD "static __global__ void net_k(int *p, float x) { *p = x == 1.0f; }\n"},
    {"E17: a comma operator", 6, HEAD "static __global__ void net_k(int *p) { p[0] = 1, p[1] = 2; }\n"},
    {"E19: a statement inside", 6, HEAD "static __global__ void net_k(int *p) { *p = __extension__({ int k = p[1]; k + 1; }); }\n"},
    {"E20: net_f can call itself", 6, HEAD "static __device__ int net_f(int n) { return n > 0 ? net_f(n - 1) : 0; }\n"},
    {"E20: net_f can call itself", 6, HEAD "template <typename T> static __device__ T net_f(T n) { return n > 0 ? net_f(n - 1) : n; }\n"},
};

static bool is_first_of_its_rule(size_t i)
{
	size_t k = 0, length = strcspn(bad[i].rule, ":") + 1;
	while (strncmp(bad[k].rule, bad[i].rule, length))
		k++;
	return k == i;
}

/* The first of each rule, or the others. */
static void check_faults(bool first)
{
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (is_first_of_its_rule(i) == first)
			assert_found(&bad[i], 1, "net.cu");
}

/* A small graph of tests/golden, with kernels of every kind. */
static void check_golden(const char *model, const char *target)
{
	must(DSSDC " compile --no-check --quiet '" SOURCE_DIR "/tests/golden/%s.ir' --emit=c --target=%s -o %s.cu", model, target, model);
	must(DSSDC " check %s.cu", model);
	assert_has(out, ": 0 findings, profile cuda");
}

#endif
