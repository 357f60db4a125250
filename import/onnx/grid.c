/* grid.c -- x by the way that the centres take through the list. */
#include "import/onnx/grid.h"

#include <math.h>

#define SAME 1e-4 /* centres, as fractions of the image */

enum { AT_LEAST = 2 }; /* how many times as much x changes */

static double centre(const float *box, int64_t i, int column)
{
	return ((double)box[4 * i + column] + (double)box[4 * i + column + 2]) / 2;
}

int grid_column_of_x(const float *box, int64_t n)
{
	double way[2] = {0, 0};
	int64_t returns[2] = {0, 0}; /* this column goes back while the other goes on */
	for (int64_t i = 1; i < n; i++) {
		double step[2];
		for (int k = 0; k < 2; k++) {
			step[k] = centre(box, i, k) - centre(box, i - 1, k);
			way[k] += fabs(step[k]) > SAME ? fabs(step[k]) : 0;
		}
		for (int k = 0; k < 2; k++)
			returns[k] += step[k] < -SAME && step[1 - k] > SAME;
	}
	for (int k = 0; k < 2; k++)
		if (way[k] > AT_LEAST * way[1 - k] && returns[k] > AT_LEAST * returns[1 - k])
			return k;
	return -1;
}
