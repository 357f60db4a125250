/* gather_plain.c -- op gather: slices of an axis. ints: OUTER LENGTH INNER (before the axis, on it, after it), COUNT
 * (indices); words: T (element type), TZ (of the indices).
 *
 * parts: place
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const T *x, const TZ *z, T *y)
{
	for (int o = 0; o < OUTER; o++)
		for (int k = 0; k < COUNT; k++) {
			const int from = (o * LENGTH + net_place(z[k], LENGTH)) * INNER;

			for (int i = 0; i < INNER; i++)
				y[(o * COUNT + k) * INNER + i] = x[from + i];
		}
}
