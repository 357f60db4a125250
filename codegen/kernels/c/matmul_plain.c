/* matmul_plain.c -- op matmul: y = act(x w + bias) for each batch.
 *
 * ints: BATCH, M K COLUMNS, STEP (floats of w between batches, or 0), TRANSPOSED (0, 1: w is [COLUMNS][K]), CONSTANT (0,
 * 1: w is a constant), BIAS, BIAS_AT (floats before the bias in w), ACTON; words: ACT, ALPHA, BETA.
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const float *x,
#if CONSTANT
	const float *w,
#elif BIAS
	const float *z, const float *w,
#else
	const float *z,
#endif
	float *y)
{
#if CONSTANT
	const float *const z = w;
#endif
	for (int b = 0; b < BATCH; b++)
		for (int i = 0; i < M; i++)
			for (int j = 0; j < COLUMNS; j++) {
#if BIAS
				float sum = w[BIAS_AT + j];
#else
				float sum = 0.0f;
#endif
				for (int k = 0; k < K; k++)
#if TRANSPOSED
					sum += x[(b * M + i) * K + k] * z[b * STEP + j * K + k];
#else
					sum += x[(b * M + i) * K + k] * z[b * STEP + k * COLUMNS + j];
#endif
#if ACTON
				sum = ACT(sum, ALPHA, BETA);
#endif
				y[(b * M + i) * COLUMNS + j] = sum;
			}
}
