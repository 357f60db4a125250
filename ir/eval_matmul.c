/* eval_matmul.c -- the matrix product, and the row update that the convolutions share with it.
 *
 * A row of the result is a sum of rows of b, each times one number of a. The rows are contiguous, so the compiler
 * vectorises over them, and every element is summed in the order of k.
 */
#include "ir/eval.h"

#include <string.h>

void eval_add_rows(double *restrict out, const double *restrict w, int64_t depth, const double *restrict x, int64_t ld, int64_t n)
{
	int64_t k = 0;
	for (; k + 4 <= depth; k += 4) { /* four rows at a time: out is loaded and stored once for them */
		const double *x0 = x + k * ld, *x1 = x0 + ld, *x2 = x1 + ld, *x3 = x2 + ld;
		double w0 = w[k], w1 = w[k + 1], w2 = w[k + 2], w3 = w[k + 3];
		for (int64_t i = 0; i < n; i++)
			out[i] = out[i] + w0 * x0[i] + w1 * x1[i] + w2 * x2[i] + w3 * x3[i];
	}
	for (; k < depth; k++)
		for (int64_t i = 0; i < n; i++)
			out[i] += w[k] * x[k * ld + i];
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* out [rows][cols] += a [rows][depth] times b [depth][cols], in blocks of b that stay in the cache */
static void multiply(double *out, const double *a, const double *b, int64_t rows, int64_t depth, int64_t cols)
{
	for (int64_t c = 0; c < cols; c += EVAL_STRIP)
		for (int64_t k = 0; k < depth; k += EVAL_DEPTH)
			for (int64_t r = 0; r < rows; r++)
				eval_add_rows(out + r * cols + c, a + r * depth + k, least(depth - k, EVAL_DEPTH), b + k * cols + c, cols,
				              least(cols - c, EVAL_STRIP));
}

/* The same of integers, modulo 2^64. */
static void multiply_integers(double *out, const double *a, const double *b, int64_t rows, int64_t depth, int64_t cols, DType t)
{
	for (int64_t r = 0; r < rows; r++)
		for (int64_t c = 0; c < cols; c++) {
			uint64_t sum = 0;
			for (int64_t k = 0; k < depth; k++)
				sum += (uint64_t)int_from_double(a[r * depth + k], DT_I64) *
				       (uint64_t)int_from_double(b[k * cols + c], DT_I64);
			out[r * cols + c] = (double)int_wrap((int64_t)sum, t);
		}
}

static const double *transpose(const double *b, int64_t rows, int64_t cols, Arena *a)
{
	double *t = arena_new_array(a, double, rows *cols);
	for (int64_t r = 0; r < rows; r++)
		for (int64_t c = 0; c < cols; c++)
			t[c * rows + r] = b[r * cols + c];
	return t;
}

/* How far the matrices of an operand are before the one of batch i of the result. */
static int64_t batch_place(const Type *y, const Type *x, int64_t i)
{
	int64_t at = 0, size = 1;
	for (int k = y->rank - 3; k >= 0; k--) {
		int axis = k - (y->rank - x->rank);
		int64_t dim = axis < 0 ? 1 : x->dim[axis];
		at += size * (dim == 1 ? 0 : i % y->dim[k]);
		i /= y->dim[k];
		size *= dim;
	}
	return at;
}

void eval_matmul(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	const Type *ta = &in[MATMUL_A].type, *tb = &in[MATMUL_B].type, *ty = &out->type;
	int64_t rows = ta->dim[ta->rank - 2], depth = ta->dim[ta->rank - 1], cols = ty->dim[ty->rank - 1];
	int64_t batches = type_outer(ty, ty->rank - 2), now = -1;
	const double *bias = n->nin > MATMUL_BIAS ? in[MATMUL_BIAS].data : NULL, *b = NULL;
	if (bias)
		for (int64_t i = 0; i < batches * rows; i++)
			memcpy(out->data + i * cols, bias, sizeof *bias * (size_t)cols);
	for (int64_t i = 0; i < batches; i++) {
		int64_t at = batch_place(ty, tb, i);
		if (at != now) {
			b = in[MATMUL_B].data + at * depth * cols;
			if (n->u.matmul.transpose_b)
				b = transpose(b, cols, depth, a);
		}
		now = at;
		const double *x = in[MATMUL_A].data + batch_place(ty, ta, i) * rows * depth;
		if (dtype_is_float(ty->dtype))
			multiply(out->data + i * rows * cols, x, b, rows, depth, cols);
		else
			multiply_integers(out->data + i * rows * cols, x, b, rows, depth, cols, ty->dtype);
	}
}
