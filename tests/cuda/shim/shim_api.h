/* shim_api.h -- errors, the device, memory. Part of cuda_runtime.h.
 *
 * Memory of the device is memory of the host, full of 0xFF; a table knows which is which. */
#ifndef SHIM_API_H
#define SHIM_API_H

#include "shim_fiber.h"
#include "shim_types.h"

#include <map>
#include <mutex>
#include <vector>

/* name, number as in CUDA, text */
#define SHIM_ERRORS(X)                                                                                         \
	X(cudaSuccess, 0, "no error")                                                                          \
	X(cudaErrorInvalidValue, 1, "invalid argument")                                                        \
	X(cudaErrorMemoryAllocation, 2, "out of memory")                                                       \
	X(cudaErrorInvalidConfiguration, 9, "invalid configuration argument")                                  \
	X(cudaErrorInvalidSymbol, 13, "invalid device symbol")                                                 \
	X(cudaErrorInsufficientDriver, 35, "CUDA driver version is insufficient for CUDA runtime version")     \
	X(cudaErrorInvalidDeviceFunction, 98, "invalid device function")                                       \
	X(cudaErrorNoDevice, 100, "no CUDA-capable device is detected")                                        \
	X(cudaErrorInvalidDevice, 101, "invalid device ordinal")                                               \
	X(cudaErrorNoKernelImageForDevice, 209, "no kernel image is available for execution on the device")    \
	X(cudaErrorUnsupportedPtxVersion, 222, "the provided PTX was compiled with an unsupported toolchain.") \
	X(cudaErrorInvalidResourceHandle, 400, "invalid resource handle")                                      \
	X(cudaErrorIllegalState, 401, "the operation cannot be performed in the present state")                \
	X(cudaErrorNotReady, 600, "device not ready")                                                          \
	X(cudaErrorIllegalAddress, 700, "an illegal memory access was encountered")                            \
	X(cudaErrorLaunchOutOfResources, 701, "too many resources requested for launch")                       \
	X(cudaErrorLaunchFailure, 719, "unspecified launch failure")                                           \
	X(cudaErrorNotSupported, 801, "operation not supported")                                               \
	X(cudaErrorStreamCaptureUnsupported, 900, "operation not permitted when stream is capturing")          \
	X(cudaErrorStreamCaptureInvalidated, 901, "operation failed due to a previous error during capture")   \
	X(cudaErrorStreamCaptureUnmatched, 903, "capture was not initiated in this stream")                    \
	X(cudaErrorStreamCaptureUnjoined, 904, "capturing stream has unjoined work")                           \
	X(cudaErrorStreamCaptureIsolation, 905, "dependency created on uncaptured work in another stream")     \
	X(cudaErrorUnknown, 999, "unknown error")

typedef enum cudaError {
#define X(name, number, text) name = number,
	SHIM_ERRORS(X)
#undef X
} cudaError_t;

inline const char *cudaGetErrorName(cudaError_t e)
{
	switch (e) {
#define X(name, number, text) \
	case name:            \
		return #name;
		SHIM_ERRORS(X)
#undef X
	}
	return "unrecognized error code";
}

inline const char *cudaGetErrorString(cudaError_t e)
{
	switch (e) {
#define X(name, number, text) \
	case name:            \
		return text;
		SHIM_ERRORS(X)
#undef X
	}
	return "unrecognized error code";
}

namespace shim
{

inline thread_local cudaError_t last_error;

inline cudaError_t told(cudaError_t e)
{
	if (e != cudaSuccess)
		last_error = e;
	return e;
}

inline long setting(const char *name, long otherwise)
{
	const char *s = getenv(name);
	return s && *s ? strtol(s, nullptr, 10) : otherwise;
}

/* The last architecture digits of -gencode that a source was compiled for at least; nvcc.sh says it. */
#ifndef SHIM_LEAST_ARCH
#define SHIM_LEAST_ARCH 0
#endif

inline int arch()
{
	return (int)setting("DSSDC_SHIM_ARCH", 90);
}

/* Whether DSSDC_SHIM_FAIL means this call. */
inline bool is_to_fail(const char *name)
{
	static long calls;
	const char *s = getenv("DSSDC_SHIM_FAIL");
	const size_t n = strlen(name);
	return s && !strncmp(s, name, n) && s[n] == ':' && ++calls == strtol(s + n + 1, nullptr, 10);
}

/* What every call begins with. */
inline cudaError_t enter(const char *name, cudaError_t failure)
{
	if (setting("DSSDC_SHIM_DEVICES", 1) < 1)
		return cudaErrorNoDevice;
	return is_to_fail(name) ? failure : cudaSuccess;
}

inline bool graph_launched;

inline cudaError_t enter_allocation(const char *name)
{
	if (graph_launched && setting("DSSDC_SHIM_NO_ALLOC", 0)) {
		fprintf(stderr, "cuda shim: %s after a graph was launched\n", name);
		abort();
	}
	return enter(name, cudaErrorMemoryAllocation);
}

#define SHIM_ENTER()                                                          \
	if (cudaError_t e_ = ::shim::enter(__func__, cudaErrorLaunchFailure)) \
	return ::shim::told(e_)
#define SHIM_ENTER_ALLOCATION()                                  \
	if (cudaError_t e_ = ::shim::enter_allocation(__func__)) \
	return ::shim::told(e_)
#define SHIM_ENTER_IMAGE()                    \
	SHIM_ENTER();                         \
	if (::shim::arch() < SHIM_LEAST_ARCH) \
	return ::shim::told(cudaErrorNoKernelImageForDevice)

/* ---- memory ---- */

enum Owner { ANYONE, DEVICE, PINNED }; /* ANYONE: of the program, variables of the device among it */

struct Piece {
	size_t size;
	Owner owner;
};

struct Memory {
	std::mutex lock;
	std::map<uintptr_t, Piece> piece;
};

inline Memory memory;

inline Owner owner_of(const void *p)
{
	std::lock_guard<std::mutex> hold(memory.lock);
	auto next = memory.piece.upper_bound((uintptr_t)p);
	if (next == memory.piece.begin())
		return ANYONE;
	--next;
	return (uintptr_t)p - next->first < next->second.size ? next->second.owner : ANYONE;
}

inline cudaError_t allocate(void **p, size_t size, Owner owner)
{
	if (!p)
		return told(cudaErrorInvalidValue);
	*p = nullptr;
	if (!size)
		return cudaSuccess;
	if (posix_memalign(p, 4096, size))
		return told(cudaErrorMemoryAllocation);
	memset(*p, 0xff, size);
	std::lock_guard<std::mutex> hold(memory.lock);
	memory.piece[(uintptr_t)*p] = {size, owner};
	return cudaSuccess;
}

inline cudaError_t release(void *p, Owner owner)
{
	if (!p)
		return cudaSuccess;
	std::lock_guard<std::mutex> hold(memory.lock);
	auto at = memory.piece.find((uintptr_t)p);
	if (at == memory.piece.end() || at->second.owner != owner)
		return told(cudaErrorInvalidValue);
	memory.piece.erase(at);
	free(p);
	return cudaSuccess;
}

void run_all_streams(); /* shim_stream.h */

} // namespace shim

inline cudaError_t cudaGetLastError()
{
	cudaError_t e = shim::last_error;
	shim::last_error = cudaSuccess;
	return e;
}

inline cudaError_t cudaPeekAtLastError()
{
	return shim::last_error;
}

enum { cudaHostAllocDefault = 0, cudaHostAllocPortable = 1, cudaHostAllocMapped = 2 };

inline cudaError_t cudaMalloc(void **p, size_t size)
{
	SHIM_ENTER_ALLOCATION();
	return shim::allocate(p, size, shim::DEVICE);
}

template <typename T> inline cudaError_t cudaMalloc(T **p, size_t size)
{
	return cudaMalloc((void **)p, size);
}

inline cudaError_t cudaHostAlloc(void **p, size_t size, unsigned flags)
{
	SHIM_ENTER_ALLOCATION();
	(void)flags;
	return shim::allocate(p, size, shim::PINNED);
}

template <typename T> inline cudaError_t cudaHostAlloc(T **p, size_t size, unsigned flags)
{
	return cudaHostAlloc((void **)p, size, flags);
}

inline cudaError_t cudaMallocHost(void **p, size_t size)
{
	SHIM_ENTER_ALLOCATION();
	return shim::allocate(p, size, shim::PINNED);
}

inline cudaError_t cudaFree(void *p)
{
	SHIM_ENTER();
	shim::run_all_streams();
	return shim::release(p, shim::DEVICE);
}

inline cudaError_t cudaFreeHost(void *p)
{
	SHIM_ENTER();
	shim::run_all_streams();
	return shim::release(p, shim::PINNED);
}

template <typename T> inline cudaError_t cudaGetSymbolAddress(void **p, const T &symbol)
{
	SHIM_ENTER_IMAGE();
	*p = (void *)&symbol;
	return cudaSuccess;
}

/* ---- the device ---- */

enum cudaDeviceAttr {
	cudaDevAttrMaxSharedMemoryPerBlock = 8,
	cudaDevAttrMultiProcessorCount = 16,
	cudaDevAttrComputeCapabilityMajor = 75,
	cudaDevAttrComputeCapabilityMinor = 76,
	cudaDevAttrMaxSharedMemoryPerBlockOptin = 97
};

namespace shim
{

/* Bytes of shared memory that a block may have on request. */
inline int most_shared()
{
	const int a = arch();
	const int kib = a >= 100 && a < 120 ? 227 : a >= 90 && a < 100 ? 227 : a == 80 || a == 87 ? 163 : a >= 86 ? 99 : a == 75 ? 64 : 96;
	return kib * 1024;
}

} // namespace shim

inline cudaError_t cudaGetDeviceCount(int *n)
{
	*n = 0;
	SHIM_ENTER();
	*n = (int)shim::setting("DSSDC_SHIM_DEVICES", 1);
	return cudaSuccess;
}

inline cudaError_t cudaGetDevice(int *device)
{
	SHIM_ENTER();
	*device = 0;
	return cudaSuccess;
}

inline cudaError_t cudaSetDevice(int device)
{
	SHIM_ENTER();
	return device < 0 || device >= shim::setting("DSSDC_SHIM_DEVICES", 1) ? shim::told(cudaErrorInvalidDevice) : cudaSuccess;
}

inline cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr attribute, int device)
{
	SHIM_ENTER();
	if (device != 0)
		return shim::told(cudaErrorInvalidDevice);
	switch (attribute) {
	case cudaDevAttrMaxSharedMemoryPerBlock:
		*value = 48 * 1024;
		return cudaSuccess;
	case cudaDevAttrMultiProcessorCount:
		*value = 4;
		return cudaSuccess;
	case cudaDevAttrComputeCapabilityMajor:
		*value = shim::arch() / 10;
		return cudaSuccess;
	case cudaDevAttrComputeCapabilityMinor:
		*value = shim::arch() % 10;
		return cudaSuccess;
	case cudaDevAttrMaxSharedMemoryPerBlockOptin:
		*value = shim::most_shared();
		return cudaSuccess;
	}
	return shim::told(cudaErrorInvalidValue);
}

inline cudaError_t cudaDeviceSynchronize()
{
	SHIM_ENTER();
	shim::run_all_streams();
	return cudaSuccess;
}

inline cudaError_t cudaRuntimeGetVersion(int *version)
{
	*version = 13000;
	return cudaSuccess;
}

inline cudaError_t cudaDriverGetVersion(int *version)
{
	*version = 13000;
	return cudaSuccess;
}

#endif
