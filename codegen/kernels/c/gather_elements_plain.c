/* gather_elements_plain.c -- op gather_elements: the position of each index, but for the axis, where the index counts.
 *
 * ints: N_ii (loops over the indices), A_ii (steps of x, 0 on the axis), LENGTH (of the axis), STEP (on it); words: T
 * (element type), TZ (of the indices).
 *
 * parts: place
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const T *x, const TZ *z, T *y)
{
	int at = 0;

	for (int i_ii = 0; i_ii < N_ii; i_ii++) /* for ii */
	{
		const int from =
			i_ii * A_ii + /* for ii */
			STEP * net_place(z[at], LENGTH);

		y[at++] = x[from];
	}
}
