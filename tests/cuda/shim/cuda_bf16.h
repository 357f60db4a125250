/* cuda_bf16.h -- bfloat16 as bits, with the conversions that dssdc's kernels use: nearest, ties to even. */
#ifndef SHIM_CUDA_BF16_H
#define SHIM_CUDA_BF16_H

#include "cuda_runtime.h"

struct __nv_bfloat16 {
	unsigned short x;
};

static inline __nv_bfloat16 __ushort_as_bfloat16(unsigned short x)
{
	return __nv_bfloat16{x};
}

static inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 h)
{
	return h.x;
}

static inline float __bfloat162float(__nv_bfloat16 h)
{
	return __uint_as_float((unsigned)h.x << 16);
}

static inline __nv_bfloat16 __float2bfloat16_rn(float f)
{
	const unsigned bits = __float_as_uint(f);
	if (f != f)
		return __nv_bfloat16{0x7fff};
	return __nv_bfloat16{(unsigned short)((bits + 0x7fff + (bits >> 16 & 1)) >> 16)};
}

#endif
