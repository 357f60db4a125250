/* merge_siblings.c -- two convolutions become one: over the same input, or into the same sum.
 *
 *     %2 = conv2d "loc" %1 w0 b0               =>      %2, %3 = conv2d "loc+conf" %1 [w0; w1] [b0; b1]
 *     %3 = conv2d "conf" %1 w1 b1
 *
 *     %3 = conv2d "branch1" %1 w0 b0           =>      %5 = concat %2 %1 axis=1
 *     %4 = conv2d "branch2c" %2 w1 b1 %3 elt=add       %4 = conv2d "branch2c+branch1" %5 [w1, w0] b0+b1
 *
 * The first reads its input once and fills its vectors better (heads; branch1 and branch2a of a projection block). The
 * second saves a map as large as the result (all windows 1x1); it comes first, as both may want the same branch1.
 * Relies on: the concatenation is free (elide_concat), because whoever makes its parts writes blocked maps and their
 * channels fill whole blocks. A convolution with two results is only made where a tuned kernel takes it. */
#include "passes/pass.h"

#include <string.h>

static const int NONE[4];

/* One result and known weights; then its pieces can be joined with another's. */
static bool is_joinable(const Node *n)
{
	return n->op == OP_conv2d && n->nout == 1 && n->u.conv2d.group == 1 && conv_has_constants(n);
}

static Node *node_like(Graph *g, const Node *first, const Node *second, Node *at, int nin, Value *const *in, int nout)
{
	char *name = arena_printf(g->arena, "%s+%s", first->name, second->name);
	Node *n = graph_node_before(g, at, OP_conv2d, name, nin, in, nout);
	const char *layer = n->loc.layer;
	n->loc = first->loc;
	n->loc.layer = layer;
	n->u.conv2d = first->u.conv2d;
	return n;
}

static Value *joined_weight(Graph *g, const Node *a, const Node *b, int axis)
{
	Blob *part[2] = {a->in[CONV_WEIGHT]->data, b->in[CONV_WEIGHT]->data};
	return graph_constant(g, a->in[CONV_WEIGHT]->name, blob_concat(g, part, 2, axis));
}

/* ---- one sum ---- */

static bool is_pointwise(const Node *n)
{
	const Conv *c = &n->u.conv2d;
	return is_joinable(n) && n->in[CONV_WEIGHT]->type.dim[2] == 1 && n->in[CONV_WEIGHT]->type.dim[3] == 1 && c->stride[0] == 1 &&
	       c->stride[1] == 1 && !memcmp(c->pad, NONE, sizeof c->pad);
}

/* v can be written as a part of a concatenation by the node that makes it. */
static bool can_be_part(const PassContext *c, const Value *v)
{
	if (!value_is_result(v) || v->noutput || v->type.dim[0] != 1 || v->type.dim[1] % c->target->vector)
		return false;
	for (int i = 0; i < v->nuse; i++)
		if (v->use[i]->op == OP_concat)
			return false;
	return layout_serves(c, v->def);
}

/* The convolution whose result n adds to its own and nobody else reads, or null. */
static Node *summed_sibling(const PassContext *c, const Node *n)
{
	if (!is_pointwise(n) || n->u.conv2d.epi[0].elt != FN_add)
		return NULL;
	const Value *other = node_epilogue_operand(n, 0);
	Node *b = other->def;
	if (!b || !is_pointwise(b) || !value_has_one_use(other) || b->in[CONV_X] == n->in[CONV_X])
		return NULL;
	const Epilogue *e = node_epilogue(b);
	if (e->elt != FN_NONE || e->act != FN_NONE)
		return NULL;
	return can_be_part(c, n->in[CONV_X]) && can_be_part(c, b->in[CONV_X]) ? b : NULL;
}

static Value *summed_bias(Graph *g, const Node *a, const Node *b, Arena *scratch)
{
	Value *x = node_bias(a), *y = node_bias(b);
	if (!x || !y)
		return x ? x : y;
	int64_t channels = x->type.dim[0];
	const double *p = blob_read_f64(x->data, scratch), *q = blob_read_f64(y->data, scratch);
	float *sum = arena_new_array(scratch, float, channels);
	for (int64_t i = 0; i < channels; i++)
		sum[i] = (float)(p[i] + q[i]);
	return graph_constant_f32(g, x->name, 1, &channels, sum);
}

/* a adds b's result. */
static void merge_sum(Graph *g, Node *a, Node *b, Diag *d, Arena *scratch)
{
	Value *part[2] = {a->in[CONV_X], b->in[CONV_X]};
	Node *concat = graph_node_before(g, a, OP_concat, arena_printf(scratch, "%s.concat", a->name), 2, part, 1);
	concat->u.concat.axis = 1;
	infer_node(concat, d);
	Value *in[3] = {node_out(concat), joined_weight(g, a, b, 1), summed_bias(g, a, b, scratch)};
	Node *n = node_like(g, a, b, a, in[CONV_BIAS] ? CONV_BIAS + 1 : CONV_BIAS, in, 1);
	concat->loc = n->loc;
	n->u.conv2d.epi[0].elt = FN_NONE;
	infer_node(n, d);
	node_out(n)->name = node_out(a)->name;
	value_replace(g, node_out(a), node_out(n));
	node_remove(g, a);
	node_remove(g, b);
}

/* ---- one input ---- */

static bool same_window(const Node *a, const Node *b)
{
	const Conv *p = &a->u.conv2d, *q = &b->u.conv2d;
	const int64_t *v = a->in[CONV_WEIGHT]->type.dim, *w = b->in[CONV_WEIGHT]->type.dim;
	return a->in[CONV_X] == b->in[CONV_X] && !memcmp(p->stride, q->stride, sizeof p->stride) &&
	       !memcmp(p->pad, q->pad, sizeof p->pad) && !memcmp(p->dilation, q->dilation, sizeof p->dilation) && v[2] == w[2] &&
	       v[3] == w[3];
}

static bool is_made_before(const Graph *g, const Value *v, const Node *at)
{
	return !value_is_result(v) || node_index(g, v->def) < node_index(g, at);
}

static bool is_read_after(const Graph *g, const Value *v, const Node *at)
{
	for (int i = 0; i < v->nuse; i++)
		if (node_index(g, v->use[i]) <= node_index(g, at))
			return false;
	return true;
}

/* Where both can run at once: at the first when the second's operand is there, at the second when nobody waits for
 * the first; else null. */
static Node *common_place(const Graph *g, Node *first, Node *second)
{
	if (is_made_before(g, node_epilogue_operand(second, 0), first))
		return first;
	return is_read_after(g, node_out(first), second) ? second : NULL;
}

static Value *joined_bias(Graph *g, const Node *a, const Node *b, Arena *scratch)
{
	Value *bias[2] = {node_bias(a), node_bias(b)};
	const Node *of[2] = {a, b};
	Blob *part[2];
	if (!bias[0] && !bias[1])
		return NULL;
	for (int i = 0; i < 2; i++) {
		Type t = type_make(DT_F32, 1, of[i]->in[CONV_WEIGHT]->type.dim);
		part[i] = bias[i] ? bias[i]->data : blob_bytes(g, &t, arena_new_array(scratch, float, t.dim[0]));
	}
	return graph_constant(g, bias[0] ? bias[0]->name : bias[1]->name, blob_concat(g, part, 2, 0));
}

enum { MAX_JOINED = 5 }; /* map, weights, bias, operand of each epilogue */

static int joined_inputs(Value *const in[MAX_JOINED])
{
	int n = MAX_JOINED;
	while (!in[n - 1])
		n--;
	return n;
}

/* The result will be written pixel by pixel (elide_reshape). */
static bool becomes_nhwc(const Value *v)
{
	if (!value_has_one_use(v) || v->type.dim[0] != 1)
		return false;
	const Node *reader = v->use[0];
	return permute_is_to_nhwc(reader) && !node_out(reader)->noutput;
}

/* The convolution of both, supposed: node a with b's result beside its own, and weights of both. */
static Node *supposed_pair(const Node *a, const Node *b, Arena *scratch)
{
	Node *q = node_supposed(a, scratch), *second = node_supposed(b, scratch);
	Value *other[2] = {node_epilogue_operand(q, 0), node_epilogue_operand(second, 0)};
	Value *in[MAX_JOINED] = {q->in[CONV_X], q->in[CONV_WEIGHT], node_bias(q) ? node_bias(q) : node_bias(second), other[0], other[1]};
	q->nin = joined_inputs(in);
	q->in = arena_new_array(scratch, Value *, MAX_JOINED);
	memcpy(q->in, in, sizeof in);
	q->nout = 2;
	q->out[1] = second->out[0];
	q->u.conv2d.epi[1] = b->u.conv2d.epi[0];
	const int64_t channels = q->in[CONV_WEIGHT]->type.dim[0] + second->in[CONV_WEIGHT]->type.dim[0];
	q->in[CONV_WEIGHT]->type.dim[0] = channels;
	if (q->in[CONV_BIAS])
		q->in[CONV_BIAS]->type.dim[0] = channels;
	return q;
}

/* A tuned kernel takes both in one. */
static bool is_served(const PassContext *c, const Node *a, const Node *b)
{
	const Value *old[2] = {node_out(a), node_out(b)};
	if (c->target->vector > 1 && (old[0]->noutput || old[1]->noutput))
		return false; /* the caller wants it plain */
	Node *q = supposed_pair(a, b, c->scratch);
	for (int k = 0; k < 2; k++)
		q->out[k]->type.layout.block = becomes_nhwc(old[k]) ? (int)old[k]->type.dim[1] : 1;
	return layout_serves(c, q);
}

/* a and b as one node before `at`. */
static void merge_pair(PassContext *c, Graph *g, Node *a, Node *b, Node *at)
{
	Value *other[2] = {node_epilogue_operand(a, 0), node_epilogue_operand(b, 0)};
	Value *in[MAX_JOINED] = {a->in[CONV_X], joined_weight(g, a, b, 0), joined_bias(g, a, b, c->scratch), other[0], other[1]};
	Node *of[2] = {a, b}, *n = node_like(g, a, b, at, joined_inputs(in), in, 2);
	n->u.conv2d.epi[1] = b->u.conv2d.epi[0];
	for (int k = 0; k < 2; k++)
		n->out[k]->type = node_out(of[k])->type;
	infer_node(n, c->diag);
	for (int k = 0; k < 2; k++) {
		Value *old = node_out(of[k]);
		n->out[k]->name = old->name;
		value_replace(g, old, n->out[k]);
	}
	node_remove(g, a);
	node_remove(g, b);
}

static bool merge_with_sibling(PassContext *c, Graph *g, Node *a)
{
	if (!is_joinable(a))
		return false;
	const Value *x = a->in[CONV_X];
	for (int i = 0; i < x->nuse; i++) {
		Node *b = x->use[i];
		if (b == a || !is_joinable(b) || !same_window(a, b) || node_index(g, b) < node_index(g, a))
			continue;
		Node *at = common_place(g, a, b);
		if (at && is_served(c, a, b)) {
			merge_pair(c, g, a, b, at);
			return true;
		}
	}
	return false;
}

void pass_merge_siblings(PassContext *c, Graph *g)
{
	for (int i = 0; c->target->concat_k_pays && i < g->nnode; i++) {
		Node *b = summed_sibling(c, g->node[i]);
		if (b)
			merge_sum(g, g->node[i], b, c->diag, c->scratch);
	}
	for (int i = 0; i < g->nnode; i++)
		if (merge_with_sibling(c, g, g->node[i]))
			i--; /* another node may be here now */
}
