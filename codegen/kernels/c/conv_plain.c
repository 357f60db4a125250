/* conv_plain.c -- op conv2d, as its definition says: any window, stride, dilation, group, plain NCHW; the result in
 * any block of channels. The slow, obviously right one.
 *
 * ints: XC XH XW, YC YH YW YB, KH KW, SH SW (stride), DH DW (dilation), PT PL (padding), CIG COG (channels of a group, in
 * and out), BIAS ELT ACTON (0, 1); words: OP, ACT, ALPHA, BETA. w: [YC][CIG][KH][KW], then bias [YC].
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
	for (int co = 0; co < YC; co++)
		for (int oy = 0; oy < YH; oy++)
			for (int ox = 0; ox < YW; ox++) {
#if BIAS
				float sum = w[YC * CIG * KH * KW + co];
#else
				float sum = 0.0f;
#endif
				for (int ci = 0; ci < CIG; ci++)
					for (int ky = 0; ky < KH; ky++)
						for (int kx = 0; kx < KW; kx++) {
							const int iy = oy * SH + ky * DH - PT;
							const int ix = ox * SW + kx * DW - PL;
							const int c = co / COG * CIG + ci;
							if (iy >= 0 && iy < XH && ix >= 0 && ix < XW)
								sum += x[(c * XH + iy) * XW + ix] * w[((co * CIG + ci) * KH + ky) * KW + kx];
						}
#if ELT
				sum = sum OP e[(co * YH + oy) * YW + ox];
#endif
#if ACTON
				sum = ACT(sum, ALPHA, BETA);
#endif
				y[((co / YB * YH + oy) * YW + ox) * YB + co % YB] = sum;
			}
}
