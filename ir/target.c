/* target.c -- the one question that passes ask of a kernel table. */
#include "ir/target.h"

const Kernel *target_kernel(const Target *t, const Node *n, bool tuned)
{
	for (const Kernel *k = t->kernel; k->name; k++)
		if (k->op == n->op && (tuned || !k->tuned) && k->accepts(t, n))
			return k;
	return NULL;
}
