/* functions.cu -- what templates for CUDA share: launching, numbers of 16 bits, places in memory.
 *
 * Parts as in c/functions.c: only those that a source needs are printed. A template has kernels, whose names begin with
 * KERNEL_, and one host function KERNEL that launches them on a queue. A queue remembers the first failure and does
 * nothing from then on, so a list of calls needs one check at its end.
 *
 * Several images of a batch lie NET_IMAGE_STRIDE bytes apart: every pointer is the one of image 0.
 */
#ifndef DSSDC
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <stddef.h>
#include <stdint.h>

#ifndef NET_BATCH
#define NET_BATCH 1
#define NET_IMAGE_STRIDE 0
#endif
#ifndef EARLY
#define EARLY 0
#endif
#ifndef NET_QUEUES
#define NET_QUEUES 1
#define NET_TICKETS 1
#define NET_TICKETS_AT 0
#endif
#endif

/* part: queue needs: */
/* tickets: NET_TICKETS counters in device memory, zero between kernels: which block of a group is the last one. */
typedef struct {
	cudaStream_t stream;
	cudaError_t status;
	unsigned char *memory; /* of the device */
	unsigned int *tickets;
	struct net_library *library; /* cuDNN's plans; null where there are none */
	int number;                  /* from 0; see part queues */
#if EARLY
	unsigned int running;        /* a bit for each number: the last thing that it got is a kernel */
#endif
} net_queue;

/* shared: bytes of dynamic shared memory. */
template <typename... P, typename... A>
static void net_launch(net_queue *q, void (*kernel)(P...), dim3 grid, int threads, int shared, A... arguments)
{
	cudaLaunchConfig_t config = {};
#if EARLY
	cudaLaunchAttribute early = {};
	cudaFuncAttributes of = {};
#endif

	config.gridDim = grid;
	config.blockDim = dim3((unsigned)threads);
	config.dynamicSmemBytes = (size_t)shared;
	config.stream = q->stream;
	if (q->status == cudaSuccess && shared > 48 * 1024)
		q->status = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, shared);
#if EARLY
	if (q->status == cudaSuccess && (q->running >> q->number & 1u))
		q->status = cudaFuncGetAttributes(&of, kernel);
	if (of.ptxVersion >= 90) { /* what was compiled for older devices does not wait by itself: see part early */
		early.id = cudaLaunchAttributeProgrammaticStreamSerialization;
		early.val.programmaticStreamSerializationAllowed = 1;
		config.attrs = &early;
		config.numAttrs = 1;
	}
	q->running |= 1u << q->number;
#endif
	if (q->status == cudaSuccess)
		q->status = cudaLaunchKernelEx(&config, kernel, arguments...);
}

/* part: early needs: */
/* The first thing that a kernel does to what other kernels have to do with: it was launched when all blocks of the one before
 * it had begun, waits here for the end of that one, and so of all before, and lets the next one be launched. */
static __device__ inline void net_begin()
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
	cudaGridDependencySynchronize();
	cudaTriggerProgrammaticLaunchCompletion();
#endif
}

/* What a block will read of the weights, which no kernel writes, is brought near meanwhile. bytes: a multiple of 16. */
[[maybe_unused]] static __device__ inline void net_fetch(const void *weights, unsigned int bytes)
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
	if (bytes > 0)
		asm volatile("cp.async.bulk.prefetch.L2.global [%0], %1;" ::"l"(__cvta_generic_to_global(weights)), "r"(bytes));
#else
	(void)weights;
	(void)bytes;
#endif
}

/* part: at needs: */
/* Places in the arena and in the weights: the one cast from bytes. */
template <typename T> static __host__ __device__ inline T *net_at(unsigned char *memory, size_t bytes)
{
	return reinterpret_cast<T *>(memory + bytes);
}

template <typename T> static __host__ __device__ inline const T *net_at(const unsigned char *memory, size_t bytes)
{
	return reinterpret_cast<const T *>(memory + bytes);
}

/* part: queues needs: queue at */
/* Kernels of different queues may run at the same time. What follows is for the queue of this number, and its stream. */
static void net_turn(net_queue *q, int number, cudaStream_t stream)
{
	q->tickets = net_at<unsigned int>(q->memory, NET_TICKETS_AT) + number * NET_TICKETS;
	q->stream = stream;
	q->number = number;
}

/* The event is what the queue has got so far. */
static void net_mark(net_queue *q, cudaEvent_t event)
{
	if (q->status == cudaSuccess)
		q->status = cudaEventRecord(event, q->stream);
}

/* What the queue gets from now on begins when that is done. */
static void net_await(net_queue *q, cudaEvent_t event)
{
#if EARLY
	q->running &= ~(1u << q->number);
#endif
	if (q->status == cudaSuccess)
		q->status = cudaStreamWaitEvent(q->stream, event, 0);
}

/* part: image needs: */
/* The same place for another image of the batch. */
template <typename T> static __device__ inline T *net_at_image(T *p, int image)
{
	return reinterpret_cast<T *>(reinterpret_cast<uintptr_t>(p) + (size_t)image * NET_IMAGE_STRIDE);
}

/* The same as a number of chunks of 16 bytes. */
[[maybe_unused]] static __device__ inline int net_image_chunks(int image)
{
	return image * (int)(NET_IMAGE_STRIDE / 16);
}

/* part: number needs: */
/* Elements of maps as the floats that are computed with, and back: nearest, ties to even. A program has some of the types. */
[[maybe_unused]] static __device__ inline float net_float(float x)
{
	return x;
}

[[maybe_unused]] static __device__ inline float net_float(__half x)
{
	return __half2float(x);
}

[[maybe_unused]] static __device__ inline float net_float(__nv_bfloat16 x)
{
	return __bfloat162float(x);
}

[[maybe_unused]] static __device__ inline void net_put(float *p, float x)
{
	*p = x;
}

[[maybe_unused]] static __device__ inline void net_put(__half *p, float x)
{
	*p = __float2half_rn(x);
}

[[maybe_unused]] static __device__ inline void net_put(__nv_bfloat16 *p, float x)
{
	*p = __float2bfloat16_rn(x);
}

/* part: eight needs: number */
/* Eight neighbours in memory at a multiple of 16 bytes, as floats, and back. */
[[maybe_unused]] static __device__ inline void net_load_eight(const float *p, float *v)
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

template <typename T> static __device__ inline void net_load_eight(const T *p, float *v)
{
	const uint4 bits = *reinterpret_cast<const uint4 *>(p);
	T eight[8];

	memcpy(eight, &bits, sizeof eight);
	for (int i = 0; i < 8; i++)
		v[i] = net_float(eight[i]);
}

[[maybe_unused]] static __device__ inline void net_store_eight(float *p, const float *v)
{
	*reinterpret_cast<float4 *>(p) = make_float4(v[0], v[1], v[2], v[3]);
	*reinterpret_cast<float4 *>(p + 4) = make_float4(v[4], v[5], v[6], v[7]);
}

template <typename T> static __device__ inline void net_store_eight(T *p, const float *v)
{
	uint4 bits;
	T eight[8];

	for (int i = 0; i < 8; i++)
		net_put(&eight[i], v[i]);
	memcpy(&bits, eight, sizeof bits);
	*reinterpret_cast<uint4 *>(p) = bits;
}
