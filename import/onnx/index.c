/* index.c -- operators that look elements up by indices, and those that make indices. Indices that are
 * known become a list in the program; others are read when it runs. */
#include "import/onnx/parts.h"

#include <string.h>

enum { INDEX_LIMIT = 1 << 20 };

static bool is_known(const Value *v)
{
	return value_is_constant(v) && v->data->kind != BLOB_ELIDED;
}

/* Known indices in 0 .. extent - 1; null after an error. */
static int64_t *known_indices(Call *c, int k, int64_t extent, int *n)
{
	const int64_t *p = call_known_ints(c, k, "indices", n);
	int64_t *index = p ? arena_new_array(c->scratch, int64_t, *n + 1) : NULL;
	for (int i = 0; p && i < *n; i++) {
		index[i] = p[i] < 0 ? p[i] + extent : p[i];
		if (index[i] < 0 || index[i] >= extent) {
			call_reject(c, "index %lld is outside of an axis of %lld", (long long)p[i], (long long)extent);
			return NULL;
		}
	}
	return index;
}

/* x.dim before the axis, indices.dim, x.dim after it */
static int gathered_dims(Call *c, int axis, int64_t *dim)
{
	const Type *x = &c->in[0]->type, *i = &c->in[1]->type;
	int rank = 0;
	if (x->rank - 1 + i->rank > MAX_RANK) {
		call_error(c, DIAG_LIMIT, "the result would have rank %d; the limit is %d", x->rank - 1 + i->rank, MAX_RANK);
		return 0;
	}
	for (int k = 0; k < axis; k++)
		dim[rank++] = x->dim[k];
	for (int k = 0; k < i->rank; k++)
		dim[rank++] = i->dim[k];
	for (int k = axis + 1; k < x->rank; k++)
		dim[rank++] = x->dim[k];
	return rank;
}

static bool check_index_type(Call *c, int k)
{
	DType t = c->in[k]->type.dtype;
	if (t != DT_I32 && t != DT_I64)
		call_reject(c, "indices are of type %s; they must be int32 or int64", dtype_name(t));
	return !c->failed;
}

static void gather(Call *c)
{
	int axis = call_axis(c, "axis", call_int(c, "axis", 0), c->in[0]->type.rank), n;
	int64_t dim[MAX_RANK];
	if (c->failed || !check_index_type(c, 1))
		return;
	int rank = gathered_dims(c, axis, dim);
	if (c->failed)
		return;
	if (is_known(c->in[1]) && type_count(&c->in[1]->type) <= INDEX_LIMIT) {
		int64_t *index = known_indices(c, 1, c->in[0]->type.dim[axis], &n);
		Value *x = !index   ? NULL
		           : n == 1 ? build_slice(c, c->in[0], axis, *index, *index + 1)
		                    : build_take(c, c->in[0], axis, n, index, 0);
		c->out[0] = build_reshape(c, x, rank, dim);
		return;
	}
	Node *node = build_begin(c, OP_gather, 2, c->in, 1);
	if (!node)
		return;
	node->u.gather.axis = axis;
	c->out[0] = build_end(c, node);
}

static void gather_elements(Call *c)
{
	int axis = call_axis(c, "axis", call_int(c, "axis", 0), c->in[0]->type.rank), n;
	if (c->failed || !check_index_type(c, 1))
		return;
	if (is_known(c->in[1]) && type_count(&c->in[1]->type) <= INDEX_LIMIT && !known_indices(c, 1, c->in[0]->type.dim[axis], &n))
		return;
	Node *node = build_begin(c, OP_gather_elements, 2, c->in, 1);
	if (!node)
		return;
	node->u.gather_elements.axis = axis;
	c->out[0] = build_end(c, node);
}

static void gather_nd(Call *c)
{
	int64_t batch = call_int(c, "batch_dims", 0);
	if (batch < 0 || batch >= MAX_RANK)
		call_reject(c, "batch_dims is %lld", (long long)batch);
	Node *node = c->failed ? NULL : build_begin(c, OP_gather_nd, 2, c->in, 1);
	if (!node)
		return;
	node->u.gather_nd.batch_dims = (int)batch;
	c->out[0] = build_end(c, node);
}

static Func reduction(Call *c)
{
	static const char *const words[] = {"none", "add", "mul", NULL};
	static const Func fn[] = {FN_NONE, FN_add, FN_mul};
	return c->opset < 16 ? FN_NONE : fn[call_choice(c, "reduction", words, 0)];
}

static void scatter_elements(Call *c)
{
	int axis = call_axis(c, "axis", call_int(c, "axis", 0), c->in[0]->type.rank), n;
	Func fn = reduction(c);
	if (c->failed || !check_index_type(c, 1))
		return;
	if (is_known(c->in[1]) && type_count(&c->in[1]->type) <= INDEX_LIMIT && !known_indices(c, 1, c->in[0]->type.dim[axis], &n))
		return;
	Node *node = build_begin(c, OP_scatter_elements, 3, c->in, 1);
	if (!node)
		return;
	node->u.scatter_elements = (ScatterElements){axis, fn};
	c->out[0] = build_end(c, node);
}

static void scatter_nd(Call *c)
{
	Func fn = reduction(c);
	Node *node = c->failed ? NULL : build_begin(c, OP_scatter_nd, 3, c->in, 1);
	if (!node)
		return;
	node->u.scatter_nd.fn = fn;
	c->out[0] = build_end(c, node);
}

static void top_k(Call *c)
{
	const Type *t = &c->in[0]->type;
	int axis = call_axis(c, "axis", call_int(c, "axis", -1), t->rank), n = 1;
	bool largest = c->opset < 11 || call_flag(c, "largest", true);
	int64_t attribute = c->opset < 10 ? call_int(c, "k", 0) : 0;
	const int64_t *k = c->opset < 10 ? &attribute : call_known_ints(c, 1, "k", &n);
	if (c->opset >= 11)
		call_ignore(c, "sorted"); /* they always are */
	if (c->failed)
		return;
	if (n != 1 || *k < 0 || *k > t->dim[axis]) {
		call_reject(c, "k is %lld; the axis has %lld", (long long)*k, (long long)t->dim[axis]);
		return;
	}
	Value *out[MAX_OUT];
	Node *node = build_begin(c, OP_topk, 1, c->in, 2);
	if (!node)
		return;
	node->u.topk = (TopK){axis, *k, !largest};
	build_end_all(c, node, out);
	c->out[0] = out[0];
	if (c->nout > 1)
		c->out[1] = out[1];
}

/* where(index == 0, 1, .., on, off); negative indices count from the end */
static void one_hot(Call *c)
{
	Value *index = c->in[0];
	int n, axis = call_axis(c, "axis", call_int(c, "axis", -1), index->type.rank + 1);
	const double *depth = call_known_floats(c, 1, "depth", &n);
	if (!depth || c->failed)
		return;
	if (n != 1 || !(*depth >= 1) || *depth > INDEX_LIMIT || type_count(&c->in[2]->type) != 2 || c->in[2]->type.rank != 1) {
		call_reject(c, "OneHot needs one depth from 1 to %d and two values", INDEX_LIMIT);
		return;
	}
	index = build_cast(c, index, DT_I64);
	Value *negative = build_map_scalar(c, FN_less, index, 0);
	index = build_map3(c, FN_where, negative, build_map_scalar(c, FN_add, index, *depth), index);
	Value *off = build_slice(c, c->in[2], 0, 0, 1), *on = build_slice(c, c->in[2], 0, 1, 2);
	c->out[0] = build_map3(c, FN_where, build_one_hot(c, index, (int64_t)*depth, axis), on, off);
}

/* ---- non-maximum suppression ---- */

static double known_scalar(Call *c, int k, const char *what, double standard)
{
	int n;
	const double *p = call_given(c, k) ? call_known_floats(c, k, what, &n) : NULL;
	if (p && n != 1)
		call_reject(c, "%s has %d numbers", what, n);
	return p && n == 1 ? *p : standard;
}

/* How many rows there are depends on the data; ours are fixed: as stated, else as many as there can be, and those that
 * are not used hold -1. */
static void non_max_suppression(Call *c)
{
	const Type *boxes = &c->in[0]->type, *scores = &c->in[1]->type;
	double per_class = known_scalar(c, 2, "max_output_boxes_per_class", 0), iou = known_scalar(c, 3, "iou_threshold", 0);
	double threshold = known_scalar(c, 4, "score_threshold", -1.0 / 0.0);
	bool centre = call_flag(c, "center_point_box", false);
	Type stated;
	if (boxes->rank != 3 || scores->rank != 3 || !(per_class >= 0) || !(iou >= 0 && iou <= 1)) {
		call_reject(c, "NonMaxSuppression needs boxes and scores of rank 3, and thresholds from 0 to 1");
		return;
	}
	int64_t most = per_class < (double)scores->dim[2] ? (int64_t)per_class : scores->dim[2];
	int64_t rows = dims_count(3, (int64_t[]){scores->dim[0], scores->dim[1], most});
	if (call_stated_type(c, 0, &stated) && stated.rank == 2)
		rows = stated.dim[0];
	else
		diag_warning(c->d, c->loc, "the number of boxes is not stated: %lld rows, those that are not used hold -1",
		             (long long)rows);
	Node *node = c->failed ? NULL : build_begin(c, OP_nms, 2, c->in, 1);
	if (!node)
		return;
	node->u.nms = (Nms){centre, most, iou, threshold, rows};
	c->out[0] = build_end(c, node);
}

const OnnxRow onnx_index_rows[] = {
    {"Gather", 1, 0, 2, 2, 1, gather, 0},
    {"GatherElements", 11, 0, 2, 2, 1, gather_elements, 0},
    {"GatherND", 11, 0, 2, 2, 1, gather_nd, 0},
    {"Scatter", 9, 10, 3, 3, 1, scatter_elements, 0},
    {"ScatterElements", 11, 0, 3, 3, 1, scatter_elements, 0},
    {"ScatterND", 11, 0, 3, 3, 1, scatter_nd, 0},
    {"TopK", 1, 9, 1, 1, 2, top_k, 0},
    {"TopK", 10, 0, 2, 2, 2, top_k, 0},
    {"OneHot", 9, 0, 3, 3, 1, one_hot, 0},
    {"NonMaxSuppression", 10, 0, 2, 5, 1, non_max_suppression, 0},
    {0},
};
