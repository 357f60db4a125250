/* matmul_plain.c -- op matmul: y = act(x z + bias) for each batch, of floats, or of integers modulo 2^32 or 2^64.
 *
 * ints: N_ii (loops over the batches), A_ii B_ii (steps of x and z, 0 where they stretch), M K COLUMNS, TRANSPOSED (0, 1: z
 * is [COLUMNS][K]), BIAS ACTON (0, 1); words: TX TZ TB TY (element types), R (of the sum), LOADX LOADZ LOADB STORE, ACT, ALPHA, BETA.
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const TX *x, const TZ *z,
#if BIAS
	const TB *bias,
#endif
	TY *y)
{
	int at = 0;

	for (int i_ii = 0; i_ii < N_ii; i_ii++) /* for ii */
	{
		const TX *const a = x + (
			i_ii * A_ii + /* for ii */
			0);
		const TZ *const b = z + (
			i_ii * B_ii + /* for ii */
			0);

		for (int i = 0; i < M; i++)
			for (int j = 0; j < COLUMNS; j++) {
#if BIAS
				R sum = LOADB(bias[j]);
#else
				R sum = 0;
#endif
				for (int k = 0; k < K; k++)
#if TRANSPOSED
					sum += LOADX(a[i * K + k]) * LOADZ(b[j * K + k]);
#else
					sum += LOADX(a[i * K + k]) * LOADZ(b[k * COLUMNS + j]);
#endif
#if ACTON
				sum = ACT(sum, ALPHA, BETA);
#endif
				y[at++] = STORE(sum);
			}
	}
}
