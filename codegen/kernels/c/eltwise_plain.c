/* eltwise_plain.c -- op eltwise: act(fn(c0 * a, c1 * b)), dims of 1 stretch.
 *
 * ints: N0..N3 (loops over the result), A0..A3, B0..B3 (steps of the operands, 0 where they stretch), BINARY (0, 1),
 * CONSTANT (0, 1: that operand is in w; 2: none), SAME (0, 1: both operands are one value), ACTON; words: FN, FNALPHA,
 * FNBETA, COEFF0, COEFF1, ACT, ALPHA, BETA.
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const float *x,
#if BINARY && CONSTANT == 2
	const float *z,
#endif
#if CONSTANT != 2
	const float *w,
#endif
	float *y)
{
	int at = 0;

	for (int i = 0; i < N0; i++)
		for (int j = 0; j < N1; j++)
			for (int k = 0; k < N2; k++)
				for (int l = 0; l < N3; l++) {
#if CONSTANT == 0
					const float a = w[i * A0 + j * A1 + k * A2 + l * A3];
#else
					const float a = x[i * A0 + j * A1 + k * A2 + l * A3];
#endif
#if BINARY && CONSTANT == 0
					const float b = x[i * B0 + j * B1 + k * B2 + l * B3];
#elif BINARY && CONSTANT == 1
					const float b = w[i * B0 + j * B1 + k * B2 + l * B3];
#elif BINARY
					const float b = z[i * B0 + j * B1 + k * B2 + l * B3];
#endif
#if BINARY
					float r = FN(COEFF0 * a, COEFF1 * b);
#else
					float r = FN(COEFF0 * a, FNALPHA, FNBETA);
#endif
#if ACTON
					r = ACT(r, ALPHA, BETA);
#endif
					y[at++] = r;
				}
}
