/* pad_plain.c -- op pad: a border of one value. ints: PLANES, XH XW, YH YW, PT PL (rows above, columns left); words: T
 * (element type), BORDER. */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const T *x, T *y)
{
	for (int c = 0; c < PLANES; c++)
		for (int oy = 0; oy < YH; oy++)
			for (int ox = 0; ox < YW; ox++) {
				const int iy = oy - PT;
				const int ix = ox - PL;
				const int inside = iy >= 0 && iy < XH && ix >= 0 && ix < XW;
				y[(c * YH + oy) * YW + ox] = inside ? x[(c * XH + iy) * XW + ix] : BORDER;
			}
}
