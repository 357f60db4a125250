/* infer_conv.c -- type rules of convolutions, pooling, matrix products, and the count of multiply-accumulates. */
#include "ir/infer.h"

/* ---- convolutions ---- */

static bool conv_outputs(Node *n, int64_t channels, const int64_t *dim, Diag *d)
{
	int64_t sum = 0;
	for (int k = 0; k < n->nout; k++) {
		const Type *t = &n->out[k]->type;
		int64_t share[4] = {dim[0], channels, dim[2], dim[3]};
		if (n->nout > 1) {
			if (t->rank != 4 || t->dim[1] < 1)
				return FAIL("output %d has no channel count yet; several outputs must say their share", k);
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

bool infer_conv2d(Node *n, Diag *d)
{
	const Conv *c = &n->u.conv2d;
	if (!need_rank(n, CONV_X, "the input", 4, d) || !need_rank(n, CONV_WEIGHT, "the weight", 4, d))
		return false;
	const int64_t *x = in_type(n, CONV_X)->dim, *w = in_type(n, CONV_WEIGHT)->dim;
	if (!need_range(n, "stride", c->stride, 2, 1, d) || !need_range(n, "dilation", c->dilation, 2, 1, d) ||
	    !need_range(n, "pad", c->pad, 4, 0, d) || !need_group(n, c->group, x[1], w[0], d) ||
	    !need_vector(n, CONV_BIAS, "the bias", w[0], d))
		return false;
	if (w[1] != x[1] / c->group)
		return FAIL("the weight takes %lld channels a group; the input has %lld in %d groups", (long long)w[1], (long long)x[1],
		            c->group);
	int64_t dim[4] = {x[0], w[0]};
	for (int i = 0; i < 2; i++) {
		int64_t window = c->dilation[i] * (w[2 + i] - 1) + 1;
		dim[2 + i] = window_count(x[2 + i], c->pad[i], c->pad[i + 2], window, c->stride[i]);
		if (dim[2 + i] < 1)
			return FAIL("the window spans %lld %s; the padded input has %lld", (long long)window, i ? "columns" : "rows",
			            (long long)(x[2 + i] + c->pad[i] + c->pad[i + 2]));
	}
	return conv_outputs(n, w[0], dim, d);
}

static bool check_border_bias(const Node *n, int64_t channels, const int64_t *out, Diag *d)
{
	const Deconv *c = &n->u.deconv2d;
	char text[TEXT];
	if (!has_input(n, CONV_BIAS))
		return FAIL("border_bias is set, but there is no bias");
	const Type *b = in_type(n, CONV_BIAS);
	if (b->rank != 3 || b->dim[0] != 3 || b->dim[1] != 3 || b->dim[2] != channels)
		return FAIL("the bias is %s; [3,3,%lld] is needed", type_format(b, text), (long long)channels);
	if (c->border < 1 || 2 * (int64_t)c->border > out[2] || 2 * (int64_t)c->border > out[3])
		return FAIL("border is %d; 1 to half of the result's %lld x %lld is accepted", c->border, (long long)out[2],
		            (long long)out[3]);
	return true;
}

bool infer_deconv2d(Node *n, Diag *d)
{
	const Deconv *c = &n->u.deconv2d;
	if (!need_rank(n, CONV_X, "the input", 4, d) || !need_rank(n, CONV_WEIGHT, "the weight", 4, d))
		return false;
	const int64_t *x = in_type(n, CONV_X)->dim, *w = in_type(n, CONV_WEIGHT)->dim;
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
	if (c->border_bias ? !check_border_bias(n, dim[1], dim, d) : !need_vector(n, CONV_BIAS, "the bias", dim[1], d))
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
		const int64_t *y = n->out[0]->type.dim, *w = in_type(n, CONV_WEIGHT)->dim;
		return count_product(y[0], y, w[1], channels, w);
	}
	if (n->op == OP_deconv2d) {
		const int64_t *x = in_type(n, CONV_X)->dim, *w = in_type(n, CONV_WEIGHT)->dim;
		return count_product(x[0], x, w[0], w[1], w);
	}
	if (n->op == OP_matmul) {
		const Type *a = in_type(n, MATMUL_A);
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
	int64_t window = (int64_t)p->dilation[i] * (p->kernel[i] - 1) + 1, room = size + p->pad[i] + p->pad[i + 2] - window;
	if (room < 0)
		return 0;
	if (!p->ceil_mode)
		return room / p->stride[i] + 1;
	int64_t count = (room + p->stride[i] - 1) / p->stride[i] + 1;
	return (count - 1) * p->stride[i] >= size + p->pad[i] ? count - 1 : count;
}

bool infer_pool2d(Node *n, Diag *d)
{
	static const DType averaged[] = {DT_F32, DT_F16, DT_BF16, DT_NONE};
	static const DType taken[] = {DT_F32, DT_F16, DT_BF16, DT_U8, DT_I8, DT_NONE};
	const Pool *p = &n->u.pool2d;
	if (!need_rank(n, 0, "the input", 4, d) || !need_range(n, "kernel", p->kernel, 2, 1, d) ||
	    !need_range(n, "stride", p->stride, 2, 1, d) || !need_range(n, "pad", p->pad, 4, 0, d) ||
	    !need_range(n, "dilation", p->dilation, 2, 1, d) || !need_dtype(n, 0, "the input", p->average ? averaged : taken, d))
		return false;
	const int64_t *x = in_type(n, 0)->dim;
	int64_t dim[4] = {x[0], x[1]};
	if (x[2] < 1 || x[3] < 1)
		return FAIL("the map is empty");
	for (int i = 0; i < 2; i++) {
		if (p->global && (p->pad[i] || p->pad[i + 2]))
			return FAIL("a global window takes no pad");
		int64_t window = (int64_t)p->dilation[i] * (p->kernel[i] - 1) + 1;
		if (!p->global && (p->pad[i] >= window || p->pad[i + 2] >= window))
			return FAIL("pad is %d and %d for a window of %lld; it must be less", p->pad[i], p->pad[i + 2], (long long)window);
		dim[2 + i] = pool_count(p, i, x[2 + i]);
		if (dim[2 + i] < 1)
			return FAIL("the window spans %lld %s; the padded input has %lld", (long long)window, i ? "columns" : "rows",
			            (long long)(x[2 + i] + p->pad[i] + p->pad[i + 2]));
	}
	return set_type(n, 0, dtype_is_float(in_type(n, 0)->dtype) ? DT_F32 : in_type(n, 0)->dtype, 4, dim, d);
}

/* ---- matrix product ---- */

/* One extent of both batches, or -1. */
static int64_t joined_extent(int64_t a, int64_t b)
{
	return a == b || b == 1 ? a : a == 1 ? b : -1;
}

/* Leading dims of both operands, broadcast. Returns how many, or -1. */
static int batch_dims(const Type *a, const Type *b, int64_t *dim)
{
	int rank = (a->rank > b->rank ? a->rank : b->rank) - 2;
	for (int i = 0; i < rank; i++) {
		int ka = i - (rank + 2 - a->rank), kb = i - (rank + 2 - b->rank);
		dim[i] = joined_extent(ka < 0 ? 1 : a->dim[ka], kb < 0 ? 1 : b->dim[kb]);
		if (dim[i] < 0)
			return -1;
	}
	return rank;
}

/* f32, f64 or i32; DT_NONE for operands that do not go together. */
static DType product_dtype(DType a, DType b)
{
	if (a == DT_F64 || b == DT_F64)
		return a == b ? a : DT_NONE;
	if (a == DT_BOOL || b == DT_BOOL || dtype_is_float(a) != dtype_is_float(b))
		return DT_NONE;
	if (dtype_is_float(a))
		return DT_F32;
	return dtype_size(a) == 8 || dtype_size(b) == 8 ? DT_I64 : DT_I32;
}

bool infer_matmul(Node *n, Diag *d)
{
	const MatMul *m = &n->u.matmul;
	const Type a = *in_type(n, MATMUL_A), b = *in_type(n, MATMUL_B);
	DType type = product_dtype(a.dtype, b.dtype);
	char ta[TEXT], tb[TEXT];
	int64_t dim[MAX_RANK];
	if (!need_rank_least(n, 2, d))
		return false;
	int batches = b.rank < 2 ? -1 : batch_dims(&a, &b, dim);
	if (batches < 0)
		return FAIL("%s times %s: at least rank 2, and batches that are equal or 1, are needed", type_format(&a, ta),
		            type_format(&b, tb));
	if (type == DT_NONE)
		return FAIL("%s times %s: floats or integers are needed, f64 with f64", type_format(&a, ta), type_format(&b, tb));
	int64_t depth = b.dim[b.rank - (m->transpose_b ? 1 : 2)], width = b.dim[b.rank - (m->transpose_b ? 2 : 1)];
	if (a.dim[a.rank - 1] != depth)
		return FAIL("%s times %s%s: %lld columns meet %lld rows", type_format(&a, ta), type_format(&b, tb),
		            m->transpose_b ? " transposed" : "", (long long)a.dim[a.rank - 1], (long long)depth);
	if (m->epi[0].elt != FN_NONE)
		return FAIL("elt is not used by matmul");
	if (type != DT_F32 && (m->epi[0].act != FN_NONE || has_input(n, MATMUL_BIAS)))
		return FAIL("a bias and act are for f32; the result is %s", dtype_name(type));
	dim[batches] = a.dim[a.rank - 2];
	dim[batches + 1] = width;
	return need_vector(n, MATMUL_BIAS, "the bias", width, d) && need_act(n, "act", m->epi[0].act, m->epi[0].alpha, m->epi[0].beta, d) &&
	       set_type(n, 0, type, batches + 2, dim, d);
}
