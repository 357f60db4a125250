/* topk_plain.c -- op topk: one after another, the best of those that come after the one before, in the order of falling
 * worth and rising index.
 *
 * ints: OUTER LENGTH INNER (before the axis, on it, after it), KEPT, INDICES (0, 1: wanted); words: TX (element type), R (of
 * the numbers), LOADX, BETTER (less or greater).
 *
 * parts: index type_i64
 */
#ifndef DSSDC
#include "codegen/kernels/c/alone.h"
#endif

static void KERNEL(const TX *x, TX *y
#if INDICES
	, net_i64 *z
#endif
	)
{
	for (int o = 0; o < OUTER; o++)
		for (int i = 0; i < INNER; i++) {
			R last = 0;
			int before = -1;
			for (int rank = 0; rank < KEPT; rank++) {
				const int to = (o * KEPT + rank) * INNER + i;
				R top = 0;
				int best = -1;
				for (int k = 0; k < LENGTH; k++) {
					const R v = LOADX(x[(o * LENGTH + k) * INNER + i]);
					const int after = before < 0 || BETTER(last, v) || (!BETTER(v, last) && k > before);
					if (after && (best < 0 || BETTER(v, top))) {
						top = v;
						best = k;
					}
				}
				before = net_index(best, LENGTH);
				last = LOADX(x[(o * LENGTH + before) * INNER + i]);
				y[to] = x[(o * LENGTH + before) * INNER + i];
#if INDICES
				z[to] = before;
#endif
			}
		}
}
