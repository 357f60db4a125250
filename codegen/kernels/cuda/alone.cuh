/* alone.cuh -- a small instance of what templates bind, for templates that are compiled without the engine: nvcc on the
 * tree, editors, tests. Every name may be given by -D. */
#ifndef CODEGEN_KERNELS_CUDA_ALONE_CUH
#define CODEGEN_KERNELS_CUDA_ALONE_CUH

#include "codegen/kernels/cuda/functions.cu"

#ifndef NET_FUNCTIONS
#include <string.h>
#define inline __device__ inline /* functions of C become functions of the device */
#include "codegen/kernels/c/functions.c"
#undef inline
#endif

#ifndef KERNEL
#define KERNEL net_kernel
#define KERNEL_device net_kernel_device
#endif
#ifndef XT
#define XT float
#endif
#ifndef YT
#define YT float
#endif
#ifndef ELT
#define ELT 0
#define OP +
#endif
#ifndef ACTON
#define ACTON 0
#define ACT(x, a, b) (x)
#define ALPHA 0.0f
#define BETA 0.0f
#endif

#endif
