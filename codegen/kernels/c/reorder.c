/* reorder.c -- op reorder: any memory layout to any other. Rows that look alike in both are copied whole; otherwise
 * channels that only fill a block become 0.
 *
 * ints: YC YH YW, XROWS XCOLS XTOP XLEFT XB, YROWS YCOLS YTOP YLEFT YB YCB (see Layout in the compiler's ir.h).
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const float *x, float *y)
{
#if XB == YB
	for (int c = 0; c < YCB; c++)
		for (int r = 0; r < YH; r++)
			memcpy(y + ((c * YROWS + r + YTOP) * YCOLS + YLEFT) * YB, x + ((c * XROWS + r + XTOP) * XCOLS + XLEFT) * XB,
			       YW * YB * sizeof *y);
#else
	for (int c = 0; c < YCB * YB; c++)
		for (int r = 0; r < YH; r++)
			for (int i = 0; i < YW; i++) {
				const int from = ((c / XB * XROWS + r + XTOP) * XCOLS + i + XLEFT) * XB + c % XB;
				const int to = ((c / YB * YROWS + r + YTOP) * YCOLS + i + YLEFT) * YB + c % YB;
				y[to] = c < YC ? x[from] : 0.0f;
			}
#endif
}
