/* shim_case.cu -- what a device does, asked of shim/ by test_shim_slow.c: shim_case NAME is 0 when the answer is right. All but
 * the faults in the end are legal CUDA, and can be asked of a device too. */
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(what)                                                                                                    \
	do {                                                                                                           \
		if (!(what)) {                                                                                         \
			fprintf(stderr, "line %d: %s\n", __LINE__, #what);                                             \
			return 1;                                                                                      \
		}                                                                                                      \
	} while (0)
#define GOOD(call) CHECK((call) == cudaSuccess)

template <typename... P, typename... A>
static cudaError_t launch(void (*kernel)(P...), dim3 grid, dim3 threads, int shared, cudaStream_t stream, A... arguments)
{
	cudaLaunchConfig_t config = {};

	config.gridDim = grid;
	config.blockDim = threads;
	config.dynamicSmemBytes = (size_t)shared;
	config.stream = stream;
	return cudaLaunchKernelEx(&config, kernel, arguments...);
}

enum { MOST = 4096 };
static __device__ int device_out[MOST];
static int out[MOST];

static int *address(void)
{
	void *p = NULL;

	return cudaGetSymbolAddress(&p, device_out) == cudaSuccess ? static_cast<int *>(p) : NULL;
}

static cudaError_t fetch(void)
{
	return cudaMemcpyFromSymbol(out, device_out, sizeof out);
}

/* ---- barriers ---- */

static __global__ void __launch_bounds__(256) reverse(int *y, int rounds)
{
	__shared__ int s[256];
	const int t = (int)threadIdx.x;

	y += 256 * blockIdx.x;
	s[t] = t;
	for (int r = 0; r < rounds; r++) {
		__syncthreads();
		const int v = s[255 - t] + 1;
		__syncthreads();
		s[t] = v;
	}
	y[t] = s[t];
}

static int barriers(void)
{
	GOOD(launch(reverse, 2, 256, 0, NULL, address(), 7));
	GOOD(fetch());
	for (int i = 0; i < 512; i++)
		CHECK(out[i] == 255 - i % 256 + 7);
	return 0;
}

static __global__ void votes(int *y)
{
	const int t = (int)threadIdx.x;
	const int any = __syncthreads_or(t == 77), none = __syncthreads_or(0), all = __syncthreads_and(t >= 0);
	const int most = __syncthreads_and(t != 3), count = __syncthreads_count(t % 3 == 0);

	y[t] = (any != 0) + 2 * (none != 0) + 4 * (all != 0) + 8 * (most != 0) + 16 * count;
}

static int block_votes(void)
{
	GOOD(launch(votes, 1, 100, 0, NULL, address()));
	GOOD(fetch());
	for (int i = 0; i < 100; i++)
		CHECK(out[i] == 1 + 4 + 16 * 34);
	return 0;
}

/* Threads that have returned count as arrived. */
static __global__ void early(int *y)
{
	__shared__ int s[128];
	const int t = (int)threadIdx.x;

	s[t] = 0;
	__syncthreads();
	if (t % 2 || t >= 96)
		return;
	s[t] = t;
	__syncthreads();
	y[t] = s[(t + 2) % 96];
}

static int returned_threads(void)
{
	GOOD(launch(early, 1, 128, 0, NULL, address()));
	GOOD(fetch());
	for (int i = 0; i < 96; i += 2)
		CHECK(out[i] == (i + 2) % 96);
	return 0;
}

/* ---- warps ---- */

static __global__ void shuffles(int *y)
{
	const unsigned all = 0xffffffffu;
	const int t = (int)threadIdx.x, lane = t % 32;

	y[t] = __shfl_sync(all, t, 5);
	y[64 + t] = __shfl_sync(all, t, 3, 8);
	y[128 + t] = __shfl_xor_sync(all, t, 9);
	y[192 + t] = __shfl_up_sync(all, t, 3);
	y[256 + t] = __shfl_down_sync(all, t, 5, 16);
	y[320 + t] = (int)__ballot_sync(all, lane % 5 == 0);
	y[384 + t] = __any_sync(all, lane == 31) + 2 * __any_sync(all, 0) + 4 * __all_sync(all, 1) + 8 * __all_sync(all, lane != 7);
	y[448 + t] = (int)__shfl_xor_sync(all, (float)t * 0.5f, 1) + (__shfl_xor_sync(all, (long long)t << 40, 2) >> 40 == (t ^ 2));
}

static int warp_shuffles(void)
{
	GOOD(launch(shuffles, 1, 64, 0, NULL, address()));
	GOOD(fetch());
	for (int t = 0; t < 64; t++) {
		const int warp = t & ~31, lane = t % 32;

		CHECK(out[t] == warp + 5);
		CHECK(out[64 + t] == (t & ~7) + 3);
		CHECK(out[128 + t] == (t ^ 9));
		CHECK(out[192 + t] == (lane >= 3 ? t - 3 : t));
		CHECK(out[256 + t] == (lane % 16 + 5 < 16 ? t + 5 : t));
		CHECK((unsigned)out[320 + t] == 0x42108421u);
		CHECK(out[384 + t] == 1 + 4);
		CHECK(out[448 + t] == (t ^ 1) / 2 + 1);
	}
	return 0;
}

/* Parts of a warp that go different ways, and meet again. */
static __global__ void parts(int *y)
{
	__shared__ int s[32];
	const int t = (int)threadIdx.x;
	int v = t;

	if (t < 12)
		for (int i = 0; i < 5; i++)
			v += __shfl_xor_sync(0x00000fffu, v, t < 8 ? 7 : 3);
	else if (t % 2)
		v = __popc(__ballot_sync(0xaaaaa000u, t > 20));
	s[t] = v;
	__syncwarp();
	y[t] = s[31 - t];
}

static int warp_parts(void)
{
	int v[32], w[32];

	GOOD(launch(parts, 1, 32, 0, NULL, address()));
	GOOD(fetch());
	for (int t = 0; t < 32; t++)
		v[t] = t < 12 || t % 2 == 0 ? t : 6;
	for (int i = 0; i < 5; i++) {
		for (int t = 0; t < 12; t++)
			w[t] = v[t] + v[t ^ (t < 8 ? 7 : 3)];
		memcpy(v, w, sizeof *v * 12);
	}
	for (int t = 0; t < 32; t++)
		CHECK(out[t] == v[31 - t]);
	return 0;
}

/* ---- memory ---- */

static __device__ unsigned ticket;

/* The last block sums what all have counted. */
static __global__ void histogram(int *y, unsigned *tickets)
{
	__shared__ int count[8];
	__shared__ bool last;
	const int t = (int)threadIdx.x, blocks = (int)gridDim.x;

	if (t < 8)
		count[t] = 0;
	__syncthreads();
	atomicAdd(&count[(t + (int)blockIdx.x) % 8], 1);
	atomicMax(&y[8], t);
	atomicMin(&y[9], t - 1000);
	__syncthreads();
	if (t < 8)
		y[16 + 8 * blockIdx.x + t] = count[t];
	__threadfence();
	__syncthreads();
	if (t == 0)
		last = atomicAdd(tickets, 1u) == (unsigned)blocks - 1;
	__syncthreads();
	if (!last)
		return;
	if (t < 8) {
		int sum = 0;
		for (int i = 0; i < blocks; i++)
			sum += y[16 + 8 * i + t];
		y[t] = sum;
	}
	if (t == 0)
		*tickets = 0;
}

static int atomics(void)
{
	void *tickets = NULL;
	unsigned left = 1;

	GOOD(cudaGetSymbolAddress(&tickets, ticket));
	GOOD(cudaMemset(address(), 0, sizeof device_out));
	GOOD(launch(histogram, 10, 100, 0, NULL, address(), static_cast<unsigned *>(tickets)));
	GOOD(fetch());
	GOOD(cudaMemcpyFromSymbol(&left, ticket, sizeof left));
	for (int i = 0; i < 8; i++) {
		int want = 0;
		for (int k = 0; k < 1000; k++)
			want += (k % 100 + k / 100) % 8 == i;
		CHECK(out[i] == want);
	}
	CHECK(out[8] == 99 && out[9] == -1000 && left == 0);
	return 0;
}

static __global__ void dynamic(int *y, int n)
{
	extern __shared__ __align__(16) unsigned char net_shared[];
	int *const s = reinterpret_cast<int *>(net_shared);
	const int t = (int)threadIdx.x;

	for (int i = t; i < n; i += 64)
		s[i] = i;
	__syncthreads();
	y[t] = s[n - 1 - t];
}

static int dynamic_memory(void)
{
	const int n = 15000;

	CHECK(launch(dynamic, 1, 64, 4 * n, NULL, address(), n) == cudaErrorInvalidValue); /* nobody asked for it */
	CHECK(cudaGetLastError() == cudaErrorInvalidValue && cudaGetLastError() == cudaSuccess);
	GOOD(cudaFuncSetAttribute(dynamic, cudaFuncAttributeMaxDynamicSharedMemorySize, 4 * n));
	GOOD(launch(dynamic, 1, 64, 4 * n, NULL, address(), n));
	GOOD(fetch());
	for (int t = 0; t < 64; t++)
		CHECK(out[t] == n - 1 - t);
	CHECK(cudaFuncSetAttribute(dynamic, cudaFuncAttributeMaxDynamicSharedMemorySize, 1 << 20) == cudaErrorInvalidValue);
	(void)cudaGetLastError();
	return 0;
}

static __global__ void places(int *y)
{
	const int block = (int)((blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x);
	const int thread = (int)((threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x);

	y[block * (int)(blockDim.x * blockDim.y * blockDim.z) + thread] = block * 1000 + thread;
}

static int grids(void)
{
	GOOD(launch(places, dim3(3, 2, 4), dim3(5, 3, 2), 0, NULL, address()));
	GOOD(fetch());
	for (int i = 0; i < 24 * 30; i++)
		CHECK(out[i] == i / 30 * 1000 + i % 30);
	CHECK(launch(places, 1, 1025, 0, NULL, address()) == cudaErrorInvalidConfiguration);
	CHECK(launch(places, dim3(1, 65536), 1, 0, NULL, address()) == cudaErrorInvalidConfiguration);
	CHECK(launch(places, dim3(0), 1, 0, NULL, address()) == cudaErrorInvalidConfiguration);
	(void)cudaGetLastError();
	return 0;
}

/* ---- numbers ---- */

static __global__ void numbers(int *y)
{
	const float tiny = __uint_as_float(0x33000001u); /* just over half of the least half */

	y[0] = __half_as_ushort(__float2half_rn(65519.9f));
	y[1] = __half_as_ushort(__float2half_rn(65520.0f));
	y[2] = __half_as_ushort(__float2half_rn(1.0f + 0x1p-11f));
	y[3] = __half_as_ushort(__float2half_rn(1.0f + 0x3p-11f));
	y[4] = __half_as_ushort(__float2half_rn(tiny));
	y[5] = __half_as_ushort(__float2half_rn(-tiny));
	y[6] = __half_as_ushort(__float2half_rn(__uint_as_float(0xffc12345u)));
	y[7] = __bfloat16_as_ushort(__float2bfloat16_rn(1.0f + 0x1p-8f));
	y[8] = __bfloat16_as_ushort(__float2bfloat16_rn(1.0f + 0x3p-8f));
	y[9] = __bfloat16_as_ushort(__float2bfloat16_rn(__uint_as_float(0x7f7fffffu)));
	y[10] = __bfloat16_as_ushort(__float2bfloat16_rn(__uint_as_float(0x7f800001u)));
	y[11] = __clz(1) + 100 * __ffs(8) + 10000 * __popc(0xff);
	y[12] = __float_as_int(__fmul_rn(1.0f + 0x1p-12f, 1.0f + 0x1p-12f) - 1.0f - 0x1p-11f);
	y[13] = __float_as_int(__bfloat162float(__ushort_as_bfloat16(0xc049)));
	for (int i = 0, bad = 0; i < 65536; i++) {
		const float f = __half2float(__ushort_as_half((unsigned short)i));

		bad += f == f && __half_as_ushort(__float2half_rn(f)) != i;
		y[14] = bad;
	}
}

static int conversions(void)
{
	static const int want[] = {0x7bff, 0x7c00, 0x3c00, 0x3c02, 1, 0x8001, 0x7fff, 0x3f80, 0x3f82, 0x7f80, 0x7fff, 31 + 400 + 80000, 0};

	GOOD(launch(numbers, 1, 1, 0, NULL, address()));
	GOOD(fetch());
	for (size_t i = 0; i < sizeof want / sizeof *want; i++)
		CHECK(out[i] == want[i]);
	CHECK((unsigned)out[13] == 0xc0490000u && out[14] == 0);
	return 0;
}

/* ---- streams and graphs ---- */

typedef struct {
	int value[100];
} Many;

static __global__ void first(const Many many, int *y)
{
	y[threadIdx.x] = many.value[threadIdx.x];
}

static __global__ void second(int *y, int factor)
{
	y[threadIdx.x] *= factor;
}

static int graphs(void)
{
	cudaStream_t stream;
	cudaGraph_t graph;
	cudaGraphExec_t exec;
	cudaGraphNode_t node, nodes[8];
	cudaStreamCaptureStatus status;
	cudaKernelNodeParams parameters = {};
	size_t n = 1;
	Many many = {};
	int *y = address();
	void *arguments[] = {&many, &y}, *pinned = NULL;

	GOOD(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
	GOOD(cudaHostAlloc(&pinned, sizeof many, cudaHostAllocDefault));
	GOOD(cudaMemset(y, 0, sizeof device_out));
	many.value[3] = 5;
	GOOD(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
	GOOD(cudaStreamIsCapturing(stream, &status));
	CHECK(status == cudaStreamCaptureStatusActive);
	GOOD(launch(first, 1, 100, 0, stream, many, y));
	GOOD(launch(second, 1, 100, 0, stream, y, 3));
	GOOD(cudaMemcpyAsync(pinned, y, sizeof many, cudaMemcpyDeviceToHost, stream));
	many.value[3] = 6; /* the launch has its own */
	GOOD(cudaStreamEndCapture(stream, &graph));
	GOOD(cudaStreamIsCapturing(stream, &status));
	CHECK(status == cudaStreamCaptureStatusNone);
	GOOD(cudaGraphGetRootNodes(graph, &node, &n));
	CHECK(n == 1);
	n = 8;
	GOOD(cudaGraphGetNodes(graph, nodes, &n));
	CHECK(n == 3 && nodes[0] == node);
	GOOD(cudaGraphInstantiate(&exec, graph, 0));
	GOOD(fetch());
	CHECK(out[3] == 0); /* nothing ran yet */
	GOOD(cudaGraphLaunch(exec, stream));
	GOOD(cudaStreamSynchronize(stream));
	CHECK(static_cast<int *>(pinned)[3] == 15 && static_cast<int *>(pinned)[4] == 0);
	many.value[99] = 7;
	GOOD(cudaGraphKernelNodeGetParams(node, &parameters));
	CHECK(static_cast<Many *>(parameters.kernelParams[0])->value[3] == 5);
	parameters.kernelParams = arguments;
	GOOD(cudaGraphExecKernelNodeSetParams(exec, node, &parameters));
	GOOD(cudaGraphLaunch(exec, stream));
	many.value[99] = 8;
	GOOD(cudaGraphExecKernelNodeSetParams(exec, node, &parameters)); /* not of the launch before */
	GOOD(cudaStreamSynchronize(stream));
	CHECK(static_cast<int *>(pinned)[3] == 18 && static_cast<int *>(pinned)[99] == 21);
	GOOD(cudaGraphLaunch(exec, stream));
	GOOD(cudaStreamSynchronize(stream));
	CHECK(static_cast<int *>(pinned)[99] == 24);
	GOOD(cudaGraphExecDestroy(exec));
	GOOD(cudaGraphDestroy(graph));
	GOOD(cudaFreeHost(pinned));
	GOOD(cudaStreamDestroy(stream));
	return 0;
}

/* A capture over two streams; a call that may not be captured. */
static int captures(void)
{
	cudaStream_t a, b;
	cudaEvent_t fork, join;
	cudaGraph_t graph = NULL;
	size_t roots = 0, all = 0;
	int *y = address();

	GOOD(cudaStreamCreateWithFlags(&a, cudaStreamNonBlocking));
	GOOD(cudaStreamCreateWithFlags(&b, cudaStreamNonBlocking));
	GOOD(cudaEventCreateWithFlags(&fork, cudaEventDisableTiming));
	GOOD(cudaEventCreateWithFlags(&join, cudaEventDisableTiming));
	GOOD(cudaStreamBeginCapture(a, cudaStreamCaptureModeThreadLocal));
	GOOD(launch(second, 1, 100, 0, a, y, 2));
	GOOD(cudaEventRecord(fork, a));
	GOOD(cudaStreamWaitEvent(b, fork, 0));
	GOOD(launch(second, 1, 100, 0, b, y, 3));
	GOOD(launch(second, 1, 100, 0, a, y, 5));
	GOOD(cudaEventRecord(join, b));
	GOOD(cudaStreamWaitEvent(a, join, 0));
	GOOD(cudaStreamEndCapture(a, &graph));
	GOOD(cudaGraphGetRootNodes(graph, NULL, &roots));
	GOOD(cudaGraphGetNodes(graph, NULL, &all));
	CHECK(roots == 1 && all == 3);
	GOOD(cudaGraphDestroy(graph));
	GOOD(cudaStreamBeginCapture(a, cudaStreamCaptureModeThreadLocal));
	CHECK(cudaStreamSynchronize(a) == cudaErrorStreamCaptureUnsupported);
	CHECK(cudaStreamEndCapture(a, &graph) == cudaErrorStreamCaptureInvalidated && !graph);
	(void)cudaGetLastError();
	GOOD(cudaStreamDestroy(a));
	GOOD(cudaStreamDestroy(b));
	GOOD(cudaEventDestroy(fork));
	GOOD(cudaEventDestroy(join));
	return 0;
}

static int copies(void)
{
	static unsigned char host[8][16], back[8][4];
	unsigned char *device = NULL;
	cudaStream_t stream;

	for (int i = 0; i < 128; i++)
		host[i / 16][i % 16] = (unsigned char)i;
	GOOD(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
	GOOD(cudaMalloc(&device, 128));
	GOOD(cudaMemcpy2DAsync(device, 16, host, 16, 16, 8, cudaMemcpyHostToDevice, stream));
	memset(host, 0, sizeof host); /* pageable: was read when the call returned */
	GOOD(cudaMemsetAsync(device + 16, 9, 4, stream));
	GOOD(cudaMemcpy2DAsync(back, 4, device, 16, 4, 8, cudaMemcpyDeviceToHost, stream));
	GOOD(cudaStreamSynchronize(stream));
	for (int i = 0; i < 32; i++)
		CHECK(back[i / 4][i % 4] == (i / 4 == 1 ? 9 : i / 4 * 16 + i % 4));
	GOOD(cudaFree(device));
	GOOD(cudaStreamDestroy(stream));
	return 0;
}

/* Exactly what was asked for, of everything that can be refused. */
static int refusals(void)
{
	void *p = NULL;
	cudaError_t status = cudaMalloc(&p, 1 << 20);

	if (status == cudaSuccess)
		status = launch(second, 1, 100, 0, NULL, address(), 2);
	if (status == cudaSuccess)
		status = cudaDeviceSynchronize();
	printf("%s %s\n", cudaGetErrorName(status), p ? "memory" : "no memory");
	return 0;
}

/* ---- what only the shim shows ---- */

/* Nothing is done before somebody waits for it. */
static int laziness(void)
{
	cudaStream_t stream;
	void *pinned = NULL;

	GOOD(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
	GOOD(cudaHostAlloc(&pinned, sizeof out, cudaHostAllocDefault));
	memset(pinned, 0, sizeof out);
	GOOD(launch(reverse, 1, 256, 0, stream, address(), 1));
	GOOD(cudaMemcpyAsync(pinned, address(), sizeof out, cudaMemcpyDeviceToHost, stream));
	CHECK(cudaStreamQuery(stream) == cudaErrorNotReady && static_cast<int *>(pinned)[0] == 0);
	GOOD(cudaStreamSynchronize(stream));
	CHECK(cudaStreamQuery(stream) == cudaSuccess && static_cast<int *>(pinned)[0] == 256);
	return 0;
}

static __global__ void __launch_bounds__(256) lacks_barrier(int *y, int which)
{
	__shared__ int s[256];
	const int t = (int)threadIdx.x;

	s[t] = t;
	if (which != 1)
		__syncthreads();
	const int v = s[255 - t];
	if (which != 2)
		__syncthreads();
	s[t] = v + 1000;
	__syncthreads();
	y[t] = s[t];
}

static int races(void)
{
	for (int which = 0; which < 3; which++) {
		int wrong = 0;

		GOOD(launch(lacks_barrier, 1, 256, 0, NULL, address(), which));
		GOOD(fetch());
		for (int t = 0; t < 256; t++)
			wrong += out[t] != 255 - t + 1000;
		CHECK(which ? wrong > 0 : wrong == 0);
	}
	return 0;
}

/* Takes over from the block before. */
static __global__ void chain(int *y)
{
	if (blockIdx.x == 0)
		y[0] = 1;
	else
		y[blockIdx.x] = y[blockIdx.x - 1] + 1;
}

static int block_order(void)
{
	GOOD(cudaMemset(address(), 0, sizeof device_out));
	GOOD(launch(chain, 100, 1, 0, NULL, address()));
	GOOD(fetch());
	printf("%d\n", out[99]);
	return 0;
}

/* ---- faults: these end the program ---- */

static __global__ void __launch_bounds__(64) apart(int *y)
{
	if (threadIdx.x < 40)
		__syncthreads();
	else
		y[threadIdx.x] = __shfl_sync(0xffffffffu, 1, 0);
}

static __global__ void absent_lane(int *y)
{
	y[threadIdx.x] = threadIdx.x < 16 ? __shfl_sync(0x0000ffffu, 1, 20) : 0;
}

static __global__ void other_mask(int *y)
{
	y[threadIdx.x] = (int)__ballot_sync(threadIdx.x < 16 ? 0x0000ffffu : 0x7fff0000u, 1);
}

static __global__ void two_masks(int *y)
{
	y[threadIdx.x] = (int)__ballot_sync(threadIdx.x == 0 ? 0x000000ffu : 0x0000ffffu, 1);
}

static __global__ void behind(int *y)
{
	extern __shared__ __align__(16) unsigned char net_shared[];

	net_shared[64] = 0;
	y[0] = net_shared[0];
}

static __device__ int deep(int n)
{
	volatile int here[256];

	for (int i = 0; i < 256; i++)
		here[i] = n;
	return n ? deep(n - 1) + here[n] : here[0];
}

static __global__ void deep_stack(int *y, int n)
{
	y[0] = deep(n);
}

static int deadlock(void)
{
	return launch(apart, 1, 64, 0, NULL, address());
}

static int lane_fault(void)
{
	return launch(absent_lane, 1, 32, 0, NULL, address());
}

static int mask_fault(void)
{
	return launch(other_mask, 1, 32, 0, NULL, address());
}

static int masks_fault(void)
{
	return launch(two_masks, 1, 16, 0, NULL, address());
}

static int memory_fault(void)
{
	return launch(behind, 1, 1, 64, NULL, address());
}

static int stack_fault(void)
{
	return launch(deep_stack, 1, 1, 0, NULL, address(), 70);
}

static int late_allocation(void)
{
	cudaStream_t stream;
	cudaGraph_t graph;
	cudaGraphExec_t exec;
	void *p;

	GOOD(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
	GOOD(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
	GOOD(launch(second, 1, 100, 0, stream, address(), 2));
	GOOD(cudaStreamEndCapture(stream, &graph));
	GOOD(cudaGraphInstantiate(&exec, graph, 0));
	GOOD(cudaGraphLaunch(exec, stream));
	return cudaMalloc(&p, 100);
}

static __global__ void digit(int *y, int value)
{
	y[0] = 10 * y[0] + value;
}

/* A graph of two kernels behind a first one; the second of them waits for the other, or not. */
static int forked(bool waits)
{
	cudaStream_t a, b;
	cudaEvent_t fork, join;
	cudaGraph_t graph = NULL;
	cudaGraphExec_t exec;
	int *y = address(), made = 0;

	GOOD(cudaStreamCreateWithPriority(&a, cudaStreamNonBlocking, -1));
	GOOD(cudaStreamCreateWithPriority(&b, cudaStreamNonBlocking, 0));
	GOOD(cudaEventCreateWithFlags(&fork, cudaEventDisableTiming));
	GOOD(cudaEventCreateWithFlags(&join, cudaEventDisableTiming));
	GOOD(cudaMemset(y, 0, sizeof *y));
	GOOD(cudaStreamBeginCapture(a, cudaStreamCaptureModeThreadLocal));
	GOOD(launch(digit, 1, 1, 0, a, y, 1));
	GOOD(cudaEventRecord(fork, a));
	GOOD(launch(digit, 1, 1, 0, a, y, 2));
	if (waits)
		GOOD(cudaEventRecord(fork, a));
	GOOD(cudaStreamWaitEvent(b, fork, 0));
	GOOD(launch(digit, 1, 1, 0, b, y, 3));
	GOOD(cudaEventRecord(join, b));
	GOOD(cudaStreamWaitEvent(a, join, 0));
	GOOD(cudaStreamEndCapture(a, &graph));
	GOOD(cudaGraphInstantiate(&exec, graph, 0));
	GOOD(cudaGraphLaunch(exec, a));
	GOOD(cudaStreamSynchronize(a));
	GOOD(cudaMemcpy(&made, y, sizeof made, cudaMemcpyDeviceToHost));
	printf("%d\n", made);
	GOOD(cudaGraphExecDestroy(exec));
	GOOD(cudaGraphDestroy(graph));
	GOOD(cudaStreamDestroy(a));
	GOOD(cudaStreamDestroy(b));
	GOOD(cudaEventDestroy(fork));
	GOOD(cudaEventDestroy(join));
	return 0;
}

static int fork_waits(void)
{
	return forked(true);
}

static int fork_races(void)
{
	return forked(false);
}

static const struct {
	const char *name;
	int (*run)(void);
} cases[] = {
    {"barriers", barriers},
    {"block_votes", block_votes},
    {"returned_threads", returned_threads},
    {"warp_shuffles", warp_shuffles},
    {"warp_parts", warp_parts},
    {"atomics", atomics},
    {"dynamic_memory", dynamic_memory},
    {"grids", grids},
    {"conversions", conversions},
    {"graphs", graphs},
    {"captures", captures},
    {"copies", copies},
    {"fork_waits", fork_waits},
    {"fork_races", fork_races},
    {"refusals", refusals},
    {"laziness", laziness},
    {"races", races},
    {"block_order", block_order},
    {"deadlock", deadlock},
    {"lane_fault", lane_fault},
    {"mask_fault", mask_fault},
    {"masks_fault", masks_fault},
    {"memory_fault", memory_fault},
    {"stack_fault", stack_fault},
    {"late_allocation", late_allocation},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (argc == 2 && !strcmp(argv[1], cases[i].name))
			return cases[i].run();
	return 2;
}
