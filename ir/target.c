/* target.c -- what passes and codegen ask of a kernel table. */
#include "ir/target.h"

int64_t target_channels(const Target *t, const Value *v)
{
	return (v->type.dim[1] + t->vector - 1) / t->vector * t->vector;
}

DType kernel_constant_dtype(const Node *n, int i)
{
	DType t = n->in[i]->type.dtype;
	bool widened = n->kernel->constants == CONSTANTS_APART && (t == DT_F16 || t == DT_BF16);
	return widened ? DT_F32 : t;
}

int64_t kernel_constant_place(const Node *n, int i)
{
	enum { ALIGNMENT = 8 };
	int64_t at = 0;
	for (int k = 0; k < i; k++)
		if (value_is_constant(n->in[k])) {
			int64_t size = type_count(&n->in[k]->type) * dtype_size(kernel_constant_dtype(n, k));
			at += (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
		}
	return at;
}

const Kernel *target_kernel(const Target *t, const Node *n, bool tuned)
{
	for (const Kernel *k = t->kernel; k->name; k++)
		if (k->op == n->op && (tuned || !k->tuned) && k->accepts(t, n))
			return k;
	return NULL;
}

bool graph_uses_library(const Graph *g)
{
	for (int i = 0; i < g->nnode; i++)
		if (g->node[i]->kernel && g->node[i]->kernel->library)
			return true;
	return false;
}
