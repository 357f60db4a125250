/* l2norm_plain.c -- op l2norm (Caffe's Normalize): gamma[c] * x / sqrt(EPS + sum of x^2), the sum over the channels of a
 * pixel, or over the whole map.
 *
 * ints: XC XH XW, ACROSS (0, 1: whole map); floats: EPS. w: gamma [XC].
 *
 * parts: sqrtf
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const float *x, const float *w, float *y)
{
#if ACROSS
	float sum = EPS;

	for (int i = 0; i < XC * XH * XW; i++)
		sum += x[i] * x[i];
	for (int c = 0; c < XC; c++)
		for (int i = 0; i < XH * XW; i++)
			y[c * XH * XW + i] = w[c] * x[c * XH * XW + i] / net_sqrtf(sum);
#else
	for (int i = 0; i < XH * XW; i++) {
		float sum = EPS;
		for (int c = 0; c < XC; c++)
			sum += x[c * XH * XW + i] * x[c * XH * XW + i];
		const float root = net_sqrtf(sum);
		for (int c = 0; c < XC; c++)
			y[c * XH * XW + i] = w[c] * x[c * XH * XW + i] / root;
	}
#endif
}
