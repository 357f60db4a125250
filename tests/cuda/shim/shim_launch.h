/* shim_launch.h -- launches of kernels. Part of cuda_runtime.h. */
#ifndef SHIM_LAUNCH_H
#define SHIM_LAUNCH_H

#include "shim_block.h"
#include "shim_stream.h"

#include <tuple>
#include <utility>

enum cudaLaunchAttributeID {
	cudaLaunchAttributeIgnore = 0,
	cudaLaunchAttributeCooperative = 2,
	cudaLaunchAttributeClusterDimension = 4,
	cudaLaunchAttributeProgrammaticStreamSerialization = 6
};

union cudaLaunchAttributeValue {
	char pad[64];
	int cooperative;
	struct {
		unsigned x, y, z;
	} clusterDim;
	int programmaticStreamSerializationAllowed;
};

struct cudaLaunchAttribute {
	cudaLaunchAttributeID id;
	cudaLaunchAttributeValue val;
};

struct cudaLaunchConfig_t {
	dim3 gridDim, blockDim;
	size_t dynamicSmemBytes;
	cudaStream_t stream;
	cudaLaunchAttribute *attrs;
	unsigned numAttrs;
};

enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize = 8, cudaFuncAttributePreferredSharedMemoryCarveout = 9 };

namespace
{

/* Makes functions of this source that use its SHIM_SHARED, not some other's. */
struct ShimSource {
	static unsigned char *shared()
	{
		return SHIM_SHARED;
	}
};

} // namespace

namespace shim
{

inline std::mutex functions_lock;
inline std::map<const void *, size_t> functions; /* the dynamic shared memory that each may have */

inline size_t function_shared(const void *function)
{
	std::lock_guard<std::mutex> hold(functions_lock);
	auto at = functions.find(function);
	return at == functions.end() ? 48 * 1024 : at->second;
}

inline cudaError_t check_launch(dim3 grid, dim3 threads, size_t shared, const void *function)
{
	const uint64_t n = (uint64_t)threads.x * threads.y * threads.z;
	if (!n || n > 1024 || threads.z > 64 || !grid.x || !grid.y || !grid.z || grid.x > 2147483647u || grid.y > 65535 || grid.z > 65535)
		return told(cudaErrorInvalidConfiguration);
	if (shared > function_shared(function))
		return told(cudaErrorInvalidValue);
	return cudaSuccess;
}

template <typename... P> struct KernelNode : CUgraphNode_st {
	void (*kernel)(P...);
	dim3 grid, threads;
	size_t shared;
	unsigned char *(*memory)();
	std::tuple<P...> arguments;
	void *pointers[sizeof...(P) + 1];

	KernelNode(void (*kernel_)(P...), dim3 grid_, dim3 threads_, size_t shared_, unsigned char *(*memory_)(),
	           const std::tuple<P...> &arguments_)
	    : kernel(kernel_), grid(grid_), threads(threads_), shared(shared_), memory(memory_), arguments(arguments_)
	{
	}
	static void thread(void *self)
	{
		KernelNode *node = (KernelNode *)self;
		std::apply(node->kernel, node->arguments);
	}
	void run() override
	{
		if (setting("DSSDC_SHIM_IDLE", 0))
			return;
		grid_run((const void *)kernel, grid, threads, shared, memory(), thread, this);
	}
	CUgraphNode_st *clone() const override
	{
		return new KernelNode(*this);
	}
	template <size_t... I> void point(std::index_sequence<I...>)
	{
		((pointers[I] = (void *)&std::get<I>(arguments)), ...);
	}
	template <size_t... I> void take(void **from, std::index_sequence<I...>)
	{
		(memcpy((void *)&std::get<I>(arguments), from[I], sizeof(P)), ...);
		(void)from;
	}
	cudaError_t get(cudaKernelNodeParams *p) override
	{
		point(std::index_sequence_for<P...>());
		*p = {(void *)kernel, grid, threads, (unsigned)shared, pointers, nullptr};
		return cudaSuccess;
	}
	cudaError_t set(const cudaKernelNodeParams *p) override
	{
		if (p->func != (void *)kernel || !p->kernelParams || p->extra)
			return cudaErrorInvalidValue;
		if (cudaError_t e = check_launch(p->gridDim, p->blockDim, p->sharedMemBytes, p->func))
			return e;
		grid = p->gridDim;
		threads = p->blockDim;
		shared = p->sharedMemBytes;
		take(p->kernelParams, std::index_sequence_for<P...>());
		return cudaSuccess;
	}
	bool is_kernel() const override
	{
		return true;
	}
};

} // namespace shim

template <typename... P> inline cudaError_t cudaFuncSetAttribute(void (*kernel)(P...), cudaFuncAttribute attribute, int value)
{
	SHIM_ENTER_IMAGE();
	if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize)
		return cudaSuccess;
	if (value < 0 || value > shim::most_shared())
		return shim::told(cudaErrorInvalidValue);
	std::lock_guard<std::mutex> hold(shim::functions_lock);
	shim::functions[(const void *)kernel] = (size_t)value;
	return cudaSuccess;
}

struct cudaFuncAttributes {
	int ptxVersion, binaryVersion;
};

template <typename... P> inline cudaError_t cudaFuncGetAttributes(cudaFuncAttributes *attributes, void (*)(P...))
{
	SHIM_ENTER_IMAGE();
	attributes->ptxVersion = attributes->binaryVersion = shim::arch();
	return cudaSuccess;
}

template <typename Source = ShimSource, typename... P, typename... A>
inline cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t *config, void (*kernel)(P...), A &&...arguments)
{
	SHIM_ENTER_IMAGE();
	if (cudaError_t e = shim::check_launch(config->gridDim, config->blockDim, config->dynamicSmemBytes, (const void *)kernel))
		return e;
	bool early = false;
	for (unsigned i = 0; i < config->numAttrs; i++) {
		if (config->attrs[i].id == cudaLaunchAttributeClusterDimension || config->attrs[i].id == cudaLaunchAttributeCooperative)
			return shim::told(cudaErrorNotSupported);
		early |= config->attrs[i].id == cudaLaunchAttributeProgrammaticStreamSerialization &&
		         config->attrs[i].val.programmaticStreamSerializationAllowed;
	}
	return (early ? shim::put_early : shim::put)(
	    config->stream, new shim::KernelNode<P...>(kernel, config->gridDim, config->blockDim, config->dynamicSmemBytes, Source::shared,
	                                               std::tuple<P...>(std::forward<A>(arguments)...)));
}

/* arguments: where each parameter lies. */
template <typename Source = ShimSource, typename... P>
inline cudaError_t cudaLaunchKernel(void (*kernel)(P...), dim3 grid, dim3 threads, void **arguments, size_t shared = 0,
                                    cudaStream_t stream = nullptr)
{
	SHIM_ENTER_IMAGE();
	if (cudaError_t e = shim::check_launch(grid, threads, shared, (const void *)kernel))
		return e;
	auto *node = new shim::KernelNode<P...>(kernel, grid, threads, shared, Source::shared, std::tuple<P...>());
	node->take(arguments, std::index_sequence_for<P...>());
	return shim::put(stream, node);
}

#endif
