/* deconv_plain.c -- op deconv2d, gathered: each result collects the inputs that reach it. Plain NCHW.
 *
 * ints: XN XC XH XW, YC YH YW, KH KW, SH SW (stride), PT PL (padding), CIG COG (channels of a group), BIAS ELT ACTON (0,
 * 1), BORDER (0, or rows and columns that count as first and last: bias is then [3][3][YC]); words: OP, ACT, ALPHA,
 * BETA. w: [XC][COG][KH][KW].
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
	float *y)
{
	for (int m = 0; m < XN * YC; m++)
		for (int oy = 0; oy < YH; oy++)
			for (int ox = 0; ox < YW; ox++) {
				const int n = m / YC;
				const int co = m % YC;
#if BIAS && BORDER
				const int row = oy < BORDER ? 0 : oy < YH - BORDER ? 1 : 2;
				const int column = ox < BORDER ? 0 : ox < YW - BORDER ? 1 : 2;
				float sum = bias[(row * 3 + column) * YC + co];
#elif BIAS
				float sum = bias[co];
#else
				float sum = 0.0f;
#endif
				for (int ci = 0; ci < CIG; ci++)
					for (int ky = 0; ky < KH; ky++)
						for (int kx = 0; kx < KW; kx++) {
							const int iy = (oy + PT - ky) / SH;
							const int ix = (ox + PL - kx) / SW;
							const int c = co / COG * CIG + ci;
							if (iy >= 0 && iy < XH && iy * SH == oy + PT - ky && ix >= 0 && ix < XW &&
							    ix * SW == ox + PL - kx)
								sum += x[((n * XC + c) * XH + iy) * XW + ix] *
								       w[((c * COG + co % COG) * KH + ky) * KW + kx];
						}
#if ELT
				sum = sum OP e[((n * YC + co) * YH + oy) * YW + ox];
#endif
#if ACTON
				sum = ACT(sum, ALPHA, BETA);
#endif
				y[((n * YC + co) * YH + oy) * YW + ox] = sum;
			}
}
