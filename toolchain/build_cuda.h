/* build_cuda.h -- what nvcc does of a build. */
#ifndef TOOLCHAIN_BUILD_CUDA_H
#define TOOLCHAIN_BUILD_CUDA_H

#include "toolchain/build.h"

/* NAME.cu of the work folder to NAME.o; null after an error. */
const char *cuda_compile(const BuildRequest *r, Arena *a, Diag *d);

/* Objects to an executable with main() in `runtime`, or without one to a shared object. */
bool cuda_link(const BuildRequest *r, const char *const *object, const char *runtime, const char *out, Arena *a, Diag *d);

/* --arch must be sm_NN or sm_NNa, with commas. Reports what is wrong. */
void cuda_check_arch(const char *list, Arena *a, Diag *d);

#endif
