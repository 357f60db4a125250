/* shim_device.h -- what a kernel's code calls. Part of cuda_runtime.h. */
#ifndef SHIM_DEVICE_H
#define SHIM_DEVICE_H

#include "shim_block.h"

#include <math.h>
#include <string.h>

namespace shim
{
inline const uint3 &thread_index()
{
	return machine.now->index;
}

inline const uint3 &block_index()
{
	return machine.block;
}

inline const uint3 &block_size()
{
	return machine.threads;
}

inline const uint3 &grid_size()
{
	return machine.grid;
}

/* A variable that is another one for each thread. */
template <const uint3 &(*where)()> struct Place {
	struct {
		operator unsigned() const
		{
			return where().x;
		}
	} x;
	struct {
		operator unsigned() const
		{
			return where().y;
		}
	} y;
	struct {
		operator unsigned() const
		{
			return where().z;
		}
	} z;
};
} // namespace shim

inline const shim::Place<shim::thread_index> threadIdx = {};
inline const shim::Place<shim::block_index> blockIdx = {};
inline const shim::Place<shim::block_size> blockDim = {};
inline const shim::Place<shim::grid_size> gridDim = {};
static const int warpSize = 32;

/* ---- waiting ---- */

static inline void __syncthreads()
{
	shim::barrier(shim::BARRIER, 0);
}

static inline int __syncthreads_or(int vote)
{
	return shim::barrier(shim::BARRIER_OR, vote);
}

static inline int __syncthreads_and(int vote)
{
	return shim::barrier(shim::BARRIER_AND, vote);
}

static inline int __syncthreads_count(int vote)
{
	return shim::barrier(shim::BARRIER_COUNT, vote);
}

static inline void __syncwarp(unsigned mask = 0xffffffffu)
{
	shim::exchange(shim::SYNCWARP, mask, 0, 0);
}

static inline void __threadfence()
{
}

static inline void __threadfence_block()
{
}

/* ---- a warp's lanes ---- */

template <typename T> static inline T shim_shuffle(unsigned mask, T v, unsigned source)
{
	uint64_t bits = 0;
	static_assert(sizeof v <= 8, "a shuffle of at most eight bytes");
	memcpy(&bits, &v, sizeof v);
	bits = shim::exchange(shim::SHUFFLE, mask, bits, source);
	memcpy(&v, &bits, sizeof v);
	return v;
}

/* Lane `to`, or this one where it lies outside of the group of `width` lanes. */
static inline unsigned shim_lane(int to, int width)
{
	const int lane = (int)shim::machine.now->lane, base = lane / width * width;
	return (unsigned)(to >= base && to < base + width ? to : lane);
}

template <typename T> static inline T __shfl_sync(unsigned mask, T v, int lane, int width = 32)
{
	const int base = (int)shim::machine.now->lane / width * width;
	return shim_shuffle(mask, v, (unsigned)(base + (lane & (width - 1))));
}

template <typename T> static inline T __shfl_xor_sync(unsigned mask, T v, int with, int width = 32)
{
	return shim_shuffle(mask, v, shim_lane((int)shim::machine.now->lane ^ with, width));
}

template <typename T> static inline T __shfl_up_sync(unsigned mask, T v, unsigned by, int width = 32)
{
	return shim_shuffle(mask, v, shim_lane((int)shim::machine.now->lane - (int)by, width));
}

template <typename T> static inline T __shfl_down_sync(unsigned mask, T v, unsigned by, int width = 32)
{
	return shim_shuffle(mask, v, shim_lane((int)shim::machine.now->lane + (int)by, width));
}

static inline unsigned __ballot_sync(unsigned mask, int vote)
{
	return (unsigned)shim::exchange(shim::BALLOT, mask, vote != 0, 0);
}

static inline int __any_sync(unsigned mask, int vote)
{
	return __ballot_sync(mask, vote) != 0;
}

static inline int __all_sync(unsigned mask, int vote)
{
	return (__ballot_sync(mask, !vote) & mask) == 0;
}

static inline unsigned __activemask()
{
	return shim::machine.now->warp->alive;
}

/* ---- bits and numbers ---- */

static inline int __popc(unsigned x)
{
	return __builtin_popcount(x);
}

static inline int __popcll(unsigned long long x)
{
	return __builtin_popcountll(x);
}

static inline int __ffs(int x)
{
	return __builtin_ffs(x);
}

static inline int __clz(int x)
{
	return x ? __builtin_clz((unsigned)x) : 32;
}

static inline int __clzll(long long x)
{
	return x ? __builtin_clzll((unsigned long long)x) : 64;
}

static inline unsigned __brev(unsigned x)
{
	unsigned r = 0;
	for (int i = 0; i < 32; i++)
		r |= (x >> i & 1) << (31 - i);
	return r;
}

template <typename To, typename From> static inline To shim_bits(From x)
{
	To y;
	static_assert(sizeof x == sizeof y, "bits of one size");
	memcpy(&y, &x, sizeof y);
	return y;
}

static inline unsigned __float_as_uint(float x)
{
	return shim_bits<unsigned>(x);
}

static inline int __float_as_int(float x)
{
	return shim_bits<int>(x);
}

static inline float __uint_as_float(unsigned x)
{
	return shim_bits<float>(x);
}

static inline float __int_as_float(int x)
{
	return shim_bits<float>(x);
}

static inline float __fmul_rn(float a, float b)
{
	return a * b;
}

static inline float __fadd_rn(float a, float b)
{
	return a + b;
}

static inline float __fsub_rn(float a, float b)
{
	return a - b;
}

static inline float __fdiv_rn(float a, float b)
{
	return a / b;
}

static inline double __dmul_rn(double a, double b)
{
	return a * b;
}

static inline double __dadd_rn(double a, double b)
{
	return a + b;
}

static inline float __fmaf_rn(float a, float b, float c)
{
	return fmaf(a, b, c);
}

template <typename T> static inline T __ldg(const T *p)
{
	return *p;
}

static inline size_t __cvta_generic_to_shared(const void *p)
{
	return (size_t)p;
}

/* Blocks run one after another and threads in turn: nothing comes between. */
template <typename T, typename V> static inline T atomicAdd(T *p, V v)
{
	T old = *p;
	*p = (T)(old + (T)v);
	return old;
}

template <typename T, typename V> static inline T atomicMax(T *p, V v)
{
	T old = *p;
	*p = old > (T)v ? old : (T)v;
	return old;
}

template <typename T, typename V> static inline T atomicMin(T *p, V v)
{
	T old = *p;
	*p = old < (T)v ? old : (T)v;
	return old;
}

template <typename T, typename V> static inline T atomicOr(T *p, V v)
{
	T old = *p;
	*p = old | (T)v;
	return old;
}

template <typename T, typename V> static inline T atomicExch(T *p, V v)
{
	T old = *p;
	*p = (T)v;
	return old;
}

template <typename T, typename V, typename W> static inline T atomicCAS(T *p, V seen, W v)
{
	T old = *p;
	if (old == (T)seen)
		*p = (T)v;
	return old;
}

template <typename A, typename B> static inline auto min(A a, B b) -> decltype(a < b ? a : b)
{
	return a < b ? a : b;
}

template <typename A, typename B> static inline auto max(A a, B b) -> decltype(a > b ? a : b)
{
	return a > b ? a : b;
}

#endif
