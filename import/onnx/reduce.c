/* reduce.c -- operators along axes: sums and their like, softmax and its like. */
#include "import/onnx/parts.h"

#include <string.h>

typedef enum Reduction { SUM, MEAN, MAX, MIN, PROD, L1, L2, LOG_SUM, LOG_SUM_EXP, SUM_SQUARE } Reduction;

static const struct {
	Func fn, pre, post;
	bool mean;
} reductions[] = {
    [SUM] = {FN_add, FN_NONE, FN_NONE, false},       [MEAN] = {FN_add, FN_NONE, FN_NONE, true},
    [MAX] = {FN_max, FN_NONE, FN_NONE, false},       [MIN] = {FN_min, FN_NONE, FN_NONE, false},
    [PROD] = {FN_mul, FN_NONE, FN_NONE, false},      [L1] = {FN_add, FN_abs, FN_NONE, false},
    [L2] = {FN_add, FN_square, FN_sqrt, false},      [LOG_SUM] = {FN_add, FN_NONE, FN_log, false},
    [LOG_SUM_EXP] = {FN_add, FN_exp, FN_log, false}, [SUM_SQUARE] = {FN_add, FN_square, FN_NONE, false},
};

/* max + log(sum(exp(x - max))), which does not overflow */
static Value *log_sum_exp(Call *c, Value *x, int n, const int *axes, bool keepdims)
{
	Value *max = build_reduce(c, x, FN_max, FN_NONE, FN_NONE, false, n, axes, true);
	if (!max)
		return NULL;
	max = build_map3(c, FN_where, build_map_with(c, FN_isinf, max, 1, 1), build_scalar(c, max->type.dtype, 0),
	                 max); /* inf - inf is no number */
	Value *rest = build_reduce(c, build_map2(c, FN_sub, x, max), FN_add, FN_exp, FN_log, false, n, axes, true);
	Value *y = build_map2(c, FN_add, max, rest);
	if (keepdims || !y)
		return y;
	int64_t dim[MAX_RANK];
	int rank = 0;
	for (int i = 0; i < x->type.rank; i++) {
		bool dropped = false;
		for (int k = 0; k < n; k++)
			dropped = dropped || axes[k] == i;
		if (!dropped)
			dim[rank++] = x->type.dim[i];
	}
	return build_reshape(c, y, rank, dim);
}

static void reduce(Call *c)
{
	Value *x = c->in[0];
	int rank = x->type.rank, n, axes[MAX_RANK] = {0};
	Reduction r = (Reduction)c->row->code;
	bool keepdims = call_flag(c, "keepdims", true), as_input = r == SUM && c->opset >= 13;
	bool empty_is_none = as_input && call_flag(c, "noop_with_empty_axes", false);
	const int64_t *list = as_input ? call_ints_or_input(c, "axes", 1, &n) : call_ints(c, "axes", &n);
	bool seen[MAX_RANK] = {false};
	if (c->failed)
		return;
	if (n == 0 && !empty_is_none) {
		for (n = 0; n < rank; n++)
			axes[n] = n;
	} else {
		for (int i = 0; i < n && !c->failed; i++) {
			int axis = call_axis(c, "an axis", list[i], rank);
			if (!c->failed && seen[axis])
				call_reject(c, "axis %d twice", axis);
			else
				axes[i] = axis;
			seen[axis] = true;
		}
	}
	if (c->failed)
		return;
	DType t = x->type.dtype;
	bool as_float = !dtype_is_float(t) && (r == L2 || r == LOG_SUM || r == LOG_SUM_EXP);
	x = as_float ? build_cast(c, x, DT_F64) : x;
	Value *y = r == LOG_SUM_EXP
	               ? log_sum_exp(c, x, n, axes, keepdims)
	               : build_reduce(c, x, reductions[r].fn, reductions[r].pre, reductions[r].post, reductions[r].mean, n, axes, keepdims);
	c->out[0] = build_cast(c, y, t);
}

/* ---- softmax ---- */

/* Before opset 13 the axes from `axis` on count as one: the value in that form, and the axis in it. */
static Value *joined(Call *c, int *axis)
{
	const Type *t = &c->in[0]->type;
	*axis = call_axis(c, "axis", call_int(c, "axis", c->opset < 13 ? 1 : -1), t->rank);
	if (c->failed || c->opset >= 13 || *axis == t->rank - 1)
		return c->failed ? NULL : c->in[0];
	int64_t dim[2] = {dims_count(*axis, t->dim), dims_count(t->rank - *axis, t->dim + *axis)};
	*axis = 1;
	return build_reshape(c, c->in[0], 2, dim);
}

static Value *restored(Call *c, Value *y)
{
	const Type *t = &c->in[0]->type;
	return build_cast(c, y ? build_reshape(c, y, t->rank, t->dim) : NULL, t->dtype);
}

static void softmax(Call *c)
{
	int axis;
	Value *x = joined(c, &axis);
	if (x && x->type.dtype == DT_F64)
		x = build_cast(c, x, DT_F32);
	c->out[0] = restored(c, build_softmax(c, x, axis));
}

static void log_softmax(Call *c)
{
	int axis;
	Value *x = joined(c, &axis);
	c->out[0] = restored(c, build_log_softmax(c, x, axis));
}

static Value *build_argmax(Call *c, Value *x, int axis, bool keepdims, bool smallest, bool last)
{
	Node *n = x ? build_begin(c, OP_argmax, 1, &x, 1) : NULL;
	if (!n)
		return NULL;
	n->u.argmax = (ArgMax){axis, keepdims, smallest, last};
	return build_end(c, n);
}

static void hardmax(Call *c)
{
	int axis;
	Value *x = joined(c, &axis);
	Value *index = build_argmax(c, x, axis, false, false, false);
	c->out[0] = restored(c, build_cast(c, x ? build_one_hot(c, index, x->type.dim[axis], axis) : NULL, c->in[0]->type.dtype));
}

static void arg_max(Call *c)
{
	int axis = call_axis(c, "axis", call_int(c, "axis", 0), c->in[0]->type.rank);
	bool keepdims = call_flag(c, "keepdims", true), last = c->opset >= 12 && call_flag(c, "select_last_index", false);
	if (!c->failed)
		c->out[0] = build_argmax(c, c->in[0], axis, keepdims, c->row->code, last);
}

static void cum_sum(Call *c)
{
	int n;
	const int64_t *p = call_known_ints(c, 1, "axis", &n);
	bool exclusive = call_flag(c, "exclusive", false), reverse = call_flag(c, "reverse", false);
	if (p && n != 1)
		call_reject(c, "axis has %d numbers", n);
	int axis = p && !c->failed ? call_axis(c, "axis", *p, c->in[0]->type.rank) : 0;
	Node *node = c->failed ? NULL : build_begin(c, OP_cumsum, 1, c->in, 1);
	if (!node)
		return;
	node->u.cumsum = (CumSum){axis, exclusive, reverse};
	c->out[0] = build_end(c, node);
}

const OnnxRow onnx_reduce_rows[] = {
    {"ReduceSum", 1, 0, 1, 2, 1, reduce, SUM},
    {"ReduceMean", 1, 0, 1, 1, 1, reduce, MEAN},
    {"ReduceMax", 1, 0, 1, 1, 1, reduce, MAX},
    {"ReduceMin", 1, 0, 1, 1, 1, reduce, MIN},
    {"ReduceProd", 1, 0, 1, 1, 1, reduce, PROD},
    {"ReduceL1", 1, 0, 1, 1, 1, reduce, L1},
    {"ReduceL2", 1, 0, 1, 1, 1, reduce, L2},
    {"ReduceLogSum", 1, 0, 1, 1, 1, reduce, LOG_SUM},
    {"ReduceLogSumExp", 1, 0, 1, 1, 1, reduce, LOG_SUM_EXP},
    {"ReduceSumSquare", 1, 0, 1, 1, 1, reduce, SUM_SQUARE},
    {"Softmax", 1, 0, 1, 1, 1, softmax, 0},
    {"LogSoftmax", 1, 0, 1, 1, 1, log_softmax, 0},
    {"Hardmax", 1, 0, 1, 1, 1, hardmax, 0},
    {"ArgMax", 1, 0, 1, 1, 1, arg_max, 0},
    {"ArgMin", 1, 0, 1, 1, 1, arg_max, 1},
    {"CumSum", 11, 0, 2, 2, 1, cum_sum, 0},
    {0},
};
