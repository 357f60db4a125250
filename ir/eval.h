/* eval.h -- internal header of the evaluators: one function per op, called by eval_node(). */
#ifndef IR_EVAL_H
#define IR_EVAL_H

#include "ir/ir.h"

/* in[i].data is null for absent inputs; the arrays of out are zeroed and typed; temporaries come from a. Epilogues
 * are not their business: eval_node() applies them. */
typedef void Evaluator(const Node *n, const Tensor *in, Tensor *out, Arena *a);

#define OP(name, ...) Evaluator eval_##name;
#include "ir/ops.def"

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
