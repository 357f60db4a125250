/* cuda_fp16.h -- half precision as bits that are converted; see cuda_runtime.h. */
#ifndef SHIM_CUDA_FP16_H
#define SHIM_CUDA_FP16_H

#include <math.h>
#include <stdint.h>
#include <string.h>
#if defined(__F16C__)
#include <immintrin.h>
#endif

struct alignas(2) __half {
	unsigned short bits;
};
typedef __half half;

inline unsigned short __half_as_ushort(__half h)
{
	return h.bits;
}

inline __half __ushort_as_half(unsigned short bits)
{
	return {bits};
}

inline float __half2float(__half h)
{
#if defined(__F16C__)
	return _cvtsh_ss(h.bits);
#else
	const int sign = h.bits >> 15, exponent = h.bits >> 10 & 31, fraction = h.bits & 1023;
	float x;
	if (exponent == 31)
		x = fraction ? NAN : INFINITY;
	else if (exponent == 0)
		x = ldexpf((float)fraction, -24);
	else
		x = ldexpf((float)(fraction + 1024), exponent - 25);
	return sign ? -x : x;
#endif
}

/* Nearest, ties to even; what is no number becomes 0x7FFF. */
inline __half __float2half_rn(float x)
{
	if (x != x)
		return {0x7fff};
#if defined(__F16C__)
	return {_cvtss_sh(x, _MM_FROUND_TO_NEAREST_INT)};
#else
	const unsigned short sign = (unsigned short)(signbit(x) ? 0x8000 : 0);
	const float a = fabsf(x);
	int exponent;
	if (a >= 65520.0f)
		return {(unsigned short)(sign | 0x7c00)};
	if (a < ldexpf(1.0f, -14))
		return {(unsigned short)(sign | (unsigned short)rintf(ldexpf(a, 24)))};
	frexpf(a, &exponent); /* 1024 to 2048 units of 2^(exponent - 11) */
	return {(unsigned short)(sign | (((exponent + 13) << 10) + (int)rintf(ldexpf(a, 11 - exponent))))};
#endif
}

inline __half __float2half(float x)
{
	return __float2half_rn(x);
}

#endif
