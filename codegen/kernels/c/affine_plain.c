/* affine_plain.c -- ops batchnorm and scale: factor * x + shift, one pair for each index of an axis.
 *
 * ints: OUTER LENGTH INNER (elements before the axis, on it, after it). w: factor [LENGTH], shift [LENGTH].
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const float *x, const float *w, float *y)
{
	for (int o = 0; o < OUTER; o++)
		for (int c = 0; c < LENGTH; c++)
			for (int i = 0; i < INNER; i++) {
				const int at = (o * LENGTH + c) * INNER + i;
				y[at] = w[c] * x[at] + w[LENGTH + c];
			}
}
