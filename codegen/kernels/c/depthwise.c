/* depthwise.c -- op conv2d with as many groups as channels: a vector of channels at a time, TW pixels of a row summed
 * in registers. The last tile of a row overlaps its neighbour. Taps of a row that two pixels share are loaded once: the
 * compiler sees equal addresses.
 *
 * repeats: pp (pixel of the tile), kx (tap of a row). ints: BLOCKS (vectors of channels), PANEL (floats of one in w), YH
 * YW, TW, TILE_COLS, XROW (floats from row to row) XMAP (from block to block) XAT (to the first tap of pixel 0), KH KW,
 * SH SW (stride), DH DW (dilation), YV YR YP (floats from vector to vector, row, pixel) YAT (to pixel 0), EV ER EP EAT
 * (of the operand), ELT ACTON; words: OP, ACT, ALPHA, BETA. w, for each vector: bias [VL], then [KH][KW][VL].
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const float *x,
#if ELT
	const float *e,
#endif
	const float *w, float *y)
{
	for (int block = 0; block < BLOCKS; block++)
		for (int oy = 0; oy < YH; oy++)
			for (int tx = 0; tx < TILE_COLS; tx++) {
				const int ox = tx * TW < YW - TW ? tx * TW : YW - TW;
				const float *const xp = x + (XAT + block * XMAP + oy * SH * XROW + ox * SW * VL);
				float *const yp = y + (YAT + block * YV + oy * YR + ox * YP);
#if ELT
				const float *const ep = e + (EAT + block * EV + oy * ER + ox * EP);
#endif
				VEC a_pp = LOAD(w + block * PANEL); /* for pp */

				for (int ky = 0; ky < KH; ky++) {
					const float *const xk = xp + ky * DH * XROW;
					const float *const wk = w + (block * PANEL + (1 + ky * KW) * VL);
					const VEC w_kx = LOAD(wk + kx * VL); /* for kx */

					a_pp += LOAD(xk + (pp * SW + kx * DW) * VL) * w_kx; /* for pp, kx */
				}
#if ELT
				a_pp = a_pp OP LOAD(ep + pp * EP); /* for pp */
#endif
#if ACTON && VL > 1
				a_pp = ACT(a_pp, ALPHA, BETA); /* for pp */
#endif
				STORE(yp + pp * YP, a_pp); /* for pp */
			}
#if ACTON && VL == 1
	for (int block = 0; block < BLOCKS; block++)
		for (int oy = 0; oy < YH; oy++) {
			float *const row = y + (YAT + block * YV + oy * YR);

			for (int ox = 0; ox < YW / 4 * 4; ox++) /* whole fours become vectors */
				row[ox] = ACT(row[ox], ALPHA, BETA);
			for (int ox = YW / 4 * 4; ox < YW; ox++)
				row[ox] = ACT(row[ox], ALPHA, BETA);
		}
#endif
}
