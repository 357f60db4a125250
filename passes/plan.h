/* plan.h -- where to put buffers that live for a while: dynamic storage allocation, offline. */
#ifndef PASSES_PLAN_H
#define PASSES_PLAN_H

#include "ir/arena.h"

#include <stdint.h>

typedef struct Interval {
	int first, last; /* steps at which it lives, both inclusive */
	int64_t size;    /* bytes, a multiple of the alignment */
	int64_t offset;  /* result */
} Interval;

/* Largest sum of sizes that live at one step: no plan can need less. */
int64_t plan_lower_bound(const Interval *in, int n);
/* Sets every offset; returns the bytes needed. Deterministic; never worse than greedy-by-size; optimal for n <= 9.
 * apart: [n][n], symmetric, not 0 for two that may not share bytes though they live at different steps; null: none. */
int64_t plan_intervals(Interval *in, int n, const unsigned char *apart, Arena *scratch);

#endif
