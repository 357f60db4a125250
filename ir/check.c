/* check.c -- what is true of every graph, stated once. Ends in bug(): a graph that breaks a rule here is our fault. */
#include "ir/ir.h"

#include <string.h>

#define require(condition, ...)           \
	do {                              \
		if (!(condition))         \
			bug(__VA_ARGS__); \
	} while (0)

static int slots_that_read(const Graph *g, const Value *v)
{
	int n = 0;
	for (int i = 0; i < v->nuse; i++)
		for (int k = 0; k < v->use[i]->nin; k++)
			n += v->use[i]->in[k] == v;
	(void)g;
	return n;
}

/* The kind says which of def and data is there, and inputs are the graph's list of them. */
static void check_kind(const Graph *g, const Value *v)
{
	static const char *const name[] = {[VALUE_INPUT] = "an input", [VALUE_CONSTANT] = "a constant", [VALUE_RESULT] = "a result"};
	require(v->kind >= VALUE_INPUT && v->kind <= VALUE_RESULT, "value %%%d is of no kind", v->id);
	require(value_is_result(v) == (v->def != NULL), "value %%%d is %s, and def is %s", v->id, name[v->kind], v->def ? "there" : "null");
	require(value_is_constant(v) == (v->data != NULL), "value %%%d is %s, and data is %s", v->id, name[v->kind],
	        v->data ? "there" : "null");
	int listed = 0;
	for (int i = 0; i < g->ninput; i++)
		listed += g->input[i] == v;
	require(listed == value_is_input(v), "value %%%d is %s, and %d times in the list of inputs", v->id, name[v->kind], listed);
}

static void check_value(const Graph *g, const Value *v)
{
	check_kind(g, v);
	require(v->id > 0 && v->id < g->next_id, "value id %d out of range", v->id);
	require(v->type.layout.block >= 1, "value %%%d has block %d", v->id, v->type.layout.block);
	for (int i = 0; i < v->type.rank; i++)
		require(v->type.dim[i] >= 0, "value %%%d has a negative dim", v->id);
	if (v->type.rank != 4 && v->type.dtype != DT_NONE)
		require(type_is_dense(&v->type), "value %%%d of rank %d has a layout", v->id, v->type.rank);
	require(slots_that_read(g, v) >= v->nuse, "uses of value %%%d are not true", v->id);
	int returned = 0;
	for (int i = 0; i < g->noutput; i++)
		returned += g->output[i] == v;
	require(returned == v->noutput, "value %%%d is returned %d times, not %d", v->id, returned, v->noutput);
	if (v->base) {
		require(value_is_result(v) && value_is_result(v->base), "value %%%d or its base is no result", v->id);
		require(!v->noutput, "value %%%d is returned and inside another", v->id);
		if (v->base_axis >= 0)
			require(v->base_at >= 0 && v->base_axis < v->base->type.rank &&
			            v->base_at + v->type.dim[v->base_axis] <= v->base->type.dim[v->base_axis],
			        "value %%%d reaches out of its base", v->id);
	}
}

static void check_arity(const Node *n)
{
	const OpInfo *info = &op_info[n->op];
	require(n->nin >= info->nin_min && (info->nin_max < 0 || n->nin <= info->nin_max), "'%s' (%s) has %d inputs", n->name, info->name,
	        n->nin);
	require(n->nout >= 1 && n->nout <= info->nout_max, "'%s' (%s) has %d outputs", n->name, info->name, n->nout);
	for (int i = 0; i < info->nin_min; i++)
		require(n->in[i], "'%s' (%s) lacks input %d", n->name, info->name, i);
}

static void check_node(const Node *n, unsigned char *known)
{
	check_arity(n);
	for (int i = 0; i < n->nin; i++) {
		if (!n->in[i])
			continue;
		require(known[n->in[i]->id], "'%s' reads %%%d before it is made", n->name, n->in[i]->id);
		int found = 0, slots = 0;
		for (int u = 0; u < n->in[i]->nuse; u++)
			found += n->in[i]->use[u] == n;
		for (int k = 0; k < n->nin; k++)
			slots += n->in[k] == n->in[i];
		require(found == slots, "'%s' reads %%%d %d times, recorded %d", n->name, n->in[i]->id, slots, found);
	}
	for (int i = 0; i < n->nout; i++) {
		require(n->out[i]->def == n, "an output of '%s' names another node", n->name);
		require(!known[n->out[i]->id], "value %%%d is made twice", n->out[i]->id);
		known[n->out[i]->id] = 1;
	}
}

/* An emitted detector writes its pixels as floats, one channel after another. */
static void check_image(const Graph *g)
{
	const Preprocess *p = &g->preprocess;
	const Type *t = p->width && graph_detector(g) ? &g->input[0]->type : NULL;
	require(!t || (t->dtype == DT_F32 && t->rank == 4 && t->dim[0] == 1 && t->dim[1] == p->channels && t->dim[2] == p->height &&
	               t->dim[3] == p->width),
	        "the input is not what the preprocessing makes");
}

void graph_check(const Graph *g)
{
	Arena *a = arena_new();
	unsigned char *known = arena_new_array(a, unsigned char, g->next_id);
	for (int i = 0; i < g->nvalue; i++) {
		check_value(g, g->value[i]);
		require(!i || g->value[i - 1]->id < g->value[i]->id, "values are not in the order of their ids");
		if (!value_is_result(g->value[i]))
			known[g->value[i]->id] = 1;
	}
	for (int i = 0; i < g->nnode; i++)
		check_node(g->node[i], known);
	for (int i = 0; i < g->noutput; i++)
		require(known[g->output[i]->id], "output %d is not made", i);
	check_image(g);
	arena_free(a);
}
