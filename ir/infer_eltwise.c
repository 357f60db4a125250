/* infer_eltwise.c -- type rules of what computes element by element, along axes, and of normalisations. */
#include "ir/infer.h"

#include <math.h>

/* ---- element by element ---- */

/* The extents of all operands, broadcast. */
static bool broadcast(const Node *n, int *rank, int64_t *dim, Diag *d)
{
	char ta[TEXT], tb[TEXT];
	*rank = 0;
	for (int k = 0; k < n->nin; k++)
		*rank = in_type(n, k)->rank > *rank ? in_type(n, k)->rank : *rank;
	for (int i = 0; i < *rank; i++)
		dim[i] = 1;
	for (int k = 0; k < n->nin; k++) {
		const Type *t = in_type(n, k);
		int64_t *at = dim + (*rank - t->rank);
		for (int i = 0; i < t->rank; i++) {
			if (t->dim[i] != at[i] && t->dim[i] != 1 && at[i] != 1)
				return FAIL("%s meets %s; extents must be equal, or one of them 1", type_format(in_type(n, 0), ta),
				            type_format(t, tb));
			at[i] = at[i] == 1 ? t->dim[i] : at[i];
		}
	}
	return true;
}

/* The one type of all operands from the first on that counts, or DT_NONE. */
static DType common_dtype(const Node *n, int first)
{
	DType t = in_type(n, first)->dtype;
	for (int i = first + 1; i < n->nin; i++) {
		DType u = in_type(n, i)->dtype;
		if (u != t)
			t = dtype_in(t, DTYPES_TO_FLOAT32) && dtype_in(u, DTYPES_TO_FLOAT32) ? DT_F32 : DT_NONE;
	}
	return t;
}

static bool check_function(const Node *n, DType t, Diag *d)
{
	const Eltwise *e = &n->u.eltwise;
	bool on_float = dtype_is_float(t), plain = e->fn == FN_NONE || e->fn == FN_identity || e->fn == FN_where;
	FuncKind kind = func_kind(e->fn);
	if ((kind == FUNC_FLOAT && !on_float) || (kind == FUNC_BITS && on_float) ||
	    (kind == FUNC_ANY && t == DT_BOOL && !plain && e->fn != FN_max && e->fn != FN_min))
		return FAIL("fn is '%s', which is no function of %s", func_name(e->fn), dtype_name(t));
	if ((e->fn == FN_shift_left || e->fn == FN_shift_right) && (!dtype_is_unsigned(t) || t == DT_BOOL))
		return FAIL("fn is '%s'; it takes u8 to u64, not %s", func_name(e->fn), dtype_name(t));
	if (!on_float && (e->coeff[0] != 1 || e->coeff[1] != 1))
		return FAIL("coeff is for floats; the operands are %s", dtype_name(t));
	if (e->epi[0].act != FN_NONE && (!on_float || kind == FUNC_PREDICATE || e->to != DT_NONE))
		return FAIL("act is for results that stay floats");
	return true;
}

bool infer_eltwise(Node *n, Diag *d)
{
	const Eltwise *e = &n->u.eltwise;
	int arity = func_arity(e->fn), given = has_input(n, 2) ? 3 : has_input(n, 1) ? 2 : 1, rank;
	int64_t dim[MAX_RANK];
	if (arity != given || n->nin > given)
		return FAIL("fn is '%s', a function of %d value%s; %d given", func_name(e->fn), arity, arity == 1 ? "" : "s", given);
	if (!need_act(n, "act", e->epi[0].act, e->epi[0].alpha, e->epi[0].beta, d))
		return false;
	if (e->epi[0].elt != FN_NONE)
		return FAIL("elt is not used by eltwise");
	if (isnan(e->alpha) || isnan(e->beta) || isnan(e->coeff[0]) || isnan(e->coeff[1]))
		return FAIL("a parameter is NaN");
	DType t = common_dtype(n, e->fn == FN_where);
	if (t == DT_NONE)
		return FAIL("the operands are of different types");
	if (!check_function(n, t, d) || !broadcast(n, &rank, dim, d))
		return false;
	DType natural = func_kind(e->fn) == FUNC_PREDICATE ? DT_BOOL : t;
	return set_type(n, 0, e->to != DT_NONE ? e->to : natural, rank, dim, d);
}

bool infer_batchnorm(Node *n, Diag *d)
{
	static const char *const what[] = {"the input", "the mean", "the variance", "gamma", "beta"};
	if (!need_rank_least(n, 2, d) || !need_finite(n, "eps", n->u.batchnorm.eps, false, d))
		return false;
	for (int i = 1; i < n->nin; i++)
		if (!need_vector(n, i, what[i], in_type(n, 0)->dim[1], d))
			return false;
	return same_as_input(n, DT_F32, d);
}

bool infer_scale(Node *n, Diag *d)
{
	int axis = n->u.scale.axis;
	if (!need_axis(n, axis, d))
		return false;
	int64_t count = in_type(n, SCALE_X)->dim[axis];
	return need_vector(n, SCALE_GAMMA, "gamma", count, d) && need_vector(n, SCALE_BETA, "beta", count, d) &&
	       same_as_input(n, DT_F32, d);
}

bool infer_l2norm(Node *n, Diag *d)
{
	return need_rank_least(n, 2, d) && need_finite(n, "eps", n->u.l2norm.eps, false, d) &&
	       need_vector(n, L2NORM_GAMMA, "gamma", in_type(n, L2NORM_X)->dim[1], d) && same_as_input(n, DT_F32, d);
}

bool infer_softmax(Node *n, Diag *d)
{
	return need_axis(n, n->u.softmax.axis, d) && same_as_input(n, DT_F32, d);
}

/* ---- along axes ---- */

static bool check_axes(const Node *n, Diag *d)
{
	const Reduce *r = &n->u.reduce;
	int rank = in_type(n, 0)->rank;
	unsigned seen = 0;
	if (r->n < 0 || r->n > rank)
		return FAIL("%d axes; the input has %d", r->n, rank);
	for (int i = 0; i < r->n; i++) {
		if (r->axes[i] < 0 || r->axes[i] >= rank || (seen >> r->axes[i] & 1))
			return FAIL("axes holds %d; each of 0 to %d is accepted once", r->axes[i], rank - 1);
		seen |= 1u << r->axes[i];
	}
	return true;
}

static bool check_reduce_functions(const Node *n, DType t, Diag *d)
{
	const Reduce *r = &n->u.reduce;
	bool extreme = r->fn == FN_max || r->fn == FN_min, on_float = dtype_is_float(t);
	if (!extreme && r->fn != FN_add && r->fn != FN_mul)
		return FAIL("fn is '%s'; add, mul, max and min are accepted", func_name(r->fn));
	bool pre = r->pre == FN_NONE || r->pre == FN_identity || r->pre == FN_abs || r->pre == FN_square;
	if (!pre && !(on_float && r->pre == FN_exp))
		return FAIL("pre is '%s'; none, abs, square and, for floats, exp are accepted", func_name(r->pre));
	bool post = r->post == FN_NONE || r->post == FN_identity;
	if (!post && !(on_float && (r->post == FN_sqrt || r->post == FN_log)))
		return FAIL("post is '%s'; none and, for floats, sqrt and log are accepted", func_name(r->post));
	if (r->mean && r->fn != FN_add)
		return FAIL("mean is for fn=add");
	return t != DT_BOOL || (extreme && r->pre == FN_NONE && post) || FAIL("of bool max and min are accepted");
}

/* The result has extent 1 on the axes in the set, or lacks them. */
static bool reduced_type(Node *n, DType t, unsigned axes, bool keepdims, Diag *d)
{
	const Type x = *in_type(n, 0);
	int64_t dim[MAX_RANK];
	int rank = 0;
	for (int i = 0; i < x.rank; i++) {
		bool reduced = axes >> i & 1;
		if (!reduced || keepdims)
			dim[rank++] = reduced ? 1 : x.dim[i];
	}
	return set_type(n, 0, t, rank, dim, d);
}

bool infer_reduce(Node *n, Diag *d)
{
	const Reduce *r = &n->u.reduce;
	DType t = in_type(n, 0)->dtype;
	unsigned axes = 0;
	if (!check_axes(n, d) || !check_reduce_functions(n, t, d))
		return false;
	for (int i = 0; i < r->n; i++)
		axes |= 1u << r->axes[i];
	return reduced_type(n, t, axes, r->keepdims, d);
}

bool infer_argmax(Node *n, Diag *d)
{
	const ArgMax *a = &n->u.argmax;
	if (!need_axis(n, a->axis, d))
		return false;
	if (in_type(n, 0)->dim[a->axis] < 1)
		return FAIL("axis %d is empty", a->axis);
	return reduced_type(n, DT_I64, 1u << a->axis, a->keepdims, d);
}

bool infer_cumsum(Node *n, Diag *d)
{
	if (in_type(n, 0)->dtype == DT_BOOL)
		return FAIL("the input is bool; floats and integers are accepted");
	return need_axis(n, n->u.cumsum.axis, d) && same_as_input(n, in_type(n, 0)->dtype, d);
}

bool infer_topk(Node *n, Diag *d)
{
	const TopK *t = &n->u.topk;
	if (!need_axis(n, t->axis, d))
		return false;
	Type x = *in_type(n, 0);
	if (t->k < 0 || t->k > x.dim[t->axis])
		return FAIL("k is %lld; 0 to %lld is accepted", (long long)t->k, (long long)x.dim[t->axis]);
	x.dim[t->axis] = t->k;
	return set_type(n, TOPK_VALUES, x.dtype, x.rank, x.dim, d) &&
	       (n->nout <= TOPK_INDICES || set_type(n, TOPK_INDICES, DT_I64, x.rank, x.dim, d));
}

bool infer_lrn(Node *n, Diag *d)
{
	const Lrn *l = &n->u.lrn;
	if (!need_rank_least(n, 2, d) || !need_finite(n, "alpha", l->alpha, true, d) || !need_finite(n, "beta", l->beta, true, d) ||
	    !need_finite(n, "bias", l->bias, true, d))
		return false;
	if (l->size < 1)
		return FAIL("size is %d; the least is 1", l->size);
	if (l->within_channel && (in_type(n, 0)->rank != 4 || l->size % 2 == 0))
		return FAIL("within_channel takes rank 4 and an odd size");
	return same_as_input(n, DT_F32, d);
}
