/* branches.cu -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * model    branches, hash 741ac9fac45ea7a8
 * options  branches.ir --target=cuda-standalone -O1 --arena=static --weights-form=incbin
 * profile  cuda
 * weights  0 bytes, hash 0000000000000000
 * arena    2560 bytes; the largest set of live buffers is 2560
 * macs     0
 * numbers  f32, sums f32; a * b + c rounded once: fast; 0 layers by Winograd's transforms
 * ram      3176 bytes: branches_device_memory 3072 + branches_own 104
 * flash    390 bytes: strings 326 + text 64
 * device   3072 bytes: branches_device_memory 3072
 * defines  branches_run branches_open branches_close branches_device_error branches_strerror branches_version
 * uses     cudaDeviceGetStreamPriorityRange cudaEventCreateWithFlags cudaEventDestroy cudaEventRecord cudaFreeHost
 *          cudaFuncSetAttribute cudaGetErrorName cudaGetLastError cudaGetSymbolAddress cudaGraphDestroy
 *          cudaGraphExecDestroy cudaGraphGetRootNodes cudaGraphInstantiate cudaGraphLaunch cudaGraphUpload
 *          cudaLaunchKernelEx cudaMemcpyAsync cudaMemsetAsync cudaStreamBeginCapture cudaStreamCreateWithPriority
 *          cudaStreamDestroy cudaStreamEndCapture cudaStreamSynchronize cudaStreamWaitEvent memcpy memset
 * needs    branches.h
 *
 * node  layer                        kernel               result                 MMAC arena offset
 *    1  trunk.reorder                reorder_any_1        8x6x6                 0.000         1280
 *    2  trunk                        pool_any_1           8x3x3                 0.000          512
 *    3  low                          pool_any_2           8x3x3                 0.000         1024
 *    4  side                         pool_any_3           8x3x3                 0.000            0
 *    5  mix.reorder                  reorder_any_2        8x3x3                 0.000         1536
 *    6  mix                          softmax_rows_1       8x3x3                 0.000         1024
 *    7  join.reorder                 reorder_any_3        8x3x3                 0.000         1536
 *    8  join                         eltwise_any_1        8x3x3                 0.000     caller's
 */
#include "branches.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <string.h>

#define BRANCHES_QUEUES 2 /* streams of one run */
#define BRANCHES_EVENTS 2 /* by which they wait for each other */

/* Device memory, in bytes: an arena for each image, then what all share. */
#define BRANCHES_IMAGE_STRIDE 3072
#define BRANCHES_TICKETS_AT 3072
#define BRANCHES_TICKETS 0 /* of one queue */

static __device__ __align__(256) unsigned char branches_device_memory[BRANCHES_ARENA_SIZE];

static __device__ inline int32_t branches_bits(float x)
{
	...
}

static __device__ inline float branches_from_bits(uint32_t i)
{
	...
}

/* e^x = 2^n e^r with |r| <= log(2) / 2. 2^n is applied in two halves: n reaches 128, and -150 for denormals. The
 * polynomial is the one of Cephes' expf. NaN gives NaN: n is then a meaningless number, but one in range. */
static __device__ inline float branches_expf(float x)
{
	...
}

static __device__ inline float branches_mul(float x, float y)
{
	...
}

/* tickets: BRANCHES_TICKETS counters in device memory, zero between kernels: which block of a group is the last one. */
typedef struct {
	cudaStream_t stream;
	cudaError_t status;
	unsigned char *memory; /* of the device */
	unsigned int *tickets;
	struct branches_library *library; /* cuDNN's plans; null where there are none */
	int number;                  /* from 0; see part queues */
} branches_queue;

/* shared: bytes of dynamic shared memory. */
template <typename... P, typename... A>
static void branches_launch(branches_queue *q, void (*kernel)(P...), dim3 grid, int threads, int shared, A... arguments)
{
	...
}

/* Places in the arena and in the weights: the one cast from bytes. */
template <typename T> static __host__ __device__ inline T *branches_at(unsigned char *memory, size_t bytes)
{
	...
}

template <typename T> static __host__ __device__ inline const T *branches_at(const unsigned char *memory, size_t bytes)
{
	...
}

/* Kernels of different queues may run at the same time. What follows is for the queue of this number, and its stream. */
static void branches_turn(branches_queue *q, int number, cudaStream_t stream)
{
	...
}

/* The event is what the queue has got so far. */
static void branches_mark(branches_queue *q, cudaEvent_t event)
{
	...
}

/* What the queue gets from now on begins when that is done. */
static void branches_await(branches_queue *q, cudaEvent_t event)
{
	...
}

/* The same place for another image of the batch. */
template <typename T> static __device__ inline T *branches_at_image(T *p, int image)
{
	...
}

/* The same as a number of chunks of 16 bytes. */
[[maybe_unused]] static __device__ inline int branches_image_chunks(int image)
{
	...
}

/* Elements of maps as the floats that are computed with, and back: nearest, ties to even. A program has some of the types. */
[[maybe_unused]] static __device__ inline float branches_float(float x)
{
	...
}

[[maybe_unused]] static __device__ inline float branches_float(__half x)
{
	...
}

[[maybe_unused]] static __device__ inline float branches_float(__nv_bfloat16 x)
{
	...
}

[[maybe_unused]] static __device__ inline void branches_put(float *p, float x)
{
	...
}

[[maybe_unused]] static __device__ inline void branches_put(__half *p, float x)
{
	...
}

[[maybe_unused]] static __device__ inline void branches_put(__nv_bfloat16 *p, float x)
{
	...
}

/* reorder_any.cu -- op reorder: any memory layout and float type to any other. Channels that fill up become 0.
 *
 * ints: of the maps p = X, Y: pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see bind_cuda_map()), COUNT BLOCKS; words: XT YT.
 *
 * parts: queue image number
 */

static __global__ void __launch_bounds__(256) branches_reorder_any_1_device(const float *__restrict__ x, float *__restrict__ y)
{
	enum { XC = 8, XROWS = 6, XCOLS = 6, XTOP = 0, XLEFT = 0, XB = 1, YH = 6, YW = 6,
	       YROWS = 6, YCOLS = 6, YTOP = 0, YLEFT = 0, YB = 8, YL = 8, COUNT = 288 };
	...
}

static void branches_reorder_any_1(branches_queue *q, const float x[288], float y[288])
{
	enum { BLOCKS = 2 };
	...
}

/* pool_any.cu -- op pool2d on maps in any layout. Windows are cut at the padded map, maxima and sums at the map.
 *
 * ints: of the maps p = X, Y: pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see bind_cuda_map()), KH KW, SH SW, DH DW (dilation),
 * PT PL PB PR (padding), AVERAGE, COUNT_PADDING (0, 1: an average divides by the window with its padding), COUNT BLOCKS; words:
 * XT YT.
 *
 * parts: queue image number
 */

static __global__ void __launch_bounds__(256) branches_pool_any_1_device(const float *__restrict__ x, float *__restrict__ y)
{
	enum { XH = 6, XW = 6, XROWS = 6, XCOLS = 6, XTOP = 0, XLEFT = 0, XB = 8, YC = 8, YH = 3,
	       YW = 3, YROWS = 3, YCOLS = 3, YTOP = 0, YLEFT = 0, YB = 8, YL = 8, COUNT = 72,
	       KH = 2, KW = 2, SH = 2, SW = 2, DH = 1, DW = 1, PT = 0, PL = 0 };
	...
}

static void branches_pool_any_1(branches_queue *q, const float x[288], float y[72])
{
	enum { BLOCKS = 1 };
	...
}

static __global__ void __launch_bounds__(256) branches_pool_any_2_device(const float *__restrict__ x, float *__restrict__ y)
{
	enum { XH = 3, XW = 3, XROWS = 3, XCOLS = 3, XTOP = 0, XLEFT = 0, XB = 8, YC = 8, YH = 3,
	       YW = 3, YROWS = 3, YCOLS = 3, YTOP = 0, YLEFT = 0, YB = 8, YL = 8, COUNT = 72,
	       KH = 3, KW = 3, SH = 1, SW = 1, DH = 1, DW = 1, PT = 1, PL = 1 };
	...
}

static void branches_pool_any_2(branches_queue *q, const float x[72], float y[72])
{
	enum { BLOCKS = 1 };
	...
}

static __global__ void __launch_bounds__(256) branches_pool_any_3_device(const float *__restrict__ x, float *__restrict__ y)
{
	enum { XH = 3, XW = 3, XROWS = 3, XCOLS = 3, XTOP = 0, XLEFT = 0, XB = 8, YC = 8, YH = 3,
	       YW = 3, YROWS = 3, YCOLS = 3, YTOP = 0, YLEFT = 0, YB = 8, YL = 8, COUNT = 72,
	       KH = 3, KW = 3, SH = 1, SW = 1, DH = 1, DW = 1, PT = 1, PL = 1 };
	...
}

static void branches_pool_any_3(branches_queue *q, const float x[72], float y[72])
{
	enum { BLOCKS = 1 };
	...
}

static __global__ void __launch_bounds__(256) branches_reorder_any_2_device(const float *__restrict__ x, float *__restrict__ y)
{
	enum { XC = 8, XROWS = 3, XCOLS = 3, XTOP = 0, XLEFT = 0, XB = 8, YH = 3, YW = 3,
	       YROWS = 3, YCOLS = 3, YTOP = 0, YLEFT = 0, YB = 1, YL = 1, COUNT = 72 };
	...
}

static void branches_reorder_any_2(branches_queue *q, const float x[72], float y[72])
{
	enum { BLOCKS = 1 };
	...
}

/* softmax_rows.cu -- op softmax along one axis of a plain value: a thread for each row. The largest is subtracted first, so
 * that exp stays finite.
 *
 * ints: OUTER LENGTH INNER (elements before the axis, on it, after it) BLOCKS.
 *
 * parts: queue image expf
 */

static __global__ void __launch_bounds__(256) branches_softmax_rows_1_device(const float *__restrict__ x, float *__restrict__ y)
{
	enum { OUTER = 1, LENGTH = 8, INNER = 9 };
	...
}

static void branches_softmax_rows_1(branches_queue *q, const float x[72], float y[72])
{
	enum { BLOCKS = 1 };
	...
}

static __global__ void __launch_bounds__(256) branches_reorder_any_3_device(const float *__restrict__ x, float *__restrict__ y)
{
	enum { XC = 8, XROWS = 3, XCOLS = 3, XTOP = 0, XLEFT = 0, XB = 1, YH = 3, YW = 3,
	       YROWS = 3, YCOLS = 3, YTOP = 0, YLEFT = 0, YB = 8, YL = 8, COUNT = 72 };
	...
}

static void branches_reorder_any_3(branches_queue *q, const float x[72], float y[72])
{
	enum { BLOCKS = 1 };
	...
}

/* eltwise_any.cu -- op eltwise: act(fn(c0 * a, c1 * b)) of one or two floats; of maps in any layout (ALIKE), or broadcast in
 * plain order.
 *
 * ints: ALIKE BINARY ACTON (0, 1), COUNT BLOCKS; ALIKE: of the maps p = X, Z, Y: pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see
 * bind_cuda_map()); else N_ii (loops over the result) S_ii (elements from step to step) A_ii B_ii (steps of the operands, 0
 * where they stretch) MOVES0 MOVES1 (1; 0: of a constant, which is the same for every image); words: XT ZT YT, FN FNALPHA FNBETA
 * COEFF0 COEFF1, ACT ALPHA BETA.
 *
 * parts: queue image number
 */

static __global__ void __launch_bounds__(256) branches_eltwise_any_1_device(const float *__restrict__ x,
                                                            const float *__restrict__ z,
                                                            float *__restrict__ y)
{
	enum { XROWS = 3, XCOLS = 3, XTOP = 0, XLEFT = 0, XB = 8, ZROWS = 3, ZCOLS = 3, ZTOP = 0,
	       ZLEFT = 0, ZB = 8, YC = 8, YH = 3, YW = 3, YROWS = 3, YCOLS = 3, YTOP = 0,
	       YLEFT = 0, YB = 1, YL = 1, COUNT = 72 };
	...
}

static void branches_eltwise_any_1(branches_queue *q, const float x[72],
                   const float z[72],
                   float y[72])
{
	enum { BLOCKS = 1 };
	...
}

/* The network: every launch of one run, on the queue's stream and, where c->side says so, beside it.
 * Arrays in the heads of kernels are those of one image. */
static void branches_enqueue(branches_queue *q, unsigned char *arena, const unsigned char *, const branches_context *c)
{
	const cudaStream_t first = q->stream;

	branches_reorder_any_1(q, branches_at<const float>(arena, 0), branches_at<float>(arena, 1280)); /* 1 trunk.reorder */
	branches_pool_any_1(q, branches_at<const float>(arena, 1280), branches_at<float>(arena, 512)); /* 2 trunk */
	branches_mark(q, c->event[0]);
	branches_pool_any_2(q, branches_at<const float>(arena, 512), branches_at<float>(arena, 1024)); /* 3 low */
	branches_turn(q, 1, c->side[0]);
	branches_await(q, c->event[0]);
	branches_pool_any_3(q, branches_at<const float>(arena, 512), branches_at<float>(arena, 0)); /* 4 side */
	branches_mark(q, c->event[1]);
	branches_turn(q, 0, first);
	branches_reorder_any_2(q, branches_at<const float>(arena, 1024), branches_at<float>(arena, 1536)); /* 5 mix.reorder */
	branches_softmax_rows_1(q, branches_at<const float>(arena, 1536), branches_at<float>(arena, 1024)); /* 6 mix */
	branches_reorder_any_3(q, branches_at<const float>(arena, 1024), branches_at<float>(arena, 1536)); /* 7 join.reorder */
	branches_await(q, c->event[1]);
	branches_eltwise_any_1(q, branches_at<const float>(arena, 0), branches_at<const float>(arena, 1536), branches_at<float>(arena, 2560)); /* 8 join */
}

/* entry.cu -- the functions of the header: memory, one CUDA graph, calls.
 *
 * branches_open() copies the weights to the device, records every launch of a run in a CUDA graph and instantiates it. A run
 * sets the parameters of the graph's first kernel, which keeps them in device memory for the last one, and launches the
 * graph: nothing is allocated, nothing waits but the end of a call that hands results to the host. A stream that is
 * being captured gets plain launches instead, so that the caller's graph contains ours.
 *
 * parts: queue at
 * from the source: BRANCHES_QUEUES, of several BRANCHES_EVENTS; BRANCHES_TICKETS_AT, for a detector BRANCHES_CALLS_AT BRANCHES_RESULTS_AT, for pixels
 * BRANCHES_PIXELS_AT BRANCHES_PIXELS_SIZE; branches_device_weights, branches_device_memory, branches_enqueue, branches_preprocess
 * ints: DETECTOR PIXELS CALLER WEIGHTS LOADED LINKED TRACE LIBRARY (0, 1; see codegen/emit_cuda.c) QUEUES INPUT_AT INPUT_BYTES (the input
 * tensor of one image) ; words: TENSORS MISSING COPY_INPUTS COPY_OUTPUTS (of a network without detections)
 */
static branches_context branches_own; /* of the calls without a context */

/* What a caller is told of a CUDA status; the status itself stays for branches_device_error(). */
static int branches_told(branches_context *c, cudaError_t status)
{
	...
}

/* Every launch of a run on a stream. */
static cudaError_t branches_launch_all(const branches_context *c, cudaStream_t stream)
{
	...
}

/* The launches as a graph, once. */
static cudaError_t branches_record(branches_context *c)
{
	...
}

/* The stream of a run; what has time runs beside it, on streams of lesser priority. */
static cudaError_t branches_make_queues(branches_context *c)
{
	...
}

static cudaError_t branches_prepare(branches_context *c)
{
	...
}

void branches_close(void)
{
	branches_context *const c = &branches_own;

	if (c->graph)
		(void)cudaGraphExecDestroy(c->graph);
	if (c->recorded)
		(void)cudaGraphDestroy(c->recorded);
	if (c->pinned)
		(void)cudaFreeHost(c->pinned);
	for (int i = 0; i < BRANCHES_EVENTS; i++) {
		if (c->event[i])
			(void)cudaEventDestroy(c->event[i]);
		c->event[i] = NULL;
	}
	for (int i = 0; i < BRANCHES_QUEUES - 1; i++) {
		if (c->side[i])
			(void)cudaStreamDestroy(c->side[i]);
		c->side[i] = NULL;
	}
	if (c->stream)
		(void)cudaStreamDestroy(c->stream);
	c->graph = NULL;
	c->recorded = NULL;
	c->first = NULL;
	c->pinned = NULL;
	c->stream = NULL;
	c->ready = 0;
}

int branches_open(void)
{
	branches_context *const c = &branches_own;
	void *memory = NULL;
	cudaError_t status;

	if (c->ready)
		return BRANCHES_OK;
	status = cudaGetSymbolAddress(&memory, branches_device_memory);
	if (status != cudaSuccess)
		return branches_told(c, status);
	c->memory = static_cast<unsigned char *>(memory);
	status = branches_prepare(c);
	if (status != cudaSuccess) {
		branches_close();
		return branches_told(c, status);
	}
	c->ready = 1;
	return BRANCHES_OK;
}

/* BRANCHES_OK when a run can start on c. */
static int branches_ready(const branches_context *c)
{
	...
}

static void branches_copy(branches_context *c, void *to, const void *from, size_t size, cudaMemcpyKind kind)
{
	...
}

int branches_run(const float *in0, float *out0)
{
	branches_context *const c = &branches_own;
	const int ready = branches_ready(c);
	cudaError_t status;

	if (ready != BRANCHES_OK)
		return ready;
	if (!in0 || !out0)
		return BRANCHES_EINVAL;
	c->status = (int)cudaSuccess;
	branches_copy(c, c->memory + 0, in0, 1152, cudaMemcpyHostToDevice);

	status = (cudaError_t)c->status;
	if (status == cudaSuccess)
		status = cudaGraphLaunch(c->graph, c->stream);
	c->status = (int)status;
	branches_copy(c, out0, c->memory + 2560, 288, cudaMemcpyDeviceToHost);

	status = (cudaError_t)c->status;
	if (status == cudaSuccess)
		status = cudaStreamSynchronize(c->stream);
	return branches_told(c, status);
}

const char *branches_device_error(void)
{
	const branches_context *const c = &branches_own;
	return cudaGetErrorName((cudaError_t)c->status);
}

const char *branches_strerror(int error)
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

const char *branches_version(void)
{
	return "dssdc 0.1.0";
}

static_assert(sizeof(branches_context) == 104, "as the head says");
