/* generate.c -- random legal graphs: every op, and the shapes that passes look for (residual blocks, decoder and
 * prediction modules, heads with default boxes), with values that are read twice or returned.
 *
 * The graph grows by one node at a time out of a pool of values. A node that infer_node() refuses is dropped. Each
 * value is evaluated at once; one that grows large is scaled down, so that later differences are rounding and not
 * cancellation. */
#include "tests/random/maker.h"
#include "tests/random/random.h"

#include <math.h>
#include <string.h>

int maker_below(Maker *m, int n)
{
	return n < 1 ? 0 : random_below(&m->state, n);
}

bool maker_chance(Maker *m, int percent)
{
	return maker_below(m, 100) < percent;
}

static int maker_pick(Maker *m, const int *list, int n)
{
	return list[maker_below(m, n)];
}

#define PICK(m, ...) maker_pick(m, (const int[]){__VA_ARGS__}, (int)(sizeof((const int[]){__VA_ARGS__}) / sizeof(int)))

/* ---- constants ---- */

/* Multiples of 2^-10 between low and high: short in a dump. */
static Value *constant(Maker *m, int rank, const int64_t *dim, double low, double high)
{
	Type t = type_make(DT_F32, rank, dim);
	int64_t n = type_count(&t);
	float *x = arena_new_array(m->a, float, n);
	for (int64_t i = 0; i < n; i++)
		x[i] = (float)(rint((low + (high - low) * maker_below(m, 1 << 20) / (1 << 20)) * 1024) / 1024);
	return graph_constant_f32(m->g, NULL, rank, dim, x);
}

static Value *vector(Maker *m, int64_t n, double low, double high)
{
	return constant(m, 1, &n, low, high);
}

/* ---- nodes ---- */

static void evaluate(Maker *m, const Node *n)
{
	Tensor *in = arena_new_array(m->a, Tensor, n->nin + 1), out[MAX_OUT];
	for (int i = 0; i < n->nin; i++) {
		const Value *v = n->in[i];
		if (v)
			in[i] = v->data ? (Tensor){v->type, blob_read_f64(v->data, m->a)} : m->known[v->id];
	}
	eval_node(n, in, out, m->a);
	for (int k = 0; k < n->nout; k++)
		m->known[n->out[k]->id] = out[k];
}

static double largest(const Maker *m, const Value *v)
{
	const Tensor *t = &m->known[v->id];
	double top = 0;
	for (int64_t i = 0; i < type_count(&t->type); i++)
		top = isnan(t->data[i]) ? INFINITY : fmax(top, fabs(t->data[i]));
	return top;
}

Value *maker_finish(Maker *m, Node *n)
{
	Diag d = {0};
	if (!infer_node(n, &d) || type_count(&n->out[0]->type) > 20000 || m->g->next_id > 4000) {
		node_remove(m->g, n);
		return NULL;
	}
	evaluate(m, n);
	return n->out[0];
}

Node *maker_node(Maker *m, Op op, int nin, Value **in)
{
	return graph_node(m->g, op, arena_printf(m->a, "%s%d", op_info[op].name, m->g->nnode), nin, in, 1);
}

/* A value that may be read from now on. */
Value *maker_offer(Maker *m, Value *v)
{
	if (!v || m->npool == MOST_VALUES)
		return v;
	double top = largest(m, v);
	if (!isfinite(top))
		return NULL; /* nobody will read it */
	if (top > 24) {
		Node *n = maker_node(m, OP_eltwise, 1, &v);
		n->u.eltwise.fn = FN_affine;
		n->u.eltwise.alpha = 1.0 / (1 << (int)ceil(log2(top / 4)));
		v = maker_finish(m, n);
	}
	return m->pool[m->npool++] = v;
}

/* One of the pool, the younger the likelier. rank 0: any; 4: a map. */
Value *maker_choose(Maker *m, int rank)
{
	for (int tries = 0; tries < 20; tries++) {
		int back = maker_chance(m, 70) ? maker_below(m, m->npool < 4 ? m->npool : 4) : maker_below(m, m->npool);
		Value *v = m->pool[m->npool - 1 - back];
		if (!rank || v->type.rank == rank)
			return v;
	}
	return m->pool[0]; /* an input: a map */
}

static void random_act(Maker *m, Func *act, double *alpha, double *beta)
{
	static const Func list[] = {FN_relu,     FN_relu,   FN_relu,  FN_relu6, FN_leaky, FN_elu, FN_clip,   FN_sigmoid,
	                            FN_hsigmoid, FN_hswish, FN_swish, FN_tanh,  FN_abs,   FN_neg, FN_affine, FN_identity};
	*act = list[maker_below(m, (int)(sizeof list / sizeof *list))];
	*alpha = *act == FN_clip ? -1 : 0.25;
	*beta = 0.75;
	if (*act != FN_leaky && *act != FN_elu && *act != FN_clip && *act != FN_affine)
		*alpha = *beta = 0;
}

static Value *unary(Maker *m, Value *x, Func f)
{
	if (!x)
		return NULL;
	Node *n = maker_node(m, OP_eltwise, 1, &x);
	Eltwise *e = &n->u.eltwise;
	e->fn = f;
	if (f == FN_NONE)
		random_act(m, &e->fn, &e->alpha, &e->beta);
	if (maker_chance(m, 10))
		random_act(m, &e->epi[0].act, &e->epi[0].alpha, &e->epi[0].beta);
	return maker_finish(m, n);
}

static Value *binary(Maker *m, Value *x, Value *y, Func f)
{
	if (!x || !y)
		return NULL;
	Node *n = maker_node(m, OP_eltwise, 2, (Value *[]){x, y});
	n->u.eltwise.fn = f;
	if (maker_chance(m, 15))
		n->u.eltwise.coeff[maker_below(m, 2)] = 0.5;
	return maker_finish(m, n);
}

typedef struct Window {
	int kernel[2], stride[2], pad[4], dilation[2], group;
} Window;

static Window same_window(int kernel)
{
	int p = kernel / 2;
	return (Window){{kernel, kernel}, {1, 1}, {p, p, p, p}, {1, 1}, 1};
}

static Window random_window(Maker *m, const Value *x)
{
	Window w = same_window(PICK(m, 1, 1, 3, 3, 3, 5));
	if (maker_chance(m, 50))
		return w;
	for (int i = 0; i < 2; i++) {
		w.kernel[i] = 1 + maker_below(m, 5);
		w.stride[i] = 1 + maker_below(m, 3);
		w.dilation[i] = 1 + maker_below(m, 2);
		w.pad[i] = maker_below(m, w.kernel[i]);
		w.pad[i + 2] = maker_below(m, w.kernel[i]);
	}
	if (maker_chance(m, 40)) {
		int c = (int)x->type.dim[1];
		w.group = maker_chance(m, 60) ? c : c % 2 ? 1 : 2;
	}
	return w;
}

static Value *conv(Maker *m, Value *x, int out, Window w, bool bias)
{
	if (!x)
		return NULL;
	int64_t in = x->type.dim[1] / w.group, dim[4] = {out, in, w.kernel[0], w.kernel[1]};
	double scale = 1.6 / sqrt((double)(in * w.kernel[0] * w.kernel[1]));
	Value *v[3] = {x, constant(m, 4, dim, -scale, scale), bias ? vector(m, out, -0.5, 0.5) : NULL};
	Node *n = maker_node(m, OP_conv2d, bias ? 3 : 2, v);
	Conv *c = &n->u.conv2d;
	memcpy(c->stride, w.stride, sizeof w.stride);
	memcpy(c->pad, w.pad, sizeof w.pad);
	memcpy(c->dilation, w.dilation, sizeof w.dilation);
	c->group = w.group;
	if (maker_chance(m, 5))
		random_act(m, &c->epi[0].act, &c->epi[0].alpha, &c->epi[0].beta);
	return maker_finish(m, n);
}

static Value *deconv(Maker *m, Value *x, int out, int kernel, int stride, int pad, int group, bool bias)
{
	if (!x)
		return NULL;
	int64_t dim[4] = {x->type.dim[1], out / group, kernel, maker_chance(m, 80) ? kernel : 1 + maker_below(m, 3)};
	double scale = 1.6 / sqrt((double)(x->type.dim[1] / group));
	Value *v[3] = {x, constant(m, 4, dim, -scale, scale), bias ? vector(m, out / group * group, -0.5, 0.5) : NULL};
	Node *n = maker_node(m, OP_deconv2d, bias ? 3 : 2, v);
	for (int i = 0; i < 4; i++)
		n->u.deconv2d.pad[i] = pad;
	n->u.deconv2d.stride[0] = stride;
	n->u.deconv2d.stride[1] = maker_chance(m, 80) ? stride : 1 + maker_below(m, 3);
	n->u.deconv2d.group = group;
	return maker_finish(m, n);
}

static Value *batchnorm(Maker *m, Value *x)
{
	if (!x)
		return NULL;
	int64_t c = x->type.dim[1];
	Value *v[5] = {x, vector(m, c, -0.5, 0.5), vector(m, c, 0.25, 2), NULL, NULL};
	if (maker_chance(m, 70))
		v[3] = vector(m, c, 0.5, 1.5);
	if (maker_chance(m, 70))
		v[4] = vector(m, c, -0.5, 0.5);
	Node *n = maker_node(m, OP_batchnorm, v[4] ? 5 : v[3] ? 4 : 3, v);
	n->u.batchnorm.eps = maker_chance(m, 50) ? 1e-3 : 1e-5;
	return maker_finish(m, n);
}

static Value *scale(Maker *m, Value *x, int axis)
{
	if (!x)
		return NULL;
	Value *v[3] = {x, vector(m, x->type.dim[axis], 0.5, 1.5), maker_chance(m, 60) ? vector(m, x->type.dim[axis], -0.5, 0.5) : NULL};
	Node *n = maker_node(m, OP_scale, v[2] ? 3 : 2, v);
	n->u.scale.axis = axis;
	return maker_finish(m, n);
}

static Value *norm(Maker *m, Value *x)
{
	x = maker_chance(m, 70) ? batchnorm(m, x) : x;
	return maker_chance(m, 30) ? scale(m, x, 1) : x;
}

/* Now and then somebody else wants what stands in the middle of a pattern. */
static Value *leak(Maker *m, Value *v)
{
	if (v && maker_chance(m, 8) && isfinite(largest(m, v)) && m->npool < MOST_VALUES)
		m->pool[m->npool++] = v;
	return v;
}

static int channels(Maker *m)
{
	return PICK(m, 1, 2, 3, 4, 7, 8, 12, 16, 16, 16, 17, 32, 32, 33, 48);
}

/* ---- single ops ---- */

static void make_conv(Maker *m)
{
	Value *x = maker_choose(m, 4);
	Window w = random_window(m, x);
	int c = (int)x->type.dim[1], out = w.group == 1 ? channels(m) : w.group == c ? c * (maker_chance(m, 80) ? 1 : 2) : 2 * channels(m);
	Value *y = leak(m, conv(m, x, out, w, maker_chance(m, 60)));
	y = leak(m, norm(m, y));
	maker_offer(m, maker_chance(m, 70) && y ? unary(m, y, maker_chance(m, 60) ? FN_relu : FN_NONE) : y);
}

static void make_deconv(Maker *m)
{
	Value *x = maker_choose(m, 4);
	int group = x->type.dim[1] % 2 || maker_chance(m, 70) ? 1 : 2, kernel = 1 + maker_below(m, 4);
	maker_offer(m, leak(m, norm(m, deconv(m, x, group * channels(m), kernel, 1 + maker_below(m, 3),
	                                      maker_below(m, 2) ? 0 : maker_below(m, kernel), group, maker_chance(m, 60)))));
}

static void make_pool(Maker *m)
{
	Value *x = maker_choose(m, 4);
	Node *n = maker_node(m, OP_pool2d, 1, &x);
	Pool *p = &n->u.pool2d;
	p->average = maker_chance(m, 50);
	p->global = maker_chance(m, 15);
	p->ceil_mode = maker_chance(m, 50);
	p->count_padding = maker_chance(m, 50);
	for (int i = 0; i < 2; i++) {
		p->kernel[i] = 1 + maker_below(m, 4);
		p->stride[i] = 1 + maker_below(m, 3);
		p->dilation[i] = maker_chance(m, 80) ? 1 : 1 + maker_below(m, 3);
		p->pad[i] = p->global ? 0 : maker_below(m, p->kernel[i]);
		p->pad[i + 2] = p->global ? 0 : maker_below(m, p->kernel[i]);
	}
	maker_offer(m, maker_finish(m, n));
}

static void make_unary(Maker *m)
{
	Value *x = maker_choose(m, 0);
	if (maker_chance(m, 15))
		maker_offer(m, unary(m, unary(m, x, FN_abs), FN_sqrt));
	else if (maker_chance(m, 10))
		maker_offer(m, unary(m, unary(m, unary(m, x, FN_abs), FN_neg), FN_exp));
	else
		maker_offer(m, unary(m, x, FN_NONE));
}

static void make_binary(Maker *m)
{
	static const Func list[] = {FN_add, FN_add, FN_mul, FN_mul, FN_sub, FN_max, FN_min};
	Value *x = maker_choose(m, 0), *y = NULL;
	for (int i = 0; i < m->npool && !maker_chance(m, 20); i++) {
		Value *v = m->pool[(i + m->npool / 2) % m->npool];
		if (type_same_shape(&v->type, &x->type) && v != x)
			y = v;
	}
	if (!y || maker_chance(m, 10)) { /* a constant, stretched or not */
		int64_t dim[MAX_RANK];
		for (int i = 0; i < x->type.rank; i++)
			dim[i] = maker_chance(m, 50) ? 1 : x->type.dim[i];
		y = constant(m, x->type.rank, dim, -1, 1);
	}
	Value *v = binary(m, x, y, list[maker_below(m, (int)(sizeof list / sizeof *list))]);
	maker_offer(m, maker_chance(m, 50) ? unary(m, v, FN_relu) : v);
}

static void make_norm(Maker *m)
{
	Value *x = maker_choose(m, 0);
	if (x->type.rank < 2)
		return;
	switch (maker_below(m, 4)) {
	case 0:
		maker_offer(m, batchnorm(m, x));
		break;
	case 1:
		maker_offer(m, scale(m, x, maker_below(m, x->type.rank)));
		break;
	case 2: {
		Node *n = maker_node(m, OP_softmax, 1, &x);
		n->u.softmax.axis = maker_below(m, x->type.rank);
		maker_offer(m, maker_finish(m, n));
		break;
	}
	default: {
		if (x->type.rank != 4)
			break;
		Node *n = maker_node(m, OP_l2norm, 2, (Value *[]){x, vector(m, x->type.dim[1], 0.5, 1.5)});
		n->u.l2norm.eps = 0.25; /* a small one makes noise of zeros */
		n->u.l2norm.across_spatial = maker_chance(m, 30);
		maker_offer(m, maker_finish(m, n));
	}
	}
}

static void make_concat(Maker *m)
{
	Value *x = maker_choose(m, 0), *in[5] = {x};
	int n = 1, most = 2 + maker_below(m, 4), axis = x->type.rank > 1 && maker_chance(m, 85) ? 1 : maker_below(m, x->type.rank);
	for (int i = m->npool - 1; i >= 0 && n < most; i--) {
		Value *v = m->pool[i];
		bool fits = v->type.rank == x->type.rank && (v != x || maker_chance(m, 10));
		for (int k = 0; fits && k < x->type.rank; k++)
			fits = k == axis || v->type.dim[k] == x->type.dim[k];
		if (fits)
			in[n++] = v;
	}
	if (n == 1 && maker_chance(m, 80))
		return;
	Node *c = maker_node(m, OP_concat, n, in);
	c->u.concat.axis = axis;
	maker_offer(m, maker_finish(m, c));
}

static void make_move(Maker *m)
{
	Value *x = maker_choose(m, maker_chance(m, 70) ? 4 : 0);
	int rank = x->type.rank, which = maker_below(m, 5), axis = maker_below(m, rank);
	static const Op op[] = {OP_slice, OP_pad, OP_resize, OP_permute, OP_reshape};
	if (rank < 2 && (which == 1 || which == 2))
		return;
	Node *n = maker_node(m, op[which], 1, &x);
	if (which == 0) {
		n->u.slice.axis = axis;
		n->u.slice.begin = maker_below(m, (int)x->type.dim[axis]);
		n->u.slice.end = n->u.slice.begin + 1 + maker_below(m, (int)(x->type.dim[axis] - n->u.slice.begin));
	} else if (which == 1) {
		for (int i = 0; i < 4; i++)
			n->u.pad.pad[i] = maker_below(m, 3);
		n->u.pad.value = maker_chance(m, 50) ? 0 : 0.5;
	} else if (which == 2) {
		n->u.resize.nearest = maker_chance(m, 40);
		n->u.resize.align_corners = maker_chance(m, 40);
		for (int i = 0; i < 2; i++)
			n->u.resize.size[i] = maker_chance(m, 50) ? 2 * x->type.dim[rank - 2 + i] : 1 + maker_below(m, 12);
	} else if (which == 3) {
		n->u.permute.n = rank;
		for (int i = 0; i < rank; i++)
			n->u.permute.order[i] = i;
		for (int i = rank - 1; i > 0; i--) {
			int k = maker_below(m, i + 1), t = n->u.permute.order[i];
			n->u.permute.order[i] = n->u.permute.order[k];
			n->u.permute.order[k] = t;
		}
	} else {
		int64_t count = type_count(&x->type), d = 1 + maker_below(m, 6);
		Reshape *r = &n->u.reshape;
		if (count % d)
			d = 1;
		r->n = 2 + maker_below(m, 3);
		for (int i = 0; i < r->n; i++)
			r->dim[i] = i == r->n - 1 ? -1 : i == r->n - 2 ? d : 1;
	}
	maker_offer(m, maker_finish(m, n));
}

static void make_matmul(Maker *m)
{
	Value *x = maker_choose(m, 0);
	if (x->type.rank < 2)
		return;
	int64_t k = x->type.dim[x->type.rank - 1], cols = 1 + maker_below(m, 9);
	bool t = maker_chance(m, 50), bias = maker_chance(m, 50);
	double s = 1.6 / sqrt((double)k);
	Value *in[3] = {x, constant(m, 2, t ? (int64_t[]){cols, k} : (int64_t[]){k, cols}, -s, s),
	                bias ? vector(m, cols, -0.5, 0.5) : NULL};
	Node *n = maker_node(m, OP_matmul, bias ? 3 : 2, in);
	n->u.matmul.transpose_b = t;
	Value *y = maker_finish(m, n);
	maker_offer(m, y && maker_chance(m, 40) ? unary(m, y, FN_NONE) : y);
}

/* ---- patterns ---- */

static Value *conv_norm(Maker *m, Value *x, int out, Window w, bool relu)
{
	Value *y = leak(m, conv(m, x, out, w, maker_chance(m, 30)));
	if (y && maker_chance(m, 80))
		y = leak(m, batchnorm(m, y));
	return relu && y ? leak(m, unary(m, y, FN_relu)) : y;
}

/* Figure 2 (c) of the paper, and projection blocks: two branches from one input, summed. */
static Value *residual(Maker *m, Value *x)
{
	int outer = maker_chance(m, 60) ? 16 * (1 + maker_below(m, 3)) : channels(m), inner = maker_chance(m, 60) ? 16 : channels(m);
	Window first = same_window(1), mid = same_window(3);
	if (maker_chance(m, 35)) {
		first.kernel[0] = first.kernel[1] = 1 + maker_below(m, 3);
		first.stride[0] = first.stride[1] = 1 + maker_below(m, 2);
	}
	bool identity = maker_chance(m, 25) && first.stride[0] == 1 && first.kernel[0] == 1;
	Value *skip = identity ? x : conv_norm(m, x, outer, first, maker_chance(m, 5));
	outer = identity ? (int)x->type.dim[1] : outer;
	Value *y = conv_norm(m, x, inner, first, true);
	y = conv_norm(m, y, inner, mid, true);
	y = conv_norm(m, y, outer, same_window(1), false);
	y = maker_chance(m, 50) ? binary(m, skip, y, FN_add) : binary(m, y, skip, FN_add);
	return y ? unary(m, y, FN_relu) : NULL;
}

/* Figure 3: a deconvolution and a convolution, times or plus the encoder's map. */
static Value *decoder(Maker *m, Value *x)
{
	int width = maker_chance(m, 60) ? 16 : channels(m), kernel = 1 + maker_below(m, 3);
	Value *up =
	    leak(m, deconv(m, x, maker_chance(m, 80) ? width : channels(m), kernel, 1 + maker_below(m, 2), 0, 1, maker_chance(m, 70)));
	if (!up)
		return NULL;
	up = conv_norm(m, up, width, same_window(3), false);
	if (!up)
		return NULL;
	Value *f = NULL;
	for (int i = 0; i < m->npool && !f; i++) {
		Value *v = m->pool[i];
		if (v->type.rank == 4 && v->type.dim[0] == up->type.dim[0] && v->type.dim[2] == up->type.dim[2] &&
		    v->type.dim[3] == up->type.dim[3])
			f = v;
	}
	if (!f)
		return up;
	f = conv_norm(m, conv_norm(m, f, width, same_window(3), true), width, same_window(3), false);
	Value *y = f ? binary(m, up, f, maker_chance(m, 60) ? FN_mul : FN_add) : up;
	return y ? unary(m, y, FN_relu) : NULL;
}

/* Two convolutions of one input whose results part ways. */
static void make_siblings(Maker *m)
{
	Value *x = maker_choose(m, 4);
	Window w = same_window(PICK(m, 1, 3, 5));
	for (int k = 0; k < 2 + maker_below(m, 2); k++) {
		Value *y = conv(m, x, maker_chance(m, 50) ? 16 : channels(m), w, maker_chance(m, 60));
		maker_offer(m, y && maker_chance(m, 50) ? unary(m, y, FN_NONE) : y);
	}
}

static void make_pattern(Maker *m)
{
	Value *x = maker_choose(m, 4);
	maker_offer(m, maker_chance(m, 60) ? residual(m, x) : decoder(m, x));
}

/* ---- the detector's tail ---- */

static Value *head(Maker *m, Value *x, int out, Window w)
{
	Value *y = conv(m, x, out, w, maker_chance(m, 90));
	if (!y)
		return NULL;
	Node *p = maker_node(m, OP_permute, 1, &y);
	p->u.permute.n = 4;
	memcpy(p->u.permute.order, (int[]){0, 2, 3, 1}, 4 * sizeof(int));
	y = maker_finish(m, p);
	Node *r = maker_node(m, OP_reshape, 1, &y);
	r->u.reshape.n = 2;
	r->u.reshape.dim[0] = 0;
	r->u.reshape.dim[1] = -1;
	return maker_finish(m, r);
}

static Value *joined(Maker *m, Value **in, int n, int axis)
{
	if (n == 1 && maker_chance(m, 50))
		return in[0];
	Node *c = maker_node(m, OP_concat, n, in);
	c->u.concat.axis = axis;
	return maker_finish(m, c);
}

static Value *prior(Maker *m, Value *x, int ratios)
{
	Node *n = maker_node(m, OP_prior, 1, &x);
	Prior *p = &n->u.prior;
	p->nmin = 1;
	p->min_size[0] = 10 + maker_below(m, 20);
	p->nmax = 1;
	p->max_size[0] = p->min_size[0] + 10;
	p->nratio = ratios;
	p->ratio[0] = 2;
	p->ratio[1] = 3;
	p->flip = true;
	p->clip = maker_chance(m, 30);
	p->image[0] = p->image[1] = 64;
	for (int i = 0; i < 2; i++) {
		p->step[i] = 64.0 / (double)x->type.dim[2 + i];
		p->start[i] = p->step[i] / 2;
	}
	memcpy(p->variance, (double[]){0.1, 0.1, 0.2, 0.2}, sizeof p->variance);
	return maker_finish(m, n);
}

static Value *softmaxed(Maker *m, Value *conf, int classes)
{
	Node *r = maker_node(m, OP_reshape, 1, &conf);
	r->u.reshape.n = 3;
	memcpy(r->u.reshape.dim, (int64_t[]){0, -1, classes}, 3 * sizeof(int64_t));
	Value *v = maker_finish(m, r);
	Node *s = maker_node(m, OP_softmax, 1, &v);
	s->u.softmax.axis = 2;
	v = maker_finish(m, s);
	Node *f = maker_node(m, OP_reshape, 1, &v);
	f->u.reshape.n = 2;
	memcpy(f->u.reshape.dim, (int64_t[]){0, -1}, 2 * sizeof(int64_t));
	return maker_finish(m, f);
}

static Value *detector(Maker *m)
{
	Value *loc[3], *conf[3], *boxes[3];
	int classes = 2 + maker_below(m, 5), levels = 1 + maker_below(m, 3), n = 0;
	for (int i = 0; i < levels; i++) {
		Value *x = maker_choose(m, 4);
		if (x->type.dim[2] * x->type.dim[3] > 150 || x->type.dim[0] > 1)
			continue;
		int ratios = maker_below(m, 3), cell = 2 + 2 * ratios, kernel = PICK(m, 1, 3, 3, 5);
		loc[n] = head(m, x, 4 * cell, same_window(kernel));
		conf[n] = head(m, x, classes * cell, same_window(maker_chance(m, 85) ? kernel : 3));
		boxes[n] = prior(m, x, ratios);
		if (loc[n] && conf[n] && boxes[n])
			n++;
	}
	if (!n)
		return NULL;
	Value *scores = joined(m, conf, n, 1);
	bool inside = maker_chance(m, 20);
	if (!inside)
		scores = maker_chance(m, 85) ? softmaxed(m, scores, classes) : unary(m, scores, FN_sigmoid);
	Node *d = maker_node(m, OP_detect, 3, (Value *[]){joined(m, loc, n, 1), scores, joined(m, boxes, n, 2)});
	Detect *t = &d->u.detect;
	t->classes = classes;
	t->background = maker_chance(m, 90) ? 0 : -1;
	t->code = maker_chance(m, 80) ? BOX_CENTER_SIZE : maker_chance(m, 50) ? BOX_CORNER : BOX_CORNER_SIZE;
	t->variance_encoded = maker_chance(m, 15);
	t->softmax = inside;
	t->agnostic = maker_chance(m, 15);
	t->threshold = 0.05 + 0.05 * maker_below(m, 6);
	t->nms = 0.3 + 0.1 * maker_below(m, 4);
	t->eta = 1;
	t->top_k = maker_chance(m, 80) ? 400 : -1;
	t->keep_per_class = t->top_k < 0 ? 3 : 0; /* no more choices: seeds stay what they are */
	t->keep_top_k = maker_chance(m, 70) ? 200 : 20;
	return maker_finish(m, d);
}

/* ---- the graph ---- */

static void make_inputs(Maker *m, uint64_t seed, bool tensors)
{
	int count = maker_chance(m, 80) ? 1 : 2;
	int64_t h = 1 + maker_below(m, 18), w = maker_chance(m, 60) ? h : 1 + maker_below(m, 18);
	for (int i = 0; i < count; i++) {
		int64_t dim[4] = {tensors && maker_chance(m, 50) ? 2 : 1, PICK(m, 1, 3, 3, 4, 8, 16, 16, 32), h, w};
		Value *v = graph_input(m->g, i ? "second" : "data", type_make(DT_F32, 4, dim));
		m->pool[m->npool++] = v;
	}
	if (tensors)
		tensors_inputs(m);
	double **in = random_inputs(m->g, seed, m->a);
	for (int i = 0; i < m->g->ninput; i++)
		m->known[m->g->input[i]->id] = (Tensor){m->g->input[i]->type, in[i]};
}

/* What nobody reads, and now and then what somebody reads too; eight pointers in all. */
static void make_outputs(Maker *m)
{
	int room = 8 - m->g->ninput;
	tensors_outputs(m, room / 2);
	for (int i = m->npool - 1; i >= 0 && m->g->noutput < room; i--) {
		Value *v = m->pool[i];
		if (v->def && !v->noutput && (!v->nuse ? maker_chance(m, 90) : maker_chance(m, 8)))
			graph_output(m->g, v);
	}
	for (int i = m->npool - 1; i >= 0 && !m->g->noutput; i--)
		if (m->pool[i]->def)
			graph_output(m->g, m->pool[i]);
	if (m->g->noutput && m->g->noutput < room && maker_chance(m, 4))
		graph_output(m->g, maker_chance(m, 50) ? m->g->output[0] : m->g->input[0]); /* twice the same; what came in */
}

static bool fill(Maker *m, uint64_t seed)
{
	static void (*const makers[])(Maker *) = {make_conv,   make_conv,     make_conv,    make_deconv,  make_pool,   make_unary,
	                                          make_binary, make_binary,   make_norm,    make_concat,  make_concat, make_move,
	                                          make_matmul, make_siblings, make_pattern, make_pattern, make_pattern};
	bool detects = maker_chance(m, 30);
	bool tensors = !detects && maker_chance(m, 60);
	make_inputs(m, seed, tensors);
	int count = tensors && maker_chance(m, 40) ? 0 : 2 + maker_below(m, tensors ? 6 : 14);
	for (int i = 0; tensors && i < 12 + count; i++)
		tensors_make(m);
	for (int i = 0; i < count; i++)
		makers[maker_below(m, (int)(sizeof makers / sizeof *makers))](m);
	Value *found = detects && m->g->ninput == 1 ? detector(m) : NULL;
	if (found)
		graph_output(m->g, found);
	else
		make_outputs(m);
	graph_sweep(m->g);
	return m->g->noutput > 0;
}

Graph *random_graph(uint64_t seed)
{
	for (uint64_t attempt = 0;; attempt++) {
		Maker *m = NULL;
		Arena *a = arena_new();
		m = arena_new_one(a, Maker);
		m->a = a;
		m->state = seed * 1000003 + attempt;
		m->g = graph_new("");
		m->g->name = arena_printf(m->g->arena, "random %llu", (unsigned long long)seed);
		bool good = fill(m, seed);
		Graph *g = m->g;
		arena_free(a);
		if (good) {
			graph_check(g);
			return g;
		}
		graph_free(g);
	}
}
