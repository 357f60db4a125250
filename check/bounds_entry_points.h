/* bounds_entry_points.h -- where the analysis begins: functions that others may call, and in CUDA the host wrappers of kernels. */
#ifndef CHECK_BOUNDS_ENTRY_POINTS_H
#define CHECK_BOUNDS_ENTRY_POINTS_H

#include "check/context.h"

bool entry_point_is(const Rules *r, const Ast *n);
/* CUDA: a host function for one kernel, which takes the queue and arrays. */
bool entry_point_is_wrapper(const Rules *r, const Ast *n);

#endif
