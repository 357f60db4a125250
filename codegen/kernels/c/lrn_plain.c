/* lrn_plain.c -- op lrn: x / (BIAS + SHARE * sum of x^2)^beta over neighbouring channels or pixels.
 *
 * ints: XN XC XH XW (INSIDE = 0: XH * XW is what is behind the channels), BEFORE AFTER (channels or pixels on either side),
 * INSIDE (0, 1: pixels); words: BIAS, SHARE, MINUS_BETA.
 *
 * parts: pow
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const float *x, float *y)
{
	for (int n = 0; n < XN; n++)
		for (int c = 0; c < XC; c++)
			for (int oy = 0; oy < XH; oy++)
				for (int ox = 0; ox < XW; ox++) {
					const int at = ((n * XC + c) * XH + oy) * XW + ox;
					float sum = 0.0f;
#if INSIDE
					for (int dy = -BEFORE; dy <= AFTER; dy++)
						for (int dx = -BEFORE; dx <= AFTER; dx++) {
							const int iy = oy + dy;
							const int ix = ox + dx;
							if (iy < 0 || iy >= XH || ix < 0 || ix >= XW)
								continue;
							const float v = x[((n * XC + c) * XH + iy) * XW + ix];
							sum += v * v;
						}
#else
					for (int k = -BEFORE; k <= AFTER; k++) {
						if (c + k < 0 || c + k >= XC)
							continue;
						const float v = x[at + k * XH * XW];
						sum += v * v;
					}
#endif
					y[at] = x[at] * net_pow(BIAS + SHARE * sum, MINUS_BETA);
				}
}
