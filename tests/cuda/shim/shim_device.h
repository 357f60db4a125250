/* shim_device.h -- what kernels call. Part of cuda_runtime.h. */
#ifndef SHIM_DEVICE_H
#define SHIM_DEVICE_H

#include "shim_block.h"

#include <math.h>
#include <type_traits>

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

enum { warpSize = 32 };

/* ---- barriers ---- */

inline void __syncthreads()
{
	shim::barrier(shim::BARRIER, 0);
}

inline int __syncthreads_or(int vote)
{
	return shim::barrier(shim::BARRIER_OR, vote);
}

inline int __syncthreads_and(int vote)
{
	return shim::barrier(shim::BARRIER_AND, vote);
}

inline int __syncthreads_count(int vote)
{
	return shim::barrier(shim::BARRIER_COUNT, vote);
}

inline void __syncwarp(unsigned mask = 0xffffffffu)
{
	shim::exchange(shim::SYNCWARP, mask, 0, 0);
}

inline void __threadfence()
{
}

inline void __threadfence_block()
{
}

/* ---- exchanges ---- */

namespace shim
{

template <typename T> inline T shuffle(unsigned mask, T value, unsigned source)
{
	static_assert(std::is_arithmetic<T>::value && sizeof(T) >= 4, "shuffles take numbers of 4 or 8 bytes");
	uint64_t bits = 0;
	memcpy(&bits, &value, sizeof value);
	bits = exchange(SHUFFLE, mask, bits, source);
	memcpy(&value, &bits, sizeof value);
	return value;
}

inline unsigned lane()
{
	return machine.now->lane;
}

} // namespace shim

/* width: lanes of each group; a power of two. */
template <typename T> inline T __shfl_sync(unsigned mask, T value, int source, int width = 32)
{
	return shim::shuffle(mask, value, (shim::lane() & ~((unsigned)width - 1)) | ((unsigned)source & ((unsigned)width - 1)));
}

template <typename T> inline T __shfl_xor_sync(unsigned mask, T value, int with, int width = 32)
{
	unsigned lane = shim::lane(), source = lane ^ (unsigned)with;
	return shim::shuffle(mask, value, source <= (lane | ((unsigned)width - 1)) ? source : lane);
}

template <typename T> inline T __shfl_up_sync(unsigned mask, T value, unsigned by, int width = 32)
{
	unsigned lane = shim::lane();
	return shim::shuffle(mask, value, (lane & ((unsigned)width - 1)) >= by ? lane - by : lane);
}

template <typename T> inline T __shfl_down_sync(unsigned mask, T value, unsigned by, int width = 32)
{
	unsigned lane = shim::lane();
	return shim::shuffle(mask, value, (lane & ((unsigned)width - 1)) + by < (unsigned)width ? lane + by : lane);
}

inline unsigned __ballot_sync(unsigned mask, int vote)
{
	return (unsigned)shim::exchange(shim::BALLOT, mask, vote != 0, 0);
}

inline int __any_sync(unsigned mask, int vote)
{
	return __ballot_sync(mask, vote) != 0;
}

inline int __all_sync(unsigned mask, int vote)
{
	return __ballot_sync(mask, !vote) == 0;
}

/* ---- atomics: nothing runs at the same time ---- */

#define SHIM_ATOMIC(name, T, result) \
	inline T name(T *at, T v)    \
	{                            \
		T old = *at;         \
		*at = (result);      \
		return old;          \
	}
#define SHIM_ATOMICS(T)                              \
	SHIM_ATOMIC(atomicAdd, T, old + v)           \
	SHIM_ATOMIC(atomicMax, T, old > v ? old : v) \
	SHIM_ATOMIC(atomicMin, T, old < v ? old : v) \
	SHIM_ATOMIC(atomicOr, T, old | v)            \
	SHIM_ATOMIC(atomicAnd, T, old &v)            \
	SHIM_ATOMIC(atomicExch, T, v)                \
	inline T atomicCAS(T *at, T expected, T v)   \
	{                                            \
		T old = *at;                         \
		*at = old == expected ? v : old;     \
		return old;                          \
	}

SHIM_ATOMICS(int)
SHIM_ATOMICS(unsigned)
SHIM_ATOMICS(unsigned long long)
#undef SHIM_ATOMICS
#undef SHIM_ATOMIC

/* ---- numbers ---- */

template <typename T> inline T __ldg(const T *p)
{
	return *p;
}

inline int __popc(unsigned x)
{
	return __builtin_popcount(x);
}

inline int __popcll(unsigned long long x)
{
	return __builtin_popcountll(x);
}

inline int __ffs(int x)
{
	return __builtin_ffs(x);
}

inline int __ffsll(long long x)
{
	return __builtin_ffsll(x);
}

inline int __clz(int x)
{
	return x ? __builtin_clz((unsigned)x) : 32;
}

inline int __clzll(long long x)
{
	return x ? __builtin_clzll((unsigned long long)x) : 64;
}

#define SHIM_BITS(name, To, From)         \
	inline To name(From x)            \
	{                                 \
		To y;                     \
		memcpy(&y, &x, sizeof y); \
		return y;                 \
	}
SHIM_BITS(__float_as_uint, unsigned, float)
SHIM_BITS(__uint_as_float, float, unsigned)
SHIM_BITS(__float_as_int, int, float)
SHIM_BITS(__int_as_float, float, int)
SHIM_BITS(__double_as_longlong, long long, double)
SHIM_BITS(__longlong_as_double, double, long long)
#undef SHIM_BITS

/* Rounded before anything is added to them. */
#if defined(__x86_64__)
#define SHIM_ROUNDED(name, T, op)  \
	inline T name(T a, T b)    \
	{                          \
		T r = a op b;      \
		asm("" : "+x"(r)); \
		return r;          \
	}
#else
#define SHIM_ROUNDED(name, T, op)      \
	inline T name(T a, T b)        \
	{                              \
		volatile T r = a op b; \
		return r;              \
	}
#endif
SHIM_ROUNDED(__fmul_rn, float, *)
SHIM_ROUNDED(__fadd_rn, float, +)
SHIM_ROUNDED(__fsub_rn, float, -)
SHIM_ROUNDED(__fdiv_rn, float, /)
SHIM_ROUNDED(__dmul_rn, double, *)
SHIM_ROUNDED(__dadd_rn, double, +)
#undef SHIM_ROUNDED

inline float __fmaf_rn(float a, float b, float c)
{
	return fmaf(a, b, c);
}

inline float __fsqrt_rn(float x)
{
	return sqrtf(x);
}

/* Toward zero, to nearest; out of range: the nearest number, 0 for what is none. */
inline int __float2int_rz(float x)
{
	return x != x ? 0 : x >= 2147483648.0f ? 2147483647 : x <= -2147483648.0f ? (-2147483647 - 1) : (int)x;
}

inline int __float2int_rn(float x)
{
	return __float2int_rz(rintf(x));
}

#define SHIM_EXTREMES(T)              \
	inline T min(T a, T b)        \
	{                             \
		return b < a ? b : a; \
	}                             \
	inline T max(T a, T b)        \
	{                             \
		return a < b ? b : a; \
	}
SHIM_EXTREMES(int)
SHIM_EXTREMES(unsigned)
SHIM_EXTREMES(long long)
SHIM_EXTREMES(unsigned long long)
#undef SHIM_EXTREMES

inline size_t __cvta_generic_to_shared(const void *p)
{
	return (size_t)p;
}

inline void cudaGridDependencySynchronize()
{
}

inline void cudaTriggerProgrammaticLaunchCompletion()
{
}

#endif
