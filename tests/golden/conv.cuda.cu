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
	(void)alpha;
	(void)beta;
	return x > 0.0f ? x : 0.0f;
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

/* The same as a number of chunks of 16 bytes. */
[[maybe_unused]] static __device__ inline int conv_image_chunks(int image)
{
	return image * (int)(CONV_IMAGE_STRIDE / 16);
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
	cudnnBackendDescriptor_t d = NULL;
	const int at = l->ndescriptor;
	const bool room = at >= 0 && at < CONV_PLANS * CONV_DESCRIPTORS;

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

static void conv_set(conv_library *l, cudnnBackendDescriptor_t d, cudnnBackendAttributeName_t name,
                    cudnnBackendAttributeType_t type, int64_t count, const void *value)
{
	if (l->status == CUDNN_STATUS_SUCCESS)
		l->status = cudnnBackendSetAttribute(d, name, type, count, value);
}

static void conv_complete(conv_library *l, cudnnBackendDescriptor_t d)
{
	if (l->status == CUDNN_STATUS_SUCCESS)
		l->status = cudnnBackendFinalize(d);
}

static cudnnBackendDescriptor_t conv_tensor(conv_library *l, const conv_shape *s, cudnnDataType_t type, int64_t id, bool is_virtual)
{
	const int64_t alignment = 16;
	cudnnBackendDescriptor_t d = conv_describe(l, CUDNN_BACKEND_TENSOR_DESCRIPTOR);

	conv_set(l, d, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type);
	conv_set(l, d, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, s->extent);
	conv_set(l, d, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, s->step);
	conv_set(l, d, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &id);
	conv_set(l, d, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1, &alignment);
	conv_set(l, d, CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1, &is_virtual);
	conv_complete(l, d);
	return d;
}

static cudnnBackendDescriptor_t conv_conv_operation(conv_library *l, const conv_convolution *c, cudnnBackendDescriptor_t x,
                                                   cudnnBackendDescriptor_t w, cudnnBackendDescriptor_t y)
{
	const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
	const cudnnDataType_t sums = CUDNN_DATA_FLOAT;
	const int64_t axes = 2;
	const float alpha = 1.0f, beta = 0.0f;
	cudnnBackendDescriptor_t how = conv_describe(l, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR), d;

	conv_set(l, how, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &sums);
	conv_set(l, how, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode);
	conv_set(l, how, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1, &axes);
	conv_set(l, how, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2, c->before);
	conv_set(l, how, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2, c->after);
	conv_set(l, how, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2, c->stride);
	conv_set(l, how, CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, c->dilation);
	conv_complete(l, how);
	d = conv_describe(l, CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
	conv_set(l, d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &how);
	conv_set(l, d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &x);
	conv_set(l, d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &w);
	conv_set(l, d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &y);
	conv_set(l, d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_FLOAT, 1, &alpha);
	conv_set(l, d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_FLOAT, 1, &beta);
	conv_complete(l, d);
	return d;
}

/* y = x with b, or the activation of x where b is null. */
static cudnnBackendDescriptor_t conv_pointwise(conv_library *l, const conv_convolution *c, cudnnPointwiseMode_t mode,
                                              cudnnBackendDescriptor_t x, cudnnBackendDescriptor_t b,
                                              cudnnBackendDescriptor_t y)
{
	const cudnnDataType_t sums = CUDNN_DATA_FLOAT;
	cudnnBackendDescriptor_t how = conv_describe(l, CUDNN_BACKEND_POINTWISE_DESCRIPTOR), d;

	conv_set(l, how, CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, &mode);
	conv_set(l, how, CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, 1, &sums);
	if (!b && c->slope > 0)
		conv_set(l, how, CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP_SLOPE, CUDNN_TYPE_DOUBLE, 1, &c->slope);
	if (!b && c->upper > 0)
		conv_set(l, how, CUDNN_ATTR_POINTWISE_RELU_UPPER_CLIP, CUDNN_TYPE_DOUBLE, 1, &c->upper);
	conv_complete(l, how);
	d = conv_describe(l, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
	conv_set(l, d, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &how);
	conv_set(l, d, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &x);
	if (b)
		conv_set(l, d, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &b);
	conv_set(l, d, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &y);
	conv_complete(l, d);
	return d;
}

/* Ids of tensors. */
enum { CONV_ID_X = 1, CONV_ID_W, CONV_ID_BIAS, CONV_ID_E, CONV_ID_Y, CONV_ID_FIRST_BETWEEN };

/* The operations, each reading what the one before it made; the last makes y. A sum comes before the bias, a product after. */
static cudnnBackendDescriptor_t conv_operations(conv_library *l, const conv_convolution *c)
{
	const int count = 2 + (c->sum || c->product) + c->activation;
	cudnnBackendDescriptor_t made[5] = {}, operation[4] = {}, graph;
	int n = 0;

	for (int i = 0; i < count; i++)
		made[i] = i == count - 1 ? conv_tensor(l, &c->y, c->y.type, CONV_ID_Y, false)
		                         : conv_tensor(l, &c->y, CUDNN_DATA_FLOAT, CONV_ID_FIRST_BETWEEN + i, true);
	operation[n] = conv_conv_operation(l, c, conv_tensor(l, &c->x, c->x.type, CONV_ID_X, false),
	                                  conv_tensor(l, &c->w, c->w.type, CONV_ID_W, false), made[0]);
	n++;
	if (c->sum) {
		operation[n] = conv_pointwise(l, c, CUDNN_POINTWISE_ADD, made[n - 1], conv_tensor(l, &c->e, c->e.type, CONV_ID_E, false), made[n]);
		n++;
	}
	operation[n] = conv_pointwise(l, c, CUDNN_POINTWISE_ADD, made[n - 1], conv_tensor(l, &c->bias, c->bias.type, CONV_ID_BIAS, false), made[n]);
	n++;
	if (c->product) {
		operation[n] = conv_pointwise(l, c, CUDNN_POINTWISE_MUL, made[n - 1], conv_tensor(l, &c->e, c->e.type, CONV_ID_E, false), made[n]);
		n++;
	}
	if (c->activation) {
		operation[n] = conv_pointwise(l, c, CUDNN_POINTWISE_RELU_FWD, made[n - 1], NULL, made[n]);
		n++;
	}
	graph = conv_describe(l, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
	conv_set(l, graph, CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1, &l->handle);
	conv_set(l, graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, n, operation);
	conv_complete(l, graph);
	return graph;
}

/* ---- plans ---- */

/* What the heuristics of one mode propose, best first; returns how many. */
static int conv_proposals(conv_library *l, cudnnBackendDescriptor_t graph, cudnnBackendHeurMode_t mode,
                         cudnnBackendDescriptor_t *found, int most)
{
	int64_t count = 0;
	cudnnBackendDescriptor_t d = conv_describe(l, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);

	for (int i = 0; i < most; i++)
		found[i] = conv_describe(l, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
	conv_set(l, d, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &graph);
	conv_set(l, d, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode);
	conv_complete(l, d);
	if (l->status == CUDNN_STATUS_SUCCESS)
		l->status = cudnnBackendGetAttribute(d, CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR, most,
		                                     &count, found);
	if (l->status == CUDNN_STATUS_SUCCESS)
		return count < 0 ? 0 : (int)(count < most ? count : most);
	l->status = CUDNN_STATUS_SUCCESS; /* it has nothing to propose */
	return 0;
}

static conv_workspace *conv_workspace_of(conv_queue *q)
{
	const int i = q->number;

	return &q->library->workspace[i >= 0 && i < CONV_QUEUES ? i : 0];
}

/* The configuration's engine multiplies floats as they are. */
static bool conv_is_exact(conv_library *l, cudnnBackendDescriptor_t configuration)
{
	int64_t count = 0;
	cudnnBackendNumericalNote_t notes[CUDNN_NUMERICAL_NOTE_TYPE_COUNT] = {};
	cudnnBackendDescriptor_t engine = conv_describe(l, CUDNN_BACKEND_ENGINE_DESCRIPTOR);

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
static int conv_serving(conv_library *l, const conv_convolution *c, cudnnBackendDescriptor_t *configuration, int n)
{
	int kept = 0;

	for (int i = 0; i < CONV_CONFIGURATIONS; i++)
		if (i < n && kept >= 0 && kept <= i && (!c->exact || conv_is_exact(l, configuration[i]))) {
			configuration[kept] = configuration[i];
			kept++;
		}
	return kept;
}

/* The queue's workspace has room for that many bytes. */
static cudaError_t conv_make_room(conv_queue *q, size_t bytes)
{
	conv_workspace *const w = conv_workspace_of(q);
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
static cudnnBackendDescriptor_t conv_plan_of(conv_queue *q, cudnnBackendDescriptor_t configuration)
{
	conv_library *const l = q->library;
	int64_t bytes = 0, count = 0;
	cudnnBackendDescriptor_t plan = conv_describe(l, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);

	conv_set(l, plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1, &l->handle);
	conv_set(l, plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &configuration);
	conv_complete(l, plan);
	if (l->status == CUDNN_STATUS_SUCCESS)
		l->status = cudnnBackendGetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, &count, &bytes);
	if (l->status != CUDNN_STATUS_SUCCESS || bytes > CONV_WORKSPACE_LIMIT) {
		l->status = CUDNN_STATUS_SUCCESS;
		return NULL;
	}
	if (conv_make_room(q, (size_t)bytes) != cudaSuccess) {
		(void)cudaGetLastError();
		return NULL;
	}
	return plan;
}

static void conv_execute(conv_queue *q, cudnnBackendDescriptor_t plan, const conv_convolution *c, const conv_operands *o)
{
	conv_library *const l = q->library;
	const int64_t id[5] = {CONV_ID_X, CONV_ID_W, CONV_ID_BIAS, CONV_ID_Y, CONV_ID_E};
	const void *const pointer[5] = {o->x, o->w, o->bias, o->y, o->e};
	const int64_t count = c->sum || c->product ? 5 : 4;
	cudnnBackendDescriptor_t pack = NULL;

	if (l->status == CUDNN_STATUS_SUCCESS)
		l->status = cudnnBackendCreateDescriptor(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, &pack);
	conv_set(l, pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, count, id);
	conv_set(l, pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, count, pointer);
	conv_set(l, pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, &conv_workspace_of(q)->memory);
	conv_complete(l, pack);
	if (l->status == CUDNN_STATUS_SUCCESS)
		l->status = cudnnBackendExecute(l->handle, plan, pack);
	if (pack)
		(void)cudnnBackendDestroyDescriptor(pack);
}

/* Milliseconds of one execution: the least of some. Negative when it fails. */
static float conv_time(conv_queue *q, cudnnBackendDescriptor_t plan, const conv_convolution *c, const conv_operands *o)
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
		conv_execute(q, plan, c, o);
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

static void conv_build_plan(conv_queue *q, int i, const conv_convolution *c, const conv_operands *o)
{
	static const cudnnBackendHeurMode_t modes[3] = {CUDNN_HEUR_MODE_B, CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK};
	conv_library *const l = q->library;
	cudnnBackendDescriptor_t proposal[CONV_CONFIGURATIONS], graph = conv_operations(l, c);
	float least = -1.0f;
	int n = 0;

	l->built[i] = 1;
	if (CUDNN_STATUS_CATEGORY(l->status) == CUDNN_STATUS_NOT_SUPPORTED || CUDNN_STATUS_CATEGORY(l->status) == CUDNN_STATUS_BAD_PARAM)
		l->status = CUDNN_STATUS_SUCCESS; /* such a graph is not known to this version or device */
	else
		for (int m = 0; m < 3 && n == 0; m++)
			n = conv_serving(l, c, proposal, conv_proposals(l, graph, modes[m], proposal, CONV_CONFIGURATIONS));
	if (!l->given)
		(*l->choice)[i] = -1;
	for (int k = 0; k < n; k++) {
		cudnnBackendDescriptor_t plan = l->given && (*l->choice)[i] != k + 1 ? NULL : conv_plan_of(q, proposal[k]);
		const float ms = !plan ? -1.0f : l->given ? 0.0f : conv_time(q, plan, c, o);

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
} conv_older;

static cudnnStatus_t conv_older_tensor(cudnnTensorDescriptor_t *d, const conv_shape *s, cudnnDataType_t type)
{
	cudnnStatus_t status = cudnnCreateTensorDescriptor(d);

	if (status == CUDNN_STATUS_SUCCESS)
		status = cudnnSetTensor4dDescriptorEx(*d, type, (int)s->extent[0], (int)s->extent[1], (int)s->extent[2],
		                                      (int)s->extent[3], (int)s->step[0], (int)s->step[1], (int)s->step[2],
		                                      (int)s->step[3]);
	return status;
}

/* It pads alike on both sides and has one type for x and y. */
static cudnnStatus_t conv_older_make(conv_older *d, const conv_convolution *c)
{
	cudnnStatus_t status = c->before[0] == c->after[0] && c->before[1] == c->after[1] && c->x.type == c->y.type
	                               ? CUDNN_STATUS_SUCCESS
	                               : CUDNN_STATUS_NOT_SUPPORTED;

	if (status == CUDNN_STATUS_SUCCESS)
		status = conv_older_tensor(&d->x, &c->x, c->x.type);
	if (status == CUDNN_STATUS_SUCCESS)
		status = conv_older_tensor(&d->y, &c->y, c->y.type);
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

static void conv_older_destroy(conv_older *d)
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

static cudnnStatus_t conv_older_prepare(conv_queue *q, int i, const conv_older *d)
{
	conv_library *const l = q->library;
	cudnnConvolutionFwdAlgoPerf_t found = {};
	int count = 0;
	cudnnStatus_t status = cudnnGetConvolutionForwardAlgorithm_v7(l->handle, d->x, d->w, d->how, d->y, 1, &count, &found);

	if (status == CUDNN_STATUS_SUCCESS && (count < 1 || found.status != CUDNN_STATUS_SUCCESS))
		status = CUDNN_STATUS_NOT_SUPPORTED;
	if (status != CUDNN_STATUS_SUCCESS)
		return status;
	l->algorithm[i] = found.algo;
	q->status = conv_make_room(q, found.memory);
	return status;
}

/* The convolution alone; a kernel does the rest in place. */
static void conv_older_run(conv_queue *q, int i, const conv_convolution *c, const conv_operands *o)
{
	const float alpha = 1.0f, beta = 0.0f;
	conv_library *const l = q->library;
	const conv_workspace *const w = conv_workspace_of(q);
	conv_older d = {};
	cudnnStatus_t status = conv_older_make(&d, c);

	if (status == CUDNN_STATUS_SUCCESS && l->building)
		status = conv_older_prepare(q, i, &d);
	if (status == CUDNN_STATUS_SUCCESS && q->status == cudaSuccess)
		status = cudnnConvolutionForward(l->handle, &alpha, d.x, o->x, d.w, o->w, d.how, l->algorithm[i],
		                                 w->memory, w->size, &beta, d.y, o->y);
	conv_older_destroy(&d);
	if (status != CUDNN_STATUS_SUCCESS)
		l->status = status;
}

/* Convolution number i. True when bias, other map and activation are done too. */
static bool conv_convolve(conv_queue *q, int i, const conv_convolution *c, const conv_operands *o)
{
	conv_library *const l = q->library;

	if (q->status != cudaSuccess || l->status != CUDNN_STATUS_SUCCESS)
		return true;
	l->status = cudnnSetStream(l->handle, q->stream);
	if (l->status == CUDNN_STATUS_SUCCESS && l->building && !l->built[i])
		conv_build_plan(q, i, c, o);
	const bool whole = l->plan[i] != NULL;
	if (whole)
		conv_execute(q, l->plan[i], c, o);
	else if (l->status == CUDNN_STATUS_SUCCESS)
		conv_older_run(q, i, c, o);
	if (l->status != CUDNN_STATUS_SUCCESS && q->status == cudaSuccess)
		q->status = cudaErrorUnknown; /* conv_device_error() tells cuDNN's name for it */
	return whole;
}

static void conv_library_close(conv_library *l)
{
	for (int i = CONV_PLANS * CONV_DESCRIPTORS - 1; i >= 0; i--)
		if (i < l->ndescriptor)
			(void)cudnnBackendDestroyDescriptor(l->descriptor[i]);
	l->ndescriptor = 0;
	for (int i = 0; i < CONV_QUEUES; i++) {
		if (l->workspace[i].memory)
			(void)cudaFree(l->workspace[i].memory);
		l->workspace[i].memory = NULL;
		l->workspace[i].size = 0;
	}
	if (l->handle)
		(void)cudnnDestroy(l->handle);
	l->handle = NULL;
	for (int i = 0; i < CONV_PLANS; i++) {
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

static void conv_reorder_any_1(conv_queue *q, const float x[90], float y[240])
{
	enum { BLOCKS = 1 };
	conv_launch(q, conv_reorder_any_1_device, dim3(BLOCKS, 1, CONV_BATCH), 256, 0, x, y);
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
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= YH * YW * YC)
		return;
	float *const at = conv_at_image(y, image) + i / YC * YB + i % YC;
	float r = conv_float(*at) + conv_float(bias[i % YC]);
	r = conv_relu(r, 0.0f, 0.0f);
	conv_put(at, r);
}

static conv_convolution conv_conv_cudnn_1_about(void)
{
	enum { XB = 8, XC = 8, XH = 5, XW = 6, YB = 8, YC = 8, YH = 3, YW = 3, KH = 3, KW = 3,
	       SH = 2, SW = 2, DH = 1, DW = 1, PT = 1, PL = 1, PB = 1, PR = 1, SUM = 0,
	       PRODUCT = 0, EXACT = 1, ACTON = 1 };
	const int64_t xi = CONV_IMAGE_STRIDE / (int64_t)sizeof(float), yi = CONV_IMAGE_STRIDE / (int64_t)sizeof(float);
	conv_convolution c = {};

	c.x = {CUDNN_DATA_FLOAT, {CONV_BATCH, XC, XH, XW}, {CONV_BATCH > 1 ? xi : XH * XW * XB, 1, XW * XB, XB}};
	c.w = {CUDNN_DATA_FLOAT, {YC, XC, KH, KW}, {KH * KW * XC, 1, KW * XC, XC}};
	c.bias = {CUDNN_DATA_FLOAT, {1, YC, 1, 1}, {YC, 1, YC, YC}};
	c.y = {CUDNN_DATA_FLOAT, {CONV_BATCH, YC, YH, YW}, {CONV_BATCH > 1 ? yi : YH * YW * YB, 1, YW * YB, YB}};
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
	c.upper = 0.0f;
	return c;
}

static void conv_conv_cudnn_1(conv_queue *q, const float x[240],
                   const unsigned char w[2336], float y[72])
{
	enum { YC = 8, BLOCKS = 1, INSTANCE = 1 };
	const conv_convolution c = conv_conv_cudnn_1_about();
	conv_operands o = {};

	o.x = x;
	o.bias = w;
	o.w = w + sizeof(float) * YC;
	o.y = y;
	if (conv_convolve(q, INSTANCE, &c, &o))
		return;
	conv_launch(q, conv_conv_cudnn_1_finish, dim3(BLOCKS, 1, CONV_BATCH), 256, 0, conv_at<const float>(w, 0), y);
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

static __global__ void __launch_bounds__(256) conv_conv_any_1_device(const float *__restrict__ x, const float *__restrict__ w,
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
		sum = conv_conv_any_1_sum(conv_at_image(x, image), w, c, oy, ox);
		sum = sum + conv_float(conv_at_image(e, image)[((c / EB * EROWS + oy + ETOP) * ECOLS + ox + ELEFT) * EB + c % EB]);
	}
	conv_put(at, sum);
}

static void conv_conv_any_1(conv_queue *q, const float x[72], const float w[16],
                   const float e[72],
                   float y[36]
                   )
{
	enum { BLOCKS = 1 };
	conv_launch(q, conv_conv_any_1_device, dim3(BLOCKS, 1, CONV_BATCH), 256, 0, x, w,
	           e,
	           y);
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
	static const unsigned char mark[16] = {'D', 'S', 'S', 'D', 'C', 'W', '1', 0, 0xac, 0x36, 0x59, 0x41, 0xbf, 0xb4, 0xb6, 0x8f};
	int fit = 1;

	for (int i = 0; i < 16; i++)
		if (conv_weights_head[i] != mark[i])
			fit = 0;
	return fit;
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
	if (status == cudaSuccess)
		return CONV_OK;
	c->status = (int)status;
	(void)cudaGetLastError(); /* so that it does not surface in somebody else's call */
	if (status == cudaErrorMemoryAllocation)
		return CONV_ENOMEM;
	if (status == cudaErrorNoDevice || status == cudaErrorInsufficientDriver)
		return CONV_ENODEVICE;
	if (status == cudaErrorNoKernelImageForDevice || status == cudaErrorInvalidDeviceFunction || status == cudaErrorUnsupportedPtxVersion)
		return CONV_EARCH;
	return CONV_EDEVICE;
}

/* Every launch of a run on a stream. */
static cudaError_t conv_launch_all(const conv_context *c, cudaStream_t stream)
{
	conv_queue q = {}; /* number 0 */

	q.stream = stream;
	q.memory = c->memory;
	q.tickets = conv_at<unsigned int>(c->memory, CONV_TICKETS_AT);
	q.library = c->library;
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

int32_t conv_plan_table[CONV_PLANS];

/* cuDNN and its plans, which are chosen while the network runs once. */
static cudaError_t conv_plan_all(conv_context *c)
{
	conv_library *const l = static_cast<conv_library *>(calloc(1, sizeof *l));
	cudaError_t status;

	c->library = l;
	if (!l)
		return cudaErrorMemoryAllocation;
	l->choice = &conv_plan_table;
	for (int i = 0; i < CONV_PLANS; i++)
		l->given |= (*l->choice)[i] != 0;
	l->status = cudnnCreate(&l->handle);
	l->building = 1;
	status = l->status == CUDNN_STATUS_SUCCESS ? conv_launch_all(c, c->stream) : cudaErrorUnknown;
	l->building = 0;
	c->library_status = (int)l->status;
	return status;
}

static cudaError_t conv_prepare(conv_context *c)
{
	cudaError_t status = cudaStreamCreateWithFlags(&c->stream, cudaStreamNonBlocking);
	void *weights = NULL;

	if (status != cudaSuccess)
		return status;
	status = cudaGetSymbolAddress(&weights, conv_device_weights);
	c->weights = static_cast<unsigned char *>(weights);
	if (status == cudaSuccess)
		status = cudaMemcpyAsync(weights, conv_weights, CONV_WEIGHTS_SIZE, cudaMemcpyHostToDevice, c->stream);
	if (status == cudaSuccess)
		status = cudaMemsetAsync(c->memory, 0, CONV_ARENA_SIZE, c->stream);
	if (status == cudaSuccess)
		status = conv_plan_all(c);
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
	(void)c;
	return conv_open(); /* the first call opens */
}

static void conv_copy(conv_context *c, void *to, const void *from, size_t size, cudaMemcpyKind kind)
{
	if (c->status == (int)cudaSuccess)
		c->status = (int)cudaMemcpyAsync(to, from, size, kind, c->stream);
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
