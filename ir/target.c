/* target.c -- what passes and codegen ask of a kernel table. */
#include "ir/target.h"
#include "ir/plan_table.h"

#include <string.h>

bool target_is_gpu(const Target *t)
{
	return strcmp(t->language, "c") != 0;
}

int64_t target_channels(const Target *t, const Value *v)
{
	return (v->type.dim[1] + t->vector - 1) / t->vector * t->vector;
}

DType kernel_constant_dtype(const Node *n, int i)
{
	DType t = n->in[i]->type.dtype;
	bool widened = n->kernel->constants == CONSTANTS_APART && dtype_in(t, DTYPES_FLOAT16);
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

static bool has_kernel(const Target *t, const Kernel *k)
{
	for (const Kernel *own = t->kernel; own->name; own++)
		if (own == k)
			return true;
	return false;
}

const Kernel *target_kernel(const Target *t, const Node *n, const PlanTable *plans, bool tuned)
{
	const PlanRow *row = plan_table_find(plans, n, t);
	if (row)
		return has_kernel(t, row->kernel) && row->kernel->op == n->op && row->kernel->accepts(t, n) ? row->kernel : NULL;
	for (const Kernel *k = t->kernel; k->name; k++)
		if (k->op == n->op && (tuned || !k->tuned) && k->accepts(t, n) && (!k->pays || k->pays(t, n)))
			return k;
	return NULL;
}

const char *node_set_kernel(Node *n, const Kernel *k, const Target *t, const PlanTable *plans)
{
	const PlanRow *row = k && k->choose ? plan_table_find(plans, n, t) : NULL;
	n->kernel = k;
	memset(n->plan, 0, sizeof n->plan);
	if (row && row->kernel == k) {
		memcpy(n->plan, row->plan, sizeof n->plan);
		return k->refuse(t, n, n->plan);
	}
	if (k && k->choose)
		k->choose(t, n, n->plan);
	return NULL;
}

static Value *copy_of(const Value *v, Arena *a)
{
	Value *copy = v ? arena_new_one(a, Value) : NULL;
	if (copy)
		*copy = *v;
	return copy;
}

Node *node_supposed(const Node *n, Arena *a)
{
	Node *copy = arena_new_one(a, Node);
	*copy = *n;
	copy->in = arena_new_array(a, Value *, n->nin + 1);
	for (int i = 0; i < n->nin; i++)
		copy->in[i] = copy_of(n->in[i], a);
	for (int i = 0; i < n->nout; i++)
		copy->out[i] = copy_of(n->out[i], a);
	return copy;
}

Value *node_slot(const Node *n, int i)
{
	return i < n->nin ? n->in[i] : n->out[i - n->nin];
}

bool graph_uses_library(const Graph *g)
{
	for (int i = 0; i < g->nnode; i++)
		if (g->node[i]->kernel && g->node[i]->kernel->library)
			return true;
	return false;
}
