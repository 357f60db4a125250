/* eval_eltwise.c -- functions of single elements, and normalisations.
 *
 * A tensor is seen as [outer][axis][inner] where one axis matters.
 */
#include "ir/eval.h"

#include <math.h>

/* Steps in memory of an operand for each axis of the result: 0 where it stretches. */
static void broadcast_steps(const Type *y, const Type *x, int64_t *step)
{
	int64_t size = 1;
	for (int i = y->rank - 1; i >= 0; i--) {
		int axis = i - (y->rank - x->rank);
		int64_t dim = axis < 0 ? 1 : x->dim[axis];
		step[i] = dim == 1 ? 0 : size;
		size *= dim;
	}
}

/* The type in which the function computes, with f16 and bf16 among the others. */
static DType operand_dtype(const Node *n, const Tensor *in)
{
	return in[n->u.eltwise.fn == FN_where].type.dtype;
}

/* Brought to the result's type. */
static double cast(const Eltwise *e, DType from, double v, DType to)
{
	if (e->to == DT_NONE)
		return v;
	if (dtype_is_float(to))
		return to == DT_F32 ? (double)(float)v : number_round(to, v);
	if (dtype_is_float(from))
		return int_to_double(int_from_double(v, to), to);
	int64_t i = int_from_double(v, from);
	return int_to_double(e->saturate ? int_saturate(i, from, to) : int_wrap(i, to), to);
}

static double apply(const Eltwise *e, DType t, const double *v)
{
	if (e->fn == FN_where)
		return v[0] != 0 ? v[1] : v[2];
	if (dtype_is_float(t))
		return func_apply(e->fn, e->coeff[0] * v[0], e->coeff[1] * v[1], e->alpha, e->beta);
	int64_t r = func_apply_int(e->fn, t, int_from_double(v[0], t), int_from_double(v[1], t), e->alpha, e->beta);
	return func_kind(e->fn) == FUNC_PREDICATE ? (double)r : int_to_double(int_wrap(r, t), t);
}

void eval_eltwise(const Node *n, const Tensor *in, Tensor *out, Arena *arena)
{
	enum { MOST = 3 };
	const Eltwise *e = &n->u.eltwise;
	const Type *t = &out->type;
	const DType type = operand_dtype(n, in), natural = func_kind(e->fn) == FUNC_PREDICATE ? DT_BOOL : type;
	int64_t step[MOST][MAX_RANK], at[MAX_RANK] = {0}, count = type_count(t), where[MOST] = {0};
	(void)arena;
	for (int o = 0; o < n->nin; o++)
		broadcast_steps(t, &in[o].type, step[o]);
	for (int64_t i = 0; i < count; i++) {
		double v[MOST] = {0};
		for (int o = 0; o < n->nin; o++)
			v[o] = in[o].data[where[o]];
		out->data[i] = cast(e, natural, apply(e, type, v), t->dtype);
		for (int k = t->rank - 1; k >= 0; k--) { /* the next position */
			bool inside = ++at[k] < t->dim[k];
			for (int o = 0; o < n->nin; o++)
				where[o] += inside ? step[o][k] : -step[o][k] * (t->dim[k] - 1);
			if (inside)
				break;
			at[k] = 0;
		}
	}
}

/* out = factor[i] * x + term[i] for index i of an axis. */
static void scale_axis(const Tensor *in, Tensor *out, int axis, const double *factor, const double *term)
{
	int64_t outer = type_outer(&in->type, axis), size = in->type.dim[axis], inner = type_inner(&in->type, axis);
	const double *x = in->data;
	double *y = out->data;
	for (int64_t o = 0; o < outer; o++)
		for (int64_t c = 0; c < size; c++)
			for (int64_t i = 0; i < inner; i++)
				*y++ = factor[c] * *x++ + (term ? term[c] : 0);
}

void eval_scale(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	(void)a;
	scale_axis(in, out, n->u.scale.axis, in[SCALE_GAMMA].data, n->nin > SCALE_BETA ? in[SCALE_BETA].data : NULL);
}

void eval_batchnorm(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	const double *mean = in[BATCHNORM_MEAN].data, *var = in[BATCHNORM_VARIANCE].data;
	const double *gamma = n->nin > BATCHNORM_GAMMA ? in[BATCHNORM_GAMMA].data : NULL;
	const double *beta = n->nin > BATCHNORM_BETA ? in[BATCHNORM_BETA].data : NULL;
	int64_t outer = in->type.dim[0], channels = in->type.dim[1], inner = type_inner(&in->type, 1);
	const double *x = in->data;
	double *y = out->data;
	(void)a;
	for (int64_t o = 0; o < outer; o++)
		for (int64_t c = 0; c < channels; c++)
			for (int64_t i = 0; i < inner; i++) {
				double v = (*x++ - mean[c]) / sqrt(var[c] + n->u.batchnorm.eps);
				*y++ = (gamma ? gamma[c] : 1) * v + (beta ? beta[c] : 0);
			}
}

void eval_l2norm(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	const L2Norm *l = &n->u.l2norm;
	const double *gamma = in[L2NORM_GAMMA].data;
	int64_t channels = in->type.dim[1], inner = type_inner(&in->type, 1);
	double *sum = arena_new_array(a, double, inner);
	for (int64_t o = 0; o < in->type.dim[0]; o++) {
		const double *x = in->data + o * channels * inner;
		double *y = out->data + o * channels * inner, all = l->eps;
		for (int64_t i = 0; i < inner; i++)
			sum[i] = l->eps;
		for (int64_t k = 0; k < channels * inner; k++) {
			sum[k % inner] += x[k] * x[k];
			all += x[k] * x[k];
		}
		for (int64_t k = 0; k < channels * inner; k++)
			y[k] = gamma[k / inner] * x[k] / sqrt(l->across_spatial ? all : sum[k % inner]);
	}
}

/* The largest element goes first, so that no exp overflows: logits above 88 occur. */
static void softmax_row(const double *x, double *y, int64_t count, int64_t step)
{
	double largest = x[0], sum = 0;
	for (int64_t i = 1; i < count; i++)
		largest = x[i * step] > largest ? x[i * step] : largest;
	for (int64_t i = 0; i < count; i++)
		sum += y[i * step] = exp(x[i * step] - largest);
	for (int64_t i = 0; i < count; i++)
		y[i * step] /= sum;
}

void eval_softmax(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	int axis = n->u.softmax.axis;
	int64_t outer = type_outer(&in->type, axis), size = in->type.dim[axis], inner = type_inner(&in->type, axis);
	(void)a;
	for (int64_t o = 0; size && o < outer; o++)
		for (int64_t i = 0; i < inner; i++)
			softmax_row(in->data + o * size * inner + i, out->data + o * size * inner + i, size, inner);
}
