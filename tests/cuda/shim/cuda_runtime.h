/* cuda_runtime.h -- the part of CUDA that emitted programs use, on the CPU, for tests on machines without a GPU.
 *
 * With cuda_fp16.h and cuda_bf16.h it stands in for the toolkit's headers: `g++ -x c++ -std=c++17 -Itests/cuda/shim NAME.cu`
 * compiles a CUDA source (nvcc.sh does it for everything that is asked of nvcc). Kernels really run, with all their threads
 * (shim_block.h); streams and graphs really wait and replay (shim_stream.h). A fault that a device would meet in silence ends
 * the program with a message: a barrier that not all reach, a shuffle from a missing lane, a write behind shared memory.
 *
 * Environment:
 *   DSSDC_SHIM_FAIL=NAME:N   the N-th call of the function fails
 *   DSSDC_SHIM_DEVICES=0     there is no device
 *   DSSDC_SHIM_ARCH=75       its compute capability; 90 if not said
 *   DSSDC_SHIM_ORDER=N       blocks, and nodes of a graph that do not wait for each other, run in another order, node N of a
 *                            graph as late as can be; with an odd N threads too
 *   DSSDC_SHIM_IDLE=1        kernels are launched, but none runs
 *   DSSDC_SHIM_NO_ALLOC=1    to allocate after the first launch of a graph ends the program
 */
#ifndef SHIM_CUDA_RUNTIME_H
#define SHIM_CUDA_RUNTIME_H

#include "shim_types.h"
#include "shim_fiber.h"
#include "shim_watch.h"
#include "shim_block.h"
#include "shim_device.h"
#include "shim_api.h"
#include "shim_stream.h"
#include "shim_launch.h"

#endif
