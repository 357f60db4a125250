/* shim_types.h -- the words and vector types of CUDA C++ for a plain C++ compiler. Part of cuda_runtime.h. */
#ifndef SHIM_TYPES_H
#define SHIM_TYPES_H

#include <stddef.h>
#include <stdint.h>

#define __host__
#define __device__
#define __global__
#define __constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __grid_constant__

/* Blocks run one after another, so a block's shared variables may be the thread's that runs it. thread_local alone is
 * static inside of functions, and may follow extern. AddressSanitizer watches the ends of static variables that are no
 * thread's own and ask for no more than 64 bytes of alignment: a watched program runs its kernels in one thread. */
#if defined(__SANITIZE_ADDRESS__)
#define SHIM_OF_THREAD
#define __shared__ static
#define __align__(bytes) __attribute__((aligned((bytes) < 64 ? (bytes) : 64)))
#else
#define SHIM_OF_THREAD thread_local
#define __shared__ thread_local
#define __align__(bytes) __attribute__((aligned(bytes)))
#endif

/* What `extern __shared__ unsigned char NAME[]` refers to. nvcc.sh gives the name that a source uses. */
#ifndef SHIM_SHARED
#define SHIM_SHARED net_shared
#endif
enum { SHIM_SHARED_SIZE = 227 * 1024, SHIM_SHARED_GUARD = 1024 };
inline SHIM_OF_THREAD __align__(1024) unsigned char SHIM_SHARED[SHIM_SHARED_SIZE + SHIM_SHARED_GUARD];

struct uint3 {
	unsigned x, y, z;
};

struct dim3 {
	unsigned x, y, z;
	constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_)
	{
	}
	constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z)
	{
	}
};

#define SHIM_VECTORS(T, name, align2, align4)             \
	struct alignas(align2) name##2                    \
	{                                                 \
		T x, y;                                   \
	};                                                \
	struct alignas(align4) name##4                    \
	{                                                 \
		T x, y, z, w;                             \
	};                                                \
	inline name##2 make_##name##2(T x, T y)           \
	{                                                 \
		return {x, y};                            \
	}                                                 \
	inline name##4 make_##name##4(T x, T y, T z, T w) \
	{                                                 \
		return {x, y, z, w};                      \
	}

SHIM_VECTORS(float, float, 8, 16)
SHIM_VECTORS(int, int, 8, 16)
SHIM_VECTORS(unsigned, uint, 8, 16)
SHIM_VECTORS(short, short, 4, 8)
SHIM_VECTORS(unsigned short, ushort, 4, 8)
SHIM_VECTORS(unsigned char, uchar, 2, 4)
SHIM_VECTORS(double, double, 16, 16)
SHIM_VECTORS(long long, longlong, 16, 16)
#undef SHIM_VECTORS

#endif
