/* merge_deconv.c -- a deconvolution and the 3x3 convolution after it are one transposed convolution.
 *
 *     %2 = deconv2d %1 d p stride=2,2             =>      %3 = deconv2d %1 w q stride=2,2 pad=1,1,1,1 border_bias=1
 *     %3 = conv2d %2 c b pad=1,1,1,1
 *     d: [Ci][Cm][k][k], c: [Co][Cm][3][3]                w: [Ci][Co][k+2][k+2]
 *
 * The paper's deconvolution module (dssd.md, section 3) has nothing between the two, and 2.5 times fewer products are
 * left. The bias of the deconvolution passes through those taps of c that meet its map: fewer in the first and last row
 * and column, so q has nine classes of pixels.
 * Relies on: the deconvolution pads nothing. With padding its crop would take away rows that w still sees. */
#include "passes/compose.h"
#include "passes/pass.h"

#include <string.h>

static Value *merged_weight(Graph *g, Composer *composer, const Node *deconv, const Node *conv)
{
	const int64_t *d = deconv->in[CONV_WEIGHT]->type.dim, *c = conv->in[CONV_WEIGHT]->type.dim;
	int64_t dim[4] = {d[0], c[0], d[2] + 2, d[3] + 2};
	Arena *a = arena_new();
	float *w = arena_new_array(a, float, dim[0] * dim[1] * dim[2] * dim[3]);
	compose(composer, d, c, blob_read_f32(deconv->in[CONV_WEIGHT]->data, a), blob_read_f32(conv->in[CONV_WEIGHT]->data, a), w);
	Value *v = graph_constant_f32(g, conv->in[CONV_WEIGHT]->name, 4, dim, w);
	arena_free(a);
	return v;
}

/* In the first row (class 0) tap 0 of the convolution meets nothing, in the last row (class 2) tap 2. */
static bool is_met(int class, int tap)
{
	return class == 1 || class != tap;
}

/* Combined bias for each of the 9 classes of pixels at a border. */
static Value *merged_bias(Graph *g, const Node *deconv, const Node *conv, Arena *a)
{
	if (!node_bias(deconv))
		return node_bias(conv);
	int64_t middle = deconv->in[CONV_WEIGHT]->type.dim[1], out = conv->in[CONV_WEIGHT]->type.dim[0], dim[3] = {3, 3, out};
	const double *through = blob_read_f64(node_bias(deconv)->data, a), *w = blob_read_f64(conv->in[CONV_WEIGHT]->data, a);
	const double *b = node_bias(conv) ? blob_read_f64(node_bias(conv)->data, a) : NULL;
	float *bias = arena_new_array(a, float, 9 * out);
	for (int64_t co = 0; co < out; co++) {
		double tap[9] = {0};
		for (int64_t c = 0; c < middle; c++)
			for (int t = 0; t < 9; t++)
				tap[t] += w[(co * middle + c) * 9 + t] * through[c];
		for (int class = 0; class < 9; class ++) {
			double sum = b ? b[co] : 0;
			for (int t = 0; t < 9; t++)
				if (is_met(class / 3, t / 3) && is_met(class % 3, t % 3))
					sum += tap[t];
			bias[class * out + co] = (float)sum;
		}
	}
	return graph_constant_f32(g, node_bias(deconv)->name, 3, dim, bias);
}

static bool all_are(const int *v, int count, int wanted)
{
	for (int i = 0; i < count; i++)
		if (v[i] != wanted)
			return false;
	return true;
}

/* A 3x3 convolution that keeps the size of its map. */
static bool is_same_3x3(const Node *n)
{
	const Conv *c = &n->u.conv2d;
	return n->op == OP_conv2d && n->nout == 1 && c->group == 1 && all_are(c->stride, 2, 1) && all_are(c->pad, 4, 1) &&
	       all_are(c->dilation, 2, 1) && conv_has_constants(n) && n->in[CONV_WEIGHT]->type.dim[2] == 3 &&
	       n->in[CONV_WEIGHT]->type.dim[3] == 3;
}

static bool is_bare_deconv(const Node *n)
{
	if (!n || n->op != OP_deconv2d || !conv_has_constants(n))
		return false;
	const Deconv *d = &n->u.deconv2d;
	const int64_t *w = n->in[CONV_WEIGHT]->type.dim, *y = n->out[0]->type.dim;
	bool two_rows = y[2] > 1 && y[3] > 1; /* or one pixel would be first and last */
	return d->group == 1 && all_are(d->pad, 4, 0) && d->epi[0].elt == FN_NONE && d->epi[0].act == FN_NONE && !d->border_bias &&
	       w[2] <= COMPOSE_TAPS && w[3] <= COMPOSE_TAPS && (two_rows || !node_bias(n));
}

/* The deconvolution that n can swallow, if that saves products; or null. */
static Node *swallowed(const Node *n)
{
	if (!is_same_3x3(n) || !value_has_one_use(n->in[CONV_X]) || !is_bare_deconv(n->in[CONV_X]->def))
		return NULL;
	Node *d = n->in[CONV_X]->def;
	const int64_t *w = d->in[CONV_WEIGHT]->type.dim, *x = d->in[CONV_X]->type.dim;
	int64_t merged = x[0] * x[2] * x[3] * w[0] * n->in[CONV_WEIGHT]->type.dim[0] * (w[2] + 2) * (w[3] + 2);
	return merged < node_macs(d) + node_macs(n) ? d : NULL;
}

static void merge(PassContext *c, Graph *g, Composer *composer, Node *deconv, Node *conv)
{
	Value *other = node_epilogue_operand(conv, 0);
	Value *in[4] = {deconv->in[CONV_X], merged_weight(g, composer, deconv, conv), merged_bias(g, deconv, conv, c->scratch), other};
	const char *name = arena_printf(c->scratch, "%s+%s", deconv->name, conv->name);
	Node *n = graph_node_before(g, conv, OP_deconv2d, name, other ? CONV_OTHER + 1 : in[CONV_BIAS] ? CONV_BIAS + 1 : CONV_BIAS, in, 1);
	const char *layer = n->loc.layer;
	n->loc = deconv->loc;
	n->loc.layer = layer;
	Deconv *u = &n->u.deconv2d;
	memcpy(u->stride, deconv->u.deconv2d.stride, sizeof u->stride);
	for (int i = 0; i < 4; i++)
		u->pad[i] = 1;
	u->border_bias = node_bias(deconv) != NULL;
	u->border = u->border_bias;
	u->epi[0] = conv->u.conv2d.epi[0];
	infer_node(n, c->diag);
	node_out(n)->name = node_out(conv)->name;
	value_replace(g, node_out(conv), node_out(n));
	node_remove(g, conv);
	node_remove(g, deconv);
}

void pass_merge_deconv(PassContext *c, Graph *g)
{
	Composer *composer = composer_new(c->scratch);
	for (int i = 0; c->target->merge_deconv_pays && i < g->nnode; i++) {
		Node *d = swallowed(g->node[i]);
		if (d) {
			merge(c, g, composer, d, g->node[i]);
			i--; /* the list became shorter by one */
		}
	}
}
