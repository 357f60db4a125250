/* pool_plain.c -- op pool2d on plain NCHW. Windows are cut at the padded map, maxima and sums at the map.
 *
 * ints: PLANES, XH XW, YH YW, KH KW, SH SW, DH DW (dilation), PT PL PB PR (padding), AVERAGE, COUNT_PADDING (0, 1: an average divides by the
 * window with its padding); words: T (element type), LEAST (of it).
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const T *x, T *y)
{
	for (int c = 0; c < PLANES; c++)
		for (int oy = 0; oy < YH; oy++)
			for (int ox = 0; ox < YW; ox++) {
#if AVERAGE
				T result = 0;
#else
				T result = LEAST;
#endif
				int count = 0;
				for (int ky = 0; ky < KH; ky++)
					for (int kx = 0; kx < KW; kx++) {
						const int iy = oy * SH + ky * DH - PT;
						const int ix = ox * SW + kx * DW - PL;
						const int inside = iy >= 0 && iy < XH && ix >= 0 && ix < XW;
#if COUNT_PADDING
						count += iy < XH + PB && ix < XW + PR;
#else
						count += inside;
#endif
						if (inside) {
							const T v = x[(c * XH + iy) * XW + ix];
#if AVERAGE
							result += v;
#else
							result = v > result ? v : result;
#endif
						}
					}
#if AVERAGE
				result = count > 0 ? result / (T)count : 0;
#else
				(void)count;
#endif
				y[(c * YH + oy) * YW + ox] = result;
			}
}
