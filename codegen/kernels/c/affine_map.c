/* affine_map.c -- ops batchnorm and scale on blocked maps: factor[c] * x + shift[c].
 *
 * ints: BLOCKS, YH YW; of the maps, p = X, Y: pV pR pP (floats from vector to vector, row, pixel) pAT (to pixel 0). w, for
 * each vector: factor [VL], shift [VL].
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const float *x, const float *w, float *y)
{
	for (int block = 0; block < BLOCKS; block++) {
		const VEC factor = LOAD(w + 2 * VL * block), shift = LOAD(w + 2 * VL * block + VL);

		for (int oy = 0; oy < YH; oy++)
			for (int ox = 0; ox < YW; ox++)
				STORE(y + (YAT + block * YV + oy * YR + ox * YP),
				      factor * LOAD(x + (XAT + block * XV + oy * XR + ox * XP)) + shift);
	}
}
