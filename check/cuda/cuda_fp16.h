/* cuda_fp16.h -- half precision as a type and its conversions, for dssdc check: see cuda_runtime.h beside it. */
#pragma once
#include <cuda_runtime.h>

struct __align__(2) __half {
	__half() = default;

private:
	unsigned short bits;
};
typedef __half half;

__host__ __device__ float __half2float(__half x);
__host__ __device__ __half __float2half(float x);
__host__ __device__ __half __float2half_rn(float x);
__host__ __device__ unsigned short __half_as_ushort(__half x);
__host__ __device__ __half __ushort_as_half(unsigned short bits);
