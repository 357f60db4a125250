/* slice_plain.c -- op slice: a range of one axis. ints: OUTER LENGTH INNER (before the axis, on it, after it), BEGIN, COUNT;
 * words: T (element type). */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static NET_NOINLINE void KERNEL(const T *x, T *y)
{
	for (int o = 0; o < OUTER; o++)
		memcpy(y + o * (COUNT * INNER), x + (o * LENGTH + BEGIN) * INNER, COUNT * INNER * sizeof *y);
}
