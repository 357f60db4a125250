/* block.cu -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * model    block, hash 81723aba424f0aee
 * options  block.ir --target=cuda-standalone -O1 --arena=static --weights-form=incbin
 * profile  cuda
 * weights  1792 bytes, hash ea89f959ba1a4093
 * arena    5888 bytes; the largest set of live buffers is 5888
 * needs    block.h, and block.weights through -I. A makefile must name it as a dependency: -MD does not list what
 *          the assembler reads, -Wa,--MD,FILE does
 *
 * node  layer                        kernel               result                 MMAC arena offset
 *    1  expand.reorder               reorder_any_1        8x6x6                 0.000         4608
 *    2  expand                       conv_any_1           16x6x6                0.005            0
 *    3  depthwise                    depthwise_vector_1   16x6x6                0.005         2304
 *    4  project                      conv_any_2           8x6x6                 0.005     caller's
 */
#include "block.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <string.h>

/* Device memory, in bytes: an arena for each image, then what all share. */
#define BLOCK_IMAGE_STRIDE 7168
#define BLOCK_TICKETS_AT 7168
#define BLOCK_TICKETS 0

#if !defined(__CUDA_ARCH__) /* the host's part of the file */
__asm__(".pushsection .rodata\n"
	".balign 256\n"
	".globl block_weights\n"
	".hidden block_weights\n"
	".type block_weights, %object\n"
	".size block_weights, 1792\n"
	"block_weights:\n"
	".incbin \"block.weights\"\n"
	".popsection\n");
#endif
extern "C" const unsigned char block_weights[BLOCK_WEIGHTS_SIZE];
static __device__ __align__(256) unsigned char block_device_weights[BLOCK_WEIGHTS_SIZE];
static __device__ __align__(256) unsigned char block_device_memory[BLOCK_ARENA_SIZE];

static __device__ inline float block_relu6(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	x = x > 0.0f ? x : 0.0f;
	return x < 6.0f ? x : 6.0f;
}

/* tickets: counters in device memory, zero between kernels: which block of a group is the last one. */
typedef struct {
	cudaStream_t stream;
	cudaError_t status;
	unsigned int *tickets;
	struct block_library *library; /* cuDNN's plans; null where there are none */
} block_queue;

/* shared: bytes of dynamic shared memory. */
template <typename... P, typename... A>
static void block_launch(block_queue *q, void (*kernel)(P...), dim3 grid, int threads, int shared, A... arguments)
{
	cudaLaunchConfig_t config = {};

	config.gridDim = grid;
	config.blockDim = dim3((unsigned)threads);
	config.dynamicSmemBytes = (size_t)shared;
	config.stream = q->stream;
	if (q->status == cudaSuccess && shared > 48 * 1024)
		q->status = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, shared);
	if (q->status == cudaSuccess)
		q->status = cudaLaunchKernelEx(&config, kernel, arguments...);
}

/* Places in the arena and in the weights: the one cast from bytes. */
template <typename T> static __host__ __device__ inline T *block_at(unsigned char *memory, size_t bytes)
{
	return reinterpret_cast<T *>(memory + bytes);
}

template <typename T> static __host__ __device__ inline const T *block_at(const unsigned char *memory, size_t bytes)
{
	return reinterpret_cast<const T *>(memory + bytes);
}

/* The same place for another image of the batch. */
template <typename T> static __device__ inline T *block_at_image(T *p, int image)
{
	return reinterpret_cast<T *>(reinterpret_cast<uintptr_t>(p) + (size_t)image * BLOCK_IMAGE_STRIDE);
}

/* Elements of maps as the floats that are computed with, and back: nearest, ties to even. A program has some of the types. */
[[maybe_unused]] static __device__ inline float block_float(float x)
{
	return x;
}

[[maybe_unused]] static __device__ inline float block_float(__half x)
{
	return __half2float(x);
}

[[maybe_unused]] static __device__ inline float block_float(__nv_bfloat16 x)
{
	return __bfloat162float(x);
}

[[maybe_unused]] static __device__ inline void block_put(float *p, float x)
{
	*p = x;
}

[[maybe_unused]] static __device__ inline void block_put(__half *p, float x)
{
	*p = __float2half_rn(x);
}

[[maybe_unused]] static __device__ inline void block_put(__nv_bfloat16 *p, float x)
{
	*p = __float2bfloat16_rn(x);
}

/* Eight neighbours in memory at a multiple of 16 bytes, as floats, and back. */
[[maybe_unused]] static __device__ inline void block_load_eight(const float *p, float *v)
{
	const float4 a = *reinterpret_cast<const float4 *>(p), b = *reinterpret_cast<const float4 *>(p + 4);

	v[0] = a.x;
	v[1] = a.y;
	v[2] = a.z;
	v[3] = a.w;
	v[4] = b.x;
	v[5] = b.y;
	v[6] = b.z;
	v[7] = b.w;
}

template <typename T> static __device__ inline void block_load_eight(const T *p, float *v)
{
	const uint4 bits = *reinterpret_cast<const uint4 *>(p);
	T eight[8];

	memcpy(eight, &bits, sizeof eight);
	for (int i = 0; i < 8; i++)
		v[i] = block_float(eight[i]);
}

[[maybe_unused]] static __device__ inline void block_store_eight(float *p, const float *v)
{
	*reinterpret_cast<float4 *>(p) = make_float4(v[0], v[1], v[2], v[3]);
	*reinterpret_cast<float4 *>(p + 4) = make_float4(v[4], v[5], v[6], v[7]);
}

template <typename T> static __device__ inline void block_store_eight(T *p, const float *v)
{
	uint4 bits;
	T eight[8];

	for (int i = 0; i < 8; i++)
		block_put(&eight[i], v[i]);
	memcpy(&bits, eight, sizeof bits);
	*reinterpret_cast<uint4 *>(p) = bits;
}
/* reorder_any.cu -- op reorder: any memory layout and float type to any other. Channels that fill up become 0.
 *
 * ints: of the maps p = X, Y: pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see bind_cuda_map()), COUNT BLOCKS; words: XT YT.
 *
 * parts: queue image number
 */

static __global__ void __launch_bounds__(256) block_reorder_any_1_device(const float *__restrict__ x, float *__restrict__ y)
{
	enum { XC = 8, XROWS = 6, XCOLS = 6, XTOP = 0, XLEFT = 0, XB = 1, YH = 6, YW = 6,
	       YROWS = 6, YCOLS = 6, YTOP = 0, YLEFT = 0, YB = 8, YL = 8, COUNT = 288 };
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= COUNT)
		return;
	const int c = i / (YL * YH * YW) * YB + i % YL, oy = i / (YL * YW) % YH, ox = i / YL % YW;
	float *const at = block_at_image(y, image) + (((c / YB * YROWS + oy + YTOP) * YCOLS + ox + YLEFT) * YB + c % YB);

	block_put(at, c < XC ? block_float(block_at_image(x, image)[((c / XB * XROWS + oy + XTOP) * XCOLS + ox + XLEFT) * XB + c % XB])
	                   : 0.0f);
}

static void block_reorder_any_1(block_queue *q, const float *x, float *y)
{
	enum { BLOCKS = 2 };
	block_launch(q, block_reorder_any_1_device, dim3(BLOCKS, 1, BLOCK_BATCH), 256, 0, x, y);
}

/* conv_any.cu -- op conv2d, as its definition says: any window, stride, dilation, group; maps in any layout. One result, or
 * two that share out the channels. The slow, obviously right one: a thread for each element.
 *
 * ints: of the maps p = X, Y, Z (second result), E, E1 (operands): pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see
 * bind_cuda_map()), KH KW, SH SW (stride), DH DW (dilation), PT PL (padding), CIG COG (channels of a group, in and out), NOUT (1,
 * 2), FIRST (elements of the first result), COUNT BLOCKS, BIAS ELT ACTON ELT1 ACT1ON (0, 1); words: XT YT ZT ET E1T, OP ACT ALPHA
 * BETA, OP1 ACT1 ALPHA1 BETA1. w: [channels of both results][CIG][KH][KW].
 *
 * parts: queue image number
 */

/* Channel co of the result at a pixel. */
static __device__ inline float block_conv_any_1_sum(const float *__restrict__ x, const float *__restrict__ w,
                                          int co, int oy, int ox)
{
	enum { XH = 6, XW = 6, XROWS = 6, XCOLS = 6, XTOP = 0, XLEFT = 0, XB = 8, KH = 1, KW = 1,
	       SH = 1, SW = 1, DH = 1, DW = 1, PT = 0, PL = 0, CIG = 8, COG = 16 };
	float sum = 0.0f;

	for (int ci = 0; ci < CIG; ci++) {
		const int c = co / COG * CIG + ci;

		for (int ky = 0; ky < KH; ky++)
			for (int kx = 0; kx < KW; kx++) {
				const int iy = oy * SH + ky * DH - PT, ix = ox * SW + kx * DW - PL;

				if (iy >= 0 && iy < XH && ix >= 0 && ix < XW)
					sum += block_float(x[((c / XB * XROWS + iy + XTOP) * XCOLS + ix + XLEFT) * XB + c % XB]) *
					       w[((co * CIG + ci) * KH + ky) * KW + kx];
			}
	}
	return sum;
}

static __global__ void __launch_bounds__(256) block_conv_any_1_device(const float *__restrict__ x, const float *__restrict__ w,
                                                            float *__restrict__ y)
{
	enum { YC = 16, YH = 6, YW = 6, YROWS = 6, YCOLS = 6, YTOP = 0, YLEFT = 0, YB = 16,
	       YL = 16, COUNT = 576 };
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= COUNT)
		return;
	const int c = i / (YL * YH * YW) * YB + i % YL, oy = i / (YL * YW) % YH, ox = i / YL % YW;
	float *const at = block_at_image(y, image) + (((c / YB * YROWS + oy + YTOP) * YCOLS + ox + YLEFT) * YB + c % YB);
	float sum = 0.0f;

	if (c < YC) {
		sum = block_conv_any_1_sum(block_at_image(x, image), w, c, oy, ox);
		sum = block_relu6(sum, 0.0f, 0.0f);
	}
	block_put(at, sum);
}

static void block_conv_any_1(block_queue *q, const float *x, const float *w,
                   float *y
                   )
{
	enum { BLOCKS = 3 };
	block_launch(q, block_conv_any_1_device, dim3(BLOCKS, 1, BLOCK_BATCH), 256, 0, x, w,
	           y);
}

/* depthwise_vector.cu -- op conv2d with as many groups as channels, all channels of a pixel in one block: a thread sums eight
 * channels of a pixel, which are 16 or 32 bytes in memory.
 *
 * ints: of the maps p = X, Y, E: pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see bind_cuda_map()), KH KW, SH SW (stride), DH DW
 * (dilation), PT PL (padding), ELT ACTON (0, 1), COUNT (threads) BLOCKS; words: XT YT ET, OP ACT ALPHA BETA. w: floats, bias [YL],
 * then [KH][KW][YL], zeros where channels only fill up.
 *
 * parts: queue at image number eight
 */

static __global__ void __launch_bounds__(256) block_depthwise_vector_1_device(const float *__restrict__ x,
                                                            const float *__restrict__ w, float *__restrict__ y)
{
	enum { XH = 6, XW = 6, XB = 16, YC = 16, YW = 6, YB = 16, YL = 16, KH = 3, KW = 3, SH = 1,
	       SW = 1, DH = 1, DW = 1, PT = 1, PL = 1, COUNT = 72 };
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= COUNT)
		return;
	const int c = i % (YL / 8) * 8, ox = i / (YL / 8) % YW, oy = i / (YL / 8 * YW);
	const float *const from = block_at_image(x, image) + c;
	float sum[8], v[8], k[8];

	block_load_eight(w + c, sum);
	for (int ky = 0; ky < KH; ky++)
		for (int kx = 0; kx < KW; kx++) {
			const int iy = oy * SH + ky * DH - PT, ix = ox * SW + kx * DW - PL;

			if (iy < 0 || iy >= XH || ix < 0 || ix >= XW)
				continue;
			block_load_eight(from + (iy * XW + ix) * XB, v);
			block_load_eight(w + (1 + ky * KW + kx) * YL + c, k);
			for (int j = 0; j < 8; j++)
				sum[j] += v[j] * k[j];
		}
	for (int j = 0; j < 8; j++)
		sum[j] = c + j < YC ? block_relu6(sum[j], 0.0f, 0.0f) : 0.0f;
	block_store_eight(block_at_image(y, image) + (oy * YW + ox) * YB + c, sum);
}

static void block_depthwise_vector_1(block_queue *q, const float *x,
                   const unsigned char *w, float *y)
{
	enum { BLOCKS = 1 };
	block_launch(q, block_depthwise_vector_1_device, dim3(BLOCKS, 1, BLOCK_BATCH), 256, 0, x, block_at<const float>(w, 0), y);
}

/* Channel co of the result at a pixel. */
static __device__ inline float block_conv_any_2_sum(const float *__restrict__ x, const float *__restrict__ w,
                                          int co, int oy, int ox)
{
	enum { XH = 6, XW = 6, XROWS = 6, XCOLS = 6, XTOP = 0, XLEFT = 0, XB = 16, KH = 1, KW = 1,
	       SH = 1, SW = 1, DH = 1, DW = 1, PT = 0, PL = 0, CIG = 16, COG = 8 };
	float sum = 0.0f;

	for (int ci = 0; ci < CIG; ci++) {
		const int c = co / COG * CIG + ci;

		for (int ky = 0; ky < KH; ky++)
			for (int kx = 0; kx < KW; kx++) {
				const int iy = oy * SH + ky * DH - PT, ix = ox * SW + kx * DW - PL;

				if (iy >= 0 && iy < XH && ix >= 0 && ix < XW)
					sum += block_float(x[((c / XB * XROWS + iy + XTOP) * XCOLS + ix + XLEFT) * XB + c % XB]) *
					       w[((co * CIG + ci) * KH + ky) * KW + kx];
			}
	}
	return sum;
}

static __global__ void __launch_bounds__(256) block_conv_any_2_device(const float *__restrict__ x, const float *__restrict__ w,
                                                            const float *__restrict__ e,
                                                            float *__restrict__ y)
{
	enum { YC = 8, YH = 6, YW = 6, YROWS = 6, YCOLS = 6, YTOP = 0, YLEFT = 0, YB = 1, YL = 1,
	       EROWS = 6, ECOLS = 6, ETOP = 0, ELEFT = 0, EB = 8, COUNT = 288 };
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= COUNT)
		return;
	const int c = i / (YL * YH * YW) * YB + i % YL, oy = i / (YL * YW) % YH, ox = i / YL % YW;
	float *const at = block_at_image(y, image) + (((c / YB * YROWS + oy + YTOP) * YCOLS + ox + YLEFT) * YB + c % YB);
	float sum = 0.0f;

	if (c < YC) {
		sum = block_conv_any_2_sum(block_at_image(x, image), w, c, oy, ox);
		sum = sum + block_float(block_at_image(e, image)[((c / EB * EROWS + oy + ETOP) * ECOLS + ox + ELEFT) * EB + c % EB]);
	}
	block_put(at, sum);
}

static void block_conv_any_2(block_queue *q, const float *x, const float *w,
                   const float *e,
                   float *y
                   )
{
	enum { BLOCKS = 2 };
	block_launch(q, block_conv_any_2_device, dim3(BLOCKS, 1, BLOCK_BATCH), 256, 0, x, w,
	           e,
	           y);
}

/* The network: every launch of one run, on the queue's stream. */
static void block_enqueue(block_queue *q, unsigned char *arena, const unsigned char *weights)
{
	block_reorder_any_1(q, block_at<const float>(arena, 0), block_at<float>(arena, 4608)); /* 1 expand.reorder */
	block_conv_any_1(q, block_at<const float>(arena, 4608), block_at<const float>(weights, 0), block_at<float>(arena, 0)); /* 2 expand */
	block_depthwise_vector_1(q, block_at<const float>(arena, 0), weights + 512, block_at<float>(arena, 2304)); /* 3 depthwise */
	block_conv_any_2(q, block_at<const float>(arena, 2304), block_at<const float>(weights, 1280), block_at<const float>(arena, 4608), block_at<float>(arena, 5888)); /* 4 project */
}

/* entry.cu -- the functions of the header: memory, one CUDA graph, calls.
 *
 * block_open() copies the weights to the device, records every launch of a run in a CUDA graph and instantiates it. A run
 * sets the parameters of the graph's first kernel, which keeps them in device memory for the last one, and launches the
 * graph: nothing is allocated, nothing waits but the end of a call that hands results to the host. A stream that is
 * being captured gets plain launches instead, so that the caller's graph contains ours.
 *
 * parts: queue at
 * from the source: BLOCK_TICKETS_AT BLOCK_TICKETS, for a detector BLOCK_CALLS_AT BLOCK_RESULTS_AT, for pixels BLOCK_PIXELS_AT
 * BLOCK_PIXELS_SIZE; block_device_weights, block_device_memory, block_enqueue, block_preprocess
 * ints: DETECTOR PIXELS CALLER WEIGHTS LOADED TRACE LIBRARY (0, 1; see codegen/emit_cuda.c) INPUT_AT INPUT_BYTES (the input
 * tensor of one image) ; words: TENSORS MISSING COPY_INPUTS COPY_OUTPUTS (of a network without detections)
 */
static block_context block_own; /* of the calls without a context */

/* What a caller is told of a CUDA status; the status itself stays for block_device_error(). */
static int block_told(block_context *c, cudaError_t status)
{
	if (status == cudaSuccess)
		return BLOCK_OK;
	c->status = (int)status;
	(void)cudaGetLastError(); /* so that it does not surface in somebody else's call */
	switch (status) {
	case cudaErrorMemoryAllocation:
		return BLOCK_ENOMEM;
	case cudaErrorNoDevice:
	case cudaErrorInsufficientDriver:
		return BLOCK_ENODEVICE;
	case cudaErrorNoKernelImageForDevice:
	case cudaErrorInvalidDeviceFunction:
	case cudaErrorUnsupportedPtxVersion:
		return BLOCK_EARCH;
	default:
		return BLOCK_EDEVICE;
	}
}

/* Every launch of a run on a stream. */
static cudaError_t block_launch_all(const block_context *c, cudaStream_t stream)
{
	block_queue q = {stream, cudaSuccess, block_at<unsigned int>(c->memory, BLOCK_TICKETS_AT), c->library};

	block_enqueue(&q, c->memory, c->weights);
	return q.status;
}

/* The launches as a graph, once. */
static cudaError_t block_record(block_context *c)
{
	size_t roots = 1;
	cudaGraph_t graph = NULL;
	cudaError_t launched, status;

	status = cudaStreamBeginCapture(c->stream, cudaStreamCaptureModeThreadLocal);
	if (status != cudaSuccess)
		return status;
	launched = block_launch_all(c, c->stream);
	status = cudaStreamEndCapture(c->stream, &graph);
	c->recorded = graph;
	if (launched != cudaSuccess)
		return launched;
	if (status == cudaSuccess)
		status = cudaGraphGetRootNodes(graph, &c->first, &roots);
	if (status == cudaSuccess)
		status = cudaGraphInstantiate(&c->graph, graph, 0);
	if (status == cudaSuccess)
		status = cudaGraphUpload(c->graph, c->stream);
	return status;
}

static cudaError_t block_prepare(block_context *c)
{
	cudaError_t status = cudaSuccess;
	void *weights = NULL;

	status = cudaGetSymbolAddress(&weights, block_device_weights);
	if (status != cudaSuccess)
		return status;
	c->weights = static_cast<unsigned char *>(weights);
	status = cudaMemcpy(weights, block_weights, BLOCK_WEIGHTS_SIZE, cudaMemcpyHostToDevice);
	if (status != cudaSuccess)
		return status;
	status = cudaMemset(c->memory, 0, BLOCK_ARENA_SIZE);
	if (status == cudaSuccess)
		status = cudaStreamCreateWithFlags(&c->stream, cudaStreamNonBlocking);
	if (status == cudaSuccess)
		status = block_record(c);
	if (status == cudaSuccess)
		status = cudaStreamSynchronize(c->stream);
	return status;
}

void block_close(void)
{
	block_context *const c = &block_own;

	if (c->graph)
		(void)cudaGraphExecDestroy(c->graph);
	if (c->recorded)
		(void)cudaGraphDestroy(c->recorded);
	if (c->pinned)
		(void)cudaFreeHost(c->pinned);
	if (c->stream)
		(void)cudaStreamDestroy(c->stream);
	c->graph = NULL;
	c->recorded = NULL;
	c->first = NULL;
	c->pinned = NULL;
	c->stream = NULL;
	c->ready = 0;
}

int block_open(void)
{
	block_context *const c = &block_own;
	void *memory = NULL;
	cudaError_t status;

	if (c->ready)
		return BLOCK_OK;
	status = cudaGetSymbolAddress(&memory, block_device_memory);
	if (status != cudaSuccess)
		return block_told(c, status);
	c->memory = static_cast<unsigned char *>(memory);
	status = block_prepare(c);
	if (status != cudaSuccess) {
		block_close();
		return block_told(c, status);
	}
	c->ready = 1;
	return BLOCK_OK;
}

static void block_copy(block_context *c, void *to, const void *from, size_t size, cudaMemcpyKind kind)
{
	if (c->status == (int)cudaSuccess)
		c->status = (int)cudaMemcpyAsync(to, from, size, kind, c->stream);
}

int block_run(const float *in0, float *out0)
{
	block_context *const c = &block_own;
	const int opened = block_open();
	cudaError_t status;

	if (opened != BLOCK_OK)
		return opened;
	if (!in0 || !out0)
		return BLOCK_EINVAL;
	c->status = (int)cudaSuccess;
	block_copy(c, c->memory + 0, in0, 1152, cudaMemcpyHostToDevice);

	status = (cudaError_t)c->status;
	if (status == cudaSuccess)
		status = cudaGraphLaunch(c->graph, c->stream);
	c->status = (int)status;
	block_copy(c, out0, c->memory + 5888, 1152, cudaMemcpyDeviceToHost);

	status = (cudaError_t)c->status;
	if (status == cudaSuccess)
		status = cudaStreamSynchronize(c->stream);
	return block_told(c, status);
}

const char *block_device_error(void)
{
	const block_context *const c = &block_own;
	return cudaGetErrorName((cudaError_t)c->status);
}

const char *block_strerror(int error)
{
	static const char *const text[] = {
		"done",
		"an argument is out of its range",
		"the CPU lacks a feature that this program was compiled for; needed: none",
		"the weights are not those of this model, or not loaded",
		"the device refused",
		"the device has too little memory",
		"there is no device, or no driver for it",
		"the program was compiled for other devices",
	};

	return error <= 0 && error >= -7 ? text[-error] : "unknown error";
}

const char *block_version(void)
{
	return "dssdc 0.1.0";
}
