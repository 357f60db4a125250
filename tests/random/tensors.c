/* tensors.c -- random nodes of general networks: every element type, indices, reductions, casts.
 *
 * They stand in a pool of their own, whose values are exact in the evaluator and in the emitted program (integers, and
 * floats that are sums and products of few short numbers), so that a comparison or a cast never hangs on rounding.
 * Casts to f32 lead from there to the pool of the other ops, and wheres take values of that pool along. */
#include "tests/random/maker.h"

#include <math.h>
#include <string.h>

static const DType types[] = {DT_F32, DT_F64, DT_I8, DT_U8, DT_I16, DT_U16, DT_I32, DT_U32, DT_I64, DT_U64, DT_BOOL, DT_F16};
enum { NTYPES = sizeof types / sizeof *types };

static DType any_type(Maker *m)
{
	return types[maker_below(m, NTYPES)];
}

static bool is_small(const Tensor *t)
{
	int64_t n = type_count(&t->type);
	double most = t->type.dtype == DT_F16 ? 64 : 1 << 20;
	for (int64_t i = 0; i < n; i++)
		if (!(fabs(t->data[i]) <= most) || rint(t->data[i] * 1024) != t->data[i] * 1024)
			return false;
	return true;
}

/* Into the exact pool, if what it holds is exact: integers within 2^53, floats short. */
static Value *keep(Maker *m, Value *v)
{
	if (!v || m->nexact == MOST_VALUES)
		return NULL;
	const Tensor *t = &m->known[v->id];
	for (int64_t i = 0; i < type_count(&t->type); i++)
		if (!dtype_is_float(t->type.dtype) && fabs(t->data[i]) > 0x1p52)
			return NULL;
	if (dtype_is_float(t->type.dtype) && !is_small(t))
		return NULL;
	return m->exact[m->nexact++] = v;
}

static Value *any(Maker *m)
{
	int recent = m->nexact < 6 ? m->nexact : 6;
	return m->exact[m->nexact - 1 - (maker_chance(m, 70) ? maker_below(m, recent) : maker_below(m, m->nexact))];
}

static Value *constant(Maker *m, DType type, int rank, const int64_t *dim, double low, double high)
{
	Type t = type_make(type, rank, dim);
	int64_t n = type_count(&t);
	double *x = arena_new_array(m->a, double, n + 1);
	for (int64_t i = 0; i < n; i++)
		x[i] = number_round(type, rint((low + (high - low) * maker_below(m, 4096) / 4096) * 4) / 4);
	return graph_constant(m->g, NULL, blob_from_f64(m->g, &t, x));
}

static Value *cast(Maker *m, Value *x, DType to)
{
	if (x->type.dtype == to)
		return x;
	Node *n = maker_node(m, OP_eltwise, 1, &x);
	n->u.eltwise.fn = FN_identity;
	n->u.eltwise.to = to;
	n->u.eltwise.saturate = maker_chance(m, 30) && x->type.dtype != DT_U64;
	return keep(m, maker_finish(m, n));
}

/* A shape that broadcasts with x's: extents 1, leading axes left out. */
static Value *partner(Maker *m, const Value *x, DType t)
{
	for (int i = 0; i < m->nexact && maker_chance(m, 80); i++) {
		Value *v = m->exact[(i + m->nexact / 2) % m->nexact];
		if (v->type.dtype == t && v != x && v->type.rank <= x->type.rank)
			return v; /* may not broadcast: then the node is dropped */
	}
	int64_t dim[MAX_RANK];
	int drop = maker_chance(m, 30) ? maker_below(m, x->type.rank + 1) : 0, rank = x->type.rank - drop;
	for (int i = 0; i < rank; i++)
		dim[i] = maker_chance(m, 40) ? 1 : x->type.dim[drop + i];
	return constant(m, t, rank, dim, -8, 8);
}

static void make_cast(Maker *m)
{
	Value *x = any(m), *y = cast(m, x, any_type(m));
	if (y && y->type.dtype == DT_F32 && maker_chance(m, 60))
		maker_offer(m, y);
}

static void make_binary(Maker *m)
{
	static const Func list[] = {FN_add, FN_sub, FN_mul,        FN_max,     FN_min,           FN_equal,      FN_less,
	                            FN_div, FN_mod, FN_fmod,       FN_greater, FN_greater_equal, FN_and,        FN_or,
	                            FN_xor, FN_pow, FN_less_equal, FN_prelu,   FN_shift_left,    FN_shift_right};
	Value *x = any(m), *in[2] = {x, partner(m, x, x->type.dtype)};
	if (maker_chance(m, 20)) {
		Value *t = in[0];
		in[0] = in[1];
		in[1] = t;
	}
	Node *n = maker_node(m, OP_eltwise, 2, in);
	n->u.eltwise.fn = list[maker_below(m, (int)(sizeof list / sizeof *list))];
	if (maker_chance(m, 15))
		n->u.eltwise.to = any_type(m);
	keep(m, maker_finish(m, n));
}

static void make_unary(Maker *m)
{
	static const Func list[] = {FN_abs,  FN_neg,   FN_sign, FN_not,   FN_square, FN_relu,
	                            FN_clip, FN_floor, FN_ceil, FN_round, FN_isnan,  FN_isinf};
	Value *x = any(m);
	Node *n = maker_node(m, OP_eltwise, 1, &x);
	n->u.eltwise.fn = list[maker_below(m, (int)(sizeof list / sizeof *list))];
	n->u.eltwise.alpha = n->u.eltwise.fn == FN_clip ? -2 : 0;
	n->u.eltwise.beta = 3;
	keep(m, maker_finish(m, n));
}

/* Of values of the other pool, by an exact condition. */
static void make_where(Maker *m)
{
	Value *x = maker_chance(m, 50) ? maker_choose(m, 0) : any(m);
	Value *y = partner(m, x, x->type.dtype), *c = partner(m, x, maker_chance(m, 70) ? DT_BOOL : any_type(m));
	Node *n = maker_node(m, OP_eltwise, 3, (Value *[]){c, x, y});
	n->u.eltwise.fn = FN_where;
	Value *v = maker_finish(m, n);
	if (!keep(m, v) && v && v->type.dtype == DT_F32)
		maker_offer(m, v);
}

static void make_reduce(Maker *m)
{
	static const Func fns[] = {FN_add, FN_mul, FN_max, FN_min, FN_add};
	bool exact = maker_chance(m, 70);
	Value *x = exact ? any(m) : maker_choose(m, 0);
	Node *n = maker_node(m, OP_reduce, 1, &x);
	Reduce *r = &n->u.reduce;
	r->fn = fns[maker_below(m, 5)];
	r->keepdims = maker_chance(m, 50);
	for (int i = 0; i < x->type.rank; i++)
		if (maker_chance(m, 50))
			r->axes[r->n++] = i;
	r->pre = maker_chance(m, 30) ? (maker_chance(m, 50) ? FN_abs : FN_square) : FN_NONE;
	if (!exact && r->fn == FN_add && maker_chance(m, 50)) {
		r->pre = maker_chance(m, 50) ? FN_exp : FN_square;
		r->post = r->pre == FN_exp ? FN_log : FN_sqrt;
	}
	r->mean = r->fn == FN_add && maker_chance(m, 30);
	Value *y = maker_finish(m, n);
	if (exact)
		keep(m, y);
	else
		maker_offer(m, y);
}

static void make_along(Maker *m)
{
	static const Op ops[] = {OP_argmax, OP_cumsum, OP_topk};
	Op op = ops[maker_below(m, 3)];
	Value *x = any(m);
	if (!x->type.rank)
		return;
	int axis = maker_below(m, x->type.rank);
	Node *n = graph_node(m->g, op, arena_printf(m->a, "%s%d", op_info[op].name, m->g->nnode), 1, &x,
	                     op == OP_topk && maker_chance(m, 70) ? 2 : 1);
	if (op == OP_argmax) {
		n->u.argmax.axis = axis;
		n->u.argmax.keepdims = maker_chance(m, 50);
		n->u.argmax.smallest = maker_chance(m, 50);
		n->u.argmax.last = maker_chance(m, 50);
	} else if (op == OP_cumsum) {
		n->u.cumsum.axis = axis;
		n->u.cumsum.exclusive = maker_chance(m, 50);
		n->u.cumsum.reverse = maker_chance(m, 50);
	} else {
		n->u.topk.axis = axis;
		n->u.topk.k = 1 + maker_below(m, (int)x->type.dim[axis] + 1);
		n->u.topk.smallest = maker_chance(m, 50);
	}
	Value *other = n->nout > 1 ? n->out[1] : NULL, *y = maker_finish(m, n);
	keep(m, y);
	keep(m, y ? other : NULL);
}

/* Constant or not, in range or not. */
static Value *indices(Maker *m, int rank, const int64_t *dim, int64_t size)
{
	DType t = maker_chance(m, 70) ? DT_I64 : DT_I32;
	Value *v = constant(m, t, rank, dim, -(double)size - 1, (double)size + 1);
	Value *from = any(m); /* now and then they depend on an input */
	if (maker_chance(m, 40) || !from->type.rank)
		return v;
	Node *r = maker_node(m, OP_reduce, 1, &from);
	r->u.reduce.fn = FN_max;
	r->u.reduce.keepdims = false;
	for (int i = 0; i < from->type.rank; i++)
		r->u.reduce.axes[r->u.reduce.n++] = i;
	Value *scalar = maker_finish(m, r);
	if (!scalar)
		return v;
	Node *c = maker_node(m, OP_eltwise, 1, &scalar);
	c->u.eltwise.fn = FN_identity;
	c->u.eltwise.to = t;
	scalar = maker_finish(m, c);
	if (!scalar || fabs(m->known[scalar->id].data[0]) > 1e6)
		return v;
	Node *a = maker_node(m, OP_eltwise, 2, (Value *[]){v, scalar});
	a->u.eltwise.fn = FN_add;
	Value *sum = maker_finish(m, a);
	return sum ? sum : v;
}

static void make_take(Maker *m)
{
	Value *x = maker_chance(m, 50) ? any(m) : maker_choose(m, 0);
	if (!x->type.rank)
		return;
	int axis = maker_below(m, x->type.rank);
	int64_t count = 1 + maker_below(m, 6), *list = arena_new_array(m->a, int64_t, count);
	for (int64_t i = 0; i < count; i++)
		list[i] = maker_below(m, (int)x->type.dim[axis] + 1) - 1;
	Type t = type_make(DT_I64, 1, &count);
	Node *n = maker_node(m, OP_take, 2, (Value *[]){x, graph_constant(m->g, NULL, blob_bytes(m->g, &t, list))});
	n->u.take.axis = axis;
	n->u.take.value = maker_chance(m, 50) ? 0 : 1.5;
	Value *y = maker_finish(m, n);
	if (!keep(m, y) && y && y->type.dtype == DT_F32)
		maker_offer(m, y);
}

static void make_gather(Maker *m)
{
	Value *x = maker_chance(m, 60) ? any(m) : maker_choose(m, 0);
	if (!x->type.rank)
		return;
	int axis = maker_below(m, x->type.rank), which = maker_below(m, 3), rank = which == 1 ? x->type.rank : maker_below(m, 3);
	int64_t dim[MAX_RANK];
	for (int i = 0; i < rank; i++)
		dim[i] = 1 + maker_below(m, which == 1 && i != axis ? (int)x->type.dim[i] : 4);
	if (which == 2)
		dim[rank++] = 1 + maker_below(m, x->type.rank);
	static const Op ops[] = {OP_gather, OP_gather_elements, OP_gather_nd};
	Node *n = maker_node(m, ops[which], 2, (Value *[]){x, indices(m, rank, dim, which == 2 ? 3 : x->type.dim[axis])});
	if (which == 0)
		n->u.gather.axis = axis;
	if (which == 1)
		n->u.gather_elements.axis = axis;
	Value *y = maker_finish(m, n);
	if (!keep(m, y) && y && y->type.dtype == DT_F32)
		maker_offer(m, y);
}

static void make_scatter(Maker *m)
{
	static const Func fns[] = {FN_NONE, FN_NONE, FN_add, FN_mul, FN_max, FN_min};
	Value *x = any(m);
	if (!x->type.rank)
		return;
	Func fn = fns[maker_below(m, 6)];
	int axis = maker_below(m, x->type.rank);
	bool vectors = maker_chance(m, 50);
	int64_t dim[2 * MAX_RANK], of[2 * MAX_RANK];
	int rank = x->type.rank, nof = rank;
	for (int i = 0; i < rank; i++)
		dim[i] = of[i] = 1 + maker_below(m, i != axis ? (int)x->type.dim[i] : 4);
	if (vectors) {
		int64_t k = 1 + maker_below(m, x->type.rank);
		dim[0] = of[0] = 1 + maker_below(m, 4);
		dim[1] = k;
		rank = 2;
		nof = 1;
		for (int i = (int)k; i < x->type.rank; i++)
			of[nof++] = x->type.dim[i];
	}
	Value *in[3] = {x, indices(m, rank, dim, x->type.dim[axis]), constant(m, x->type.dtype, nof, of, -8, 8)};
	Node *n = maker_node(m, vectors ? OP_scatter_nd : OP_scatter_elements, 3, in);
	if (vectors) {
		n->u.scatter_nd.fn = fn;
	} else {
		n->u.scatter_elements.fn = fn;
		n->u.scatter_elements.axis = axis;
	}
	keep(m, maker_finish(m, n));
}

static void make_move(Maker *m)
{
	Value *x = any(m);
	int rank = x->type.rank, which = maker_below(m, 5);
	static const Op ops[] = {OP_slice, OP_pad, OP_permute, OP_reshape, OP_concat};
	if (rank < 1 || (which == 1 && rank < 2))
		return;
	int axis = maker_below(m, rank);
	Node *n = maker_node(m, ops[which], which == 4 ? 2 : 1, (Value *[]){x, x});
	if (which == 4) {
		Value *y = constant(m, x->type.dtype, rank, x->type.dim, -8, 8);
		if (maker_chance(m, 70))
			node_set_input(m->g, n, 1, y);
		n->u.concat.axis = axis;
	} else if (which == 0) {
		n->u.slice.axis = axis;
		n->u.slice.begin = maker_below(m, (int)x->type.dim[axis] + 1);
		n->u.slice.end = n->u.slice.begin + maker_below(m, (int)(x->type.dim[axis] - n->u.slice.begin) + 1);
	} else if (which == 1) {
		n->u.pad.pad[maker_below(m, 4)] = 1;
		n->u.pad.value = 1.5;
	} else if (which == 2) {
		n->u.permute.n = rank;
		for (int i = 0; i < rank; i++)
			n->u.permute.order[i] = (i + axis) % rank;
	} else {
		n->u.reshape.n = 1 + maker_below(m, 3);
		n->u.reshape.dim[0] = -1;
		for (int i = 1; i < n->u.reshape.n; i++)
			n->u.reshape.dim[i] = 1;
	}
	keep(m, maker_finish(m, n));
}

static void make_matmul(Maker *m)
{
	static const DType of[] = {DT_I8, DT_U8, DT_I32, DT_F32, DT_F64};
	Value *x = any(m);
	if (x->type.rank < 2)
		return;
	DType a = x->type.dtype, b = dtype_is_float(a) ? a : of[maker_below(m, 3)];
	int64_t dim[3] = {maker_chance(m, 50) ? 1 : 2, x->type.dim[x->type.rank - 1], 1 + maker_below(m, 4)};
	int skip = maker_chance(m, 50);
	Node *n = maker_node(m, OP_matmul, 2, (Value *[]){x, constant(m, b, 3 - skip, dim + skip, -4, 4)});
	keep(m, maker_finish(m, n));
}

static void make_lrn(Maker *m)
{
	Value *x = maker_choose(m, maker_chance(m, 50) ? 4 : 0);
	if (x->type.rank < 2)
		return;
	Node *n = maker_node(m, OP_lrn, 1, &x);
	n->u.lrn.size = 1 + maker_below(m, 5);
	n->u.lrn.alpha = 0.5;
	n->u.lrn.bias = 1 + maker_below(m, 2);
	n->u.lrn.within_channel = maker_chance(m, 40);
	maker_offer(m, maker_finish(m, n));
}

static void make_nms(Maker *m)
{
	Value *x = any(m);
	int64_t n = type_count(&x->type);
	if (x->type.dtype != DT_F32 || n < 2)
		return;
	Node *r = maker_node(m, OP_reshape, 1, &x);
	r->u.reshape.n = 3;
	memcpy(r->u.reshape.dim, (int64_t[]){1, 1, -1}, 3 * sizeof(int64_t));
	Value *scores = maker_finish(m, r), *boxes = constant(m, DT_F32, 3, (int64_t[]){1, n, 4}, 0, 4);
	Node *s = maker_node(m, OP_nms, 2, (Value *[]){boxes, scores});
	s->u.nms.center_point_box = maker_chance(m, 50);
	s->u.nms.max_per_class = 1 + maker_below(m, 6);
	s->u.nms.iou = 0.3137; /* of no pair of these boxes */
	s->u.nms.threshold = maker_chance(m, 50) ? -INFINITY : 0.2;
	s->u.nms.rows = 1 + maker_below(m, 8);
	keep(m, maker_finish(m, s));
}

void tensors_make(Maker *m)
{
	static void (*const makers[])(Maker *) = {make_cast,  make_cast,   make_cast,   make_binary, make_binary, make_binary, make_unary,
	                                          make_where, make_where,  make_reduce, make_along,  make_take,   make_gather, make_scatter,
	                                          make_move,  make_matmul, make_lrn,    make_reduce, make_nms,    make_nms};
	if (m->nexact)
		makers[maker_below(m, (int)(sizeof makers / sizeof *makers))](m);
}

void tensors_inputs(Maker *m)
{
	int count = 1 + maker_below(m, 2);
	for (int i = 0; i < count; i++) {
		int64_t dim[4];
		int rank = maker_below(m, 5);
		for (int k = 0; k < rank; k++)
			dim[k] = maker_chance(m, 3) ? 0 : 1 + maker_below(m, 5);
		m->exact[m->nexact++] = graph_input(m->g, arena_printf(m->a, "exact%d", i), type_make(any_type(m), rank, dim));
	}
}

void tensors_outputs(Maker *m, int most)
{
	for (int i = m->nexact - 1; i >= 0 && m->g->noutput < most; i--) {
		Value *v = m->exact[i];
		if (!v->noutput && !v->data && (!v->nuse ? maker_chance(m, 90) : maker_chance(m, 15)))
			graph_output(m->g, v);
	}
}
