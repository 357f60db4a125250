/* pool.c -- pools. A window over three axes is one over the last two, then one over the first: maxima and
 * means (numbers of pixels multiply) both allow it. */
#include "import/onnx/window.h"

typedef struct PoolKind {
	bool average, ceil, count_padding;
} PoolKind;

static Value *pool_planes(Call *c, Value *x, const Window *w, int axis, PoolKind kind)
{
	Node *n = x ? build_begin(c, OP_pool2d, 1, &x, 1) : NULL;
	if (!n)
		return NULL;
	Pool *p = &n->u.pool2d;
	p->average = kind.average;
	p->ceil_mode = kind.ceil;
	p->count_padding = kind.count_padding;
	for (int i = 0; i < 2 && axis + i < w->n; i++) {
		p->kernel[i] = w->kernel[axis + i];
		p->stride[i] = w->stride[axis + i];
		p->dilation[i] = w->dilation[axis + i];
		p->pad[i] = w->before[axis + i];
		p->pad[i + 2] = w->behind[axis + i];
	}
	return build_end(c, n);
}

static Value *pool_three(Call *c, Value *x, const Window *w, PoolKind kind)
{
	const int64_t *d = x->type.dim;
	Window depth = {.n = 1, .kernel = {w->kernel[0]}, .stride = {w->stride[0]}, .dilation = {w->dilation[0]}};
	depth.before[0] = w->before[0];
	depth.behind[0] = w->behind[0];
	x = pool_planes(c, build_reshape(c, x, 4, (int64_t[]){d[0], d[1] * d[2], d[3], d[4]}), w, 1, kind);
	if (!x)
		return NULL;
	const int64_t h = x->type.dim[2], v = x->type.dim[3];
	x = pool_planes(c, build_reshape(c, x, 4, (int64_t[]){d[0], d[1], d[2], h * v}), &depth, 0, kind);
	return x ? build_reshape(c, x, 5, (int64_t[]){d[0], d[1], x->type.dim[2], h, v}) : NULL;
}

static void pool(Call *c)
{
	Window w;
	Value *x = c->in[0];
	int rank = x->type.rank;
	PoolKind kind = {.average = c->row->code, .ceil = call_flag(c, "ceil_mode", false)};
	kind.count_padding = kind.average && call_flag(c, "count_include_pad", false);
	call_ignore(c, "storage_order"); /* of the indices, which are not made */
	if (!window_read(c, rank, NULL, &w))
		return;
	window_pad_same(&w, x->type.dim + 2);
	window_widen_window(&w);
	Value *y = rank == 5 ? pool_three(c, x, &w, kind) : window_narrow(c, pool_planes(c, window_widen(c, x), &w, 0, kind), rank);
	c->out[0] = build_cast(c, y, x->type.dtype);
}

/* Over everything after the channels. */
static void global_pool(Call *c)
{
	Value *x = c->in[0];
	const Type *t = &x->type;
	if (t->rank < 3) {
		call_reject(c, "%s of an input of rank %d; 3 at least are needed", c->row->name, t->rank);
		return;
	}
	if (t->rank == 4) {
		Node *n = build_begin(c, OP_pool2d, 1, &x, 1);
		n->u.pool2d.global = true;
		n->u.pool2d.average = c->row->code;
		c->out[0] = build_cast(c, build_end(c, n), t->dtype);
		return;
	}
	int axes[MAX_RANK], n = 0;
	for (int i = 2; i < t->rank; i++)
		axes[n++] = i;
	c->out[0] = build_reduce(c, x, c->row->code ? FN_add : FN_max, FN_NONE, FN_NONE, c->row->code, n, axes, true);
}

static void lrn(Call *c)
{
	int64_t size = call_int(c, "size", 0);
	Value *x = c->in[0];
	if (size < 1 || size > 1 << 20) {
		call_reject(c, "size is %lld; 1 to 1048576 are accepted", (long long)size);
		return;
	}
	Node *n = build_begin(c, OP_lrn, 1, &x, 1);
	if (!n)
		return;
	n->u.lrn.size = (int)size;
	n->u.lrn.alpha = call_float(c, "alpha", 0.0001f);
	n->u.lrn.beta = call_float(c, "beta", 0.75);
	n->u.lrn.bias = call_float(c, "bias", 1);
	c->out[0] = build_cast(c, build_end(c, n), x->type.dtype);
}

const OnnxRow onnx_pool_rows[] = {
    {"MaxPool", 1, 0, 1, 1, 2, pool, 0},
    {"AveragePool", 1, 0, 1, 1, 1, pool, 1},
    {"GlobalMaxPool", 1, 0, 1, 1, 1, global_pool, 0},
    {"GlobalAveragePool", 1, 0, 1, 1, 1, global_pool, 1},
    {"LRN", 1, 0, 1, 1, 1, lrn, 0},
    {0},
};
