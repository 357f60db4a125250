/* cuda_fp16.h -- half precision as bits, with the conversions that dssdc's kernels use: nearest, ties to even. */
#ifndef SHIM_CUDA_FP16_H
#define SHIM_CUDA_FP16_H

#include "cuda_runtime.h"
#if defined(__F16C__)
#include <immintrin.h>
#endif

struct __half {
	unsigned short x;
};
typedef __half half;

static inline __half __ushort_as_half(unsigned short x)
{
	return __half{x};
}

static inline unsigned short __half_as_ushort(__half h)
{
	return h.x;
}

#if defined(__F16C__)
static inline float __half2float(__half h)
{
	return _cvtsh_ss(h.x);
}

static inline __half __float2half_rn(float f)
{
	return __half{(unsigned short)_cvtss_sh(f, _MM_FROUND_TO_NEAREST_INT)};
}
#else
static inline float __half2float(__half h)
{
	const unsigned sign = (unsigned)(h.x >> 15) << 31, exponent = h.x >> 10 & 31, fraction = h.x & 1023;
	if (exponent == 31)
		return __uint_as_float(sign | 0x7f800000u | fraction << 13);
	const float size = exponent ? ldexpf((float)(1024 + fraction), (int)exponent - 25) : ldexpf((float)fraction, -24);
	return sign ? -size : size;
}

static inline __half __float2half_rn(float f)
{
	const unsigned bits = __float_as_uint(f), sign = bits >> 16 & 0x8000;
	const float size = fabsf(f);
	if (size != size)
		return __half{(unsigned short)(sign | 0x7fff)};
	if (size >= 65520.0f)
		return __half{(unsigned short)(sign | 0x7c00)};
	int exponent;
	(void)frexpf(size, &exponent);
	const int shift = exponent < -13 ? 24 : 11 - exponent; /* the last place is 2^-shift */
	const unsigned places = (unsigned)rintf(ldexpf(size, shift));
	return __half{(unsigned short)(sign | (exponent < -13 ? places : places + ((unsigned)(exponent + 13) << 10)))};
}
#endif

static inline __half __float2half(float f)
{
	return __float2half_rn(f);
}

#endif
