/* conv_winograd.c -- op conv2d, stride 1, windows of 3x3 or 5x5, by Winograd's minimal filtering.
 *
 * TILE x TILE results need 6 x 6 inputs, F(4x4, 3x3) or F(2x2, 5x5). Inputs and windows are transformed at the points 0,
 * 1, -1, 2, -2 and infinity; there the convolution is 36 products, one for each position of a tile, each a matrix product
 * over the input channels: 4 (or 2.78) times fewer multiply-adds. The windows come transformed. A dilation D splits the
 * map into D x D phases, each with tiles of its own. The last tile of a row or column overlaps its neighbour.
 *
 * repeats: pp (tile of a group), vv (vector of channels), ii (6 positions), rr (TILE results). ints: NOUT, TILE (4, 2), D,
 * BANDS of BAND tile rows each, TILE_ROWS TILE_COLS (of all phases) PHASE_ROWS PHASE_COLS (of one), TILES (of a band),
 * XC XCB, XROW XMAP (floats from row to row, block to block) XAT (to the first tap of pixel 0), IN_STEP OUT_STEP (floats
 * from position to position in scratch), PANELS GROUPS (of the matrix product) PANEL (floats in w) TP TV, NV (vectors)
 * NV0 (of the first result) TAIL0 TAIL1 (channels of the last vector of each), YH YW, YVk YRk YPk YATk (steps of result
 * k), EV0 ER0 EP0 EAT0, ELT ACTON; words: OP, ACT, ALPHA, BETA. w: bias [NV][VL], then [36][PANELS][XC][TV][VL].
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const float *x,
#if ELT
	const float *e,
#endif
	const float *w, float *y0,
#if NOUT == 2
	float *y1,
#endif
	float *scratch)
{
	float *const in = scratch, *const out = scratch + 36 * IN_STEP;

	for (int band = 0; band < BANDS; band++) {
		const int top = band * BAND < TILE_ROWS - BAND ? band * BAND : TILE_ROWS - BAND;

		for (int block = 0; block < XCB; block++)
			for (int tile = 0; tile < TILES; tile++) {
				const int ty = top + tile / TILE_COLS, tx = tile % TILE_COLS;
				const int py = ty / PHASE_ROWS, px = tx / PHASE_COLS;
				const int rows = (YH - py + D - 1) / D - TILE, cols = (YW - px + D - 1) / D - TILE;
				const int qy = ty % PHASE_ROWS * TILE < rows ? ty % PHASE_ROWS * TILE : rows;
				const int qx = tx % PHASE_COLS * TILE < cols ? tx % PHASE_COLS * TILE : cols;
				const float *const xp = x + (XAT + block * XMAP + (qy * D + py) * XROW + (qx * D + px) * VL);
				float *const to = in + (block * TILES + tile) * VL;
				const VEC d_0_ii = LOAD(xp + ii * D * VL); /* for ii */
				const VEC d_2_ii = LOAD(xp + 2 * D * XROW + ii * D * VL); /* for ii */
				const VEC d_4_ii = LOAD(xp + 4 * D * XROW + ii * D * VL); /* for ii */
				const VEC t_0_ii = 4.0f * d_0_ii - 5.0f * d_2_ii + d_4_ii; /* for ii */
				const VEC f_ii = d_4_ii - 4.0f * d_2_ii; /* for ii */
				const VEC h_ii = d_4_ii - d_2_ii; /* for ii */
				const VEC d_1_ii = LOAD(xp + D * XROW + ii * D * VL); /* for ii */
				const VEC d_3_ii = LOAD(xp + 3 * D * XROW + ii * D * VL); /* for ii */
				const VEC d_5_ii = LOAD(xp + 5 * D * XROW + ii * D * VL); /* for ii */
				const VEC g_ii = d_3_ii - 4.0f * d_1_ii; /* for ii */
				const VEC k_ii = 2.0f * (d_3_ii - d_1_ii); /* for ii */
				const VEC t_1_ii = f_ii + g_ii; /* for ii */
				const VEC t_2_ii = f_ii - g_ii; /* for ii */
				const VEC t_3_ii = h_ii + k_ii; /* for ii */
				const VEC t_4_ii = h_ii - k_ii; /* for ii */
				const VEC t_5_ii = 4.0f * d_1_ii - 5.0f * d_3_ii + d_5_ii; /* for ii */

				STORE(to + (6 * ii) * IN_STEP, 4.0f * t_ii_0 - 5.0f * t_ii_2 + t_ii_4); /* for ii */
				STORE(to + (6 * ii + 1) * IN_STEP, (t_ii_4 - 4.0f * t_ii_2) + (t_ii_3 - 4.0f * t_ii_1)); /* for ii */
				STORE(to + (6 * ii + 2) * IN_STEP, (t_ii_4 - 4.0f * t_ii_2) - (t_ii_3 - 4.0f * t_ii_1)); /* for ii */
				STORE(to + (6 * ii + 3) * IN_STEP, (t_ii_4 - t_ii_2) + 2.0f * (t_ii_3 - t_ii_1)); /* for ii */
				STORE(to + (6 * ii + 4) * IN_STEP, (t_ii_4 - t_ii_2) - 2.0f * (t_ii_3 - t_ii_1)); /* for ii */
				STORE(to + (6 * ii + 5) * IN_STEP, 4.0f * t_ii_1 - 5.0f * t_ii_3 + t_ii_5); /* for ii */
			}

		for (int position = 0; position < 36; position++)
			for (int panel = 0; panel < PANELS; panel++)
				for (int group = 0; group < GROUPS; group++) {
					const int first = group * TP < TILES - TP ? group * TP : TILES - TP;
					const int v = panel * TV < NV - TV ? panel * TV : NV - TV;
					const float *const xp = in + (position * IN_STEP + first * VL);
					const float *wp = w + (NV * VL + (position * PANELS + panel) * PANEL);
					float *const to = out + (position * OUT_STEP + (v * TILES + first) * VL);
					VEC a_pp_vv = {0}; /* for pp, vv */

					for (int block = 0; block < XCB; block++) {
						const float *const xk = xp + block * TILES * VL;

						for (int lane = 0; lane < VL; lane++) {
#if XC % VL
							if (block * VL + lane == XC)
								break;
#endif
							const VEC w_vv = LOAD(wp + vv * VL); /* for vv */
							const float x_pp = xk[lane + pp * VL]; /* for pp */
							a_pp_vv += x_pp * w_vv; /* for pp, vv */
							wp += TV * VL;
						}
					}
					STORE(to + (vv * TILES + pp) * VL, a_pp_vv); /* for pp, vv */
				}

		for (int v = 0; v < NV; v++)
			for (int tile = 0; tile < TILES; tile++) {
				const int ty = top + tile / TILE_COLS, tx = tile % TILE_COLS;
				const int py = ty / PHASE_ROWS, px = tx / PHASE_COLS;
				const int rows = (YH - py + D - 1) / D - TILE, cols = (YW - px + D - 1) / D - TILE;
				const int qy = ty % PHASE_ROWS * TILE < rows ? ty % PHASE_ROWS * TILE : rows;
				const int qx = tx % PHASE_COLS * TILE < cols ? tx % PHASE_COLS * TILE : cols;
				const int oy = qy * D + py, ox = qx * D + px;
				const float *const from = out + (v * TILES + tile) * VL;
				const VEC bias = LOAD(w + v * VL);
#if NOUT == 2
				const int row = v < NV0 ? D * YR0 : D * YR1, pixel = v < NV0 ? D * YP0 : D * YP1;
				float *const yp = v < NV0 ? y0 + (YAT0 + v * YV0 + oy * YR0 + ox * YP0) : y1 + (YAT1 + (v - NV0) * YV1 + oy * YR1 + ox * YP1);
#else
				const int row = D * YR0, pixel = D * YP0;
				float *const yp = y0 + (YAT0 + v * YV0 + oy * YR0 + ox * YP0);
#endif
#if ELT
				const float *const ep = e + (EAT0 + v * EV0 + oy * ER0 + ox * EP0);
#endif
				const VEC m_0_ii = LOAD(from + ii * OUT_STEP); /* for ii */
				const VEC m_1_ii = LOAD(from + (6 + ii) * OUT_STEP); /* for ii */
				const VEC m_2_ii = LOAD(from + (12 + ii) * OUT_STEP); /* for ii */
				const VEC m_3_ii = LOAD(from + (18 + ii) * OUT_STEP); /* for ii */
				const VEC m_4_ii = LOAD(from + (24 + ii) * OUT_STEP); /* for ii */
				const VEC m_5_ii = LOAD(from + (30 + ii) * OUT_STEP); /* for ii */
				const VEC s_0_ii = m_0_ii + (m_1_ii + m_2_ii) + (m_3_ii + m_4_ii); /* for ii */
#if TILE == 4
				const VEC s_1_ii = (m_1_ii - m_2_ii) + 2.0f * (m_3_ii - m_4_ii); /* for ii */
				const VEC s_2_ii = (m_1_ii + m_2_ii) + 4.0f * (m_3_ii + m_4_ii); /* for ii */
				const VEC s_3_ii = (m_1_ii - m_2_ii) + 8.0f * (m_3_ii - m_4_ii) + m_5_ii; /* for ii */
				VEC r_rr_0 = bias + (s_rr_0 + (s_rr_1 + s_rr_2) + (s_rr_3 + s_rr_4)); /* for rr */
				VEC r_rr_1 = bias + ((s_rr_1 - s_rr_2) + 2.0f * (s_rr_3 - s_rr_4)); /* for rr */
				VEC r_rr_2 = bias + ((s_rr_1 + s_rr_2) + 4.0f * (s_rr_3 + s_rr_4)); /* for rr */
				VEC r_rr_3 = bias + ((s_rr_1 - s_rr_2) + 8.0f * (s_rr_3 - s_rr_4) + s_rr_5); /* for rr */
#else
				const VEC s_1_ii = (m_1_ii - m_2_ii) + 2.0f * (m_3_ii - m_4_ii) + m_5_ii; /* for ii */
				VEC r_rr_0 = bias + (s_rr_0 + (s_rr_1 + s_rr_2) + (s_rr_3 + s_rr_4)); /* for rr */
				VEC r_rr_1 = bias + ((s_rr_1 - s_rr_2) + 2.0f * (s_rr_3 - s_rr_4) + s_rr_5); /* for rr */
#endif

#if ELT
				r_rr_cc = r_rr_cc OP LOAD(ep + rr * D * ER0 + cc * D * EP0); /* for rr, cc */
#endif
#if ACTON
				r_rr_cc = ACT(r_rr_cc, ALPHA, BETA); /* for rr, cc */
#endif
#if TAIL0 != VL || TAIL1 != VL
				if (v == NV0 - 1) {
					STORE_PART(yp + rr * row + cc * pixel, r_rr_cc, TAIL0); /* for rr, cc */
				} else if (v == NV - 1) {
					STORE_PART(yp + rr * row + cc * pixel, r_rr_cc, TAIL1); /* for rr, cc */
				} else {
					STORE(yp + rr * row + cc * pixel, r_rr_cc); /* for rr, cc */
				}
#else
				STORE(yp + rr * row + cc * pixel, r_rr_cc); /* for rr, cc */
#endif
			}
	}
}
