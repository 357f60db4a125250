/* cuda_runtime.h -- the subset of the CUDA runtime and of CUDA C++ that dssdc emits, on the CPU: so that a plain C++ compiler makes
 * a program of NAME.cu that computes what a device would, thread by thread. For tests.
 *
 *     DSSDC_SHIM_ORDER=N     blocks run in another order, for an odd N threads from last to first
 *     DSSDC_SHIM_DEVICES=0   there is no device
 *     DSSDC_SHIM_ARCH=75     compute capability of the device, else 90
 *     DSSDC_SHIM_FAIL=F:N    call number N of function F fails
 *     DSSDC_SHIM_NO_ALLOC=1  an allocation after the first launch of a graph ends the program
 */
#ifndef SHIM_CUDA_RUNTIME_H
#define SHIM_CUDA_RUNTIME_H

#include "shim_types.h"
#include "shim_block.h"
#include "shim_device.h"
#include "shim_runtime.h"

#endif
