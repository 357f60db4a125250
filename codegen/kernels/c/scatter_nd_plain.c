/* scatter_nd_plain.c -- op scatter_nd: a copy of x with slices replaced by vectors of indices. ints: COUNT (vectors), LENGTH
 * (of a vector), SIZE_ii (of the axes that they count on), INNER (elements of a slice), TOTAL (of x), JOIN (0, 1: fn of
 * both); words: T (element type), TZ (of the indices), LOADX, STORE, FN.
 *
 * parts: place
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const T *x, const TZ *z, const T *v, T *y)
{
	memcpy(y, x, TOTAL * sizeof *y);
	for (int k = 0; k < COUNT; k++) {
		int to = 0;

		to = to * SIZE_ii + net_place(z[k * LENGTH + ii], SIZE_ii); /* for ii */
		for (int i = 0; i < INNER; i++)
#if JOIN
			y[to * INNER + i] = STORE(FN(LOADX(y[to * INNER + i]), LOADX(v[k * INNER + i])));
#else
			y[to * INNER + i] = v[k * INNER + i];
#endif
	}
}
