/* permute_plain.c -- op permute: the result in order, the input by steps. ints: N_ii (loops), A_ii (steps); words: T (element
 * type). */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const T *x, T *y)
{
	int at = 0;

	for (int i_ii = 0; i_ii < N_ii; i_ii++) /* for ii */
		y[at++] = x[
			i_ii * A_ii + /* for ii */
			0];
}
