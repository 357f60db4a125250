/* infer.c -- the type of every result from the types of the inputs, and the count of multiply-accumulates.
 *
 * One rule per op. A rule checks everything that the evaluator, the passes and the emitted code later rely on (ranks,
 * matching extents, attributes in range, function arities), so nothing after it has to doubt a node. Extents are at
 * most 2^31 - 1, as is their product; all arithmetic here is on int64 with operands of at most 32 bits, so nothing
 * overflows. Each message says what was found and what is accepted.
 */
#include "ir/ir.h"
#include "ir/text.h"

#include <math.h>
#include <string.h>

/* Reports a broken rule of node n and is false. */
#define FAIL(...) (diag_error(d, DIAG_REJECT, n->loc, __VA_ARGS__), false)

enum { TEXT = TYPE_TEXT };

static const int64_t MAX_ELEMENTS = INT32_MAX;

static const Type *in_type(const Node *n, int i)
{
	return &n->in[i]->type;
}

static bool has_input(const Node *n, int i)
{
	return i < n->nin && n->in[i];
}

/* Extents of at least 1 whose product is in range. */
static bool check_extents(const Node *n, const char *what, int rank, const int64_t *dim, Diag *d)
{
	int64_t count = 1;
	for (int i = 0; i < rank; i++) {
		if (dim[i] < 1)
			return FAIL("%s has extent %lld on axis %d; the least is 1", what, (long long)dim[i], i);
		if (dim[i] > MAX_ELEMENTS || (count *= dim[i]) > MAX_ELEMENTS) {
			diag_error(d, DIAG_LIMIT, n->loc, "%s has more than 2147483647 elements", what);
			return false;
		}
	}
	return true;
}

static bool layout_is_legal(const Layout *l)
{
	return l->block >= 1 && l->halo[0] >= 0 && l->halo[1] >= 0 && l->halo[2] >= 0 && l->halo[3] >= 0;
}

/* A layout that somebody chose already stays. */
static bool set_type(Node *n, int k, DType t, int rank, const int64_t *dim, Diag *d)
{
	if (!check_extents(n, "the result", rank, dim, d))
		return false;
	Layout keep = n->out[k]->type.layout;
	Type *type = &n->out[k]->type;
	*type = type_make(t, rank, dim);
	if (rank == 4 && layout_is_legal(&keep))
		type->layout = keep;
	return true;
}

static bool same_as_input(Node *n, DType t, Diag *d)
{
	Type x = *in_type(n, 0);
	return set_type(n, 0, t, x.rank, x.dim, d);
}

static bool need_rank(const Node *n, int i, const char *what, int rank, Diag *d)
{
	char text[TEXT];
	if (in_type(n, i)->rank == rank)
		return true;
	return FAIL("%s is %s; rank %d is needed", what, type_format(in_type(n, i), text), rank);
}

static bool need_rank_least(const Node *n, int rank, Diag *d)
{
	char text[TEXT];
	if (in_type(n, 0)->rank >= rank)
		return true;
	return FAIL("the input is %s; at least rank %d is needed", type_format(in_type(n, 0), text), rank);
}

/* A vector of one number per channel, or per index of an axis. Absent is fine. */
static bool need_vector(const Node *n, int i, const char *what, int64_t count, Diag *d)
{
	char text[TEXT];
	if (!has_input(n, i))
		return true;
	if (in_type(n, i)->rank == 1 && in_type(n, i)->dim[0] == count)
		return true;
	return FAIL("%s is %s; [%lld] is needed", what, type_format(in_type(n, i), text), (long long)count);
}

static bool need_axis(const Node *n, int axis, Diag *d)
{
	int rank = in_type(n, 0)->rank;
	if (axis >= 0 && axis < rank)
		return true;
	return FAIL("axis is %d; 0 to %d is accepted for a value of rank %d", axis, rank - 1, rank);
}

static bool need_range(const Node *n, const char *what, const int *v, int count, int least, Diag *d)
{
	for (int i = 0; i < count; i++)
		if (v[i] < least)
			return FAIL("%s holds %d; the least is %d", what, v[i], least);
	return true;
}

static bool need_finite(const Node *n, const char *what, double v, bool negative_too, Diag *d)
{
	if (isfinite(v) && (negative_too || v >= 0))
		return true;
	return FAIL("%s is %g; a finite number%s is needed", what, v, negative_too ? "" : " of at least 0");
}

static bool need_group(const Node *n, int group, int64_t in, int64_t out, Diag *d)
{
	if (group < 1 || in % group || out % group)
		return FAIL("group is %d; it must divide %lld input and %lld output channels", group, (long long)in,
		            (long long)out);
	return true;
}

/* A unary function, or none. */
static bool need_act(const Node *n, const char *what, Func f, double alpha, double beta, Diag *d)
{
	if (f != FN_NONE && func_arity(f) != 1)
		return FAIL("%s is '%s', a function of two values; one of one value is needed", what, func_name(f));
	if (isnan(alpha) || isnan(beta))
		return FAIL("%s has NaN as a parameter", what);
	return true;
}

/* Result k is typed already. */
static bool check_epilogue(Node *n, int k, Diag *d)
{
	const Epilogue *e = &node_epilogue(n)[k];
	const Value *other = node_epilogue_operand(n, k);
	char found[TEXT], wanted[TEXT];
	if (!need_act(n, "act", e->act, e->alpha, e->beta, d))
		return false;
	if (e->elt == FN_NONE)
		return !other || FAIL("output %d has an epilogue operand, but no elt function", k);
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
static int64_t window_count(int64_t size, int before, int after, int64_t kernel, int stride)
{
	int64_t room = size + before + after - kernel;
	return room < 0 ? 0 : room / stride + 1;
}

/* ---- convolutions ---- */

static bool conv_outputs(Node *n, int64_t channels, const int64_t *dim, Diag *d)
{
	int64_t sum = 0;
	for (int k = 0; k < n->nout; k++) {
		const Type *t = &n->out[k]->type;
		int64_t share[4] = {dim[0], channels, dim[2], dim[3]};
		if (n->nout > 1) {
			if (t->rank != 4 || t->dim[1] < 1)
				return FAIL("output %d has no channel count yet; several outputs must say their share",
				            k);
			share[1] = t->dim[1];
		}
		sum += share[1];
		if (!set_type(n, k, DT_F32, 4, share, d))
			return false;
	}
	if (sum != channels)
		return FAIL("the outputs take %lld channels; the weight has %lld", (long long)sum, (long long)channels);
	for (int k = 0; k < n->nout; k++)
		if (!check_epilogue(n, k, d))
			return false;
	return true;
}

static bool infer_conv2d(Node *n, Diag *d)
{
	const Conv *c = &n->u.conv2d;
	if (!need_rank(n, 0, "the input", 4, d) || !need_rank(n, 1, "the weight", 4, d))
		return false;
	const int64_t *x = in_type(n, 0)->dim, *w = in_type(n, 1)->dim;
	if (!need_range(n, "stride", c->stride, 2, 1, d) || !need_range(n, "dilation", c->dilation, 2, 1, d) ||
	    !need_range(n, "pad", c->pad, 4, 0, d) || !need_group(n, c->group, x[1], w[0], d) ||
	    !need_vector(n, 2, "the bias", w[0], d))
		return false;
	if (w[1] != x[1] / c->group)
		return FAIL("the weight takes %lld channels a group; the input has %lld in %d groups", (long long)w[1],
		            (long long)x[1], c->group);
	int64_t dim[4] = {x[0], w[0]};
	for (int i = 0; i < 2; i++) {
		int64_t window = c->dilation[i] * (w[2 + i] - 1) + 1;
		dim[2 + i] = window_count(x[2 + i], c->pad[i], c->pad[i + 2], window, c->stride[i]);
		if (dim[2 + i] < 1)
			return FAIL("the window spans %lld %s; the padded input has %lld", (long long)window,
			            i ? "columns" : "rows", (long long)(x[2 + i] + c->pad[i] + c->pad[i + 2]));
	}
	return conv_outputs(n, w[0], dim, d);
}

static bool check_border_bias(const Node *n, int64_t channels, const int64_t *out, Diag *d)
{
	const Deconv *c = &n->u.deconv2d;
	char text[TEXT];
	if (!has_input(n, 2))
		return FAIL("border_bias is set, but there is no bias");
	const Type *b = in_type(n, 2);
	if (b->rank != 3 || b->dim[0] != 3 || b->dim[1] != 3 || b->dim[2] != channels)
		return FAIL("the bias is %s; [3,3,%lld] is needed", type_format(b, text), (long long)channels);
	if (c->border < 1 || 2 * (int64_t)c->border > out[2] || 2 * (int64_t)c->border > out[3])
		return FAIL("border is %d; 1 to half of the result's %lld x %lld is accepted", c->border,
		            (long long)out[2], (long long)out[3]);
	return true;
}

static bool infer_deconv2d(Node *n, Diag *d)
{
	const Deconv *c = &n->u.deconv2d;
	if (!need_rank(n, 0, "the input", 4, d) || !need_rank(n, 1, "the weight", 4, d))
		return false;
	const int64_t *x = in_type(n, 0)->dim, *w = in_type(n, 1)->dim;
	if (c->group < 1 || x[1] % c->group)
		return FAIL("group is %d; it must divide %lld input channels", c->group, (long long)x[1]);
	if (w[0] != x[1])
		return FAIL("the weight takes %lld channels; the input has %lld", (long long)w[0], (long long)x[1]);
	if (!need_range(n, "stride", c->stride, 2, 1, d) || !need_range(n, "pad", c->pad, 4, 0, d))
		return false;
	int64_t dim[4] = {x[0], w[1] * c->group};
	for (int i = 0; i < 2; i++) {
		dim[2 + i] = c->stride[i] * (x[2 + i] - 1) + w[2 + i] - c->pad[i] - c->pad[i + 2];
		if (dim[2 + i] < 1)
			return FAIL("pad takes away every %s of the result", i ? "column" : "row");
	}
	if (c->border_bias ? !check_border_bias(n, dim[1], dim, d) : !need_vector(n, 2, "the bias", dim[1], d))
		return false;
	return set_type(n, 0, DT_F32, 4, dim, d) && check_epilogue(n, 0, d);
}

static int64_t count_product(int64_t batch, const int64_t *map, int64_t in, int64_t out, const int64_t *weight)
{
	return batch * out * map[2] * map[3] * in * weight[2] * weight[3];
}

int64_t node_macs(const Node *n)
{
	if (n->op == OP_conv2d) {
		int64_t channels = 0;
		for (int k = 0; k < n->nout; k++)
			channels += n->out[k]->type.dim[1];
		const int64_t *y = n->out[0]->type.dim, *w = in_type(n, 1)->dim;
		return count_product(y[0], y, w[1], channels, w);
	}
	if (n->op == OP_deconv2d) {
		const int64_t *x = in_type(n, 0)->dim, *w = in_type(n, 1)->dim;
		return count_product(x[0], x, w[0], w[1], w);
	}
	if (n->op == OP_matmul) {
		const Type *a = in_type(n, 0);
		return type_count(&n->out[0]->type) * a->dim[a->rank - 1];
	}
	return 0;
}

/* ---- pooling ---- */

/* Caffe's rule: round up, then drop a last window that starts in the padding. */
static int64_t pool_count(const Pool *p, int i, int64_t size)
{
	if (p->global)
		return 1;
	int64_t room = size + p->pad[i] + p->pad[i + 2] - p->kernel[i];
	if (room < 0)
		return 0;
	if (!p->ceil_mode)
		return room / p->stride[i] + 1;
	int64_t count = (room + p->stride[i] - 1) / p->stride[i] + 1;
	return (count - 1) * p->stride[i] >= size + p->pad[i] ? count - 1 : count;
}

static bool infer_pool2d(Node *n, Diag *d)
{
	const Pool *p = &n->u.pool2d;
	if (!need_rank(n, 0, "the input", 4, d) || !need_range(n, "kernel", p->kernel, 2, 1, d) ||
	    !need_range(n, "stride", p->stride, 2, 1, d) || !need_range(n, "pad", p->pad, 4, 0, d))
		return false;
	const int64_t *x = in_type(n, 0)->dim;
	int64_t dim[4] = {x[0], x[1]};
	for (int i = 0; i < 2; i++) {
		if (p->global && (p->pad[i] || p->pad[i + 2]))
			return FAIL("a global window takes no pad");
		if (!p->global && (p->pad[i] >= p->kernel[i] || p->pad[i + 2] >= p->kernel[i]))
			return FAIL("pad is %d and %d for a window of %d; it must be less", p->pad[i], p->pad[i + 2],
			            p->kernel[i]);
		dim[2 + i] = pool_count(p, i, x[2 + i]);
		if (dim[2 + i] < 1)
			return FAIL("the window spans %d %s; the padded input has %lld", p->kernel[i],
			            i ? "columns" : "rows", (long long)(x[2 + i] + p->pad[i] + p->pad[i + 2]));
	}
	return set_type(n, 0, DT_F32, 4, dim, d);
}

/* ---- element by element ---- */

static bool infer_eltwise(Node *n, Diag *d)
{
	const Eltwise *e = &n->u.eltwise;
	char ta[TEXT], tb[TEXT];
	int arity = e->fn == FN_NONE ? 1 : func_arity(e->fn), given = has_input(n, 1) ? 2 : 1;
	if (arity != given)
		return FAIL("fn is '%s', a function of %d value%s; %d given", func_name(e->fn), arity,
		            arity == 1 ? "" : "s", given);
	if (!need_act(n, "act", e->epi[0].act, e->epi[0].alpha, e->epi[0].beta, d))
		return false;
	if (e->epi[0].elt != FN_NONE)
		return FAIL("elt is not used by eltwise");
	if (isnan(e->alpha) || isnan(e->beta) || isnan(e->coeff[0]) || isnan(e->coeff[1]))
		return FAIL("a parameter is NaN");
	if (given == 2) {
		const Type *a = in_type(n, 0), *b = in_type(n, 1);
		bool fits = a->rank == b->rank;
		for (int i = 0; fits && i < a->rank; i++)
			fits = b->dim[i] == a->dim[i] || b->dim[i] == 1;
		if (!fits)
			return FAIL("the second value is %s; it must have the rank of %s and each extent its or 1",
			            type_format(b, tb), type_format(a, ta));
	}
	return same_as_input(n, DT_F32, d);
}

static bool infer_batchnorm(Node *n, Diag *d)
{
	static const char *const what[] = {"the input", "the mean", "the variance", "gamma", "beta"};
	if (!need_rank_least(n, 2, d) || !need_finite(n, "eps", n->u.batchnorm.eps, false, d))
		return false;
	for (int i = 1; i < n->nin; i++)
		if (!need_vector(n, i, what[i], in_type(n, 0)->dim[1], d))
			return false;
	return same_as_input(n, DT_F32, d);
}

static bool infer_scale(Node *n, Diag *d)
{
	int axis = n->u.scale.axis;
	if (!need_axis(n, axis, d))
		return false;
	int64_t count = in_type(n, 0)->dim[axis];
	return need_vector(n, 1, "gamma", count, d) && need_vector(n, 2, "beta", count, d) &&
	       same_as_input(n, DT_F32, d);
}

static bool infer_l2norm(Node *n, Diag *d)
{
	return need_rank_least(n, 2, d) && need_finite(n, "eps", n->u.l2norm.eps, false, d) &&
	       need_vector(n, 1, "gamma", in_type(n, 0)->dim[1], d) && same_as_input(n, DT_F32, d);
}

static bool infer_softmax(Node *n, Diag *d)
{
	return need_axis(n, n->u.softmax.axis, d) && same_as_input(n, DT_F32, d);
}

/* ---- moving elements ---- */

static bool infer_concat(Node *n, Diag *d)
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

static bool infer_reshape(Node *n, Diag *d)
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
		if (dim[i] == 0 && i >= x.rank)
			return FAIL("extent %d is 0 (copied), but the input is %s", i, type_format(&x, text));
		if (dim[i] == 0)
			dim[i] = x.dim[i];
		if (dim[i] == -1 && inferred >= 0)
			return FAIL("two extents are -1; one can be inferred");
		if (dim[i] < -1)
			return FAIL("extent %d is %lld; -1 (inferred), 0 (copied) or more is accepted", i,
			            (long long)dim[i]);
		if (dim[i] == -1) {
			inferred = i;
			continue;
		}
		if (dim[i] > count || (product *= dim[i]) > count)
			return FAIL("%s does not fit into the new shape: it has %lld elements", type_format(&x, text),
			            (long long)count);
	}
	if (inferred >= 0)
		dim[inferred] = count / product;
	if (inferred >= 0 ? count % product != 0 : product != count)
		return FAIL("%s does not fill the new shape: %lld elements against %s%lld", type_format(&x, text),
		            (long long)count, inferred >= 0 ? "a multiple of " : "", (long long)product);
	return set_type(n, 0, x.dtype, r->n, dim, d);
}

static bool infer_permute(Node *n, Diag *d)
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

static bool infer_slice(Node *n, Diag *d)
{
	const Slice *s = &n->u.slice;
	if (!need_axis(n, s->axis, d))
		return false;
	Type t = *in_type(n, 0);
	int64_t size = t.dim[s->axis];
	if (s->begin < 0 || s->end > size || s->begin >= s->end)
		return FAIL("range %lld to %lld of axis %d; 0 <= begin < end <= %lld is needed", (long long)s->begin,
		            (long long)s->end, s->axis, (long long)size);
	t.dim[s->axis] = s->end - s->begin;
	return set_type(n, 0, t.dtype, t.rank, t.dim, d);
}

static bool infer_pad(Node *n, Diag *d)
{
	const Pad *p = &n->u.pad;
	if (!need_rank_least(n, 2, d) || !need_range(n, "pad", p->pad, 4, 0, d))
		return false;
	Type t = *in_type(n, 0);
	t.dim[t.rank - 2] += (int64_t)p->pad[0] + p->pad[2];
	t.dim[t.rank - 1] += (int64_t)p->pad[1] + p->pad[3];
	return set_type(n, 0, t.dtype, t.rank, t.dim, d);
}

static bool infer_resize(Node *n, Diag *d)
{
	const Resize *r = &n->u.resize;
	if (!need_rank_least(n, 2, d))
		return false;
	Type t = *in_type(n, 0);
	t.dim[t.rank - 2] = r->size[0];
	t.dim[t.rank - 1] = r->size[1];
	return set_type(n, 0, DT_F32, t.rank, t.dim, d);
}

static bool infer_reorder(Node *n, Diag *d)
{
	return same_as_input(n, in_type(n, 0)->dtype, d);
}

/* ---- matrix product ---- */

static bool infer_matmul(Node *n, Diag *d)
{
	const MatMul *m = &n->u.matmul;
	const Type a = *in_type(n, 0), b = *in_type(n, 1);
	char ta[TEXT], tb[TEXT];
	if (!need_rank_least(n, 2, d))
		return false;
	bool fits = b.rank == 2 || b.rank == a.rank;
	for (int i = 0; fits && b.rank > 2 && i < a.rank - 2; i++)
		fits = a.dim[i] == b.dim[i];
	if (!fits)
		return FAIL("%s times %s: the second must have rank 2 or the batches of the first", type_format(&a, ta),
		            type_format(&b, tb));
	int64_t depth = b.dim[b.rank - (m->transpose_b ? 1 : 2)], width = b.dim[b.rank - (m->transpose_b ? 2 : 1)];
	if (a.dim[a.rank - 1] != depth)
		return FAIL("%s times %s%s: %lld columns meet %lld rows", type_format(&a, ta), type_format(&b, tb),
		            m->transpose_b ? " transposed" : "", (long long)a.dim[a.rank - 1], (long long)depth);
	if (m->epi[0].elt != FN_NONE)
		return FAIL("elt is not used by matmul");
	Type t = a;
	t.dim[t.rank - 1] = width;
	return need_vector(n, 2, "the bias", width, d) &&
	       need_act(n, "act", m->epi[0].act, m->epi[0].alpha, m->epi[0].beta, d) &&
	       set_type(n, 0, DT_F32, t.rank, t.dim, d);
}

/* ---- default boxes and detection ---- */

static bool check_sizes(const Node *n, const char *what, const double *v, int count, Diag *d)
{
	for (int i = 0; i < count; i++)
		if (!isfinite(v[i]) || v[i] <= 0 || v[i] > MAX_ELEMENTS)
			return FAIL("%s holds %g; more than 0 and at most 2147483647 is needed", what, v[i]);
	return true;
}

static bool infer_prior(Node *n, Diag *d)
{
	const Prior *p = &n->u.prior;
	if (!need_rank(n, 0, "the input", 4, d))
		return false;
	if (p->nmin < 1 || p->nmin > MAX_SIZES || (p->nmax != 0 && p->nmax != p->nmin))
		return FAIL("%d min and %d max sizes; 1 to %d min and as many or no max are accepted", p->nmin, p->nmax,
		            MAX_SIZES);
	if (p->nratio < 0 || p->nratio > MAX_RATIOS)
		return FAIL("%d ratios; at most %d are accepted", p->nratio, MAX_RATIOS);
	if (!check_sizes(n, "min", p->min_size, p->nmin, d) || !check_sizes(n, "max", p->max_size, p->nmax, d) ||
	    !check_sizes(n, "ratio", p->ratio, p->nratio, d) || !check_sizes(n, "step", p->step, 2, d) ||
	    !need_range(n, "image", p->image, 2, 1, d))
		return false;
	for (int i = 0; i < 2; i++)
		if (!need_finite(n, "start", p->start[i], true, d))
			return false;
	for (int i = 0; i < 4; i++)
		if (!need_finite(n, "variance", p->variance[i], true, d))
			return false;
	const int64_t *x = in_type(n, 0)->dim;
	int64_t per_cell = p->nmin * (1 + p->nratio * (p->flip ? 2 : 1)) + p->nmax;
	int64_t cells = x[2] * x[3];
	int64_t dim[3] = {1, 2, cells > MAX_ELEMENTS ? cells : 4 * per_cell * cells};
	return set_type(n, 0, DT_F32, 3, dim, d);
}

static bool check_detect(const Node *n, const Detect *t, Diag *d)
{
	if (t->classes < 1)
		return FAIL("classes is %d; the least is 1", t->classes);
	if (t->background < -1 || t->background >= t->classes)
		return FAIL("background is %d; -1 (none) to %d is accepted", t->background, t->classes - 1);
	if (t->code != BOX_CORNER && t->code != BOX_CENTER_SIZE && t->code != BOX_CORNER_SIZE)
		return FAIL("code is %d; corner, center_size and corner_size are accepted", (int)t->code);
	if (isnan(t->threshold) || isnan(t->nms) || !(t->eta > 0 && t->eta <= 1))
		return FAIL("threshold %g, nms %g, eta %g: the first two must be numbers, eta above 0 and at most 1",
		            t->threshold, t->nms, t->eta);
	if (t->top_k < -1)
		return FAIL("top_k is %d; -1 (all) or more is accepted", t->top_k);
	if (t->keep_top_k < 1)
		return FAIL("keep_top_k is %d; the least is 1", t->keep_top_k);
	return true;
}

static bool infer_detect(Node *n, Diag *d)
{
	const Detect *t = &n->u.detect;
	char found[TEXT];
	if (!check_detect(n, t, d) || !need_rank(n, 0, "loc", 2, d) || !need_rank(n, 1, "scores", 2, d) ||
	    !need_rank(n, 2, "priors", 3, d))
		return false;
	const Type *loc = in_type(n, 0), *scores = in_type(n, 1), *priors = in_type(n, 2);
	if (loc->dim[0] != 1 || loc->dim[1] % 4)
		return FAIL("loc is %s; [1, 4 * boxes] is needed", type_format(loc, found));
	int64_t boxes = loc->dim[1] / 4;
	if (scores->dim[0] != 1 || scores->dim[1] != boxes * t->classes)
		return FAIL("scores is %s; [1,%lld] is needed for %lld boxes and %d classes",
		            type_format(scores, found), (long long)(boxes * t->classes), (long long)boxes, t->classes);
	if (priors->dim[0] != 1 || priors->dim[1] != 2 || priors->dim[2] != loc->dim[1])
		return FAIL("priors is %s; [1,2,%lld] is needed", type_format(priors, found), (long long)loc->dim[1]);
	int64_t dim[2] = {t->keep_top_k, 6};
	return set_type(n, 0, DT_F32, 2, dim, d);
}

/* ---- dispatch ---- */

static const struct {
	bool (*infer)(Node *n, Diag *d);
	bool any_dtype; /* moves elements as they are; others compute in floating point */
} rules[OP_COUNT] = {
    [OP_conv2d] = {infer_conv2d, false},
    [OP_deconv2d] = {infer_deconv2d, false},
    [OP_pool2d] = {infer_pool2d, false},
    [OP_eltwise] = {infer_eltwise, false},
    [OP_batchnorm] = {infer_batchnorm, false},
    [OP_scale] = {infer_scale, false},
    [OP_l2norm] = {infer_l2norm, false},
    [OP_softmax] = {infer_softmax, false},
    [OP_concat] = {infer_concat, true},
    [OP_reshape] = {infer_reshape, true},
    [OP_permute] = {infer_permute, true},
    [OP_slice] = {infer_slice, true},
    [OP_pad] = {infer_pad, true},
    [OP_resize] = {infer_resize, false},
    [OP_matmul] = {infer_matmul, false},
    [OP_prior] = {infer_prior, true},
    [OP_detect] = {infer_detect, false},
    [OP_reorder] = {infer_reorder, true},
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
		if (!rules[n->op].any_dtype && !dtype_is_float(v->type.dtype))
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
