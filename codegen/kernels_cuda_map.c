/* kernels_cuda_map.c -- rows of the CUDA kernels that give each element, or each 16 bytes, a thread: on maps in any layout
 * and on plain values. */
#include "codegen/kernels_cuda.h"
#include "codegen/kernels_map.h"
#include "codegen/rows.h"

#include <string.h>

enum { THREADS = 256 };

bool is_cuda_float(const Value *v)
{
	return v && dtype_in(v->type.dtype, DTYPES_TO_FLOAT32);
}

bool is_cuda_map(const Value *v)
{
	return is_cuda_float(v) && v->type.rank == 4 && v->type.dim[0] == 1;
}

bool is_cuda_pixels(const Target *t, const Value *v)
{
	const int block = v->type.layout.block;
	return is_cuda_map(v) && block % t->vector == 0 && block >= v->type.dim[1] && halo_is_zero(v);
}

void bind_cuda_type(Bindings *b, const char *word, DType t)
{
	bind_word(b, word, cuda_type(t));
}

/* Channels of a block that hold something: more than there are when they fill up to a vector, fewer than the block when
 * the map is a part of a larger one. */
static int64_t lanes(const Target *t, const Value *v)
{
	const int64_t filled = target_channels(t, v), block = v->type.layout.block;
	return filled < block ? filled : block;
}

int64_t cuda_map_count(const Target *t, const Value *v)
{
	const Type *y = &v->type;
	int64_t blocks = (y->dim[1] + y->layout.block - 1) / y->layout.block;
	return blocks * y->dim[2] * y->dim[3] * lanes(t, v);
}

void bind_cuda_map(Bindings *b, const Target *t, const char *p, const Value *v)
{
	Arena *a = bindings_arena(b);
	bind_map(b, p, v);
	bind_int(b, arena_printf(a, "%sL", p), lanes(t, v));
	bind_cuda_type(b, arena_printf(a, "%sT", p), v->type.dtype);
}

void bind_cuda_threads(Bindings *b, int64_t count)
{
	bind_int(b, "COUNT", count);
	bind_int(b, "BLOCKS", (count + THREADS - 1) / THREADS);
}

bool cuda_serves_epilogue(const Node *n, int k)
{
	const Value *e = node_epilogue_operand(n, k);
	const Func elt = node_epilogue(n)[k].elt;
	return elt == FN_NONE || ((elt == FN_add || elt == FN_mul) && is_cuda_map(e) && !value_is_constant(e));
}

void bind_cuda_epilogue(Bindings *b, const Target *t, const Node *n, int k, const char *s)
{
	bind_epilogue(b, n, k, s, 1);
	if (node_epilogue_operand(n, k))
		bind_cuda_map(b, t, arena_printf(bindings_arena(b), "E%s", s), node_epilogue_operand(n, k));
}

/* ---- convolutions ---- */

/* Constants, or values in plain order while there is one image: they arrive as floats of their own. */
static bool are_plain_weights(const Target *t, const Node *n)
{
	for (int i = CONV_WEIGHT; i <= CONV_BIAS && i < n->nin; i++)
		if (n->in[i] && !value_is_constant(n->in[i]) && (!is_plain(n->in[i]) || t->batch > 1))
			return false;
	return true;
}

bool conv_any_accepts(const Target *t, const Node *n)
{
	for (int k = 0; k < n->nout; k++)
		if (!is_cuda_map(n->out[k]) || !cuda_serves_epilogue(n, k))
			return false;
	return is_cuda_map(n->in[CONV_X]) && are_plain_weights(t, n);
}

static void bind_window(Bindings *b, const int64_t kernel[2], const int stride[2], const int dilation[2], const int pad[4])
{
	bind_int(b, "KH", kernel[0]);
	bind_int(b, "KW", kernel[1]);
	bind_int(b, "SH", stride[0]);
	bind_int(b, "SW", stride[1]);
	bind_int(b, "DH", dilation[0]);
	bind_int(b, "DW", dilation[1]);
	bind_int(b, "PT", pad[0]);
	bind_int(b, "PL", pad[1]);
}

static const int ones[2] = {1, 1};

void bind_cuda_window(Bindings *b, const Node *n)
{
	const int64_t *kernel = n->in[CONV_WEIGHT]->type.dim + 2;
	if (n->op == OP_deconv2d)
		bind_window(b, kernel, n->u.deconv2d.stride, ones, n->u.deconv2d.pad);
	else
		bind_window(b, kernel, n->u.conv2d.stride, n->u.conv2d.dilation, n->u.conv2d.pad);
}

void conv_any_bind(const Target *t, const Node *n, Bindings *b)
{
	const Conv *c = &n->u.conv2d;
	const int64_t *w = n->in[CONV_WEIGHT]->type.dim;
	int64_t first = cuda_map_count(t, n->out[0]), second = n->nout > 1 ? cuda_map_count(t, n->out[1]) : 0;
	bind_cuda_map(b, t, "X", n->in[CONV_X]);
	bind_cuda_map(b, t, "Y", n->out[0]);
	bind_cuda_window(b, n);
	bind_int(b, "CIG", w[1]);
	bind_int(b, "COG", w[0] / c->group);
	bind_int(b, "NOUT", n->nout);
	bind_int(b, "BIAS", node_bias(n) != NULL);
	bind_cuda_epilogue(b, t, n, 0, "");
	if (n->nout > 1) {
		bind_cuda_map(b, t, "Z", n->out[1]);
		bind_cuda_epilogue(b, t, n, 1, "1");
	} else {
		bind_int(b, "ELT1", 0);
	}
	bind_int(b, "FIRST", first);
	bind_cuda_threads(b, first + second);
}

bool deconv_any_accepts(const Target *t, const Node *n)
{
	return is_cuda_map(n->in[CONV_X]) && is_cuda_map(n->out[0]) && cuda_serves_epilogue(n, 0) && are_plain_weights(t, n);
}

void deconv_any_bind(const Target *t, const Node *n, Bindings *b)
{
	const Deconv *d = &n->u.deconv2d;
	const int64_t *w = n->in[CONV_WEIGHT]->type.dim;
	bind_cuda_map(b, t, "X", n->in[CONV_X]);
	bind_cuda_map(b, t, "Y", n->out[0]);
	bind_cuda_window(b, n);
	bind_int(b, "CIG", w[0] / d->group);
	bind_int(b, "COG", w[1]);
	bind_int(b, "BIAS", node_bias(n) != NULL);
	bind_int(b, "BORDER", d->border_bias ? d->border : 0);
	bind_cuda_epilogue(b, t, n, 0, "");
	bind_cuda_threads(b, cuda_map_count(t, n->out[0]));
}

/* ---- depthwise: 8 channels a thread ---- */

bool depthwise_vector_accepts(const Target *t, const Node *n)
{
	const Conv *c = &n->u.conv2d;
	const Value *e = node_epilogue_operand(n, 0);
	return n->nout == 1 && c->group == n->in[CONV_X]->type.dim[1] && c->group == n->out[0]->type.dim[1] && conv_has_constants(n) &&
	       is_cuda_pixels(t, n->in[CONV_X]) && is_cuda_pixels(t, n->out[0]) && cuda_serves_epilogue(n, 0) &&
	       (!e || is_cuda_pixels(t, e));
}

void depthwise_vector_bind(const Target *t, const Node *n, Bindings *b)
{
	bind_cuda_map(b, t, "X", n->in[CONV_X]);
	bind_cuda_map(b, t, "Y", n->out[0]);
	bind_cuda_window(b, n);
	bind_cuda_epilogue(b, t, n, 0, "");
	bind_cuda_threads(b, cuda_map_count(t, n->out[0]) / t->vector);
}

int64_t depthwise_vector_size(const Target *t, const Node *n)
{
	const int64_t *w = n->in[CONV_WEIGHT]->type.dim;
	return 4 * lanes(t, n->out[0]) * (1 + w[2] * w[3]);
}

/* Floats: bias [YL], then [KH][KW][YL]; what fills is zero. */
void depthwise_vector_pack(const Target *t, const Node *n, void *out, Arena *scratch)
{
	const int64_t *dim = n->in[CONV_WEIGHT]->type.dim, taps = dim[2] * dim[3], width = lanes(t, n->out[0]);
	const float *w = blob_read_f32(n->in[CONV_WEIGHT]->data, scratch);
	const float *bias = node_bias(n) ? blob_read_f32(node_bias(n)->data, scratch) : NULL;
	float *to = out;
	memset(out, 0, sizeof *to * (size_t)(width * (1 + taps)));
	for (int64_t c = 0; c < dim[0]; c++) {
		to[c] = bias ? bias[c] : 0;
		for (int64_t k = 0; k < taps; k++)
			to[(1 + k) * width + c] = w[c * taps + k];
	}
}

/* ---- maps to maps ---- */

bool map_any_accepts(const Target *t, const Node *n)
{
	(void)t;
	for (int i = 1; i < n->nin; i++)
		if (n->in[i] && !value_is_constant(n->in[i]))
			return false;
	return is_cuda_map(n->in[0]) && is_cuda_map(n->out[0]);
}

static void bind_map_to_map(Bindings *b, const Target *t, const Node *n)
{
	bind_cuda_map(b, t, "X", n->in[0]);
	bind_cuda_map(b, t, "Y", n->out[0]);
	bind_cuda_threads(b, cuda_map_count(t, n->out[0]));
}

void pool_any_bind(const Target *t, const Node *n, Bindings *b)
{
	static const int none[4] = {0};
	const Pool *p = &n->u.pool2d;
	const int64_t *x = n->in[0]->type.dim, kernel[2] = {p->global ? x[2] : p->kernel[0], p->global ? x[3] : p->kernel[1]};
	bind_map_to_map(b, t, n);
	bind_window(b, kernel, p->global ? ones : p->stride, p->global ? ones : p->dilation, p->global ? none : p->pad);
	bind_int(b, "PB", p->global ? 0 : p->pad[2]);
	bind_int(b, "PR", p->global ? 0 : p->pad[3]);
	bind_int(b, "AVERAGE", p->average);
	bind_int(b, "COUNT_PADDING", p->count_padding);
}

/* Of values that are alike, or broadcast in plain order; floats only, no condition. */
bool eltwise_any_accepts(const Target *t, const Node *n)
{
	const Eltwise *e = &n->u.eltwise;
	bool alike = is_cuda_map(n->out[0]), linear = is_cuda_float(n->out[0]) && is_linear(n->out[0]);
	(void)t;
	if (n->nin > 2 || func_kind(e->fn == FN_NONE ? FN_identity : e->fn) > FUNC_ANY)
		return false;
	for (int i = 0; i < n->nin; i++) {
		const Value *v = n->in[i];
		const bool same = v->type.rank == n->out[0]->type.rank &&
		                  !memcmp(v->type.dim, n->out[0]->type.dim, sizeof v->type.dim[0] * (size_t)v->type.rank);
		alike = alike && is_cuda_map(v) && same && !value_is_constant(v);
		linear = linear && is_cuda_float(v) && is_linear(v);
	}
	return alike || linear;
}

/* Loops as what is found of them in the number of an element: S_ii elements after a step of loop ii. */
static void bind_strides(Bindings *b, const Loops *l, int operands, const char *const *steps)
{
	int64_t step = 1;
	bind_loops(b, "ii", "N", l, operands, steps);
	for (int i = l->rank - 1; i >= 0; i--) {
		bind_int(b, arena_printf(bindings_arena(b), "S_%d", i), step);
		step *= l->count[i];
	}
}

/* Broadcast operands in plain order. */
static void bind_broadcast(Bindings *b, const Node *n)
{
	static const char *const steps[] = {"A", "B"};
	Loops l = loops_over(&n->out[0]->type);
	for (int i = 0; i < n->nin; i++)
		loops_broadcast(&l, i, &n->in[i]->type);
	loops_simplify(&l, n->nin);
	bind_strides(b, &l, n->nin, steps);
}

void eltwise_any_bind(const Target *t, const Node *n, Bindings *b)
{
	const Eltwise *e = &n->u.eltwise;
	const Func fn = e->fn == FN_NONE ? FN_identity : e->fn;
	bool alike = is_cuda_map(n->out[0]) && n->out[0]->type.layout.block > 1;
	for (int i = 0; i < n->nin; i++)
		alike = alike || (n->in[i]->type.rank == 4 && n->in[i]->type.layout.block > 1);
	bind_int(b, "ALIKE", alike);
	bind_int(b, "BINARY", n->nin > 1);
	bind_function(b, "FN", fn, 1);
	bind_float(b, "FNALPHA", e->alpha);
	bind_float(b, "FNBETA", e->beta);
	bind_float(b, "COEFF0", e->coeff[0]);
	bind_float(b, "COEFF1", e->coeff[1]);
	bind_epilogue(b, n, 0, "", 1);
	if (alike) {
		bind_cuda_map(b, t, "X", n->in[0]);
		if (n->nin > 1)
			bind_cuda_map(b, t, "Z", n->in[1]);
		bind_cuda_map(b, t, "Y", n->out[0]);
		bind_cuda_threads(b, cuda_map_count(t, n->out[0]));
		return;
	}
	for (int i = 0; i < n->nin; i++) /* constants come as f32 */
		bind_cuda_type(b, i ? "ZT" : "XT", value_is_constant(n->in[i]) ? DT_F32 : n->in[i]->type.dtype);
	for (int i = 0; i < n->nin; i++)
		bind_int(b, i ? "MOVES1" : "MOVES0", !value_is_constant(n->in[i]));
	bind_cuda_type(b, "YT", n->out[0]->type.dtype);
	bind_broadcast(b, n);
	bind_cuda_threads(b, type_count(&n->out[0]->type));
}

/* Packed as affine_pack() does: factors, then shifts. On the channels of a map, or on any axis of a plain value. */
bool affine_any_accepts(const Target *t, const Node *n)
{
	return map_any_accepts(t, n) && (n->op == OP_batchnorm || n->u.scale.axis == 1);
}

void affine_any_bind(const Target *t, const Node *n, Bindings *b)
{
	bind_map_to_map(b, t, n);
}

void l2norm_any_bind(const Target *t, const Node *n, Bindings *b)
{
	bind_map_to_map(b, t, n);
	bind_int(b, "ACROSS", n->u.l2norm.across_spatial);
	bind_float(b, "EPS", n->u.l2norm.eps);
	bind_int(b, "PIXELS", n->in[0]->type.dim[2] * n->in[0]->type.dim[3]);
}

void resize_any_bind(const Target *t, const Node *n, Bindings *b)
{
	bind_map_to_map(b, t, n);
	bind_resize(b, n);
}

void reorder_any_bind(const Target *t, const Node *n, Bindings *b)
{
	bind_map_to_map(b, t, n);
}

/* Inputs one after another along the channels, each a launch of its own. */
bool concat_any_accepts(const Target *t, const Node *n)
{
	enum { MOST = 64 };
	bool maps = n->u.concat.axis == 1, linear = true;
	(void)t;
	if (n->nin > MOST || n->nin < 1)
		return false;
	for (int i = 0; i <= n->nin; i++) {
		const Value *v = i < n->nin ? n->in[i] : n->out[0];
		maps = maps && is_cuda_map(v) && !value_is_constant(v);
		linear = linear && is_plain(v);
	}
	return maps || linear;
}

/* ---- plain values, elements one after another ---- */

bool plain_any_accepts(const Target *t, const Node *n)
{
	(void)t;
	return all_plain(n);
}

void softmax_rows_bind(const Target *t, const Node *n, Bindings *b)
{
	softmax_bind(t, n, b);
	bind_int(b, "BLOCKS", (bindings_int(b, "OUTER") * bindings_int(b, "INNER") + THREADS - 1) / THREADS);
}

static void bind_elements(Bindings *b, const Node *n)
{
	bind_cuda_threads(b, type_count(&n->out[0]->type));
}

void concat_any_bind(const Target *t, const Node *n, Bindings *b)
{
	Arena *a = bindings_arena(b);
	const Type *y = &n->out[0]->type;
	const bool maps = n->u.concat.axis == 1 && is_cuda_map(n->out[0]);
	int64_t at = 0;
	bind_int(b, "MAPS", maps);
	bind_cuda_type(b, "YT", y->dtype);
	if (maps) {
		bind_map(b, "Y", n->out[0]);
		bind_int(b, "YL", lanes(t, n->out[0]));
	}
	for (int i = 0; i < n->nin; i++) {
		const Value *v = n->in[i];
		const int64_t length = v->type.dim[n->u.concat.axis];
		const char *s = arena_printf(a, "_%d", i);
		bind_cuda_type(b, arena_printf(a, "XT%s", s), v->type.dtype);
		bind_int(b, arena_printf(a, "AT%s", s), at);
		bind_int(b, arena_printf(a, "MOVES%s", s), !value_is_constant(v));
		bind_int(b, arena_printf(a, "LENGTH%s", s), maps ? length : length * type_step(y, n->u.concat.axis));
		if (maps) {
			bind_int(b, arena_printf(a, "XB%s", s), v->type.layout.block);
			bind_int(b, arena_printf(a, "XROWS%s", s), layout_rows(&v->type));
			bind_int(b, arena_printf(a, "XCOLS%s", s), layout_cols(&v->type));
			bind_int(b, arena_printf(a, "XTOP%s", s), v->type.layout.halo[0]);
			bind_int(b, arena_printf(a, "XLEFT%s", s), v->type.layout.halo[1]);
		}
		at += maps ? length : length * type_step(y, n->u.concat.axis);
	}
	bind_int(b, "STEP", at);
	bind_repeat(b, "ii", n->nin);
	bind_cuda_threads(b, maps ? cuda_map_count(t, n->out[0]) : type_count(y));
}

void copy_any_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	bind_elements(b, n);
}

/* Floats only, constants among them. */
bool matmul_any_accepts(const Target *t, const Node *n)
{
	(void)t;
	for (int i = 0; i < n->nin; i++)
		if (n->in[i] && !(value_is_constant(n->in[i]) ? is_cuda_float(n->in[i]) : is_plain(n->in[i])))
			return false;
	return is_plain(n->out[0]);
}

/* The result's last axes are rows of x and columns of z; batches stretch. */
void matmul_any_bind(const Target *t, const Node *n, Bindings *b)
{
	const Type *y = &n->out[0]->type, *of[2] = {&n->in[MATMUL_A]->type, &n->in[MATMUL_B]->type};
	const int64_t k = of[0]->dim[of[0]->rank - 1], columns = y->dim[y->rank - 1];
	const bool transposed = n->u.matmul.transpose_b;
	Loops l = loops_over(y);
	(void)t;
	for (int o = 0; o < 2; o++)
		for (int i = 0; i < y->rank - 2; i++) {
			const int axis = i - (y->rank - of[o]->rank);
			l.step[o][i] = axis < 0 || of[o]->dim[axis] == 1 ? 0 : type_step(of[o], axis);
		}
	l.step[0][y->rank - 2] = k;
	l.step[1][y->rank - 1] = transposed ? k : 1;
	loops_simplify(&l, 2);
	bind_strides(b, &l, 2, (const char *const[]){"A", "B"});
	bind_int(b, "K", k);
	bind_int(b, "STEP", transposed ? 1 : columns);
	bind_int(b, "COLUMNS", columns);
	bind_int(b, "BIAS", node_bias(n) != NULL);
	for (int i = 0; i < n->nin; i++)
		bind_int(b, arena_printf(bindings_arena(b), "MOVES%d", i), !value_is_constant(n->in[i]));
	bind_epilogue(b, n, 0, "", 1);
	bind_elements(b, n);
}

void permute_any_bind(const Target *t, const Node *n, Bindings *b)
{
	Loops l = loops_over(&n->out[0]->type);
	(void)t;
	for (int i = 0; i < l.rank; i++)
		l.step[0][i] = type_step(&n->in[0]->type, n->u.permute.order[i]);
	loops_simplify(&l, 1);
	bind_strides(b, &l, 1, (const char *const[]){"A"});
	bind_elements(b, n);
}

void slice_any_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	bind_axis(b, &n->in[0]->type, n->u.slice.axis);
	bind_int(b, "BEGIN", n->u.slice.begin);
	bind_int(b, "TAKEN", n->u.slice.end - n->u.slice.begin);
	bind_elements(b, n);
}

void pad_any_bind(const Target *t, const Node *n, Bindings *b)
{
	const Type *x = &n->in[0]->type, *y = &n->out[0]->type;
	(void)t;
	bind_int(b, "XH", x->dim[x->rank - 2]);
	bind_int(b, "XW", x->dim[x->rank - 1]);
	bind_int(b, "YH", y->dim[y->rank - 2]);
	bind_int(b, "YW", y->dim[y->rank - 1]);
	bind_int(b, "PT", n->u.pad.pad[0]);
	bind_int(b, "PL", n->u.pad.pad[1]);
	bind_float(b, "BORDER", n->u.pad.value);
	bind_elements(b, n);
}
