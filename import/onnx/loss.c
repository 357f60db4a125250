/* loss.c -- losses: the score of the right class is picked by comparing class numbers, weighted, then
 * summed. */
#include "import/onnx/parts.h"

#include <string.h>

enum { LOSS_MEAN, LOSS_SUM, LOSS_NONE };

static Value *sum_all(Call *c, Value *x)
{
	int axes[MAX_RANK];
	for (int i = 0; i < MAX_RANK; i++)
		axes[i] = i;
	return x ? build_reduce(c, x, FN_add, FN_NONE, FN_NONE, false, x->type.rank, axes, false) : NULL;
}

/* scores [N][C][..] are logarithms; labels [N][..]; weights [C] or null */
static Value *loss(Call *c, Value *scores, Value *labels, Value *weights)
{
	static const char *const reductions[] = {"mean", "sum", "none", NULL};
	int how = call_choice(c, "reduction", reductions, LOSS_MEAN), axis = 1;
	bool ignoring = call_has(c, "ignore_index");
	int64_t ignored = call_int(c, "ignore_index", 0), classes = scores->type.rank > 1 ? scores->type.dim[1] : 0, column[MAX_RANK];
	if (scores->type.rank < 2 || labels->type.rank != scores->type.rank - 1 || (weights && type_count(&weights->type) != classes)) {
		call_reject(c, "scores of rank %d, labels of rank %d and weights do not go together", scores->type.rank, labels->type.rank);
		return NULL;
	}
	for (int i = 0; i < scores->type.rank - 1; i++)
		column[i] = i ? 1 : classes;
	DType t = scores->type.dtype;
	labels = build_cast(c, labels, DT_I64);
	Value *right = build_one_hot(c, labels, classes, 1), *none = build_scalar(c, t, 0);
	Value *one = weights ? build_reshape(c, weights, scores->type.rank - 1, column) : build_scalar(c, t, 1);
	Value *picked = build_reduce(c, build_map3(c, FN_where, right, scores, none), FN_add, FN_NONE, FN_NONE, false, 1, &axis, false);
	Value *weight = build_reduce(c, build_map3(c, FN_where, right, one, none), FN_add, FN_NONE, FN_NONE, false, 1, &axis, false);
	if (ignoring)
		weight = build_map3(c, FN_where, build_map_scalar(c, FN_equal, labels, (double)ignored), none, weight);
	Value *each = build_map2(c, FN_mul, build_map(c, FN_neg, picked), weight);
	if (how == LOSS_NONE)
		return each;
	return how == LOSS_SUM ? sum_all(c, each) : build_map2(c, FN_div, sum_all(c, each), sum_all(c, weight));
}

static void negative_log_likelihood(Call *c)
{
	c->out[0] = loss(c, c->in[0], c->in[1], call_given(c, 2) ? c->in[2] : NULL);
}

static void softmax_cross_entropy(Call *c)
{
	if (c->in[0]->type.rank < 2) {
		call_reject(c, "scores of rank %d", c->in[0]->type.rank);
		return;
	}
	Value *scores = build_log_softmax(c, c->in[0], 1);
	c->out[0] = scores ? loss(c, scores, c->in[1], call_given(c, 2) ? c->in[2] : NULL) : NULL;
	if (c->nout > 1)
		c->out[1] = scores;
}

const OnnxRow onnx_loss_rows[] = {
    {"NegativeLogLikelihoodLoss", 12, 0, 2, 3, 1, negative_log_likelihood, 0},
    {"SoftmaxCrossEntropyLoss", 12, 0, 2, 3, 2, softmax_cross_entropy, 0},
    {0},
};
