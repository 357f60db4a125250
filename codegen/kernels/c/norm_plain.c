/* norm_plain.c -- ops batchnorm and scale with parameters that are computed: gamma * (x - mean) / sqrt(var + EPS) + beta, one
 * of each for each index of an axis. What is a constant, and all that follows from it, is affine_plain's.
 *
 * ints: OUTER LENGTH INNER (elements before the axis, on it, after it), STATISTICS (0, 1: mean and var), GAMMA, BETA (0, 1);
 * floats: EPS.
 *
 * parts: sqrtf
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const float *x,
#if STATISTICS
	const float *mean, const float *var,
#endif
#if GAMMA
	const float *gamma,
#endif
#if BETA
	const float *beta,
#endif
	float *y)
{
	for (int o = 0; o < OUTER; o++)
		for (int c = 0; c < LENGTH; c++)
			for (int i = 0; i < INNER; i++) {
				const int at = (o * LENGTH + c) * INNER + i;
				float v = x[at];
#if STATISTICS
				v = (v - mean[c]) / net_sqrtf(var[c] + EPS);
#endif
#if GAMMA
				v = gamma[c] * v;
#endif
#if BETA
				v = v + beta[c];
#endif
				y[at] = v;
			}
}
