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
	(void)alpha;
	(void)beta;
	x = x > 0.0f ? x : 0.0f;
	return x < 6.0f ? x : 6.0f;
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

/* The same as a number of chunks of 16 bytes. */
[[maybe_unused]] static __device__ inline int block_image_chunks(int image)
{
	return image * (int)(BLOCK_IMAGE_STRIDE / 16);
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
	cudnnBackendDescriptor_t d = NULL;
	const int at = l->ndescriptor;
	const bool room = at >= 0 && at < BLOCK_PLANS * BLOCK_DESCRIPTORS;

	if (l->status == CUDNN_STATUS_SUCCESS && !room)
		l->status = CUDNN_STATUS_INTERNAL_ERROR;
	if (l->status == CUDNN_STATUS_SUCCESS)
		l->status = cudnnBackendCreateDescriptor(type, &d);
	if (l->status == CUDNN_STATUS_SUCCESS && room) {
		l->descriptor[at] = d;
		l->ndescriptor = at + 1;
	}
	return d;
}

static void block_set(block_library *l, cudnnBackendDescriptor_t d, cudnnBackendAttributeName_t name,
                    cudnnBackendAttributeType_t type, int64_t count, const void *value)
{
	if (l->status == CUDNN_STATUS_SUCCESS)
		l->status = cudnnBackendSetAttribute(d, name, type, count, value);
}

static void block_complete(block_library *l, cudnnBackendDescriptor_t d)
{
	if (l->status == CUDNN_STATUS_SUCCESS)
		l->status = cudnnBackendFinalize(d);
}

static cudnnBackendDescriptor_t block_tensor(block_library *l, const block_shape *s, cudnnDataType_t type, int64_t id, bool is_virtual)
{
	const int64_t alignment = 16;
	cudnnBackendDescriptor_t d = block_describe(l, CUDNN_BACKEND_TENSOR_DESCRIPTOR);

	block_set(l, d, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type);
	block_set(l, d, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, s->extent);
	block_set(l, d, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, s->step);
	block_set(l, d, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &id);
	block_set(l, d, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1, &alignment);
	block_set(l, d, CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1, &is_virtual);
	block_complete(l, d);
	return d;
}

static cudnnBackendDescriptor_t block_conv_operation(block_library *l, const block_convolution *c, cudnnBackendDescriptor_t x,
                                                   cudnnBackendDescriptor_t w, cudnnBackendDescriptor_t y)
{
	const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
	const cudnnDataType_t sums = CUDNN_DATA_FLOAT;
	const int64_t axes = 2;
	const float alpha = 1.0f, beta = 0.0f;
	cudnnBackendDescriptor_t how = block_describe(l, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR), d;

	block_set(l, how, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &sums);
	block_set(l, how, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode);
	block_set(l, how, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1, &axes);
	block_set(l, how, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2, c->before);
	block_set(l, how, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2, c->after);
	block_set(l, how, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2, c->stride);
	block_set(l, how, CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, c->dilation);
	block_complete(l, how);
	d = block_describe(l, CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
	block_set(l, d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &how);
	block_set(l, d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &x);
	block_set(l, d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &w);
	block_set(l, d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &y);
	block_set(l, d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_FLOAT, 1, &alpha);
	block_set(l, d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_FLOAT, 1, &beta);
	block_complete(l, d);
	return d;
}

/* y = x with b, or the activation of x where b is null. */
static cudnnBackendDescriptor_t block_pointwise(block_library *l, const block_convolution *c, cudnnPointwiseMode_t mode,
                                              cudnnBackendDescriptor_t x, cudnnBackendDescriptor_t b,
                                              cudnnBackendDescriptor_t y)
{
	const cudnnDataType_t sums = CUDNN_DATA_FLOAT;
	cudnnBackendDescriptor_t how = block_describe(l, CUDNN_BACKEND_POINTWISE_DESCRIPTOR), d;

	block_set(l, how, CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, &mode);
	block_set(l, how, CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, 1, &sums);
	if (!b && c->slope > 0)
		block_set(l, how, CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP_SLOPE, CUDNN_TYPE_DOUBLE, 1, &c->slope);
	if (!b && c->upper > 0)
		block_set(l, how, CUDNN_ATTR_POINTWISE_RELU_UPPER_CLIP, CUDNN_TYPE_DOUBLE, 1, &c->upper);
	block_complete(l, how);
	d = block_describe(l, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
	block_set(l, d, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &how);
	block_set(l, d, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &x);
	if (b)
		block_set(l, d, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &b);
	block_set(l, d, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &y);
	block_complete(l, d);
	return d;
}

/* Ids of tensors. */
enum { BLOCK_ID_X = 1, BLOCK_ID_W, BLOCK_ID_BIAS, BLOCK_ID_E, BLOCK_ID_Y, BLOCK_ID_FIRST_BETWEEN };

/* The operations, each reading what the one before it made; the last makes y. A sum comes before the bias, a product after. */
static cudnnBackendDescriptor_t block_operations(block_library *l, const block_convolution *c)
{
	const int count = 2 + (c->sum || c->product) + c->activation;
	cudnnBackendDescriptor_t made[5] = {}, operation[4] = {}, graph;
	int n = 0;

	for (int i = 0; i < count; i++)
		made[i] = i == count - 1 ? block_tensor(l, &c->y, c->y.type, BLOCK_ID_Y, false)
		                         : block_tensor(l, &c->y, CUDNN_DATA_FLOAT, BLOCK_ID_FIRST_BETWEEN + i, true);
	operation[n] = block_conv_operation(l, c, block_tensor(l, &c->x, c->x.type, BLOCK_ID_X, false),
	                                  block_tensor(l, &c->w, c->w.type, BLOCK_ID_W, false), made[0]);
	n++;
	if (c->sum) {
		operation[n] = block_pointwise(l, c, CUDNN_POINTWISE_ADD, made[n - 1], block_tensor(l, &c->e, c->e.type, BLOCK_ID_E, false), made[n]);
		n++;
	}
	operation[n] = block_pointwise(l, c, CUDNN_POINTWISE_ADD, made[n - 1], block_tensor(l, &c->bias, c->bias.type, BLOCK_ID_BIAS, false), made[n]);
	n++;
	if (c->product) {
		operation[n] = block_pointwise(l, c, CUDNN_POINTWISE_MUL, made[n - 1], block_tensor(l, &c->e, c->e.type, BLOCK_ID_E, false), made[n]);
		n++;
	}
	if (c->activation) {
		operation[n] = block_pointwise(l, c, CUDNN_POINTWISE_RELU_FWD, made[n - 1], NULL, made[n]);
		n++;
	}
	graph = block_describe(l, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
	block_set(l, graph, CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1, &l->handle);
	block_set(l, graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, n, operation);
	block_complete(l, graph);
	return graph;
}

/* ---- plans ---- */

/* What the heuristics of one mode propose, best first; returns how many. */
static int block_proposals(block_library *l, cudnnBackendDescriptor_t graph, cudnnBackendHeurMode_t mode,
                         cudnnBackendDescriptor_t *found, int most)
{
	int64_t count = 0;
	cudnnBackendDescriptor_t d = block_describe(l, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);

	for (int i = 0; i < most; i++)
		found[i] = block_describe(l, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
	block_set(l, d, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &graph);
	block_set(l, d, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode);
	block_complete(l, d);
	if (l->status == CUDNN_STATUS_SUCCESS)
		l->status = cudnnBackendGetAttribute(d, CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR, most,
		                                     &count, found);
	if (l->status == CUDNN_STATUS_SUCCESS)
		return count < 0 ? 0 : (int)(count < most ? count : most);
	l->status = CUDNN_STATUS_SUCCESS; /* it has nothing to propose */
	return 0;
}

static block_workspace *block_workspace_of(block_queue *q)
{
	const int i = q->number;

	return &q->library->workspace[i >= 0 && i < BLOCK_QUEUES ? i : 0];
}

/* The configuration's engine multiplies floats as they are. */
static bool block_is_exact(block_library *l, cudnnBackendDescriptor_t configuration)
{
	int64_t count = 0;
	cudnnBackendNumericalNote_t notes[CUDNN_NUMERICAL_NOTE_TYPE_COUNT] = {};
	cudnnBackendDescriptor_t engine = block_describe(l, CUDNN_BACKEND_ENGINE_DESCRIPTOR);

	if (l->status == CUDNN_STATUS_SUCCESS)
		l->status = cudnnBackendGetAttribute(configuration, CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1,
		                                     &count, &engine);
	if (l->status == CUDNN_STATUS_SUCCESS)
		l->status = cudnnBackendGetAttribute(engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE,
		                                     CUDNN_NUMERICAL_NOTE_TYPE_COUNT, &count, notes);
	if (l->status != CUDNN_STATUS_SUCCESS) {
		l->status = CUDNN_STATUS_SUCCESS; /* it does not say */
		return false;
	}
	for (int i = 0; i < CUDNN_NUMERICAL_NOTE_TYPE_COUNT; i++)
		if (i < count && (notes[i] == CUDNN_NUMERICAL_NOTE_TENSOR_CORE || notes[i] == CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS))
			return false;
	return true;
}

/* Of n configurations those that serve, in front; returns how many. */
static int block_serving(block_library *l, const block_convolution *c, cudnnBackendDescriptor_t *configuration, int n)
{
	int kept = 0;

	for (int i = 0; i < BLOCK_CONFIGURATIONS; i++)
		if (i < n && kept >= 0 && kept <= i && (!c->exact || block_is_exact(l, configuration[i]))) {
			configuration[kept] = configuration[i];
			kept++;
		}
	return kept;
}

/* The queue's workspace has room for that many bytes. */
static cudaError_t block_make_room(block_queue *q, size_t bytes)
{
	block_workspace *const w = block_workspace_of(q);
	cudaError_t status;

	if (bytes <= w->size)
		return cudaSuccess;
	(void)cudaFree(w->memory);
	w->memory = NULL;
	w->size = 0;
	status = cudaMalloc(&w->memory, bytes);
	if (status == cudaSuccess)
		w->size = bytes;
	return status;
}

/* A plan from a configuration, or null when the device or the memory does not serve it. */
static cudnnBackendDescriptor_t block_plan_of(block_queue *q, cudnnBackendDescriptor_t configuration)
{
	block_library *const l = q->library;
	int64_t bytes = 0, count = 0;
	cudnnBackendDescriptor_t plan = block_describe(l, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);

	block_set(l, plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1, &l->handle);
	block_set(l, plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &configuration);
	block_complete(l, plan);
	if (l->status == CUDNN_STATUS_SUCCESS)
		l->status = cudnnBackendGetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, &count, &bytes);
	if (l->status != CUDNN_STATUS_SUCCESS || bytes > BLOCK_WORKSPACE_LIMIT) {
		l->status = CUDNN_STATUS_SUCCESS;
		return NULL;
	}
	if (block_make_room(q, (size_t)bytes) != cudaSuccess) {
		(void)cudaGetLastError();
		return NULL;
	}
	return plan;
}

static void block_execute(block_queue *q, cudnnBackendDescriptor_t plan, const block_convolution *c, const block_operands *o)
{
	block_library *const l = q->library;
	const int64_t id[5] = {BLOCK_ID_X, BLOCK_ID_W, BLOCK_ID_BIAS, BLOCK_ID_Y, BLOCK_ID_E};
	const void *const pointer[5] = {o->x, o->w, o->bias, o->y, o->e};
	const int64_t count = c->sum || c->product ? 5 : 4;
	cudnnBackendDescriptor_t pack = NULL;

	if (l->status == CUDNN_STATUS_SUCCESS)
		l->status = cudnnBackendCreateDescriptor(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, &pack);
	block_set(l, pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, count, id);
	block_set(l, pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, count, pointer);
	block_set(l, pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, &block_workspace_of(q)->memory);
	block_complete(l, pack);
	if (l->status == CUDNN_STATUS_SUCCESS)
		l->status = cudnnBackendExecute(l->handle, plan, pack);
	if (pack)
		(void)cudnnBackendDestroyDescriptor(pack);
}

/* Milliseconds of one execution: the least of some. Negative when it fails. */
static float block_time(block_queue *q, cudnnBackendDescriptor_t plan, const block_convolution *c, const block_operands *o)
{
	enum { RUNS = 5 };
	cudaEvent_t begin = NULL, end = NULL;
	float least = -1.0f;
	cudaError_t status = cudaEventCreate(&begin);

	if (status == cudaSuccess)
		status = cudaEventCreate(&end);
	for (int i = 0; i < RUNS && status == cudaSuccess && q->library->status == CUDNN_STATUS_SUCCESS; i++) {
		float ms = 0.0f;

		status = cudaEventRecord(begin, q->stream);
		block_execute(q, plan, c, o);
		if (status == cudaSuccess)
			status = cudaEventRecord(end, q->stream);
		if (status == cudaSuccess)
			status = cudaEventSynchronize(end);
		if (status == cudaSuccess)
			status = cudaEventElapsedTime(&ms, begin, end);
		if (status == cudaSuccess && i > 0 && (least < 0.0f || ms < least)) /* the first run loads the kernel */
			least = ms;
	}
	if (begin)
		(void)cudaEventDestroy(begin);
	if (end)
		(void)cudaEventDestroy(end);
	if (q->library->status != CUDNN_STATUS_SUCCESS) {
		q->library->status = CUDNN_STATUS_SUCCESS; /* a configuration that does not run is no failure of ours */
		return -1.0f;
	}
	if (status != cudaSuccess)
		q->status = status;
	return least;
}

static void block_build_plan(block_queue *q, int i, const block_convolution *c, const block_operands *o)
{
	static const cudnnBackendHeurMode_t modes[3] = {CUDNN_HEUR_MODE_B, CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK};
	block_library *const l = q->library;
	cudnnBackendDescriptor_t proposal[BLOCK_CONFIGURATIONS], graph = block_operations(l, c);
	float least = -1.0f;
	int n = 0;

	l->built[i] = 1;
	if (CUDNN_STATUS_CATEGORY(l->status) == CUDNN_STATUS_NOT_SUPPORTED || CUDNN_STATUS_CATEGORY(l->status) == CUDNN_STATUS_BAD_PARAM)
		l->status = CUDNN_STATUS_SUCCESS; /* such a graph is not known to this version or device */
	else
		for (int m = 0; m < 3 && n == 0; m++)
			n = block_serving(l, c, proposal, block_proposals(l, graph, modes[m], proposal, BLOCK_CONFIGURATIONS));
	if (!l->given)
		(*l->choice)[i] = -1;
	for (int k = 0; k < n; k++) {
		cudnnBackendDescriptor_t plan = l->given && (*l->choice)[i] != k + 1 ? NULL : block_plan_of(q, proposal[k]);
		const float ms = !plan ? -1.0f : l->given ? 0.0f : block_time(q, plan, c, o);

		if (ms < 0.0f || (least >= 0.0f && ms >= least))
			continue;
		least = ms;
		l->plan[i] = plan;
		(*l->choice)[i] = k + 1;
	}
}

/* ---- the older interface ---- */

typedef struct {
	cudnnTensorDescriptor_t x, y;
	cudnnFilterDescriptor_t w;
	cudnnConvolutionDescriptor_t how;
} block_older;

static cudnnStatus_t block_older_tensor(cudnnTensorDescriptor_t *d, const block_shape *s, cudnnDataType_t type)
{
	cudnnStatus_t status = cudnnCreateTensorDescriptor(d);

	if (status == CUDNN_STATUS_SUCCESS)
		status = cudnnSetTensor4dDescriptorEx(*d, type, (int)s->extent[0], (int)s->extent[1], (int)s->extent[2],
		                                      (int)s->extent[3], (int)s->step[0], (int)s->step[1], (int)s->step[2],
		                                      (int)s->step[3]);
	return status;
}

/* It pads alike on both sides and has one type for x and y. */
static cudnnStatus_t block_older_make(block_older *d, const block_convolution *c)
{
	cudnnStatus_t status = c->before[0] == c->after[0] && c->before[1] == c->after[1] && c->x.type == c->y.type
	                               ? CUDNN_STATUS_SUCCESS
	                               : CUDNN_STATUS_NOT_SUPPORTED;

	if (status == CUDNN_STATUS_SUCCESS)
		status = block_older_tensor(&d->x, &c->x, c->x.type);
	if (status == CUDNN_STATUS_SUCCESS)
		status = block_older_tensor(&d->y, &c->y, c->y.type);
	if (status == CUDNN_STATUS_SUCCESS)
		status = cudnnCreateFilterDescriptor(&d->w);
	if (status == CUDNN_STATUS_SUCCESS)
		status = cudnnSetFilter4dDescriptor(d->w, c->w.type, CUDNN_TENSOR_NHWC, (int)c->w.extent[0],
		                                    (int)c->w.extent[1], (int)c->w.extent[2], (int)c->w.extent[3]);
	if (status == CUDNN_STATUS_SUCCESS)
		status = cudnnCreateConvolutionDescriptor(&d->how);
	if (status == CUDNN_STATUS_SUCCESS)
		status = cudnnSetConvolution2dDescriptor(d->how, (int)c->before[0], (int)c->before[1], (int)c->stride[0],
		                                         (int)c->stride[1], (int)c->dilation[0], (int)c->dilation[1],
		                                         CUDNN_CROSS_CORRELATION, CUDNN_DATA_FLOAT);
	if (status == CUDNN_STATUS_SUCCESS)
		status = cudnnSetConvolutionMathType(d->how, c->exact                          ? CUDNN_FMA_MATH
		                                             : c->x.type == CUDNN_DATA_FLOAT ? CUDNN_DEFAULT_MATH
		                                                                             : CUDNN_TENSOR_OP_MATH);
	return status;
}

static void block_older_destroy(block_older *d)
{
	if (d->x)
		(void)cudnnDestroyTensorDescriptor(d->x);
	if (d->y)
		(void)cudnnDestroyTensorDescriptor(d->y);
	if (d->w)
		(void)cudnnDestroyFilterDescriptor(d->w);
	if (d->how)
		(void)cudnnDestroyConvolutionDescriptor(d->how);
}

static cudnnStatus_t block_older_prepare(block_queue *q, int i, const block_older *d)
{
	block_library *const l = q->library;
	cudnnConvolutionFwdAlgoPerf_t found = {};
	int count = 0;
	cudnnStatus_t status = cudnnGetConvolutionForwardAlgorithm_v7(l->handle, d->x, d->w, d->how, d->y, 1, &count, &found);

	if (status == CUDNN_STATUS_SUCCESS && (count < 1 || found.status != CUDNN_STATUS_SUCCESS))
		status = CUDNN_STATUS_NOT_SUPPORTED;
	if (status != CUDNN_STATUS_SUCCESS)
		return status;
	l->algorithm[i] = found.algo;
	q->status = block_make_room(q, found.memory);
	return status;
}

/* The convolution alone; a kernel does the rest in place. */
static void block_older_run(block_queue *q, int i, const block_convolution *c, const block_operands *o)
{
	const float alpha = 1.0f, beta = 0.0f;
	block_library *const l = q->library;
	const block_workspace *const w = block_workspace_of(q);
	block_older d = {};
	cudnnStatus_t status = block_older_make(&d, c);

	if (status == CUDNN_STATUS_SUCCESS && l->building)
		status = block_older_prepare(q, i, &d);
	if (status == CUDNN_STATUS_SUCCESS && q->status == cudaSuccess)
		status = cudnnConvolutionForward(l->handle, &alpha, d.x, o->x, d.w, o->w, d.how, l->algorithm[i],
		                                 w->memory, w->size, &beta, d.y, o->y);
	block_older_destroy(&d);
	if (status != CUDNN_STATUS_SUCCESS)
		l->status = status;
}

/* Convolution number i. True when bias, other map and activation are done too. */
static bool block_convolve(block_queue *q, int i, const block_convolution *c, const block_operands *o)
{
	block_library *const l = q->library;

	if (q->status != cudaSuccess || l->status != CUDNN_STATUS_SUCCESS)
		return true;
	l->status = cudnnSetStream(l->handle, q->stream);
	if (l->status == CUDNN_STATUS_SUCCESS && l->building && !l->built[i])
		block_build_plan(q, i, c, o);
	const bool whole = l->plan[i] != NULL;
	if (whole)
		block_execute(q, l->plan[i], c, o);
	else if (l->status == CUDNN_STATUS_SUCCESS)
		block_older_run(q, i, c, o);
	if (l->status != CUDNN_STATUS_SUCCESS && q->status == cudaSuccess)
		q->status = cudaErrorUnknown; /* block_device_error() tells cuDNN's name for it */
	return whole;
}

static void block_library_close(block_library *l)
{
	for (int i = BLOCK_PLANS * BLOCK_DESCRIPTORS - 1; i >= 0; i--)
		if (i < l->ndescriptor)
			(void)cudnnBackendDestroyDescriptor(l->descriptor[i]);
	l->ndescriptor = 0;
	for (int i = 0; i < BLOCK_QUEUES; i++) {
		if (l->workspace[i].memory)
			(void)cudaFree(l->workspace[i].memory);
		l->workspace[i].memory = NULL;
		l->workspace[i].size = 0;
	}
	if (l->handle)
		(void)cudnnDestroy(l->handle);
	l->handle = NULL;
	for (int i = 0; i < BLOCK_PLANS; i++) {
		l->plan[i] = NULL;
		l->built[i] = 0;
	}
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

static void block_reorder_any_1(block_queue *q, const float x[288], float y[288])
{
	enum { BLOCKS = 2 };
	block_launch(q, block_reorder_any_1_device, dim3(BLOCKS, 1, BLOCK_BATCH), 256, 0, x, y);
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
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= YH * YW * YC)
		return;
	float *const at = block_at_image(y, image) + i / YC * YB + i % YC;
	float r = block_float(*at) + block_float(bias[i % YC]);
	r = block_relu6(r, 0.0f, 0.0f);
	block_put(at, r);
}

static block_convolution block_conv_cudnn_1_about(void)
{
	enum { XB = 8, XC = 8, XH = 6, XW = 6, YB = 16, YC = 16, YH = 6, YW = 6, KH = 1, KW = 1,
	       SH = 1, SW = 1, DH = 1, DW = 1, PT = 0, PL = 0, PB = 0, PR = 0, SUM = 0,
	       PRODUCT = 0, EXACT = 1, ACTON = 1 };
	const int64_t xi = BLOCK_IMAGE_STRIDE / (int64_t)sizeof(float), yi = BLOCK_IMAGE_STRIDE / (int64_t)sizeof(float);
	block_convolution c = {};

	c.x = {CUDNN_DATA_FLOAT, {BLOCK_BATCH, XC, XH, XW}, {BLOCK_BATCH > 1 ? xi : XH * XW * XB, 1, XW * XB, XB}};
	c.w = {CUDNN_DATA_FLOAT, {YC, XC, KH, KW}, {KH * KW * XC, 1, KW * XC, XC}};
	c.bias = {CUDNN_DATA_FLOAT, {1, YC, 1, 1}, {YC, 1, YC, YC}};
	c.y = {CUDNN_DATA_FLOAT, {BLOCK_BATCH, YC, YH, YW}, {BLOCK_BATCH > 1 ? yi : YH * YW * YB, 1, YW * YB, YB}};
	c.before[0] = PT;
	c.before[1] = PL;
	c.after[0] = PB;
	c.after[1] = PR;
	c.stride[0] = SH;
	c.stride[1] = SW;
	c.dilation[0] = DH;
	c.dilation[1] = DW;
	c.exact = EXACT;
	c.sum = SUM;
	c.product = PRODUCT;
	c.activation = ACTON;
	c.slope = 0.0f;
	c.upper = 6.0f;
	return c;
}

static void block_conv_cudnn_1(block_queue *q, const float x[288],
                   const unsigned char w[576], float y[576])
{
	enum { YC = 16, BLOCKS = 3, INSTANCE = 1 };
	const block_convolution c = block_conv_cudnn_1_about();
	block_operands o = {};

	o.x = x;
	o.bias = w;
	o.w = w + sizeof(float) * YC;
	o.y = y;
	if (block_convolve(q, INSTANCE, &c, &o))
		return;
	block_launch(q, block_conv_cudnn_1_finish, dim3(BLOCKS, 1, BLOCK_BATCH), 256, 0, block_at<const float>(w, 0), y);
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

static void block_depthwise_vector_1(block_queue *q, const float x[576],
                   const unsigned char w[640], float y[576])
{
	enum { BLOCKS = 1 };
	block_launch(q, block_depthwise_vector_1_device, dim3(BLOCKS, 1, BLOCK_BATCH), 256, 0, x, block_at<const float>(w, 0), y);
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
		sum = block_conv_any_1_sum(block_at_image(x, image), w, c, oy, ox);
		sum = sum + block_float(block_at_image(e, image)[((c / EB * EROWS + oy + ETOP) * ECOLS + ox + ELEFT) * EB + c % EB]);
	}
	block_put(at, sum);
}

static void block_conv_any_1(block_queue *q, const float x[576], const float w[128],
                   const float e[288],
                   float y[288]
                   )
{
	enum { BLOCKS = 2 };
	block_launch(q, block_conv_any_1_device, dim3(BLOCKS, 1, BLOCK_BATCH), 256, 0, x, w,
	           e,
	           y);
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
	static const unsigned char mark[16] = {'D', 'S', 'S', 'D', 'C', 'W', '1', 0, 0xab, 0x3b, 0x0d, 0x24, 0x43, 0xc6, 0xf3, 0x7b};
	int fit = 1;

	for (int i = 0; i < 16; i++)
		if (block_weights_head[i] != mark[i])
			fit = 0;
	return fit;
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
	if (status == cudaSuccess)
		return BLOCK_OK;
	c->status = (int)status;
	(void)cudaGetLastError(); /* so that it does not surface in somebody else's call */
	if (status == cudaErrorMemoryAllocation)
		return BLOCK_ENOMEM;
	if (status == cudaErrorNoDevice || status == cudaErrorInsufficientDriver)
		return BLOCK_ENODEVICE;
	if (status == cudaErrorNoKernelImageForDevice || status == cudaErrorInvalidDeviceFunction || status == cudaErrorUnsupportedPtxVersion)
		return BLOCK_EARCH;
	return BLOCK_EDEVICE;
}

/* Every launch of a run on a stream. */
static cudaError_t block_launch_all(const block_context *c, cudaStream_t stream)
{
	block_queue q = {}; /* number 0 */

	q.stream = stream;
	q.memory = c->memory;
	q.tickets = block_at<unsigned int>(c->memory, BLOCK_TICKETS_AT);
	q.library = c->library;
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

int32_t block_plan_table[BLOCK_PLANS];

/* cuDNN and its plans, which are chosen while the network runs once. */
static cudaError_t block_plan_all(block_context *c)
{
	block_library *const l = static_cast<block_library *>(calloc(1, sizeof *l));
	cudaError_t status;

	c->library = l;
	if (!l)
		return cudaErrorMemoryAllocation;
	l->choice = &block_plan_table;
	for (int i = 0; i < BLOCK_PLANS; i++)
		l->given |= (*l->choice)[i] != 0;
	l->status = cudnnCreate(&l->handle);
	l->building = 1;
	status = l->status == CUDNN_STATUS_SUCCESS ? block_launch_all(c, c->stream) : cudaErrorUnknown;
	l->building = 0;
	c->library_status = (int)l->status;
	return status;
}

static cudaError_t block_prepare(block_context *c)
{
	cudaError_t status = cudaStreamCreateWithFlags(&c->stream, cudaStreamNonBlocking);
	void *weights = NULL;

	if (status != cudaSuccess)
		return status;
	status = cudaGetSymbolAddress(&weights, block_device_weights);
	c->weights = static_cast<unsigned char *>(weights);
	if (status == cudaSuccess)
		status = cudaMemcpyAsync(weights, block_weights, BLOCK_WEIGHTS_SIZE, cudaMemcpyHostToDevice, c->stream);
	if (status == cudaSuccess)
		status = cudaMemsetAsync(c->memory, 0, BLOCK_ARENA_SIZE, c->stream);
	if (status == cudaSuccess)
		status = block_plan_all(c);
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
	(void)c;
	return block_open(); /* the first call opens */
}

static void block_copy(block_context *c, void *to, const void *from, size_t size, cudaMemcpyKind kind)
{
	if (c->status == (int)cudaSuccess)
		c->status = (int)cudaMemcpyAsync(to, from, size, kind, c->stream);
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
