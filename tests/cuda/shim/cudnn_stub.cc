/* cudnn_stub.cc -- a cuDNN that checks how it is called and computes what it is asked for, on the CPU, in double: for programs
 * of target cuda that run through this shim. It knows convolutions followed by pointwise operations, as
 * codegen/kernels/cuda/cudnn.cu asks for them, and the older interface's plain convolution.
 *
 * Every wrong use ends the program with a line: a descriptor that is unknown, destroyed, finished twice or used before it is
 * finished, an attribute of the wrong type or count, one that is missing, operations that do not follow each other, extents
 * that do not fit, a pointer that is missing or not aligned, descriptors that are left when the last handle is destroyed.
 *
 * DSSDC_STUB_OLD=1: no configuration serves a graph of operations, as on devices before sm_80.
 */
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <cudnn.h>
#include <map>
#include <set>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <vector>

static void wrong(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("cudnn stub: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(70);
}

struct cudnnContext {
	cudaStream_t stream = nullptr;
	int calls = 0;
};

namespace {

struct Attribute {
	cudnnBackendAttributeType_t type;
	int64_t count;
	std::vector<unsigned char> bytes;
};

struct Descriptor {
	cudnnBackendDescriptorType_t type;
	bool finished = false;
	std::map<int, Attribute> attribute;
	Descriptor *graph = nullptr; /* of a configuration */
	int index = 0;
};

std::set<Descriptor *> alive;
std::set<void *> older_alive;
int handles;

size_t size_of(cudnnBackendAttributeType_t t)
{
	switch (t) {
	case CUDNN_TYPE_BOOLEAN:
		return sizeof(bool);
	case CUDNN_TYPE_FLOAT:
	case CUDNN_TYPE_DATA_TYPE:
	case CUDNN_TYPE_CONVOLUTION_MODE:
	case CUDNN_TYPE_POINTWISE_MODE:
	case CUDNN_TYPE_HEUR_MODE:
		return 4;
	case CUDNN_TYPE_INT64:
	case CUDNN_TYPE_DOUBLE:
	case CUDNN_TYPE_VOID_PTR:
	case CUDNN_TYPE_HANDLE:
	case CUDNN_TYPE_BACKEND_DESCRIPTOR:
		return 8;
	default:
		wrong("attribute type %d is not known to the stub", (int)t);
		return 0;
	}
}

struct Known {
	cudnnBackendDescriptorType_t descriptor;
	int name;
	cudnnBackendAttributeType_t type;
	int64_t count; /* 0: any */
	bool needed;
};

const Known known[] = {
    {CUDNN_BACKEND_TENSOR_DESCRIPTOR, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, true},
    {CUDNN_BACKEND_TENSOR_DESCRIPTOR, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, true},
    {CUDNN_BACKEND_TENSOR_DESCRIPTOR, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, true},
    {CUDNN_BACKEND_TENSOR_DESCRIPTOR, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, true},
    {CUDNN_BACKEND_TENSOR_DESCRIPTOR, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1, true},
    {CUDNN_BACKEND_TENSOR_DESCRIPTOR, CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1, false},
    {CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, true},
    {CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, true},
    {CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1, true},
    {CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2, true},
    {CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2, true},
    {CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2, true},
    {CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR, CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, true},
    {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, true},
    {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, true},
    {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, true},
    {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, true},
    {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_FLOAT, 1, true},
    {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_FLOAT, 1, true},
    {CUDNN_BACKEND_POINTWISE_DESCRIPTOR, CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1, true},
    {CUDNN_BACKEND_POINTWISE_DESCRIPTOR, CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, 1, true},
    {CUDNN_BACKEND_POINTWISE_DESCRIPTOR, CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP_SLOPE, CUDNN_TYPE_DOUBLE, 1, false},
    {CUDNN_BACKEND_POINTWISE_DESCRIPTOR, CUDNN_ATTR_POINTWISE_RELU_UPPER_CLIP, CUDNN_TYPE_DOUBLE, 1, false},
    {CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, true},
    {CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, true},
    {CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, false},
    {CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, true},
    {CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR, CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1, true},
    {CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR, CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, true},
    {CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, true},
    {CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, true},
    {CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1, true},
    {CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, true},
    {CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, 0, true},
    {CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, 0, true},
    {CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, true},
};

Descriptor *checked(const void *p, bool finished)
{
	Descriptor *d = (Descriptor *)p;
	if (!alive.count(d))
		wrong("a descriptor that is not there");
	if (finished && !d->finished)
		wrong("a descriptor of type %d is used before it is finished", (int)d->type);
	return d;
}

const Attribute *find(const Descriptor *d, int name)
{
	auto it = d->attribute.find(name);
	return it == d->attribute.end() ? nullptr : &it->second;
}

template <typename T> T value(const Descriptor *d, int name, int i = 0)
{
	const Attribute *a = find(d, name);
	T v;
	if (!a || (int64_t)i >= a->count)
		wrong("attribute %d is missing", name);
	memcpy(&v, a->bytes.data() + sizeof v * (size_t)i, sizeof v);
	return v;
}

Descriptor *part(const Descriptor *d, int name, int i = 0)
{
	return checked(value<void *>(d, name, i), true);
}

/* ---- what it computes ---- */

struct Shape {
	int type;
	long long id, extent[4], step[4];
	bool between;
};

Shape shape_of(const Descriptor *d)
{
	Shape s = {};
	s.type = (int)value<int32_t>(d, CUDNN_ATTR_TENSOR_DATA_TYPE);
	s.id = value<int64_t>(d, CUDNN_ATTR_TENSOR_UNIQUE_ID);
	s.between = find(d, CUDNN_ATTR_TENSOR_IS_VIRTUAL) && value<bool>(d, CUDNN_ATTR_TENSOR_IS_VIRTUAL);
	for (int i = 0; i < 4; i++) {
		s.extent[i] = value<int64_t>(d, CUDNN_ATTR_TENSOR_DIMENSIONS, i);
		s.step[i] = value<int64_t>(d, CUDNN_ATTR_TENSOR_STRIDES, i);
		if (s.extent[i] < 1 || s.step[i] < 1)
			wrong("extent %d of a tensor is %lld, its step %lld", i, s.extent[i], s.step[i]);
	}
	return s;
}

double load(const void *p, int type, long long i)
{
	if (type == CUDNN_DATA_HALF)
		return (double)__half2float(((const __half *)p)[i]);
	if (type == CUDNN_DATA_BFLOAT16)
		return (double)__bfloat162float(((const __nv_bfloat16 *)p)[i]);
	return (double)((const float *)p)[i];
}

void store(void *p, int type, long long i, double x)
{
	if (type == CUDNN_DATA_HALF)
		((__half *)p)[i] = __float2half_rn((float)x);
	else if (type == CUDNN_DATA_BFLOAT16)
		((__nv_bfloat16 *)p)[i] = __float2bfloat16_rn((float)x);
	else
		((float *)p)[i] = (float)x;
}

struct Finish { /* one pointwise operation */
	int mode;
	Shape with;
	const void *other;
	double slope, upper;
};

struct Work {
	Shape x, w, y;
	const void *px, *pw;
	void *py;
	long long before[2], stride[2], dilation[2];
	int n;
	Finish finish[4];
};

double finished(const Work *k, double v, const long long at[4])
{
	for (int i = 0; i < k->n; i++) {
		const Finish *f = &k->finish[i];
		if (f->mode == CUDNN_POINTWISE_RELU_FWD) {
			v = v > 0 ? v : f->slope * v;
			v = f->upper > 0 && v > f->upper ? f->upper : v;
			continue;
		}
		long long index = 0;
		for (int a = 0; a < 4; a++)
			index += (f->with.extent[a] == 1 ? 0 : at[a]) * f->with.step[a];
		double o = load(f->other, f->with.type, index);
		v = f->mode == CUDNN_POINTWISE_MUL ? v * o : v + o;
	}
	return v;
}

void compute(const Work *k)
{
	long long at[4];
	std::vector<double> w((size_t)(k->w.extent[0] * k->w.extent[1] * k->w.extent[2] * k->w.extent[3]));
	size_t n = 0;
	for (long long o = 0; o < k->w.extent[0]; o++)
		for (long long ky = 0; ky < k->w.extent[2]; ky++)
			for (long long kx = 0; kx < k->w.extent[3]; kx++)
				for (long long c = 0; c < k->w.extent[1]; c++)
					w[n++] = load(k->pw, k->w.type, o * k->w.step[0] + c * k->w.step[1] + ky * k->w.step[2] + kx * k->w.step[3]);
	std::vector<double> window((size_t)(k->w.extent[1] * k->w.extent[2] * k->w.extent[3]));
	for (at[0] = 0; at[0] < k->y.extent[0]; at[0]++)
		for (at[2] = 0; at[2] < k->y.extent[2]; at[2]++)
			for (at[3] = 0; at[3] < k->y.extent[3]; at[3]++) {
				size_t i = 0;
				for (long long ky = 0; ky < k->w.extent[2]; ky++)
					for (long long kx = 0; kx < k->w.extent[3]; kx++) {
						long long iy = at[2] * k->stride[0] + ky * k->dilation[0] - k->before[0];
						long long ix = at[3] * k->stride[1] + kx * k->dilation[1] - k->before[1];
						bool inside = iy >= 0 && iy < k->x.extent[2] && ix >= 0 && ix < k->x.extent[3];
						for (long long c = 0; c < k->x.extent[1]; c++)
							window[i++] = inside ? load(k->px, k->x.type, at[0] * k->x.step[0] + c * k->x.step[1] + iy * k->x.step[2] + ix * k->x.step[3]) : 0;
					}
				for (at[1] = 0; at[1] < k->y.extent[1]; at[1]++) {
					const double *v = w.data() + (size_t)at[1] * window.size();
					double sum = 0;
					for (size_t j = 0; j < window.size(); j++)
						sum += window[j] * v[j];
					store(k->py, k->y.type, at[0] * k->y.step[0] + at[1] * k->y.step[1] + at[2] * k->y.step[2] + at[3] * k->y.step[3], finished(k, sum, at));
				}
			}
}

__global__ void stub_compute(Work k)
{
	compute(&k);
}

/* As a kernel on the stream, so that a capture records it. */
cudnnStatus_t launch(cudnnHandle_t handle, const Work &k)
{
	cudaLaunchConfig_t config = {};
	config.gridDim = dim3(1);
	config.blockDim = dim3(1);
	config.stream = handle->stream;
	return cudaLaunchKernelEx(&config, stub_compute, k) == cudaSuccess ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_EXECUTION_FAILED;
}

void check_extents(const Work *k, const long long after[2])
{
	if (k->x.extent[1] != k->w.extent[1] || k->y.extent[1] != k->w.extent[0] || k->x.extent[0] != k->y.extent[0])
		wrong("channels or images do not fit");
	for (int i = 0; i < 2; i++) {
		long long span = k->x.extent[2 + i] + k->before[i] + after[i] - (k->w.extent[2 + i] - 1) * k->dilation[i] - 1;
		if (span < 0 || span / k->stride[i] + 1 != k->y.extent[2 + i])
			wrong("the result should have extent %lld, not %lld", span / k->stride[i] + 1, k->y.extent[2 + i]);
	}
	if (k->x.step[1] != 1 || k->y.step[1] != 1)
		wrong("channels are not last in memory");
}

} /* namespace */

extern "C" {

cudnnStatus_t cudnnCreate(cudnnHandle_t *handle)
{
	if (getenv("DSSDC_STUB_FAIL"))
		return CUDNN_STATUS_NOT_INITIALIZED;
	*handle = new cudnnContext;
	handles++;
	return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnDestroy(cudnnHandle_t handle)
{
	if (--handles == 0 && (!alive.empty() || !older_alive.empty()))
		wrong("%zu descriptors are left", alive.size() + older_alive.size());
	if (!handle->calls)
		wrong("a handle that nobody used");
	delete handle;
	return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream)
{
	handle->stream = stream;
	return CUDNN_STATUS_SUCCESS;
}

const char *cudnnGetErrorString(cudnnStatus_t status)
{
	return status == CUDNN_STATUS_SUCCESS            ? "CUDNN_STATUS_SUCCESS"
	       : status == CUDNN_STATUS_NOT_INITIALIZED ? "CUDNN_STATUS_NOT_INITIALIZED"
	                                                : "CUDNN_STATUS_INTERNAL_ERROR";
}

cudnnStatus_t cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t type, cudnnBackendDescriptor_t *d)
{
	Descriptor *made = new Descriptor;
	made->type = type;
	alive.insert(made);
	*d = made;
	return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t d)
{
	Descriptor *gone = checked(d, false);
	alive.erase(gone);
	delete gone;
	return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendSetAttribute(cudnnBackendDescriptor_t p, cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t type, int64_t count, const void *values)
{
	Descriptor *d = checked(p, false);
	const Known *k = nullptr;
	if (d->finished)
		wrong("attribute %d is set after its descriptor was finished", (int)name);
	for (const Known &row : known)
		if (row.descriptor == d->type && row.name == (int)name)
			k = &row;
	if (!k)
		wrong("descriptor type %d has no attribute %d", (int)d->type, (int)name);
	if (k->type != type || (k->count && k->count != count) || count < 1 || !values)
		wrong("attribute %d wants type %d times %lld, not %d times %lld", (int)name, (int)k->type, (long long)k->count, (int)type, (long long)count);
	Attribute a = {type, count, {}};
	a.bytes.assign((const unsigned char *)values, (const unsigned char *)values + size_of(type) * (size_t)count);
	for (int64_t i = 0; type == CUDNN_TYPE_BACKEND_DESCRIPTOR && i < count; i++)
		checked(((void *const *)values)[i], true);
	d->attribute[(int)name] = a;
	return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendFinalize(cudnnBackendDescriptor_t p)
{
	Descriptor *d = checked(p, false);
	if (d->finished)
		wrong("a descriptor of type %d is finished twice", (int)d->type);
	for (const Known &row : known)
		if (row.descriptor == d->type && row.needed && !find(d, row.name))
			wrong("a descriptor of type %d is finished without attribute %d", (int)d->type, row.name);
	if (d->type == CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR &&
	    find(d, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS)->count != find(d, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS)->count)
		wrong("ids and pointers differ in number");
	d->finished = true;
	return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendGetAttribute(cudnnBackendDescriptor_t const p, cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t type, int64_t room, int64_t *count, void *values)
{
	enum { PROPOSALS = 3 };
	Descriptor *d = checked(p, true);
	if (name == CUDNN_ATTR_ENGINEHEUR_RESULTS && type == CUDNN_TYPE_BACKEND_DESCRIPTOR) {
		int64_t n = getenv("DSSDC_STUB_OLD") ? 0 : room < PROPOSALS ? room : PROPOSALS;
		for (int64_t i = 0; i < n; i++) {
			Descriptor *c = checked(((void **)values)[i], false);
			if (c->type != CUDNN_BACKEND_ENGINECFG_DESCRIPTOR)
				wrong("room for configurations is made of others");
			c->graph = part(d, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH);
			c->index = (int)i;
			c->finished = true;
		}
		*count = n;
		return CUDNN_STATUS_SUCCESS;
	}
	if (name == CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE && type == CUDNN_TYPE_INT64 && room == 1) {
		/* the first wants more than anybody has */
		int64_t size = part(d, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG)->index ? 4096 : (int64_t)1 << 40;
		memcpy(values, &size, sizeof size);
		*count = 1;
		return CUDNN_STATUS_SUCCESS;
	}
	if (name == CUDNN_ATTR_ENGINECFG_ENGINE && type == CUDNN_TYPE_BACKEND_DESCRIPTOR && room == 1) {
		Descriptor *engine = checked(*(void **)values, false);
		if (engine->type != CUDNN_BACKEND_ENGINE_DESCRIPTOR)
			wrong("room for an engine is made of others");
		engine->index = d->index;
		engine->finished = true;
		*count = 1;
		return CUDNN_STATUS_SUCCESS;
	}
	if (name == CUDNN_ATTR_ENGINE_NUMERICAL_NOTE && type == CUDNN_TYPE_NUMERICAL_NOTE && room >= 1) {
		/* the second rounds floats for its tensor cores */
		*(cudnnBackendNumericalNote_t *)values = CUDNN_NUMERICAL_NOTE_TENSOR_CORE;
		*count = d->index == 1;
		return CUDNN_STATUS_SUCCESS;
	}
	wrong("attribute %d is asked for", (int)name);
	return CUDNN_STATUS_BAD_PARAM;
}

cudnnStatus_t cudnnBackendExecute(cudnnHandle_t handle, cudnnBackendDescriptor_t plan, cudnnBackendDescriptor_t pack)
{
	Descriptor *p = checked(plan, true), *v = checked(pack, true);
	Descriptor *graph = checked(part(p, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG)->graph, true);
	std::map<long long, void *> pointer;
	handle->calls++;
	if (!value<void *>(v, CUDNN_ATTR_VARIANT_PACK_WORKSPACE))
		wrong("the plan's workspace is missing");
	for (int i = 0; i < (int)find(v, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS)->count; i++)
		pointer[value<int64_t>(v, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, i)] = value<void *>(v, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, i);
	auto pointer_of = [&](const Shape &s) {
		void *q = pointer.count(s.id) ? pointer[s.id] : nullptr;
		if (s.between ? q != nullptr : !q || (uintptr_t)q % 16)
			wrong("the pointer of tensor %lld is %p", s.id, q);
		return q;
	};
	const int n = (int)find(graph, CUDNN_ATTR_OPERATIONGRAPH_OPS)->count;
	const Descriptor *conv = part(graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, 0);
	if (conv->type != CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR || n > 5)
		wrong("the first operation is no convolution");
	const Descriptor *how = part(conv, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC);
	const Descriptor *last = part(conv, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y);
	Work k = {};
	long long after[2];
	k.x = shape_of(part(conv, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X));
	k.w = shape_of(part(conv, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W));
	k.px = pointer_of(k.x);
	k.pw = pointer_of(k.w);
	for (int i = 0; i < 2; i++) {
		k.before[i] = value<int64_t>(how, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, i);
		after[i] = value<int64_t>(how, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, i);
		k.stride[i] = value<int64_t>(how, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, i);
		k.dilation[i] = value<int64_t>(how, CUDNN_ATTR_CONVOLUTION_DILATIONS, i);
	}
	for (int i = 1; i < n; i++) {
		const Descriptor *op = part(graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, i);
		if (op->type != CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR || part(op, CUDNN_ATTR_OPERATION_POINTWISE_XDESC) != last)
			wrong("operation %d does not read what the one before it made", i);
		const Descriptor *kind = part(op, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR);
		Finish *f = &k.finish[k.n++];
		f->mode = (int)value<int32_t>(kind, CUDNN_ATTR_POINTWISE_MODE);
		if (find(kind, CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP_SLOPE))
			f->slope = value<double>(kind, CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP_SLOPE);
		if (find(kind, CUDNN_ATTR_POINTWISE_RELU_UPPER_CLIP))
			f->upper = value<double>(kind, CUDNN_ATTR_POINTWISE_RELU_UPPER_CLIP);
		if (f->mode != CUDNN_POINTWISE_RELU_FWD) {
			f->with = shape_of(part(op, CUDNN_ATTR_OPERATION_POINTWISE_BDESC));
			f->other = pointer_of(f->with);
		}
		if (!shape_of(last).between)
			wrong("a tensor between operations is not virtual");
		last = part(op, CUDNN_ATTR_OPERATION_POINTWISE_YDESC);
	}
	k.y = shape_of(last);
	k.py = pointer_of(k.y);
	check_extents(&k, after);
	return launch(handle, k);
}

/* ---- the older interface ---- */

struct cudnnTensorStruct {
	Shape s;
};
struct cudnnFilterStruct {
	Shape s;
};
struct cudnnConvolutionStruct {
	long long pad[2], stride[2], dilation[2];
};

#define MAKE(Kind, kind)                                                                                             \
	cudnnStatus_t cudnnCreate##Kind##Descriptor(cudnn##Kind##Descriptor_t *d)                                    \
	{                                                                                                            \
		*d = new cudnn##kind##Struct();                                                                      \
		older_alive.insert(*d);                                                                              \
		return CUDNN_STATUS_SUCCESS;                                                                         \
	}                                                                                                            \
	cudnnStatus_t cudnnDestroy##Kind##Descriptor(cudnn##Kind##Descriptor_t d)                                    \
	{                                                                                                            \
		if (!older_alive.erase(d))                                                                           \
			wrong("a descriptor that is not there");                                                     \
		delete d;                                                                                            \
		return CUDNN_STATUS_SUCCESS;                                                                         \
	}
MAKE(Tensor, Tensor)
MAKE(Filter, Filter)
MAKE(Convolution, Convolution)

cudnnStatus_t cudnnSetTensor4dDescriptorEx(cudnnTensorDescriptor_t d, cudnnDataType_t type, int n, int c, int h, int w, int ns, int cs, int hs, int ws)
{
	d->s = {(int)type, 0, {n, c, h, w}, {ns, cs, hs, ws}, false};
	return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetFilter4dDescriptor(cudnnFilterDescriptor_t d, cudnnDataType_t type, cudnnTensorFormat_t format, int k, int c, int h, int w)
{
	if (format != CUDNN_TENSOR_NHWC)
		wrong("the filter's format is not NHWC");
	d->s = {(int)type, 0, {k, c, h, w}, {(long long)h * w * c, 1, (long long)w * c, c}, false};
	return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetConvolution2dDescriptor(cudnnConvolutionDescriptor_t d, int ph, int pw, int sh, int sw, int dh, int dw, cudnnConvolutionMode_t mode, cudnnDataType_t sums)
{
	if (mode != CUDNN_CROSS_CORRELATION || sums != CUDNN_DATA_FLOAT)
		wrong("a convolution of another kind");
	*d = {{ph, pw}, {sh, sw}, {dh, dw}};
	return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetConvolutionMathType(cudnnConvolutionDescriptor_t, cudnnMathType_t)
{
	return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnGetConvolutionForwardAlgorithm_v7(cudnnHandle_t, const cudnnTensorDescriptor_t, const cudnnFilterDescriptor_t,
                                                     const cudnnConvolutionDescriptor_t, const cudnnTensorDescriptor_t, const int room, int *count,
                                                     cudnnConvolutionFwdAlgoPerf_t *found)
{
	if (room < 1)
		wrong("no room for an algorithm");
	memset(found, 0, sizeof *found);
	found->algo = CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM;
	found->memory = 2048;
	*count = 1;
	return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnConvolutionForward(cudnnHandle_t handle, const void *alpha, const cudnnTensorDescriptor_t x, const void *px, const cudnnFilterDescriptor_t w,
                                      const void *pw, const cudnnConvolutionDescriptor_t how, cudnnConvolutionFwdAlgo_t algorithm, void *workspace,
                                      size_t size, const void *beta, const cudnnTensorDescriptor_t y, void *py)
{
	Work k = {};
	if (*(const float *)alpha != 1.0f || *(const float *)beta != 0.0f || !workspace || size < 2048 || !px || !pw || !py ||
	    algorithm != CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM)
		wrong("arguments of cudnnConvolutionForward");
	handle->calls++;
	k.x = x->s;
	k.w = w->s;
	k.y = y->s;
	k.px = px;
	k.pw = pw;
	k.py = py;
	for (int i = 0; i < 2; i++) {
		k.before[i] = how->pad[i];
		k.stride[i] = how->stride[i];
		k.dilation[i] = how->dilation[i];
	}
	check_extents(&k, how->pad);
	return launch(handle, k);
}
}
