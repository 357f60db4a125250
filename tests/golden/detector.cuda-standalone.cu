/* detector.cu -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * model    detector, hash 6221b8556af6cf11
 * options  detector.ir --target=cuda-standalone -O1 --arena=static --weights-form=incbin
 * profile  cuda
 * weights  9472 bytes, hash d122d535947cce4c
 * arena    2816 bytes; the largest set of live buffers is 2816
 * macs     6048
 * numbers  f32, sums f32; a * b + c rounded once: fast; 0 layers by Winograd's transforms
 * ram      14160 bytes: detector_device_weights 9472 + detector_device_memory 4608 + detector_own 80
 * flash    9937 bytes: detector_weights 9472 + detector_weights_head 16 + detector_labels 24 + strings 345 + mark 16
 *          + text 64
 * device   14080 bytes: detector_device_weights 9472 + detector_device_memory 4608
 * opened   1280 bytes at most: pinned 1280
 * defines  detector_detect detector_detect_batch detector_detect_device detector_detect_batch_device detector_run
 *          detector_open detector_close detector_device_error detector_labels detector_strerror detector_version
 *          detector_weights detector_weights_head
 * uses     cudaFreeHost cudaFuncSetAttribute cudaGetErrorName cudaGetLastError cudaGetSymbolAddress cudaGraphDestroy
 *          cudaGraphExecDestroy cudaGraphExecKernelNodeSetParams cudaGraphGetRootNodes cudaGraphInstantiate
 *          cudaGraphKernelNodeGetParams cudaGraphLaunch cudaGraphUpload cudaHostAlloc cudaLaunchKernelEx
 *          cudaMemcpyAsync cudaMemsetAsync cudaStreamBeginCapture cudaStreamCreateWithFlags cudaStreamDestroy
 *          cudaStreamEndCapture cudaStreamIsCapturing cudaStreamSynchronize memcpy memset
 * needs    detector.h, and detector.weights through -I. A makefile must name it as a dependency: -MD does not list what
 *          the assembler reads, -Wa,--MD,FILE does. With -flto the assembler runs at the link: gcc's link
 *          needs -Wa,-IFOLDER too, clang needs -fno-lto for this file
 *
 * node  layer                        kernel               result                 MMAC arena offset
 *    1  pool.reorder                 reorder_any_1        3x8x8                 0.000            0
 *    2  pool                         pool_any_1           3x4x4                 0.000         2048
 *    3  loc+conf                     conv_gemm_1          8x4x4                 0.006         1024
 *    4  loc.permute                  in place             4x4x8                 0.000         1024
 *    5  loc.flatten                  in place             128                   0.000         1024
 *    6  conf.permute                 in place             4x4x6                 0.000            0
 *    7  conf.rows                    in place             32x3                  0.000            0
 *    8  detect.logits                copy_any_1           96                    0.000         1536
 *    9  detect                       detect_cuda_1        5x6                   0.000     caller's
 */
#include "detector.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <string.h>

#define DETECTOR_QUEUES 1 /* streams of one run */

/* Device memory, in bytes: an arena for each image, then what all share. */
#define DETECTOR_IMAGE_STRIDE 2816
#define DETECTOR_CALLS_AT 2816
#define DETECTOR_RESULTS_AT 3072
#define DETECTOR_TICKETS_AT 3328
#define DETECTOR_TICKETS 2 /* of one queue */
#define DETECTOR_PIXELS_AT 3584
#define DETECTOR_PIXELS_SIZE 1024 /* of one image */
/* Pinned memory of the host: results, then pixels. */
#define DETECTOR_PINNED_PIXELS 256
#define DETECTOR_PINNED_SIZE 1280

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error detector.weights is in little-endian byte order; for this machine compile the model with --weights-form=array
#endif

#if !defined(__CUDA_ARCH__) /* the host's part of the file */
/* An error about .org says that detector.weights has not 9536 bytes: it is not the file that was written with this source. */
__asm__(".pushsection .rodata\n"
	".balign 16\n"
	".globl detector_weights_head\n"
	".hidden detector_weights_head\n"
	".type detector_weights_head, %object\n"
	".size detector_weights_head, 16\n"
	"detector_weights_head:\n"
	".incbin \"detector.weights\", 0, 16\n"
	".balign 256\n"
	".globl detector_weights\n"
	".hidden detector_weights\n"
	".type detector_weights, %object\n"
	".size detector_weights, 9472\n"
	"detector_weights:\n"
	".incbin \"detector.weights\", 64\n"
	".Ldetector_weights_end:\n"
	".org detector_weights + 9472\n"
	".org .Ldetector_weights_end\n"
	".popsection\n");
#endif
extern "C" const unsigned char detector_weights[DETECTOR_WEIGHTS_SIZE];
extern "C" const unsigned char detector_weights_head[16];
static __device__ __align__(256) unsigned char detector_device_weights[DETECTOR_WEIGHTS_SIZE];
static __device__ __align__(256) unsigned char detector_device_memory[DETECTOR_ARENA_SIZE];

static __device__ inline int32_t detector_bits(float x)
{
	int32_t i;

	memcpy(&i, &x, sizeof i);
	return i;
}

static __device__ inline float detector_from_bits(uint32_t i)
{
	float x;

	memcpy(&x, &i, sizeof x);
	return x;
}

/* i, or the nearest of 0 .. n - 1: every index that depends on data passes here. */
static __device__ inline int32_t detector_index(int32_t i, int32_t n)
{
	i = i < n ? i : n - 1;
	return i > 0 ? i : 0;
}

/* e^x = 2^n e^r with |r| <= log(2) / 2. 2^n is applied in two halves: n reaches 128, and -150 for denormals. The
 * polynomial is the one of Cephes' expf. NaN gives NaN: n is then a meaningless number, but one in range. */
static __device__ inline float detector_expf(float x)
{
	int32_t n, half;
	float r, p;

	x = x > 89.0f ? 89.0f : x;
	x = x < -104.0f ? -104.0f : x;
	n = detector_bits(x * 1.44269504f + 12582912.0f) - 0x4b400000;
	r = x - (float)n * 0.693359375f;
	r = r + (float)n * 2.12194440e-4f;
	p = 1.9875691500e-4f;
	p = p * r + 1.3981999507e-3f;
	p = p * r + 8.3334519073e-3f;
	p = p * r + 4.1665795894e-2f;
	p = p * r + 1.6666665459e-1f;
	p = p * r + 5.0000001201e-1f;
	p = p * r * r + r + 1.0f;
	half = n / 2;
	p = p * detector_from_bits((uint32_t)(half + 127) << 23);
	return p * detector_from_bits((uint32_t)(n - half + 127) << 23);
}

static __device__ inline float detector_clip(float x, float alpha, float beta)
{
	x = x > alpha ? x : alpha;
	return x < beta ? x : beta;
}

static __device__ inline float detector_max(float x, float y)
{
	return x > y ? x : y;
}

static __device__ inline float detector_min(float x, float y)
{
	return x < y ? x : y;
}

static __device__ inline float detector_box_size(const float *b)
{
	return b[2] < b[0] || b[3] < b[1] ? 0.0f : (b[2] - b[0]) * (b[3] - b[1]);
}

/* Intersection over union of two boxes {x0, y0, x1, y1}. */
static __device__ inline float detector_overlap(const float *a, const float *b)
{
	const float w = detector_min(a[2], b[2]) - detector_max(a[0], b[0]);
	const float h = detector_min(a[3], b[3]) - detector_max(a[1], b[1]);

	if (!(w > 0.0f) || !(h > 0.0f))
		return 0.0f;
	return w * h / (detector_box_size(a) + detector_box_size(b) - w * h);
}

/* All four corners are numbers, and none is infinite. */
static __device__ inline int detector_is_box(const float *b)
{
	int good = 1;

	for (int k = 0; k < 4; k++)
		good = good && b[k] >= -3.402823466e38f && b[k] <= 3.402823466e38f;
	return good;
}

/* Default box p, its variances v and prediction l to box b, four floats each. code as BoxCode: 1 corner, 2 center
 * size, 3 corner size. */
static __device__ inline void detector_decode(int code, const float *p, const float *v, const float *l, float *b)
{
	const float w = p[2] - p[0], h = p[3] - p[1];

	if (code == 2) {
		const float x = 0.5f * (p[0] + p[2]) + v[0] * l[0] * w;
		const float y = 0.5f * (p[1] + p[3]) + v[1] * l[1] * h;
		const float half_w = 0.5f * w * detector_expf(v[2] * l[2]);
		const float half_h = 0.5f * h * detector_expf(v[3] * l[3]);
		b[0] = x - half_w;
		b[1] = y - half_h;
		b[2] = x + half_w;
		b[3] = y + half_h;
		return;
	}
	b[0] = p[0] + v[0] * l[0] * (code == 1 ? 1.0f : w);
	b[1] = p[1] + v[1] * l[1] * (code == 1 ? 1.0f : h);
	b[2] = p[2] + v[2] * l[2] * (code == 1 ? 1.0f : w);
	b[3] = p[3] + v[3] * l[3] * (code == 1 ? 1.0f : h);
}
/* tickets: DETECTOR_TICKETS counters in device memory, zero between kernels: which block of a group is the last one. */
typedef struct {
	cudaStream_t stream;
	cudaError_t status;
	unsigned char *memory; /* of the device */
	unsigned int *tickets;
	struct detector_library *library; /* cuDNN's plans; null where there are none */
	int number;                  /* from 0; see part queues */
} detector_queue;

/* shared: bytes of dynamic shared memory. */
template <typename... P, typename... A>
static void detector_launch(detector_queue *q, void (*kernel)(P...), dim3 grid, int threads, int shared, A... arguments)
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
template <typename T> static __host__ __device__ inline T *detector_at(unsigned char *memory, size_t bytes)
{
	return reinterpret_cast<T *>(memory + bytes);
}

template <typename T> static __host__ __device__ inline const T *detector_at(const unsigned char *memory, size_t bytes)
{
	return reinterpret_cast<const T *>(memory + bytes);
}

/* The same place for another image of the batch. */
template <typename T> static __device__ inline T *detector_at_image(T *p, int image)
{
	return reinterpret_cast<T *>(reinterpret_cast<uintptr_t>(p) + (size_t)image * DETECTOR_IMAGE_STRIDE);
}

/* The same as a number of chunks of 16 bytes. */
[[maybe_unused]] static __device__ inline int detector_image_chunks(int image)
{
	return image * (int)(DETECTOR_IMAGE_STRIDE / 16);
}

/* Elements of maps as the floats that are computed with, and back: nearest, ties to even. A program has some of the types. */
[[maybe_unused]] static __device__ inline float detector_float(float x)
{
	return x;
}

[[maybe_unused]] static __device__ inline float detector_float(__half x)
{
	return __half2float(x);
}

[[maybe_unused]] static __device__ inline float detector_float(__nv_bfloat16 x)
{
	return __bfloat162float(x);
}

[[maybe_unused]] static __device__ inline void detector_put(float *p, float x)
{
	*p = x;
}

[[maybe_unused]] static __device__ inline void detector_put(__half *p, float x)
{
	*p = __float2half_rn(x);
}

[[maybe_unused]] static __device__ inline void detector_put(__nv_bfloat16 *p, float x)
{
	*p = __float2bfloat16_rn(x);
}

/* Eight neighbours in memory at a multiple of 16 bytes, as floats, and back. */
[[maybe_unused]] static __device__ inline void detector_load_eight(const float *p, float *v)
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

template <typename T> static __device__ inline void detector_load_eight(const T *p, float *v)
{
	const uint4 bits = *reinterpret_cast<const uint4 *>(p);
	T eight[8];

	memcpy(eight, &bits, sizeof eight);
	for (int i = 0; i < 8; i++)
		v[i] = detector_float(eight[i]);
}

[[maybe_unused]] static __device__ inline void detector_store_eight(float *p, const float *v)
{
	*reinterpret_cast<float4 *>(p) = make_float4(v[0], v[1], v[2], v[3]);
	*reinterpret_cast<float4 *>(p + 4) = make_float4(v[4], v[5], v[6], v[7]);
}

template <typename T> static __device__ inline void detector_store_eight(T *p, const float *v)
{
	uint4 bits;
	T eight[8];

	for (int i = 0; i < 8; i++)
		detector_put(&eight[i], v[i]);
	memcpy(&bits, eight, sizeof bits);
	*reinterpret_cast<uint4 *>(p) = bits;
}
/* 16 bytes from device memory to shared memory, or zeros. It may be under way until detector_copies_arrived<n>(), which lets
 * those before the last n detector_copies_end() arrive; a barrier then shows them to the block. CACHED: the block will read
 * them again. */
template <bool CACHED> static __device__ inline void detector_copy16(unsigned char *to, const uint4 *from, bool inside)
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

[[maybe_unused]] static __device__ inline void detector_copies_end()
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
	asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

template <int LEFT> static __device__ inline void detector_copies_arrived()
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
	asm volatile("cp.async.wait_group %0;" ::"n"(LEFT) : "memory");
#endif
}

/* Where a chunk of a row is in its tile. */
template <int ROW_CHUNKS> static __device__ inline int detector_swizzle(int row, int chunk)
{
	return row * ROW_CHUNKS + (chunk ^ (ROW_CHUNKS == 8 ? row & 7 : row >> 1 & 3));
}

/* What is multiplied: f32 as it is, f32 rounded to 10 bits of fraction, f16, bf16. */
struct detector_f32_factors {
	enum { IN_CHUNK = 4 };
};
struct detector_tf32_factors {
	enum { IN_CHUNK = 4 };
};
struct detector_f16_factors {
	enum { IN_CHUNK = 8 };
};
struct detector_bf16_factors {
	enum { IN_CHUNK = 8 };
};

/* The nearest of 10 bits of fraction, ties away from zero. */
[[maybe_unused]] static __device__ inline unsigned int detector_tf32(unsigned int bits)
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
[[maybe_unused]] static __device__ inline void detector_unpack(detector_f32_factors, const uint4 &c, float *x)
{
	const unsigned int word[4] = {c.x, c.y, c.z, c.w};

#pragma unroll
	for (int i = 0; i < 4; i++)
		x[i] = __uint_as_float(word[i]);
}

[[maybe_unused]] static __device__ inline void detector_unpack(detector_tf32_factors, const uint4 &c, float *x)
{
	const unsigned int word[4] = {c.x, c.y, c.z, c.w};

#pragma unroll
	for (int i = 0; i < 4; i++)
		x[i] = __uint_as_float(detector_tf32(word[i]));
}

[[maybe_unused]] static __device__ inline void detector_unpack(detector_f16_factors, const uint4 &c, float *x)
{
	const unsigned int word[4] = {c.x, c.y, c.z, c.w};

#pragma unroll
	for (int i = 0; i < 8; i++)
		x[i] = __half2float(__ushort_as_half((unsigned short)(word[i / 2] >> i % 2 * 16)));
}

[[maybe_unused]] static __device__ inline void detector_unpack(detector_bf16_factors, const uint4 &c, float *x)
{
	const unsigned int word[4] = {c.x, c.y, c.z, c.w};

#pragma unroll
	for (int i = 0; i < 8; i++)
		x[i] = __uint_as_float(i % 2 ? word[i / 2] & 0xffff0000u : word[i / 2] << 16);
}

/* Adds the products of one tile of k to a warp's sums. a, b: the warp's first rows in the tiles, at a multiple of 8. Of
 * the tile's steps it takes FIRST, FIRST + EVERY, ... */
template <int MI, int NI, int ROW_CHUNKS, int EVERY, typename F>
static __device__ inline void detector_products(F factors, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
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
			detector_unpack(factors, ac[detector_swizzle<ROW_CHUNKS>(8 * i + g, chunk)], x[i]);
#pragma unroll
		for (int j = 0; j < 2 * NI; j++) {
			float w[in_chunk];

			detector_unpack(factors, bc[detector_swizzle<ROW_CHUNKS>(j / 2 * 8 + 2 * t + j % 2, chunk)], w);
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
[[maybe_unused]] static __device__ inline void detector_ldmatrix(unsigned int (&piece)[4], unsigned int at)
{
	asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
	             : "=r"(piece[0]), "=r"(piece[1]), "=r"(piece[2]), "=r"(piece[3])
	             : "r"(at)
	             : "memory");
}

[[maybe_unused]] static __device__ inline void detector_mma(detector_f16_factors, float (&c)[4], const unsigned int (&a)[4], unsigned int b0, unsigned int b1)
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
[[maybe_unused]] static __device__ inline void detector_mma(detector_bf16_factors, float (&c)[4], const unsigned int (&a)[4], unsigned int b0, unsigned int b1)
{
	asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
	             : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
	             : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

[[maybe_unused]] static __device__ inline void detector_mma(detector_tf32_factors, float (&c)[4], const unsigned int (&a)[4], unsigned int b0, unsigned int b1)
{
	asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
	             : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
	             : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
#endif

/* Pieces of a step: of a, rows 16i.. as its two halves, chunk by chunk; of b, columns 16j.. as chunk by chunk of its
 * halves. */
template <int MI, int NI, int ROW_CHUNKS, bool TF32>
static __device__ inline void detector_pieces(unsigned int (&a)[MI][4], unsigned int (&b)[NI / 2][4], unsigned int a_at, unsigned int b_at, int step)
{
	const int lane = (int)threadIdx.x % 32;
	const int a_place = detector_swizzle<ROW_CHUNKS>(lane % 16, 2 * step + lane / 16);
	const int b_place = detector_swizzle<ROW_CHUNKS>(lane / 16 * 8 + lane % 8, 2 * step + lane / 8 % 2);

#pragma unroll
	for (int i = 0; i < MI; i++) {
		detector_ldmatrix(a[i], a_at + (unsigned int)(16 * (a_place + 16 * ROW_CHUNKS * i)));
#pragma unroll
		for (int k = 0; TF32 && k < 4; k++)
			a[i][k] = detector_tf32(a[i][k]);
	}
#pragma unroll
	for (int j = 0; j < NI / 2; j++)
		detector_ldmatrix(b[j], b_at + (unsigned int)(16 * (b_place + 16 * ROW_CHUNKS * j)));
}

/* The same by the matrix units: while they work on one step, the pieces of the next are fetched. */
template <int MI, int NI, int ROW_CHUNKS, int EVERY, bool TF32, typename F>
static __device__ inline void detector_unit_products(F factors, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	constexpr int steps = ROW_CHUNKS / 2 / EVERY;
	const unsigned int a_at = (unsigned int)__cvta_generic_to_shared(a), b_at = (unsigned int)__cvta_generic_to_shared(b);
	unsigned int ap[2][MI][4], bp[2][NI / 2][4];

	detector_pieces<MI, NI, ROW_CHUNKS, TF32>(ap[0], bp[0], a_at, b_at, first);
#pragma unroll
	for (int s = 0; s < steps; s++) {
		if (s + 1 < steps)
			detector_pieces<MI, NI, ROW_CHUNKS, TF32>(ap[(s + 1) % 2], bp[(s + 1) % 2], a_at, b_at, first + (s + 1) * EVERY);
#pragma unroll
		for (int i = 0; i < MI; i++)
#pragma unroll
			for (int j = 0; j < NI; j++)
				detector_mma(factors, sum[i][j], ap[s % 2][i], bp[s % 2][j / 2][j % 2 * 2], bp[s % 2][j / 2][j % 2 * 2 + 1]);
	}
}

template <int MI, int NI, int ROW_CHUNKS, int EVERY>
static __device__ inline void detector_products(detector_f16_factors f, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	detector_unit_products<MI, NI, ROW_CHUNKS, EVERY, false>(f, sum, a, b, first);
}

#if __CUDA_ARCH__ >= 800
template <int MI, int NI, int ROW_CHUNKS, int EVERY>
static __device__ inline void detector_products(detector_bf16_factors f, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	detector_unit_products<MI, NI, ROW_CHUNKS, EVERY, false>(f, sum, a, b, first);
}

template <int MI, int NI, int ROW_CHUNKS, int EVERY>
static __device__ inline void detector_products(detector_tf32_factors f, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	detector_unit_products<MI, NI, ROW_CHUNKS, EVERY, true>(f, sum, a, b, first);
}
#endif
#endif

/* Eight neighbours of a map, at a multiple of 16 bytes, as they are; as floats; and stored. */
template <typename T> struct detector_eight {
	uint4 word[sizeof(T) / 2];
};

template <typename T> static __device__ inline detector_eight<T> detector_load8(const T *p)
{
	detector_eight<T> x;

#pragma unroll
	for (int i = 0; i < (int)sizeof(T) / 2; i++)
		x.word[i] = reinterpret_cast<const uint4 *>(p)[i];
	return x;
}

[[maybe_unused]] static __device__ inline void detector_spread(float (&to)[8], const detector_eight<float> &x)
{
	const unsigned int word[8] = {x.word[0].x, x.word[0].y, x.word[0].z, x.word[0].w, x.word[1].x, x.word[1].y, x.word[1].z, x.word[1].w};

#pragma unroll
	for (int i = 0; i < 8; i++)
		to[i] = __uint_as_float(word[i]);
}

[[maybe_unused]] static __device__ inline void detector_spread(float (&to)[8], const detector_eight<__half> &x)
{
	const unsigned int word[4] = {x.word[0].x, x.word[0].y, x.word[0].z, x.word[0].w};

#pragma unroll
	for (int i = 0; i < 8; i++)
		to[i] = __half2float(__ushort_as_half((unsigned short)(word[i / 2] >> i % 2 * 16)));
}

[[maybe_unused]] static __device__ inline void detector_spread(float (&to)[8], const detector_eight<__nv_bfloat16> &x)
{
	const unsigned int word[4] = {x.word[0].x, x.word[0].y, x.word[0].z, x.word[0].w};

#pragma unroll
	for (int i = 0; i < 8; i++)
		to[i] = __uint_as_float(i % 2 ? word[i / 2] & 0xffff0000u : word[i / 2] << 16);
}

/* Two numbers in a word, the first in the low half. */
[[maybe_unused]] static __device__ inline unsigned int detector_pair(const __half *, float low, float high)
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
	unsigned int both;

	asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(high), "f"(low));
	return both;
#else
	return (unsigned int)__half_as_ushort(__float2half_rn(low)) | (unsigned int)__half_as_ushort(__float2half_rn(high)) << 16;
#endif
}

[[maybe_unused]] static __device__ inline unsigned int detector_pair(const __nv_bfloat16 *, float low, float high)
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
	unsigned int both;

	asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(high), "f"(low));
	return both;
#else
	return (unsigned int)__bfloat16_as_ushort(__float2bfloat16_rn(low)) | (unsigned int)__bfloat16_as_ushort(__float2bfloat16_rn(high)) << 16;
#endif
}

template <typename T> static __device__ inline void detector_store8(T *p, const float (&x)[8])
{
	*reinterpret_cast<uint4 *>(p) = make_uint4(detector_pair(p, x[0], x[1]), detector_pair(p, x[2], x[3]), detector_pair(p, x[4], x[5]), detector_pair(p, x[6], x[7]));
}

[[maybe_unused]] static __device__ inline void detector_store8(float *p, const float (&x)[8])
{
	reinterpret_cast<float4 *>(p)[0] = make_float4(x[0], x[1], x[2], x[3]);
	reinterpret_cast<float4 *>(p)[1] = make_float4(x[4], x[5], x[6], x[7]);
}

/* Of so many blocks, those whose rings fit into a multiprocessor: registers need not be spared for more. */
static constexpr int detector_resident(int blocks, int ring)
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
/* What is asked for one image. All zero: nothing, an image that a batch lacks. */
typedef struct {
	const uint8_t *pixels;                 /* of the device; null: the input tensor is there already */
	detector_result *out;                       /* memory that the device can write; null: no results wanted */
	int32_t width, height, stride, format; /* of the image; stride in bytes, format as detector_format */
	int32_t max;                           /* detections wanted */
	int32_t clip;                          /* 1: boxes in pixels, clipped to the image; 0: as fractions of it */
	int32_t pairs;                         /* 1: pixels are the samples that detector_gather() took from the image */
} detector_call;

/* Kernel parameters have 4 KB. */
typedef struct {
	detector_call image[DETECTOR_BATCH];
} detector_calls;

static_assert(sizeof(detector_calls) <= 4096 - 2 * sizeof(void *), "a kernel takes the calls by value, and two pointers");

/* A detection's place in the order of detections as one number: falling score, then rising rank, below 2^22. Less is
 * better; no key is detector_no_key, and no two detections of a list have the same. A score of -0 counts as 0. */
static const uint64_t detector_no_key = ~(uint64_t)0;

static __device__ inline uint64_t detector_key(float score, uint32_t rank)
{
	const uint32_t bits = __float_as_uint(score + 0.0f);

	return (uint64_t)(bits >> 31 ? bits : ~bits & 0x7fffffffu) << 22 | rank;
}

static __device__ inline float detector_key_score(uint64_t key)
{
	const uint32_t falling = (uint32_t)(key >> 22);

	return __uint_as_float(falling >> 31 ? falling : ~falling & 0x7fffffffu);
}

static __device__ inline uint32_t detector_key_rank(uint64_t key)
{
	return (uint32_t)key & 0x3fffffu;
}

/* The sum of x over the lanes before this one. */
static __device__ inline uint32_t detector_before(uint32_t x)
{
	const uint32_t lane = threadIdx.x % 32;
	uint32_t sum = x;

	for (uint32_t step = 1; step < 32; step *= 2) {
		const uint32_t other = __shfl_up_sync(0xffffffffu, sum, step);

		sum += lane >= step ? other : 0;
	}
	return sum - x;
}

/* The best keys of many, by all threads of a block: detector_cut() says how far the best ones reach, detector_take() collects
 * those, detector_sort() sorts them. A source has detector_source(source, i), the key number i, or detector_no_key where there is none. */
typedef struct {
	const uint64_t *key;
} detector_keys;

static __device__ inline uint64_t detector_source(const detector_keys &keys, int i)
{
	return keys.key[i];
}

typedef struct {
	uint32_t bin[2048];
	uint32_t warp[32];
	uint32_t chosen, before, taken;
} detector_sorting;

/* Which bin holds the key number want, from 1, and how many are in the bins before it. */
template <int THREADS> static __device__ void detector_choose_bin(detector_sorting *s, uint32_t want)
{
	const int thread = (int)threadIdx.x, each = 2048 / THREADS;
	uint32_t sum = 0, before;

	for (int i = 0; i < each; i++)
		sum += s->bin[each * thread + i];
	before = detector_before(sum);
	if (thread % 32 == 31)
		s->warp[thread / 32] = before + sum;
	__syncthreads();
	for (int i = 0; i < thread / 32; i++)
		before += s->warp[i];
	for (int i = 0; i < each; i++) {
		const uint32_t in = s->bin[each * thread + i];

		if (before < want && want <= before + in) {
			s->chosen = (uint32_t)(each * thread + i);
			s->before = before;
		}
		before += in;
	}
	__syncthreads();
}

static __device__ inline int detector_bit_length(uint64_t x)
{
	const uint32_t high = (uint32_t)(x >> 32);

	return high ? 64 - __clz((int)high) : 32 - __clz((int)(uint32_t)x);
}

/* A key such that at least want and at most room keys are at most it; there are at least want >= 1. Each round cuts a
 * range of keys in 2048 bins and goes on with one of them: after the first, which may be the one below low, at most 6 of
 * them come down to a key a bin, and keys are distinct. low and high: where most keys are; none is beyond high. */
template <int THREADS, typename Source>
static __device__ uint64_t detector_cut(const Source source, int count, uint32_t want, uint32_t room, uint64_t low, uint64_t high,
                                   detector_sorting *s)
{
	uint64_t least = 0; /* keys from here to low are in the first bin */
	uint32_t below = 0; /* keys less than least */

#pragma unroll 1
	for (int round = 0; round < 8; round++) {
		const int length = detector_bit_length(high - low), shift = length > 11 ? length - 11 : 0;
		uint64_t last;
		int chosen;

		for (int i = (int)threadIdx.x; i < 2048; i += THREADS)
			s->bin[i] = 0;
		__syncthreads();
		for (int i = (int)threadIdx.x; i < count; i += THREADS) {
			const uint64_t key = detector_source(source, i);

			if (key >= least && key <= high)
				atomicAdd(&s->bin[key < low ? 0 : detector_index((int)((key - low) >> shift), 2048)], 1u);
		}
		__syncthreads();
		detector_choose_bin<THREADS>(s, want - below);
		chosen = detector_index((int)s->chosen, 2048);
		last = low + (((uint64_t)chosen + 1) << shift) - 1;
		high = last < high ? last : high;
		below += s->before;
		low = chosen ? low + ((uint64_t)chosen << shift) : least;
		least = low;
		if (below + s->bin[chosen] <= room)
			break;
		__syncthreads();
	}
	return high;
}

/* Puts the keys up to last together, in any order; returns how many. There are at most room. to may be where the source
 * reads, if the source reads place i for i. */
template <int THREADS, typename Source>
static __device__ int detector_take(const Source source, int count, uint64_t last, uint32_t room, uint64_t *to, detector_sorting *s)
{
	const uint32_t lane = threadIdx.x % 32;
	uint32_t taken;

	__syncthreads();
	if (threadIdx.x == 0)
		s->taken = 0;
	for (int first = 0; first < count; first += THREADS) {
		const int i = first + (int)threadIdx.x;
		const uint64_t key = i < count ? detector_source(source, i) : detector_no_key;
		const uint32_t lanes = __ballot_sync(0xffffffffu, key <= last);
		uint32_t at = 0;

		__syncthreads(); /* this round is read, and no later one is written to */
		if (lane == 0 && lanes)
			at = atomicAdd(&s->taken, (uint32_t)__popc(lanes));
		at = __shfl_sync(0xffffffffu, at, 0) + (uint32_t)__popc(lanes & ((1u << lane) - 1));
		if (key <= last && at < room)
			to[at] = key;
	}
	__syncthreads();
	taken = s->taken;
	return (int)(taken < room ? taken : room);
}

/* Sorts n keys in place, rising: bitonic, each merge beginning with mirrored partners, so that the lesser key always
 * goes to the lesser place and n may be any number. Partners at most 32 apart belong to one warp. */
template <int THREADS> static __device__ void detector_sort(uint64_t *keys, int n)
{
	int before = 64;

	for (int size = 2; size < 2 * n; size *= 2)
		for (int step = size / 2; step > 0; step /= 2) {
			if (step > 32 || before > 32)
				__syncthreads();
			else
				__syncwarp();
			before = step;
			for (int pair = (int)threadIdx.x; pair < (n + 1) / 2 + step; pair += THREADS) {
				const int i = 2 * pair - (pair & (step - 1)), j = 2 * step == size ? i ^ (size - 1) : i + step;

				if (i < n && j < n && keys[j] < keys[i]) {
					const uint64_t lesser = keys[j];

					keys[j] = keys[i];
					keys[i] = lesser;
				}
			}
		}
	__syncthreads();
}
/* reorder_any.cu -- op reorder: any memory layout and float type to any other. Channels that fill up become 0.
 *
 * ints: of the maps p = X, Y: pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see bind_cuda_map()), COUNT BLOCKS; words: XT YT.
 *
 * parts: queue image number
 */

static __global__ void __launch_bounds__(256) detector_reorder_any_1_device(const float *__restrict__ x, float *__restrict__ y)
{
	enum { XC = 3, XROWS = 8, XCOLS = 8, XTOP = 0, XLEFT = 0, XB = 1, YH = 8, YW = 8,
	       YROWS = 8, YCOLS = 8, YTOP = 0, YLEFT = 0, YB = 8, YL = 8, COUNT = 512 };
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= COUNT)
		return;
	const int c = i / (YL * YH * YW) * YB + i % YL, oy = i / (YL * YW) % YH, ox = i / YL % YW;
	float *const at = detector_at_image(y, image) + (((c / YB * YROWS + oy + YTOP) * YCOLS + ox + YLEFT) * YB + c % YB);

	detector_put(at, c < XC ? detector_float(detector_at_image(x, image)[((c / XB * XROWS + oy + XTOP) * XCOLS + ox + XLEFT) * XB + c % XB])
	                   : 0.0f);
}

static void detector_reorder_any_1(detector_queue *q, const float x[192], float y[512])
{
	enum { BLOCKS = 2 };
	detector_launch(q, detector_reorder_any_1_device, dim3(BLOCKS, 1, DETECTOR_BATCH), 256, 0, x, y);
}

/* pool_any.cu -- op pool2d on maps in any layout. Windows are cut at the padded map, maxima and sums at the map.
 *
 * ints: of the maps p = X, Y: pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see bind_cuda_map()), KH KW, SH SW, DH DW (dilation),
 * PT PL PB PR (padding), AVERAGE, COUNT_PADDING (0, 1: an average divides by the window with its padding), COUNT BLOCKS; words:
 * XT YT.
 *
 * parts: queue image number
 */

static __global__ void __launch_bounds__(256) detector_pool_any_1_device(const float *__restrict__ x, float *__restrict__ y)
{
	enum { XH = 8, XW = 8, XROWS = 8, XCOLS = 8, XTOP = 0, XLEFT = 0, XB = 8, YC = 3, YH = 4,
	       YW = 4, YROWS = 4, YCOLS = 4, YTOP = 0, YLEFT = 0, YB = 8, YL = 8, COUNT = 128,
	       KH = 2, KW = 2, SH = 2, SW = 2, DH = 1, DW = 1, PT = 0, PL = 0 };
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= COUNT)
		return;
	const int c = i / (YL * YH * YW) * YB + i % YL, oy = i / (YL * YW) % YH, ox = i / YL % YW;
	float *const at = detector_at_image(y, image) + (((c / YB * YROWS + oy + YTOP) * YCOLS + ox + YLEFT) * YB + c % YB);
	const float *const from = detector_at_image(x, image) + (c / XB * XROWS * XCOLS * XB + c % XB);
	float result = -3.402823466e38f;

	for (int ky = 0; ky < KH; ky++)
		for (int kx = 0; kx < KW; kx++) {
			const int iy = oy * SH + ky * DH - PT, ix = ox * SW + kx * DW - PL;
			const bool inside = iy >= 0 && iy < XH && ix >= 0 && ix < XW;

			if (inside && c < YC) {
				const float v = detector_float(from[((iy + XTOP) * XCOLS + ix + XLEFT) * XB]);
				result = v > result ? v : result;
			}
		}
	detector_put(at, c < YC ? result : 0.0f);
}

static void detector_pool_any_1(detector_queue *q, const float x[512], float y[128])
{
	enum { BLOCKS = 1 };
	detector_launch(q, detector_pool_any_1_device, dim3(BLOCKS, 1, DETECTOR_BATCH), 256, 0, x, y);
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

struct detector_conv_gemm_1_maps { /* what the epilogue meets */
	float *y0;
	float *y1;
};

struct detector_conv_gemm_1_phase {
	int y, x, top, left; /* which; the first q of rows and columns */
	int taps_y, taps_x;
};

struct detector_conv_gemm_1_pixel {
	int image, row, column; /* of q */
	int y, x;               /* of the result */
	bool inside;
};

struct detector_conv_gemm_1_source { /* what a thread copies of the input: for each of its rows of a tile, its first tap; y < 0, and
                          with every tap, beyond the pixels */
	int at[16 * 8 / 128], y[16 * 8 / 128], x[16 * 8 / 128];
};

static __device__ inline detector_conv_gemm_1_phase detector_conv_gemm_1_phase_of(int phase)
{
	enum { KH = 3, KW = 3 };
	(void)phase;
	return {0, 0, 0, 0, KH, KW};
}

static __device__ inline detector_conv_gemm_1_pixel detector_conv_gemm_1_pixel_of(int m, const detector_conv_gemm_1_phase &phase)
{
	enum { COLS = 4, PIXELS = 16 };
	const int image = 0, i = m;
	const int row = phase.top + i / COLS, column = phase.left + i % COLS;
	return {image, row, column, row, column, m < PIXELS};
}

static __device__ inline detector_conv_gemm_1_source detector_conv_gemm_1_source_of(int m, const detector_conv_gemm_1_phase &phase)
{
	enum { XSTEP = 2, XROW = 8, XFIRST = 0, KH = 3, SH = 1, SW = 1, DH = 1, PT = 1, PL = 1,
	       BM = 16, CHUNKS = 8, THREADS = 128 };
	constexpr int rows = THREADS / CHUNKS, count = BM * CHUNKS / THREADS;
	detector_conv_gemm_1_source s;

#pragma unroll
	for (int i = 0; i < count; i++) {
		const detector_conv_gemm_1_pixel pixel = detector_conv_gemm_1_pixel_of(m + (int)threadIdx.x / CHUNKS + i * rows, phase);
		const int y = pixel.inside ? pixel.row * SH - PT : -KH * DH, x = pixel.column * SW - PL;

		s.at[i] = y * XROW + x * XSTEP + XFIRST;
		s.y[i] = y;
		s.x[i] = x;
	}
	return s;
}

/* Tile k of the depth, on its way into a piece of the ring. */
static __device__ inline void detector_conv_gemm_1_copy(unsigned char *to, const uint4 *x, const uint4 *w, const detector_conv_gemm_1_source &s, const detector_conv_gemm_1_phase &phase, int k)
{
	enum { XH = 4, XW = 4, XCHUNKS = 1, XSTEP = 2, XROW = 8, KH = 3, KW = 3, DH = 1, DW = 1,
	       BM = 16, BN = 32, CHUNKS = 8, THREADS = 128 };
	constexpr int a_count = BM * CHUNKS / THREADS, b_count = BN * CHUNKS / THREADS;
	const int thread = (int)threadIdx.x, taps = phase.taps_y * phase.taps_x;
	const int place = k * CHUNKS + thread % CHUNKS, tap = place / XCHUNKS, chunk = place % XCHUNKS;
	const bool used = tap < taps;
	const int dy = tap / KW * DH, dx = tap % KW * DW;
	const int step = dy * XROW + dx * XSTEP + chunk;
	unsigned char *const a = to + 16 * detector_swizzle<CHUNKS>(thread / CHUNKS, thread % CHUNKS);
	unsigned char *const b = to + 16 * (BM * CHUNKS + thread);

#pragma unroll
	for (int i = 0; i < a_count; i++) {
		const bool inside = (unsigned)(s.y[i] + dy) < XH && (unsigned)(s.x[i] + dx) < XW;

		detector_copy16<(KH * KW > 1)>(a + 16 * THREADS * i, x + (s.at[i] + step), used && inside);
	}
#pragma unroll
	for (int i = 0; i < b_count; i++)
		detector_copy16<false>(b + 16 * THREADS * i, w + k * (BN * CHUNKS) + i * THREADS, true);
}

/* The sums of tiles first .. end - 1 of the depth. x, w: the first chunks. */
static __device__ inline void detector_conv_gemm_1_sum(float (&sum)[16 / 16][32 / 8][4], unsigned char *ring, const uint4 *x, const uint4 *w, const detector_conv_gemm_1_source &s, const detector_conv_gemm_1_phase &phase, int first, int end)
{
	enum { BM = 16, BN = 32, CHUNKS = 8, STAGES = 8, WM = 16, WN = 32, WK = 4 };
	constexpr int piece = (BM + BN) * CHUNKS * 16, across = BN / WN, group = BM / WM * across;
	const int warp = (int)threadIdx.x / 32;
	const int a_at = warp % group / across * WM * CHUNKS * 16, b_at = (BM + warp % across * WN) * CHUNKS * 16;
	int full = 0, empty = STAGES - 1;

	for (int i = 0; i < STAGES - 1; i++) {
		if (first + i < end)
			detector_conv_gemm_1_copy(ring + i * piece, x, w, s, phase, first + i);
		detector_copies_end();
	}
#pragma unroll 1
	for (int k = first; k < end; k++) {
		detector_copies_arrived<STAGES - 2>();
		__syncthreads();
		if (k + STAGES - 1 < end)
			detector_conv_gemm_1_copy(ring + empty * piece, x, w, s, phase, k + STAGES - 1);
		detector_copies_end();
		detector_products<WM / 16, WN / 8, CHUNKS, WK>(detector_f32_factors(), sum, ring + full * piece + a_at, ring + full * piece + b_at, warp / group);
		empty = full;
		full = full + 1 < STAGES ? full + 1 : 0;
	}
	detector_copies_arrived<0>();
	__syncthreads();
}

/* The sums of all groups of warps, in order, in those of the first. */
static __device__ inline void detector_conv_gemm_1_join_groups(float (&sum)[16 / 16][32 / 8][4], float4 *shared)
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

static __device__ inline float detector_conv_gemm_1_finish0(float r, float e)
{
	(void)e;
	return r;
}

static __device__ inline float detector_conv_gemm_1_finish1(float r, float e)
{
	(void)e;
	return r;
}

/* The biases of a pixel. */
static __device__ inline const float *detector_conv_gemm_1_bias(const float *bias, const detector_conv_gemm_1_pixel &pixel)
{
	(void)pixel;
	return bias;
}

/* 16 rows of a warp's sums, row by row in shared memory. */
static __device__ inline void detector_conv_gemm_1_stage(const float (&sum)[32 / 8][4], float *staged)
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

/* Lanes beside each other store channels beside each other, of any number and place. */
static __device__ inline void detector_conv_gemm_1_put(float r, const detector_conv_gemm_1_maps &maps, const detector_conv_gemm_1_pixel &pixel, int column)
{
	enum { YW = 4, FIRST1 = 8, C0 = 8, YB0 = 8, C1 = 6, YB1 = 6 };
	if (column >= FIRST1) {
		const int c = column - FIRST1;
		float *const y = detector_at_image(maps.y1, pixel.image) + ((pixel.y * YW + pixel.x) * YB1 + c);

		if (c < C1)
			detector_put(y, detector_conv_gemm_1_finish1(r, 0.0f));
		return;
	}
	float *const y = detector_at_image(maps.y0, pixel.image) + ((pixel.y * YW + pixel.x) * YB0 + column);

	if (column < C0)
		detector_put(y, detector_conv_gemm_1_finish0(r, 0.0f));
}

/* A warp's results: staged is its own piece of shared memory, m and n its first row and column. */
static __device__ inline void detector_conv_gemm_1_store(const float (&sum)[16 / 16][32 / 8][4], float *staged, const float *bias, const detector_conv_gemm_1_maps &maps, const detector_conv_gemm_1_phase &phase, int m, int n)
{
	enum { WM = 16, WN = 32, N = 16 };
	constexpr int slices = WM / 16, passes = WN / 2, pitch = WN + 8;
	const int lane = (int)threadIdx.x % 32;

#pragma unroll
	for (int slice = 0; slice < slices; slice++) {
		detector_conv_gemm_1_stage(sum[slice], staged);
#pragma unroll 4
		for (int i = 0; i < passes; i++) {
			const int row = (32 * i + lane) / WN, column = (32 * i + lane) % WN;
			const detector_conv_gemm_1_pixel pixel = detector_conv_gemm_1_pixel_of(m + 16 * slice + row, phase);

			if (pixel.inside && n + column < N)
				detector_conv_gemm_1_put(staged[row * pitch + column] + detector_conv_gemm_1_bias(bias, pixel)[n + column], maps, pixel, n + column);
		}
	}
}

static __global__ void __launch_bounds__(128, detector_resident(1, 49152)) detector_conv_gemm_1_device(const float *__restrict__ x, const unsigned char *__restrict__ w,
                                                                                              const detector_conv_gemm_1_maps maps)
{
	enum { XCHUNKS = 1, BM = 16, BN = 32, CHUNKS = 8, WM = 16, WN = 32, WK = 4, TILES_M = 1,
	       TILES_N = 1, DEPTH = 2, SPLITS = 1, BORDER = 0 };
	extern __shared__ __align__(16) unsigned char detector_shared[];
	constexpr int across = BN / WN, group = BM / WM * across, biases = (BORDER > 0 ? 9 : 1) * 4 * TILES_N * BN;
	const int tile = (int)blockIdx.x, warp = (int)threadIdx.x / 32;
	const int tile_m = tile % TILES_M, tile_n = tile / TILES_M;
	const detector_conv_gemm_1_phase phase = detector_conv_gemm_1_phase_of((int)blockIdx.y);
	const int depth = (phase.taps_y * phase.taps_x * XCHUNKS + CHUNKS - 1) / CHUNKS;
	const uint4 *const xc = reinterpret_cast<const uint4 *>(x);
	const uint4 *const wc = detector_at<const uint4>(w, biases) + ((size_t)((int)blockIdx.y * TILES_N + tile_n) * (DEPTH * BN * CHUNKS) + threadIdx.x);
	const detector_conv_gemm_1_source s = detector_conv_gemm_1_source_of(tile_m * BM, phase);
	float *const staged = reinterpret_cast<float *>(detector_shared) + (WK - 1) * BM * BN + warp % group * (16 * (WN + 8));
	const int first = depth * (int)blockIdx.z / SPLITS, end = depth * ((int)blockIdx.z + 1) / SPLITS;
	float sum[WM / 16][WN / 8][4] = {};

	detector_conv_gemm_1_sum(sum, detector_shared, xc, wc, s, phase, first, end);
	detector_conv_gemm_1_join_groups(sum, reinterpret_cast<float4 *>(detector_shared));
	if (warp < group)
		detector_conv_gemm_1_store(sum, staged, detector_at<const float>(w, 0), maps, phase, tile_m * BM + warp / across * WM, tile_n * BN + warp % across * WN);
}

static void detector_conv_gemm_1(detector_queue *q, const float x[128],
                   const unsigned char w[8320], float y0[128]
                   , float y1[96]
)
{
	enum { PHASES = 1, THREADS = 128, SHARED = 49152, TILES_M = 1, TILES_N = 1 };
	detector_conv_gemm_1_maps maps = {};

	maps.y0 = y0;
	maps.y1 = y1;
	detector_launch(q, detector_conv_gemm_1_device, dim3(TILES_M * TILES_N, PHASES, 1), THREADS, SHARED, x, w, maps);
}

/* copy_any.cu -- op reshape that was not elided: the same elements elsewhere. ints: COUNT BLOCKS.
 *
 * parts: queue image
 */

static __global__ void __launch_bounds__(256) detector_copy_any_1_device(const float *__restrict__ x, float *__restrict__ y)
{
	enum { COUNT = 96 };
	const int i = (int)(blockIdx.x * blockDim.x + threadIdx.x), image = (int)blockIdx.z;

	if (i >= COUNT)
		return;
	detector_at_image(y, image)[i] = detector_at_image(x, image)[i];
}

static void detector_copy_any_1(detector_queue *q, const float x[96], float y[96])
{
	enum { BLOCKS = 1 };
	detector_launch(q, detector_copy_any_1_device, dim3(BLOCKS, 1, DETECTOR_BATCH), 256, 0, x, y);
}

/* detect.cu -- op detect: default boxes, predictions and scores to the detections of each image, as c/detect.c.
 *
 * detector_detect_cuda_1_scores: a thread for each box makes its scores. For each list a bit says whether the box enters it; where it
 * does, its score is kept. A list is a class, or the one list of AGNOSTIC.
 * detector_detect_cuda_1_lists: a block for each list makes keys (detector_key) of its boxes, sorts the TOP_K best, decodes and thins them by
 * overlap. 32 candidates at a time meet the kept ones and each other, all warps sharing the pairs; then each warp goes
 * through the bits. The last block of an image to be done, which a ticket tells, takes the KEEP_TOP_K best of all lists.
 *
 * Keys are distinct, so what comes out does not depend on the order in which threads and blocks put things together.
 * Keys are sorted in shared memory if SHARED_KEYS are enough, else in scratch.
 *
 * NaN scores never pass, and a box that is not finite is none.
 *
 * parts: queue at image call key before index best expf overlap is_box decode clip
 * ints: those of c/detect.c; GROUPS of 32 boxes; KEPT of a list, at most (both at least 1); THREADS SCORE_THREADS of a
 * block; STAGED (0, 1: rows of scores are brought to shared memory), STRIDE between them; SHARED_KEYS; TOP_ROOM KEEP_ROOM
 * (at most so many keys are sorted instead of selected), TOP_LARGE KEEP_LARGE (0, 1: SHARED_KEYS may be too few);
 * SHARED_KEPT (0, 1) ADAPTIVE (0, 1: ETA < 1); places in scratch, bytes: BOXES_AT KEYS_AT LARGE_AT BEST_AT SCORES_AT
 * PASSES_AT RANKS_AT; TICKETS = 2 for each image: blocks done, keys
 * floats: as in c/detect.c
 */

/* 32 candidates among those that are decoded, and what is known of them. */
typedef struct {
	float4 candidate[512];
	uint32_t covers[32]; /* by each, the later ones that it suppresses */
	uint32_t dead[2];    /* suppressed by kept ones; for rounds in turn */
} detector_detect_cuda_1_round;

typedef struct {
	uint64_t key[3072];
	union {
		detector_sorting sorting;
		detector_detect_cuda_1_round round;
	} u;
	float4 kept[5];
	uint32_t count, at;
} detector_detect_cuda_1_block;

/* ---- scores ---- */

/* Whether a class beside the background can pass; then the largest logit and the sum of the exponentials. */
static __device__ inline bool detector_detect_cuda_1_softmax(const float *row, float *largest, float *total)
{
	enum { CLASSES = 3, BACKGROUND = 0 };
	const float base = row[BACKGROUND < 0 ? 0 : BACKGROUND];
	float top = row[0], sum = 0.0f;
	int above = 0;

	for (int c = 0; c < CLASSES; c++) {
		above += !(row[c] - base <= -1.2049729f); /* differences: CUT would be lost in a sum with a large logit */
		top = row[c] > top ? row[c] : top;
	}
	if (above < 2 && BACKGROUND >= 0)
		return false;
	for (int c = 0; c < CLASSES; c++)
		sum += detector_expf(row[c] - top);
	*largest = top;
	*total = sum;
	return true;
}

/* Of a group of 32 boxes, one for each lane, those that enter a list. passes, scores: of the image. */
static __device__ inline void detector_detect_cuda_1_note(bool enters, float score, int list, int group, uint32_t *passes, float *scores)
{
	enum { BOXES = 32, GROUPS = 1 };
	const uint32_t lane = threadIdx.x % 32, lanes = __ballot_sync(0xffffffffu, enters);

	if (lane == 0)
		passes[(size_t)list * GROUPS + (size_t)group] = lanes;
	if (enters)
		scores[(size_t)list * BOXES + 32 * (size_t)group + lane] = score;
}

/* Such a group into all lists. row: the lane's. */
static __device__ inline void detector_detect_cuda_1_enter(const float *row, bool wanted, int group, uint32_t *passes, float *scores)
{
	enum { CLASSES = 3, BACKGROUND = 0, LISTS = 3, GROUPS = 1 };
	float top = 0.0f, sum = 1.0f;

	wanted = wanted && detector_detect_cuda_1_softmax(row, &top, &sum);
	if (!__any_sync(0xffffffffu, wanted)) {
		for (int c = (int)threadIdx.x % 32; c < LISTS; c += 32)
			passes[(size_t)c * GROUPS + (size_t)group] = 0;
		return;
	}
	for (int c = 0; c < CLASSES; c++) {
		const float p = wanted && row[c] - top > -1.2049729f ? detector_expf(row[c] - top) / sum : -3e38f;
		detector_detect_cuda_1_note(wanted && c != BACKGROUND && p > 0.3f, p, c, group, passes, scores);
	}
}

static __global__ void __launch_bounds__(128) detector_detect_cuda_1_scores(const float *__restrict__ score, unsigned char *scratch)
{
	enum { BOXES = 32, CLASSES = 3, GROUPS = 1, SCORE_THREADS = 128, STRIDE = 3,
	       SCORES_AT = 368, PASSES_AT = 752 };
	const int thread = (int)threadIdx.x, first = SCORE_THREADS * (int)blockIdx.x, image = (int)blockIdx.y;
	const int box = first + thread, group = box / 32;
	const float *const from = detector_at_image(score, image);
	unsigned char *const memory = detector_at_image(scratch, image);
	__shared__ float rows[SCORE_THREADS * STRIDE];
	const float *const row = rows + thread * STRIDE;
	const size_t begin = (size_t)first * CLASSES, last = (size_t)BOXES * CLASSES - 1;

	for (int k = 0; k < CLASSES && BOXES > 0; k++) { /* all are under way at once */
		const int i = SCORE_THREADS * k + thread;
		const size_t at = begin + (size_t)i;

		rows[i / CLASSES * STRIDE + i % CLASSES] = from[at < last ? at : last];
	}
	__syncthreads();
	if (group < GROUPS)
		detector_detect_cuda_1_enter(row, box < BOXES, group, detector_at<uint32_t>(memory, PASSES_AT), detector_at<float>(memory, SCORES_AT));
}

/* ---- lists ---- */

/* The boxes that enter a list: a bit and, where it is set, a score for each. */
typedef struct {
	const uint32_t *passes;
	const float *scores;
} detector_detect_cuda_1_entered;

static __device__ inline uint64_t detector_source(const detector_detect_cuda_1_entered &entered, int i)
{
	return entered.passes[i / 32] >> i % 32 & 1 ? detector_key(entered.scores[i], (uint32_t)i) : detector_no_key;
}

/* How many boxes enter the list. If they are few enough their keys are in s->key, in any order. */
static __device__ inline int detector_detect_cuda_1_collect(detector_detect_cuda_1_block *s, const detector_detect_cuda_1_entered &entered)
{
	enum { BOXES = 32, GROUPS = 1, THREADS = 512, SHARED_KEYS = 3072 };
	const int thread = (int)threadIdx.x;
	int n;

	if (thread == 0)
		s->count = 0;
	__syncthreads();
	for (int first = 0; first < GROUPS; first += THREADS) {
		const int group = first + thread;
		uint32_t bits = group < GROUPS ? entered.passes[group] : 0, at = detector_before((uint32_t)__popc(bits)), end = 0;

		if (thread % 32 == 31 && at + (uint32_t)__popc(bits))
			end = atomicAdd(&s->count, at + (uint32_t)__popc(bits));
		at += __shfl_sync(0xffffffffu, end, 31);
		for (int k = 0; k < 32 && bits && at < SHARED_KEYS; k++) {
			s->key[at++] = (uint64_t)(32 * group + __ffs((int)bits) - 1);
			bits &= bits - 1;
		}
	}
	__syncthreads();
	n = detector_index((int)s->count, BOXES + 1);
	for (int i = thread; i < n && n <= SHARED_KEYS; i += THREADS) {
		const int box = detector_index((int)s->key[i], BOXES);

		s->key[i] = detector_key(entered.scores[box], (uint32_t)box);
	}
	return n;
}

/* The best of n keys in sorted, sorted: s->key or, for many, other memory. Returns how many. */
static __device__ inline int detector_detect_cuda_1_best(detector_detect_cuda_1_block *s, uint64_t *sorted, int n, const detector_detect_cuda_1_entered &entered)
{
	enum { BOXES = 32, TOP_K = 8, THREADS = 512, SHARED_KEYS = 3072, TOP_ROOM = 512,
	       TOP_LARGE = 0 };
	const uint64_t high = detector_key(0.3f, 0x3fffffu), one = detector_key(1.0f, 0), low = one < high ? one : high;
	const uint32_t room = TOP_LARGE ? TOP_K : TOP_ROOM;
	detector_sorting *const sorting = &s->u.sorting;

	if (n > SHARED_KEYS) {
		const uint64_t last =
			n > (int)room ? detector_cut<THREADS>(entered, BOXES, TOP_K, room, low, high, sorting) : detector_no_key - 1;

		n = detector_take<THREADS>(entered, BOXES, last, room, sorted, sorting);
	} else if (n > TOP_ROOM) {
		const detector_keys keys = {sorted};

		__syncthreads();
		const uint64_t last = detector_cut<THREADS>(keys, n, TOP_K, TOP_ROOM, low, high, sorting);

		n = detector_take<THREADS>(keys, n, last, TOP_ROOM, sorted, sorting);
	}
	detector_sort<THREADS>(sorted, n);
	return n < TOP_K ? n : TOP_K + 0;
}

static __device__ inline float4 detector_detect_cuda_1_box(const float *loc, const float *prior, int box, int list)
{
	enum { BOXES = 32, CODE = 2, VARIANCE_ENCODED = 0 };
	const float one[4] = {1.0f, 1.0f, 1.0f, 1.0f};
	const float *const own = loc + 4 * box;
	float b[4];

	(void)list;
	detector_decode(CODE, prior + 4 * box, VARIANCE_ENCODED ? one : prior + 4 * (BOXES + box), own, b);
	return make_float4(b[0], b[1], b[2], b[3]);
}

static __device__ inline bool detector_detect_cuda_1_is_box(float4 a)
{
	const float b[4] = {a.x, a.y, a.z, a.w};

	return detector_is_box(b);
}

static __device__ inline float detector_detect_cuda_1_overlap(float4 a, float4 b)
{
	const float first[4] = {a.x, a.y, a.z, a.w}, second[4] = {b.x, b.y, b.z, b.w};

	return detector_overlap(first, second);
}

/* Which of this round's candidates, one for each lane, the kept boxes suppress, and which each other. */
static __device__ inline void detector_detect_cuda_1_compare(detector_detect_cuda_1_round *r, const float4 *candidate, const float4 *kept, int nkept, int turn)
{
	enum { THREADS = 512 };
	const int lane = (int)threadIdx.x % 32, warp = (int)threadIdx.x / 32;
	const float4 own = candidate[lane];
	bool dies = !detector_detect_cuda_1_is_box(own);
	uint32_t lanes;

	for (int k = warp; k < nkept; k += THREADS / 32)
		dies = dies || !(detector_detect_cuda_1_overlap(kept[k], own) <= 0.45f);
	lanes = __ballot_sync(0xffffffffu, dies);
	if (lane == 0 && lanes)
		atomicOr(&r->dead[turn], lanes);
	for (int k = warp; k < 32; k += THREADS / 32) {
		lanes = __ballot_sync(0xffffffffu, lane > k && !(detector_detect_cuda_1_overlap(candidate[k], own) <= 0.45f));
		if (lane == 0)
			r->covers[k] = lanes;
	}
}

/* Which of this round's n candidates stay: bits. */
static __device__ inline uint32_t detector_detect_cuda_1_choose(detector_detect_cuda_1_round *r, int n, int nkept, int turn)
{
	enum { KEPT = 5 };
	uint32_t stay = ~r->dead[turn] & 0xffffffffu >> (32 - n);

	for (int k = 0; k < 32; k++)
		if (stay >> k & 1)
			stay &= ~r->covers[k];
	for (int k = 0; k < 32 && nkept + __popc(stay) > KEPT; k++)
		stay &= ~(0x80000000u >> __clz((int)stay));
	if (threadIdx.x == 0)
		r->dead[1 - turn] = 0;
	return stay;
}

/* Of n sorted keys those whose boxes stay, in place: rank is then the place in boxes, of which the list begins at
 * list * KEPT. Returns how many. ranks: their default boxes. */
static __device__ inline int detector_detect_cuda_1_thin(detector_detect_cuda_1_block *s, uint64_t *sorted, int n, int list, const float *loc,
                                         const float *prior, float4 *boxes, uint32_t *ranks)
{
	enum { BOXES = 32, KEPT = 5, THREADS = 512 };
	const int thread = (int)threadIdx.x, lane = thread % 32, most = n < KEPT ? n : KEPT + 0;
	detector_detect_cuda_1_round *const r = &s->u.round;
	float4 *const kept = s->kept;
	int nkept = 0;

	for (int first = 0; first < n && nkept < KEPT; first += 32) {
		const int turn = first / 32 % 2, place = first % THREADS;
		const int left = n - first < 32 ? n - first : 32;
		uint32_t stay;

		if (place == 0) {
			const uint64_t key = sorted[first + thread < n ? first + thread : first];

			r->candidate[thread] = detector_detect_cuda_1_box(loc, prior, detector_index((int)detector_key_rank(key), BOXES), list);
			if (thread < 2)
				r->dead[thread] = 0;
			__syncthreads();
		}
		detector_detect_cuda_1_compare(r, r->candidate + place, kept, nkept, turn);
		__syncthreads();
		stay = detector_detect_cuda_1_choose(r, left, nkept, turn);
		if (thread < 32) {
			const int to = detector_index(nkept + __popc(stay & ((1u << lane) - 1)), most);
			const uint64_t key = sorted[lane < left ? first + lane : first];
			const float4 box = r->candidate[place + lane];

			__syncwarp(); /* places up to these are written to */
			if (stay >> lane & 1) {
				boxes[to] = box;
				kept[to] = box;
				ranks[to] = detector_key_rank(key);
				sorted[to] = key - detector_key_rank(key) + (uint32_t)(list * KEPT + to);
			}
		}
		nkept += __popc(stay);
		__syncthreads();
	}
	return detector_index(nkept, most + 1);
}

/* ---- results ---- */

static __device__ inline int detector_detect_cuda_1_label(const float *score, int rank, const uint32_t *ranks)
{
	enum { KEPT = 5 };
	(void)score;
	(void)ranks;
	return rank / KEPT;
}

static __device__ inline void detector_detect_cuda_1_write(detector_detection *to, uint64_t key, int label, float4 box, const detector_call *call)
{
	const float width = (float)call->width, height = (float)call->height;

	to->x0 = call->clip ? detector_clip(box.x * width, 0.0f, width) : box.x;
	to->y0 = call->clip ? detector_clip(box.y * height, 0.0f, height) : box.y;
	to->x1 = call->clip ? detector_clip(box.z * width, 0.0f, width) : box.z;
	to->y1 = call->clip ? detector_clip(box.w * height, 0.0f, height) : box.w;
	to->score = detector_key_score(key);
	to->label = label;
}

/* The best of the n keys of all lists, by one block for each image; at best, which has room keys. */
static __device__ inline void detector_detect_cuda_1_merge(detector_detect_cuda_1_block *s, uint64_t *best, uint32_t room, int n, const float *score,
                                           unsigned char *memory, const detector_call *call)
{
	enum { KEEP_TOP_K = 5, LISTS = 3, KEPT = 5, THREADS = 512, BOXES_AT = 0, KEYS_AT = 240,
	       RANKS_AT = 768 };
	const uint64_t high = detector_key(0.3f, 0x3fffffu), one = detector_key(1.0f, 0), low = one < high ? one : high;
	const detector_keys keys = {detector_at<uint64_t>(memory, KEYS_AT)};
	const float4 *const boxes = detector_at<float4>(memory, BOXES_AT);
	const uint32_t *const ranks = detector_at<uint32_t>(memory, RANKS_AT);
	detector_result *const out = call->out;
	const int max = call->max, want = !out || max < 0 ? 0 : max < KEEP_TOP_K ? max : KEEP_TOP_K + 0;
	uint64_t last = detector_no_key - 1;

	if (want < 1)
		n = 0;
	if (n > (int)room)
		last = detector_cut<THREADS>(keys, n, (uint32_t)want, room, low, high, &s->u.sorting);
	n = detector_take<THREADS>(keys, n, last, room, best, &s->u.sorting);
	detector_sort<THREADS>(best, n);
	n = n < want ? n : want;
	if (out && threadIdx.x == 0)
		out->count = n;
	for (int k = (int)threadIdx.x; k < n; k += THREADS) {
		const int rank = detector_index((int)detector_key_rank(best[k]), LISTS * KEPT);

		detector_detect_cuda_1_write(&out->detection[k], best[k], detector_detect_cuda_1_label(score, rank, ranks), boxes[rank], call);
	}
}

/* Puts the kept keys of this block's list with those of the others. True in the last block, *total then being how many
 * there are. */
static __device__ inline bool detector_detect_cuda_1_hand_in(detector_detect_cuda_1_block *s, const uint64_t *kept, int n, uint64_t *keys,
                                             unsigned int *tickets, int *total)
{
	enum { LISTS = 3, KEPT = 5, THREADS = 512 };
	if (threadIdx.x == 0)
		s->at = n ? atomicAdd(&tickets[1], (unsigned int)n) : 0;
	__syncthreads();
	for (uint32_t i = threadIdx.x; i < (uint32_t)n; i += THREADS)
		keys[detector_index((int)(s->at + i), LISTS * KEPT)] = kept[i];
	__threadfence();
	__syncthreads();
	if (threadIdx.x == 0) {
		s->count = atomicAdd(&tickets[0], 1u);
		if (s->count == LISTS - 1) {
			s->at = atomicAdd(&tickets[1], 0u);
			tickets[0] = 0;
			tickets[1] = 0;
			__threadfence();
		}
	}
	__syncthreads();
	*total = detector_index((int)s->at, LISTS * KEPT + 1);
	return s->count == LISTS - 1;
}

/* A list that n boxes enter, whose best are sorted at `sorted`. */
static __device__ inline void detector_detect_cuda_1_list(detector_detect_cuda_1_block *s, uint64_t *sorted, int n, const detector_detect_cuda_1_entered &entered,
                                          const float *loc, const float *score, const float *prior,
                                          unsigned char *memory, const detector_call *call, unsigned int *tickets)
{
	enum { KEPT = 5, KEEP_ROOM = 512, BOXES_AT = 0, KEYS_AT = 240, RANKS_AT = 768 };
	const int list = (int)blockIdx.x;
	float4 *const boxes = detector_at<float4>(memory, BOXES_AT) + list * KEPT;
	uint32_t *const ranks = detector_at<uint32_t>(memory, RANKS_AT) + list * KEPT;

	if (n > 0) {
		n = detector_detect_cuda_1_best(s, sorted, n, entered);
		n = detector_detect_cuda_1_thin(s, sorted, n, list, loc, prior, boxes, ranks);
	}
	if (!detector_detect_cuda_1_hand_in(s, sorted, n, detector_at<uint64_t>(memory, KEYS_AT), tickets, &n))
		return;
	detector_detect_cuda_1_merge(s, s->key, KEEP_ROOM, n, score, memory, call);
}

static __global__ void __launch_bounds__(512, 2) detector_detect_cuda_1_lists(const float *__restrict__ loc,
                                                                 const float *__restrict__ score,
                                                                 const float *__restrict__ prior, unsigned char *scratch,
                                                                 const detector_call *calls, unsigned int *tickets)
{
	enum { BOXES = 32, BACKGROUND = 0, TOP_K = 8, AGNOSTIC = 0, GROUPS = 1, SCORES_AT = 368,
	       PASSES_AT = 752 };
	__shared__ detector_detect_cuda_1_block s;
	const int list = (int)blockIdx.x, image = (int)blockIdx.y;
	unsigned char *const memory = detector_at_image(scratch, image);
	const float *const places = detector_at_image(loc, image), *const rows = detector_at_image(score, image);
	const detector_detect_cuda_1_entered entered = {detector_at<uint32_t>(memory, PASSES_AT) + (size_t)list * GROUPS,
	                                detector_at<float>(memory, SCORES_AT) + (size_t)list * BOXES};
	const int n = TOP_K > 0 && (AGNOSTIC || list != BACKGROUND) ? detector_detect_cuda_1_collect(&s, entered) : 0;

	detector_detect_cuda_1_list(&s, s.key, n, entered, places, rows, prior, memory, calls + image, tickets + 2 * image);
}

/* loc [BOXES][4], or [BOXES][CLASSES][4] with PER_CLASS; score [BOXES][CLASSES], prior [2][BOXES][4]: corners, variances.
 * Results: as each call wants. */
static void detector_detect_cuda_1(detector_queue *q, const float loc[128], const float score[96], const float prior[256], unsigned char scratch[832],
                   const detector_call calls[DETECTOR_BATCH])
{
	enum { LISTS = 3, GROUPS = 1, THREADS = 512, SCORE_THREADS = 128 };
	const dim3 blocks((32 * GROUPS + SCORE_THREADS - 1) / SCORE_THREADS, DETECTOR_BATCH);

	detector_launch(q, detector_detect_cuda_1_scores, blocks, SCORE_THREADS, 0, score, scratch);
	detector_launch(q, detector_detect_cuda_1_lists, dim3(LISTS, DETECTOR_BATCH), THREADS, 0, loc, score, prior, scratch, calls, q->tickets);
}

/* preprocess.cu -- the first kernel of a run: keeps the calls for the last one, and makes pixels of any size the input
 * tensor, bit for bit as c/preprocess.c does: bilinear resize in OpenCV's 8-bit arithmetic, then (x - MEAN) / DIVISOR for
 * each channel. A call without pixels is only kept: the tensor is there already, or the image is not wanted.
 *
 * A block makes 32 x 8 pixels of the tensor. Its first threads find the samples and weights of its columns and rows: the
 * arithmetic is in double, which many devices do slowly. Products are rounded before they are added to.
 *
 * Of an image that is too large to be sent whole, the host sends the samples that are read, pairs of rows by pairs of
 * columns: detector_gather(). They have their own places and the image's weights.
 *
 * parts: queue image call
 * from the header: DETECTOR_INPUT_WIDTH, DETECTOR_INPUT_HEIGHT (1 to 32767)
 * ints: CHANNELS (1, 3; 0: there are never pixels) BGR (0, 1: channel 0 is blue)
 * floats: MEAN0 MEAN1 MEAN2 DIVISOR0 DIVISOR1 DIVISOR2, in the order of the tensor's channels
 */

/* The two samples of an output, in memory, and their weights of 2048. */
typedef struct {
	int32_t first, second, first_weight, second_weight;
} detector_tap;

/* The sample left of output d of N, or above it, over n samples; -1 outside. */
static __host__ __device__ inline int32_t detector_sample_before(int32_t d, int32_t N, int32_t n)
{
	return ((2 * d + 1) * n + N) / (2 * N) - 1;
}

/* The nearest sample of the image. */
static __host__ __device__ inline int32_t detector_sample_in(int32_t i, int32_t n)
{
	return i < 0 ? 0 : i < n ? i : n - 1;
}

/* The integer nearest to 2048 f, ties to even; f is 0 to 1. */
static __device__ inline int32_t detector_weight_of(float f)
{
	return __float_as_int(f * 2048.0f + 12582912.0f) - 0x4b400000;
}

static __device__ inline detector_tap detector_tap_of(int32_t d, int32_t N, int32_t n, int32_t pairs)
{
	const int32_t before = detector_sample_before(d, N, n);
	const double scale = 1.0 / ((double)N / (double)n);
	const float f = (float)(__dmul_rn((double)d + 0.5, scale) - 0.5) - (float)before;
	detector_tap tap;

	tap.first = pairs ? 2 * d : detector_sample_in(before, n);
	tap.second = pairs ? 2 * d + 1 : detector_sample_in(before + 1, n);
	tap.first_weight = detector_weight_of(1.0f - f);
	tap.second_weight = detector_weight_of(f);
	return tap;
}

/* Beside the image the nearest column has the whole weight. */
static __device__ inline detector_tap detector_column_of(int32_t x, int32_t width, int32_t pairs)
{
	const int32_t before = detector_sample_before(x, DETECTOR_INPUT_WIDTH, width);
	detector_tap tap = detector_tap_of(x, DETECTOR_INPUT_WIDTH, width, pairs);

	if (before < 0 || before >= width - 1) {
		tap.first_weight = 2048;
		tap.second_weight = 0;
	}
	return tap;
}

/* One sample. offset: bytes from a pixel's start to the colours, red first. */
static __device__ inline int32_t detector_sample(const uint8_t *pixel, const int32_t *offset, int channel)
{
	return pixel[offset[2 - channel]];
}

static __device__ inline float detector_resized(const uint8_t *const *pixel, const int32_t *offset, int channel,
                                           const detector_tap *column, const detector_tap *row)
{
	const int32_t a = detector_sample(pixel[0], offset, channel) * column->first_weight +
	                  detector_sample(pixel[1], offset, channel) * column->second_weight;
	const int32_t b = detector_sample(pixel[2], offset, channel) * column->first_weight +
	                  detector_sample(pixel[3], offset, channel) * column->second_weight;
	const int32_t v = ((row->first_weight * (a >> 4)) >> 16) + ((row->second_weight * (b >> 4)) >> 16);

	return (float)((v + 2) >> 2);
}

/* One pixel of the tensor. */
static __device__ inline void detector_resize(const detector_call *call, const detector_tap *column, const detector_tap *row, float *to)
{
	const int32_t format = call->format; /* RGB BGR RGBA BGRA GRAY */
	const int32_t step = format == 4 ? 1 : format >= 2 ? 4 : 3;
	const int32_t blue_first = format == 1 || format == 3;
	const int32_t offset[3] = {format == 4 ? 0 : 2 * blue_first, format != 4, format == 4 ? 0 : 2 - 2 * blue_first};
	const size_t stride = (size_t)(call->pairs ? 2 * DETECTOR_INPUT_WIDTH * step : call->stride);
	const uint8_t *const first = call->pixels + (size_t)row->first * stride;
	const uint8_t *const second = call->pixels + (size_t)row->second * stride;
	const size_t left = (size_t)(column->first * step), right = (size_t)(column->second * step);
	const uint8_t *const pixel[4] = {first + left, first + right, second + left, second + right};

	to[0] = (detector_resized(pixel, offset, 0, column, row) - 104.0f) / 1.0f;
	to[DETECTOR_INPUT_HEIGHT * DETECTOR_INPUT_WIDTH] = (detector_resized(pixel, offset, 1, column, row) - 117.0f) / 1.0f;
	to[2 * DETECTOR_INPUT_HEIGHT * DETECTOR_INPUT_WIDTH] = (detector_resized(pixel, offset, 2, column, row) - 123.0f) / 1.0f;
}

/* The samples that the resize reads, [2 * DETECTOR_INPUT_HEIGHT][2 * DETECTOR_INPUT_WIDTH] pixels without gaps. */
static void detector_gather(const uint8_t *pixels, int width, int height, int stride, int bytes_per_pixel, uint8_t *to)
{
	for (int y = 0; y < 2 * DETECTOR_INPUT_HEIGHT; y++) {
		const int32_t above = detector_sample_before(y / 2, DETECTOR_INPUT_HEIGHT, height);
		const uint8_t *const row = pixels + (size_t)detector_sample_in(above + y % 2, height) * (size_t)stride;

		for (int x = 0; x < 2 * DETECTOR_INPUT_WIDTH; x++) {
			const int32_t before = detector_sample_before(x / 2, DETECTOR_INPUT_WIDTH, width);
			const uint8_t *const from = row + detector_sample_in(before + x % 2, width) * bytes_per_pixel;

			uint8_t *const at = to + (2 * DETECTOR_INPUT_WIDTH * y + x) * bytes_per_pixel;

			for (int k = 0; k < bytes_per_pixel; k++)
				at[k] = from[k];
		}
	}
}

static __global__ void __launch_bounds__(256) detector_preprocess_device(const detector_calls calls, float *input, detector_call *kept)
{
	const int image = (int)blockIdx.z, thread = (int)threadIdx.x;
	__shared__ detector_tap column[32], row[8];
	const detector_call *const call = &calls.image[image];
	const int x = 32 * (int)blockIdx.x + thread % 32, y = 8 * (int)blockIdx.y + thread / 32;

	if (blockIdx.x == 0 && blockIdx.y == 0 && thread == 0)
		kept[image] = calls.image[image];
	if (!call->pixels)
		return;
	if (thread < 32)
		column[thread] = detector_column_of(x, call->width, call->pairs);
	else if (thread < 40)
		row[thread - 32] = detector_tap_of(8 * (int)blockIdx.y + thread - 32, DETECTOR_INPUT_HEIGHT, call->height, call->pairs);
	__syncthreads();
	if (x < DETECTOR_INPUT_WIDTH && y < DETECTOR_INPUT_HEIGHT)
		detector_resize(call, &column[thread % 32], &row[thread / 32], detector_at_image(input, image) + y * DETECTOR_INPUT_WIDTH + x);
}

/* input: of image 0; kept: one for each image. */
static void detector_preprocess(detector_queue *q, const detector_calls *calls, float input[192], detector_call kept[1])
{
	const dim3 grid((DETECTOR_INPUT_WIDTH + 31) / 32, (DETECTOR_INPUT_HEIGHT + 7) / 8, DETECTOR_BATCH);

	detector_launch(q, detector_preprocess_device, grid, 256, 0, *calls, input, kept);
}

/* The network: every launch of one run, on the queue's stream. Arrays in the heads of kernels are those of one image. */
static void detector_enqueue(detector_queue *q, unsigned char *arena, const unsigned char *weights, const detector_calls *given)
{
	detector_call *const calls = detector_at<detector_call>(arena, DETECTOR_CALLS_AT);

	detector_preprocess(q, given, detector_at<float>(arena, 2048), calls);
	detector_reorder_any_1(q, detector_at<const float>(arena, 2048), detector_at<float>(arena, 0)); /* 1 pool.reorder */
	detector_pool_any_1(q, detector_at<const float>(arena, 0), detector_at<float>(arena, 2048)); /* 2 pool */
	detector_conv_gemm_1(q, detector_at<const float>(arena, 2048), weights + 0, detector_at<float>(arena, 1024), detector_at<float>(arena, 0)); /* 3 loc+conf */
	detector_copy_any_1(q, detector_at<const float>(arena, 0), detector_at<float>(arena, 1536)); /* 8 detect.logits */
	detector_detect_cuda_1(q, detector_at<const float>(arena, 1024), detector_at<const float>(arena, 1536), detector_at<const float>(weights, 8448), arena + 0, calls); /* 9 detect */
}

const char *const detector_labels[DETECTOR_NUM_CLASSES] = {
	"background",
	"cat",
	"dog",
};

/* Are the weights that were linked those that this source was written with? Their head has their hash. */
static int detector_weights_fit(void)
{
	static const unsigned char mark[16] = {'D', 'S', 'S', 'D', 'C', 'W', '1', 0, 0x4c, 0xce, 0x7c, 0x94, 0x35, 0xd5, 0x22, 0xd1};
	int fit = 1;

	for (int i = 0; i < 16; i++)
		if (detector_weights_head[i] != mark[i])
			fit = 0;
	return fit;
}

/* entry.cu -- the functions of the header: memory, one CUDA graph, calls.
 *
 * detector_open() copies the weights to the device, records every launch of a run in a CUDA graph and instantiates it. A run
 * sets the parameters of the graph's first kernel, which keeps them in device memory for the last one, and launches the
 * graph: nothing is allocated, nothing waits but the end of a call that hands results to the host. A stream that is
 * being captured gets plain launches instead, so that the caller's graph contains ours.
 *
 * parts: queue at
 * from the source: DETECTOR_QUEUES, of several DETECTOR_EVENTS; DETECTOR_TICKETS_AT, for a detector DETECTOR_CALLS_AT DETECTOR_RESULTS_AT, for pixels
 * DETECTOR_PIXELS_AT DETECTOR_PIXELS_SIZE; detector_device_weights, detector_device_memory, detector_enqueue, detector_preprocess
 * ints: DETECTOR PIXELS CALLER WEIGHTS LOADED LINKED TRACE LIBRARY (0, 1; see codegen/emit_cuda.c) QUEUES INPUT_AT INPUT_BYTES (the input
 * tensor of one image) ; words: TENSORS MISSING COPY_INPUTS COPY_OUTPUTS (of a network without detections)
 */
static_assert(sizeof(detector_call) * DETECTOR_BATCH <= DETECTOR_RESULTS_AT - DETECTOR_CALLS_AT, "the calls have their place");
static_assert(sizeof(detector_result) * DETECTOR_BATCH <= DETECTOR_TICKETS_AT - DETECTOR_RESULTS_AT, "the results have their place");

static detector_context detector_own; /* of the calls without a context */

/* What a caller is told of a CUDA status; the status itself stays for detector_device_error(). */
static int detector_told(detector_context *c, cudaError_t status)
{
	if (status == cudaSuccess)
		return DETECTOR_OK;
	c->status = (int)status;
	(void)cudaGetLastError(); /* so that it does not surface in somebody else's call */
	if (status == cudaErrorMemoryAllocation)
		return DETECTOR_ENOMEM;
	if (status == cudaErrorNoDevice || status == cudaErrorInsufficientDriver)
		return DETECTOR_ENODEVICE;
	if (status == cudaErrorNoKernelImageForDevice || status == cudaErrorInvalidDeviceFunction || status == cudaErrorUnsupportedPtxVersion)
		return DETECTOR_EARCH;
	return DETECTOR_EDEVICE;
}

/* Every launch of a run on a stream. */
static cudaError_t detector_launch_all(const detector_context *c, const detector_calls *calls, cudaStream_t stream)
{
	detector_queue q = {}; /* number 0 */

	q.stream = stream;
	q.memory = c->memory;
	q.tickets = detector_at<unsigned int>(c->memory, DETECTOR_TICKETS_AT);
	q.library = c->library;
	detector_enqueue(&q, c->memory, c->weights, calls);
	return q.status;
}

/* The launches as a graph, once. */
static cudaError_t detector_record(detector_context *c)
{
	size_t roots = 1;
	cudaGraph_t graph = NULL;
	cudaError_t launched, status;
	detector_calls calls = {};

	status = cudaStreamBeginCapture(c->stream, cudaStreamCaptureModeThreadLocal);
	if (status != cudaSuccess)
		return status;
	launched = detector_launch_all(c, &calls, c->stream);
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

static cudaError_t detector_prepare(detector_context *c)
{
	cudaError_t status = cudaStreamCreateWithFlags(&c->stream, cudaStreamNonBlocking);
	void *weights = NULL;

	if (status != cudaSuccess)
		return status;
	status = cudaGetSymbolAddress(&weights, detector_device_weights);
	c->weights = static_cast<unsigned char *>(weights);
	if (status == cudaSuccess)
		status = cudaMemcpyAsync(weights, detector_weights, DETECTOR_WEIGHTS_SIZE, cudaMemcpyHostToDevice, c->stream);
	if (status == cudaSuccess)
		status = cudaMemsetAsync(c->memory, 0, DETECTOR_ARENA_SIZE, c->stream);
	if (status == cudaSuccess)
		status = cudaHostAlloc(&c->pinned, DETECTOR_PINNED_SIZE, cudaHostAllocDefault);
	if (status == cudaSuccess)
		status = detector_record(c);
	if (status == cudaSuccess)
		status = cudaStreamSynchronize(c->stream);
	return status;
}

void detector_close(void)
{
	detector_context *const c = &detector_own;

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

int detector_open(void)
{
	detector_context *const c = &detector_own;
	void *memory = NULL;
	cudaError_t status;

	if (c->ready)
		return DETECTOR_OK;
	if (!detector_weights_fit())
		return DETECTOR_EWEIGHTS;
	status = cudaGetSymbolAddress(&memory, detector_device_memory);
	if (status != cudaSuccess)
		return detector_told(c, status);
	c->memory = static_cast<unsigned char *>(memory);
	status = detector_prepare(c);
	if (status != cudaSuccess) {
		detector_close();
		return detector_told(c, status);
	}
	c->ready = 1;
	return DETECTOR_OK;
}

/* DETECTOR_OK when a run can start on c. */
static int detector_ready(const detector_context *c)
{
	(void)c;
	return detector_open(); /* the first call opens */
}

/* One run on a stream; results are where the calls say when the stream gets there. */
static cudaError_t detector_start(detector_context *c, detector_calls *calls, cudaStream_t stream)
{
	cudaStreamCaptureStatus capturing = cudaStreamCaptureStatusNone;
	cudaKernelNodeParams parameters = {};
	float *input = detector_at<float>(c->memory, 2048);
	detector_call *kept = detector_at<detector_call>(c->memory, DETECTOR_CALLS_AT);
	void *arguments[] = {calls, &input, &kept};
	cudaError_t status = cudaStreamIsCapturing(stream, &capturing);

	if (status == cudaSuccess && capturing != cudaStreamCaptureStatusNone)
		return detector_launch_all(c, calls, stream);
	if (status == cudaSuccess)
		status = cudaGraphKernelNodeGetParams(c->first, &parameters);
	parameters.kernelParams = arguments;
	parameters.extra = NULL;
	if (status == cudaSuccess)
		status = cudaGraphExecKernelNodeSetParams(c->graph, c->first, &parameters);
	if (status == cudaSuccess)
		status = cudaGraphLaunch(c->graph, stream);
	return status;
}

/* Where the detections of image i of n go. */
static detector_detection *detector_row(detector_detection *out, int i, int n, int max)
{
	(void)n;
	return out + (size_t)i * (size_t)max;
}

/* A run whose results go to the host: out[i * max] and counts[i] for image i of n. */
static int detector_finish(detector_context *c, detector_calls *calls, int n, detector_detection *out, int max, int *counts)
{
	const size_t bytes = sizeof(detector_result) * DETECTOR_BATCH;
	const int most = max < DETECTOR_MAX_DETECTIONS ? max : DETECTOR_MAX_DETECTIONS;
	detector_result *const results = static_cast<detector_result *>(c->pinned);
	cudaError_t status = detector_start(c, calls, c->stream);

	if (status == cudaSuccess)
		status = cudaMemcpyAsync(results, c->memory + DETECTOR_RESULTS_AT, bytes, cudaMemcpyDeviceToHost, c->stream);
	if (status == cudaSuccess)
		status = cudaStreamSynchronize(c->stream);
	if (status != cudaSuccess)
		return detector_told(c, status);
	for (int i = 0; i < n; i++) {
		const int found = results[i].count, count = found < most ? found : most;

		counts[i] = count;
		if (count > 0)
			memcpy(detector_row(out, i, n, max), results[i].detection, sizeof *out * (size_t)count);
	}
	return n;
}

static detector_result *detector_results(const detector_context *c, int image)
{
	return detector_at<detector_result>(c->memory, DETECTOR_RESULTS_AT) + image;
}

static int detector_pixel_bytes(detector_format format)
{
	return format == DETECTOR_GRAY ? 1 : format == DETECTOR_RGBA || format == DETECTOR_BGRA ? 4 : 3;
}

static int detector_is_image(const detector_image *i)
{
	return i->pixels && (unsigned)i->format <= (unsigned)DETECTOR_GRAY && i->width >= 1 && i->width <= 32767 &&
	       i->height >= 1 && i->height <= 32767 && i->stride >= i->width * detector_pixel_bytes(i->format);
}

/* An image of the host into the device's memory, whole or as the samples that the resize reads. */
static cudaError_t detector_upload(detector_context *c, int i, const detector_image *from, detector_call *call)
{
	const size_t bytes = (size_t)detector_pixel_bytes(from->format), row = bytes * (size_t)from->width;
	uint8_t *const pinned =
		static_cast<uint8_t *>(c->pinned) + DETECTOR_PINNED_PIXELS + (size_t)i * (size_t)DETECTOR_PIXELS_SIZE;
	unsigned char *const to = c->memory + DETECTOR_PIXELS_AT + (size_t)i * (size_t)DETECTOR_PIXELS_SIZE;
	const int height = from->height;
	const bool pairs = row * (size_t)height > (size_t)DETECTOR_PIXELS_SIZE;
	size_t size = 0;

	if (pairs) {
		detector_gather(from->pixels, from->width, height, from->stride, (int)bytes, pinned);
		size = 4 * bytes * (size_t)DETECTOR_INPUT_WIDTH * (size_t)DETECTOR_INPUT_HEIGHT;
	} else {
		for (int y = 0; y < height && size + row <= (size_t)DETECTOR_PIXELS_SIZE; y++) {
			memcpy(pinned + size, from->pixels + (size_t)y * (size_t)from->stride, row);
			size += row;
		}
	}
	call->pairs = pairs;
	call->pixels = to;
	call->stride = (int32_t)row;
	return cudaMemcpyAsync(to, pinned, size, cudaMemcpyHostToDevice, c->stream);
}

static detector_call detector_call_of(const detector_image *from, detector_result *out, int max)
{
	detector_call call = {};

	call.pixels = from->pixels;
	call.width = from->width;
	call.height = from->height;
	call.stride = from->stride;
	call.format = (int32_t)from->format;
	call.max = max;
	call.clip = 1;
	call.out = out;
	return call;
}

int detector_detect_batch(const detector_image *images, int n, detector_detection *out, int max, int *counts)
{
	detector_context *const c = &detector_own;
	const int ready = detector_ready(c);
	cudaError_t status = cudaSuccess;
	detector_calls calls = {};

	if (ready != DETECTOR_OK)
		return ready;
	if (!images || n < 1 || n > DETECTOR_BATCH || !counts || max < 0 || (!out && max != 0))
		return DETECTOR_EINVAL;
	for (int i = 0; i < n; i++)
		if (!detector_is_image(&images[i]))
			return DETECTOR_EINVAL;
	for (int i = 0; i < n && status == cudaSuccess; i++) {
		calls.image[i] = detector_call_of(&images[i], detector_results(c, i), max < DETECTOR_MAX_DETECTIONS ? max : DETECTOR_MAX_DETECTIONS);
		status = detector_upload(c, i, &images[i], &calls.image[i]);
	}
	return status == cudaSuccess ? detector_finish(c, &calls, n, out, max, counts) : detector_told(c, status);
}

int detector_detect(const uint8_t *pixels, int width, int height, int stride, detector_format format, detector_detection *out, int max)
{
	const detector_image image = {pixels, width, height, stride, format};
	int count = 0;
	const int done = detector_detect_batch(&image, 1, out, max, &count);

	return done < 0 ? done : count;
}

int detector_detect_batch_device(const detector_image *images, int n, detector_result *out, cudaStream_t stream)
{
	detector_context *const c = &detector_own;
	const int ready = detector_ready(c);
	detector_calls calls = {};

	if (ready != DETECTOR_OK)
		return ready;
	if (!images || n < 1 || n > DETECTOR_BATCH || !out)
		return DETECTOR_EINVAL;
	for (int i = 0; i < n; i++) {
		if (!detector_is_image(&images[i]))
			return DETECTOR_EINVAL;
		calls.image[i] = detector_call_of(&images[i], out + i, DETECTOR_MAX_DETECTIONS);
	}
	return detector_told(c, detector_start(c, &calls, stream));
}

int detector_detect_device(const uint8_t *pixels, int width, int height, int stride, detector_format format, detector_result *out,
                      cudaStream_t stream)
{
	const detector_image image = {pixels, width, height, stride, format};

	return detector_detect_batch_device(&image, 1, out, stream);
}

int detector_run(const float *input, detector_detection *out, int max)
{
	detector_context *const c = &detector_own;
	const int ready = detector_ready(c);
	int count = 0, done;
	cudaError_t status;
	detector_calls calls = {};

	if (ready != DETECTOR_OK)
		return ready;
	if (!input || max < 0 || (!out && max != 0))
		return DETECTOR_EINVAL;
	calls.image[0].max = max < DETECTOR_MAX_DETECTIONS ? max : DETECTOR_MAX_DETECTIONS;
	calls.image[0].out = detector_results(c, 0);
	status = cudaMemcpyAsync(c->memory + 2048, input, 768, cudaMemcpyHostToDevice, c->stream);
	if (status != cudaSuccess)
		return detector_told(c, status);
	done = detector_finish(c, &calls, 1, out, max, &count);
	return done < 0 ? done : count;
}

const char *detector_device_error(void)
{
	const detector_context *const c = &detector_own;
	return cudaGetErrorName((cudaError_t)c->status);
}

const char *detector_strerror(int error)
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

const char *detector_version(void)
{
	return "dssdc 0.1.0";
}

static_assert(sizeof(detector_context) == 80, "as the head says");
