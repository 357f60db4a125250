/* norm.c -- layers that normalise, and those that scale or shift by weights. */
#include "import/caffe/caffe.h"

#include <inttypes.h>
#include <string.h>

/* ---- batch normalisation ---- */

/* Blob i divided by the factor in blob 2; a factor of 0 means that nothing was ever seen: all is 0, as in Caffe. */
static Value *statistic(Caffe *c, const Layer *l, int i, const char *suffix, const float *factor)
{
	int64_t channels = l->in[0]->type.dim[1];
	Value *v = layer_weight(c, l, i, suffix, 1, &channels);
	if (!v || !factor || *factor == 1)
		return v;
	float *all = arena_new_array(c->a, float, channels);
	for (int64_t k = 0; k < channels; k++)
		all[k] = *factor == 0 ? 0 : 1 / *factor;
	v->data = blob_scaled(c->graph, v->data, 0, all);
	return v;
}

/* NVIDIA's Caffe: a factor and a summand after the statistics. Its blob 2 counts iterations and divides nothing.
 * Stated by scale_bias, or by either filler; a file of weights with five blobs says it too, unless scale_bias says no.
 */
static bool has_scale_and_bias(Caffe *c, const Layer *l, const Caffe__BatchNormParameter *p)
{
	const bool filler = l->p->batch_norm_param && (prototxt_has(p, "scale_filler") || prototxt_has(p, "bias_filler"));
	return p->scale_bias || filler || (!p->has_scale_bias && layer_blobs(c, l) == 5);
}

bool caffe_batch_norm(Caffe *c, Layer *l)
{
	PARAM(l, batch_norm_param, Caffe__BatchNormParameter, CAFFE__BATCH_NORM_PARAMETER__INIT);
	if (l->in[0]->type.rank < 2)
		return LAYER_FAIL(c, l, NULL, NULL, "the input has %d axes; at least 2 are needed", l->in[0]->type.rank);
	const bool five = has_scale_and_bias(c, l, p);
	if (!layer_want_blobs_as(c, l, five ? 5 : 3,
	                         five ? ": mean, variance, factor, gamma, beta (scale_bias)"
	                              : ": mean, variance, factor; 5 with scale_bias: gamma, beta behind them"))
		return false;
	const float *factor = c->weights && !five ? layer_numbers(c, l, 2, 1) : NULL;
	if (c->weights && !five && !factor)
		return false;
	Value *mean = statistic(c, l, 0, "mean", factor), *var = statistic(c, l, 1, "var", factor);
	const int64_t *channels = &l->in[0]->type.dim[1];
	Value *gamma = five ? layer_weight(c, l, 3, "gamma", 1, channels) : NULL,
	      *beta = five ? layer_weight(c, l, 4, "beta", 1, channels) : NULL;
	if (!mean || !var || (five && (!gamma || !beta)))
		return false;
	Node *n = layer_node(c, l, NULL, OP_batchnorm, five ? 5 : 3, (Value *[]){l->in[0], mean, var, gamma, beta});
	n->u.batchnorm.eps = caffe_number(p->eps);
	return layer_end(c, l, n);
}

/* SegNet's: a factor and a summand that hold the statistics too; PSPNet's: factor, summand, mean and variance. */
bool caffe_bn(Caffe *c, Layer *l)
{
	PARAM(l, bn_param, Caffe__BNParameter, CAFFE__BNPARAMETER__INIT);
	if (l->in[0]->type.rank < 2)
		return LAYER_FAIL(c, l, NULL, NULL, "the input has %d axes; at least 2 are needed", l->in[0]->type.rank);
	const bool plain = layer_blobs(c, l) == 2;
	if (!layer_want_blobs_as(c, l, plain ? 2 : 4, ": gamma, beta, mean, variance; or 2: gamma, beta"))
		return false;
	const int64_t *channels = &l->in[0]->type.dim[1];
	Value *gamma = layer_weight(c, l, 0, "gamma", 1, channels), *beta = layer_weight(c, l, 1, "beta", 1, channels);
	if (plain && gamma && beta)
		return layer_end(c, l, layer_node(c, l, NULL, OP_scale, 3, (Value *[]){l->in[0], gamma, beta}));
	Value *mean = plain ? NULL : layer_weight(c, l, 2, "mean", 1, channels),
	      *var = plain ? NULL : layer_weight(c, l, 3, "var", 1, channels);
	if (!gamma || !beta || !mean || !var)
		return false;
	Node *n = layer_node(c, l, NULL, OP_batchnorm, 5, (Value *[]){l->in[0], mean, var, gamma, beta});
	n->u.batchnorm.eps = caffe_number(p->eps);
	return layer_end(c, l, n);
}

/* ---- Scale and Bias ---- */

typedef struct Span { /* the axes of the input that a factor has */
	int first, count;
} Span;

static bool read_span(Caffe *c, const Layer *l, const void *param, int axis, int axes, Span *s)
{
	int rank = l->in[0]->type.rank;
	if (!layer_axis(c, l, param, "axis", axis, rank, &s->first))
		return false;
	s->count = l->nin == 2 ? l->in[1]->type.rank : axes == -1 ? rank - s->first : axes;
	if (s->count >= 0 && s->first + s->count <= rank)
		return true;
	return LAYER_FAIL(c, l, param, l->nin == 2 ? "axis" : "num_axes", "%d axes from axis %d on; the input has %d", s->count, s->first,
	                  rank);
}

/* A factor of the shape of the span as one that broadcasts over x. A second input may have 1 in place of an extent, as
 * OpenCV takes it. */
static Value *spread(Caffe *c, const Layer *l, const char *suffix, const Span *s, Value *v)
{
	const Type *x = &l->in[0]->type;
	int64_t dim[MAX_RANK];
	for (int i = 0; i < x->rank; i++)
		dim[i] = i >= s->first && i < s->first + s->count ? x->dim[i] : 1;
	for (int i = 0; v && v == l->in[l->nin - 1] && l->nin == 2 && i < s->count; i++) {
		int64_t *want = &dim[s->first + i], given = v->type.dim[i];
		if (given != 1 && given != *want) {
			diag_error(c->d, DIAG_REJECT, l->loc,
			           "bottom 1 has %" PRId64 " on its axis %d; %" PRId64 " or 1 is needed, as axis %d of bottom 0 has", given,
			           i, *want, s->first + i);
			return NULL;
		}
		*want = given;
	}
	return v ? layer_reshape(c, l, suffix, v, x->rank, dim) : NULL;
}

/* x fn v, where v is a weight or the second input. */
static Value *combine(Caffe *c, Layer *l, const char *suffix, Func fn, const Span *s, int blob, const char *weight, Value *x)
{
	Value *v = blob < 0 ? l->in[1] : layer_weight(c, l, blob, weight, s->count, &l->in[0]->type.dim[s->first]);
	v = spread(c, l, arena_printf(c->a, "%s.shape", weight), s, v);
	return v ? layer_function(c, l, suffix, fn, 0, 0, x, v) : NULL;
}

/* Right after the batch normalisation whose result it replaces: the two are one node. */
static bool merge_scale(Caffe *c, Layer *l, bool bias)
{
	Node *n = l->in[0]->def;
	int64_t channels = l->in[0]->type.dim[1];
	Value *gamma = layer_weight(c, l, 0, "gamma", 1, &channels);
	Value *beta = bias ? layer_weight(c, l, 1, "beta", 1, &channels) : NULL;
	if (!gamma || (bias && !beta))
		return false;
	node_set_input(c->graph, n, 3, gamma);
	if (beta)
		node_set_input(c->graph, n, 4, beta);
	l->out[0] = l->in[0];
	return true;
}

/* In place on a blob that a BatchNorm made, with no reader of that blob between the two (a Split's tops are the same
 * value). */
static bool follows_batch_norm(const Caffe *c, const Layer *l)
{
	const char *blob = l->p->bottom[0];
	const Node *n = l->in[0]->def;
	if (strcmp(l->p->top[0], blob) || !n || n->op != OP_batchnorm || n->nin != 3)
		return false;
	for (const Layer *k = l; k-- > c->first;) {
		if (k->nout == 1 && k->out[0] == l->in[0] && !strcmp(k->type, "BatchNorm"))
			return true;
		for (int i = 0; i < k->nin; i++)
			if (!strcmp(k->p->bottom[i], blob))
				return false;
	}
	return false;
}

bool caffe_scale(Caffe *c, Layer *l)
{
	PARAM(l, scale_param, Caffe__ScaleParameter, CAFFE__SCALE_PARAMETER__INIT);
	Span s;
	int first = l->nin == 2 ? 0 : 1;
	if (!read_span(c, l, scale_param_given, p->axis, p->num_axes, &s) || !layer_want_blobs(c, l, first + p->bias_term))
		return false;
	bool channels = l->nin == 1 && s.count == 1;
	if (channels && s.first == 1 && follows_batch_norm(c, l))
		return merge_scale(c, l, p->bias_term);
	if (channels) {
		const int64_t *dim = &l->in[0]->type.dim[s.first];
		Value *gamma = layer_weight(c, l, 0, "gamma", 1, dim), *beta = p->bias_term ? layer_weight(c, l, 1, "beta", 1, dim) : NULL;
		if (!gamma || (p->bias_term && !beta))
			return false;
		Node *n = layer_node(c, l, NULL, OP_scale, beta ? 3 : 2, (Value *[]){l->in[0], gamma, beta});
		n->u.scale.axis = s.first;
		return layer_end(c, l, n);
	}
	Value *y = combine(c, l, p->bias_term ? "scale" : NULL, FN_mul, &s, first - 1, "gamma", l->in[0]);
	if (y && p->bias_term)
		y = combine(c, l, NULL, FN_add, &s, first, "beta", y);
	l->out[0] = y;
	return y;
}

bool caffe_bias(Caffe *c, Layer *l)
{
	PARAM(l, bias_param, Caffe__BiasParameter, CAFFE__BIAS_PARAMETER__INIT);
	Span s;
	if (!read_span(c, l, bias_param_given, p->axis, p->num_axes, &s) || !layer_want_blobs(c, l, l->nin == 2 ? 0 : 1))
		return false;
	l->out[0] = combine(c, l, NULL, FN_add, &s, l->nin == 2 ? -1 : 0, "bias", l->in[0]);
	return l->out[0];
}

/* ---- others ---- */

/* Blob i as one number a channel; it may hold one for all. */
static Value *per_channel(Caffe *c, const Layer *l, int i, const char *suffix, bool shared)
{
	int64_t channels = l->in[0]->type.dim[1];
	if (!shared || !c->weights)
		return layer_weight(c, l, i, suffix, 1, &channels);
	const float *one = layer_numbers(c, l, i, 1);
	if (!one)
		return NULL;
	float *all = arena_new_array(c->a, float, channels);
	for (int64_t k = 0; k < channels; k++)
		all[k] = *one;
	return graph_constant_f32(c->graph, arena_printf(c->graph->arena, "%s.%s", l->name, suffix), 1, &channels, all);
}

bool caffe_normalize(Caffe *c, Layer *l)
{
	PARAM(l, norm_param, Caffe__NormalizeParameter, CAFFE__NORMALIZE_PARAMETER__INIT);
	if (l->in[0]->type.rank < 2)
		return LAYER_FAIL(c, l, NULL, NULL, "the input has %d axes; at least 2 are needed", l->in[0]->type.rank);
	Value *scale = layer_want_blobs(c, l, 1) ? per_channel(c, l, 0, "scale", p->channel_shared) : NULL;
	if (!scale)
		return false;
	Node *n = layer_node(c, l, NULL, OP_l2norm, 2, (Value *[]){l->in[0], scale});
	n->u.l2norm.eps = caffe_number(p->eps);
	n->u.l2norm.across_spatial = p->across_spatial;
	return layer_end(c, l, n);
}

bool caffe_softmax(Caffe *c, Layer *l)
{
	PARAM(l, softmax_param, Caffe__SoftmaxParameter, CAFFE__SOFTMAX_PARAMETER__INIT);
	int axis;
	if (!layer_axis(c, l, softmax_param_given, "axis", p->axis, l->in[0]->type.rank, &axis))
		return false;
	Node *n = layer_node(c, l, NULL, OP_softmax, 1, l->in);
	n->u.softmax.axis = axis;
	return layer_end(c, l, n);
}

bool caffe_lrn(Caffe *c, Layer *l)
{
	PARAM(l, lrn_param, Caffe__LRNParameter, CAFFE__LRNPARAMETER__INIT);
	if (p->local_size % 2 == 0 || p->local_size > 65535)
		return LAYER_FAIL(c, l, lrn_param_given, "local_size", "local_size is %u; an odd number is needed", p->local_size);
	bool within = p->norm_region == CAFFE__LRNPARAMETER__NORM_REGION__WITHIN_CHANNEL;
	Node *n = layer_node(c, l, NULL, OP_lrn, 1, l->in);
	n->u.lrn = (Lrn){.size = (int)p->local_size,
	                 .alpha = caffe_number(p->alpha),
	                 .beta = caffe_number(p->beta),
	                 .bias = within ? 1 : caffe_number(p->k), /* Caffe knows no k within a channel */
	                 .within_channel = within};
	return layer_end(c, l, n);
}

bool caffe_prelu(Caffe *c, Layer *l)
{
	PARAM(l, prelu_param, Caffe__PReLUParameter, CAFFE__PRE_LUPARAMETER__INIT);
	const Type *x = &l->in[0]->type;
	if (x->rank < 2)
		return LAYER_FAIL(c, l, NULL, NULL, "the input has %d axes; at least 2 are needed", x->rank);
	if (!layer_want_blobs(c, l, 1))
		return false;
	if (p->channel_shared && c->weights) {
		const float *slope = layer_numbers(c, l, 0, 1);
		l->out[0] = slope ? layer_function(c, l, NULL, FN_leaky, (double)*slope, 0, l->in[0], NULL) : NULL;
		return l->out[0];
	}
	int64_t channels = p->channel_shared ? 1 : x->dim[1];
	const Span s = {1, 1};
	Value *slope = layer_weight(c, l, 0, "slope", 1, &channels);
	if (p->channel_shared)
		slope = slope ? layer_reshape(c, l, "slope.shape", slope, x->rank, (int64_t[MAX_RANK]){1, 1, 1, 1, 1, 1, 1, 1}) : NULL;
	else
		slope = spread(c, l, "slope.shape", &s, slope);
	l->out[0] = slope ? layer_function(c, l, NULL, FN_prelu, 0, 0, l->in[0], slope) : NULL;
	return l->out[0];
}
