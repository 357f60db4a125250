/* scatter_elements_plain.c -- op scatter_elements: a copy of x with updates, each at the position of its index, but for the
 * axis, where the index counts.
 *
 * ints: N_ii (loops over the indices), A_ii (steps of x, 0 on the axis), LENGTH (of the axis), STEP (on it), COUNT (elements
 * of x), JOIN (0, 1: fn of both); words: T (element type), TZ (of the indices), LOADX, STORE, FN.
 *
 * parts: place
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const T *x, const TZ *z, const T *v, T *y)
{
	int at = 0;

	memcpy(y, x, COUNT * sizeof *y);
	for (int i_ii = 0; i_ii < N_ii; i_ii++) /* for ii */
	{
		const int to =
			i_ii * A_ii + /* for ii */
			STEP * net_place(z[at], LENGTH);

#if JOIN
		y[to] = STORE(FN(LOADX(y[to]), LOADX(v[at])));
#else
		y[to] = v[at];
#endif
		at++;
	}
}
