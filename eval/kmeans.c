/* kmeans.c -- dynamic programming over the last interval's begin, which never moves back when the end moves on: so each
 * level is filled by halves, in n log n steps. */
#include "eval/kmeans.h"

#include <stdint.h>
#include <string.h>

typedef struct Levels {
	const double *sum, *square; /* of the first i values */
	const double *before;       /* error of the first i values in one cluster less */
	double *error;              /* of the first i values */
	int *begin;                 /* of their last cluster */
} Levels;

/* Error of values i .. j - 1 as one cluster. */
static double spread(const Levels *l, int i, int j)
{
	double s = l->sum[j] - l->sum[i], e = l->square[j] - l->square[i] - s * s / (j - i);
	return e > 0 ? e : 0;
}

/* Ends low..high, whose last cluster begins at from..to. */
static void fill(const Levels *l, int low, int high, int from, int to)
{
	if (low > high)
		return;
	int end = low + (high - low) / 2, best = from;
	double error = -1;
	for (int i = from; i <= to && i < end; i++) {
		double e = l->before[i] + spread(l, i, end);
		if (error < 0 || e < error) {
			error = e;
			best = i;
		}
	}
	l->error[end] = error;
	l->begin[end] = best;
	fill(l, low, end - 1, from, best);
	fill(l, end + 1, high, best, to);
}

double kmeans(const double *x, int n, int k, int *first, Arena *a)
{
	double *sum = arena_new_array(a, double, n + 1), *square = arena_new_array(a, double, n + 1);
	for (int i = 0; i < n; i++) {
		double v = x[i] - x[n / 2]; /* near zero: the squares keep their digits */
		sum[i + 1] = sum[i] + v;
		square[i + 1] = square[i] + v * v;
	}
	double *before = arena_new_array(a, double, n + 1), *error = arena_new_array(a, double, n + 1);
	int **begin = arena_new_array(a, int *, k + 1);
	Levels l = {sum, square, before, error, NULL};
	for (int i = 1; i <= n; i++)
		error[i] = spread(&l, 0, i);
	for (int c = 2; c <= k; c++) {
		memcpy(before, error, sizeof *error * (size_t)(n + 1));
		l.begin = begin[c] = arena_new_array(a, int, n + 1);
		fill(&l, c, n, c - 1, n - 1);
	}
	first[k] = n;
	for (int c = k; c > 1; c--)
		first[c - 1] = begin[c][first[c]];
	first[0] = 0;
	return error[n];
}

int kmeans_grow(const double *x, int n, double gain, int most, int *first, Arena *a)
{
	int k = n < 2 ? n : 2, *next = arena_new_array(a, int, most + 1);
	if (!k)
		return 0;
	Arena *scratch = arena_new();
	double error = kmeans(x, n, k, first, scratch);
	while (k < most && k < n && error > 0) {
		arena_reset(scratch);
		double e = kmeans(x, n, k + 1, next, scratch);
		if (e > (1 - gain) * error)
			break;
		error = e;
		memcpy(first, next, sizeof *next * (size_t)(++k + 1));
	}
	arena_free(scratch);
	return k;
}
