/* l2norm_plain.c -- op l2norm (Caffe's Normalize): gamma[c] * x / sqrt(EPS + sum of x^2), the sum over the channels of a
 * pixel, or over the whole map.
 *
 * ints: XN XC INNER (pixels), ACROSS (0, 1: whole map); floats: EPS. w: gamma [XC], a constant or not.
 *
 * parts: sqrtf
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const float *x, const float *w, float *y)
{
	for (int n = 0; n < XN; n++) {
		const float *const in = x + n * XC * INNER;
		float *const out = y + n * XC * INNER;
#if ACROSS
		float sum = EPS;

		for (int i = 0; i < XC * INNER; i++)
			sum += in[i] * in[i];
		for (int c = 0; c < XC; c++)
			for (int i = 0; i < INNER; i++)
				out[c * INNER + i] = w[c] * in[c * INNER + i] / net_sqrtf(sum);
#else
		for (int i = 0; i < INNER; i++) {
			float sum = EPS;
			for (int c = 0; c < XC; c++)
				sum += in[c * INNER + i] * in[c * INNER + i];
			const float root = net_sqrtf(sum);
			for (int c = 0; c < XC; c++)
				out[c * INNER + i] = w[c] * in[c * INNER + i] / root;
		}
#endif
	}
}
