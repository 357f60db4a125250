/* permute_plain.c -- op permute: the result in order, the input by steps. ints: N0..N3 (loops), S0..S3 (steps). */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const float *x, float *y)
{
	int at = 0;

	for (int i = 0; i < N0; i++)
		for (int j = 0; j < N1; j++)
			for (int k = 0; k < N2; k++)
				for (int l = 0; l < N3; l++)
					y[at++] = x[i * S0 + j * S1 + k * S2 + l * S3];
}
