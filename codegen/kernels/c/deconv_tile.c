/* deconv_tile.c -- op deconv2d, group 1: any window and stride.
 *
 * Results whose rows and columns are equal modulo the stride meet the same taps: each such phase (py, px) is an ordinary
 * small convolution of the input. Row oy = q * SH + py - PT collects rows q - t of the input, with taps ky = py + t * SH.
 * Tiles as in conv_tile.
 *
 * repeats: pp (pixel of the tile, row by row), vv (vector of channels). ints: PANELS (TV vectors each) PANEL (floats of
 * one in w), NV (vectors), TILE_ROWS TILE_COLS (of the largest phase), TH TW TV, YH YW, XC XB XCB, XROW (floats from row
 * to row) XMAP (from block to block) XAT (to pixel 0), KH KW, SH SW (stride), PT PL (padding), TAPS_Y TAPS_X (of the
 * largest phase), BORDER (0, or rows and columns of the result that count as first and last: then nine biases), YV YR
 * YP (floats from vector to vector, row, pixel) YAT (to pixel 0), EV ER EP EAT (of the operand), ELT ACTON; words: OP,
 * ACT, ALPHA, BETA. w, for each panel: bias [TV][VL] or [3][3][TV][VL], then for each phase [XC / XB][taps][XB][TV][VL].
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
	for (int panel = 0; panel < PANELS; panel++) {
		const int v = panel * TV < NV - TV ? panel * TV : NV - TV;
		const float *const bias = w + panel * PANEL;
#if BORDER
		const float *phase = bias + 9 * TV * VL;
#else
		const float *phase = bias + TV * VL;
#endif

		for (int py = 0; py < SH; py++)
			for (int px = 0; px < SW; px++) {
				const int taps_y = (KH - py + SH - 1) / SH, taps_x = (KW - px + SW - 1) / SW;
				const int top = (PT - py + SH - 1) / SH, left = (PL - px + SW - 1) / SW;
				const int rows = (YH - 1 + PT - py) / SH - top + 1, cols = (YW - 1 + PL - px) / SW - left + 1;

				for (int ty = 0; ty < TILE_ROWS; ty++)
					for (int tx = 0; tx < TILE_COLS; tx++) {
						const int qy = top + (ty * TH < rows - TH ? ty * TH : rows - TH);
						const int qx = left + (tx * TW < cols - TW ? tx * TW : cols - TW);
						const int oy = qy * SH + py - PT, ox = qx * SW + px - PL;
						const float *const xp = x + (XAT + qy * XROW + qx * XB);
						float *const yp = y + (YAT + v * YV + oy * YR + ox * YP);
						const float *wp = phase;
#if ELT
						const float *const ep = e + (EAT + v * EV + oy * ER + ox * EP);
#endif
#if BORDER
						const int row_pp = oy + pp / TW * SH, column_pp = ox + pp % TW * SW; /* for pp */
						const int class_pp = 3 * ((row_pp >= BORDER) + (row_pp >= YH - BORDER)) + (column_pp >= BORDER) + (column_pp >= YW - BORDER); /* for pp */
						VEC a_pp_vv = LOAD(bias + class_pp * TV * VL + vv * VL); /* for pp, vv */
#elif VL > 1
						VEC a_pp_vv = LOAD(bias + vv * VL); /* for pp, vv */
#else
						VEC a_pp_vv = 0.0f; /* for pp, vv */
#endif

						for (int block = 0; block < XCB; block++)
							for (int ky = 0; ky < TAPS_Y; ky++) {
								if (ky >= taps_y)
									break;
								for (int kx = 0; kx < TAPS_X; kx++) {
									const float *const xk = xp + (block * XMAP - ky * XROW - kx * XB);

									if (kx >= taps_x)
										break;
									for (int lane = 0; lane < XB; lane++) {
#if XC % XB
										if (block * XB + lane == XC)
											break;
#endif
										const VEC w_vv = LOAD(wp + vv * VL); /* for vv */
										const float x_pp = xk[lane + pp / TW * XROW + pp % TW * XB]; /* for pp */
										a_pp_vv += x_pp * w_vv; /* for pp, vv */
										wp += TV * VL;
									}
								}
							}
#if VL == 1
						float sums[TH * TW * TV]; /* neighbours in memory: compilers pack them */
						sums[vv * TH * TW + pp] = a_pp_vv; /* for vv, pp */

						for (int i = 0; i < TV; i++)
							for (int k = 0; k < TH * TW; k++) {
#if BORDER
								float sum = sums[i * TH * TW + k];
#else
								float sum = sums[i * TH * TW + k] + bias[i];
#endif
#if ELT
								sum = sum OP ep[i * EV + k / TW * SH * ER + k % TW * SW * EP];
#endif
								STORE(yp + i * YV + k / TW * SH * YR + k % TW * SW * YP, sum);
							}
#else
#if ELT
						a_pp_vv = a_pp_vv OP LOAD(ep + vv * EV + pp / TW * SH * ER + pp % TW * SW * EP); /* for pp, vv */
#endif
#if ACTON
						a_pp_vv = ACT(a_pp_vv, ALPHA, BETA); /* for pp, vv */
#endif
						STORE(yp + vv * YV + pp / TW * SH * YR + pp % TW * SW * YP, a_pp_vv); /* for pp, vv */
#endif
					}
				phase += taps_y * taps_x * (XC * TV * VL);
			}
	}
#if ACTON && VL == 1
	for (int v = 0; v < NV; v++)
		for (int oy = 0; oy < YH; oy++) {
			float *const row = y + (YAT + v * YV + oy * YR);

			for (int ox = 0; ox < YW / 4 * 4; ox++) /* whole fours become vectors */
				row[ox] = ACT(row[ox], ALPHA, BETA);
			for (int ox = YW / 4 * 4; ox < YW; ox++)
				row[ox] = ACT(row[ox], ALPHA, BETA);
		}
#endif
}
