/* build.c -- nodes of ours, typed and folded as soon as they are made. */
#include "import/onnx/parts.h"

#include <math.h>
#include <string.h>

/* What is evaluated at import: results up to a size, and a sum for the whole model, so that a small file cannot keep us
 * busy. The pass fold_const does the rest. */
enum { FOLD_ELEMENTS = 1 << 18, FOLD_MACS = 1 << 22 };

int64_t dims_count(int rank, const int64_t *dim)
{
	const int64_t limit = (int64_t)1 << 62;
	int64_t n = 1;
	for (int i = 0; i < rank; i++) {
		if (dim[i] == 0)
			return 0;
		n = n > limit / dim[i] ? limit : n * dim[i];
	}
	return n;
}

Node *build_begin(Call *c, Op op, int nin, Value *const *in, int nout)
{
	if (c->failed)
		return NULL;
	for (int i = 0; i < nin; i++)
		if (!in[i] && i < op_info[op].nin_min)
			bug("%s without input %d", op_info[op].name, i);
	Node *n = graph_node(c->g, op, c->name, nin, in, nout);
	n->loc = c->loc;
	return n;
}

static bool is_foldable(const Call *c, const Node *n)
{
	int64_t size = 0;
	for (int i = 0; i < n->nin; i++)
		if (n->in[i]) {
			if (!value_is_constant(n->in[i]) || n->in[i]->data->kind == BLOB_ELIDED)
				return false;
			size += type_count(&n->in[i]->type);
		}
	for (int i = 0; i < n->nout; i++)
		size += type_count(&n->out[i]->type);
	return size <= FOLD_ELEMENTS && size <= c->onnx->fold_left && node_macs(n) <= FOLD_MACS;
}

/* The evaluator's doubles hold every number. The least and the greatest of 64 bits, which stand for "to the end", come
 * through where nothing is computed. */
static bool is_exact(const Node *n, const Tensor *t)
{
	const bool wide = t->type.dtype == DT_I64 || t->type.dtype == DT_U64, moved = n->op != OP_eltwise && n->op != OP_reduce;
	for (int64_t i = 0; wide && t->data && i < type_count(&t->type); i++)
		if (fabs(t->data[i]) >= 0x1p53 && !(moved && t->type.dtype == DT_I64 && fabs(t->data[i]) == 0x1p63))
			return false;
	return true;
}

/* The node's results as constants; the node is removed. Nothing happens where they would not be exact. */
static void fold(Call *c, Node *n, Value **out)
{
	Arena *a = arena_new();
	Tensor *in = arena_new_array(a, Tensor, n->nin + 1), result[MAX_OUT];
	bool exact = true;
	for (int i = 0; i < n->nin; i++)
		if (n->in[i]) {
			in[i] = (Tensor){n->in[i]->type, blob_read_f64(n->in[i]->data, a)};
			c->onnx->fold_left -= type_count(&in[i].type);
			exact = exact && is_exact(n, &in[i]);
		}
	eval_node(n, in, result, a);
	for (int k = 0; k < n->nout; k++) {
		c->onnx->fold_left -= type_count(&result[k].type);
		exact = exact && is_exact(n, &result[k]);
	}
	for (int k = 0; k < n->nout && exact; k++)
		out[k] = graph_constant(c->g, NULL, blob_from_f64(c->g, &n->out[k]->type, result[k].data));
	if (exact)
		node_remove(c->g, n);
	arena_free(a);
}

void build_end_all(Call *c, Node *n, Value **out)
{
	for (int k = 0; k < MAX_OUT; k++)
		out[k] = NULL;
	if (!n || c->failed)
		return;
	if (!infer_node(n, c->d)) {
		c->failed = true;
		return;
	}
	for (int k = 0; k < n->nout; k++)
		out[k] = n->out[k];
	if (is_foldable(c, n))
		fold(c, n, out);
}

Value *build_end(Call *c, Node *n)
{
	Value *out[MAX_OUT];
	build_end_all(c, n, out);
	return out[0];
}

/* ---- constants ---- */

Value *build_constant(Call *c, DType t, int rank, const int64_t *dim, const double *data)
{
	if (c->failed)
		return NULL;
	const int64_t none = 0;
	Type type = type_make(t, rank, rank ? dim : &none);
	return graph_constant(c->g, NULL, blob_from_f64(c->g, &type, data));
}

Value *build_ints(Call *c, int64_t n, const int64_t *data)
{
	if (c->failed)
		return NULL;
	Type type = type_make(DT_I64, 1, &n);
	return graph_constant(c->g, NULL, blob_bytes(c->g, &type, data));
}

Value *build_scalar(Call *c, DType t, double x)
{
	return build_constant(c, t, 0, NULL, &x);
}

Value *build_fill(Call *c, DType t, int rank, const int64_t *dim, double x)
{
	return build_expand(c, build_scalar(c, t, x), rank, dim);
}

/* ---- element by element ---- */

Value *build_map_with(Call *c, Func f, Value *x, double alpha, double beta)
{
	Node *n = x ? build_begin(c, OP_eltwise, 1, &x, 1) : NULL;
	if (!n)
		return NULL;
	n->u.eltwise.fn = f;
	n->u.eltwise.alpha = alpha;
	n->u.eltwise.beta = beta;
	return build_end(c, n);
}

Value *build_map(Call *c, Func f, Value *x)
{
	return build_map_with(c, f, x, 0, 0);
}

Value *build_map2(Call *c, Func f, Value *x, Value *y)
{
	Value *in[] = {x, y};
	Node *n = x && y ? build_begin(c, OP_eltwise, 2, in, 1) : NULL;
	if (!n)
		return NULL;
	n->u.eltwise.fn = f;
	return build_end(c, n);
}

Value *build_map3(Call *c, Func f, Value *x, Value *y, Value *z)
{
	Value *in[] = {x, y, z};
	Node *n = x && y && z ? build_begin(c, OP_eltwise, 3, in, 1) : NULL;
	if (!n)
		return NULL;
	n->u.eltwise.fn = f;
	return build_end(c, n);
}

Value *build_map_scalar(Call *c, Func f, Value *x, double y)
{
	return x ? build_map2(c, f, x, build_scalar(c, x->type.dtype, y)) : NULL;
}

Value *build_divisor(Call *c, Value *x)
{
	return x ? build_map3(c, FN_where, build_map_scalar(c, FN_equal, x, 0), build_scalar(c, x->type.dtype, 1), x) : NULL;
}

static Value *convert(Call *c, Value *x, DType to, bool saturate)
{
	if (!x || x->type.dtype == to)
		return x;
	Node *n = build_begin(c, OP_eltwise, 1, &x, 1);
	if (!n)
		return NULL;
	n->u.eltwise.fn = FN_identity;
	n->u.eltwise.to = to;
	n->u.eltwise.saturate = saturate;
	return build_end(c, n);
}

Value *build_cast(Call *c, Value *x, DType to)
{
	return convert(c, x, to, false);
}

Value *build_saturate(Call *c, Value *x, DType to)
{
	return convert(c, x, to, true);
}

/* ---- shapes ---- */

static bool has_shape(const Value *x, int rank, const int64_t *dim)
{
	return x->type.rank == rank && (!rank || !memcmp(x->type.dim, dim, sizeof *dim * (size_t)rank));
}

Value *build_reshape(Call *c, Value *x, int rank, const int64_t *dim)
{
	if (!x || has_shape(x, rank, dim))
		return x;
	Node *n = build_begin(c, OP_reshape, 1, &x, 1);
	if (!n)
		return NULL;
	n->u.reshape.n = rank;
	if (rank)
		memcpy(n->u.reshape.dim, dim, sizeof *dim * (size_t)rank);
	n->u.reshape.zero = true;
	return build_end(c, n);
}

Value *build_permute(Call *c, Value *x, const int *order)
{
	bool plain = true;
	for (int i = 0; x && i < x->type.rank; i++)
		plain = plain && order[i] == i;
	Node *n = x && !plain ? build_begin(c, OP_permute, 1, &x, 1) : NULL;
	if (!n)
		return plain ? x : NULL;
	n->u.permute.n = x->type.rank;
	memcpy(n->u.permute.order, order, sizeof *order * (size_t)x->type.rank);
	return build_end(c, n);
}

Value *build_swap_last(Call *c, Value *x)
{
	int order[MAX_RANK], rank = x ? x->type.rank : 0;
	for (int i = 0; i < rank; i++)
		order[i] = i;
	if (rank >= 2) {
		order[rank - 2] = rank - 1;
		order[rank - 1] = rank - 2;
	}
	return build_permute(c, x, order);
}

Value *build_slice(Call *c, Value *x, int axis, int64_t begin, int64_t end)
{
	if (!x || (begin == 0 && end == x->type.dim[axis]))
		return x;
	Node *n = build_begin(c, OP_slice, 1, &x, 1);
	if (!n)
		return NULL;
	n->u.slice = (Slice){axis, begin, end};
	return build_end(c, n);
}

Value *build_take(Call *c, Value *x, int axis, int64_t count, const int64_t *index, double value)
{
	bool plain = x && count == x->type.dim[axis];
	for (int64_t i = 0; plain && i < count; i++)
		plain = index[i] == i;
	if (!x || plain)
		return x;
	Value *in[] = {x, build_ints(c, count, index)};
	Node *n = in[INDEXED_INDICES] ? build_begin(c, OP_take, 2, in, 1) : NULL;
	if (!n)
		return NULL;
	n->u.take = (Take){axis, value};
	return build_end(c, n);
}

Value *build_concat(Call *c, int count, Value *const *in, int axis)
{
	for (int i = 0; i < count; i++)
		if (!in[i])
			return NULL;
	if (count == 1)
		return in[0];
	Node *n = build_begin(c, OP_concat, count, in, 1);
	if (!n)
		return NULL;
	n->u.concat.axis = axis;
	return build_end(c, n);
}

/* take with index 0 again and again, an axis at a time. A large one is refused before its list of indices is made. */
Value *build_expand(Call *c, Value *x, int rank, const int64_t *dim)
{
	if (!x)
		return NULL;
	if (!extents_fit(rank, dim)) {
		call_error(c, DIAG_LIMIT, "the result would have more than 2147483647 elements");
		return NULL;
	}
	int64_t padded[MAX_RANK] = {0};
	int more = rank - x->type.rank;
	if (more < 0)
		bug("expanded to a lower rank");
	for (int i = 0; i < rank; i++)
		padded[i] = i < more ? 1 : x->type.dim[i - more];
	x = build_reshape(c, x, rank, padded);
	for (int i = rank - 1; x && i >= 0; i--)
		if (dim[i] != padded[i])
			x = build_take(c, x, i, dim[i], arena_new_array(c->scratch, int64_t, dim[i] + 1), 0);
	return x;
}

/* ---- sums and products ---- */

Value *build_reduce(Call *c, Value *x, Func f, Func pre, Func post, bool mean, int count, const int *axes, bool keepdims)
{
	Node *n = x ? build_begin(c, OP_reduce, 1, &x, 1) : NULL;
	if (!n)
		return NULL;
	n->u.reduce = (Reduce){.fn = f, .pre = pre, .post = post, .mean = mean, .keepdims = keepdims, .n = count};
	if (count)
		memcpy(n->u.reduce.axes, axes, sizeof *axes * (size_t)count);
	return build_end(c, n);
}

Value *build_mean(Call *c, Value *x, int n, const int *axes)
{
	return build_reduce(c, x, FN_add, FN_NONE, FN_NONE, true, n, axes, true);
}

Value *build_max(Call *c, Value *x, int axis)
{
	return build_reduce(c, x, FN_max, FN_NONE, FN_NONE, false, 1, &axis, true);
}

Value *build_softmax(Call *c, Value *x, int axis)
{
	Node *n = x ? build_begin(c, OP_softmax, 1, &x, 1) : NULL;
	if (!n)
		return NULL;
	n->u.softmax.axis = axis;
	return build_end(c, n);
}

/* x - max - log(sum(exp(x - max))): no overflow, and exact where softmax itself would round to 0 */
Value *build_log_softmax(Call *c, Value *x, int axis)
{
	Value *shifted = build_map2(c, FN_sub, x, build_max(c, x, axis));
	Value *sum = build_reduce(c, shifted, FN_add, FN_exp, FN_log, false, 1, &axis, true);
	return build_map2(c, FN_sub, shifted, sum);
}

Value *build_matmul(Call *c, Value *x, Value *y)
{
	Value *in[] = {x, y};
	Node *n = x && y ? build_begin(c, OP_matmul, 2, in, 1) : NULL;
	return n ? build_end(c, n) : NULL;
}

/* index == 0, 1, .. depth - 1 along a new axis */
Value *build_one_hot(Call *c, Value *index, int64_t depth, int axis)
{
	if (!index)
		return NULL;
	int rank = index->type.rank + 1;
	int64_t dim[MAX_RANK + 1] = {0}, count[MAX_RANK + 1] = {0}, result[MAX_RANK + 1] = {0};
	if (rank > MAX_RANK) {
		call_error(c, DIAG_LIMIT, "the result would have rank %d; the limit is %d", rank, MAX_RANK);
		return NULL;
	}
	for (int i = 0; i < rank; i++) {
		dim[i] = i == axis ? 1 : index->type.dim[i - (i > axis)];
		count[i] = i == axis ? depth : 1;
		result[i] = i == axis ? depth : dim[i];
	}
	if (!extents_fit(rank, result)) {
		call_error(c, DIAG_LIMIT, "the result would have more than 2147483647 elements");
		return NULL;
	}
	double *number = arena_new_array(c->scratch, double, depth + 1);
	for (int64_t i = 0; i < depth; i++)
		number[i] = (double)i;
	Value *numbers = build_constant(c, index->type.dtype, rank, count, number);
	return build_map2(c, FN_equal, build_reshape(c, index, rank, dim), numbers);
}
