/* cumsum_plain.c -- op cumsum. ints: OUTER LENGTH INNER (before the axis, on it, after it), EXCLUSIVE REVERSE (0, 1); words:
 * TX (element type), R (of the numbers), LOADX, STORE, FN (the sum).
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const TX *x, TX *y)
{
	for (int o = 0; o < OUTER; o++)
		for (int i = 0; i < INNER; i++) {
			R sum = 0;
			for (int k = 0; k < LENGTH; k++) {
#if REVERSE
				const int at = (o * LENGTH + LENGTH - 1 - k) * INNER + i;
#else
				const int at = (o * LENGTH + k) * INNER + i;
#endif
				const R with = FN(sum, LOADX(x[at]));
#if EXCLUSIVE
				y[at] = STORE(sum);
#else
				y[at] = STORE(with);
#endif
				sum = with;
			}
		}
}
