/* kernels_plain.c -- rows of the plain kernels: plain float tensors, one loop nest each, nothing tuned. */
#include "codegen/rows.h"
#include "ir/diag.h"

#include <math.h>

static bool is_map(const Value *v)
{
	return v->type.rank == 4 && v->type.dim[0] == 1;
}

bool all_plain_accepts(const Target *t, const Node *n)
{
	(void)t;
	return all_plain(n);
}

static bool has_bias(const Node *n)
{
	return n->nin > 2 && n->in[2];
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
	return is_map(n->in[0]) && is_plain(n->in[0]) && value_is_constant(n->in[1]);
}

void conv_plain_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	const Conv *c = &n->u.conv2d;
	const int64_t *w = n->in[1]->type.dim;
	bind_map(b, "X", n->in[0]);
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
	bind_int(b, "BIAS", has_bias(n));
	bind_epilogue(b, n, 0, "", 1);
	bind_int(b, "ZB", n->nout > 1 ? n->out[1]->type.layout.block : 1);
	if (n->nout > 1)
		bind_epilogue(b, n, 1, "1", 1);
	else
		bind_int(b, "ELT1", 0);
}

bool deconv_plain_accepts(const Target *t, const Node *n)
{
	(void)t;
	return all_plain(n) && is_map(n->in[0]) && value_is_constant(n->in[1]);
}

void deconv_plain_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	const Deconv *d = &n->u.deconv2d;
	const int64_t *w = n->in[1]->type.dim;
	bind_map(b, "X", n->in[0]);
	bind_map(b, "Y", n->out[0]);
	bind_int(b, "KH", w[2]);
	bind_int(b, "KW", w[3]);
	bind_int(b, "SH", d->stride[0]);
	bind_int(b, "SW", d->stride[1]);
	bind_int(b, "PT", d->pad[0]);
	bind_int(b, "PL", d->pad[1]);
	bind_int(b, "CIG", w[0] / d->group);
	bind_int(b, "COG", w[1]);
	bind_int(b, "BIAS", has_bias(n));
	bind_int(b, "BORDER", d->border_bias ? d->border : 0);
	bind_epilogue(b, n, 0, "", 1);
}

/* ---- pooling ---- */

bool pool_plain_accepts(const Target *t, const Node *n)
{
	(void)t;
	const Pool *p = &n->u.pool2d;
	return all_plain(n) && is_map(n->in[0]) && p->dilation[0] == 1 && p->dilation[1] == 1;
}

void pool_plain_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	const Pool *p = &n->u.pool2d;
	bind_map(b, "X", n->in[0]);
	bind_map(b, "Y", n->out[0]);
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

/* ---- element by element ---- */

enum { LOOPS = 4 };

/* Four loops over the result, with the steps of both operands (0 where a dim of 1 stretches). Neighbouring axes that
 * both operands walk in step become one loop. False when more than four are left. */
static bool broadcast_loops(const Type *y, const Type *a, const Type *b, int64_t count[LOOPS], int64_t step[2][LOOPS])
{
	const Type *of[2] = {a, b};
	int n = 0;
	int64_t size[MAX_RANK], walk[2][MAX_RANK], next[2] = {1, 1};
	for (int i = y->rank - 1; i >= 0; i--) {
		int64_t s[2];
		for (int k = 0; k < 2; k++) {
			int axis = i - (y->rank - of[k]->rank);
			int64_t dim = axis < 0 ? 1 : of[k]->dim[axis];
			s[k] = dim == 1 ? 0 : next[k];
			next[k] *= dim;
		}
		if (y->dim[i] == 1)
			continue;
		if (n && walk[0][n - 1] * size[n - 1] == s[0] && walk[1][n - 1] * size[n - 1] == s[1]) {
			size[n - 1] *= y->dim[i];
			continue;
		}
		size[n] = y->dim[i];
		walk[0][n] = s[0];
		walk[1][n] = s[1];
		n++;
	}
	for (int i = 0; i < LOOPS; i++) {
		int from = LOOPS - 1 - i;
		count[i] = from < n ? size[from] : 1;
		for (int k = 0; k < 2; k++)
			step[k][i] = from < n ? walk[k][from] : 0;
	}
	return n <= LOOPS;
}

static const Type *second_type(const Node *n)
{
	return &n->in[n->nin > 1]->type;
}

bool eltwise_plain_accepts(const Target *t, const Node *n)
{
	(void)t;
	int64_t count[LOOPS], step[2][LOOPS];
	return all_plain(n) && n->nin < 3 && n->u.eltwise.fn < FN_square && is_f32(n->out[0]) &&
	       broadcast_loops(&n->out[0]->type, &n->in[0]->type, second_type(n), count, step);
}

void eltwise_plain_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	static const char *const counts[] = {"N0", "N1", "N2", "N3"};
	static const char *const steps[2][LOOPS] = {{"A0", "A1", "A2", "A3"}, {"B0", "B1", "B2", "B3"}};
	const Eltwise *e = &n->u.eltwise;
	int64_t count[LOOPS], step[2][LOOPS];
	broadcast_loops(&n->out[0]->type, &n->in[0]->type, second_type(n), count, step);
	for (int i = 0; i < LOOPS; i++) {
		bind_int(b, counts[i], count[i]);
		bind_int(b, steps[0][i], step[0][i]);
		bind_int(b, steps[1][i], step[1][i]);
	}
	/* which operand is a constant, read from the weights: 0, 1 or none (2) */
	bind_int(b, "CONSTANT", value_is_constant(n->in[0]) ? 0 : n->nin > 1 && value_is_constant(n->in[1]) ? 1 : 2);
	bind_int(b, "SAME", n->nin > 1 && n->in[0] == n->in[1]);
	bind_int(b, "BINARY", n->nin > 1);
	bind_function(b, "FN", e->fn == FN_NONE ? FN_identity : e->fn, 1);
	bind_float(b, "FNALPHA", e->alpha);
	bind_float(b, "FNBETA", e->beta);
	bind_float(b, "COEFF0", e->coeff[0]);
	bind_float(b, "COEFF1", e->coeff[1]);
	bind_epilogue(b, n, 0, "", 1);
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

static void split_axis(Bindings *b, const Type *t, int axis)
{
	int64_t outer = 1, inner = 1;
	for (int i = 0; i < axis; i++)
		outer *= t->dim[i];
	for (int i = axis + 1; i < t->rank; i++)
		inner *= t->dim[i];
	bind_int(b, "OUTER", outer);
	bind_int(b, "LENGTH", t->dim[axis]);
	bind_int(b, "INNER", inner);
}

void affine_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	split_axis(b, &n->in[0]->type, affine_axis(n));
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
	const double *p[5] = {0};
	for (int i = 1; i < n->nin; i++)
		if (n->in[i])
			p[i] = blob_read_f64(n->in[i]->data, scratch);
	for (int64_t c = 0; c < channels; c++) {
		if (n->op == OP_scale) {
			factor[c] = (float)p[1][c];
			shift[c] = (float)(p[2] ? p[2][c] : 0);
		} else {
			double f = (p[3] ? p[3][c] : 1) / sqrt(p[2][c] + n->u.batchnorm.eps);
			factor[c] = (float)f;
			shift[c] = (float)((p[4] ? p[4][c] : 0) - p[1][c] * f);
		}
	}
}

bool l2norm_accepts(const Target *t, const Node *n)
{
	(void)t;
	return all_plain(n) && is_map(n->in[0]) && value_is_constant(n->in[1]);
}

void l2norm_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	bind_map(b, "X", n->in[0]);
	bind_int(b, "ACROSS", n->u.l2norm.across_spatial);
	bind_float(b, "EPS", n->u.l2norm.eps);
}

void softmax_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	split_axis(b, &n->in[0]->type, n->u.softmax.axis);
}

/* ---- moving ---- */

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
	int streams = 0;
	const char *constant = "";
	for (int i = 0; i < n->nin; i++) {
		int64_t length = n->in[i]->type.dim[axis] * inner;
		bool is_constant = value_is_constant(n->in[i]);
		bind_int(b, arena_printf(a, "AT_%d", i), at);
		bind_int(b, arena_printf(a, "LENGTH_%d", i), length);
		at += length;
		streams += !is_constant;
		constant = arena_printf(a, "%s%c", constant, is_constant ? 'c' : 'x');
	}
	if (streams != n->nin)
		bug("concat of a constant: not folded");
	bind_int(b, "OUTER", outer);
	bind_int(b, "STEP", at);
	bind_repeat(b, "ii", n->nin);
}

void copy_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	bind_int(b, "COUNT", type_count(&n->out[0]->type));
}

/* The permutation without axes of one element; at most four are left. */
static int permute_loops(const Node *n, int64_t count[LOOPS], int64_t step[LOOPS])
{
	const Type *x = &n->in[0]->type;
	const Permute *p = &n->u.permute;
	int64_t stride[MAX_RANK], s = 1;
	for (int i = x->rank - 1; i >= 0; i--) {
		stride[i] = s;
		s *= x->dim[i];
	}
	int used = 0;
	for (int i = 0; i < p->n; i++)
		used += x->dim[p->order[i]] != 1;
	if (used > LOOPS)
		return used;
	int at = LOOPS - used;
	for (int i = 0; i < at; i++) {
		count[i] = 1;
		step[i] = 0;
	}
	for (int i = 0; i < p->n; i++) {
		if (x->dim[p->order[i]] == 1)
			continue;
		count[at] = x->dim[p->order[i]];
		step[at++] = stride[p->order[i]];
	}
	return used;
}

bool permute_accepts(const Target *t, const Node *n)
{
	(void)t;
	int64_t count[LOOPS], step[LOOPS];
	return all_plain(n) && permute_loops(n, count, step) <= LOOPS;
}

void permute_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	static const char *const counts[] = {"N0", "N1", "N2", "N3"}, *const steps[] = {"S0", "S1", "S2", "S3"};
	int64_t count[LOOPS], step[LOOPS];
	permute_loops(n, count, step);
	for (int i = 0; i < LOOPS; i++) {
		bind_int(b, counts[i], count[i]);
		bind_int(b, steps[i], step[i]);
	}
}

void slice_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	split_axis(b, &n->in[0]->type, n->u.slice.axis);
	bind_int(b, "BEGIN", n->u.slice.begin);
	bind_int(b, "COUNT", n->u.slice.end - n->u.slice.begin);
}

bool pad_accepts(const Target *t, const Node *n)
{
	(void)t;
	return all_plain(n) && n->in[0]->type.rank >= 2;
}

/* The two last axes as height and width, all before them as channels. */
static void bind_planes(Bindings *b, const Type *x, const Type *y)
{
	bind_int(b, "PLANES", type_count(x) / (x->dim[x->rank - 1] * x->dim[x->rank - 2]));
	bind_int(b, "XH", x->dim[x->rank - 2]);
	bind_int(b, "XW", x->dim[x->rank - 1]);
	bind_int(b, "YH", y->dim[y->rank - 2]);
	bind_int(b, "YW", y->dim[y->rank - 1]);
}

void pad_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	bind_planes(b, &n->in[0]->type, &n->out[0]->type);
	bind_int(b, "PT", n->u.pad.pad[0]);
	bind_int(b, "PL", n->u.pad.pad[1]);
	bind_float(b, "BORDER", n->u.pad.value);
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

bool matmul_accepts(const Target *t, const Node *n)
{
	(void)t;
	const Type *a = &n->in[0]->type, *b = &n->in[1]->type;
	bool bias_is_constant = n->nin < 3 || !n->in[2] || value_is_constant(n->in[2]);
	/* one b for all batches of a, or both with the same leading dims */
	bool same = a->rank == b->rank;
	for (int i = 0; same && i < a->rank - 2; i++)
		same = a->dim[i] == b->dim[i];
	return all_plain(n) && (b->rank == 2 || same) && a->rank >= 2 && bias_is_constant && !value_is_constant(n->in[0]);
}

void matmul_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	const Type *x = &n->in[0]->type, *w = &n->in[1]->type, *y = &n->out[0]->type;
	bind_int(b, "BATCH", type_count(x) / (x->dim[x->rank - 1] * x->dim[x->rank - 2]));
	bind_int(b, "M", x->dim[x->rank - 2]);
	bind_int(b, "K", x->dim[x->rank - 1]);
	bind_int(b, "COLUMNS", y->dim[y->rank - 1]);
	bind_int(b, "STEP", w->rank == 2 ? 0 : w->dim[w->rank - 1] * w->dim[w->rank - 2]);
	bind_int(b, "TRANSPOSED", n->u.matmul.transpose_b);
	bind_int(b, "CONSTANT", value_is_constant(n->in[1]));
	bind_int(b, "BIAS", has_bias(n));
	bind_int(b, "BIAS_AT", value_is_constant(n->in[1]) ? type_count(w) : 0);
	bind_epilogue(b, n, 0, "", 1);
}
