/* l2norm_map.c -- op l2norm on blocked maps: gamma[c] * x / sqrt(EPS + sum of x^2), the sum over the channels of a pixel,
 * or over the whole map.
 *
 * ints: BLOCKS, XC, YH YW, ACROSS (0, 1: whole map); of the maps, p = X, Y: pV pR pP (floats from vector to vector, row,
 * pixel) pAT (to pixel 0); words: EPS. w: gamma [BLOCKS][VL].
 *
 * parts: sqrtf
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const float *x, const float *w, float *y)
{
#if ACROSS
	float sum = EPS;
	float root;

	for (int c = 0; c < XC; c++)
		for (int oy = 0; oy < YH; oy++)
			for (int ox = 0; ox < YW; ox++) {
				const float v = x[XAT + c / VL * XV + oy * XR + ox * XP + c % VL];

				sum += v * v;
			}
	root = net_sqrtf(sum);
#endif

	for (int oy = 0; oy < YH; oy++)
		for (int ox = 0; ox < YW; ox++) {
			const float *const xp = x + (XAT + oy * XR + ox * XP);
			float *const yp = y + (YAT + oy * YR + ox * YP);
#if !ACROSS
			float sum = EPS;
			float root;
			VEC s = {0};

			for (int block = 0; block < XC / VL; block++)
				s += LOAD(xp + block * XV) * LOAD(xp + block * XV);
#if XC % VL
			for (int lane = 0; lane < XC % VL; lane++)
				sum += xp[XC / VL * XV + lane] * xp[XC / VL * XV + lane];
#endif
#if VL > 1
			for (int lane = 0; lane < VL; lane++)
				sum += s[lane];
#else
			sum += s;
#endif
			root = net_sqrtf(sum);
#endif
			for (int block = 0; block < BLOCKS; block++)
				STORE(yp + block * YV, LOAD(w + block * VL) * LOAD(xp + block * XV) / root);
		}
}
