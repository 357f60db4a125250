/* conv_plain.c -- op conv2d, as its definition says: any window, stride, dilation, group, plain NCHW; the result in
 * any block of channels. One result, or two that share out the channels. The slow, obviously right one.
 *
 * ints: XN XC XH XW, YC YH YW YB YCB, CO (channels of both results), KH KW, SH SW (stride), DH DW (dilation), PT PL (padding),
 * CIG COG (channels of a group, in and out), NOUT (1, 2), BIAS ELT ACTON (0, 1); words: OP, ACT, ALPHA, BETA; of the
 * second result: ZB ZCB, ELT1 ACT1ON, OP1, ACT1, ALPHA1, BETA1. w: [CO][CIG][KH][KW].
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const float *x, const float *w,
#if BIAS
	const float *bias,
#endif
#if ELT
	const float *e,
#endif
#if ELT1
	const float *e1,
#endif
	float *y
#if NOUT > 1
	, float *z
#endif
	)
{
	for (int m = 0; m < XN * CO; m++)
		for (int oy = 0; oy < YH; oy++)
			for (int ox = 0; ox < YW; ox++) {
				const int n = m / CO;
				const int co = m % CO;
#if BIAS
				float sum = bias[co];
#else
				float sum = 0.0f;
#endif
				for (int ci = 0; ci < CIG; ci++)
					for (int ky = 0; ky < KH; ky++)
						for (int kx = 0; kx < KW; kx++) {
							const int iy = oy * SH + ky * DH - PT;
							const int ix = ox * SW + kx * DW - PL;
							const int c = n * XC + co / COG * CIG + ci;
							if (iy >= 0 && iy < XH && ix >= 0 && ix < XW)
								sum += x[(c * XH + iy) * XW + ix] * w[((co * CIG + ci) * KH + ky) * KW + kx];
						}
#if NOUT > 1
				if (co >= YC) {
					const int c1 = co - YC;
#if ELT1
					sum = sum OP1 e1[((n * (CO - YC) + c1) * YH + oy) * YW + ox];
#endif
#if ACT1ON
					sum = ACT1(sum, ALPHA1, BETA1);
#endif
					z[(((n * ZCB + c1 / ZB) * YH + oy) * YW + ox) * ZB + c1 % ZB] = sum;
					continue;
				}
#endif
#if ELT
				sum = sum OP e[((n * YC + co) * YH + oy) * YW + ox];
#endif
#if ACTON
				sum = ACT(sum, ALPHA, BETA);
#endif
				y[(((n * YCB + co / YB) * YH + oy) * YW + ox) * YB + co % YB] = sum;
			}
}
