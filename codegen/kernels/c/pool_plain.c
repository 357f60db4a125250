/* pool_plain.c -- op pool2d on plain NCHW. Windows are cut at the padded map, maxima and sums at the map.
 *
 * ints: XC XH XW, YH YW, KH KW, SH SW, PT PL PB PR (padding), AVERAGE, COUNT_PADDING (0, 1: an average divides by the
 * window with its padding).
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const float *x, float *y)
{
	for (int c = 0; c < XC; c++)
		for (int oy = 0; oy < YH; oy++)
			for (int ox = 0; ox < YW; ox++) {
#if AVERAGE
				float result = 0.0f;
#else
				float result = -3.402823466e38f;
#endif
				int count = 0;
				for (int ky = 0; ky < KH; ky++)
					for (int kx = 0; kx < KW; kx++) {
						const int iy = oy * SH + ky - PT;
						const int ix = ox * SW + kx - PL;
						const int inside = iy >= 0 && iy < XH && ix >= 0 && ix < XW;
#if COUNT_PADDING
						count += iy < XH + PB && ix < XW + PR;
#else
						count += inside;
#endif
						if (inside) {
							const float v = x[(c * XH + iy) * XW + ix];
#if AVERAGE
							result += v;
#else
							result = v > result ? v : result;
#endif
						}
					}
#if AVERAGE
				result = count > 0 ? result / (float)count : 0.0f;
#else
				(void)count;
#endif
				y[(c * YH + oy) * YW + ox] = result;
			}
}
