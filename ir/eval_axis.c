/* eval_axis.c -- reductions, running sums, the best along an axis, local response normalisation.
 *
 * Integers are summed as they are in memory: wrapped after each step.
 */
#include "ir/eval.h"

#include <math.h>

/* fn, on numbers of t. */
static double apply(Func fn, DType t, double x, double y)
{
	if (dtype_is_float(t))
		return func_apply(fn, x, y, 0, 0);
	return int_to_double(int_wrap(func_apply_int(fn, t, int_from_double(x, t), int_from_double(y, t), 0, 0), t), t);
}

/* What a reduction of nothing is. */
static double neutral(Func fn, DType t)
{
	if (fn == FN_add || fn == FN_mul)
		return fn == FN_mul;
	double most = fn == FN_max ? -INFINITY : INFINITY;
	return dtype_is_float(t) ? most : int_to_double(int_from_double(most, t), t);
}

static double finish(const Reduce *r, DType t, double v, int64_t count)
{
	if (r->mean)
		v = dtype_is_float(t) ? v / (double)count : apply(FN_div, t, v, (double)count);
	return r->post == FN_NONE ? v : func_apply(r->post, v, 0, 0, 0);
}

void eval_reduce(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	const Reduce *r = &n->u.reduce;
	const DType t = in->type.dtype;
	int64_t step[MAX_RANK], size = 1, total = type_count(&in->type), results = type_count(&out->type);
	bool reduced[MAX_RANK] = {false};
	(void)a;
	for (int i = 0; i < r->n; i++)
		reduced[r->axes[i]] = true;
	for (int i = in->type.rank - 1; i >= 0; i--) { /* of the result, where reduced axes have one index */
		step[i] = reduced[i] ? 0 : size;
		size *= reduced[i] ? 1 : in->type.dim[i];
	}
	for (int64_t i = 0; i < results; i++)
		out->data[i] = neutral(r->fn, t);
	for (int64_t i = 0; i < total; i++) {
		int64_t at = 0, rest = i;
		for (int k = in->type.rank - 1; k >= 0; k--) {
			at += step[k] * (rest % in->type.dim[k]);
			rest /= in->type.dim[k];
		}
		double v = r->pre == FN_NONE ? in->data[i] : apply(r->pre, t, in->data[i], 0);
		out->data[at] = apply(r->fn, t, out->data[at], v);
	}
	for (int64_t i = 0; i < results; i++)
		out->data[i] = finish(r, t, out->data[i], results ? total / results : 0);
}

/* The line along an axis that passes through the o-th outer and i-th inner index. */
static const double *line(const Tensor *in, int axis, int64_t o, int64_t i)
{
	return in->data + o * in->type.dim[axis] * type_inner(&in->type, axis) + i;
}

void eval_argmax(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	const ArgMax *m = &n->u.argmax;
	int64_t outer = type_outer(&in->type, m->axis), inner = type_inner(&in->type, m->axis);
	(void)a;
	for (int64_t o = 0; o < outer; o++)
		for (int64_t i = 0; i < inner; i++) {
			const double *x = line(in, m->axis, o, i);
			int64_t best = 0;
			for (int64_t k = 1; k < in->type.dim[m->axis]; k++) {
				double v = x[k * inner], top = x[best * inner];
				if ((m->smallest ? v < top : v > top) || (m->last && v == top))
					best = k;
			}
			out->data[o * inner + i] = (double)best;
		}
}

void eval_cumsum(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	const CumSum *c = &n->u.cumsum;
	int64_t outer = type_outer(&in->type, c->axis), inner = type_inner(&in->type, c->axis), size = in->type.dim[c->axis];
	(void)a;
	for (int64_t o = 0; o < outer; o++)
		for (int64_t i = 0; i < inner; i++) {
			const double *x = line(in, c->axis, o, i);
			double *y = out->data + (x - in->data), sum = 0;
			for (int64_t k = 0; k < size; k++) {
				int64_t at = (c->reverse ? size - 1 - k : k) * inner;
				double with = apply(FN_add, in->type.dtype, sum, x[at]);
				y[at] = c->exclusive ? sum : with;
				sum = with;
			}
		}
}

/* Selection, one after another: of those that are left, the first best. NaN is never better. */
void eval_topk(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	const TopK *t = &n->u.topk;
	int64_t outer = type_outer(&in->type, t->axis), inner = type_inner(&in->type, t->axis), size = in->type.dim[t->axis];
	bool *gone = arena_new_array(a, bool, size + 1);
	for (int64_t o = 0; o < outer; o++)
		for (int64_t i = 0; i < inner; i++) {
			const double *x = line(in, t->axis, o, i);
			for (int64_t k = 0; k < size; k++)
				gone[k] = false;
			for (int64_t rank = 0; rank < t->k; rank++) {
				int64_t best = -1, to = (o * t->k + rank) * inner + i;
				for (int64_t k = 0; k < size; k++) {
					double v = x[k * inner], top = best < 0 ? 0 : x[best * inner];
					if (!gone[k] && (best < 0 || (t->smallest ? v < top : v > top)))
						best = k;
				}
				gone[best] = true;
				out[TOPK_VALUES].data[to] = x[best * inner];
				if (n->nout > TOPK_INDICES)
					out[TOPK_INDICES].data[to] = (double)best;
			}
		}
}

/* Squares of x[at - before .. at + after], as far as they are there, `step` apart. */
static double square_sum(const double *x, int64_t at, int64_t before, int64_t after, int64_t size, int64_t step)
{
	double sum = 0;
	for (int64_t k = at - before; k <= at + after; k++)
		if (k >= 0 && k < size)
			sum += x[k * step] * x[k * step];
	return sum;
}

void eval_lrn(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	const Lrn *l = &n->u.lrn;
	const int64_t *dim = in->type.dim;
	int64_t plane = type_inner(&in->type, 1), total = type_count(&in->type), half = l->size / 2;
	double n_window = l->within_channel ? (double)l->size * l->size : l->size;
	(void)a;
	for (int64_t i = 0; i < total; i++) {
		double sum = 0;
		if (l->within_channel) {
			const double *map = in->data + i / plane * plane;
			int64_t y = i % plane / dim[3], x = i % dim[3];
			for (int64_t row = y - half; row <= y + half; row++)
				if (row >= 0 && row < dim[2])
					sum += square_sum(map + row * dim[3], x, half, half, dim[3], 1);
		} else {
			int64_t c = i / plane % dim[1];
			sum = square_sum(in->data + i - c * plane, c, (l->size - 1) / 2, half, dim[1], plane);
		}
		out->data[i] = in->data[i] * pow(l->bias + l->alpha / n_window * sum, -l->beta);
	}
}
