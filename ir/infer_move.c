/* infer_move.c -- type rules of what moves elements, and of resampling. */
#include "ir/infer.h"

/* ---- moving elements ---- */

bool infer_concat(Node *n, Diag *d)
{
	int axis = n->u.concat.axis;
	char found[TEXT], wanted[TEXT];
	if (!need_axis(n, axis, d))
		return false;
	Type t = *in_type(n, 0);
	for (int i = 1; i < n->nin; i++) {
		const Type *x = in_type(n, i);
		bool fits = x->rank == t.rank && x->dtype == t.dtype;
		for (int k = 0; fits && k < t.rank; k++)
			fits = k == axis || x->dim[k] == t.dim[k];
		if (!fits)
			return FAIL("input %d is %s; it must equal %s but for axis %d", i, type_format(x, found),
			            type_format(in_type(n, 0), wanted), axis);
		t.dim[axis] += x->dim[axis];
		if (!check_extents(n, "the result", t.rank, t.dim, d))
			return false;
	}
	return set_type(n, 0, t.dtype, t.rank, t.dim, d);
}

bool infer_reshape(Node *n, Diag *d)
{
	const Reshape *r = &n->u.reshape;
	Type x = *in_type(n, 0);
	char text[TEXT];
	int64_t dim[MAX_RANK], product = 1, count = type_count(&x);
	int inferred = -1;
	if (r->n < 0 || r->n > MAX_RANK)
		return FAIL("%d extents; 0 to %d are accepted", r->n, MAX_RANK);
	for (int i = 0; i < r->n; i++) {
		dim[i] = r->dim[i];
		if (dim[i] == 0 && !r->zero && i >= x.rank)
			return FAIL("extent %d is 0 (copied), but the input is %s", i, type_format(&x, text));
		if (dim[i] == 0 && !r->zero)
			dim[i] = x.dim[i];
		if (dim[i] == -1 && inferred >= 0)
			return FAIL("two extents are -1; one can be inferred");
		if (dim[i] < -1)
			return FAIL("extent %d is %lld; -1 (inferred), 0 (copied) or more is accepted", i, (long long)dim[i]);
		if (dim[i] == -1) {
			inferred = i;
			continue;
		}
		if (dim[i] > MAX_ELEMENTS || (product *= dim[i]) > MAX_ELEMENTS)
			return FAIL("%s does not fit into the new shape: it has %lld elements", type_format(&x, text), (long long)count);
	}
	if (inferred >= 0 && !product)
		return FAIL("an extent cannot be inferred beside one of 0");
	if (inferred >= 0)
		dim[inferred] = count / product;
	if (inferred >= 0 ? count % product != 0 : product != count)
		return FAIL("%s does not fill the new shape: %lld elements against %s%lld", type_format(&x, text), (long long)count,
		            inferred >= 0 ? "a multiple of " : "", (long long)product);
	return set_type(n, 0, x.dtype, r->n, dim, d);
}

bool infer_permute(Node *n, Diag *d)
{
	const Permute *p = &n->u.permute;
	const Type x = *in_type(n, 0);
	int64_t dim[MAX_RANK];
	unsigned seen = 0;
	if (p->n != x.rank)
		return FAIL("order names %d axes; the input has %d", p->n, x.rank);
	for (int i = 0; i < p->n; i++) {
		if (p->order[i] < 0 || p->order[i] >= x.rank || (seen >> p->order[i] & 1))
			return FAIL("order holds %d %s; each axis 0 to %d must occur once", p->order[i],
			            p->order[i] < 0 || p->order[i] >= x.rank ? "out of range" : "twice", x.rank - 1);
		seen |= 1u << p->order[i];
		dim[i] = x.dim[p->order[i]];
	}
	return set_type(n, 0, x.dtype, x.rank, dim, d);
}

bool infer_slice(Node *n, Diag *d)
{
	const Slice *s = &n->u.slice;
	if (!need_axis(n, s->axis, d))
		return false;
	Type t = *in_type(n, 0);
	int64_t size = t.dim[s->axis];
	if (s->begin < 0 || s->end > size || s->begin > s->end)
		return FAIL("range %lld to %lld of axis %d; 0 <= begin <= end <= %lld is needed", (long long)s->begin, (long long)s->end,
		            s->axis, (long long)size);
	t.dim[s->axis] = s->end - s->begin;
	return set_type(n, 0, t.dtype, t.rank, t.dim, d);
}

bool infer_pad(Node *n, Diag *d)
{
	const Pad *p = &n->u.pad;
	if (!need_rank_least(n, 2, d) || !need_range(n, "pad", p->pad, 4, 0, d))
		return false;
	Type t = *in_type(n, 0);
	t.dim[t.rank - 2] += (int64_t)p->pad[0] + p->pad[2];
	t.dim[t.rank - 1] += (int64_t)p->pad[1] + p->pad[3];
	return set_type(n, 0, t.dtype, t.rank, t.dim, d);
}

bool infer_resize(Node *n, Diag *d)
{
	const Resize *r = &n->u.resize;
	if (!need_rank_least(n, 2, d))
		return false;
	for (int i = 0; i < 2; i++)
		if (r->size[i] < 1)
			return FAIL("size holds %lld; the least is 1", (long long)r->size[i]);
	Type t = *in_type(n, 0);
	if (t.dim[t.rank - 2] < 1 || t.dim[t.rank - 1] < 1)
		return FAIL("the map is empty");
	t.dim[t.rank - 2] = r->size[0];
	t.dim[t.rank - 1] = r->size[1];
	return set_type(n, 0, DT_F32, t.rank, t.dim, d);
}

bool infer_reorder(Node *n, Diag *d)
{
	return same_as_input(n, in_type(n, 0)->dtype, d);
}

/* ---- by index ---- */

static const DType index_types[] = {DT_I64, DT_I32, DT_NONE};

bool infer_take(Node *n, Diag *d)
{
	static const DType listed[] = {DT_I64, DT_NONE};
	int axis = n->u.take.axis;
	char text[TEXT];
	if (!need_axis(n, axis, d) || !need_rank(n, INDEXED_INDICES, "the list of indices", 1, d) ||
	    !need_dtype(n, INDEXED_INDICES, "the list of indices", listed, d))
		return false;
	Type x = *in_type(n, INDEXED_X);
	if (!value_is_constant(n->in[INDEXED_INDICES]))
		return FAIL("the list of indices is no constant");
	Arena *a = arena_new();
	const Blob *list = n->in[INDEXED_INDICES]->data;
	int64_t count = list->kind == BLOB_ELIDED ? 0 : blob_count(list), least = 0, most = -1;
	const int64_t *index = count ? blob_read_i64(list, a) : NULL;
	for (int64_t i = 0; i < count; i++) {
		least = index[i] < least ? index[i] : least;
		most = index[i] > most ? index[i] : most;
	}
	arena_free(a);
	if (least < -1 || most >= x.dim[axis])
		return FAIL("the list holds %lld; -1 to %lld is accepted for axis %d of %s", (long long)(least < -1 ? least : most),
		            (long long)x.dim[axis] - 1, axis, type_format(&x, text));
	x.dim[axis] = in_type(n, INDEXED_INDICES)->dim[0];
	return set_type(n, 0, x.dtype, x.rank, x.dim, d);
}

/* Elements are fetched from an axis: none there is fine when none are fetched. */
static bool need_elements(const Node *n, int64_t there, int64_t fetched, Diag *d)
{
	return there > 0 || fetched == 0 || FAIL("there is nothing to index");
}

bool infer_gather(Node *n, Diag *d)
{
	int axis = n->u.gather.axis, rank = 0;
	if (!need_axis(n, axis, d) || !need_dtype(n, INDEXED_INDICES, "the indices", index_types, d))
		return false;
	const Type x = *in_type(n, INDEXED_X), index = *in_type(n, INDEXED_INDICES);
	int64_t dim[2 * MAX_RANK];
	for (int i = 0; i < axis; i++)
		dim[rank++] = x.dim[i];
	for (int i = 0; i < index.rank; i++)
		dim[rank++] = index.dim[i];
	for (int i = axis + 1; i < x.rank; i++)
		dim[rank++] = x.dim[i];
	if (rank > MAX_RANK)
		return FAIL("the result has rank %d; at most %d is accepted", rank, MAX_RANK);
	return need_elements(n, x.dim[axis], type_count(&index), d) && set_type(n, 0, x.dtype, rank, dim, d);
}

/* Indices within x but for one axis. */
static bool check_element_indices(const Node *n, int axis, Diag *d)
{
	char found[TEXT], wanted[TEXT];
	if (!need_axis(n, axis, d) || !need_dtype(n, INDEXED_INDICES, "the indices", index_types, d))
		return false;
	const Type *x = in_type(n, INDEXED_X), *index = in_type(n, INDEXED_INDICES);
	bool fits = x->rank == index->rank;
	for (int i = 0; fits && i < x->rank; i++)
		fits = i == axis || index->dim[i] <= x->dim[i];
	if (!fits)
		return FAIL("the indices are %s; within %s but for axis %d is needed", type_format(index, found), type_format(x, wanted),
		            axis);
	return need_elements(n, x->dim[axis], type_count(index), d);
}

bool infer_gather_elements(Node *n, Diag *d)
{
	const Type index = *in_type(n, INDEXED_INDICES);
	return check_element_indices(n, n->u.gather_elements.axis, d) &&
	       set_type(n, 0, in_type(n, INDEXED_X)->dtype, index.rank, index.dim, d);
}

/* [b..][i..][k] points at what is after the first b + k dims of x. */
static bool check_vector_indices(const Node *n, int batch, Diag *d)
{
	char text[TEXT];
	const Type *x = in_type(n, INDEXED_X), *index = in_type(n, INDEXED_INDICES);
	if (!need_dtype(n, INDEXED_INDICES, "the indices", index_types, d))
		return false;
	if (batch < 0 || batch >= index->rank || batch > x->rank)
		return FAIL("batch_dims is %d for indices of rank %d", batch, index->rank);
	for (int i = 0; i < batch; i++)
		if (x->dim[i] != index->dim[i])
			return FAIL("batch axis %d is %lld and %lld", i, (long long)x->dim[i], (long long)index->dim[i]);
	int64_t k = index->dim[index->rank - 1], fetched = 1;
	if (k > x->rank - batch)
		return FAIL("the indices are %s; vectors of at most %d fit", type_format(index, text), x->rank - batch);
	for (int i = 0; i < index->rank - 1; i++)
		fetched *= index->dim[i];
	for (int i = 0; i < k; i++)
		if (!need_elements(n, x->dim[batch + i], fetched, d))
			return false;
	return true;
}

/* Dims of what vectors of indices fetch, or of the updates. */
static int vector_dims(const Type *x, const Type *index, int batch, int64_t *dim)
{
	int rank = 0;
	for (int i = 0; i < index->rank - 1; i++)
		dim[rank++] = index->dim[i];
	for (int i = batch + (int)index->dim[index->rank - 1]; i < x->rank; i++)
		dim[rank++] = x->dim[i];
	return rank;
}

bool infer_gather_nd(Node *n, Diag *d)
{
	int64_t dim[2 * MAX_RANK];
	int batch = n->u.gather_nd.batch_dims;
	if (!check_vector_indices(n, batch, d))
		return false;
	const Type x = *in_type(n, INDEXED_X);
	int rank = vector_dims(&x, in_type(n, INDEXED_INDICES), batch, dim);
	if (rank > MAX_RANK)
		return FAIL("the result has rank %d; at most %d is accepted", rank, MAX_RANK);
	return set_type(n, 0, x.dtype, rank, dim, d);
}

static bool check_scatter(const Node *n, Func fn, int rank, const int64_t *dim, Diag *d)
{
	char found[TEXT], wanted[TEXT];
	const Type *u = in_type(n, INDEXED_UPDATES);
	Type need = type_make(in_type(n, INDEXED_X)->dtype, rank, dim);
	if (!type_same_shape(u, &need))
		return FAIL("the updates are %s; %s is needed", type_format(u, found), type_format(&need, wanted));
	if (fn != FN_NONE && fn != FN_add && fn != FN_mul && fn != FN_max && fn != FN_min)
		return FAIL("fn is '%s'; none, add, mul, max and min are accepted", func_name(fn));
	return fn == FN_NONE || need.dtype != DT_BOOL || FAIL("fn is for numbers, not for bool");
}

bool infer_scatter_elements(Node *n, Diag *d)
{
	const Type *index = in_type(n, INDEXED_INDICES);
	return check_element_indices(n, n->u.scatter_elements.axis, d) &&
	       check_scatter(n, n->u.scatter_elements.fn, index->rank, index->dim, d) && same_as_input(n, in_type(n, INDEXED_X)->dtype, d);
}

bool infer_scatter_nd(Node *n, Diag *d)
{
	int64_t dim[2 * MAX_RANK];
	if (in_type(n, INDEXED_INDICES)->rank < 1)
		return FAIL("the indices are a scalar; vectors are needed");
	if (!check_vector_indices(n, 0, d))
		return false;
	int rank = vector_dims(in_type(n, INDEXED_X), in_type(n, INDEXED_INDICES), 0, dim);
	if (rank > MAX_RANK)
		return FAIL("the updates would have rank %d; at most %d is accepted", rank, MAX_RANK);
	return check_scatter(n, n->u.scatter_nd.fn, rank, dim, d) && same_as_input(n, in_type(n, INDEXED_X)->dtype, d);
}
