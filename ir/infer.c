/* infer.c -- the type of every result from the types of the inputs.
 *
 * One rule per op, in infer_<family>.c. A rule checks everything that the evaluator, the passes and the emitted code
 * later rely on (ranks, matching extents, element types, attributes in range, function arities), so nothing after it
 * has to doubt a node. Extents are at most 2^31 - 1, as is their product; all arithmetic here is on int64 with operands
 * of at most 32 bits, so nothing overflows. Each message says what was found and what is accepted.
 */
#include "ir/infer.h"

#include <math.h>
#include <string.h>

/* Extents of at least 0 whose product is in range. */
bool check_extents(const Node *n, const char *what, int rank, const int64_t *dim, Diag *d)
{
	for (int i = 0; i < rank; i++)
		if (dim[i] < 0)
			return FAIL("%s has extent %lld on axis %d; the least is 0", what, (long long)dim[i], i);
	if (!extents_fit(rank, dim))
		diag_error(d, DIAG_LIMIT, n->loc, "%s has more than 2147483647 elements", what);
	return extents_fit(rank, dim);
}

static bool layout_is_legal(const Layout *l)
{
	return l->block >= 1 && l->halo[0] >= 0 && l->halo[1] >= 0 && l->halo[2] >= 0 && l->halo[3] >= 0;
}

/* How a map is stored, and in which float type, is a fact of passes and stays; but a cast says its type. */
bool set_type(Node *n, int k, DType t, int rank, const int64_t *dim, Diag *d)
{
	if (!check_extents(n, "the result", rank, dim, d))
		return false;
	Type *type = &n->out[k]->type, keep = *type;
	bool cast = n->op == OP_eltwise && n->u.eltwise.to != DT_NONE;
	*type = type_make(t, rank, dim);
	if (rank != 4)
		return true;
	if (layout_is_legal(&keep.layout))
		type->layout = keep.layout;
	if (dtype_in(t, DTYPES_TO_FLOAT32) && dtype_in(keep.dtype, DTYPES_TO_FLOAT32) && !cast)
		type->dtype = keep.dtype;
	return true;
}

bool same_as_input(Node *n, DType t, Diag *d)
{
	Type x = *in_type(n, 0);
	return set_type(n, 0, t, x.rank, x.dim, d);
}

bool need_dtype(const Node *n, int i, const char *what, const DType *list, Diag *d)
{
	char text[64] = "";
	for (int k = 0; list[k] != DT_NONE; k++) {
		if (list[k] == in_type(n, i)->dtype)
			return true;
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", k ? ", " : "", dtype_name(list[k]));
	}
	return FAIL("%s is %s; accepted: %s", what, dtype_name(in_type(n, i)->dtype), text);
}

bool need_rank(const Node *n, int i, const char *what, int rank, Diag *d)
{
	char text[TEXT];
	if (in_type(n, i)->rank == rank)
		return true;
	return FAIL("%s is %s; rank %d is needed", what, type_format(in_type(n, i), text), rank);
}

bool need_rank_least(const Node *n, int rank, Diag *d)
{
	char text[TEXT];
	if (in_type(n, 0)->rank >= rank)
		return true;
	return FAIL("the input is %s; at least rank %d is needed", type_format(in_type(n, 0), text), rank);
}

/* A vector of one number per channel, or per index of an axis. Absent is fine. */
bool need_vector(const Node *n, int i, const char *what, int64_t count, Diag *d)
{
	char text[TEXT];
	if (!has_input(n, i))
		return true;
	if (in_type(n, i)->rank == 1 && in_type(n, i)->dim[0] == count)
		return true;
	return FAIL("%s is %s; [%lld] is needed", what, type_format(in_type(n, i), text), (long long)count);
}

bool need_axis(const Node *n, int axis, Diag *d)
{
	int rank = in_type(n, 0)->rank;
	if (axis >= 0 && axis < rank)
		return true;
	return FAIL("axis is %d; 0 to %d is accepted for a value of rank %d", axis, rank - 1, rank);
}

bool need_range(const Node *n, const char *what, const int *v, int count, int least, Diag *d)
{
	for (int i = 0; i < count; i++)
		if (v[i] < least)
			return FAIL("%s holds %d; the least is %d", what, v[i], least);
	return true;
}

bool need_finite(const Node *n, const char *what, double v, bool negative_too, Diag *d)
{
	if (isfinite(v) && (negative_too || v >= 0))
		return true;
	return FAIL("%s is %g; a finite number%s is needed", what, v, negative_too ? "" : " of at least 0");
}

bool need_group(const Node *n, int group, int64_t in, int64_t out, Diag *d)
{
	if (group < 1 || in % group || out % group)
		return FAIL("group is %d; it must divide %lld input and %lld output channels", group, (long long)in, (long long)out);
	return true;
}

/* A unary function, or none. */
bool need_act(const Node *n, const char *what, Func f, double alpha, double beta, Diag *d)
{
	if (f != FN_NONE && func_arity(f) != 1)
		return FAIL("%s is '%s', a function of two values; one of one value is needed", what, func_name(f));
	if (func_kind(f) == FUNC_PREDICATE || func_kind(f) == FUNC_BITS)
		return FAIL("%s is '%s', which does not make numbers of floats", what, func_name(f));
	if (isnan(alpha) || isnan(beta))
		return FAIL("%s has NaN as a parameter", what);
	return true;
}

/* Result k is typed already. */
bool check_epilogue(Node *n, int k, Diag *d)
{
	const Epilogue *e = &node_epilogue(n)[k];
	const Value *other = node_epilogue_operand(n, k);
	char found[TEXT], wanted[TEXT];
	if (!need_act(n, "act", e->act, e->alpha, e->beta, d))
		return false;
	if (e->elt == FN_NONE)
		return !other || FAIL("output %d has an epilogue operand, but no elt function", k);
	if (func_kind(e->elt) == FUNC_PREDICATE || func_kind(e->elt) == FUNC_BITS)
		return FAIL("elt is '%s', which does not make numbers of floats", func_name(e->elt));
	if (func_arity(e->elt) != 2)
		return FAIL("elt is '%s', a function of one value; one of two values is needed", func_name(e->elt));
	if (!other)
		return FAIL("elt is '%s', but output %d has no epilogue operand", func_name(e->elt), k);
	const Type *out = &n->out[k]->type;
	if (out->rank != other->type.rank || memcmp(out->dim, other->type.dim, sizeof out->dim[0] * (size_t)out->rank))
		return FAIL("epilogue operand %d is %s; the shape of %s is needed", k, type_format(&other->type, found),
		            type_format(out, wanted));
	return true;
}

/* How often a window of `kernel` fits into `size` with padding; less than 1 when it does not. */
int64_t window_count(int64_t size, int before, int after, int64_t kernel, int stride)
{
	int64_t room = size + before + after - kernel;
	return room < 0 ? 0 : room / stride + 1;
}

/* ---- dispatch ---- */

/* Which element types the inputs may have: a column of ir/ops.def. */
typedef enum Accepted {
	FLOAT, /* f32, f16, bf16: what computes in f32 */
	ANY,   /* all, or the rule itself looks */
} Accepted;

static const struct {
	Rule *infer;
	Accepted accepted;
} rules[OP_COUNT] = {
#define OP(name, attributes, nin_min, nin_max, nout_max, accepted, ...) [OP_##name] = {infer_##name, accepted},
#include "ir/ops.def"
};

static bool check_inputs(const Node *n, Diag *d)
{
	const OpInfo *info = &op_info[n->op];
	if (n->nin < info->nin_min || (info->nin_max >= 0 && n->nin > info->nin_max))
		return FAIL("%d inputs; %s takes %d to %d", n->nin, info->name, info->nin_min, info->nin_max);
	for (int i = 0; i < n->nin; i++) {
		const Value *v = n->in[i];
		if (!v && (i < info->nin_min || info->nin_max < 0))
			return FAIL("input %d is missing", i);
		if (!v)
			continue;
		if (v->type.dtype == DT_NONE)
			return FAIL("input %d has no type yet", i);
		if (rules[n->op].accepted == FLOAT && (!dtype_is_float(v->type.dtype) || v->type.dtype == DT_F64))
			return FAIL("input %d is %s; f32, f16 and bf16 are accepted", i, dtype_name(v->type.dtype));
		char what[32];
		snprintf(what, sizeof what, "input %d", i);
		if (!check_extents(n, what, v->type.rank, v->type.dim, d))
			return false;
	}
	return true;
}

bool infer_node(Node *n, Diag *d)
{
	return check_inputs(n, d) && rules[n->op].infer(n, d);
}
