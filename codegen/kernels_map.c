/* kernels_map.c -- rows of kernels on blocked maps with halos that are no convolutions. */
#include "codegen/kernels_map.h"
#include "codegen/rows.h"

bool is_map_of(const Value *v, int block)
{
	return v && is_f32(v) && v->type.rank == 4 && v->type.dim[0] == 1 && v->type.layout.block == block;
}

bool halo_is_zero(const Value *v)
{
	const int *h = v->type.layout.halo;
	return !h[0] && !h[1] && !h[2] && !h[3];
}

bool halo_is_within(const int halo[4], const Value *v)
{
	for (int i = 0; i < 4; i++)
		if (halo[i] > v->type.layout.halo[i])
			return false;
	return true;
}

void bind_steps(Bindings *b, const char *p, const char *s, const Value *v, int n)
{
	Arena *a = bindings_arena(b);
	const Type *t = &v->type;
	int64_t block = t->layout.block, cols = layout_cols(t);
	bind_int(b, arena_printf(a, "%sV%s", p, s), block == n ? layout_rows(t) * cols * block : n);
	bind_int(b, arena_printf(a, "%sR%s", p, s), cols * block);
	bind_int(b, arena_printf(a, "%sP%s", p, s), block);
	bind_int(b, arena_printf(a, "%sAT%s", p, s), (t->layout.halo[0] * cols + t->layout.halo[1]) * block);
}

/* ---- eltwise_map ---- */

/* Of two values only what vector.c has; of one, everything: lane by lane. */
static bool has_vector_form(Func f)
{
	return func_kind(f) <= FUNC_ANY && (func_arity(f) == 1 || f <= FN_min);
}

bool eltwise_map_accepts(const Target *t, const Node *n)
{
	if (n->nin > 2 || !has_vector_form(n->u.eltwise.fn) || !is_map_of(n->out[0], t->vector))
		return false;
	for (int i = 0; i < n->nin; i++)
		if (!is_map_of(n->in[i], t->vector) || value_is_constant(n->in[i]) || !type_same_shape(&n->in[i]->type, &n->out[0]->type))
			return false;
	return true;
}

void eltwise_map_bind(const Target *t, const Node *n, Bindings *b)
{
	const Eltwise *e = &n->u.eltwise;
	const Type *y = &n->out[0]->type;
	bind_vector(b, t->vector);
	bind_int(b, "BLOCKS", (y->dim[1] + t->vector - 1) / t->vector);
	bind_int(b, "YH", y->dim[2]);
	bind_int(b, "YW", y->dim[3]);
	bind_int(b, "BINARY", n->nin > 1);
	bind_steps(b, "A", "", n->in[0], t->vector);
	if (n->nin > 1)
		bind_steps(b, "B", "", n->in[1], t->vector);
	bind_steps(b, "Y", "", n->out[0], t->vector);
	bind_function(b, "FN", e->fn == FN_NONE ? FN_identity : e->fn, t->vector);
	bind_float(b, "FNALPHA", e->alpha);
	bind_float(b, "FNBETA", e->beta);
	bind_float(b, "COEFF0", e->coeff[0]);
	bind_float(b, "COEFF1", e->coeff[1]);
	bind_epilogue(b, n, 0, "", t->vector);
}

/* ---- one map in, one map out ---- */

static bool is_map_to_map(const Target *t, const Node *n)
{
	for (int i = 1; i < n->nin; i++)
		if (n->in[i] && !value_is_constant(n->in[i]))
			return false;
	return is_map_of(n->in[0], t->vector) && is_map_of(n->out[0], t->vector);
}

static int64_t blocks_of(const Target *t, const Value *v)
{
	return (v->type.dim[1] + t->vector - 1) / t->vector;
}

static void bind_map_to_map(Bindings *b, const Target *t, const Node *n)
{
	bind_vector(b, t->vector);
	bind_int(b, "BLOCKS", blocks_of(t, n->in[0]));
	bind_int(b, "YH", n->out[0]->type.dim[2]);
	bind_int(b, "YW", n->out[0]->type.dim[3]);
	bind_steps(b, "X", "", n->in[0], t->vector);
	bind_steps(b, "Y", "", n->out[0], t->vector);
}

/* ---- pool_map ---- */

bool pool_map_accepts(const Target *t, const Node *n)
{
	const Pool *p = &n->u.pool2d;
	return is_map_to_map(t, n) && (p->global || (p->dilation[0] == 1 && p->dilation[1] == 1));
}

void pool_map_bind(const Target *t, const Node *n, Bindings *b)
{
	const Pool *p = &n->u.pool2d;
	const int64_t *x = n->in[0]->type.dim, *y = n->out[0]->type.dim;
	static const char *const names[] = {"PT", "PL", "PB", "PR"};
	int64_t kernel[2] = {p->global ? x[2] : p->kernel[0], p->global ? x[3] : p->kernel[1]};
	bool inside = true;
	bind_map_to_map(b, t, n);
	for (int i = 0; i < 4; i++)
		bind_int(b, names[i], p->global ? 0 : p->pad[i]);
	for (int i = 0; i < 2; i++) {
		int stride = p->global ? 1 : p->stride[i], pad = p->global ? 0 : p->pad[i];
		inside = inside && !pad && (y[2 + i] - 1) * stride + kernel[i] <= x[2 + i];
		bind_int(b, i ? "SW" : "SH", stride);
		bind_int(b, i ? "KW" : "KH", kernel[i]);
		bind_int(b, i ? "XW" : "XH", x[2 + i]);
	}
	bind_int(b, "INSIDE", inside);
	bind_int(b, "AVERAGE", p->average);
	bind_int(b, "COUNT_PADDING", p->count_padding);
	if (!p->average)
		bind_function(b, "MAX", FN_max, t->vector);
}

/* ---- affine_map: batchnorm, scale ---- */

bool affine_map_accepts(const Target *t, const Node *n)
{
	return is_map_to_map(t, n) && (n->op == OP_batchnorm || n->u.scale.axis == 1);
}

void affine_map_bind(const Target *t, const Node *n, Bindings *b)
{
	bind_map_to_map(b, t, n);
}

int64_t affine_map_size(const Target *t, const Node *n)
{
	return 8 * blocks_of(t, n->in[0]) * t->vector;
}

void affine_map_pack(const Target *t, const Node *n, void *out, Arena *scratch)
{
	int64_t channels = n->in[0]->type.dim[1];
	float *plain = arena_new_array(scratch, float, 2 * channels), *to = out;
	affine_pack(t, n, plain, scratch);
	for (int64_t first = 0; first < channels; first += t->vector)
		for (int64_t half = 0; half < 2; half++)
			for (int64_t c = first; c < first + t->vector; c++)
				*to++ = c < channels ? plain[half * channels + c] : 0;
}

/* ---- l2norm_map ---- */

bool l2norm_map_accepts(const Target *t, const Node *n)
{
	return is_map_to_map(t, n);
}

void l2norm_map_bind(const Target *t, const Node *n, Bindings *b)
{
	bind_map_to_map(b, t, n);
	bind_int(b, "XC", n->in[0]->type.dim[1]);
	bind_int(b, "ACROSS", n->u.l2norm.across_spatial);
	bind_float(b, "EPS", n->u.l2norm.eps);
}

int64_t l2norm_map_size(const Target *t, const Node *n)
{
	return 4 * blocks_of(t, n->in[0]) * t->vector;
}

void l2norm_map_pack(const Target *t, const Node *n, void *out, Arena *scratch)
{
	const float *gamma = blob_read_f32(n->in[L2NORM_GAMMA]->data, scratch);
	float *to = out;
	for (int64_t c = 0; c < blocks_of(t, n->in[0]) * t->vector; c++)
		*to++ = c < n->in[0]->type.dim[1] ? gamma[c] : 0;
}

/* ---- resize_map ---- */

bool resize_map_accepts(const Target *t, const Node *n)
{
	return is_map_to_map(t, n);
}

void bind_resize(Bindings *b, const Node *n)
{
	const Resize *r = &n->u.resize;
	bind_int(b, "NEAREST", r->nearest);
	for (int i = 0; i < 2; i++) {
		int64_t in = n->in[0]->type.dim[2 + i], out = n->out[0]->type.dim[2 + i];
		bool corners = r->align_corners, single = corners && out == 1;
		bind_int(b, i ? "UNIT_X" : "UNIT_Y", single ? 2 : corners ? 2 * (out - 1) : 2 * out);
		bind_int(b, i ? "STEP_X" : "STEP_Y", single ? 0 : corners ? 2 * (in - 1) : 2 * in);
		bind_int(b, i ? "FIRST_X" : "FIRST_Y", corners ? 0 : in - out);
	}
}

void resize_map_bind(const Target *t, const Node *n, Bindings *b)
{
	bind_map_to_map(b, t, n);
	bind_int(b, "XH", n->in[0]->type.dim[2]);
	bind_int(b, "XW", n->in[0]->type.dim[3]);
	bind_resize(b, n);
}
