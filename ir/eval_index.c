/* eval_index.c -- fetching and placing elements by indices.
 *
 * A tensor is seen as [outer][axis][inner]. Indices pass through place(): negative ones count from the end, and what
 * is outside becomes the nearest, so nothing is ever read or written beside a tensor.
 */
#include "ir/eval.h"

#include <string.h>

static int64_t place(double index, int64_t size)
{
	double at = index < 0 ? index + (double)size : index;
	return at < 0 ? 0 : at >= (double)size ? size - 1 : (int64_t)at;
}

void eval_take(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	int axis = n->u.take.axis;
	int64_t outer = type_outer(&in->type, axis), inner = type_inner(&in->type, axis), size = in->type.dim[axis];
	int64_t count = out->type.dim[axis];
	double *y = out->data, value = number_round(out->type.dtype, n->u.take.value);
	(void)a;
	for (int64_t o = 0; o < outer; o++)
		for (int64_t k = 0; k < count; k++) {
			double index = in[INDEXED_INDICES].data[k];
			const double *x = in->data + (o * size + (int64_t)index) * inner;
			for (int64_t i = 0; i < inner; i++)
				*y++ = index < 0 ? value : x[i];
		}
}

void eval_gather(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	int axis = n->u.gather.axis;
	int64_t outer = type_outer(&in->type, axis), inner = type_inner(&in->type, axis), size = in->type.dim[axis];
	int64_t count = type_count(&in[INDEXED_INDICES].type);
	(void)a;
	for (int64_t o = 0; o < outer; o++)
		for (int64_t k = 0; k < count; k++)
			memcpy(out->data + (o * count + k) * inner,
			       in->data + (o * size + place(in[INDEXED_INDICES].data[k], size)) * inner, sizeof *out->data * (size_t)inner);
}

/* Where in x the i-th of the indices points: its own position in `index`, but for the axis. */
static int64_t element_place(const Type *x, const Tensor *index, int axis, int64_t i)
{
	int64_t at = 0, step = 1, rest = i;
	for (int k = x->rank - 1; k >= 0; k--) {
		int64_t own = rest % index->type.dim[k];
		rest /= index->type.dim[k];
		at += step * (k == axis ? place(index->data[i], x->dim[k]) : own);
		step *= x->dim[k];
	}
	return at;
}

void eval_gather_elements(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	int64_t count = type_count(&out->type);
	(void)a;
	for (int64_t i = 0; i < count; i++)
		out->data[i] = in->data[element_place(&in->type, &in[INDEXED_INDICES], n->u.gather_elements.axis, i)];
}

static void join(Func fn, DType t, double *at, double with)
{
	if (fn == FN_NONE)
		*at = with;
	else if (dtype_is_float(t))
		*at = func_apply(fn, *at, with, 0, 0);
	else
		*at = int_to_double(int_wrap(func_apply_int(fn, t, int_from_double(*at, t), int_from_double(with, t), 0, 0), t), t);
}

void eval_scatter_elements(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	const ScatterElements *s = &n->u.scatter_elements;
	int64_t count = type_count(&in[INDEXED_INDICES].type);
	(void)a;
	memcpy(out->data, in->data, sizeof *out->data * (size_t)type_count(&out->type));
	for (int64_t i = 0; i < count; i++)
		join(s->fn, out->type.dtype, &out->data[element_place(&in->type, &in[INDEXED_INDICES], s->axis, i)],
		     in[INDEXED_UPDATES].data[i]);
}

/* Vectors of k indices after `batch` common dims: how many they are, and the first element of what each fetches. */
typedef struct Vectors {
	const Type *x;
	const Tensor *index;
	int batch;
	int64_t k, count, inner, per_batch;
} Vectors;

static Vectors vectors(const Tensor *x, const Tensor *index, int batch)
{
	Vectors v = {&x->type, index, batch, index->type.dim[index->type.rank - 1], 1, 1, 1};
	for (int i = 0; i < index->type.rank - 1; i++) {
		v.count *= index->type.dim[i];
		v.per_batch *= i < batch ? 1 : index->type.dim[i];
	}
	for (int i = batch + (int)v.k; i < x->type.rank; i++)
		v.inner *= x->type.dim[i];
	return v;
}

static int64_t vector_place(const Vectors *v, int64_t i)
{
	int64_t at = i / v->per_batch;
	for (int64_t k = 0; k < v->k; k++) {
		int64_t size = v->x->dim[v->batch + k];
		at = at * size + place(v->index->data[i * v->k + k], size);
	}
	return at * v->inner;
}

void eval_gather_nd(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	Vectors v = vectors(in, &in[INDEXED_INDICES], n->u.gather_nd.batch_dims);
	(void)a;
	for (int64_t i = 0; i < v.count; i++)
		memcpy(out->data + i * v.inner, in->data + vector_place(&v, i), sizeof *out->data * (size_t)v.inner);
}

void eval_scatter_nd(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	Vectors v = vectors(in, &in[INDEXED_INDICES], 0);
	(void)a;
	memcpy(out->data, in->data, sizeof *out->data * (size_t)type_count(&out->type));
	for (int64_t i = 0; i < v.count; i++)
		for (int64_t k = 0; k < v.inner; k++)
			join(n->u.scatter_nd.fn, out->type.dtype, &out->data[vector_place(&v, i) + k],
			     in[INDEXED_UPDATES].data[i * v.inner + k]);
}
