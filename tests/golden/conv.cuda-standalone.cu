/* conv.cu -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * model    conv, hash e67e2f465fa49bed
 * options  conv.ir --target=cuda-standalone -O1 --arena=static --weights-form=incbin
 * profile  cuda
 * weights  768 bytes, hash 91c1f4eeb60f4193
 * arena    1536 bytes; the largest set of live buffers is 1536
 * needs    conv.h, and conv.weights through -I. A makefile must name it as a dependency: -MD does not list what
 *          the assembler reads, -Wa,--MD,FILE does
 *
 * node  layer                        kernel               result                 MMAC arena offset
 *    1  a.reorder                    reorder_any_1        3x5x6                 0.000            0
 *    2  a                            conv_any_1           4x3x3                 0.001         1024
 *    3  b                            conv_any_2           4x3x3                 0.000     caller's
 */
#include "conv.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <string.h>

/* Device memory, in bytes: an arena for each image, then what all share. */
#define CONV_IMAGE_STRIDE 1792
#define CONV_TICKETS_AT 1792
#define CONV_TICKETS 0

#if !defined(__CUDA_ARCH__) /* the host's part of the file */
__asm__(".pushsection .rodata\n"
	".balign 256\n"
	".globl conv_weights\n"
	".hidden conv_weights\n"
	".type conv_weights, %object\n"
	".size conv_weights, 768\n"
	"conv_weights:\n"
	".incbin \"conv.weights\"\n"
	".popsection\n");
#endif
extern "C" const unsigned char conv_weights[CONV_WEIGHTS_SIZE];
static __device__ __align__(256) unsigned char conv_device_weights[CONV_WEIGHTS_SIZE];
static __device__ __align__(256) unsigned char conv_device_memory[CONV_ARENA_SIZE];

static __device__ inline float conv_relu(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return x > 0.0f ? x : 0.0f;
}

/* tickets: counters in device memory, zero between kernels: which block of a group is the last one. */
typedef struct {
	cudaStream_t stream;
	cudaError_t status;
	unsigned int *tickets;
	struct conv_library *library; /* cuDNN's plans; null where there are none */
} conv_queue;

/* shared: bytes of dynamic shared memory. */
template <typename... P, typename... A>
static void conv_launch(conv_queue *q, void (*kernel)(P...), dim3 grid, int threads, int shared, A... arguments)
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
template <typename T> static __host__ __device__ inline T *conv_at(unsigned char *memory, size_t bytes)
{
	return reinterpret_cast<T *>(memory + bytes);
}

template <typename T> static __host__ __device__ inline const T *conv_at(const unsigned char *memory, size_t bytes)
{
	return reinterpret_cast<const T *>(memory + bytes);
}

/* The same place for another image of the batch. */
template <typename T> static __device__ inline T *conv_at_image(T *p, int image)
{
	return reinterpret_cast<T *>(reinterpret_cast<uintptr_t>(p) + (size_t)image * CONV_IMAGE_STRIDE);
}

/* Elements of maps as the floats that are computed with, and back: nearest, ties to even. A program has some of the types. */
[[maybe_unused]] static __device__ inline float conv_float(float x)
{
	return x;
}

[[maybe_unused]] static __device__ inline float conv_float(__half x)
{
	return __half2float(x);
}

[[maybe_unused]] static __device__ inline float conv_float(__nv_bfloat16 x)
{
	return __bfloat162float(x);
}

[[maybe_unused]] static __device__ inline void conv_put(float *p, float x)
{
	*p = x;
}

[[maybe_unused]] static __device__ inline void conv_put(__half *p, float x)
{
	*p = __float2half_rn(x);
}

[[maybe_unused]] static __device__ inline void conv_put(__nv_bfloat16 *p, float x)
{
	*p = __float2bfloat16_rn(x);
}

/* reorder_any.cu -- op reorder: any memory layout and float type to any other. Channels that fill up become 0.
 *
 * ints: of the maps p = X, Y: pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see bind_cuda_map()), COUNT BLOCKS; words: XT YT.
 *
 * parts: queue image number
 */

static __global__ void __launch_bounds__(256) conv_reorder_any_1_device(const float *__restrict__ x, float *__restrict__ y)
{
	enum { XC = 3, XROWS = 5, XCOLS = 6, XTOP = 0, XLEFT = 0, XB = 1, YH = 5, YW = 6,
	       YROWS = 5, YCOLS = 6, YTOP = 0, YLEFT = 0, YB = 8, YL = 8, COUNT = 240 };
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= COUNT)
		return;
	const int c = i / (YL * YH * YW) * YB + i % YL, oy = i / (YL * YW) % YH, ox = i / YL % YW;
	float *const at = conv_at_image(y, image) + (((c / YB * YROWS + oy + YTOP) * YCOLS + ox + YLEFT) * YB + c % YB);

	conv_put(at, c < XC ? conv_float(conv_at_image(x, image)[((c / XB * XROWS + oy + XTOP) * XCOLS + ox + XLEFT) * XB + c % XB])
	                   : 0.0f);
}

static void conv_reorder_any_1(conv_queue *q, const float *x, float *y)
{
	enum { BLOCKS = 1 };
	conv_launch(q, conv_reorder_any_1_device, dim3(BLOCKS, 1, CONV_BATCH), 256, 0, x, y);
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
static __device__ inline float conv_conv_any_1_sum(const float *__restrict__ x, const float *__restrict__ w,
                                          const float *__restrict__ bias,
                                          int co, int oy, int ox)
{
	enum { XH = 5, XW = 6, XROWS = 5, XCOLS = 6, XTOP = 0, XLEFT = 0, XB = 8, KH = 3, KW = 3,
	       SH = 2, SW = 2, DH = 1, DW = 1, PT = 1, PL = 1, CIG = 3, COG = 4 };
	float sum = bias[co];

	for (int ci = 0; ci < CIG; ci++) {
		const int c = co / COG * CIG + ci;

		for (int ky = 0; ky < KH; ky++)
			for (int kx = 0; kx < KW; kx++) {
				const int iy = oy * SH + ky * DH - PT, ix = ox * SW + kx * DW - PL;

				if (iy >= 0 && iy < XH && ix >= 0 && ix < XW)
					sum += conv_float(x[((c / XB * XROWS + iy + XTOP) * XCOLS + ix + XLEFT) * XB + c % XB]) *
					       w[((co * CIG + ci) * KH + ky) * KW + kx];
			}
	}
	return sum;
}

static __global__ void __launch_bounds__(256) conv_conv_any_1_device(const float *__restrict__ x, const float *__restrict__ w,
                                                            const float *__restrict__ bias,
                                                            float *__restrict__ y)
{
	enum { YC = 4, YH = 3, YW = 3, YROWS = 3, YCOLS = 3, YTOP = 0, YLEFT = 0, YB = 8, YL = 8,
	       COUNT = 72 };
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= COUNT)
		return;
	const int c = i / (YL * YH * YW) * YB + i % YL, oy = i / (YL * YW) % YH, ox = i / YL % YW;
	float *const at = conv_at_image(y, image) + (((c / YB * YROWS + oy + YTOP) * YCOLS + ox + YLEFT) * YB + c % YB);
	float sum = 0.0f;

	if (c < YC) {
		sum = conv_conv_any_1_sum(conv_at_image(x, image), w, bias, c, oy, ox);
		sum = conv_relu(sum, 0.0f, 0.0f);
	}
	conv_put(at, sum);
}

static void conv_conv_any_1(conv_queue *q, const float *x, const float *w,
                   const float *bias,
                   float *y
                   )
{
	enum { BLOCKS = 1 };
	conv_launch(q, conv_conv_any_1_device, dim3(BLOCKS, 1, CONV_BATCH), 256, 0, x, w,
	           bias,
	           y);
}

/* Channel co of the result at a pixel. */
static __device__ inline float conv_conv_any_2_sum(const float *__restrict__ x, const float *__restrict__ w,
                                          int co, int oy, int ox)
{
	enum { XH = 3, XW = 3, XROWS = 3, XCOLS = 3, XTOP = 0, XLEFT = 0, XB = 8, KH = 1, KW = 1,
	       SH = 1, SW = 1, DH = 1, DW = 1, PT = 0, PL = 0, CIG = 4, COG = 4 };
	float sum = 0.0f;

	for (int ci = 0; ci < CIG; ci++) {
		const int c = co / COG * CIG + ci;

		for (int ky = 0; ky < KH; ky++)
			for (int kx = 0; kx < KW; kx++) {
				const int iy = oy * SH + ky * DH - PT, ix = ox * SW + kx * DW - PL;

				if (iy >= 0 && iy < XH && ix >= 0 && ix < XW)
					sum += conv_float(x[((c / XB * XROWS + iy + XTOP) * XCOLS + ix + XLEFT) * XB + c % XB]) *
					       w[((co * CIG + ci) * KH + ky) * KW + kx];
			}
	}
	return sum;
}

static __global__ void __launch_bounds__(256) conv_conv_any_2_device(const float *__restrict__ x, const float *__restrict__ w,
                                                            const float *__restrict__ e,
                                                            float *__restrict__ y)
{
	enum { YC = 4, YH = 3, YW = 3, YROWS = 3, YCOLS = 3, YTOP = 0, YLEFT = 0, YB = 1, YL = 1,
	       EROWS = 3, ECOLS = 3, ETOP = 0, ELEFT = 0, EB = 8, COUNT = 36 };
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= COUNT)
		return;
	const int c = i / (YL * YH * YW) * YB + i % YL, oy = i / (YL * YW) % YH, ox = i / YL % YW;
	float *const at = conv_at_image(y, image) + (((c / YB * YROWS + oy + YTOP) * YCOLS + ox + YLEFT) * YB + c % YB);
	float sum = 0.0f;

	if (c < YC) {
		sum = conv_conv_any_2_sum(conv_at_image(x, image), w, c, oy, ox);
		sum = sum + conv_float(conv_at_image(e, image)[((c / EB * EROWS + oy + ETOP) * ECOLS + ox + ELEFT) * EB + c % EB]);
	}
	conv_put(at, sum);
}

static void conv_conv_any_2(conv_queue *q, const float *x, const float *w,
                   const float *e,
                   float *y
                   )
{
	enum { BLOCKS = 1 };
	conv_launch(q, conv_conv_any_2_device, dim3(BLOCKS, 1, CONV_BATCH), 256, 0, x, w,
	           e,
	           y);
}

/* The network: every launch of one run, on the queue's stream. */
static void conv_enqueue(conv_queue *q, unsigned char *arena, const unsigned char *weights)
{
	conv_reorder_any_1(q, conv_at<const float>(arena, 1024), conv_at<float>(arena, 0)); /* 1 a.reorder */
	conv_conv_any_1(q, conv_at<const float>(arena, 0), conv_at<const float>(weights, 0), conv_at<const float>(weights, 432), conv_at<float>(arena, 1024)); /* 2 a */
	conv_conv_any_2(q, conv_at<const float>(arena, 1024), conv_at<const float>(weights, 512), conv_at<const float>(arena, 1024), conv_at<float>(arena, 1536)); /* 3 b */
}

/* entry.cu -- the functions of the header: memory, one CUDA graph, calls.
 *
 * conv_open() copies the weights to the device, records every launch of a run in a CUDA graph and instantiates it. A run
 * sets the parameters of the graph's first kernel, which keeps them in device memory for the last one, and launches the
 * graph: nothing is allocated, nothing waits but the end of a call that hands results to the host. A stream that is
 * being captured gets plain launches instead, so that the caller's graph contains ours.
 *
 * parts: queue at
 * from the source: CONV_TICKETS_AT CONV_TICKETS, for a detector CONV_CALLS_AT CONV_RESULTS_AT, for pixels CONV_PIXELS_AT
 * CONV_PIXELS_SIZE; conv_device_weights, conv_device_memory, conv_enqueue, conv_preprocess
 * ints: DETECTOR PIXELS CALLER WEIGHTS LOADED TRACE LIBRARY (0, 1; see codegen/emit_cuda.c) INPUT_AT INPUT_BYTES (the input
 * tensor of one image) ; words: TENSORS MISSING COPY_INPUTS COPY_OUTPUTS (of a network without detections)
 */
static conv_context conv_own; /* of the calls without a context */

/* What a caller is told of a CUDA status; the status itself stays for conv_device_error(). */
static int conv_told(conv_context *c, cudaError_t status)
{
	if (status == cudaSuccess)
		return CONV_OK;
	c->status = (int)status;
	(void)cudaGetLastError(); /* so that it does not surface in somebody else's call */
	switch (status) {
	case cudaErrorMemoryAllocation:
		return CONV_ENOMEM;
	case cudaErrorNoDevice:
	case cudaErrorInsufficientDriver:
		return CONV_ENODEVICE;
	case cudaErrorNoKernelImageForDevice:
	case cudaErrorInvalidDeviceFunction:
	case cudaErrorUnsupportedPtxVersion:
		return CONV_EARCH;
	default:
		return CONV_EDEVICE;
	}
}

/* Every launch of a run on a stream. */
static cudaError_t conv_launch_all(const conv_context *c, cudaStream_t stream)
{
	conv_queue q = {stream, cudaSuccess, conv_at<unsigned int>(c->memory, CONV_TICKETS_AT), c->library};

	conv_enqueue(&q, c->memory, c->weights);
	return q.status;
}

/* The launches as a graph, once. */
static cudaError_t conv_record(conv_context *c)
{
	size_t roots = 1;
	cudaGraph_t graph = NULL;
	cudaError_t launched, status;

	status = cudaStreamBeginCapture(c->stream, cudaStreamCaptureModeThreadLocal);
	if (status != cudaSuccess)
		return status;
	launched = conv_launch_all(c, c->stream);
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

static cudaError_t conv_prepare(conv_context *c)
{
	cudaError_t status = cudaSuccess;
	void *weights = NULL;

	status = cudaGetSymbolAddress(&weights, conv_device_weights);
	if (status != cudaSuccess)
		return status;
	c->weights = static_cast<unsigned char *>(weights);
	status = cudaMemcpy(weights, conv_weights, CONV_WEIGHTS_SIZE, cudaMemcpyHostToDevice);
	if (status != cudaSuccess)
		return status;
	status = cudaMemset(c->memory, 0, CONV_ARENA_SIZE);
	if (status == cudaSuccess)
		status = cudaStreamCreateWithFlags(&c->stream, cudaStreamNonBlocking);
	if (status == cudaSuccess)
		status = conv_record(c);
	if (status == cudaSuccess)
		status = cudaStreamSynchronize(c->stream);
	return status;
}

void conv_close(void)
{
	conv_context *const c = &conv_own;

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

int conv_open(void)
{
	conv_context *const c = &conv_own;
	void *memory = NULL;
	cudaError_t status;

	if (c->ready)
		return CONV_OK;
	status = cudaGetSymbolAddress(&memory, conv_device_memory);
	if (status != cudaSuccess)
		return conv_told(c, status);
	c->memory = static_cast<unsigned char *>(memory);
	status = conv_prepare(c);
	if (status != cudaSuccess) {
		conv_close();
		return conv_told(c, status);
	}
	c->ready = 1;
	return CONV_OK;
}

static void conv_copy(conv_context *c, void *to, const void *from, size_t size, cudaMemcpyKind kind)
{
	if (c->status == (int)cudaSuccess)
		c->status = (int)cudaMemcpyAsync(to, from, size, kind, c->stream);
}

int conv_run(const float *in0, float *out0)
{
	conv_context *const c = &conv_own;
	const int opened = conv_open();
	cudaError_t status;

	if (opened != CONV_OK)
		return opened;
	if (!in0 || !out0)
		return CONV_EINVAL;
	c->status = (int)cudaSuccess;
	conv_copy(c, c->memory + 1024, in0, 360, cudaMemcpyHostToDevice);

	status = (cudaError_t)c->status;
	if (status == cudaSuccess)
		status = cudaGraphLaunch(c->graph, c->stream);
	c->status = (int)status;
	conv_copy(c, out0, c->memory + 1536, 144, cudaMemcpyDeviceToHost);

	status = (cudaError_t)c->status;
	if (status == cudaSuccess)
		status = cudaStreamSynchronize(c->stream);
	return conv_told(c, status);
}

const char *conv_device_error(void)
{
	const conv_context *const c = &conv_own;
	return cudaGetErrorName((cudaError_t)c->status);
}

const char *conv_strerror(int error)
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

const char *conv_version(void)
{
	return "dssdc 0.1.0";
}
