/* kernels_plain.c -- rows of the plain kernels of detectors, and of those that move elements: one loop nest each, nothing tuned. */
#include "codegen/rows.h"

#include <float.h>
#include <math.h>

bool all_plain_accepts(const Target *t, const Node *n)
{
	(void)t;
	return all_plain(n);
}

bool all_linear_accepts(const Target *t, const Node *n)
{
	(void)t;
	return all_linear(n);
}

/* Constants may be of a smaller float type: they are stored as f32. */
static bool are_plain_floats(const Node *n, int first, int count)
{
	for (int i = first; i < first + count && i < n->nin; i++)
		if (n->in[i] && !is_plain(n->in[i]) && !value_is_constant(n->in[i]))
			return false;
	return true;
}

/* ---- convolution ---- */

bool conv_plain_accepts(const Target *t, const Node *n)
{
	(void)t;
	for (int k = 0; k < n->nout; k++) {
		const Value *y = n->out[k], *e = node_epilogue_operand(n, k);
		const int *halo = y->type.layout.halo;
		if ((e && !is_plain(e)) || !is_f32(y) || halo[0] || halo[1] || halo[2] || halo[3]) /* any channel block */
			return false;
	}
	return is_plain(n->in[CONV_X]) && are_plain_floats(n, CONV_X, CONV_BIAS + 1);
}

void conv_plain_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	const Conv *c = &n->u.conv2d;
	const int64_t *w = n->in[CONV_WEIGHT]->type.dim;
	bind_int(b, "XN", n->in[CONV_X]->type.dim[0]);
	bind_map(b, "X", n->in[CONV_X]);
	bind_map(b, "Y", n->out[0]);
	bind_int(b, "KH", w[2]);
	bind_int(b, "KW", w[3]);
	bind_int(b, "SH", c->stride[0]);
	bind_int(b, "SW", c->stride[1]);
	bind_int(b, "DH", c->dilation[0]);
	bind_int(b, "DW", c->dilation[1]);
	bind_int(b, "PT", c->pad[0]);
	bind_int(b, "PL", c->pad[1]);
	bind_int(b, "CO", w[0]);
	bind_int(b, "CIG", w[1]);
	bind_int(b, "COG", w[0] / c->group);
	bind_int(b, "NOUT", n->nout);
	bind_int(b, "BIAS", node_bias(n) != NULL);
	bind_epilogue(b, n, 0, "", 1);
	const Type *z = &n->out[n->nout - 1]->type;
	bind_int(b, "ZB", z->layout.block);
	bind_int(b, "ZCB", (z->dim[1] + z->layout.block - 1) / z->layout.block);
	if (n->nout > 1)
		bind_epilogue(b, n, 1, "1", 1);
	else
		bind_int(b, "ELT1", 0);
}

bool deconv_plain_accepts(const Target *t, const Node *n)
{
	(void)t;
	const Value *e = node_epilogue_operand(n, 0);
	return is_plain(n->in[CONV_X]) && is_plain(n->out[0]) && (!e || is_plain(e)) && are_plain_floats(n, CONV_X, CONV_BIAS + 1);
}

void deconv_plain_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	const Deconv *d = &n->u.deconv2d;
	const int64_t *w = n->in[CONV_WEIGHT]->type.dim;
	bind_int(b, "XN", n->in[CONV_X]->type.dim[0]);
	bind_map(b, "X", n->in[CONV_X]);
	bind_map(b, "Y", n->out[0]);
	bind_int(b, "KH", w[2]);
	bind_int(b, "KW", w[3]);
	bind_int(b, "SH", d->stride[0]);
	bind_int(b, "SW", d->stride[1]);
	bind_int(b, "PT", d->pad[0]);
	bind_int(b, "PL", d->pad[1]);
	bind_int(b, "CIG", w[0] / d->group);
	bind_int(b, "COG", w[1]);
	bind_int(b, "BIAS", node_bias(n) != NULL);
	bind_int(b, "BORDER", d->border_bias ? d->border : 0);
	bind_epilogue(b, n, 0, "", 1);
}

/* The two last axes as height and width, all before them as channels. */
static void bind_planes(Bindings *b, const Type *x, const Type *y)
{
	bind_int(b, "PLANES", type_outer(x, x->rank - 2));
	bind_int(b, "XH", x->dim[x->rank - 2]);
	bind_int(b, "XW", x->dim[x->rank - 1]);
	bind_int(b, "YH", y->dim[y->rank - 2]);
	bind_int(b, "YW", y->dim[y->rank - 1]);
}

/* ---- pooling ---- */

bool pool_plain_accepts(const Target *t, const Node *n)
{
	(void)t;
	return all_linear(n) && n->in[0]->type.dtype == n->out[0]->type.dtype;
}

void pool_plain_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	const Pool *p = &n->u.pool2d;
	const Type *x = &n->in[0]->type;
	bind_type(b, "T", x->dtype);
	bind_number(b, "LEAST", x->dtype, dtype_is_float(x->dtype) ? -FLT_MAX : -INFINITY);
	bind_planes(b, x, &n->out[0]->type);
	bind_int(b, "DH", p->global ? 1 : p->dilation[0]);
	bind_int(b, "DW", p->global ? 1 : p->dilation[1]);
	bind_int(b, "AVERAGE", p->average);
	bind_int(b, "COUNT_PADDING", p->count_padding);
	bind_int(b, "KH", p->global ? n->in[0]->type.dim[2] : p->kernel[0]);
	bind_int(b, "KW", p->global ? n->in[0]->type.dim[3] : p->kernel[1]);
	bind_int(b, "SH", p->global ? 1 : p->stride[0]);
	bind_int(b, "SW", p->global ? 1 : p->stride[1]);
	for (int i = 0; i < 4; i++) {
		static const char *const name[] = {"PT", "PL", "PB", "PR"};
		bind_int(b, name[i], p->global ? 0 : p->pad[i]);
	}
}

/* ---- y = factor * x + shift per channel: batchnorm, scale ---- */

static int affine_axis(const Node *n)
{
	return n->op == OP_scale ? n->u.scale.axis : 1;
}

bool affine_accepts(const Target *t, const Node *n)
{
	(void)t;
	for (int i = 1; i < n->nin; i++)
		if (n->in[i] && !value_is_constant(n->in[i]))
			return false;
	return all_plain(n);
}

void affine_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	bind_axis(b, &n->in[0]->type, affine_axis(n));
}

int64_t affine_size(const Target *t, const Node *n)
{
	(void)t;
	return 8 * n->in[0]->type.dim[affine_axis(n)];
}

void affine_pack(const Target *t, const Node *n, void *out, Arena *scratch)
{
	(void)t;
	int64_t channels = n->in[0]->type.dim[affine_axis(n)];
	float *factor = out, *shift = factor + channels;
	const double *p[BATCHNORM_BETA + 1] = {0};
	for (int i = 1; i < n->nin; i++)
		if (n->in[i])
			p[i] = blob_read_f64(n->in[i]->data, scratch);
	for (int64_t c = 0; c < channels; c++) {
		if (n->op == OP_scale) {
			factor[c] = (float)p[SCALE_GAMMA][c];
			shift[c] = (float)(p[SCALE_BETA] ? p[SCALE_BETA][c] : 0);
		} else {
			const double gamma = p[BATCHNORM_GAMMA] ? p[BATCHNORM_GAMMA][c] : 1,
			             beta = p[BATCHNORM_BETA] ? p[BATCHNORM_BETA][c] : 0;
			const double f = gamma / sqrt(p[BATCHNORM_VARIANCE][c] + n->u.batchnorm.eps);
			factor[c] = (float)f;
			shift[c] = (float)(beta - p[BATCHNORM_MEAN][c] * f);
		}
	}
}

bool norm_accepts(const Target *t, const Node *n)
{
	(void)t;
	return are_plain_floats(n, 0, n->nin) && is_plain(n->in[0]) && is_plain(n->out[0]);
}

void norm_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	bool is_scale = n->op == OP_scale;
	int gamma = is_scale ? SCALE_GAMMA : BATCHNORM_GAMMA, beta = is_scale ? SCALE_BETA : BATCHNORM_BETA;
	bind_axis(b, &n->in[0]->type, affine_axis(n));
	bind_int(b, "STATISTICS", !is_scale);
	bind_int(b, "GAMMA", gamma < n->nin && n->in[gamma]);
	bind_int(b, "BETA", beta < n->nin && n->in[beta]);
	bind_float(b, "EPS", is_scale ? 0 : n->u.batchnorm.eps);
}

bool l2norm_accepts(const Target *t, const Node *n)
{
	(void)t;
	return is_plain(n->in[0]) && is_plain(n->out[0]) && are_plain_floats(n, L2NORM_GAMMA, 1);
}

void l2norm_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	const Type *x = &n->in[0]->type;
	bind_int(b, "XN", x->dim[0]);
	bind_int(b, "XC", x->dim[1]);
	bind_int(b, "INNER", type_step(x, 1));
	bind_int(b, "ACROSS", n->u.l2norm.across_spatial);
	bind_float(b, "EPS", n->u.l2norm.eps);
}

void softmax_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	bind_axis(b, &n->in[0]->type, n->u.softmax.axis);
}

/* ---- moving ---- */

/* What a template's bindings have room for. */
bool concat_accepts(const Target *t, const Node *n)
{
	enum { MOST = 240 };
	return n->nin <= MOST && all_linear_accepts(t, n);
}

void concat_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	Arena *a = bindings_arena(b);
	const Type *y = &n->out[0]->type;
	int axis = n->u.concat.axis;
	int64_t inner = 1, outer = 1;
	for (int i = axis + 1; i < y->rank; i++)
		inner *= y->dim[i];
	for (int i = 0; i < axis; i++)
		outer *= y->dim[i];
	int64_t at = 0;
	for (int i = 0; i < n->nin; i++) {
		int64_t length = n->in[i]->type.dim[axis] * inner;
		bind_int(b, arena_printf(a, "AT_%d", i), at);
		bind_int(b, arena_printf(a, "LENGTH_%d", i), length);
		at += length;
	}
	bind_type(b, "T", y->dtype);
	bind_int(b, "OUTER", outer);
	bind_int(b, "STEP", at);
	bind_repeat(b, "ii", n->nin);
}

void copy_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	bind_int(b, "COUNT", type_count(&n->out[0]->type));
	bind_type(b, "T", n->out[0]->type.dtype);
}

void permute_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	Loops l = loops_over(&n->out[0]->type);
	for (int i = 0; i < l.rank; i++)
		l.step[0][i] = type_step(&n->in[0]->type, n->u.permute.order[i]);
	loops_simplify(&l, 1);
	bind_loops(b, "ii", "N", &l, 1, (const char *const[]){"A"});
	bind_type(b, "T", n->in[0]->type.dtype);
}

void slice_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	bind_axis(b, &n->in[0]->type, n->u.slice.axis);
	bind_int(b, "BEGIN", n->u.slice.begin);
	bind_int(b, "COUNT", n->u.slice.end - n->u.slice.begin);
	bind_type(b, "T", n->in[0]->type.dtype);
}

void pad_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	bind_planes(b, &n->in[0]->type, &n->out[0]->type);
	bind_int(b, "PT", n->u.pad.pad[0]);
	bind_int(b, "PL", n->u.pad.pad[1]);
	bind_number(b, "BORDER", n->in[0]->type.dtype, n->u.pad.value);
	bind_type(b, "T", n->in[0]->type.dtype);
}

bool resize_accepts(const Target *t, const Node *n)
{
	(void)t;
	return all_plain(n) && n->in[0]->type.rank >= 2;
}

void resize_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	bind_planes(b, &n->in[0]->type, &n->out[0]->type);
	bind_int(b, "NEAREST", n->u.resize.nearest);
	bind_int(b, "CORNERS", n->u.resize.align_corners);
}
