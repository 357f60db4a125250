/* eltwise_map.c -- op eltwise on blocked maps of one shape: act(fn(c0 * a, c1 * b)), each map with its own halo.
 *
 * ints: BLOCKS, YH YW, BINARY ACTON (0, 1); of each map, p = A (x), B (z), Y: pV pR pP (floats from vector to vector,
 * row, pixel) pAT (to pixel 0); words: FN, FNALPHA, FNBETA, COEFF0, COEFF1, ACT, ALPHA, BETA.
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const float *x,
#if BINARY
	const float *z,
#endif
	float *y)
{
	for (int block = 0; block < BLOCKS; block++)
		for (int oy = 0; oy < YH; oy++) {
			const float *const a = x + (AAT + block * AV + oy * AR);
#if BINARY
			const float *const b = z + (BAT + block * BV + oy * BR);
#endif
			float *const row = y + (YAT + block * YV + oy * YR);

			for (int ox = 0; ox < YW; ox++) {
#if BINARY
				VEC r = FN(COEFF0 * LOAD(a + ox * AP), COEFF1 * LOAD(b + ox * BP));
#else
				VEC r = FN(COEFF0 * LOAD(a + ox * AP), FNALPHA, FNBETA);
#endif
#if ACTON
				r = ACT(r, ALPHA, BETA);
#endif
				STORE(row + ox * YP, r);
			}
		}
}
