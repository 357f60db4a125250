/* take_plain.c -- op take: index k of an axis is index z[k] of x, or a value. ints: OUTER LENGTH INNER (before the axis, on
 * it, after it), COUNT (indices), FILLED (0, 1: some are -1); words: T (element type), VALUE. The list lies among the weights,
 * which may be loaded at run time: its bounds are kept here.
 *
 * parts: place type_i64
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const T *x, const net_i64 *z, T *y)
{
	for (int o = 0; o < OUTER; o++)
		for (int k = 0; k < COUNT; k++) {
			const int from = (o * LENGTH + net_place(z[k], LENGTH)) * INNER;
			T *const to = y + (o * COUNT + k) * INNER;

			for (int i = 0; i < INNER; i++)
#if FILLED
				to[i] = z[k] < 0 ? VALUE : x[from + i];
#else
				to[i] = x[from + i];
#endif
		}
}
