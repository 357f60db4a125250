/* gather_nd_plain.c -- op gather_nd: slices by vectors of indices. ints: COUNT (vectors), PER_BATCH (of one batch), LENGTH
 * (of a vector), SIZE_ii (of the axes that they count on), INNER (elements of a slice); words: T (element type), TZ (of the
 * indices).
 *
 * parts: place
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const T *x, const TZ *z, T *y)
{
	for (int k = 0; k < COUNT; k++) {
		int from = k / PER_BATCH;

		from = from * SIZE_ii + net_place(z[k * LENGTH + ii], SIZE_ii); /* for ii */
		for (int i = 0; i < INNER; i++)
			y[k * INNER + i] = x[from * INNER + i];
	}
}
