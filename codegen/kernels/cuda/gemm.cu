/* gemm.cu -- parts of the matrix products: sums[m][n] += a[m][k] * b[n][k], tile by tile through shared memory.
 *
 * Everything is counted in chunks of 16 bytes, 8 numbers of 16 bits or 4 of 32 along k, so that all element types move
 * alike. A tile in shared memory has rows of 4 or 8 chunks, permuted within the row (net_swizzle) so that neither the
 * copies nor the reads of the same chunk of eight rows meet in a bank. Two chunks are one step of the multiplication.
 *
 * A warp's sums lie as the matrix units have them, of 16 by 8 pieces: with g = lane / 4 and t = lane % 4, sum[i][j] holds
 * row 16i + g, columns 8j + 2t and 8j + 2t + 1, then the same of row 16i + g + 8. Devices without a unit for a type
 * compute the same sums in the same arrangement with plain multiply-adds.
 */
#ifndef DSSDC
#include "codegen/kernels/cuda/alone.cuh"
#endif

/* part: copy16 needs: */
/* 16 bytes from device memory to shared memory, or zeros. It may be under way until net_copies_arrived<n>(), which lets
 * those before the last n net_copies_end() arrive; a barrier then shows them to the block. CACHED: the block will read
 * them again. */
template <bool CACHED> static __device__ inline void net_copy16(unsigned char *to, const uint4 *from, bool inside)
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

[[maybe_unused]] static __device__ inline void net_copies_end()
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
	asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

template <int LEFT> static __device__ inline void net_copies_arrived()
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
	asm volatile("cp.async.wait_group %0;" ::"n"(LEFT) : "memory");
#endif
}

/* part: swizzle needs: */
/* Where a chunk of a row is in its tile. */
template <int ROW_CHUNKS> static __device__ inline int net_swizzle(int row, int chunk)
{
	return row * ROW_CHUNKS + (chunk ^ (ROW_CHUNKS == 8 ? row & 7 : row >> 1 & 3));
}

/* part: factors needs: */
/* What is multiplied: f32 as it is, f32 rounded to 10 bits of fraction, f16, bf16. */
struct net_f32_factors {
	enum { IN_CHUNK = 4 };
};
struct net_tf32_factors {
	enum { IN_CHUNK = 4 };
};
struct net_f16_factors {
	enum { IN_CHUNK = 8 };
};
struct net_bf16_factors {
	enum { IN_CHUNK = 8 };
};

/* part: tf32 needs: */
/* The nearest of 10 bits of fraction, ties away from zero. */
[[maybe_unused]] static __device__ inline unsigned int net_tf32(unsigned int bits)
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
	unsigned int rounded;

	asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(rounded) : "f"(__uint_as_float(bits)));
	return rounded;
#else
	return (bits & 0x7f800000u) == 0x7f800000u ? bits : (bits + 0x1000u) & 0xffffe000u;
#endif
}

/* part: unpack needs: factors tf32 */
/* The numbers of a chunk. */
[[maybe_unused]] static __device__ inline void net_unpack(net_f32_factors, const uint4 &c, float *x)
{
	const unsigned int word[4] = {c.x, c.y, c.z, c.w};

#pragma unroll
	for (int i = 0; i < 4; i++)
		x[i] = __uint_as_float(word[i]);
}

[[maybe_unused]] static __device__ inline void net_unpack(net_tf32_factors, const uint4 &c, float *x)
{
	const unsigned int word[4] = {c.x, c.y, c.z, c.w};

#pragma unroll
	for (int i = 0; i < 4; i++)
		x[i] = __uint_as_float(net_tf32(word[i]));
}

[[maybe_unused]] static __device__ inline void net_unpack(net_f16_factors, const uint4 &c, float *x)
{
	const unsigned int word[4] = {c.x, c.y, c.z, c.w};

#pragma unroll
	for (int i = 0; i < 8; i++)
		x[i] = __half2float(__ushort_as_half((unsigned short)(word[i / 2] >> i % 2 * 16)));
}

[[maybe_unused]] static __device__ inline void net_unpack(net_bf16_factors, const uint4 &c, float *x)
{
	const unsigned int word[4] = {c.x, c.y, c.z, c.w};

#pragma unroll
	for (int i = 0; i < 8; i++)
		x[i] = __uint_as_float(i % 2 ? word[i / 2] & 0xffff0000u : word[i / 2] << 16);
}

/* part: products needs: swizzle unpack */
/* Adds the products of one tile of k to a warp's sums. a, b: the warp's first rows in the tiles, at a multiple of 8. Of
 * the tile's steps it takes FIRST, FIRST + EVERY, ... */
template <int MI, int NI, int ROW_CHUNKS, int EVERY, typename F>
static __device__ inline void net_products(F factors, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
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
			net_unpack(factors, ac[net_swizzle<ROW_CHUNKS>(8 * i + g, chunk)], x[i]);
#pragma unroll
		for (int j = 0; j < 2 * NI; j++) {
			float w[in_chunk];

			net_unpack(factors, bc[net_swizzle<ROW_CHUNKS>(j / 2 * 8 + 2 * t + j % 2, chunk)], w);
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
[[maybe_unused]] static __device__ inline void net_ldmatrix(unsigned int (&piece)[4], unsigned int at)
{
	asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
	             : "=r"(piece[0]), "=r"(piece[1]), "=r"(piece[2]), "=r"(piece[3])
	             : "r"(at)
	             : "memory");
}

[[maybe_unused]] static __device__ inline void net_mma(net_f16_factors, float (&c)[4], const unsigned int (&a)[4], unsigned int b0, unsigned int b1)
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
[[maybe_unused]] static __device__ inline void net_mma(net_bf16_factors, float (&c)[4], const unsigned int (&a)[4], unsigned int b0, unsigned int b1)
{
	asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
	             : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
	             : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

[[maybe_unused]] static __device__ inline void net_mma(net_tf32_factors, float (&c)[4], const unsigned int (&a)[4], unsigned int b0, unsigned int b1)
{
	asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
	             : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
	             : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
#endif

/* Pieces of a step: of a, rows 16i.. as its two halves, chunk by chunk; of b, columns 16j.. as chunk by chunk of its
 * halves. */
template <int MI, int NI, int ROW_CHUNKS, bool TF32>
static __device__ inline void net_pieces(unsigned int (&a)[MI][4], unsigned int (&b)[NI / 2][4], unsigned int a_at, unsigned int b_at, int step)
{
	const int lane = (int)threadIdx.x % 32;
	const int a_place = net_swizzle<ROW_CHUNKS>(lane % 16, 2 * step + lane / 16);
	const int b_place = net_swizzle<ROW_CHUNKS>(lane / 16 * 8 + lane % 8, 2 * step + lane / 8 % 2);

#pragma unroll
	for (int i = 0; i < MI; i++) {
		net_ldmatrix(a[i], a_at + (unsigned int)(16 * (a_place + 16 * ROW_CHUNKS * i)));
#pragma unroll
		for (int k = 0; TF32 && k < 4; k++)
			a[i][k] = net_tf32(a[i][k]);
	}
#pragma unroll
	for (int j = 0; j < NI / 2; j++)
		net_ldmatrix(b[j], b_at + (unsigned int)(16 * (b_place + 16 * ROW_CHUNKS * j)));
}

/* The same by the matrix units: while they work on one step, the pieces of the next are fetched. */
template <int MI, int NI, int ROW_CHUNKS, int EVERY, bool TF32, typename F>
static __device__ inline void net_unit_products(F factors, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	constexpr int steps = ROW_CHUNKS / 2 / EVERY;
	const unsigned int a_at = (unsigned int)__cvta_generic_to_shared(a), b_at = (unsigned int)__cvta_generic_to_shared(b);
	unsigned int ap[2][MI][4], bp[2][NI / 2][4];

	net_pieces<MI, NI, ROW_CHUNKS, TF32>(ap[0], bp[0], a_at, b_at, first);
#pragma unroll
	for (int s = 0; s < steps; s++) {
		if (s + 1 < steps)
			net_pieces<MI, NI, ROW_CHUNKS, TF32>(ap[(s + 1) % 2], bp[(s + 1) % 2], a_at, b_at, first + (s + 1) * EVERY);
#pragma unroll
		for (int i = 0; i < MI; i++)
#pragma unroll
			for (int j = 0; j < NI; j++)
				net_mma(factors, sum[i][j], ap[s % 2][i], bp[s % 2][j / 2][j % 2 * 2], bp[s % 2][j / 2][j % 2 * 2 + 1]);
	}
}

template <int MI, int NI, int ROW_CHUNKS, int EVERY>
static __device__ inline void net_products(net_f16_factors f, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	net_unit_products<MI, NI, ROW_CHUNKS, EVERY, false>(f, sum, a, b, first);
}

#if __CUDA_ARCH__ >= 800
template <int MI, int NI, int ROW_CHUNKS, int EVERY>
static __device__ inline void net_products(net_bf16_factors f, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	net_unit_products<MI, NI, ROW_CHUNKS, EVERY, false>(f, sum, a, b, first);
}

template <int MI, int NI, int ROW_CHUNKS, int EVERY>
static __device__ inline void net_products(net_tf32_factors f, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	net_unit_products<MI, NI, ROW_CHUNKS, EVERY, true>(f, sum, a, b, first);
}
#endif
#endif

/* part: held_eight needs: eight */
/* Eight neighbours of a map, at a multiple of 16 bytes, as they are; as floats; and stored. */
template <typename T> struct net_eight {
	uint4 word[sizeof(T) / 2];
};

template <typename T> static __device__ inline net_eight<T> net_load8(const T *p)
{
	net_eight<T> x;

#pragma unroll
	for (int i = 0; i < (int)sizeof(T) / 2; i++)
		x.word[i] = reinterpret_cast<const uint4 *>(p)[i];
	return x;
}

[[maybe_unused]] static __device__ inline void net_spread(float (&to)[8], const net_eight<float> &x)
{
	const unsigned int word[8] = {x.word[0].x, x.word[0].y, x.word[0].z, x.word[0].w, x.word[1].x, x.word[1].y, x.word[1].z, x.word[1].w};

#pragma unroll
	for (int i = 0; i < 8; i++)
		to[i] = __uint_as_float(word[i]);
}

[[maybe_unused]] static __device__ inline void net_spread(float (&to)[8], const net_eight<__half> &x)
{
	const unsigned int word[4] = {x.word[0].x, x.word[0].y, x.word[0].z, x.word[0].w};

#pragma unroll
	for (int i = 0; i < 8; i++)
		to[i] = __half2float(__ushort_as_half((unsigned short)(word[i / 2] >> i % 2 * 16)));
}

[[maybe_unused]] static __device__ inline void net_spread(float (&to)[8], const net_eight<__nv_bfloat16> &x)
{
	const unsigned int word[4] = {x.word[0].x, x.word[0].y, x.word[0].z, x.word[0].w};

#pragma unroll
	for (int i = 0; i < 8; i++)
		to[i] = __uint_as_float(i % 2 ? word[i / 2] & 0xffff0000u : word[i / 2] << 16);
}

/* Two numbers in a word, the first in the low half. */
[[maybe_unused]] static __device__ inline unsigned int net_pair(const __half *, float low, float high)
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
	unsigned int both;

	asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(high), "f"(low));
	return both;
#else
	return (unsigned int)__half_as_ushort(__float2half_rn(low)) | (unsigned int)__half_as_ushort(__float2half_rn(high)) << 16;
#endif
}

[[maybe_unused]] static __device__ inline unsigned int net_pair(const __nv_bfloat16 *, float low, float high)
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
	unsigned int both;

	asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(high), "f"(low));
	return both;
#else
	return (unsigned int)__bfloat16_as_ushort(__float2bfloat16_rn(low)) | (unsigned int)__bfloat16_as_ushort(__float2bfloat16_rn(high)) << 16;
#endif
}

template <typename T> static __device__ inline void net_store8(T *p, const float (&x)[8])
{
	*reinterpret_cast<uint4 *>(p) = make_uint4(net_pair(p, x[0], x[1]), net_pair(p, x[2], x[3]), net_pair(p, x[4], x[5]), net_pair(p, x[6], x[7]));
}

[[maybe_unused]] static __device__ inline void net_store8(float *p, const float (&x)[8])
{
	reinterpret_cast<float4 *>(p)[0] = make_float4(x[0], x[1], x[2], x[3]);
	reinterpret_cast<float4 *>(p)[1] = make_float4(x[4], x[5], x[6], x[7]);
}

/* part: last_block needs: */
/* Of the blocks that share a ticket, true for the one that arrives last: it sees what all of them wrote before, and the
 * ticket is zero again. All threads of a block call it. */
[[maybe_unused]] static __device__ inline bool net_last_block(unsigned int *ticket, unsigned int blocks)
{
	__shared__ bool last;

	__threadfence();
	__syncthreads();
	if (threadIdx.x == 0) {
		last = atomicAdd(ticket, 1u) == blocks - 1;
		if (last)
			*ticket = 0;
	}
	__syncthreads();
	__threadfence();
	return last;
}

/* part: resident needs: */
/* Of so many blocks, those whose rings fit into a multiprocessor: registers need not be spared for more. */
static constexpr int net_resident(int blocks, int ring)
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
