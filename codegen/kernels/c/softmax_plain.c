/* softmax_plain.c -- op softmax along one axis; the largest is subtracted first, so that exp stays finite.
 *
 * ints: OUTER LENGTH INNER (elements before the axis, on it, after it).
 *
 * parts: expf
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const float *x, float *y)
{
	for (int o = 0; o < OUTER; o++)
		for (int i = 0; i < INNER; i++) {
			const int at = o * LENGTH * INNER + i;
			float top = x[at], sum = 0.0f;
			for (int c = 1; c < LENGTH; c++)
				top = x[at + c * INNER] > top ? x[at + c * INNER] : top;
			for (int c = 0; c < LENGTH; c++) {
				const float p = net_expf(x[at + c * INNER] - top);
				y[at + c * INNER] = p;
				sum += p;
			}
			for (int c = 0; c < LENGTH; c++)
				y[at + c * INNER] = y[at + c * INNER] / sum;
		}
}
