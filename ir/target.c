/* target.c -- the one question that passes ask of a kernel table. */
#include "ir/target.h"

const Kernel *target_kernel(const Target *t, const Node *n, bool tuned)
{
	for (int i = 0; i < t->nkernel; i++) {
		const Kernel *k = &t->kernel[i];
		if (k->op == n->op && (tuned || !k->tuned) && k->accepts(t, n))
			return k;
	}
	return NULL;
}
