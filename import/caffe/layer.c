/* layer.c -- what the functions of layer types build with: nodes that are called as the layer, its weights, messages that
 * name its place in the file. */
#include "import/caffe/caffe.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

double caffe_number(float x)
{
	char text[32];
	for (int digits = 6; digits <= 9; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, (double)x);
		if (strtof(text, NULL) == x)
			return strtod(text, NULL);
	}
	return (double)x; /* NaN */
}

Loc layer_loc(const Layer *l, const void *param, const char *field)
{
	Loc loc = param ? prototxt_loc(param, field) : l->loc;
	if (!loc.file)
		loc = l->loc;
	loc.layer = l->loc.layer;
	return loc;
}

Node *layer_node(Caffe *c, const Layer *l, const char *suffix, Op op, int nin, Value *const *in)
{
	const char *name = suffix ? arena_printf(c->graph->arena, "%s.%s", l->name, suffix) : l->name;
	Node *n = graph_node(c->graph, op, name, nin, in, 1);
	n->loc = l->loc;
	n->out[0]->name = n->name;
	return n;
}

Value *layer_finish(Caffe *c, Node *n)
{
	return infer_node(n, c->d) ? node_out(n) : NULL;
}

bool layer_end(Caffe *c, Layer *l, Node *n)
{
	l->out[0] = layer_finish(c, n);
	return l->out[0];
}

Value *layer_reshape(Caffe *c, const Layer *l, const char *suffix, Value *x, int rank, const int64_t *dim)
{
	Node *n = layer_node(c, l, suffix, OP_reshape, 1, &x);
	n->u.reshape.n = rank;
	memcpy(n->u.reshape.dim, dim, sizeof *dim * (size_t)rank);
	return layer_finish(c, n);
}

Value *layer_function(Caffe *c, const Layer *l, const char *suffix, Func f, double alpha, double beta, Value *x, Value *y)
{
	Node *n = layer_node(c, l, suffix, OP_eltwise, y ? 2 : 1, (Value *[]){x, y});
	n->u.eltwise.fn = f;
	n->u.eltwise.alpha = alpha;
	n->u.eltwise.beta = beta;
	return layer_finish(c, n);
}

bool layer_axis(Caffe *c, const Layer *l, const void *param, const char *field, int64_t axis, int rank, int *out)
{
	if (axis < -rank || axis >= rank)
		return LAYER_FAIL(c, l, param, field, "%s is %" PRId64 "; %d to %d is accepted for %d axes", field, axis, -rank, rank - 1,
		                  rank);
	*out = (int)(axis < 0 ? axis + rank : axis);
	return true;
}

/* ---- weights ---- */

int layer_blobs(Caffe *c, const Layer *l)
{
	const CaffemodelLayer *from = c->weights ? caffemodel_find(c->weights, l->name) : NULL;
	return from ? caffemodel_blob_count(from) : -1;
}

bool layer_want_blobs_as(Caffe *c, const Layer *l, int count, const char *as)
{
	if (!count)
		return true;
	if (name_find(&c->weighted, l->name))
		return LAYER_FAIL(c, l, NULL, NULL, "a second layer of this name wants weights; they go by name");
	name_add(&c->weighted, c->a, l->name);
	if (!c->weights)
		return true;
	const CaffemodelLayer *from = caffemodel_find(c->weights, l->name);
	if (!from)
		return LAYER_FAIL(c, l, NULL, NULL, "%s has no weights for it", c->weights_file);
	if (caffemodel_blob_count(from) == count)
		return true;
	diag_error(c->d, DIAG_REJECT, caffemodel_loc(c->weights, from), "%d blobs; the network's %s needs %d%s",
	           caffemodel_blob_count(from), l->type, count, as);
	return false;
}

bool layer_want_blobs(Caffe *c, const Layer *l, int count)
{
	return layer_want_blobs_as(c, l, count, "");
}

Value *layer_weight(Caffe *c, const Layer *l, int i, const char *suffix, int rank, const int64_t *dim)
{
	Graph *g = c->graph;
	const char *name = arena_printf(g->arena, "%s.%s", l->name, suffix);
	Blob *b;
	if (c->weights) {
		b = caffemodel_blob(c->weights, caffemodel_find(c->weights, l->name), i, rank, dim, c->d);
	} else {
		b = arena_new_one(g->arena, Blob);
		*b = (Blob){.kind = BLOB_ELIDED, .dtype = DT_F32, .rank = rank, .fd = -1};
		memcpy(b->dim, dim, sizeof *dim * (size_t)rank);
		b->hash = hash_bytes(hash_bytes(1, name, strlen(name)), dim, sizeof *dim * (size_t)rank) | 1;
	}
	return b ? graph_constant(g, name, b) : NULL;
}

const float *layer_numbers(Caffe *c, const Layer *l, int i, int64_t count)
{
	Blob *b = caffemodel_blob(c->weights, caffemodel_find(c->weights, l->name), i, 1, &count, c->d);
	return b ? blob_read_f32(b, c->a) : NULL;
}
