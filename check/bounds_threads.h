/* bounds_threads.h -- CUDA: blockIdx and threadIdx are symbols, bounded by the sizes of the launch. */
#ifndef CHECK_BOUNDS_THREADS_H
#define CHECK_BOUNDS_THREADS_H

#include "check/bounds_state.h"

void thread_set_launch(State *s, const int64_t grid[3], const int64_t block[3]);
bool thread_index(const State *s, const Ast *n, Value *v); /* false: n is not threadIdx.x or its like */

#endif
