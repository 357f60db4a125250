/* kmeans.h -- k-means of numbers: with one feature the best clusters are intervals of the sorted values, found exactly. */
#ifndef EVAL_KMEANS_H
#define EVAL_KMEANS_H

#include "ir/arena.h"

/* The partition of x[0..n-1], ascending, into k intervals of least summed squared distance to their means, which is
 * returned. Interval i is first[i] .. first[i + 1] - 1; first has room for k + 1. 1 <= k <= n. */
double kmeans(const double *x, int n, int k, int *first, Arena *scratch);

/* Starts with two clusters and adds one while that lowers the error by more than `gain` (a share of it); at most `most`.
 * Returns how many; first has room for most + 1. DSSD, the paragraph before Table 1: gain 0.2. */
int kmeans_grow(const double *x, int n, double gain, int most, int *first, Arena *a);

#endif
