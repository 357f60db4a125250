/* shim_runtime.h -- the functions of the runtime: a device whose memory is the host's, streams that do at once what they are
 * given, graphs that keep what a stream was given and do it again. Part of cuda_runtime.h. */
#ifndef SHIM_RUNTIME_H
#define SHIM_RUNTIME_H

#include "shim_block.h"

#include <memory>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#define SHIM_ERRORS(X)                                                                                               \
	X(cudaSuccess, 0) X(cudaErrorInvalidValue, 1) X(cudaErrorMemoryAllocation, 2) X(cudaErrorInitializationError, 3)   \
	X(cudaErrorInvalidConfiguration, 9) X(cudaErrorInvalidDeviceFunction, 98) X(cudaErrorInsufficientDriver, 35)       \
	X(cudaErrorNoDevice, 100) X(cudaErrorInvalidDevice, 101) X(cudaErrorNoKernelImageForDevice, 209)                   \
	X(cudaErrorUnsupportedPtxVersion, 222) X(cudaErrorInvalidResourceHandle, 400) X(cudaErrorIllegalAddress, 700)      \
	X(cudaErrorLaunchFailure, 719) X(cudaErrorNotSupported, 801) X(cudaErrorStreamCaptureUnsupported, 900)             \
	X(cudaErrorStreamCaptureInvalidated, 901) X(cudaErrorStreamCaptureImplicit, 906) X(cudaErrorUnknown, 999)

enum cudaError_t {
#define SHIM_ERROR(name, number) name = number,
	SHIM_ERRORS(SHIM_ERROR)
#undef SHIM_ERROR
};

enum cudaMemcpyKind { cudaMemcpyHostToHost, cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDeviceToDevice, cudaMemcpyDefault };
enum cudaStreamCaptureMode { cudaStreamCaptureModeGlobal, cudaStreamCaptureModeThreadLocal, cudaStreamCaptureModeRelaxed };
enum cudaStreamCaptureStatus { cudaStreamCaptureStatusNone, cudaStreamCaptureStatusActive, cudaStreamCaptureStatusInvalidated };
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize = 8, cudaFuncAttributePreferredSharedMemoryCarveout = 9 };
enum cudaDeviceAttr { cudaDevAttrMultiProcessorCount = 16, cudaDevAttrComputeCapabilityMajor = 75, cudaDevAttrComputeCapabilityMinor = 76 };
enum { cudaStreamDefault = 0, cudaStreamNonBlocking = 1, cudaHostAllocDefault = 0, cudaEventDefault = 0, cudaEventDisableTiming = 2 };

namespace shim
{

/* One thing that a stream does. A kernel keeps its arguments as bytes, so that a graph can have others. */
struct Task {
	const void *kernel = nullptr; /* null: a copy or a fill */
	dim3 grid, threads;
	size_t shared = 0;
	std::vector<std::vector<unsigned char>> argument;
	void (*body)(void *) = nullptr; /* calls the kernel with a vector of arguments */
	void *to = nullptr;
	const void *from = nullptr;
	size_t size = 0;
	int fill = -1;

	void run()
	{
		if (kernel)
			grid_run(kernel, grid, threads, shared, SHIM_SHARED, body, &argument);
		else if (fill >= 0)
			memset(to, fill, size);
		else
			memmove(to, from, size);
	}
};

} // namespace shim

struct CUgraphNode_st {
	shim::Task task;
};
struct CUgraph_st {
	std::vector<std::unique_ptr<CUgraphNode_st>> node;
};
struct CUgraphExec_st {
	std::vector<const CUgraphNode_st *> of;
	std::vector<shim::Task> task;
};
struct CUstream_st {
	CUgraph_st *capture = nullptr;
};
struct CUevent_st {
	double seconds = 0;
};
typedef CUstream_st *cudaStream_t;
typedef CUgraph_st *cudaGraph_t;
typedef CUgraphNode_st *cudaGraphNode_t;
typedef CUgraphExec_st *cudaGraphExec_t;
typedef CUevent_st *cudaEvent_t;

struct cudaKernelNodeParams {
	void *func;
	dim3 gridDim, blockDim;
	unsigned sharedMemBytes;
	void **kernelParams, **extra;
};

struct cudaLaunchAttribute {
	int id;
	int val;
};

struct cudaLaunchConfig_t {
	dim3 gridDim, blockDim;
	size_t dynamicSmemBytes = 0;
	cudaStream_t stream = nullptr;
	cudaLaunchAttribute *attrs = nullptr;
	unsigned numAttrs = 0;
};

namespace shim
{

inline cudaError_t last_error = cudaSuccess;
inline bool graphs_run = false;

/* DSSDC_SHIM_FAIL=FUNCTION:N */
inline bool fails(const char *function)
{
	static int calls = 0;
	const char *asked = getenv("DSSDC_SHIM_FAIL");
	const size_t n = strlen(function);
	return asked && !strncmp(asked, function, n) && asked[n] == ':' && ++calls == atoi(asked + n + 1);
}

inline bool has_device()
{
	const char *n = getenv("DSSDC_SHIM_DEVICES");
	return !n || atoi(n) > 0;
}

inline cudaError_t told(cudaError_t e)
{
	if (e != cudaSuccess)
		last_error = e;
	return e;
}

inline cudaError_t entered(const char *function, cudaError_t failure = cudaErrorLaunchFailure)
{
	return told(!has_device() ? cudaErrorNoDevice : fails(function) ? failure : cudaSuccess);
}

#define SHIM_ENTER() SHIM_ENTER_OR(cudaErrorLaunchFailure)
#define SHIM_ENTER_OR(failure)                                                                                       \
	do {                                                                                                         \
		cudaError_t entry_ = shim::entered(__func__, failure);                                               \
		if (entry_ != cudaSuccess)                                                                           \
			return entry_;                                                                               \
	} while (0)

inline void no_more_allocations()
{
	if (graphs_run && getenv("DSSDC_SHIM_NO_ALLOC"))
		fail("an allocation after the first launch of a graph");
}

inline cudaError_t submit(cudaStream_t stream, Task &&task)
{
	if (stream && stream->capture) {
		stream->capture->node.emplace_back(new CUgraphNode_st{std::move(task)});
		return cudaSuccess;
	}
	task.run();
	return cudaSuccess;
}

/* What a device would refuse. */
inline bool launch_is_legal(dim3 grid, dim3 threads, size_t shared)
{
	const unsigned n = threads.x * threads.y * threads.z;
	return n >= 1 && n <= 1024 && threads.z <= 64 && grid.x >= 1 && grid.y >= 1 && grid.z >= 1 && grid.x <= 0x7fffffff &&
	       grid.y <= 65535 && grid.z <= 65535 && shared <= SHIM_SHARED_SIZE;
}

template <typename... P, size_t... I>
void call(void (*kernel)(P...), std::vector<std::vector<unsigned char>> &a, std::index_sequence<I...>)
{
	kernel(*(typename std::remove_cv<typename std::remove_reference<P>::type>::type *)a[I].data()...);
}

/* Kernels of one signature share a body; the kernel itself is the first argument. */
template <typename... P> void body_of(void *p)
{
	auto &a = *(std::vector<std::vector<unsigned char>> *)p;
	void (*kernel)(P...);
	memcpy(&kernel, a.back().data(), sizeof kernel);
	call(kernel, a, std::index_sequence_for<P...>());
}

template <typename T> std::vector<unsigned char> bytes_of(const T &v)
{
	static_assert(std::is_trivially_copyable<T>::value, "arguments of kernels are copied byte by byte");
	const unsigned char *p = (const unsigned char *)&v;
	return std::vector<unsigned char>(p, p + sizeof v);
}

} // namespace shim

static inline const char *cudaGetErrorName(cudaError_t e)
{
	switch (e) {
#define SHIM_ERROR(name, number)                                                                                     \
	case name:                                                                                                   \
		return #name;
		SHIM_ERRORS(SHIM_ERROR)
#undef SHIM_ERROR
	}
	return "unrecognized error code";
}

static inline const char *cudaGetErrorString(cudaError_t e)
{
	return cudaGetErrorName(e);
}

static inline cudaError_t cudaGetLastError()
{
	cudaError_t e = shim::last_error;
	shim::last_error = cudaSuccess;
	return e;
}

static inline cudaError_t cudaPeekAtLastError()
{
	return shim::last_error;
}

/* ---- the device ---- */

static inline cudaError_t cudaGetDeviceCount(int *n)
{
	*n = shim::has_device();
	SHIM_ENTER();
	return cudaSuccess;
}

static inline cudaError_t cudaGetDevice(int *device)
{
	SHIM_ENTER();
	*device = 0;
	return cudaSuccess;
}

static inline cudaError_t cudaSetDevice(int device)
{
	SHIM_ENTER();
	return shim::told(device ? cudaErrorInvalidDevice : cudaSuccess);
}

static inline cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr what, int)
{
	SHIM_ENTER();
	const char *arch = getenv("DSSDC_SHIM_ARCH");
	const int number = arch ? atoi(arch) : 90;
	*value = what == cudaDevAttrComputeCapabilityMajor ? number / 10 : what == cudaDevAttrComputeCapabilityMinor ? number % 10 : 132;
	return cudaSuccess;
}

static inline cudaError_t cudaDeviceSynchronize()
{
	SHIM_ENTER();
	return cudaSuccess;
}

/* ---- memory ---- */

static inline cudaError_t cudaMalloc(void **p, size_t size)
{
	SHIM_ENTER_OR(cudaErrorMemoryAllocation);
	shim::no_more_allocations();
	*p = nullptr;
	if (posix_memalign(p, 256, size ? size : 1))
		return shim::told(cudaErrorMemoryAllocation);
	memset(*p, 0xff, size); /* nobody may expect anything there */
	return cudaSuccess;
}

template <typename T> static inline cudaError_t cudaMalloc(T **p, size_t size)
{
	return cudaMalloc((void **)p, size);
}

static inline cudaError_t cudaFree(void *p)
{
	SHIM_ENTER();
	free(p);
	return cudaSuccess;
}

static inline cudaError_t cudaHostAlloc(void **p, size_t size, unsigned)
{
	SHIM_ENTER_OR(cudaErrorMemoryAllocation);
	shim::no_more_allocations();
	*p = nullptr;
	return shim::told(posix_memalign(p, 4096, size ? size : 1) ? cudaErrorMemoryAllocation : cudaSuccess);
}

static inline cudaError_t cudaFreeHost(void *p)
{
	SHIM_ENTER();
	free(p);
	return cudaSuccess;
}

static inline cudaError_t shim_copy(void *to, const void *from, size_t size, cudaStream_t stream)
{
	shim::Task t;
	t.to = to;
	t.from = from;
	t.size = size;
	return shim::submit(stream, std::move(t));
}

static inline cudaError_t cudaMemcpy(void *to, const void *from, size_t size, cudaMemcpyKind)
{
	SHIM_ENTER();
	return shim_copy(to, from, size, nullptr);
}

static inline cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t size, cudaMemcpyKind, cudaStream_t stream = nullptr)
{
	SHIM_ENTER();
	return shim_copy(to, from, size, stream);
}

static inline cudaError_t cudaMemsetAsync(void *to, int value, size_t size, cudaStream_t stream = nullptr)
{
	SHIM_ENTER();
	shim::Task t;
	t.to = to;
	t.fill = value & 255;
	t.size = size;
	return shim::submit(stream, std::move(t));
}

static inline cudaError_t cudaMemset(void *to, int value, size_t size)
{
	SHIM_ENTER();
	memset(to, value, size);
	return cudaSuccess;
}

template <typename T> static inline cudaError_t cudaGetSymbolAddress(void **p, const T &symbol)
{
	SHIM_ENTER();
	*p = (void *)&symbol;
	return cudaSuccess;
}

template <typename T> static inline cudaError_t cudaMemcpyToSymbol(T &symbol, const void *from, size_t size, size_t offset = 0, cudaMemcpyKind = cudaMemcpyHostToDevice)
{
	SHIM_ENTER();
	memcpy((unsigned char *)&symbol + offset, from, size);
	return cudaSuccess;
}

template <typename T> static inline cudaError_t cudaMemcpyFromSymbol(void *to, const T &symbol, size_t size, size_t offset = 0, cudaMemcpyKind = cudaMemcpyDeviceToHost)
{
	SHIM_ENTER();
	memcpy(to, (const unsigned char *)&symbol + offset, size);
	return cudaSuccess;
}

/* ---- streams and events ---- */

static inline cudaError_t cudaStreamCreateWithFlags(cudaStream_t *s, unsigned)
{
	SHIM_ENTER();
	*s = new CUstream_st;
	return cudaSuccess;
}

static inline cudaError_t cudaStreamCreate(cudaStream_t *s)
{
	return cudaStreamCreateWithFlags(s, 0);
}

static inline cudaError_t cudaStreamDestroy(cudaStream_t s)
{
	SHIM_ENTER();
	delete s;
	return cudaSuccess;
}

static inline cudaError_t cudaStreamSynchronize(cudaStream_t s)
{
	SHIM_ENTER();
	return shim::told(s && s->capture ? cudaErrorStreamCaptureUnsupported : cudaSuccess);
}

static inline cudaError_t cudaStreamIsCapturing(cudaStream_t s, cudaStreamCaptureStatus *status)
{
	SHIM_ENTER();
	*status = s && s->capture ? cudaStreamCaptureStatusActive : cudaStreamCaptureStatusNone;
	return cudaSuccess;
}

static inline cudaError_t cudaStreamBeginCapture(cudaStream_t s, cudaStreamCaptureMode)
{
	SHIM_ENTER();
	if (!s || s->capture)
		return shim::told(cudaErrorStreamCaptureUnsupported);
	s->capture = new CUgraph_st;
	return cudaSuccess;
}

static inline cudaError_t cudaStreamEndCapture(cudaStream_t s, cudaGraph_t *graph)
{
	*graph = nullptr;
	if (!s || !s->capture)
		return shim::told(cudaErrorStreamCaptureInvalidated);
	if (shim::entered(__func__) != cudaSuccess) {
		delete s->capture;
		s->capture = nullptr;
		return cudaErrorStreamCaptureInvalidated;
	}
	*graph = s->capture;
	s->capture = nullptr;
	return cudaSuccess;
}

static inline double shim_seconds()
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline cudaError_t cudaEventCreate(cudaEvent_t *e)
{
	SHIM_ENTER();
	*e = new CUevent_st;
	return cudaSuccess;
}

static inline cudaError_t cudaEventDestroy(cudaEvent_t e)
{
	SHIM_ENTER();
	delete e;
	return cudaSuccess;
}

static inline cudaError_t cudaEventRecord(cudaEvent_t e, cudaStream_t = nullptr)
{
	SHIM_ENTER();
	e->seconds = shim_seconds();
	return cudaSuccess;
}

static inline cudaError_t cudaEventSynchronize(cudaEvent_t)
{
	SHIM_ENTER();
	return cudaSuccess;
}

static inline cudaError_t cudaEventElapsedTime(float *ms, cudaEvent_t a, cudaEvent_t b)
{
	SHIM_ENTER();
	*ms = (float)(1e3 * (b->seconds - a->seconds));
	return cudaSuccess;
}

/* ---- launches and graphs ---- */

template <typename T> static inline cudaError_t cudaFuncSetAttribute(T *, cudaFuncAttribute what, int value)
{
	SHIM_ENTER();
	return shim::told(what == cudaFuncAttributeMaxDynamicSharedMemorySize && (size_t)value > SHIM_SHARED_SIZE ? cudaErrorInvalidValue : cudaSuccess);
}

template <typename... P, typename... A>
static inline cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t *config, void (*kernel)(P...), A &&...given)
{
	SHIM_ENTER();
	if (!shim::launch_is_legal(config->gridDim, config->blockDim, config->dynamicSmemBytes))
		return shim::told(cudaErrorInvalidConfiguration);
	shim::Task t;
	t.kernel = (const void *)kernel;
	t.grid = config->gridDim;
	t.threads = config->blockDim;
	t.shared = config->dynamicSmemBytes;
	t.body = shim::body_of<P...>;
	(t.argument.push_back(shim::bytes_of<typename std::remove_cv<typename std::remove_reference<P>::type>::type>(
		 static_cast<P>(given))),
	 ...);
	t.argument.push_back(shim::bytes_of(kernel));
	return shim::submit(config->stream, std::move(t));
}

static inline cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long = 0)
{
	SHIM_ENTER();
	shim::no_more_allocations();
	*exec = new CUgraphExec_st;
	for (auto &n : graph->node) {
		(*exec)->of.push_back(n.get());
		(*exec)->task.push_back(n->task);
	}
	return cudaSuccess;
}

static inline cudaError_t cudaGraphUpload(cudaGraphExec_t, cudaStream_t)
{
	SHIM_ENTER();
	return cudaSuccess;
}

static inline cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream)
{
	SHIM_ENTER();
	if (stream && stream->capture)
		return shim::told(cudaErrorStreamCaptureUnsupported);
	shim::graphs_run = true;
	for (auto &t : exec->task)
		t.run();
	return cudaSuccess;
}

/* What is captured from one stream is a chain: the first is the root. */
static inline cudaError_t cudaGraphGetRootNodes(cudaGraph_t graph, cudaGraphNode_t *node, size_t *n)
{
	SHIM_ENTER();
	if (node && *n && !graph->node.empty())
		node[0] = graph->node[0].get();
	*n = !graph->node.empty();
	return cudaSuccess;
}

static inline cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t *node, size_t *n)
{
	SHIM_ENTER();
	for (size_t i = 0; node && i < *n && i < graph->node.size(); i++)
		node[i] = graph->node[i].get();
	*n = graph->node.size();
	return cudaSuccess;
}

static inline cudaError_t cudaGraphKernelNodeGetParams(cudaGraphNode_t node, cudaKernelNodeParams *p)
{
	SHIM_ENTER();
	const shim::Task &t = node->task;
	if (!t.kernel)
		return shim::told(cudaErrorInvalidValue);
	*p = {(void *)t.kernel, t.grid, t.threads, (unsigned)t.shared, nullptr, nullptr};
	return cudaSuccess;
}

static inline cudaError_t cudaGraphExecKernelNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node, const cudaKernelNodeParams *p)
{
	SHIM_ENTER();
	for (size_t i = 0; i < exec->of.size(); i++) {
		if (exec->of[i] != node)
			continue;
		shim::Task &t = exec->task[i];
		if (t.kernel != p->func || !p->kernelParams)
			return shim::told(cudaErrorInvalidValue);
		t.grid = p->gridDim;
		t.threads = p->blockDim;
		t.shared = p->sharedMemBytes;
		for (size_t k = 0; k + 1 < t.argument.size(); k++)
			memcpy(t.argument[k].data(), p->kernelParams[k], t.argument[k].size());
		return cudaSuccess;
	}
	return shim::told(cudaErrorInvalidValue);
}

static inline cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
	SHIM_ENTER();
	delete graph;
	return cudaSuccess;
}

static inline cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
	SHIM_ENTER();
	delete exec;
	return cudaSuccess;
}

#endif
