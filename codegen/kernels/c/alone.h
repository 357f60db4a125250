/* alone.h -- a small instance of every name that templates bind, for templates that are compiled without the engine:
 * tests/kernels and editors. Every name may be given by -D. */
#ifndef CODEGEN_KERNELS_C_ALONE_H
#define CODEGEN_KERNELS_C_ALONE_H

#include "codegen/kernels/c/functions.c"

#define NET_NOINLINE
#ifndef KERNEL
#define KERNEL net_kernel
#endif
#ifndef VL
#define VL 1
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
