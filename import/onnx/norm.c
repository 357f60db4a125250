/* norm.c -- normalisations: by stored statistics, or by those of the input itself. */
#include "import/onnx/parts.h"

#include <string.h>

/* [C] as it stretches over axis 1 of rank r: [C][1].. */
static Value *per_channel(Call *c, Value *v, int rank)
{
	int64_t dim[MAX_RANK];
	if (!v)
		return NULL;
	dim[0] = type_count(&v->type);
	for (int i = 1; i < rank - 1; i++)
		dim[i] = 1;
	return build_reshape(c, v, rank - 1, dim);
}

/* (x - mean) and the mean of its square, over axes that stay as 1. */
static Value *variance(Call *c, Value *x, int n, const int *axes, Value **mean, Value **centred)
{
	*mean = build_mean(c, x, n, axes);
	*centred = build_map2(c, FN_sub, x, *mean);
	return build_reduce(c, *centred, FN_add, FN_square, FN_NONE, true, n, axes, true);
}

static Value *flat(Call *c, Value *v)
{
	if (!v)
		return NULL;
	int64_t n = type_count(&v->type);
	return build_reshape(c, v, 1, &n);
}

/* old * momentum + new * (1 - momentum) */
static Value *blend(Call *c, Value *old, Value *now, double momentum)
{
	return build_map2(c, FN_add, build_map_with(c, FN_affine, old, momentum, 0),
	                  build_map_with(c, FN_affine, flat(c, now), 1 - momentum, 0));
}

static void train(Call *c, double eps, double momentum)
{
	int axes[MAX_RANK], n = 0, rank = c->in[0]->type.rank;
	for (int i = 0; i < rank; i++)
		if (i != 1)
			axes[n++] = i;
	Value *mean, *centred, *var = variance(c, c->in[0], n, axes, &mean, &centred);
	Value *deviation = build_map(c, FN_sqrt, build_map_with(c, FN_affine, var, 1, eps));
	Value *y = build_map2(c, FN_mul, build_map2(c, FN_div, centred, deviation), per_channel(c, c->in[1], rank));
	c->out[0] = build_map2(c, FN_add, y, per_channel(c, c->in[2], rank));
	if (c->nout > 1)
		c->out[1] = blend(c, c->in[3], mean, momentum);
	if (c->nout > 2)
		c->out[2] = blend(c, c->in[4], var, momentum);
}

static void batch_norm(Call *c)
{
	double eps = call_float(c, "epsilon", 1e-5f), momentum = call_float(c, "momentum", 0.9f);
	bool training = c->opset >= 14 && call_flag(c, "training_mode", false);
	Value *x = c->in[0];
	if (c->opset < 9 && !call_flag(c, "spatial", true))
		call_unsupported(c, "BatchNormalization with spatial=0");
	if (c->opset < 7 && !call_flag(c, "is_test", false))
		call_unsupported(c, "BatchNormalization in training mode");
	if (c->nout > 1 && !training)
		call_unsupported(c, "BatchNormalization with the outputs of training");
	if (x->type.rank < 2)
		call_reject(c, "BatchNormalization of an input of rank %d", x->type.rank);
	if (c->failed)
		return;
	for (int i = 1; i < 5; i++)
		if (c->in[i]->type.rank != 1 || c->in[i]->type.dim[0] != x->type.dim[1]) {
			call_reject(c, "input %d must have one number for each of %lld channels", i, (long long)x->type.dim[1]);
			return;
		}
	if (training) {
		train(c, eps, momentum);
		return;
	}
	Value *in[] = {x, c->in[3], c->in[4], c->in[1], c->in[2]};
	Node *n = build_begin(c, OP_batchnorm, 5, in, 1);
	n->u.batchnorm.eps = eps;
	c->out[0] = build_cast(c, build_end(c, n), x->type.dtype);
}

static void instance_norm(Call *c)
{
	double eps = call_float(c, "epsilon", 1e-5f);
	Value *x = c->in[0], *mean, *centred;
	int axes[MAX_RANK], n = 0, rank = x->type.rank;
	if (rank < 3) {
		call_reject(c, "InstanceNormalization of an input of rank %d", rank);
		return;
	}
	for (int i = 2; i < rank; i++)
		axes[n++] = i;
	Value *var = variance(c, x, n, axes, &mean, &centred);
	Value *y = build_map2(c, FN_div, centred, build_map(c, FN_sqrt, build_map_with(c, FN_affine, var, 1, eps)));
	y = build_map2(c, FN_mul, y, per_channel(c, c->in[1], rank));
	c->out[0] = build_map2(c, FN_add, y, per_channel(c, c->in[2], rank));
}

/* Over the axes from `axis` on; mean and 1 / deviation are results too. */
static void layer_norm(Call *c)
{
	double eps = call_float(c, "epsilon", 1e-5f);
	Value *x = c->in[0], *mean, *centred;
	int axes[MAX_RANK], n = 0, first = call_axis(c, "axis", call_int(c, "axis", -1), x->type.rank);
	DType t = x->type.dtype;
	call_ignore(c, "stash_type");
	if (c->failed)
		return;
	for (int i = first; i < x->type.rank; i++)
		axes[n++] = i;
	x = t == DT_F64 ? x : build_cast(c, x, DT_F32);
	Value *var = variance(c, x, n, axes, &mean, &centred);
	Value *inverse = build_map(c, FN_reciprocal, build_map(c, FN_sqrt, build_map_with(c, FN_affine, var, 1, eps)));
	Value *y = build_map2(c, FN_mul, build_cast(c, build_map2(c, FN_mul, centred, inverse), t), c->in[1]);
	c->out[0] = call_given(c, 2) ? build_map2(c, FN_add, y, c->in[2]) : y;
	if (c->nout > 1)
		c->out[1] = mean;
	if (c->nout > 2)
		c->out[2] = inverse;
}

static void mean_variance_norm(Call *c)
{
	int n, axes[MAX_RANK] = {0, 2, 3}, count = 3;
	const int64_t *list = call_ints(c, "axes", &n);
	for (int i = 0; list && i < n && i < MAX_RANK; i++)
		axes[i] = call_axis(c, "an axis", list[i], c->in[0]->type.rank);
	count = list ? n : count;
	if (count > c->in[0]->type.rank || (!list && c->in[0]->type.rank != 4))
		call_reject(c, "axes do not fit an input of rank %d", c->in[0]->type.rank);
	if (c->failed)
		return;
	Value *mean, *centred, *var = variance(c, c->in[0], count, axes, &mean, &centred);
	c->out[0] = build_map2(c, FN_div, centred, build_map_with(c, FN_affine, build_map(c, FN_sqrt, var), 1, 1e-9));
}

static void lp_norm(Call *c)
{
	int axis = call_axis(c, "axis", call_int(c, "axis", -1), c->in[0]->type.rank);
	int64_t p = call_int(c, "p", 2);
	if (p != 1 && p != 2)
		call_reject(c, "p is %lld; 1 and 2 are accepted", (long long)p);
	if (c->failed)
		return;
	Value *norm = build_reduce(c, c->in[0], FN_add, p == 1 ? FN_abs : FN_square, p == 1 ? FN_NONE : FN_sqrt, false, 1, &axis, true);
	c->out[0] = build_map2(c, FN_div, c->in[0], build_divisor(c, norm)); /* zeros stay zeros */
}

const OnnxRow onnx_norm_rows[] = {
    {"BatchNormalization", 6, 0, 5, 5, 5, batch_norm, 0},  {"InstanceNormalization", 6, 0, 3, 3, 1, instance_norm, 0},
    {"LayerNormalization", 17, 0, 2, 3, 3, layer_norm, 0}, {"MeanVarianceNormalization", 9, 0, 1, 1, 1, mean_variance_norm, 0},
    {"LpNormalization", 1, 0, 1, 1, 1, lp_norm, 0},        {0},
};
