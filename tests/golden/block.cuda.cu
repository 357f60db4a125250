/* block.cu -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * model    block, hash 6679ff618dfcc739
 * options  block.ir --target=cuda -O1 --arena=static --weights-form=incbin
 * profile  cuda
 * weights  2048 bytes, hash 7bf3c643240d3bab
 * arena    5888 bytes; the largest set of live buffers is 5888
 * macs     14400
 * numbers  f32, sums f32; a * b + c rounded once: fast; 0 layers by Winograd's transforms
 * ram      9312 bytes: block_device_weights 2048 + block_device_memory 7168 + block_own 80 + block_plan_table 16
 * flash    2470 bytes: block_weights 2048 + block_weights_head 16 + strings 326 + mark 16 + text 64
 * device   9216 bytes: block_device_weights 2048 + block_device_memory 7168
 * opened   268435456 bytes at most: workspace 268435456
 * defines  block_run block_open block_close block_device_error block_plan_table block_strerror block_version
 *          block_weights block_weights_head
 * uses     calloc cudaEventCreate cudaEventDestroy cudaEventElapsedTime cudaEventRecord cudaEventSynchronize cudaFree
 *          cudaFreeHost cudaFuncSetAttribute cudaGetErrorName cudaGetLastError cudaGetSymbolAddress cudaGraphDestroy
 *          cudaGraphExecDestroy cudaGraphGetRootNodes cudaGraphInstantiate cudaGraphLaunch cudaGraphUpload
 *          cudaLaunchKernelEx cudaMalloc cudaMemcpyAsync cudaMemsetAsync cudaStreamBeginCapture
 *          cudaStreamCreateWithFlags cudaStreamDestroy cudaStreamEndCapture cudaStreamSynchronize
 *          cudnnBackendCreateDescriptor cudnnBackendDestroyDescriptor cudnnBackendExecute cudnnBackendFinalize
 *          cudnnBackendGetAttribute cudnnBackendSetAttribute cudnnConvolutionForward cudnnCreate
 *          cudnnCreateConvolutionDescriptor cudnnCreateFilterDescriptor cudnnCreateTensorDescriptor cudnnDestroy
 *          cudnnDestroyConvolutionDescriptor cudnnDestroyFilterDescriptor cudnnDestroyTensorDescriptor
 *          cudnnGetConvolutionForwardAlgorithm_v7 cudnnGetErrorString cudnnSetConvolution2dDescriptor
 *          cudnnSetConvolutionMathType cudnnSetFilter4dDescriptor cudnnSetStream cudnnSetTensor4dDescriptorEx free
 *          memcpy memset
 * needs    block.h, and block.weights through -I. A makefile must name it as a dependency: -MD does not list what
 *          the assembler reads, -Wa,--MD,FILE does. With -flto the assembler runs at the link: gcc's link
 *          needs -Wa,-IFOLDER too, clang needs -fno-lto for this file
 *
 * node  layer                        kernel               result                 MMAC arena offset
 *    1  expand.reorder               reorder_any_1        8x6x6                 0.000         4608
 *    2  expand                       conv_cudnn_1         16x6x6                0.005            0
 *    3  depthwise                    depthwise_vector_1   16x6x6                0.005         2304
 *    4  project                      conv_any_1           8x6x6                 0.005     caller's
 */
#include "block.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <cudnn.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_QUEUES 1 /* streams of one run */

/* Device memory, in bytes: an arena for each image, then what all share. */
#define BLOCK_IMAGE_STRIDE 7168
#define BLOCK_TICKETS_AT 7168
#define BLOCK_TICKETS 0 /* of one queue */

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error block.weights is in little-endian byte order; for this machine compile the model with --weights-form=array
#endif

#if !defined(__CUDA_ARCH__) /* the host's part of the file */
/* An error about .org says that block.weights has not 2112 bytes: it is not the file that was written with this source. */
__asm__(".pushsection .rodata\n"
	".balign 16\n"
	".globl block_weights_head\n"
	".hidden block_weights_head\n"
	".type block_weights_head, %object\n"
	".size block_weights_head, 16\n"
	"block_weights_head:\n"
	".incbin \"block.weights\", 0, 16\n"
	".balign 256\n"
	".globl block_weights\n"
	".hidden block_weights\n"
	".type block_weights, %object\n"
	".size block_weights, 2048\n"
	"block_weights:\n"
	".incbin \"block.weights\", 64\n"
	".Lblock_weights_end:\n"
	".org block_weights + 2048\n"
	".org .Lblock_weights_end\n"
	".popsection\n");
#endif
extern "C" const unsigned char block_weights[BLOCK_WEIGHTS_SIZE];
extern "C" const unsigned char block_weights_head[16];
static __device__ __align__(256) unsigned char block_device_weights[BLOCK_WEIGHTS_SIZE];
static __device__ __align__(256) unsigned char block_device_memory[BLOCK_ARENA_SIZE];

static __device__ inline float block_relu6(float x, float alpha, float beta)
{
	...
}

/* tickets: BLOCK_TICKETS counters in device memory, zero between kernels: which block of a group is the last one. */
typedef struct {
	cudaStream_t stream;
	cudaError_t status;
	unsigned char *memory; /* of the device */
	unsigned int *tickets;
	struct block_library *library; /* cuDNN's plans; null where there are none */
	int number;                  /* from 0; see part queues */
} block_queue;

/* shared: bytes of dynamic shared memory. */
template <typename... P, typename... A>
static void block_launch(block_queue *q, void (*kernel)(P...), dim3 grid, int threads, int shared, A... arguments)
{
	...
}

/* Places in the arena and in the weights: the one cast from bytes. */
template <typename T> static __host__ __device__ inline T *block_at(unsigned char *memory, size_t bytes)
{
	...
}

template <typename T> static __host__ __device__ inline const T *block_at(const unsigned char *memory, size_t bytes)
{
	...
}

/* The same place for another image of the batch. */
template <typename T> static __device__ inline T *block_at_image(T *p, int image)
{
	...
}

/* The same as a number of chunks of 16 bytes. */
[[maybe_unused]] static __device__ inline int block_image_chunks(int image)
{
	...
}

/* Elements of maps as the floats that are computed with, and back: nearest, ties to even. A program has some of the types. */
[[maybe_unused]] static __device__ inline float block_float(float x)
{
	...
}

[[maybe_unused]] static __device__ inline float block_float(__half x)
{
	...
}

[[maybe_unused]] static __device__ inline float block_float(__nv_bfloat16 x)
{
	...
}

[[maybe_unused]] static __device__ inline void block_put(float *p, float x)
{
	...
}

[[maybe_unused]] static __device__ inline void block_put(__half *p, float x)
{
	...
}

[[maybe_unused]] static __device__ inline void block_put(__nv_bfloat16 *p, float x)
{
	...
}

/* Eight neighbours in memory at a multiple of 16 bytes, as floats, and back. */
[[maybe_unused]] static __device__ inline void block_load_eight(const float *p, float *v)
{
	...
}

template <typename T> static __device__ inline void block_load_eight(const T *p, float *v)
{
	...
}

[[maybe_unused]] static __device__ inline void block_store_eight(float *p, const float *v)
{
	...
}

template <typename T> static __device__ inline void block_store_eight(T *p, const float *v)
{
	...
}
enum {
	BLOCK_DESCRIPTORS = 64,         /* of one plan, at most */
	BLOCK_CONFIGURATIONS = 4,       /* that are timed, at most */
	BLOCK_WORKSPACE_LIMIT = 1 << 28 /* bytes; what wants more is passed over */
};

typedef struct { /* device memory of the plans of one queue */
	void *memory;
	size_t size;
} block_workspace;

typedef struct block_library {
	cudnnHandle_t handle;
	cudnnStatus_t status; /* the first failure */
	int building;         /* plans are made now; else they are there */
	int given;            /* choice[] was filled by the caller */
	block_workspace workspace[BLOCK_QUEUES];
	cudnnBackendDescriptor_t plan[BLOCK_PLANS];       /* null: the older interface */
	int32_t (*choice)[BLOCK_PLANS]; /* configuration of the heuristics' list, from 1 on; -1: none serves; 0: not known */
	int32_t built[BLOCK_PLANS];
	cudnnConvolutionFwdAlgo_t algorithm[BLOCK_PLANS]; /* of the older interface */
	cudnnBackendDescriptor_t descriptor[BLOCK_PLANS * BLOCK_DESCRIPTORS];
	int ndescriptor;
} block_library;

typedef struct { /* a map: extents and steps in elements, in the order image, channel, row, column */
	cudnnDataType_t type;
	int64_t extent[4], step[4];
} block_shape;

typedef struct { /* y = act(conv(x, w) + bias, with e) */
	block_shape x, w, bias, y, e;
	int64_t before[2], after[2], stride[2], dilation[2]; /* padding above and left, below and right; {y, x} */
	int exact;                                           /* 1: floats are multiplied as they are, not rounded for tensor cores */
	int sum, product;                                    /* 1: with e */
	int activation;                                      /* 1: between lower slope and upper end */
	double slope, upper;
} block_convolution;

typedef struct {
	const void *x, *w, *bias, *e;
	void *y;
} block_operands;

/* ---- descriptors ---- */

static cudnnBackendDescriptor_t block_describe(block_library *l, cudnnBackendDescriptorType_t type)
{
	...
}

static void block_set(block_library *l, cudnnBackendDescriptor_t d, cudnnBackendAttributeName_t name,
                    cudnnBackendAttributeType_t type, int64_t count, const void *value)
{
	...
}

static void block_complete(block_library *l, cudnnBackendDescriptor_t d)
{
	...
}

static cudnnBackendDescriptor_t block_tensor(block_library *l, const block_shape *s, cudnnDataType_t type, int64_t id, bool is_virtual)
{
	...
}

static cudnnBackendDescriptor_t block_conv_operation(block_library *l, const block_convolution *c, cudnnBackendDescriptor_t x,
                                                   cudnnBackendDescriptor_t w, cudnnBackendDescriptor_t y)
{
	...
}

/* y = x with b, or the activation of x where b is null. */
static cudnnBackendDescriptor_t block_pointwise(block_library *l, const block_convolution *c, cudnnPointwiseMode_t mode,
                                              cudnnBackendDescriptor_t x, cudnnBackendDescriptor_t b,
                                              cudnnBackendDescriptor_t y)
{
	...
}

/* Ids of tensors. */
enum { BLOCK_ID_X = 1, BLOCK_ID_W, BLOCK_ID_BIAS, BLOCK_ID_E, BLOCK_ID_Y, BLOCK_ID_FIRST_BETWEEN };

/* The operations, each reading what the one before it made; the last makes y. A sum comes before the bias, a product after. */
static cudnnBackendDescriptor_t block_operations(block_library *l, const block_convolution *c)
{
	...
}

/* ---- plans ---- */

/* What the heuristics of one mode propose, best first; returns how many. */
static int block_proposals(block_library *l, cudnnBackendDescriptor_t graph, cudnnBackendHeurMode_t mode,
                         cudnnBackendDescriptor_t *found, int most)
{
	...
}

static block_workspace *block_workspace_of(block_queue *q)
{
	...
}

/* The configuration's engine multiplies floats as they are. */
static bool block_is_exact(block_library *l, cudnnBackendDescriptor_t configuration)
{
	...
}

/* Of n configurations those that serve, in front; returns how many. */
static int block_serving(block_library *l, const block_convolution *c, cudnnBackendDescriptor_t *configuration, int n)
{
	...
}

/* The queue's workspace has room for that many bytes. */
static cudaError_t block_make_room(block_queue *q, size_t bytes)
{
	...
}

/* A plan from a configuration, or null when the device or the memory does not serve it. */
static cudnnBackendDescriptor_t block_plan_of(block_queue *q, cudnnBackendDescriptor_t configuration)
{
	...
}

static void block_execute(block_queue *q, cudnnBackendDescriptor_t plan, const block_convolution *c, const block_operands *o)
{
	...
}

/* Milliseconds of one execution: the least of some. Negative when it fails. */
static float block_time(block_queue *q, cudnnBackendDescriptor_t plan, const block_convolution *c, const block_operands *o)
{
	enum { RUNS = 5 };
	...
}

static void block_build_plan(block_queue *q, int i, const block_convolution *c, const block_operands *o)
{
	...
}

/* ---- the older interface ---- */

typedef struct {
	cudnnTensorDescriptor_t x, y;
	cudnnFilterDescriptor_t w;
	cudnnConvolutionDescriptor_t how;
} block_older;

static cudnnStatus_t block_older_tensor(cudnnTensorDescriptor_t *d, const block_shape *s, cudnnDataType_t type)
{
	...
}

/* It pads alike on both sides and has one type for x and y. */
static cudnnStatus_t block_older_make(block_older *d, const block_convolution *c)
{
	...
}

static void block_older_destroy(block_older *d)
{
	...
}

static cudnnStatus_t block_older_prepare(block_queue *q, int i, const block_older *d)
{
	...
}

/* The convolution alone; a kernel does the rest in place. */
static void block_older_run(block_queue *q, int i, const block_convolution *c, const block_operands *o)
{
	...
}

/* Convolution number i. True when bias, other map and activation are done too. */
static bool block_convolve(block_queue *q, int i, const block_convolution *c, const block_operands *o)
{
	...
}

static void block_library_close(block_library *l)
{
	...
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
	...
}

static void block_reorder_any_1(block_queue *q, const float x[288], float y[288])
{
	enum { BLOCKS = 2 };
	...
}

/* conv_cudnn.cu -- op conv2d, one group, on maps with all channels in one block, by cuDNN: see cudnn.cu.
 *
 * Channels are those of the blocks, so that fill channels come out as zeros: their weights and biases are zero.
 *
 * parts: queue at image number cudnn
 * ints: INSTANCE (number of this convolution among the program's kernels), XC XB XH XW (channels with fill, step from pixel
 * to pixel, rows, columns), YC YB YH YW, EB, KH KW, SH SW (stride), DH DW (dilation), PT PL PB PR (padding), SUM PRODUCT
 * (0, 1: with e), EXACT (0, 1: products of floats as they are), ACTON; BLOCKS (of block_conv_cudnn_1_finish); words: XT BT YT ET, XD BD YD ED (cuDNN's names of these types), SLOPE UPPER (of
 * the activation; 0: none), OP ACT ALPHA BETA. w: biases [YC] as BT, then [YC][KH][KW][XC] as XT.
 */

/* What the older interface leaves to do. */
static __global__ void __launch_bounds__(256) block_conv_cudnn_1_finish(const float *__restrict__ bias,
                                                            float *__restrict__ y)
{
	enum { YB = 16, YC = 16, YH = 6, YW = 6 };
	...
}

static block_convolution block_conv_cudnn_1_about(void)
{
	enum { XB = 8, XC = 8, XH = 6, XW = 6, YB = 16, YC = 16, YH = 6, YW = 6, KH = 1, KW = 1,
	       SH = 1, SW = 1, DH = 1, DW = 1, PT = 0, PL = 0, PB = 0, PR = 0, SUM = 0,
	       PRODUCT = 0, EXACT = 1, ACTON = 1 };
	...
}

static void block_conv_cudnn_1(block_queue *q, const float x[288],
                   const unsigned char w[576], float y[576])
{
	enum { YC = 16, BLOCKS = 3, INSTANCE = 1 };
	...
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
	...
}

static void block_depthwise_vector_1(block_queue *q, const float x[576],
                   const unsigned char w[640], float y[576])
{
	enum { BLOCKS = 1 };
	...
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
	enum { XH = 6, XW = 6, XROWS = 6, XCOLS = 6, XTOP = 0, XLEFT = 0, XB = 16, KH = 1, KW = 1,
	       SH = 1, SW = 1, DH = 1, DW = 1, PT = 0, PL = 0, CIG = 16, COG = 8 };
	...
}

static __global__ void __launch_bounds__(256) block_conv_any_1_device(const float *__restrict__ x, const float *__restrict__ w,
                                                            const float *__restrict__ e,
                                                            float *__restrict__ y)
{
	enum { YC = 8, YH = 6, YW = 6, YROWS = 6, YCOLS = 6, YTOP = 0, YLEFT = 0, YB = 1, YL = 1,
	       EROWS = 6, ECOLS = 6, ETOP = 0, ELEFT = 0, EB = 8, COUNT = 288 };
	...
}

static void block_conv_any_1(block_queue *q, const float x[576], const float w[128],
                   const float e[288],
                   float y[288]
                   )
{
	enum { BLOCKS = 2 };
	...
}

/* The network: every launch of one run, on the queue's stream. Arrays in the heads of kernels are those of one image. */
static void block_enqueue(block_queue *q, unsigned char *arena, const unsigned char *weights)
{
	block_reorder_any_1(q, block_at<const float>(arena, 0), block_at<float>(arena, 4608)); /* 1 expand.reorder */
	block_conv_cudnn_1(q, block_at<const float>(arena, 4608), weights + 0, block_at<float>(arena, 0)); /* 2 expand */
	block_depthwise_vector_1(q, block_at<const float>(arena, 0), weights + 768, block_at<float>(arena, 2304)); /* 3 depthwise */
	block_conv_any_1(q, block_at<const float>(arena, 2304), block_at<const float>(weights, 1536), block_at<const float>(arena, 4608), block_at<float>(arena, 5888)); /* 4 project */
}

/* Are the weights that were linked those that this source was written with? Their head has their hash. */
static int block_weights_fit(void)
{
	...
}

/* entry.cu -- the functions of the header: memory, one CUDA graph, calls.
 *
 * block_open() copies the weights to the device, records every launch of a run in a CUDA graph and instantiates it. A run
 * sets the parameters of the graph's first kernel, which keeps them in device memory for the last one, and launches the
 * graph: nothing is allocated, nothing waits but the end of a call that hands results to the host. A stream that is
 * being captured gets plain launches instead, so that the caller's graph contains ours.
 *
 * parts: queue at
 * from the source: BLOCK_QUEUES, of several BLOCK_EVENTS; BLOCK_TICKETS_AT, for a detector BLOCK_CALLS_AT BLOCK_RESULTS_AT, for pixels
 * BLOCK_PIXELS_AT BLOCK_PIXELS_SIZE; block_device_weights, block_device_memory, block_enqueue, block_preprocess
 * ints: DETECTOR PIXELS CALLER WEIGHTS LOADED LINKED TRACE LIBRARY (0, 1; see codegen/emit_cuda.c) QUEUES INPUT_AT INPUT_BYTES (the input
 * tensor of one image) ; words: TENSORS MISSING COPY_INPUTS COPY_OUTPUTS (of a network without detections)
 */
static block_context block_own; /* of the calls without a context */

/* What a caller is told of a CUDA status; the status itself stays for block_device_error(). */
static int block_told(block_context *c, cudaError_t status)
{
	...
}

/* Every launch of a run on a stream. */
static cudaError_t block_launch_all(const block_context *c, cudaStream_t stream)
{
	...
}

/* The launches as a graph, once. */
static cudaError_t block_record(block_context *c)
{
	...
}

int32_t block_plan_table[BLOCK_PLANS];

/* cuDNN and its plans, which are chosen while the network runs once. */
static cudaError_t block_plan_all(block_context *c)
{
	...
}

static cudaError_t block_prepare(block_context *c)
{
	...
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
	if (c->library) {
		block_library_close(c->library);
		free(c->library);
	}
	c->library = NULL;
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
	if (!block_weights_fit())
		return BLOCK_EWEIGHTS;
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

/* BLOCK_OK when a run can start on c. */
static int block_ready(const block_context *c)
{
	...
}

static void block_copy(block_context *c, void *to, const void *from, size_t size, cudaMemcpyKind kind)
{
	...
}

int block_run(const float *in0, float *out0)
{
	block_context *const c = &block_own;
	const int ready = block_ready(c);
	cudaError_t status;

	if (ready != BLOCK_OK)
		return ready;
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
	if (c->status == (int)cudaErrorUnknown && c->library_status != (int)CUDNN_STATUS_SUCCESS)
		return cudnnGetErrorString((cudnnStatus_t)c->library_status);
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

static_assert(sizeof(block_context) == 80, "as the head says");
static_assert(BLOCK_WORKSPACE_LIMIT == 268435456, "as the head says");
