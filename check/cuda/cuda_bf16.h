/* cuda_bf16.h -- bfloat16 as a type and its conversions, for dssdc check: see cuda_runtime.h beside it. */
#pragma once
#include <cuda_runtime.h>

struct __align__(2) __nv_bfloat16 {
	__nv_bfloat16() = default;

private:
	unsigned short bits;
};

__host__ __device__ float __bfloat162float(__nv_bfloat16 x);
__host__ __device__ __nv_bfloat16 __float2bfloat16(float x);
__host__ __device__ __nv_bfloat16 __float2bfloat16_rn(float x);
__host__ __device__ unsigned short __bfloat16_as_ushort(__nv_bfloat16 x);
__host__ __device__ __nv_bfloat16 __ushort_as_bfloat16(unsigned short bits);
