/* results.c -- which blobs a network returns. Caffe keeps a set of the blobs that no layer has read, sorted by name: a
 * bottom of which a layer takes the shape alone is read as well, and so is one of a Silence layer.
 */
#include "import/caffe/results.h"

#include <stdlib.h>
#include <string.h>

static int by_blob_name(const void *a, const void *b)
{
	const Named *const *x = a, *const *y = b;
	return strcmp((*x)->name, (*y)->name);
}

/* Blobs that are no layer's bottom, by name: the outputs that Caffe has, in its order, but for inputs that no layer
 * reads. */
static Named **find_results(Caffe *c, const Names *blobs, int *n)
{
	Named **all = arena_new_array(c->a, Named *, blobs->n + 1);
	*n = 0;
	for (size_t i = 0; i < blobs->room; i++)
		if (blobs->slot[i].name && blobs->slot[i].result)
			all[(*n)++] = &blobs->slot[i];
	if (*n)
		qsort(all, (size_t)*n, sizeof *all, by_blob_name);
	return all;
}

/* The program has to write every result: an input, or a blob that has another name too, is copied. */
static void add_result(Caffe *c, const Named *r, const char *file)
{
	Graph *g = c->graph;
	Value *v = r->value;
	if (!value_is_result(v) || v->noutput) {
		Node *n = graph_node(g, OP_eltwise, arena_strdup(g->arena, r->name), 1, &v, 1);
		n->u.eltwise.fn = FN_identity;
		n->loc = v->def ? v->def->loc : (Loc){.file = file, .line = 1, .col = 1};
		n->out[0]->name = n->name;
		v = infer_node(n, c->d) ? n->out[0] : v;
	}
	graph_output(g, v);
}

static bool is_silenced(const Names *blobs, const Value *v)
{
	for (size_t i = 0; i < blobs->room; i++)
		if (blobs->slot[i].silenced && blobs->slot[i].value == v)
			return true;
	return false;
}

/* The layer whose detections are returned, or null. */
static Value *find_detections(Caffe *c, const Names *blobs)
{
	Value *found = NULL;
	const Graph *g = c->graph;
	for (int i = 0; i < g->nnode; i++) {
		Node *n = g->node[i];
		if (n->op != OP_detect || is_silenced(blobs, node_out(n)))
			continue;
		if (found)
			diag_error(c->d, DIAG_UNSUPPORTED, n->loc,
			           "a second DetectionOutput; a program returns the detections of one, layer '%s' is the "
			           "first: remove one of them, or make it the bottom of a Silence layer",
			           diag_quote(c->a, found->name));
		else
			found = node_out(n);
	}
	return found;
}

/* Detections alone where there are any. */
void caffe_choose_outputs(Caffe *c, const Names *blobs, const char *file)
{
	Graph *g = c->graph;
	int n;
	Named **result = find_results(c, blobs, &n);
	Value *detections = find_detections(c, blobs);
	if (detections)
		graph_output(g, detections);
	for (int i = 0; i < n; i++) {
		const Node *made_by = result[i]->value->def;
		if (!detections)
			add_result(c, result[i], file);
		else if (result[i]->value != detections)
			diag_note(c->d, made_by ? made_by->loc : (Loc){.file = file, .line = 1, .col = 1},
			          "no layer reads its result '%s'; the program returns the detections only",
			          diag_quote(c->a, result[i]->name));
	}
	if (!g->noutput)
		diag_error(c->d, DIAG_REJECT, (Loc){.file = file, .line = 1, .col = 1}, "the network has no result");
	graph_sweep(g);
}
