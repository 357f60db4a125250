/* cudnn.cu -- part of the targets that let cuDNN 9 convolve: convolution, bias, sum or product with another map and
 * activation as one plan of its graph interface.
 *
 * Plans are made when the context is opened, while the network runs once outside of any graph: the heuristics propose
 * configurations, each is timed on the very buffers, the quickest is kept. What was chosen stands in a table of one number
 * for each plan; a table that was kept makes the same choice again without timing. Where no configuration serves the
 * whole, or none without rounding the factors that must stay floats, the convolution runs by itself through the older
 * interface, and a kernel does the rest.
 *
 * cuDNN has compiled kernels for the order convolution, sum, bias, activation, and for a bias of the maps' type; for others
 * it compiles when it is asked, a second each.
 *
 * Descriptors stay until the context is closed: plans may refer to those that they were made from.
 */
#ifndef DSSDC
#include "codegen/kernels/cuda/alone.cuh"
#include <cudnn.h>
#ifndef NET_PLANS
#define NET_PLANS 1
#endif
#endif

/* part: cudnn needs: queue */
enum {
	NET_DESCRIPTORS = 64,         /* of one plan, at most */
	NET_CONFIGURATIONS = 4,       /* that are timed, at most */
	NET_WORKSPACE_LIMIT = 1 << 28 /* bytes; what wants more is passed over */
};

typedef struct { /* device memory of the plans of one queue */
	void *memory;
	size_t size;
} net_workspace;

typedef struct net_library {
	cudnnHandle_t handle;
	cudnnStatus_t status; /* the first failure */
	int building;         /* plans are made now; else they are there */
	int given;            /* choice[] was filled by the caller */
	net_workspace workspace[NET_QUEUES];
	cudnnBackendDescriptor_t plan[NET_PLANS];       /* null: the older interface */
	int32_t (*choice)[NET_PLANS]; /* configuration of the heuristics' list, from 1 on; -1: none serves; 0: not known */
	int32_t built[NET_PLANS];
	cudnnConvolutionFwdAlgo_t algorithm[NET_PLANS]; /* of the older interface */
	cudnnBackendDescriptor_t descriptor[NET_PLANS * NET_DESCRIPTORS];
	int ndescriptor;
} net_library;

typedef struct { /* a map: extents and steps in elements, in the order image, channel, row, column */
	cudnnDataType_t type;
	int64_t extent[4], step[4];
} net_shape;

typedef struct { /* y = act(conv(x, w) + bias, with e) */
	net_shape x, w, bias, y, e;
	int64_t before[2], after[2], stride[2], dilation[2]; /* padding above and left, below and right; {y, x} */
	int exact;                                           /* 1: floats are multiplied as they are, not rounded for tensor cores */
	int sum, product;                                    /* 1: with e */
	int activation;                                      /* 1: between lower slope and upper end */
	double slope, upper;
} net_convolution;

typedef struct {
	const void *x, *w, *bias, *e;
	void *y;
} net_operands;

/* ---- descriptors ---- */

static cudnnBackendDescriptor_t net_describe(net_library *l, cudnnBackendDescriptorType_t type)
{
	cudnnBackendDescriptor_t d = NULL;
	const int at = l->ndescriptor;
	const bool room = at >= 0 && at < NET_PLANS * NET_DESCRIPTORS;

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

static void net_set(net_library *l, cudnnBackendDescriptor_t d, cudnnBackendAttributeName_t name,
                    cudnnBackendAttributeType_t type, int64_t count, const void *value)
{
	if (l->status == CUDNN_STATUS_SUCCESS)
		l->status = cudnnBackendSetAttribute(d, name, type, count, value);
}

static void net_complete(net_library *l, cudnnBackendDescriptor_t d)
{
	if (l->status == CUDNN_STATUS_SUCCESS)
		l->status = cudnnBackendFinalize(d);
}

static cudnnBackendDescriptor_t net_tensor(net_library *l, const net_shape *s, cudnnDataType_t type, int64_t id, bool is_virtual)
{
	const int64_t alignment = 16;
	cudnnBackendDescriptor_t d = net_describe(l, CUDNN_BACKEND_TENSOR_DESCRIPTOR);

	net_set(l, d, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type);
	net_set(l, d, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, s->extent);
	net_set(l, d, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, s->step);
	net_set(l, d, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &id);
	net_set(l, d, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1, &alignment);
	net_set(l, d, CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1, &is_virtual);
	net_complete(l, d);
	return d;
}

static cudnnBackendDescriptor_t net_conv_operation(net_library *l, const net_convolution *c, cudnnBackendDescriptor_t x,
                                                   cudnnBackendDescriptor_t w, cudnnBackendDescriptor_t y)
{
	const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
	const cudnnDataType_t sums = CUDNN_DATA_FLOAT;
	const int64_t axes = 2;
	const float alpha = 1.0f, beta = 0.0f;
	cudnnBackendDescriptor_t how = net_describe(l, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR), d;

	net_set(l, how, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &sums);
	net_set(l, how, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode);
	net_set(l, how, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1, &axes);
	net_set(l, how, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2, c->before);
	net_set(l, how, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2, c->after);
	net_set(l, how, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2, c->stride);
	net_set(l, how, CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, c->dilation);
	net_complete(l, how);
	d = net_describe(l, CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
	net_set(l, d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &how);
	net_set(l, d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &x);
	net_set(l, d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &w);
	net_set(l, d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &y);
	net_set(l, d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_FLOAT, 1, &alpha);
	net_set(l, d, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_FLOAT, 1, &beta);
	net_complete(l, d);
	return d;
}

/* y = x with b, or the activation of x where b is null. */
static cudnnBackendDescriptor_t net_pointwise(net_library *l, const net_convolution *c, cudnnPointwiseMode_t mode,
                                              cudnnBackendDescriptor_t x, cudnnBackendDescriptor_t b,
                                              cudnnBackendDescriptor_t y)
{
	const cudnnDataType_t sums = CUDNN_DATA_FLOAT;
	cudnnBackendDescriptor_t how = net_describe(l, CUDNN_BACKEND_POINTWISE_DESCRIPTOR), d;

	net_set(l, how, CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, &mode);
	net_set(l, how, CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, 1, &sums);
	if (!b && c->slope > 0)
		net_set(l, how, CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP_SLOPE, CUDNN_TYPE_DOUBLE, 1, &c->slope);
	if (!b && c->upper > 0)
		net_set(l, how, CUDNN_ATTR_POINTWISE_RELU_UPPER_CLIP, CUDNN_TYPE_DOUBLE, 1, &c->upper);
	net_complete(l, how);
	d = net_describe(l, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
	net_set(l, d, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &how);
	net_set(l, d, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &x);
	if (b)
		net_set(l, d, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &b);
	net_set(l, d, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &y);
	net_complete(l, d);
	return d;
}

/* Ids of tensors. */
enum { NET_ID_X = 1, NET_ID_W, NET_ID_BIAS, NET_ID_E, NET_ID_Y, NET_ID_FIRST_BETWEEN };

/* The operations, each reading what the one before it made; the last makes y. A sum comes before the bias, a product after. */
static cudnnBackendDescriptor_t net_operations(net_library *l, const net_convolution *c)
{
	const int count = 2 + (c->sum || c->product) + c->activation;
	cudnnBackendDescriptor_t made[5] = {}, operation[4] = {}, graph;
	int n = 0;

	for (int i = 0; i < count; i++)
		made[i] = i == count - 1 ? net_tensor(l, &c->y, c->y.type, NET_ID_Y, false)
		                         : net_tensor(l, &c->y, CUDNN_DATA_FLOAT, NET_ID_FIRST_BETWEEN + i, true);
	operation[n] = net_conv_operation(l, c, net_tensor(l, &c->x, c->x.type, NET_ID_X, false),
	                                  net_tensor(l, &c->w, c->w.type, NET_ID_W, false), made[0]);
	n++;
	if (c->sum) {
		operation[n] = net_pointwise(l, c, CUDNN_POINTWISE_ADD, made[n - 1], net_tensor(l, &c->e, c->e.type, NET_ID_E, false), made[n]);
		n++;
	}
	operation[n] = net_pointwise(l, c, CUDNN_POINTWISE_ADD, made[n - 1], net_tensor(l, &c->bias, c->bias.type, NET_ID_BIAS, false), made[n]);
	n++;
	if (c->product) {
		operation[n] = net_pointwise(l, c, CUDNN_POINTWISE_MUL, made[n - 1], net_tensor(l, &c->e, c->e.type, NET_ID_E, false), made[n]);
		n++;
	}
	if (c->activation) {
		operation[n] = net_pointwise(l, c, CUDNN_POINTWISE_RELU_FWD, made[n - 1], NULL, made[n]);
		n++;
	}
	graph = net_describe(l, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
	net_set(l, graph, CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1, &l->handle);
	net_set(l, graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, n, operation);
	net_complete(l, graph);
	return graph;
}

/* ---- plans ---- */

/* What the heuristics of one mode propose, best first; returns how many. */
static int net_proposals(net_library *l, cudnnBackendDescriptor_t graph, cudnnBackendHeurMode_t mode,
                         cudnnBackendDescriptor_t *found, int most)
{
	int64_t count = 0;
	cudnnBackendDescriptor_t d = net_describe(l, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);

	for (int i = 0; i < most; i++)
		found[i] = net_describe(l, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
	net_set(l, d, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &graph);
	net_set(l, d, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode);
	net_complete(l, d);
	if (l->status == CUDNN_STATUS_SUCCESS)
		l->status = cudnnBackendGetAttribute(d, CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR, most,
		                                     &count, found);
	if (l->status == CUDNN_STATUS_SUCCESS)
		return count < 0 ? 0 : (int)(count < most ? count : most);
	l->status = CUDNN_STATUS_SUCCESS; /* it has nothing to propose */
	return 0;
}

static net_workspace *net_workspace_of(net_queue *q)
{
	const int i = q->number;

	return &q->library->workspace[i >= 0 && i < NET_QUEUES ? i : 0];
}

/* The configuration's engine multiplies floats as they are. */
static bool net_is_exact(net_library *l, cudnnBackendDescriptor_t configuration)
{
	int64_t count = 0;
	cudnnBackendNumericalNote_t notes[CUDNN_NUMERICAL_NOTE_TYPE_COUNT] = {};
	cudnnBackendDescriptor_t engine = net_describe(l, CUDNN_BACKEND_ENGINE_DESCRIPTOR);

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
static int net_serving(net_library *l, const net_convolution *c, cudnnBackendDescriptor_t *configuration, int n)
{
	int kept = 0;

	for (int i = 0; i < NET_CONFIGURATIONS; i++)
		if (i < n && kept >= 0 && kept <= i && (!c->exact || net_is_exact(l, configuration[i]))) {
			configuration[kept] = configuration[i];
			kept++;
		}
	return kept;
}

/* The queue's workspace has room for that many bytes. */
static cudaError_t net_make_room(net_queue *q, size_t bytes)
{
	net_workspace *const w = net_workspace_of(q);
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
static cudnnBackendDescriptor_t net_plan_of(net_queue *q, cudnnBackendDescriptor_t configuration)
{
	net_library *const l = q->library;
	int64_t bytes = 0, count = 0;
	cudnnBackendDescriptor_t plan = net_describe(l, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);

	net_set(l, plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1, &l->handle);
	net_set(l, plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &configuration);
	net_complete(l, plan);
	if (l->status == CUDNN_STATUS_SUCCESS)
		l->status = cudnnBackendGetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, &count, &bytes);
	if (l->status != CUDNN_STATUS_SUCCESS || bytes > NET_WORKSPACE_LIMIT) {
		l->status = CUDNN_STATUS_SUCCESS;
		return NULL;
	}
	if (net_make_room(q, (size_t)bytes) != cudaSuccess) {
		(void)cudaGetLastError();
		return NULL;
	}
	return plan;
}

static void net_execute(net_queue *q, cudnnBackendDescriptor_t plan, const net_convolution *c, const net_operands *o)
{
	net_library *const l = q->library;
	const int64_t id[5] = {NET_ID_X, NET_ID_W, NET_ID_BIAS, NET_ID_Y, NET_ID_E};
	const void *const pointer[5] = {o->x, o->w, o->bias, o->y, o->e};
	const int64_t count = c->sum || c->product ? 5 : 4;
	cudnnBackendDescriptor_t pack = NULL;

	if (l->status == CUDNN_STATUS_SUCCESS)
		l->status = cudnnBackendCreateDescriptor(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, &pack);
	net_set(l, pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, count, id);
	net_set(l, pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, count, pointer);
	net_set(l, pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, &net_workspace_of(q)->memory);
	net_complete(l, pack);
	if (l->status == CUDNN_STATUS_SUCCESS)
		l->status = cudnnBackendExecute(l->handle, plan, pack);
	if (pack)
		(void)cudnnBackendDestroyDescriptor(pack);
}

/* Milliseconds of one execution: the least of some. Negative when it fails. */
static float net_time(net_queue *q, cudnnBackendDescriptor_t plan, const net_convolution *c, const net_operands *o)
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
		net_execute(q, plan, c, o);
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

static void net_build_plan(net_queue *q, int i, const net_convolution *c, const net_operands *o)
{
	static const cudnnBackendHeurMode_t modes[3] = {CUDNN_HEUR_MODE_B, CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK};
	net_library *const l = q->library;
	cudnnBackendDescriptor_t proposal[NET_CONFIGURATIONS], graph = net_operations(l, c);
	float least = -1.0f;
	int n = 0;

	l->built[i] = 1;
	if (CUDNN_STATUS_CATEGORY(l->status) == CUDNN_STATUS_NOT_SUPPORTED || CUDNN_STATUS_CATEGORY(l->status) == CUDNN_STATUS_BAD_PARAM)
		l->status = CUDNN_STATUS_SUCCESS; /* such a graph is not known to this version or device */
	else
		for (int m = 0; m < 3 && n == 0; m++)
			n = net_serving(l, c, proposal, net_proposals(l, graph, modes[m], proposal, NET_CONFIGURATIONS));
	if (!l->given)
		(*l->choice)[i] = -1;
	for (int k = 0; k < n; k++) {
		cudnnBackendDescriptor_t plan = l->given && (*l->choice)[i] != k + 1 ? NULL : net_plan_of(q, proposal[k]);
		const float ms = !plan ? -1.0f : l->given ? 0.0f : net_time(q, plan, c, o);

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
} net_older;

static cudnnStatus_t net_older_tensor(cudnnTensorDescriptor_t *d, const net_shape *s, cudnnDataType_t type)
{
	cudnnStatus_t status = cudnnCreateTensorDescriptor(d);

	if (status == CUDNN_STATUS_SUCCESS)
		status = cudnnSetTensor4dDescriptorEx(*d, type, (int)s->extent[0], (int)s->extent[1], (int)s->extent[2],
		                                      (int)s->extent[3], (int)s->step[0], (int)s->step[1], (int)s->step[2],
		                                      (int)s->step[3]);
	return status;
}

/* It pads alike on both sides and has one type for x and y. */
static cudnnStatus_t net_older_make(net_older *d, const net_convolution *c)
{
	cudnnStatus_t status = c->before[0] == c->after[0] && c->before[1] == c->after[1] && c->x.type == c->y.type
	                               ? CUDNN_STATUS_SUCCESS
	                               : CUDNN_STATUS_NOT_SUPPORTED;

	if (status == CUDNN_STATUS_SUCCESS)
		status = net_older_tensor(&d->x, &c->x, c->x.type);
	if (status == CUDNN_STATUS_SUCCESS)
		status = net_older_tensor(&d->y, &c->y, c->y.type);
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

static void net_older_destroy(net_older *d)
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

static cudnnStatus_t net_older_prepare(net_queue *q, int i, const net_older *d)
{
	net_library *const l = q->library;
	cudnnConvolutionFwdAlgoPerf_t found = {};
	int count = 0;
	cudnnStatus_t status = cudnnGetConvolutionForwardAlgorithm_v7(l->handle, d->x, d->w, d->how, d->y, 1, &count, &found);

	if (status == CUDNN_STATUS_SUCCESS && (count < 1 || found.status != CUDNN_STATUS_SUCCESS))
		status = CUDNN_STATUS_NOT_SUPPORTED;
	if (status != CUDNN_STATUS_SUCCESS)
		return status;
	l->algorithm[i] = found.algo;
	q->status = net_make_room(q, found.memory);
	return status;
}

/* The convolution alone; a kernel does the rest in place. */
static void net_older_run(net_queue *q, int i, const net_convolution *c, const net_operands *o)
{
	const float alpha = 1.0f, beta = 0.0f;
	net_library *const l = q->library;
	const net_workspace *const w = net_workspace_of(q);
	net_older d = {};
	cudnnStatus_t status = net_older_make(&d, c);

	if (status == CUDNN_STATUS_SUCCESS && l->building)
		status = net_older_prepare(q, i, &d);
	if (status == CUDNN_STATUS_SUCCESS && q->status == cudaSuccess)
		status = cudnnConvolutionForward(l->handle, &alpha, d.x, o->x, d.w, o->w, d.how, l->algorithm[i],
		                                 w->memory, w->size, &beta, d.y, o->y);
	net_older_destroy(&d);
	if (status != CUDNN_STATUS_SUCCESS)
		l->status = status;
}

/* Convolution number i. True when bias, other map and activation are done too. */
static bool net_convolve(net_queue *q, int i, const net_convolution *c, const net_operands *o)
{
	net_library *const l = q->library;

	if (q->status != cudaSuccess || l->status != CUDNN_STATUS_SUCCESS)
		return true;
	l->status = cudnnSetStream(l->handle, q->stream);
	if (l->status == CUDNN_STATUS_SUCCESS && l->building && !l->built[i])
		net_build_plan(q, i, c, o);
	const bool whole = l->plan[i] != NULL;
	if (whole)
		net_execute(q, l->plan[i], c, o);
	else if (l->status == CUDNN_STATUS_SUCCESS)
		net_older_run(q, i, c, o);
#if EARLY
	q->running &= ~(1u << q->number); /* cuDNN's kernels come and go as they will */
#endif
	if (l->status != CUDNN_STATUS_SUCCESS && q->status == cudaSuccess)
		q->status = cudaErrorUnknown; /* net_device_error() tells cuDNN's name for it */
	return whole;
}

static void net_library_close(net_library *l)
{
	for (int i = NET_PLANS * NET_DESCRIPTORS - 1; i >= 0; i--)
		if (i < l->ndescriptor)
			(void)cudnnBackendDestroyDescriptor(l->descriptor[i]);
	l->ndescriptor = 0;
	for (int i = 0; i < NET_QUEUES; i++) {
		if (l->workspace[i].memory)
			(void)cudaFree(l->workspace[i].memory);
		l->workspace[i].memory = NULL;
		l->workspace[i].size = 0;
	}
	if (l->handle)
		(void)cudnnDestroy(l->handle);
	l->handle = NULL;
	for (int i = 0; i < NET_PLANS; i++) {
		l->plan[i] = NULL;
		l->built[i] = 0;
	}
}
