/* concat_plain.c -- op concat: each input is a run of LENGTH_i elements at AT_i in every STEP of the result.
 *
 * ints: OUTER, STEP, AT_0.., LENGTH_0..; repeated: ii (inputs); words: T (element type).
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static NET_NOINLINE void KERNEL(
	const T *x_ii, /* for ii */
	T *y)
{
	for (int o = 0; o < OUTER; o++) {
		memcpy(y + o * STEP + AT_ii, x_ii + o * LENGTH_ii, LENGTH_ii * sizeof *y); /* for ii */
	}
}
