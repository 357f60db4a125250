/* fold_norm.c -- normalisation by stored statistics disappears into the weights (the paper's Eq. 1-4).
 *
 *     %2 = conv2d %1 w b                       =>   %4 = conv2d %1 w*f (b-mean)*f+beta
 *     %3 = batchnorm %2 mean var gamma beta         with f = gamma / sqrt(var + eps) per output channel
 *     (or %3 = scale %2 gamma beta                  with f = gamma, mean = 0)
 *
 * Relies on: the convolution's result goes nowhere else, and nothing is fused into it yet. Factors and biases are
 * computed in double. The scaled weights stay a recipe (BLOB_SCALED) until somebody reads them. */
#include "passes/pass.h"

#include <math.h>

/* The node makes y = f * x + shift per channel; false when its constants are not all known. */
static bool affine_of(const Node *n, int64_t channels, double *f, double *shift, Arena *a)
{
	for (int i = 1; i < n->nin; i++)
		if (n->in[i] && (!value_is_constant(n->in[i]) || type_count(&n->in[i]->type) != channels))
			return false;
	const double *p[BATCHNORM_BETA + 1] = {0};
	for (int i = 1; i < n->nin; i++)
		if (n->in[i])
			p[i] = blob_read_f64(n->in[i]->data, a);
	for (int64_t c = 0; c < channels; c++) {
		if (n->op == OP_batchnorm) {
			const double gamma = p[BATCHNORM_GAMMA] ? p[BATCHNORM_GAMMA][c] : 1,
			             beta = p[BATCHNORM_BETA] ? p[BATCHNORM_BETA][c] : 0;
			f[c] = gamma / sqrt(p[BATCHNORM_VARIANCE][c] + n->u.batchnorm.eps);
			shift[c] = beta - p[BATCHNORM_MEAN][c] * f[c];
		} else {
			f[c] = p[SCALE_GAMMA][c];
			shift[c] = p[SCALE_BETA] ? p[SCALE_BETA][c] : 0;
		}
	}
	return true;
}

/* The convolution whose only reader is n, or null. */
static Node *foldable_producer(const Node *n)
{
	Node *conv = n->in[0]->def;
	if (!conv || !value_has_one_use(n->in[0]) || conv->nout != 1 || !value_is_constant(conv->in[CONV_WEIGHT]))
		return NULL;
	if (conv->op != OP_conv2d && !(conv->op == OP_deconv2d && conv->u.deconv2d.group == 1 && !conv->u.deconv2d.border_bias))
		return NULL;
	if (node_bias(conv) && !value_is_constant(node_bias(conv)))
		return NULL;
	Epilogue *e = node_epilogue_edit(conv);
	return e->act == FN_NONE && e->elt == FN_NONE ? conv : NULL;
}

static void fold_into(Graph *g, Node *conv, const Node *n, const double *f, const double *shift, Arena *a)
{
	int axis = conv->op == OP_conv2d ? 0 : 1;
	Value *weight = conv->in[CONV_WEIGHT], *bias = node_bias(conv);
	int64_t channels = weight->type.dim[axis];
	const double *b = bias ? blob_read_f64(bias->data, a) : NULL;
	float *factor = arena_new_array(a, float, channels), *new_bias = arena_new_array(a, float, channels);
	for (int64_t c = 0; c < channels; c++) {
		factor[c] = (float)f[c];
		new_bias[c] = (float)((b ? b[c] : 0) * f[c] + shift[c]);
	}
	node_set_input(g, conv, CONV_WEIGHT, graph_constant(g, weight->name, blob_scaled(g, weight->data, axis, factor)));
	const char *name = bias ? bias->name : arena_printf(a, "%s.bias", conv->name);
	node_set_input(g, conv, CONV_BIAS, graph_constant_f32(g, name, 1, &channels, new_bias));
	value_replace(g, n->out[0], conv->out[0]);
}

void pass_fold_norm(PassContext *c, Graph *g)
{
	for (int i = 0; i < g->nnode; i++) {
		Node *n = g->node[i];
		if (n->op != OP_batchnorm && !(n->op == OP_scale && n->u.scale.axis == 1))
			continue;
		Node *conv = foldable_producer(n);
		if (!conv)
			continue;
		int64_t channels = n->in[0]->type.dim[1];
		double *f = arena_new_array(c->scratch, double, channels), *shift = arena_new_array(c->scratch, double, channels);
		if (!affine_of(n, channels, f, shift, c->scratch))
			continue;
		fold_into(g, conv, n, f, shift, c->scratch);
		node_remove(g, n); /* or a scale after it would not find itself the only reader */
		i--;
	}
}
