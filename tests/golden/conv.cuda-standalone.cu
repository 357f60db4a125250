/* conv.cu -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * model    conv, hash 5883e6c9120d7ffe
 * options  conv.ir --target=cuda-standalone -O1 --arena=static --weights-form=incbin
 * profile  cuda
 * weights  8704 bytes, hash ec8e2a31eaa2d6de
 * arena    1536 bytes; the largest set of live buffers is 1536
 * macs     1116
 * numbers  f32, sums f32; a * b + c rounded once: fast; 0 layers by Winograd's transforms
 * ram      10576 bytes: conv_device_weights 8704 + conv_device_memory 1792 + conv_own 80
 * flash    9126 bytes: conv_weights 8704 + conv_weights_head 16 + strings 326 + mark 16 + text 64
 * device   10496 bytes: conv_device_weights 8704 + conv_device_memory 1792
 * defines  conv_run conv_open conv_close conv_device_error conv_strerror conv_version conv_weights conv_weights_head
 * uses     cudaFreeHost cudaFuncSetAttribute cudaGetErrorName cudaGetLastError cudaGetSymbolAddress cudaGraphDestroy
 *          cudaGraphExecDestroy cudaGraphGetRootNodes cudaGraphInstantiate cudaGraphLaunch cudaGraphUpload
 *          cudaLaunchKernelEx cudaMemcpyAsync cudaMemsetAsync cudaStreamBeginCapture cudaStreamCreateWithFlags
 *          cudaStreamDestroy cudaStreamEndCapture cudaStreamSynchronize memcpy memset
 * needs    conv.h, and conv.weights through -I. A makefile must name it as a dependency: -MD does not list what
 *          the assembler reads, -Wa,--MD,FILE does. With -flto the assembler runs at the link: gcc's link
 *          needs -Wa,-IFOLDER too, clang needs -fno-lto for this file
 *
 * node  layer                        kernel               result                 MMAC arena offset
 *    1  a.reorder                    reorder_any_1        3x5x6                 0.000            0
 *    2  a                            conv_gemm_1          4x3x3                 0.001         1024
 *    3  b                            conv_any_1           4x3x3                 0.000     caller's
 */
#include "conv.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
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
/* An error about .org says that conv.weights has not 8768 bytes: it is not the file that was written with this source. */
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
	".size conv_weights, 8704\n"
	"conv_weights:\n"
	".incbin \"conv.weights\", 64\n"
	".Lconv_weights_end:\n"
	".org conv_weights + 8704\n"
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

/* Eight neighbours in memory at a multiple of 16 bytes, as floats, and back. */
[[maybe_unused]] static __device__ inline void conv_load_eight(const float *p, float *v)
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

template <typename T> static __device__ inline void conv_load_eight(const T *p, float *v)
{
	const uint4 bits = *reinterpret_cast<const uint4 *>(p);
	T eight[8];

	memcpy(eight, &bits, sizeof eight);
	for (int i = 0; i < 8; i++)
		v[i] = conv_float(eight[i]);
}

[[maybe_unused]] static __device__ inline void conv_store_eight(float *p, const float *v)
{
	*reinterpret_cast<float4 *>(p) = make_float4(v[0], v[1], v[2], v[3]);
	*reinterpret_cast<float4 *>(p + 4) = make_float4(v[4], v[5], v[6], v[7]);
}

template <typename T> static __device__ inline void conv_store_eight(T *p, const float *v)
{
	uint4 bits;
	T eight[8];

	for (int i = 0; i < 8; i++)
		conv_put(&eight[i], v[i]);
	memcpy(&bits, eight, sizeof bits);
	*reinterpret_cast<uint4 *>(p) = bits;
}
/* 16 bytes from device memory to shared memory, or zeros. It may be under way until conv_copies_arrived<n>(), which lets
 * those before the last n conv_copies_end() arrive; a barrier then shows them to the block. CACHED: the block will read
 * them again. */
template <bool CACHED> static __device__ inline void conv_copy16(unsigned char *to, const uint4 *from, bool inside)
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
	const unsigned int at = (unsigned int)__cvta_generic_to_shared(to);
	const int bytes = inside ? 16 : 0;

	if constexpr (CACHED)
		asm volatile("cp.async.ca.shared.global [%0], [%1], 16, %2;" ::"r"(at), "l"(from), "r"(bytes) : "memory");
	else
		asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(at), "l"(from), "r"(bytes) : "memory");
#else
	*reinterpret_cast<uint4 *>(to) = inside ? *from : make_uint4(0, 0, 0, 0);
#endif
}

[[maybe_unused]] static __device__ inline void conv_copies_end()
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
	asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

template <int LEFT> static __device__ inline void conv_copies_arrived()
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
	asm volatile("cp.async.wait_group %0;" ::"n"(LEFT) : "memory");
#endif
}

/* Where a chunk of a row is in its tile. */
template <int ROW_CHUNKS> static __device__ inline int conv_swizzle(int row, int chunk)
{
	return row * ROW_CHUNKS + (chunk ^ (ROW_CHUNKS == 8 ? row & 7 : row >> 1 & 3));
}

/* What is multiplied: f32 as it is, f32 rounded to 10 bits of fraction, f16, bf16. */
struct conv_f32_factors {
	enum { IN_CHUNK = 4 };
};
struct conv_tf32_factors {
	enum { IN_CHUNK = 4 };
};
struct conv_f16_factors {
	enum { IN_CHUNK = 8 };
};
struct conv_bf16_factors {
	enum { IN_CHUNK = 8 };
};

/* The nearest of 10 bits of fraction, ties away from zero. */
[[maybe_unused]] static __device__ inline unsigned int conv_tf32(unsigned int bits)
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
	unsigned int rounded;

	asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(rounded) : "f"(__uint_as_float(bits)));
	return rounded;
#else
	return (bits & 0x7f800000u) == 0x7f800000u ? bits : (bits + 0x1000u) & 0xffffe000u;
#endif
}

/* The numbers of a chunk. */
[[maybe_unused]] static __device__ inline void conv_unpack(conv_f32_factors, const uint4 &c, float *x)
{
	const unsigned int word[4] = {c.x, c.y, c.z, c.w};

#pragma unroll
	for (int i = 0; i < 4; i++)
		x[i] = __uint_as_float(word[i]);
}

[[maybe_unused]] static __device__ inline void conv_unpack(conv_tf32_factors, const uint4 &c, float *x)
{
	const unsigned int word[4] = {c.x, c.y, c.z, c.w};

#pragma unroll
	for (int i = 0; i < 4; i++)
		x[i] = __uint_as_float(conv_tf32(word[i]));
}

[[maybe_unused]] static __device__ inline void conv_unpack(conv_f16_factors, const uint4 &c, float *x)
{
	const unsigned int word[4] = {c.x, c.y, c.z, c.w};

#pragma unroll
	for (int i = 0; i < 8; i++)
		x[i] = __half2float(__ushort_as_half((unsigned short)(word[i / 2] >> i % 2 * 16)));
}

[[maybe_unused]] static __device__ inline void conv_unpack(conv_bf16_factors, const uint4 &c, float *x)
{
	const unsigned int word[4] = {c.x, c.y, c.z, c.w};

#pragma unroll
	for (int i = 0; i < 8; i++)
		x[i] = __uint_as_float(i % 2 ? word[i / 2] & 0xffff0000u : word[i / 2] << 16);
}

/* Adds the products of one tile of k to a warp's sums. a, b: the warp's first rows in the tiles, at a multiple of 8. Of
 * the tile's steps it takes FIRST, FIRST + EVERY, ... */
template <int MI, int NI, int ROW_CHUNKS, int EVERY, typename F>
static __device__ inline void conv_products(F factors, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	constexpr int in_chunk = F::IN_CHUNK;
	const int lane = (int)threadIdx.x % 32, g = lane / 4, t = lane % 4;
	const uint4 *const ac = reinterpret_cast<const uint4 *>(a), *const bc = reinterpret_cast<const uint4 *>(b);

#pragma unroll 1
	for (int half = 0; half < ROW_CHUNKS / EVERY; half++) {
		const int chunk = 2 * (first + half / 2 * EVERY) + half % 2;
		float x[2 * MI][in_chunk];

#pragma unroll
		for (int i = 0; i < 2 * MI; i++)
			conv_unpack(factors, ac[conv_swizzle<ROW_CHUNKS>(8 * i + g, chunk)], x[i]);
#pragma unroll
		for (int j = 0; j < 2 * NI; j++) {
			float w[in_chunk];

			conv_unpack(factors, bc[conv_swizzle<ROW_CHUNKS>(j / 2 * 8 + 2 * t + j % 2, chunk)], w);
#pragma unroll
			for (int i = 0; i < 2 * MI; i++)
#pragma unroll
				for (int k = 0; k < in_chunk; k++)
					sum[i / 2][j / 2][i % 2 * 2 + j % 2] = fmaf(x[i][k], w[k], sum[i / 2][j / 2][i % 2 * 2 + j % 2]);
		}
	}
}

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 750
/* Four pieces of 8 rows by one chunk; lanes 8i to 8i + 7 point at the chunks of piece i. */
[[maybe_unused]] static __device__ inline void conv_ldmatrix(unsigned int (&piece)[4], unsigned int at)
{
	asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
	             : "=r"(piece[0]), "=r"(piece[1]), "=r"(piece[2]), "=r"(piece[3])
	             : "r"(at)
	             : "memory");
}

[[maybe_unused]] static __device__ inline void conv_mma(conv_f16_factors, float (&c)[4], const unsigned int (&a)[4], unsigned int b0, unsigned int b1)
{
#if __CUDA_ARCH__ >= 800
	asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
	             : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
	             : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#else
	asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
	             : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
	             : "r"(a[0]), "r"(a[1]), "r"(b0));
	asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
	             : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
	             : "r"(a[2]), "r"(a[3]), "r"(b1));
#endif
}

#if __CUDA_ARCH__ >= 800
[[maybe_unused]] static __device__ inline void conv_mma(conv_bf16_factors, float (&c)[4], const unsigned int (&a)[4], unsigned int b0, unsigned int b1)
{
	asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
	             : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
	             : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

[[maybe_unused]] static __device__ inline void conv_mma(conv_tf32_factors, float (&c)[4], const unsigned int (&a)[4], unsigned int b0, unsigned int b1)
{
	asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
	             : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
	             : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
#endif

/* Pieces of a step: of a, rows 16i.. as its two halves, chunk by chunk; of b, columns 16j.. as chunk by chunk of its
 * halves. */
template <int MI, int NI, int ROW_CHUNKS, bool TF32>
static __device__ inline void conv_pieces(unsigned int (&a)[MI][4], unsigned int (&b)[NI / 2][4], unsigned int a_at, unsigned int b_at, int step)
{
	const int lane = (int)threadIdx.x % 32;
	const int a_place = conv_swizzle<ROW_CHUNKS>(lane % 16, 2 * step + lane / 16);
	const int b_place = conv_swizzle<ROW_CHUNKS>(lane / 16 * 8 + lane % 8, 2 * step + lane / 8 % 2);

#pragma unroll
	for (int i = 0; i < MI; i++) {
		conv_ldmatrix(a[i], a_at + (unsigned int)(16 * (a_place + 16 * ROW_CHUNKS * i)));
#pragma unroll
		for (int k = 0; TF32 && k < 4; k++)
			a[i][k] = conv_tf32(a[i][k]);
	}
#pragma unroll
	for (int j = 0; j < NI / 2; j++)
		conv_ldmatrix(b[j], b_at + (unsigned int)(16 * (b_place + 16 * ROW_CHUNKS * j)));
}

/* The same by the matrix units: while they work on one step, the pieces of the next are fetched. */
template <int MI, int NI, int ROW_CHUNKS, int EVERY, bool TF32, typename F>
static __device__ inline void conv_unit_products(F factors, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	constexpr int steps = ROW_CHUNKS / 2 / EVERY;
	const unsigned int a_at = (unsigned int)__cvta_generic_to_shared(a), b_at = (unsigned int)__cvta_generic_to_shared(b);
	unsigned int ap[2][MI][4], bp[2][NI / 2][4];

	conv_pieces<MI, NI, ROW_CHUNKS, TF32>(ap[0], bp[0], a_at, b_at, first);
#pragma unroll
	for (int s = 0; s < steps; s++) {
		if (s + 1 < steps)
			conv_pieces<MI, NI, ROW_CHUNKS, TF32>(ap[(s + 1) % 2], bp[(s + 1) % 2], a_at, b_at, first + (s + 1) * EVERY);
#pragma unroll
		for (int i = 0; i < MI; i++)
#pragma unroll
			for (int j = 0; j < NI; j++)
				conv_mma(factors, sum[i][j], ap[s % 2][i], bp[s % 2][j / 2][j % 2 * 2], bp[s % 2][j / 2][j % 2 * 2 + 1]);
	}
}

template <int MI, int NI, int ROW_CHUNKS, int EVERY>
static __device__ inline void conv_products(conv_f16_factors f, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	conv_unit_products<MI, NI, ROW_CHUNKS, EVERY, false>(f, sum, a, b, first);
}

#if __CUDA_ARCH__ >= 800
template <int MI, int NI, int ROW_CHUNKS, int EVERY>
static __device__ inline void conv_products(conv_bf16_factors f, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	conv_unit_products<MI, NI, ROW_CHUNKS, EVERY, false>(f, sum, a, b, first);
}

template <int MI, int NI, int ROW_CHUNKS, int EVERY>
static __device__ inline void conv_products(conv_tf32_factors f, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	conv_unit_products<MI, NI, ROW_CHUNKS, EVERY, true>(f, sum, a, b, first);
}
#endif
#endif

/* Eight neighbours of a map, at a multiple of 16 bytes, as they are; as floats; and stored. */
template <typename T> struct conv_eight {
	uint4 word[sizeof(T) / 2];
};

template <typename T> static __device__ inline conv_eight<T> conv_load8(const T *p)
{
	conv_eight<T> x;

#pragma unroll
	for (int i = 0; i < (int)sizeof(T) / 2; i++)
		x.word[i] = reinterpret_cast<const uint4 *>(p)[i];
	return x;
}

[[maybe_unused]] static __device__ inline void conv_spread(float (&to)[8], const conv_eight<float> &x)
{
	const unsigned int word[8] = {x.word[0].x, x.word[0].y, x.word[0].z, x.word[0].w, x.word[1].x, x.word[1].y, x.word[1].z, x.word[1].w};

#pragma unroll
	for (int i = 0; i < 8; i++)
		to[i] = __uint_as_float(word[i]);
}

[[maybe_unused]] static __device__ inline void conv_spread(float (&to)[8], const conv_eight<__half> &x)
{
	const unsigned int word[4] = {x.word[0].x, x.word[0].y, x.word[0].z, x.word[0].w};

#pragma unroll
	for (int i = 0; i < 8; i++)
		to[i] = __half2float(__ushort_as_half((unsigned short)(word[i / 2] >> i % 2 * 16)));
}

[[maybe_unused]] static __device__ inline void conv_spread(float (&to)[8], const conv_eight<__nv_bfloat16> &x)
{
	const unsigned int word[4] = {x.word[0].x, x.word[0].y, x.word[0].z, x.word[0].w};

#pragma unroll
	for (int i = 0; i < 8; i++)
		to[i] = __uint_as_float(i % 2 ? word[i / 2] & 0xffff0000u : word[i / 2] << 16);
}

/* Two numbers in a word, the first in the low half. */
[[maybe_unused]] static __device__ inline unsigned int conv_pair(const __half *, float low, float high)
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
	unsigned int both;

	asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(high), "f"(low));
	return both;
#else
	return (unsigned int)__half_as_ushort(__float2half_rn(low)) | (unsigned int)__half_as_ushort(__float2half_rn(high)) << 16;
#endif
}

[[maybe_unused]] static __device__ inline unsigned int conv_pair(const __nv_bfloat16 *, float low, float high)
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
	unsigned int both;

	asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(high), "f"(low));
	return both;
#else
	return (unsigned int)__bfloat16_as_ushort(__float2bfloat16_rn(low)) | (unsigned int)__bfloat16_as_ushort(__float2bfloat16_rn(high)) << 16;
#endif
}

template <typename T> static __device__ inline void conv_store8(T *p, const float (&x)[8])
{
	*reinterpret_cast<uint4 *>(p) = make_uint4(conv_pair(p, x[0], x[1]), conv_pair(p, x[2], x[3]), conv_pair(p, x[4], x[5]), conv_pair(p, x[6], x[7]));
}

[[maybe_unused]] static __device__ inline void conv_store8(float *p, const float (&x)[8])
{
	reinterpret_cast<float4 *>(p)[0] = make_float4(x[0], x[1], x[2], x[3]);
	reinterpret_cast<float4 *>(p)[1] = make_float4(x[4], x[5], x[6], x[7]);
}

/* Of so many blocks, those whose rings fit into a multiprocessor: registers need not be spared for more. */
static constexpr int conv_resident(int blocks, int ring)
{
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ == 900 || __CUDA_ARCH__ / 100 == 10 || __CUDA_ARCH__ / 100 == 11
	const int kilobytes = 228;
#elif __CUDA_ARCH__ == 800 || __CUDA_ARCH__ == 870
	const int kilobytes = 164;
#elif __CUDA_ARCH__ < 800
	const int kilobytes = 64;
#else
	const int kilobytes = 100;
#endif
	const int fit = kilobytes * 1024 / (ring + 1024);

	return fit < 1 ? 1 : fit < blocks ? fit : blocks;
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

/* conv_gemm.cu -- ops conv2d and deconv2d, group 1, as a product of matrices: pixels by (taps by channels) by channels.
 *
 * A block sums a tile of BM pixels by BN channels. Tiles of the two factors pass through a ring of STAGES pieces of shared
 * memory: while one is multiplied, the next ones are under way. The windows are gathered by the copies themselves, chunk
 * by chunk of 16 bytes, zeros where a window hangs over the map; so there is no halo. Pixels of all images count as one
 * list. WK groups of warps share out the depth of each tile and their sums are joined at the end. Where tiles are too few
 * to keep the device busy, SPLITS blocks share out the depth of one tile; the last to arrive adds their parts in order.
 *
 * A transposed convolution falls into SH by SW phases (see c/deconv_tile.c), each a small convolution of its own: row
 * q * SH + phase - PT of the result collects rows q - t of the input. All phases count ROWS by COLS pixels; those beyond
 * the result are left out.
 *
 * parts: queue at image number copy16 swizzle products held_eight resident
 * ints: DECONV (0, 1), IMAGES, ROWS COLS (pixels of a phase), PIXELS (of all images), PADDED (0: windows stay in the map);
 * XH XW, XCHUNKS (chunks of a pixel's channels), XSTEP XROW (chunks from pixel to pixel, row to row) XFIRST (to pixel 0);
 * KH KW, SH SW (stride), DH DW (dilation), PT PL (padding), PHASES; YH YW; BM BN, CHUNKS (of a row of a tile), STAGES,
 * WM WN (a warp's part of the tile), WK, THREADS, BLOCKS (at least, on a multiprocessor), SHARED (bytes), TILES_M TILES_N,
 * N_FIRST (order of tiles), DEPTH (tiles of k, of the largest phase), SPLITS, TICKETS; N (columns: each result's channels
 * up to a multiple of 8), NOUT (results that share the columns), BORDER (0, or rows and columns that count as first and
 * last: then nine biases), SCALAR (1: results are not stored by eights); for result k: Ck (channels) FIRSTk (column of
 * the first) YBk (step from pixel to pixel), EBk EROWk EATk (of the operand: steps, and place of pixel 0), ELTk ACTkON;
 * words: XT, FACTORS (see gemm.cu), YTk ETk, OPk, ACTk, ALPHAk, BETAk. w: biases as float, TILES_N * BN, once or 9 times;
 * then for each phase, tile of columns and tile of k: BN rows of CHUNKS chunks, permuted as in shared memory. Order of k:
 * chunks, then taps; but where XCHUNKS is a multiple of CHUNKS, all taps of CHUNKS chunks before the next ones.
 */

struct conv_conv_gemm_1_maps { /* what the epilogue meets */
	float *y0;
};

struct conv_conv_gemm_1_phase {
	int y, x, top, left; /* which; the first q of rows and columns */
	int taps_y, taps_x;
};

struct conv_conv_gemm_1_pixel {
	int image, row, column; /* of q */
	int y, x;               /* of the result */
	bool inside;
};

struct conv_conv_gemm_1_source { /* what a thread copies of the input: for each of its rows of a tile, its first tap; y < 0, and
                          with every tap, beyond the pixels */
	int at[16 * 8 / 128], y[16 * 8 / 128], x[16 * 8 / 128];
};

static __device__ inline conv_conv_gemm_1_phase conv_conv_gemm_1_phase_of(int phase)
{
	enum { KH = 3, KW = 3 };
	(void)phase;
	return {0, 0, 0, 0, KH, KW};
}

static __device__ inline conv_conv_gemm_1_pixel conv_conv_gemm_1_pixel_of(int m, const conv_conv_gemm_1_phase &phase)
{
	enum { COLS = 3, PIXELS = 9 };
	const int image = 0, i = m;
	const int row = phase.top + i / COLS, column = phase.left + i % COLS;
	return {image, row, column, row, column, m < PIXELS};
}

static __device__ inline conv_conv_gemm_1_source conv_conv_gemm_1_source_of(int m, const conv_conv_gemm_1_phase &phase)
{
	enum { XSTEP = 2, XROW = 12, XFIRST = 0, KH = 3, SH = 2, SW = 2, DH = 1, PT = 1, PL = 1,
	       BM = 16, CHUNKS = 8, THREADS = 128 };
	constexpr int rows = THREADS / CHUNKS, count = BM * CHUNKS / THREADS;
	conv_conv_gemm_1_source s;

#pragma unroll
	for (int i = 0; i < count; i++) {
		const conv_conv_gemm_1_pixel pixel = conv_conv_gemm_1_pixel_of(m + (int)threadIdx.x / CHUNKS + i * rows, phase);
		const int y = pixel.inside ? pixel.row * SH - PT : -KH * DH, x = pixel.column * SW - PL;

		s.at[i] = y * XROW + x * XSTEP + XFIRST;
		s.y[i] = y;
		s.x[i] = x;
	}
	return s;
}

/* Tile k of the depth, on its way into a piece of the ring. */
static __device__ inline void conv_conv_gemm_1_copy(unsigned char *to, const uint4 *x, const uint4 *w, const conv_conv_gemm_1_source &s, const conv_conv_gemm_1_phase &phase, int k)
{
	enum { XH = 5, XW = 6, XCHUNKS = 1, XSTEP = 2, XROW = 12, KH = 3, KW = 3, DH = 1, DW = 1,
	       BM = 16, BN = 32, CHUNKS = 8, THREADS = 128 };
	constexpr int a_count = BM * CHUNKS / THREADS, b_count = BN * CHUNKS / THREADS;
	const int thread = (int)threadIdx.x, taps = phase.taps_y * phase.taps_x;
	const int place = k * CHUNKS + thread % CHUNKS, tap = place / XCHUNKS, chunk = place % XCHUNKS;
	const bool used = tap < taps;
	const int dy = tap / KW * DH, dx = tap % KW * DW;
	const int step = dy * XROW + dx * XSTEP + chunk;
	unsigned char *const a = to + 16 * conv_swizzle<CHUNKS>(thread / CHUNKS, thread % CHUNKS);
	unsigned char *const b = to + 16 * (BM * CHUNKS + thread);

#pragma unroll
	for (int i = 0; i < a_count; i++) {
		const bool inside = (unsigned)(s.y[i] + dy) < XH && (unsigned)(s.x[i] + dx) < XW;

		conv_copy16<(KH * KW > 1)>(a + 16 * THREADS * i, x + (s.at[i] + step), used && inside);
	}
#pragma unroll
	for (int i = 0; i < b_count; i++)
		conv_copy16<false>(b + 16 * THREADS * i, w + k * (BN * CHUNKS) + i * THREADS, true);
}

/* The sums of tiles first .. end - 1 of the depth. x, w: the first chunks. */
static __device__ inline void conv_conv_gemm_1_sum(float (&sum)[16 / 16][32 / 8][4], unsigned char *ring, const uint4 *x, const uint4 *w, const conv_conv_gemm_1_source &s, const conv_conv_gemm_1_phase &phase, int first, int end)
{
	enum { BM = 16, BN = 32, CHUNKS = 8, STAGES = 8, WM = 16, WN = 32, WK = 4 };
	constexpr int piece = (BM + BN) * CHUNKS * 16, across = BN / WN, group = BM / WM * across;
	const int warp = (int)threadIdx.x / 32;
	const int a_at = warp % group / across * WM * CHUNKS * 16, b_at = (BM + warp % across * WN) * CHUNKS * 16;
	int full = 0, empty = STAGES - 1;

	for (int i = 0; i < STAGES - 1; i++) {
		if (first + i < end)
			conv_conv_gemm_1_copy(ring + i * piece, x, w, s, phase, first + i);
		conv_copies_end();
	}
#pragma unroll 1
	for (int k = first; k < end; k++) {
		conv_copies_arrived<STAGES - 2>();
		__syncthreads();
		if (k + STAGES - 1 < end)
			conv_conv_gemm_1_copy(ring + empty * piece, x, w, s, phase, k + STAGES - 1);
		conv_copies_end();
		conv_products<WM / 16, WN / 8, CHUNKS, WK>(conv_f32_factors(), sum, ring + full * piece + a_at, ring + full * piece + b_at, warp / group);
		empty = full;
		full = full + 1 < STAGES ? full + 1 : 0;
	}
	conv_copies_arrived<0>();
	__syncthreads();
}

/* The sums of all groups of warps, in order, in those of the first. */
static __device__ inline void conv_conv_gemm_1_join_groups(float (&sum)[16 / 16][32 / 8][4], float4 *shared)
{
	enum { BM = 16, BN = 32, WM = 16, WN = 32, WK = 4, THREADS = 128 };
	constexpr int rows = WM / 16, columns = WN / 8, step = BM * BN / 4;
	const int group = (int)threadIdx.x / (THREADS / WK);
	float4 *const at = shared + (int)threadIdx.x % (THREADS / WK) / 32 * (32 * rows * columns) + (int)threadIdx.x % 32;

#pragma unroll
	for (int i = 0; i < rows * columns; i++)
		if (group > 0) {
			const float *const r = sum[i / columns][i % columns];

			at[(group - 1) * step + 32 * i] = make_float4(r[0], r[1], r[2], r[3]);
		}
	__syncthreads();
#pragma unroll
	for (int i = 0; i < rows * columns; i++)
#pragma unroll
		for (int k = 0; k < WK - 1; k++)
			if (group == 0) {
				const float4 r = at[k * step + 32 * i];
				float *const to = sum[i / columns][i % columns];

				to[0] += r.x;
				to[1] += r.y;
				to[2] += r.z;
				to[3] += r.w;
			}
}

static __device__ inline float conv_conv_gemm_1_finish0(float r, float e)
{
	(void)e;
	r = conv_relu(r, 0.0f, 0.0f);
	return r;
}

/* The biases of a pixel. */
static __device__ inline const float *conv_conv_gemm_1_bias(const float *bias, const conv_conv_gemm_1_pixel &pixel)
{
	(void)pixel;
	return bias;
}

/* 16 rows of a warp's sums, row by row in shared memory. */
static __device__ inline void conv_conv_gemm_1_stage(const float (&sum)[32 / 8][4], float *staged)
{
	enum { WN = 32 };
	constexpr int columns = WN / 8, pitch = WN + 8;
	const int lane = (int)threadIdx.x % 32;
	float *const at = staged + lane / 4 * pitch + lane % 4 * 2;

	__syncwarp(); /* the rows before are read */
#pragma unroll
	for (int i = 0; i < columns; i++) {
		*reinterpret_cast<float2 *>(at + 8 * i) = make_float2(sum[i][0], sum[i][1]);
		*reinterpret_cast<float2 *>(at + 8 * i + 8 * pitch) = make_float2(sum[i][2], sum[i][3]);
	}
	__syncwarp();
}

/* Eight channels of a pixel. Those that fill up the last eight become zeros. */
static __device__ inline void conv_conv_gemm_1_put0(float (&r)[8], const float (&e)[8], const conv_conv_gemm_1_maps &maps, const conv_conv_gemm_1_pixel &pixel, int column)
{
	enum { YW = 3, C0 = 4, YB0 = 8 };
#pragma unroll
	for (int i = 0; i < 8; i++) {
		r[i] = conv_conv_gemm_1_finish0(r[i], e[i]);
		r[i] = column + i < C0 ? r[i] : 0.0f;
	}
	conv_store8(conv_at_image(maps.y0, pixel.image) + ((pixel.y * YW + pixel.x) * YB0 + column), r);
}

/* A warp's results: staged is its own piece of shared memory, m and n its first row and column. The operand is fetched
 * some slices ahead. */
static __device__ inline void conv_conv_gemm_1_store(const float (&sum)[16 / 16][32 / 8][4], float *staged, const float *bias, const conv_conv_gemm_1_maps &maps, const conv_conv_gemm_1_phase &phase, int m, int n)
{
	enum { WM = 16, WN = 32, N = 8 };
	constexpr int slices = WM / 16, across = WN / 8, down = 32 / across, passes = 16 / down, pitch = WN + 8;
	const int lane = (int)threadIdx.x % 32, row = lane / across, column = n + lane % across * 8;
#pragma unroll
	for (int slice = 0; slice < slices; slice++) {
		conv_conv_gemm_1_stage(sum[slice], staged);
#pragma unroll
		for (int i = 0; i < passes; i++) {
			const conv_conv_gemm_1_pixel pixel = conv_conv_gemm_1_pixel_of(m + 16 * slice + down * i + row, phase);
			float r[8], b[8], e[8] = {};

			if (!pixel.inside || column >= N)
				continue;
			conv_load_eight(staged + (down * i + row) * pitch + lane % across * 8, r);
			conv_load_eight(conv_conv_gemm_1_bias(bias, pixel) + column, b);
#pragma unroll
			for (int k = 0; k < 8; k++)
				r[k] += b[k];
			conv_conv_gemm_1_put0(r, e, maps, pixel, column);
		}
	}
}

static __global__ void __launch_bounds__(128, conv_resident(1, 49152)) conv_conv_gemm_1_device(const float *__restrict__ x, const unsigned char *__restrict__ w,
                                                                                              const conv_conv_gemm_1_maps maps)
{
	enum { XCHUNKS = 1, BM = 16, BN = 32, CHUNKS = 8, WM = 16, WN = 32, WK = 4, TILES_M = 1,
	       TILES_N = 1, DEPTH = 2, SPLITS = 1, BORDER = 0 };
	extern __shared__ __align__(16) unsigned char conv_shared[];
	constexpr int across = BN / WN, group = BM / WM * across, biases = (BORDER > 0 ? 9 : 1) * 4 * TILES_N * BN;
	const int tile = (int)blockIdx.x, warp = (int)threadIdx.x / 32;
	const int tile_m = tile % TILES_M, tile_n = tile / TILES_M;
	const conv_conv_gemm_1_phase phase = conv_conv_gemm_1_phase_of((int)blockIdx.y);
	const int depth = (phase.taps_y * phase.taps_x * XCHUNKS + CHUNKS - 1) / CHUNKS;
	const uint4 *const xc = reinterpret_cast<const uint4 *>(x);
	const uint4 *const wc = conv_at<const uint4>(w, biases) + ((size_t)((int)blockIdx.y * TILES_N + tile_n) * (DEPTH * BN * CHUNKS) + threadIdx.x);
	const conv_conv_gemm_1_source s = conv_conv_gemm_1_source_of(tile_m * BM, phase);
	float *const staged = reinterpret_cast<float *>(conv_shared) + (WK - 1) * BM * BN + warp % group * (16 * (WN + 8));
	const int first = depth * (int)blockIdx.z / SPLITS, end = depth * ((int)blockIdx.z + 1) / SPLITS;
	float sum[WM / 16][WN / 8][4] = {};

	conv_conv_gemm_1_sum(sum, conv_shared, xc, wc, s, phase, first, end);
	conv_conv_gemm_1_join_groups(sum, reinterpret_cast<float4 *>(conv_shared));
	if (warp < group)
		conv_conv_gemm_1_store(sum, staged, conv_at<const float>(w, 0), maps, phase, tile_m * BM + warp / across * WM, tile_n * BN + warp % across * WN);
}

static void conv_conv_gemm_1(conv_queue *q, const float x[240],
                   const unsigned char w[8320], float y0[72]
)
{
	enum { PHASES = 1, THREADS = 128, SHARED = 49152, TILES_M = 1, TILES_N = 1 };
	conv_conv_gemm_1_maps maps = {};

	maps.y0 = y0;
	conv_launch(q, conv_conv_gemm_1_device, dim3(TILES_M * TILES_N, PHASES, 1), THREADS, SHARED, x, w, maps);
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
	conv_conv_gemm_1(q, conv_at<const float>(arena, 0), weights + 0, conv_at<float>(arena, 1024)); /* 2 a */
	conv_conv_any_1(q, conv_at<const float>(arena, 1024), conv_at<const float>(weights, 8448), conv_at<const float>(arena, 1024), conv_at<float>(arena, 1536)); /* 3 b */
}

/* Are the weights that were linked those that this source was written with? Their head has their hash. */
static int conv_weights_fit(void)
{
	static const unsigned char mark[16] = {'D', 'S', 'S', 'D', 'C', 'W', '1', 0, 0xde, 0xd6, 0xa2, 0xea, 0x31, 0x2a, 0x8e, 0xec};
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
