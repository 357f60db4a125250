/* conv_tile.c -- op conv2d, group 1: any window, stride and dilation.
 *
 * TH x TW pixels by TV vectors of channels are summed in registers, over all input channels and taps; then the epilogue
 * runs on them and they are stored. The last tile of a row, column or output overlaps its neighbour. The bias is where
 * the sums begin. A dense 1x1 convolution comes with its map as one long row.
 *
 * With vectors of one, compilers make their own: of sums that begin alike, are stored side by side and meet no branch. So
 * the bias is added last, the tile is stored in one piece, and the activation waits until the map is complete.
 *
 * repeats: pp (pixel of the tile, row by row), vv (vector of channels). ints: NOUT (outputs that share the channels),
 * PANELS (TV vectors each, of all outputs) PANEL (floats of one in w), TILE_ROWS TILE_COLS, TH TW TV, SUM_P SUM_V (floats
 * in a tile's piece from pixel to pixel, vector to vector), YH YW, XC XB XCB, XROW (floats from row to row) XMAP (from
 * block to block) XAT (to the first tap of pixel 0), KH KW, SH SW (stride), DH DW (dilation), PANEL_FIRST (loop order). For
 * output k: PANELSk, NVk (vectors), TAILk (channels in the last one), YVk YRk YPk (floats from vector to vector, row,
 * pixel) YATk (to pixel 0), EVk ERk EPk EATk (of the operand), ELTk ACTkON; words: OPk, ACTk, ALPHAk, BETAk. w, for each
 * panel: bias [TV][VL], then [XC / XB][KH][KW][XB][TV][VL].
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const float *x,
#if ELT0
	const float *e0,
#endif
#if ELT1
	const float *e1,
#endif
#if NOUT == 2
	const float *w, float *y0, float *y1)
#else
	const float *w, float *y0)
#endif
{
#if PANEL_FIRST
	for (int panel = 0; panel < PANELS; panel++)
		for (int ty = 0; ty < TILE_ROWS; ty++)
#else
	for (int ty = 0; ty < TILE_ROWS; ty++)
		for (int panel = 0; panel < PANELS; panel++)
#endif
			for (int tx = 0; tx < TILE_COLS; tx++) {
				const int oy = ty * TH < YH - TH ? ty * TH : YH - TH;
				const int ox = tx * TW < YW - TW ? tx * TW : YW - TW;
				const float *const xp = x + (XAT + oy * SH * XROW + ox * SW * XB);
				const float *wp = w + panel * PANEL;
#if VL > 1
				VEC a_pp_vv = LOAD(wp + vv * VL); /* for pp, vv */
#else
				const VEC b_vv = LOAD(wp + vv); /* for vv */
				VEC a_pp_vv = 0.0f; /* for pp, vv */
#endif

				wp += TV * VL;
				for (int block = 0; block < XCB; block++)
					for (int ky = 0; ky < KH; ky++)
						for (int kx = 0; kx < KW; kx++) {
							const float *const xk = xp + (block * XMAP + ky * DH * XROW + kx * DW * XB);

							for (int lane = 0; lane < XB; lane++) {
#if XC % XB
								if (block * XB + lane == XC)
									break;
#endif
								const VEC w_vv = LOAD(wp + vv * VL); /* for vv */
								const float x_pp = xk[lane + pp / TW * SH * XROW + pp % TW * SW * XB]; /* for pp */
								a_pp_vv += x_pp * w_vv; /* for pp, vv */
								wp += TV * VL;
							}
						}
#if VL == 1
				float sums[TH * TW * TV]; /* side by side, wherever the results go */
				sums[pp * SUM_P + vv * SUM_V] = a_pp_vv + b_vv; /* for pp, vv */
#endif

#if NOUT == 2
				if (panel < PANELS0) {
#else
				{
#endif
					const int v = panel * TV < NV0 - TV ? panel * TV : NV0 - TV;
					float *const yp = y0 + (YAT0 + v * YV0 + oy * YR0 + ox * YP0);
#if ELT0
					const float *const ep = e0 + (EAT0 + v * EV0 + oy * ER0 + ox * EP0);
#endif
#if VL == 1

					for (int i = 0; i < TV; i++)
						for (int k = 0; k < TH * TW; k++)
#if ELT0
							STORE(yp + i * YV0 + k / TW * YR0 + k % TW * YP0,
							      sums[k * SUM_P + i * SUM_V] OP0 ep[i * EV0 + k / TW * ER0 + k % TW * EP0]);
#else
							STORE(yp + i * YV0 + k / TW * YR0 + k % TW * YP0, sums[k * SUM_P + i * SUM_V]);
#endif
#else
#if ELT0
					a_pp_vv = a_pp_vv OP0 LOAD(ep + vv * EV0 + pp / TW * ER0 + pp % TW * EP0); /* for pp, vv */
#endif
#if ACT0ON
					a_pp_vv = ACT0(a_pp_vv, ALPHA0, BETA0); /* for pp, vv */
#endif
#if TAIL0 == VL
					STORE(yp + vv * YV0 + pp / TW * YR0 + pp % TW * YP0, a_pp_vv); /* for pp, vv */
#else
					if (v + TV < NV0) {
						STORE(yp + vv * YV0 + pp / TW * YR0 + pp % TW * YP0, a_pp_vv); /* for pp, vv */
					} else {
						STORE_PART(yp + vv * YV0 + pp / TW * YR0 + pp % TW * YP0, a_pp_vv, vv < TV - 1 ? VL : TAIL0); /* for pp, vv */
					}
#endif
#endif
				}
#if NOUT == 2
				if (panel >= PANELS0) {
					const int first = (panel - PANELS0) * TV;
					const int v = first < NV1 - TV ? first : NV1 - TV;
					float *const yp = y1 + (YAT1 + v * YV1 + oy * YR1 + ox * YP1);
#if ELT1
					const float *const ep = e1 + (EAT1 + v * EV1 + oy * ER1 + ox * EP1);
#endif
#if VL == 1

					for (int i = 0; i < TV; i++)
						for (int k = 0; k < TH * TW; k++)
#if ELT1
							STORE(yp + i * YV1 + k / TW * YR1 + k % TW * YP1,
							      sums[k * SUM_P + i * SUM_V] OP1 ep[i * EV1 + k / TW * ER1 + k % TW * EP1]);
#else
							STORE(yp + i * YV1 + k / TW * YR1 + k % TW * YP1, sums[k * SUM_P + i * SUM_V]);
#endif
#else
#if ELT1
					a_pp_vv = a_pp_vv OP1 LOAD(ep + vv * EV1 + pp / TW * ER1 + pp % TW * EP1); /* for pp, vv */
#endif
#if ACT1ON
					a_pp_vv = ACT1(a_pp_vv, ALPHA1, BETA1); /* for pp, vv */
#endif
#if TAIL1 == VL
					STORE(yp + vv * YV1 + pp / TW * YR1 + pp % TW * YP1, a_pp_vv); /* for pp, vv */
#else
					if (v + TV < NV1) {
						STORE(yp + vv * YV1 + pp / TW * YR1 + pp % TW * YP1, a_pp_vv); /* for pp, vv */
					} else {
						STORE_PART(yp + vv * YV1 + pp / TW * YR1 + pp % TW * YP1, a_pp_vv, vv < TV - 1 ? VL : TAIL1); /* for pp, vv */
					}
#endif
#endif
				}
#endif
			}
#if ACT0ON && VL == 1
	for (int v = 0; v < NV0; v++)
		for (int oy = 0; oy < YH; oy++) {
			float *const row = y0 + (YAT0 + v * YV0 + oy * YR0);

			for (int ox = 0; ox < YW / 4 * 4; ox++) /* whole fours become vectors */
				row[ox * YP0] = ACT0(row[ox * YP0], ALPHA0, BETA0);
			for (int ox = YW / 4 * 4; ox < YW; ox++)
				row[ox * YP0] = ACT0(row[ox * YP0], ALPHA0, BETA0);
		}
#endif
#if NOUT == 2
#if ACT1ON && VL == 1
	for (int v = 0; v < NV1; v++)
		for (int oy = 0; oy < YH; oy++) {
			float *const row = y1 + (YAT1 + v * YV1 + oy * YR1);

			for (int ox = 0; ox < YW / 4 * 4; ox++) /* whole fours become vectors */
				row[ox * YP1] = ACT1(row[ox * YP1], ALPHA1, BETA1);
			for (int ox = YW / 4 * 4; ox < YW; ox++)
				row[ox * YP1] = ACT1(row[ox * YP1], ALPHA1, BETA1);
		}
#endif
#endif
}
