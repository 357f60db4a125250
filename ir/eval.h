/* eval.h -- the evaluators among themselves: one function per op, called by eval_node(). */
#ifndef IR_EVAL_H
#define IR_EVAL_H

#include "ir/ir.h"

/* in[i].data is null for absent inputs; the arrays of out are zeroed and typed; temporaries come from a. Epilogues
 * are not their business: eval_node() applies them. */
typedef void Evaluator(const Node *n, const Tensor *in, Tensor *out, Arena *a);

Evaluator eval_conv2d, eval_deconv2d, eval_pool2d, eval_eltwise, eval_batchnorm, eval_scale, eval_l2norm, eval_softmax,
    eval_concat, eval_copy, eval_permute, eval_slice, eval_pad, eval_resize, eval_matmul, eval_prior, eval_detect,
    eval_reduce, eval_argmax, eval_cumsum, eval_take, eval_gather, eval_gather_elements, eval_gather_nd,
    eval_scatter_elements, eval_scatter_nd, eval_topk, eval_lrn, eval_nms;

/* A block of a matrix product that stays in the cache: columns and depth. */
enum { EVAL_STRIP = 256, EVAL_DEPTH = 64 };

/* out[i] += sum over k of w[k] * x[k * ld + i], in the order of k, for i < n. */
void eval_add_rows(double *out, const double *w, int64_t depth, const double *x, int64_t ld, int64_t n);

/* Product of the extents before and after an axis. */
static inline int64_t type_outer(const Type *t, int axis)
{
	int64_t n = 1;
	for (int i = 0; i < axis; i++)
		n *= t->dim[i];
	return n;
}

static inline int64_t type_inner(const Type *t, int axis)
{
	int64_t n = 1;
	for (int i = axis + 1; i < t->rank; i++)
		n *= t->dim[i];
	return n;
}

#endif
