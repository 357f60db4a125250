/* report.c -- counting a model. */
#include "report/report.h"
#include "base/utf8.h"
#include "ir/order.h"
#include "passes/pass.h"

#include <string.h>

/* Parameters of a node: elements of its constants; the default boxes are none. */
static int64_t parameters_of(const Node *n)
{
	int64_t count = 0;
	for (int i = 0; i < n->nin && n->op != OP_detect; i++)
		if (value_is_constant(n->in[i]))
			count += type_count(&n->in[i]->type);
	return count;
}

static void count_layers(ModelReport *r, Arena *a)
{
	const Graph *g = r->folded;
	r->layer = arena_new_array(a, LayerCount, g->nnode + 1);
	r->nlayer = g->nnode;
	for (int i = 0; i < g->nnode; i++) {
		const Node *n = g->node[i];
		r->layer[i] = (LayerCount){n, parameters_of(n), node_macs(n)};
		r->parameters += r->layer[i].parameters;
		r->macs += r->layer[i].macs;
		if (n->op == OP_detect)
			r->boxes = type_count(&n->in[DETECT_LOC]->type) / 4;
	}
}

/* Counted after fold_norm, before any merge: as the paper counts. */
static Graph *folded_graph(const Graph *g, const Target *t, Diag *d)
{
	static const char *const last = "fold_norm";
	const PipelineOptions p = {.optimize = true, .stop_after = last, .out = stderr};
	Graph *copy = graph_copy(g);
	if (pipeline_run(&pipeline_inference, copy, t, &p, d))
		return copy;
	graph_free(copy);
	return NULL;
}

const char *report_name(const ModelReport *r, const char *s)
{
	return utf8_valid(s, r->arena);
}

bool report_make(ModelReport *r, Graph *g, const Target *t, const char *tool, Arena *a, Diag *d)
{
	*r = (ModelReport){.tool = tool, .target = t, .history = {.arena = a}, .arena = a, .emitted = g};
	r->folded = folded_graph(g, t, d);
	if (r->folded)
		count_layers(r, a);
	return r->folded != NULL;
}

void report_count(ModelReport *r)
{
	const Graph *g = r->emitted;
	r->weights_bytes = g->weights_size;
	r->arena_bytes = g->arena_size;
	r->arena_lower_bound_bytes = g->arena_bound;
	for (int i = 0; i < g->nnode; i++)
		r->kernels += g->node[i]->kernel != NULL;
	r->chain = order_chain(order_new(g, r->arena), NULL);
}

/* The copy shares blobs with the original, and goes first. */
void report_free(ModelReport *r)
{
	graph_free((Graph *)r->folded);
	graph_free((Graph *)r->emitted);
	r->folded = r->emitted = NULL;
}
