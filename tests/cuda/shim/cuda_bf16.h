/* cuda_bf16.h -- bfloat16 as bits that are converted; see cuda_runtime.h. */
#ifndef SHIM_CUDA_BF16_H
#define SHIM_CUDA_BF16_H

#include <stdint.h>
#include <string.h>

struct alignas(2) __nv_bfloat16 {
	unsigned short bits;
};

inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 h)
{
	return h.bits;
}

inline __nv_bfloat16 __ushort_as_bfloat16(unsigned short bits)
{
	return {bits};
}

inline float __bfloat162float(__nv_bfloat16 h)
{
	const uint32_t bits = (uint32_t)h.bits << 16;
	float x;
	memcpy(&x, &bits, sizeof x);
	return x;
}

/* Nearest, ties to even; what is no number becomes 0x7FFF. */
inline __nv_bfloat16 __float2bfloat16_rn(float x)
{
	uint32_t bits;
	memcpy(&bits, &x, sizeof bits);
	if (x != x)
		return {0x7fff};
	return {(unsigned short)((bits + 0x7fff + (bits >> 16 & 1)) >> 16)};
}

inline __nv_bfloat16 __float2bfloat16(float x)
{
	return __float2bfloat16_rn(x);
}

#endif
