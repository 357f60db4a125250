/* pool_map.c -- op pool2d on blocked maps. Taps outside of the map are passed over: zeros of the halo are no inputs.
 *
 * ints: BLOCKS, XH XW, YH YW, KH KW, SH SW (stride), PT PL PB PR (padding), INSIDE (1: no window leaves the map), AVERAGE,
 * COUNT_PADDING (0, 1: an average divides by the window with its padding); of the maps, p = X, Y: pV pR pP (floats from
 * vector to vector, row, pixel) pAT (to pixel 0); words: MAX.
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const float *x, float *y)
{
	for (int block = 0; block < BLOCKS; block++)
		for (int oy = 0; oy < YH; oy++)
			for (int ox = 0; ox < YW; ox++) {
				const float *const map = x + (XAT + block * XV);
#if AVERAGE
				VEC r = {0};
				int count = 0;
#else
				VEC r = (VEC){0} - 3.402823466e38f;
#endif

				for (int ky = 0; ky < KH; ky++)
					for (int kx = 0; kx < KW; kx++) {
						const int iy = oy * SH + ky - PT, ix = ox * SW + kx - PL;
#if !INSIDE || AVERAGE
						const int inside = iy >= 0 && iy < XH && ix >= 0 && ix < XW;
#endif

#if AVERAGE && COUNT_PADDING
						count += iy < XH + PB && ix < XW + PR;
#elif AVERAGE
						count += inside;
#endif
#if !INSIDE || AVERAGE
						if (!inside)
							continue;
#endif
#if AVERAGE
						r += LOAD(map + iy * XR + ix * XP);
#else
						r = MAX(LOAD(map + iy * XR + ix * XP), r);
#endif
					}
#if AVERAGE
				r = r * (count > 0 ? 1.0f / (float)count : 0.0f);
#endif
				STORE(y + (YAT + block * YV + oy * YR + ox * YP), r);
			}
}
