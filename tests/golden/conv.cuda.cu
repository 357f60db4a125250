/* conv.cu -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * model    conv, hash 4f9275a5938a62b6
 * options  conv.ir --target=cuda -O1 --arena=static --weights-form=incbin
 * profile  cuda
 * weights  2816 bytes, hash 8fb6b4bf415936ac
 * arena    1536 bytes; the largest set of live buffers is 1536
 * macs     1116
 * numbers  f32, sums f32; a * b + c rounded once: fast; 0 layers by Winograd's transforms
 * ram      4700 bytes: conv_device_weights 2816 + conv_device_memory 1792 + conv_own 80 + conv_plan_table 12
 * flash    3238 bytes: conv_weights 2816 + conv_weights_head 16 + strings 326 + mark 16 + text 64
 * device   4608 bytes: conv_device_weights 2816 + conv_device_memory 1792
 * opened   268435456 bytes at most: workspace 268435456
 * defines  conv_run conv_open conv_close conv_device_error conv_plan_table conv_strerror conv_version conv_weights
 *          conv_weights_head
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
 * needs    conv.h, and conv.weights through -I. A makefile must name it as a dependency: -MD does not list what
 *          the assembler reads, -Wa,--MD,FILE does. With -flto the assembler runs at the link: gcc's link
 *          needs -Wa,-IFOLDER too, clang needs -fno-lto for this file
 *
 * node  layer                        kernel               result                 MMAC arena offset
 *    1  a.reorder                    reorder_any_1        3x5x6                 0.000            0
 *    2  a                            conv_cudnn_1         4x3x3                 0.001         1024
 *    3  b                            conv_any_1           4x3x3                 0.000     caller's
 */
#include "conv.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <cudnn.h>
#include <stdlib.h>
#include <string.h>

#define CONV_QUEUES 1 /* streams of one run */

/* Device memory, in bytes: an arena for each image, then what all share. */
#define CONV_IMAGE_STRIDE 1792
#define CONV_TICKETS_AT 1792
#define CONV_TICKETS 0 /* of one queue */

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error conv.weights is in little-endian byte order; for this machine compile the model with --weights-form=array
#endif

#if !defined(__CUDA_ARCH__) /* the host's part of the file */
/* An error about .org says that conv.weights has not 2880 bytes: it is not the file that was written with this source. */
__asm__(".pushsection .rodata\n"
	".balign 16\n"
	".globl conv_weights_head\n"
	".hidden conv_weights_head\n"
	".type conv_weights_head, %object\n"
	".size conv_weights_head, 16\n"
	"conv_weights_head:\n"
	".incbin \"conv.weights\", 0, 16\n"
	".balign 256\n"
	".globl conv_weights\n"
	".hidden conv_weights\n"
	".type conv_weights, %object\n"
	".size conv_weights, 2816\n"
	"conv_weights:\n"
	".incbin \"conv.weights\", 64\n"
	".Lconv_weights_end:\n"
	".org conv_weights + 2816\n"
	".org .Lconv_weights_end\n"
	".popsection\n");
#endif
extern "C" const unsigned char conv_weights[CONV_WEIGHTS_SIZE];
extern "C" const unsigned char conv_weights_head[16];
static __device__ __align__(256) unsigned char conv_device_weights[CONV_WEIGHTS_SIZE];
static __device__ __align__(256) unsigned char conv_device_memory[CONV_ARENA_SIZE];

static __device__ inline float conv_relu(float x, float alpha, float beta)
{
	...
}

/* tickets: CONV_TICKETS counters in device memory, zero between kernels: which block of a group is the last one. */
typedef struct {
	cudaStream_t stream;
	cudaError_t status;
	unsigned char *memory; /* of the device */
	unsigned int *tickets;
	struct conv_library *library; /* cuDNN's plans; null where there are none */
	int number;                  /* from 0; see part queues */
} conv_queue;

/* shared: bytes of dynamic shared memory. */
template <typename... P, typename... A>
static void conv_launch(conv_queue *q, void (*kernel)(P...), dim3 grid, int threads, int shared, A... arguments)
{
	...
}

/* Places in the arena and in the weights: the one cast from bytes. */
template <typename T> static __host__ __device__ inline T *conv_at(unsigned char *memory, size_t bytes)
{
	...
}

template <typename T> static __host__ __device__ inline const T *conv_at(const unsigned char *memory, size_t bytes)
{
	...
}

/* The same place for another image of the batch. */
template <typename T> static __device__ inline T *conv_at_image(T *p, int image)
{
	...
}

/* The same as a number of chunks of 16 bytes. */
[[maybe_unused]] static __device__ inline int conv_image_chunks(int image)
{
	...
}

/* Elements of maps as the floats that are computed with, and back: nearest, ties to even. A program has some of the types. */
[[maybe_unused]] static __device__ inline float conv_float(float x)
{
	...
}

[[maybe_unused]] static __device__ inline float conv_float(__half x)
{
	...
}

[[maybe_unused]] static __device__ inline float conv_float(__nv_bfloat16 x)
{
	...
}

[[maybe_unused]] static __device__ inline void conv_put(float *p, float x)
{
	...
}

[[maybe_unused]] static __device__ inline void conv_put(__half *p, float x)
{
	...
}

[[maybe_unused]] static __device__ inline void conv_put(__nv_bfloat16 *p, float x)
{
	...
}

enum {
	CONV_DESCRIPTORS = 64,         /* of one plan, at most */
	CONV_CONFIGURATIONS = 4,       /* that are timed, at most */
	CONV_WORKSPACE_LIMIT = 1 << 28 /* bytes; what wants more is passed over */
};

typedef struct { /* device memory of the plans of one queue */
	void *memory;
	size_t size;
} conv_workspace;

typedef struct conv_library {
	cudnnHandle_t handle;
	cudnnStatus_t status; /* the first failure */
	int building;         /* plans are made now; else they are there */
	int given;            /* choice[] was filled by the caller */
	conv_workspace workspace[CONV_QUEUES];
	cudnnBackendDescriptor_t plan[CONV_PLANS];       /* null: the older interface */
	int32_t (*choice)[CONV_PLANS]; /* configuration of the heuristics' list, from 1 on; -1: none serves; 0: not known */
	int32_t built[CONV_PLANS];
	cudnnConvolutionFwdAlgo_t algorithm[CONV_PLANS]; /* of the older interface */
	cudnnBackendDescriptor_t descriptor[CONV_PLANS * CONV_DESCRIPTORS];
	int ndescriptor;
} conv_library;

typedef struct { /* a map: extents and steps in elements, in the order image, channel, row, column */
	cudnnDataType_t type;
	int64_t extent[4], step[4];
} conv_shape;

typedef struct { /* y = act(conv(x, w) + bias, with e) */
	conv_shape x, w, bias, y, e;
	int64_t before[2], after[2], stride[2], dilation[2]; /* padding above and left, below and right; {y, x} */
	int exact;                                           /* 1: floats are multiplied as they are, not rounded for tensor cores */
	int sum, product;                                    /* 1: with e */
	int activation;                                      /* 1: between lower slope and upper end */
	double slope, upper;
} conv_convolution;

typedef struct {
	const void *x, *w, *bias, *e;
	void *y;
} conv_operands;

/* ---- descriptors ---- */

static cudnnBackendDescriptor_t conv_describe(conv_library *l, cudnnBackendDescriptorType_t type)
{
	...
}

static void conv_set(conv_library *l, cudnnBackendDescriptor_t d, cudnnBackendAttributeName_t name,
                    cudnnBackendAttributeType_t type, int64_t count, const void *value)
{
	...
}

static void conv_complete(conv_library *l, cudnnBackendDescriptor_t d)
{
	...
}

static cudnnBackendDescriptor_t conv_tensor(conv_library *l, const conv_shape *s, cudnnDataType_t type, int64_t id, bool is_virtual)
{
	...
}

static cudnnBackendDescriptor_t conv_conv_operation(conv_library *l, const conv_convolution *c, cudnnBackendDescriptor_t x,
                                                   cudnnBackendDescriptor_t w, cudnnBackendDescriptor_t y)
{
	...
}

/* y = x with b, or the activation of x where b is null. */
static cudnnBackendDescriptor_t conv_pointwise(conv_library *l, const conv_convolution *c, cudnnPointwiseMode_t mode,
                                              cudnnBackendDescriptor_t x, cudnnBackendDescriptor_t b,
                                              cudnnBackendDescriptor_t y)
{
	...
}

/* Ids of tensors. */
enum { CONV_ID_X = 1, CONV_ID_W, CONV_ID_BIAS, CONV_ID_E, CONV_ID_Y, CONV_ID_FIRST_BETWEEN };

/* The operations, each reading what the one before it made; the last makes y. A sum comes before the bias, a product after. */
static cudnnBackendDescriptor_t conv_operations(conv_library *l, const conv_convolution *c)
{
	...
}

/* ---- plans ---- */

/* What the heuristics of one mode propose, best first; returns how many. */
static int conv_proposals(conv_library *l, cudnnBackendDescriptor_t graph, cudnnBackendHeurMode_t mode,
                         cudnnBackendDescriptor_t *found, int most)
{
	...
}

static conv_workspace *conv_workspace_of(conv_queue *q)
{
	...
}

/* The configuration's engine multiplies floats as they are. */
static bool conv_is_exact(conv_library *l, cudnnBackendDescriptor_t configuration)
{
	...
}

/* Of n configurations those that serve, in front; returns how many. */
static int conv_serving(conv_library *l, const conv_convolution *c, cudnnBackendDescriptor_t *configuration, int n)
{
	...
}

/* The queue's workspace has room for that many bytes. */
static cudaError_t conv_make_room(conv_queue *q, size_t bytes)
{
	...
}

/* A plan from a configuration, or null when the device or the memory does not serve it. */
static cudnnBackendDescriptor_t conv_plan_of(conv_queue *q, cudnnBackendDescriptor_t configuration)
{
	...
}

static void conv_execute(conv_queue *q, cudnnBackendDescriptor_t plan, const conv_convolution *c, const conv_operands *o)
{
	...
}

/* Milliseconds of one execution: the least of some. Negative when it fails. */
static float conv_time(conv_queue *q, cudnnBackendDescriptor_t plan, const conv_convolution *c, const conv_operands *o)
{
	enum { RUNS = 5 };
	...
}

static void conv_build_plan(conv_queue *q, int i, const conv_convolution *c, const conv_operands *o)
{
	...
}

/* ---- the older interface ---- */

typedef struct {
	cudnnTensorDescriptor_t x, y;
	cudnnFilterDescriptor_t w;
	cudnnConvolutionDescriptor_t how;
} conv_older;

static cudnnStatus_t conv_older_tensor(cudnnTensorDescriptor_t *d, const conv_shape *s, cudnnDataType_t type)
{
	...
}

/* It pads alike on both sides and has one type for x and y. */
static cudnnStatus_t conv_older_make(conv_older *d, const conv_convolution *c)
{
	...
}

static void conv_older_destroy(conv_older *d)
{
	...
}

static cudnnStatus_t conv_older_prepare(conv_queue *q, int i, const conv_older *d)
{
	...
}

/* The convolution alone; a kernel does the rest in place. */
static void conv_older_run(conv_queue *q, int i, const conv_convolution *c, const conv_operands *o)
{
	...
}

/* Convolution number i. True when bias, other map and activation are done too. */
static bool conv_convolve(conv_queue *q, int i, const conv_convolution *c, const conv_operands *o)
{
	...
}

static void conv_library_close(conv_library *l)
{
	...
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
	...
}

static void conv_reorder_any_1(conv_queue *q, const float x[90], float y[240])
{
	enum { BLOCKS = 1 };
	...
}

/* conv_cudnn.cu -- op conv2d, one group, on maps with all channels in one block, by cuDNN: see cudnn.cu.
 *
 * Channels are those of the blocks, so that fill channels come out as zeros: their weights and biases are zero.
 *
 * parts: queue at image number cudnn
 * ints: INSTANCE (number of this convolution among the program's kernels), XC XB XH XW (channels with fill, step from pixel
 * to pixel, rows, columns), YC YB YH YW, EB, KH KW, SH SW (stride), DH DW (dilation), PT PL PB PR (padding), SUM PRODUCT
 * (0, 1: with e), EXACT (0, 1: products of floats as they are), ACTON; BLOCKS (of conv_conv_cudnn_1_finish); words: XT BT YT ET, XD BD YD ED (cuDNN's names of these types), SLOPE UPPER (of
 * the activation; 0: none), OP ACT ALPHA BETA. w: biases [YC] as BT, then [YC][KH][KW][XC] as XT.
 */

/* What the older interface leaves to do. */
static __global__ void __launch_bounds__(256) conv_conv_cudnn_1_finish(const float *__restrict__ bias,
                                                            float *__restrict__ y)
{
	enum { YB = 8, YC = 8, YH = 3, YW = 3 };
	...
}

static conv_convolution conv_conv_cudnn_1_about(void)
{
	enum { XB = 8, XC = 8, XH = 5, XW = 6, YB = 8, YC = 8, YH = 3, YW = 3, KH = 3, KW = 3,
	       SH = 2, SW = 2, DH = 1, DW = 1, PT = 1, PL = 1, PB = 1, PR = 1, SUM = 0,
	       PRODUCT = 0, EXACT = 1, ACTON = 1 };
	...
}

static void conv_conv_cudnn_1(conv_queue *q, const float x[240],
                   const unsigned char w[2336], float y[72])
{
	enum { YC = 8, BLOCKS = 1, INSTANCE = 1 };
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
static __device__ inline float conv_conv_any_1_sum(const float *__restrict__ x, const float *__restrict__ w,
                                          int co, int oy, int ox)
{
	enum { XH = 3, XW = 3, XROWS = 3, XCOLS = 3, XTOP = 0, XLEFT = 0, XB = 8, KH = 1, KW = 1,
	       SH = 1, SW = 1, DH = 1, DW = 1, PT = 0, PL = 0, CIG = 4, COG = 4 };
	...
}

static __global__ void __launch_bounds__(256) conv_conv_any_1_device(const float *__restrict__ x, const float *__restrict__ w,
                                                            const float *__restrict__ e,
                                                            float *__restrict__ y)
{
	enum { YC = 4, YH = 3, YW = 3, YROWS = 3, YCOLS = 3, YTOP = 0, YLEFT = 0, YB = 1, YL = 1,
	       EROWS = 3, ECOLS = 3, ETOP = 0, ELEFT = 0, EB = 8, COUNT = 36 };
	...
}

static void conv_conv_any_1(conv_queue *q, const float x[72], const float w[16],
                   const float e[72],
                   float y[36]
                   )
{
	enum { BLOCKS = 1 };
	...
}

/* The network: every launch of one run, on the queue's stream. Arrays in the heads of kernels are those of one image. */
static void conv_enqueue(conv_queue *q, unsigned char *arena, const unsigned char *weights)
{
	conv_reorder_any_1(q, conv_at<const float>(arena, 1024), conv_at<float>(arena, 0)); /* 1 a.reorder */
	conv_conv_cudnn_1(q, conv_at<const float>(arena, 0), weights + 0, conv_at<float>(arena, 1024)); /* 2 a */
	conv_conv_any_1(q, conv_at<const float>(arena, 1024), conv_at<const float>(weights, 2560), conv_at<const float>(arena, 1024), conv_at<float>(arena, 1536)); /* 3 b */
}

/* Are the weights that were linked those that this source was written with? Their head has their hash. */
static int conv_weights_fit(void)
{
	...
}

/* entry.cu -- the functions of the header: memory, one CUDA graph, calls.
 *
 * conv_open() copies the weights to the device, records every launch of a run in a CUDA graph and instantiates it. A run
 * sets the parameters of the graph's first kernel, which keeps them in device memory for the last one, and launches the
 * graph: nothing is allocated, nothing waits but the end of a call that hands results to the host. A stream that is
 * being captured gets plain launches instead, so that the caller's graph contains ours.
 *
 * parts: queue at
 * from the source: CONV_QUEUES, of several CONV_EVENTS; CONV_TICKETS_AT, for a detector CONV_CALLS_AT CONV_RESULTS_AT, for pixels
 * CONV_PIXELS_AT CONV_PIXELS_SIZE; conv_device_weights, conv_device_memory, conv_enqueue, conv_preprocess
 * ints: DETECTOR PIXELS CALLER WEIGHTS LOADED LINKED TRACE LIBRARY (0, 1; see codegen/emit_cuda.c) QUEUES INPUT_AT INPUT_BYTES (the input
 * tensor of one image) ; words: TENSORS MISSING COPY_INPUTS COPY_OUTPUTS (of a network without detections)
 */
static conv_context conv_own; /* of the calls without a context */

/* What a caller is told of a CUDA status; the status itself stays for conv_device_error(). */
static int conv_told(conv_context *c, cudaError_t status)
{
	...
}

/* Every launch of a run on a stream. */
static cudaError_t conv_launch_all(const conv_context *c, cudaStream_t stream)
{
	...
}

/* The launches as a graph, once. */
static cudaError_t conv_record(conv_context *c)
{
	...
}

int32_t conv_plan_table[CONV_PLANS];

/* cuDNN and its plans, which are chosen while the network runs once. */
static cudaError_t conv_plan_all(conv_context *c)
{
	...
}

static cudaError_t conv_prepare(conv_context *c)
{
	...
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
	if (c->library) {
		conv_library_close(c->library);
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

int conv_open(void)
{
	conv_context *const c = &conv_own;
	void *memory = NULL;
	cudaError_t status;

	if (c->ready)
		return CONV_OK;
	if (!conv_weights_fit())
		return CONV_EWEIGHTS;
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

/* CONV_OK when a run can start on c. */
static int conv_ready(const conv_context *c)
{
	...
}

static void conv_copy(conv_context *c, void *to, const void *from, size_t size, cudaMemcpyKind kind)
{
	...
}

int conv_run(const float *in0, float *out0)
{
	conv_context *const c = &conv_own;
	const int ready = conv_ready(c);
	cudaError_t status;

	if (ready != CONV_OK)
		return ready;
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
	if (c->status == (int)cudaErrorUnknown && c->library_status != (int)CUDNN_STATUS_SUCCESS)
		return cudnnGetErrorString((cudnnStatus_t)c->library_status);
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

static_assert(sizeof(conv_context) == 80, "as the head says");
static_assert(CONV_WORKSPACE_LIMIT == 268435456, "as the head says");
