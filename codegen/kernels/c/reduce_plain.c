/* reduce_plain.c -- op reduce: post(fn of pre(x) over some axes).
 *
 * ints: N_ii A_ii (loops over the result, steps of x), M_jj B_jj (loops over the reduced axes), PREON POSTON MEAN (0, 1);
 * words: TX TY (element types), R (of the numbers), LOADX, STORE, FN, PRE, POST, DIVIDE, FIRST (of no element), COUNT.
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const TX *x, TY *y)
{
	int at = 0;

	for (int i_ii = 0; i_ii < N_ii; i_ii++) /* for ii */
	{
		const int from =
			i_ii * A_ii + /* for ii */
			0;
		R r = FIRST;

		for (int j_jj = 0; j_jj < M_jj; j_jj++) /* for jj */
		{
			const R v = LOADX(x[
				j_jj * B_jj + /* for jj */
				from]);
#if PREON
			r = FN(r, PRE(v, 0, 0));
#else
			r = FN(r, v);
#endif
		}
#if MEAN
		r = DIVIDE(r, COUNT);
#endif
#if POSTON
		r = POST(r, 0, 0);
#endif
		y[at++] = STORE(r);
	}
}
