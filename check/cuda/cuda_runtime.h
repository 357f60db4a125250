/* cuda_runtime.h -- the CUDA runtime as declarations, for dssdc check: libclang parses emitted CUDA with these, so that no
 * toolkit is needed and a file takes milliseconds. Types and prototypes are those of CUDA 12 and 13; numbers of enumerators
 * are those that emitted code can see. Nothing is defined but what the types of arguments hang on.
 *
 * __launch_bounds__ leaves a note beside its attribute, which libclang shows: a rule compares it with the launches.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define __host__ __attribute__((host))
#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __shared__ __attribute__((shared))
#define __constant__ __attribute__((constant))
#define __managed__ __attribute__((managed))
#define __align__(n) __attribute__((aligned(n)))
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define DSSDC_TEXT(...) #__VA_ARGS__
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__), annotate("launch_bounds " DSSDC_TEXT(__VA_ARGS__))))

/* ---- types ---- */

#define DSSDC_VECTORS(T, name, align2, align4)                                                                         \
	struct name##1 {                                                                                               \
		T x;                                                                                                   \
	};                                                                                                             \
	struct __align__(align2) name##2 {                                                                             \
		T x, y;                                                                                                \
	};                                                                                                             \
	struct name##3 {                                                                                               \
		T x, y, z;                                                                                             \
	};                                                                                                             \
	struct __align__(align4) name##4 {                                                                             \
		T x, y, z, w;                                                                                          \
	};                                                                                                             \
	__host__ __device__ name##1 make_##name##1(T x);                                                               \
	__host__ __device__ name##2 make_##name##2(T x, T y);                                                          \
	__host__ __device__ name##3 make_##name##3(T x, T y, T z);                                                     \
	__host__ __device__ name##4 make_##name##4(T x, T y, T z, T w);

DSSDC_VECTORS(signed char, char, 2, 4)
DSSDC_VECTORS(unsigned char, uchar, 2, 4)
DSSDC_VECTORS(short, short, 4, 8)
DSSDC_VECTORS(unsigned short, ushort, 4, 8)
DSSDC_VECTORS(int, int, 8, 16)
DSSDC_VECTORS(unsigned int, uint, 8, 16)
DSSDC_VECTORS(long long, longlong, 16, 16)
DSSDC_VECTORS(unsigned long long, ulonglong, 16, 16)
DSSDC_VECTORS(float, float, 8, 16)
DSSDC_VECTORS(double, double, 16, 16)

struct dim3 {
	unsigned int x, y, z;
	__host__ __device__ constexpr dim3(unsigned int x_ = 1, unsigned int y_ = 1, unsigned int z_ = 1) : x(x_), y(y_), z(z_) {}
	__host__ __device__ constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
};

enum cudaError {
	cudaSuccess = 0,
	cudaErrorInvalidValue = 1,
	cudaErrorMemoryAllocation = 2,
	cudaErrorInitializationError = 3,
	cudaErrorInvalidConfiguration = 9,
	cudaErrorInvalidSymbol = 13,
	cudaErrorInsufficientDriver = 35,
	cudaErrorInvalidDeviceFunction = 98,
	cudaErrorNoDevice = 100,
	cudaErrorInvalidDevice = 101,
	cudaErrorNoKernelImageForDevice = 209,
	cudaErrorUnsupportedPtxVersion = 222,
	cudaErrorInvalidResourceHandle = 400,
	cudaErrorIllegalState = 401,
	cudaErrorNotReady = 600,
	cudaErrorIllegalAddress = 700,
	cudaErrorLaunchOutOfResources = 701,
	cudaErrorLaunchFailure = 719,
	cudaErrorNotSupported = 801,
	cudaErrorStreamCaptureUnsupported = 900,
	cudaErrorStreamCaptureInvalidated = 901,
	cudaErrorUnknown = 999
};
typedef enum cudaError cudaError_t;
typedef struct CUstream_st *cudaStream_t;
typedef struct CUevent_st *cudaEvent_t;
typedef struct CUgraph_st *cudaGraph_t;
typedef struct CUgraphExec_st *cudaGraphExec_t;
typedef struct CUgraphNode_st *cudaGraphNode_t;

enum cudaMemcpyKind {
	cudaMemcpyHostToHost = 0,
	cudaMemcpyHostToDevice = 1,
	cudaMemcpyDeviceToHost = 2,
	cudaMemcpyDeviceToDevice = 3,
	cudaMemcpyDefault = 4
};
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize = 8, cudaFuncAttributePreferredSharedMemoryCarveout = 9 };
enum cudaStreamCaptureMode { cudaStreamCaptureModeGlobal = 0, cudaStreamCaptureModeThreadLocal = 1, cudaStreamCaptureModeRelaxed = 2 };
enum cudaStreamCaptureStatus { cudaStreamCaptureStatusNone = 0, cudaStreamCaptureStatusActive = 1, cudaStreamCaptureStatusInvalidated = 2 };
enum cudaDeviceAttr {
	cudaDevAttrMaxSharedMemoryPerBlock = 8,
	cudaDevAttrMultiProcessorCount = 16,
	cudaDevAttrComputeCapabilityMajor = 75,
	cudaDevAttrComputeCapabilityMinor = 76,
	cudaDevAttrMaxSharedMemoryPerBlockOptin = 97
};
#define cudaStreamDefault 0x00
#define cudaStreamNonBlocking 0x01
#define cudaHostAllocDefault 0x00
#define cudaHostAllocPortable 0x01
#define cudaHostAllocMapped 0x02
#define cudaEventDefault 0x00
#define cudaEventDisableTiming 0x02

enum cudaLaunchAttributeID { cudaLaunchAttributeIgnore = 0, cudaLaunchAttributeProgrammaticStreamSerialization = 6 };
union cudaLaunchAttributeValue {
	char pad[64];
	int programmaticStreamSerializationAllowed;
};
struct cudaLaunchAttribute {
	cudaLaunchAttributeID id;
	cudaLaunchAttributeValue val;
};
struct cudaFuncAttributes {
	int ptxVersion, binaryVersion;
};
typedef struct cudaLaunchConfig_st {
	dim3 gridDim, blockDim;
	size_t dynamicSmemBytes;
	cudaStream_t stream;
	cudaLaunchAttribute *attrs;
	unsigned int numAttrs;
} cudaLaunchConfig_t;

struct cudaKernelNodeParams {
	void *func;
	dim3 gridDim, blockDim;
	unsigned int sharedMemBytes;
	void **kernelParams, **extra;
};

/* ---- the host's functions ---- */

extern "C" {
unsigned int __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared = 0, CUstream_st *stream = 0);
cudaError_t cudaConfigureCall(dim3 grid, dim3 block, size_t shared = 0, cudaStream_t stream = 0);

cudaError_t cudaGetLastError(void);
cudaError_t cudaPeekAtLastError(void);
const char *cudaGetErrorName(cudaError_t error);
const char *cudaGetErrorString(cudaError_t error);

cudaError_t cudaMalloc(void **p, size_t bytes);
cudaError_t cudaMallocAsync(void **p, size_t bytes, cudaStream_t stream);
cudaError_t cudaMallocHost(void **p, size_t bytes);
cudaError_t cudaMallocManaged(void **p, size_t bytes, unsigned int flags = 1);
cudaError_t cudaHostAlloc(void **p, size_t bytes, unsigned int flags);
cudaError_t cudaFree(void *p);
cudaError_t cudaFreeAsync(void *p, cudaStream_t stream);
cudaError_t cudaFreeHost(void *p);
cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, cudaMemcpyKind kind);
cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream = 0);
cudaError_t cudaMemset(void *p, int byte, size_t bytes);
cudaError_t cudaMemsetAsync(void *p, int byte, size_t bytes, cudaStream_t stream = 0);
cudaError_t cudaMemcpyToSymbol(const void *symbol, const void *from, size_t bytes, size_t at = 0, cudaMemcpyKind kind = cudaMemcpyHostToDevice);
cudaError_t cudaMemcpyFromSymbol(void *to, const void *symbol, size_t bytes, size_t at = 0, cudaMemcpyKind kind = cudaMemcpyDeviceToHost);

cudaError_t cudaGetDevice(int *device);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaGetDeviceCount(int *count);
cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr attribute, int device);
cudaError_t cudaDeviceSynchronize(void);

cudaError_t cudaStreamCreate(cudaStream_t *stream);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned int flags);
cudaError_t cudaStreamCreateWithPriority(cudaStream_t *stream, unsigned int flags, int priority);
cudaError_t cudaDeviceGetStreamPriorityRange(int *least, int *greatest);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned int flags = 0);
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode);
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph);
cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus *status);
cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned int flags);
cudaError_t cudaEventCreate(cudaEvent_t *event);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream = 0);
cudaError_t cudaEventSynchronize(cudaEvent_t event);
cudaError_t cudaEventElapsedTime(float *ms, cudaEvent_t from, cudaEvent_t to);

cudaError_t cudaGraphDestroy(cudaGraph_t graph);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graph);
cudaError_t cudaGraphGetRootNodes(cudaGraph_t graph, cudaGraphNode_t *nodes, size_t *count);
cudaError_t cudaGraphInstantiate(cudaGraphExec_t *made, cudaGraph_t graph, unsigned long long flags = 0);
cudaError_t cudaGraphUpload(cudaGraphExec_t graph, cudaStream_t stream);
cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t stream);
cudaError_t cudaGraphKernelNodeGetParams(cudaGraphNode_t node, cudaKernelNodeParams *parameters);
cudaError_t cudaGraphExecKernelNodeSetParams(cudaGraphExec_t graph, cudaGraphNode_t node, const cudaKernelNodeParams *parameters);
cudaError_t cudaLaunchKernel(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream);
cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t *config, const void *kernel, void **arguments);
cudaError_t cudaFuncSetAttribute(const void *kernel, cudaFuncAttribute attribute, int value);
}

template <typename T> inline cudaError_t cudaMalloc(T **p, size_t bytes)
{
	return cudaMalloc((void **)(void *)p, bytes);
}

template <typename T> inline cudaError_t cudaMallocHost(T **p, size_t bytes)
{
	return cudaMallocHost((void **)(void *)p, bytes);
}

template <typename T> inline cudaError_t cudaHostAlloc(T **p, size_t bytes, unsigned int flags)
{
	return cudaHostAlloc((void **)(void *)p, bytes, flags);
}

template <typename T> cudaError_t cudaGetSymbolAddress(void **p, const T &symbol);
template <typename T> cudaError_t cudaGetSymbolSize(size_t *bytes, const T &symbol);
template <typename T> cudaError_t cudaMemcpyToSymbol(const T &symbol, const void *from, size_t bytes, size_t at = 0, cudaMemcpyKind kind = cudaMemcpyHostToDevice);
template <typename T> cudaError_t cudaMemcpyFromSymbol(void *to, const T &symbol, size_t bytes, size_t at = 0, cudaMemcpyKind kind = cudaMemcpyDeviceToHost);
template <typename T> cudaError_t cudaMemcpyToSymbolAsync(const T &symbol, const void *from, size_t bytes, size_t at, cudaMemcpyKind kind, cudaStream_t stream = 0);
template <typename T> cudaError_t cudaMemcpyFromSymbolAsync(void *to, const T &symbol, size_t bytes, size_t at, cudaMemcpyKind kind, cudaStream_t stream = 0);
template <typename T> cudaError_t cudaLaunchKernel(T *kernel, dim3 grid, dim3 block, void **arguments, size_t shared = 0, cudaStream_t stream = 0);
template <typename T> cudaError_t cudaFuncGetAttributes(cudaFuncAttributes *attributes, T *kernel);
template <typename T> cudaError_t cudaFuncSetAttribute(T *kernel, cudaFuncAttribute attribute, int value);

/* Arguments become what the kernel takes, one for one. */
template <typename... P> cudaError_t dssdc_launch(const cudaLaunchConfig_t *config, void (*kernel)(P...), P... arguments);
template <typename... P, typename... A> inline cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t *config, void (*kernel)(P...), A &&...arguments)
{
	return dssdc_launch<P...>(config, kernel, arguments...);
}

/* ---- the device ---- */

extern const __device__ uint3 threadIdx, blockIdx;
extern const __device__ dim3 blockDim, gridDim;
extern const __device__ int warpSize;

extern "C" {
__device__ void *malloc(size_t bytes);
__device__ void free(void *p);
__device__ void *memcpy(void *to, const void *from, size_t bytes);
__device__ void *memset(void *p, int byte, size_t bytes);
}

#define DSSDC_BOTH __host__ __device__
DSSDC_BOTH float fabsf(float x);
DSSDC_BOTH float fminf(float x, float y);
DSSDC_BOTH float fmaxf(float x, float y);
DSSDC_BOTH float fmaf(float x, float y, float z);
DSSDC_BOTH float fmodf(float x, float y);
DSSDC_BOTH float sqrtf(float x);
DSSDC_BOTH float expf(float x);
DSSDC_BOTH float exp2f(float x);
DSSDC_BOTH float logf(float x);
DSSDC_BOTH float log2f(float x);
DSSDC_BOTH float powf(float x, float y);
DSSDC_BOTH float tanhf(float x);
DSSDC_BOTH float erff(float x);
DSSDC_BOTH float sinf(float x);
DSSDC_BOTH float cosf(float x);
DSSDC_BOTH float floorf(float x);
DSSDC_BOTH float ceilf(float x);
DSSDC_BOTH float truncf(float x);
DSSDC_BOTH float roundf(float x);
DSSDC_BOTH float rintf(float x);
DSSDC_BOTH int min(int x, int y);
DSSDC_BOTH int max(int x, int y);
#undef DSSDC_BOTH
__device__ float rsqrtf(float x);
__device__ float __expf(float x);
__device__ float __fdividef(float x, float y);
__device__ float __fmul_rn(float x, float y);
__device__ float __fadd_rn(float x, float y);
__device__ float __fdiv_rn(float x, float y);
__device__ float __fsqrt_rn(float x);
__device__ float __fmaf_rn(float x, float y, float z);
__device__ double __dmul_rn(double x, double y);
__device__ double __dadd_rn(double x, double y);

__device__ int __float_as_int(float x);
__device__ unsigned int __float_as_uint(float x);
__device__ float __int_as_float(int x);
__device__ float __uint_as_float(unsigned int x);
__device__ int __float2int_rn(float x);
__device__ int __clz(int x);
__device__ int __clzll(long long x);
__device__ int __ffs(int x);
__device__ int __popc(unsigned int x);
__device__ int __popcll(unsigned long long x);
__device__ unsigned int __brev(unsigned int x);

__device__ void __syncthreads(void);
__device__ void cudaGridDependencySynchronize(void);
__device__ void cudaTriggerProgrammaticLaunchCompletion(void);
__device__ void __syncwarp(unsigned int lanes = 0xffffffffu);
__device__ void __threadfence(void);
__device__ void __threadfence_block(void);
__device__ int __any_sync(unsigned int lanes, int x);
__device__ int __all_sync(unsigned int lanes, int x);
__device__ unsigned int __ballot_sync(unsigned int lanes, int x);
__device__ unsigned int __activemask(void);
__device__ size_t __cvta_generic_to_shared(const void *p);
__device__ size_t __cvta_generic_to_global(const void *p);

#define DSSDC_SHUFFLES(T)                                                                                              \
	__device__ T __shfl_sync(unsigned int lanes, T x, int from, int width = 32);                                   \
	__device__ T __shfl_up_sync(unsigned int lanes, T x, unsigned int by, int width = 32);                         \
	__device__ T __shfl_down_sync(unsigned int lanes, T x, unsigned int by, int width = 32);                       \
	__device__ T __shfl_xor_sync(unsigned int lanes, T x, int mask, int width = 32);

DSSDC_SHUFFLES(int)
DSSDC_SHUFFLES(unsigned int)
DSSDC_SHUFFLES(float)
DSSDC_SHUFFLES(long long)
DSSDC_SHUFFLES(unsigned long long)
DSSDC_SHUFFLES(double)

#define DSSDC_ATOMICS(T)                                                                                               \
	__device__ T atomicAdd(T *p, T x);                                                                             \
	__device__ T atomicMin(T *p, T x);                                                                             \
	__device__ T atomicMax(T *p, T x);                                                                             \
	__device__ T atomicAnd(T *p, T x);                                                                             \
	__device__ T atomicOr(T *p, T x);                                                                              \
	__device__ T atomicExch(T *p, T x);                                                                            \
	__device__ T atomicCAS(T *p, T compare, T x);

DSSDC_ATOMICS(int)
DSSDC_ATOMICS(unsigned int)
DSSDC_ATOMICS(unsigned long long)
__device__ float atomicAdd(float *p, float x);
