/* shim_stream.h -- streams, events, graphs, copies. Part of cuda_runtime.h.
 *
 * What is put on a stream waits there until something waits for the stream: a program that reads results too early, or
 * overwrites pinned memory too early, does so here as well. The null stream runs at once, after the streams that block it. */
#ifndef SHIM_STREAM_H
#define SHIM_STREAM_H

#include "shim_api.h"

#include <algorithm>
#include <memory>
#include <time.h>

struct CUgraph_st;
struct cudaKernelNodeParams;

/* A piece of work, on a stream or in a graph. */
struct CUgraphNode_st {
	std::vector<CUgraphNode_st *> after; /* of the graph: what it waits for */

	virtual ~CUgraphNode_st()
	{
	}
	virtual void run() = 0;
	virtual CUgraphNode_st *clone() const = 0;
	/* Of kernels. */
	virtual cudaError_t get(cudaKernelNodeParams *)
	{
		return cudaErrorInvalidValue;
	}
	virtual cudaError_t set(const cudaKernelNodeParams *)
	{
		return cudaErrorInvalidValue;
	}
	virtual bool is_kernel() const
	{
		return false;
	}
};

typedef CUgraphNode_st *cudaGraphNode_t;

struct CUgraph_st {
	std::vector<std::unique_ptr<CUgraphNode_st>> node;
	bool broken = false; /* a call failed while it was captured */
};

struct CUgraphExec_st {
	std::vector<std::unique_ptr<CUgraphNode_st>> node;
	std::vector<CUgraphNode_st *> original;
	std::vector<std::vector<size_t>> after; /* indices of the nodes that come before each */
};

struct CUstream_st {
	bool blocks = true; /* the null stream */
	std::vector<std::unique_ptr<CUgraphNode_st>> pending;
	CUgraph_st *capture = nullptr;
	bool began = false;                 /* the capture */
	std::vector<CUgraphNode_st *> last; /* of the capture */
};

struct CUevent_st {
	std::shared_ptr<double> time = std::make_shared<double>(-1.0); /* in ms; below 0: not reached */
	CUstream_st *stream = nullptr;
	CUgraph_st *capture = nullptr;
	std::vector<CUgraphNode_st *> last;
};

typedef CUgraph_st *cudaGraph_t;
typedef CUgraphExec_st *cudaGraphExec_t;
typedef CUstream_st *cudaStream_t;
typedef CUevent_st *cudaEvent_t;

namespace shim
{

inline std::mutex streams_lock;
inline std::vector<CUstream_st *> streams;

inline void run_stream(CUstream_st *s)
{
	std::vector<std::unique_ptr<CUgraphNode_st>> work;
	work.swap(s->pending);
	for (auto &node : work)
		node->run();
}

inline void run_streams(bool all)
{
	std::vector<CUstream_st *> list;
	{
		std::lock_guard<std::mutex> hold(streams_lock);
		list = streams;
	}
	for (CUstream_st *s : list)
		if (all || s->blocks)
			run_stream(s);
}

inline void run_all_streams()
{
	run_streams(true);
}

/* Takes the node. */
inline cudaError_t put(CUstream_st *s, CUgraphNode_st *node)
{
	std::unique_ptr<CUgraphNode_st> own(node);
	if (!s) {
		run_streams(false);
		node->run();
	} else if (s->capture) {
		node->after = s->last;
		s->last = {node};
		s->capture->node.push_back(std::move(own));
	} else {
		s->pending.push_back(std::move(own));
	}
	return cudaSuccess;
}

/* A kernel that waits by itself follows one kernel and nothing else. */
inline cudaError_t put_early(CUstream_st *s, CUgraphNode_st *node)
{
	if (s && s->capture && (s->last.size() != 1 || !s->last[0]->is_kernel())) {
		delete node;
		s->capture->broken = true;
		return told(cudaErrorInvalidValue);
	}
	return put(s, node);
}

/* For calls that a stream which is being captured does not allow. */
inline cudaError_t refuse_captured(CUstream_st *s)
{
	if (!s || !s->capture)
		return cudaSuccess;
	s->capture->broken = true;
	return told(cudaErrorStreamCaptureUnsupported);
}

} // namespace shim

/* ---- streams ---- */

enum { cudaStreamDefault = 0, cudaStreamNonBlocking = 1 };
enum cudaStreamCaptureMode { cudaStreamCaptureModeGlobal, cudaStreamCaptureModeThreadLocal, cudaStreamCaptureModeRelaxed };
enum cudaStreamCaptureStatus { cudaStreamCaptureStatusNone, cudaStreamCaptureStatusActive, cudaStreamCaptureStatusInvalidated };

inline cudaError_t cudaStreamCreateWithFlags(cudaStream_t *s, unsigned flags)
{
	SHIM_ENTER_ALLOCATION();
	*s = new CUstream_st;
	(*s)->blocks = !(flags & cudaStreamNonBlocking);
	std::lock_guard<std::mutex> hold(shim::streams_lock);
	shim::streams.push_back(*s);
	return cudaSuccess;
}

inline cudaError_t cudaStreamCreate(cudaStream_t *s)
{
	return cudaStreamCreateWithFlags(s, cudaStreamDefault);
}

inline cudaError_t cudaStreamCreateWithPriority(cudaStream_t *s, unsigned flags, int priority)
{
	SHIM_ENTER_ALLOCATION();
	(void)priority;
	return cudaStreamCreateWithFlags(s, flags);
}

inline cudaError_t cudaDeviceGetStreamPriorityRange(int *least, int *greatest)
{
	SHIM_ENTER();
	*least = 0;
	*greatest = -5;
	return cudaSuccess;
}

inline cudaError_t cudaStreamDestroy(cudaStream_t s)
{
	SHIM_ENTER();
	if (!s)
		return shim::told(cudaErrorInvalidResourceHandle);
	shim::run_stream(s);
	std::lock_guard<std::mutex> hold(shim::streams_lock);
	shim::streams.erase(std::find(shim::streams.begin(), shim::streams.end(), s));
	delete s;
	return cudaSuccess;
}

inline cudaError_t cudaStreamSynchronize(cudaStream_t s)
{
	SHIM_ENTER();
	if (cudaError_t e = shim::refuse_captured(s))
		return e;
	if (s)
		shim::run_stream(s);
	else
		shim::run_streams(false);
	return cudaSuccess;
}

inline cudaError_t cudaStreamQuery(cudaStream_t s)
{
	SHIM_ENTER();
	return s && !s->pending.empty() ? cudaErrorNotReady : cudaSuccess;
}

inline cudaError_t cudaStreamBeginCapture(cudaStream_t s, cudaStreamCaptureMode mode)
{
	(void)mode;
	if (cudaError_t e = shim::enter(__func__, cudaErrorStreamCaptureInvalidated))
		return shim::told(e);
	if (!s || s->capture)
		return shim::told(s ? cudaErrorIllegalState : cudaErrorStreamCaptureUnsupported);
	s->capture = new CUgraph_st;
	s->began = true;
	s->last.clear();
	return cudaSuccess;
}

inline cudaError_t cudaStreamEndCapture(cudaStream_t s, cudaGraph_t *graph)
{
	cudaError_t status = shim::enter(__func__, cudaErrorStreamCaptureInvalidated);
	*graph = nullptr;
	if (!s || !s->capture || !s->began)
		return shim::told(status != cudaSuccess ? status : cudaErrorIllegalState);
	CUgraph_st *g = s->capture;
	if (status == cudaSuccess && g->broken)
		status = cudaErrorStreamCaptureInvalidated;
	std::vector<CUgraphNode_st *> before = s->last; /* all that something waits for, in the end */
	for (auto &node : g->node)
		before.insert(before.end(), node->after.begin(), node->after.end());
	for (auto &node : g->node)
		if (status == cudaSuccess && std::find(before.begin(), before.end(), node.get()) == before.end())
			status = cudaErrorStreamCaptureUnjoined;
	{
		std::lock_guard<std::mutex> hold(shim::streams_lock);
		for (CUstream_st *other : shim::streams)
			if (other->capture == g) {
				other->capture = nullptr;
				other->began = false;
				other->last.clear();
			}
	}
	if (status == cudaSuccess)
		*graph = g;
	else
		delete g;
	return shim::told(status);
}

inline cudaError_t cudaStreamIsCapturing(cudaStream_t s, cudaStreamCaptureStatus *status)
{
	SHIM_ENTER();
	*status = !s || !s->capture    ? cudaStreamCaptureStatusNone
	          : s->capture->broken ? cudaStreamCaptureStatusInvalidated
	                               : cudaStreamCaptureStatusActive;
	return cudaSuccess;
}

/* ---- events ---- */

namespace shim
{

struct EventNode : CUgraphNode_st {
	std::shared_ptr<double> time;
	void run() override
	{
		struct timespec now;
		clock_gettime(CLOCK_MONOTONIC, &now);
		*time = (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
	}
	CUgraphNode_st *clone() const override
	{
		return new EventNode(*this);
	}
};

} // namespace shim

enum { cudaEventDefault = 0, cudaEventBlockingSync = 1, cudaEventDisableTiming = 2 };

inline cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned flags)
{
	SHIM_ENTER_ALLOCATION();
	(void)flags;
	*event = new CUevent_st;
	return cudaSuccess;
}

inline cudaError_t cudaEventCreate(cudaEvent_t *event)
{
	return cudaEventCreateWithFlags(event, cudaEventDefault);
}

inline cudaError_t cudaEventDestroy(cudaEvent_t event)
{
	SHIM_ENTER();
	delete event;
	return cudaSuccess;
}

inline cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t s = nullptr)
{
	SHIM_ENTER();
	event->stream = s;
	event->capture = s ? s->capture : nullptr;
	if (event->capture) {
		event->last = s->last;
		return cudaSuccess;
	}
	*event->time = -1.0;
	auto *node = new shim::EventNode;
	node->time = event->time;
	return shim::put(s, node);
}

inline cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
	SHIM_ENTER();
	if (event->stream)
		shim::run_stream(event->stream);
	return cudaSuccess;
}

inline cudaError_t cudaEventElapsedTime(float *ms, cudaEvent_t from, cudaEvent_t to)
{
	SHIM_ENTER();
	if (*from->time < 0 || *to->time < 0)
		return shim::told(cudaErrorNotReady);
	*ms = (float)(*to->time - *from->time);
	return cudaSuccess;
}

/* Within a capture the stream joins it; else what the event waits for runs now, which is one of the allowed orders. */
inline cudaError_t cudaStreamWaitEvent(cudaStream_t s, cudaEvent_t event, unsigned flags = 0)
{
	SHIM_ENTER();
	(void)flags;
	if (event->capture && s) {
		s->capture = event->capture;
		s->last.insert(s->last.end(), event->last.begin(), event->last.end());
	} else if (event->stream && s && s->capture) {
		s->capture->broken = true;
		return shim::told(cudaErrorStreamCaptureIsolation);
	} else if (event->stream) {
		shim::run_stream(event->stream);
	}
	return cudaSuccess;
}

/* ---- graphs ---- */

struct cudaKernelNodeParams {
	void *func;
	dim3 gridDim, blockDim;
	unsigned sharedMemBytes;
	void **kernelParams, **extra;
};

inline cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long flags = 0)
{
	SHIM_ENTER_ALLOCATION();
	(void)flags;
	*exec = new CUgraphExec_st;
	for (auto &node : graph->node) {
		(*exec)->node.emplace_back(node->clone());
		(*exec)->original.push_back(node.get());
		(*exec)->after.emplace_back();
		for (CUgraphNode_st *before : node->after) {
			auto &all = (*exec)->original;
			(*exec)->after.back().push_back(std::find(all.begin(), all.end(), before) - all.begin());
		}
	}
	return cudaSuccess;
}

inline cudaError_t cudaGraphUpload(cudaGraphExec_t exec, cudaStream_t s)
{
	SHIM_ENTER();
	(void)exec;
	return shim::refuse_captured(s);
}

namespace shim
{

/* As recorded; with DSSDC_SHIM_ORDER=N any order in which each node comes after those that it waits for, node N as late as
 * can be: what should wait for it and does not runs before it. */
inline std::vector<size_t> replay_order(const CUgraphExec_st *exec)
{
	const size_t n = exec->node.size();
	const uint64_t number = order_number();
	const size_t late = n ? number % n : 0;
	uint64_t random = number * 0x9e3779b97f4a7c15u + 1;
	std::vector<size_t> order;
	std::vector<bool> done(n);
	while (order.size() < n) {
		std::vector<size_t> ready;
		for (size_t i = 0; i < n; i++) {
			bool waits = done[i];
			for (size_t before : exec->after[i])
				waits = waits || !done[before];
			if (!waits && (!number || i != late))
				ready.push_back(i);
		}
		if (ready.empty())
			ready.push_back(late);
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		const size_t next = ready[number ? random % ready.size() : 0];
		done[next] = true;
		order.push_back(next);
	}
	return order;
}

} // namespace shim

inline cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t s)
{
	SHIM_ENTER();
	if (cudaError_t e = shim::refuse_captured(s))
		return e;
	shim::graph_launched = true;
	for (size_t i : shim::replay_order(exec))
		shim::put(s, exec->node[i]->clone());
	return cudaSuccess;
}

namespace shim
{

inline cudaError_t give_nodes(CUgraph_st *graph, cudaGraphNode_t *nodes, size_t *n, bool roots)
{
	size_t found = 0;
	for (auto &node : graph->node) {
		if (roots && !node->after.empty())
			continue;
		if (nodes && found < *n)
			nodes[found] = node.get();
		found++;
	}
	for (size_t i = found; nodes && i < *n; i++)
		nodes[i] = nullptr;
	*n = !nodes || found < *n ? found : *n;
	return cudaSuccess;
}

} // namespace shim

inline cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t *nodes, size_t *n)
{
	SHIM_ENTER();
	return shim::give_nodes(graph, nodes, n, false);
}

inline cudaError_t cudaGraphGetRootNodes(cudaGraph_t graph, cudaGraphNode_t *nodes, size_t *n)
{
	SHIM_ENTER();
	return shim::give_nodes(graph, nodes, n, true);
}

inline cudaError_t cudaGraphKernelNodeGetParams(cudaGraphNode_t node, cudaKernelNodeParams *parameters)
{
	SHIM_ENTER();
	return shim::told(node->get(parameters));
}

inline cudaError_t cudaGraphExecKernelNodeSetParams(cudaGraphExec_t exec, cudaGraphNode_t node, const cudaKernelNodeParams *parameters)
{
	SHIM_ENTER();
	for (size_t i = 0; i < exec->original.size(); i++)
		if (exec->original[i] == node)
			return shim::told(exec->node[i]->set(parameters));
	return shim::told(cudaErrorInvalidValue);
}

inline cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
	SHIM_ENTER();
	delete graph;
	return cudaSuccess;
}

inline cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
	SHIM_ENTER();
	delete exec;
	return cudaSuccess;
}

/* ---- copies ---- */

enum cudaMemcpyKind { cudaMemcpyHostToHost, cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDeviceToDevice, cudaMemcpyDefault };

namespace shim
{

struct Copy : CUgraphNode_st {
	unsigned char *to;
	const unsigned char *from; /* null: fill with the byte */
	size_t to_pitch, from_pitch, width, height;
	int byte;
	std::vector<unsigned char> kept; /* what pageable memory held at the call */

	void run() override
	{
		for (size_t y = 0; y < height; y++) {
			if (from || !kept.empty())
				memcpy(to + y * to_pitch, (kept.empty() ? from : kept.data()) + y * from_pitch, width);
			else
				memset(to + y * to_pitch, byte, width);
		}
	}
	CUgraphNode_st *clone() const override
	{
		return new Copy(*this);
	}
};

inline bool is_kind(const void *to, const void *from, cudaMemcpyKind kind)
{
	static const bool to_device[] = {false, true, false, true}, from_device[] = {false, false, true, true};
	const Owner a = owner_of(to), b = owner_of(from);
	if (kind == cudaMemcpyDefault)
		return true;
	return a != (to_device[kind] ? PINNED : DEVICE) && b != (from_device[kind] ? PINNED : DEVICE);
}

inline cudaError_t copy(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t height, cudaMemcpyKind kind,
                        cudaStream_t s, bool waits)
{
	if (!is_kind(to, from, kind) || (height > 1 && (to_pitch < width || from_pitch < width)))
		return told(cudaErrorInvalidValue);
	if (waits && s && s->capture)
		return refuse_captured(s);
	if (!width || !height)
		return cudaSuccess;
	std::unique_ptr<Copy> node(new Copy);
	node->to = (unsigned char *)to;
	node->from = (const unsigned char *)from;
	node->to_pitch = to_pitch;
	node->from_pitch = from_pitch;
	node->width = width;
	node->height = height;
	const bool captured = s && s->capture;
	if (!captured && kind == cudaMemcpyHostToDevice && owner_of(from) == ANYONE)
		node->kept.assign(node->from, node->from + (height - 1) * from_pitch + width);
	put(s, node.release());
	if (s && !captured && (waits || (kind == cudaMemcpyDeviceToHost && owner_of(to) == ANYONE)))
		run_stream(s);
	return cudaSuccess;
}

inline cudaError_t fill(void *to, int byte, size_t size, cudaStream_t s)
{
	std::unique_ptr<Copy> node(new Copy);
	node->to = (unsigned char *)to;
	node->from = nullptr;
	node->to_pitch = node->from_pitch = node->width = size;
	node->height = 1;
	node->byte = byte;
	return put(s, node.release());
}

} // namespace shim

inline cudaError_t cudaMemcpy(void *to, const void *from, size_t size, cudaMemcpyKind kind)
{
	SHIM_ENTER();
	return shim::copy(to, size, from, size, size, 1, kind, nullptr, true);
}

inline cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t size, cudaMemcpyKind kind, cudaStream_t s = nullptr)
{
	SHIM_ENTER();
	return shim::copy(to, size, from, size, size, 1, kind, s, false);
}

inline cudaError_t cudaMemcpy2D(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t height,
                                cudaMemcpyKind kind)
{
	SHIM_ENTER();
	return shim::copy(to, to_pitch, from, from_pitch, width, height, kind, nullptr, true);
}

inline cudaError_t cudaMemcpy2DAsync(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t height,
                                     cudaMemcpyKind kind, cudaStream_t s = nullptr)
{
	SHIM_ENTER();
	return shim::copy(to, to_pitch, from, from_pitch, width, height, kind, s, false);
}

inline cudaError_t cudaMemset(void *to, int byte, size_t size)
{
	SHIM_ENTER();
	return shim::fill(to, byte, size, nullptr);
}

inline cudaError_t cudaMemsetAsync(void *to, int byte, size_t size, cudaStream_t s = nullptr)
{
	SHIM_ENTER();
	return shim::fill(to, byte, size, s);
}

template <typename T>
inline cudaError_t cudaMemcpyToSymbolAsync(const T &symbol, const void *from, size_t size, size_t at, cudaMemcpyKind kind,
                                           cudaStream_t s = nullptr)
{
	SHIM_ENTER_IMAGE();
	if (at + size > sizeof symbol)
		return shim::told(cudaErrorInvalidValue);
	return shim::copy((unsigned char *)&symbol + at, size, from, size, size, 1, kind, s, false);
}

template <typename T>
inline cudaError_t cudaMemcpyToSymbol(const T &symbol, const void *from, size_t size, size_t at = 0,
                                      cudaMemcpyKind kind = cudaMemcpyHostToDevice)
{
	SHIM_ENTER_IMAGE();
	return cudaMemcpyToSymbolAsync(symbol, from, size, at, kind);
}

template <typename T>
inline cudaError_t cudaMemcpyFromSymbolAsync(void *to, const T &symbol, size_t size, size_t at, cudaMemcpyKind kind,
                                             cudaStream_t s = nullptr)
{
	SHIM_ENTER_IMAGE();
	if (at + size > sizeof symbol)
		return shim::told(cudaErrorInvalidValue);
	return shim::copy(to, size, (const unsigned char *)&symbol + at, size, size, 1, kind, s, false);
}

template <typename T>
inline cudaError_t cudaMemcpyFromSymbol(void *to, const T &symbol, size_t size, size_t at = 0, cudaMemcpyKind kind = cudaMemcpyDeviceToHost)
{
	SHIM_ENTER_IMAGE();
	return cudaMemcpyFromSymbolAsync(to, symbol, size, at, kind);
}

#endif
