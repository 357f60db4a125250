/* argmax_plain.c -- op argmax. ints: OUTER LENGTH INNER (before the axis, on it, after it), SMALLEST LAST (0, 1); words: TX
 * (element type), R (of the numbers), LOADX, BETTER (less or greater), EQUAL.
 *
 * parts: type_i64
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const TX *x, net_i64 *y)
{
	for (int o = 0; o < OUTER; o++)
		for (int i = 0; i < INNER; i++) {
			R top = LOADX(x[o * LENGTH * INNER + i]);
			int best = 0;
			for (int k = 1; k < LENGTH; k++) {
				const R v = LOADX(x[(o * LENGTH + k) * INNER + i]);
#if LAST
				if (BETTER(v, top) || EQUAL(v, top)) {
#else
				if (BETTER(v, top)) {
#endif
					top = v;
					best = k;
				}
			}
			y[o * INNER + i] = best;
		}
}
