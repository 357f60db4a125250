/* resize_map.c -- op resize on blocked maps, bilinear or nearest, half-pixel centres or aligned corners. Positions are
 * exact: whole numbers over a common denominator.
 *
 * ints: BLOCKS, XH XW, YH YW, NEAREST (0, 1), UNIT_Y UNIT_X (denominator), STEP_Y STEP_X (numerator from result to result)
 * FIRST_Y FIRST_X (of result 0, may be negative); of the maps, p = X, Y: pV pR pP (floats from vector to vector, row,
 * pixel) pAT (to pixel 0).
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const float *x, float *y)
{
	for (int block = 0; block < BLOCKS; block++)
		for (int oy = 0; oy < YH; oy++) {
			const int py = oy * STEP_Y + FIRST_Y > 0 ? oy * STEP_Y + FIRST_Y : 0;
			const int iy = py / UNIT_Y < XH - 1 ? py / UNIT_Y : XH - 1;
			const int jy = iy < XH - 1 ? iy + 1 : iy;
			const float fy = (float)(py - iy * UNIT_Y) / (float)UNIT_Y;
			const float *const upper = x + (XAT + block * XV + iy * XR);
			const float *const lower = x + (XAT + block * XV + jy * XR);
			float *const row = y + (YAT + block * YV + oy * YR);

			for (int ox = 0; ox < YW; ox++) {
				const int px = ox * STEP_X + FIRST_X > 0 ? ox * STEP_X + FIRST_X : 0;
				const int ix = px / UNIT_X < XW - 1 ? px / UNIT_X : XW - 1;
				const int jx = ix < XW - 1 ? ix + 1 : ix;
				const float fx = (float)(px - ix * UNIT_X) / (float)UNIT_X;
#if NEAREST
				const float *const from = fy < 0.5f ? upper : lower;

				STORE(row + ox * YP, LOAD(from + (fx < 0.5f ? ix : jx) * XP));
#else
				const VEC top = LOAD(upper + ix * XP) + fx * (LOAD(upper + jx * XP) - LOAD(upper + ix * XP));
				const VEC low = LOAD(lower + ix * XP) + fx * (LOAD(lower + jx * XP) - LOAD(lower + ix * XP));

				STORE(row + ox * YP, top + fy * (low - top));
#endif
			}
		}
}
