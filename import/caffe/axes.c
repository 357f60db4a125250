/* axes.c -- layers along axes: sums, the largest, copies, and the channels of SENet and ShuffleNet. Each is written
 * with the operators of the IR, so that no kernel is its own. */
#include "import/caffe/caffe.h"

#include <inttypes.h>
#include <string.h>

static Value *reduced(Caffe *c, const Layer *l, const char *suffix, Value *x, const Reduce *r)
{
	Node *n = layer_node(c, l, suffix, OP_reduce, 1, &x);
	n->u.reduce = *r;
	return layer_finish(c, n);
}

/* Adds up all axes from `first` on. */
static Reduce over_axes(const Value *x, int first)
{
	Reduce r = {.fn = FN_add, .keepdims = true};
	for (int i = first; i < x->type.rank; i++)
		r.axes[r.n++] = i;
	return r;
}

enum { LIST_LIMIT = 1 << 22, FEW_TILES = 64 };

/* Room for a list of places of an axis; null after an error: a small file may ask for a list of any length. */
static int64_t *list_new(Caffe *c, const Layer *l, int64_t count)
{
	if (count <= LIST_LIMIT)
		return arena_new_array(c->a, int64_t, count);
	diag_error(c->d, DIAG_LIMIT, l->loc, "an axis of %" PRId64 " in a %s layer; the limit is %d", count, l->type, LIST_LIMIT);
	return NULL;
}

/* The elements of x whose places on the axis are listed in index, in this order. */
static Value *taken(Caffe *c, const Layer *l, const char *suffix, Value *x, int axis, int64_t count, const int64_t *index)
{
	const Type t = type_make(DT_I64, 1, &count);
	Value *list = graph_constant(c->graph, arena_printf(c->graph->arena, "%s.index", l->name), blob_bytes(c->graph, &t, index));
	Node *n = layer_node(c, l, suffix, OP_take, 2, (Value *[]){x, list});
	n->u.take.axis = axis;
	return layer_finish(c, n);
}

static Value *as_float(Caffe *c, const Layer *l, const char *suffix, Value *x)
{
	Node *n = layer_node(c, l, suffix, OP_eltwise, 1, &x);
	n->u.eltwise.fn = FN_identity;
	n->u.eltwise.to = DT_F32;
	return layer_finish(c, n);
}

/* ---- SENet and ShuffleNet ---- */

/* a * x + y, where a has one number a channel */
bool caffe_axpy(Caffe *c, Layer *l)
{
	const Type *a = &l->in[0]->type, *x = &l->in[1]->type;
	int64_t dim[MAX_RANK];
	bool good = x->rank >= 2 && a->rank >= 2 && a->dim[0] == x->dim[0] && a->dim[1] == x->dim[1];
	for (int i = 2; i < a->rank; i++)
		good = good && a->dim[i] == 1;
	if (!good)
		return LAYER_FAIL(c, l, NULL, NULL, "bottom 0 must have one number for each channel of bottom 1");
	if (!type_same_shape(x, &l->in[2]->type))
		return LAYER_FAIL(c, l, NULL, NULL, "bottom 2 has another shape than bottom 1");
	for (int i = 0; i < x->rank; i++)
		dim[i] = i < 2 ? x->dim[i] : 1;
	Value *y = a->rank == x->rank ? l->in[0] : layer_reshape(c, l, "factor", l->in[0], x->rank, dim);
	y = y ? layer_function(c, l, "scale", FN_mul, 0, 0, l->in[1], y) : NULL;
	l->out[0] = y ? layer_function(c, l, NULL, FN_add, 0, 0, y, l->in[2]) : NULL;
	return l->out[0];
}

/* The channels as a table of `group` rows, read by columns. */
bool caffe_shuffle_channel(Caffe *c, Layer *l)
{
	PARAM(l, shuffle_channel_param, Caffe__ShuffleChannelParameter, CAFFE__SHUFFLE_CHANNEL_PARAMETER__INIT);
	const Type *x = &l->in[0]->type;
	int64_t dim[MAX_RANK];
	if (x->rank < 2 || x->rank == MAX_RANK)
		return LAYER_FAIL(c, l, NULL, NULL, "the input has %d axes; 2 to %d are needed", x->rank, MAX_RANK - 1);
	if (p->group < 1 || x->dim[1] % p->group)
		return LAYER_FAIL(c, l, shuffle_channel_param_given, "group", "group is %u; it must divide %" PRId64 " channels", p->group,
		                  x->dim[1]);
	dim[0] = x->dim[0];
	dim[1] = p->group;
	dim[2] = x->dim[1] / p->group;
	memcpy(dim + 3, x->dim + 2, sizeof *dim * (size_t)(x->rank - 2));
	Value *table = layer_reshape(c, l, "rows", l->in[0], x->rank + 1, dim);
	Node *n = table ? layer_node(c, l, "columns", OP_permute, 1, &table) : NULL;
	if (!n)
		return false;
	n->u.permute.n = x->rank + 1;
	for (int i = 0; i <= x->rank; i++)
		n->u.permute.order[i] = i == 1 ? 2 : i == 2 ? 1 : i;
	table = layer_finish(c, n);
	l->out[0] = table ? layer_reshape(c, l, NULL, table, x->rank, x->dim) : NULL;
	return l->out[0];
}

/* ---- sums ---- */

/* (x - mean) / (deviation + eps), of each map or of each image */
bool caffe_mvn(Caffe *c, Layer *l)
{
	PARAM(l, mvn_param, Caffe__MVNParameter, CAFFE__MVNPARAMETER__INIT);
	const int first = p->across_channels ? 1 : 2;
	if (l->in[0]->type.rank <= first)
		return LAYER_FAIL(c, l, NULL, NULL, "the input has %d axes; at least %d are needed", l->in[0]->type.rank, first + 1);
	Reduce r = over_axes(l->in[0], first);
	r.mean = true;
	Value *mean = reduced(c, l, "mean", l->in[0], &r);
	Value *x = mean ? layer_function(c, l, p->normalize_variance ? "centred" : NULL, FN_sub, 0, 0, l->in[0], mean) : NULL;
	if (x && p->normalize_variance) {
		r.pre = FN_square;
		r.post = FN_sqrt;
		Value *deviation = reduced(c, l, "deviation", x, &r);
		if (deviation)
			deviation = layer_function(c, l, "divisor", FN_affine, 1, caffe_number(p->eps), deviation, NULL);
		x = deviation ? layer_function(c, l, NULL, FN_div, 0, 0, x, deviation) : NULL;
	}
	l->out[0] = x;
	return x;
}

bool caffe_reduction(Caffe *c, Layer *l)
{
	PARAM(l, reduction_param, Caffe__ReductionParameter, CAFFE__REDUCTION_PARAMETER__INIT);
	int axis;
	if (!layer_axis(c, l, reduction_param_given, "axis", p->axis, l->in[0]->type.rank, &axis))
		return false;
	const bool scaled = p->coeff != 1;
	Reduce r = over_axes(l->in[0], axis);
	r.keepdims = false;
	r.mean = p->operation == CAFFE__REDUCTION_PARAMETER__REDUCTION_OP__MEAN;
	r.pre = p->operation == CAFFE__REDUCTION_PARAMETER__REDUCTION_OP__ASUM    ? FN_abs
	        : p->operation == CAFFE__REDUCTION_PARAMETER__REDUCTION_OP__SUMSQ ? FN_square
	                                                                          : FN_NONE;
	Value *y = reduced(c, l, scaled ? "sum" : NULL, l->in[0], &r);
	if (y && scaled)
		y = layer_function(c, l, NULL, FN_affine, caffe_number(p->coeff), 0, y, NULL);
	l->out[0] = y;
	return y;
}

/* ---- copies ---- */

/* A few copies are a concat, which every target has; many are a take. */
bool caffe_tile(Caffe *c, Layer *l)
{
	PARAM(l, tile_param, Caffe__TileParameter, CAFFE__TILE_PARAMETER__INIT);
	const Type *x = &l->in[0]->type;
	int axis;
	if (!layer_axis(c, l, tile_param_given, "axis", p->axis, x->rank, &axis))
		return false;
	if (p->tiles < 1)
		return LAYER_FAIL(c, l, tile_param_given, "tiles", "tiles is %d; 1 or more is accepted", p->tiles);
	if (p->tiles == 1)
		return caffe_same(c, l);
	if (p->tiles <= FEW_TILES) {
		Value *copy[FEW_TILES];
		for (int i = 0; i < p->tiles; i++)
			copy[i] = l->in[0];
		Node *n = layer_node(c, l, NULL, OP_concat, p->tiles, copy);
		n->u.concat.axis = axis;
		return layer_end(c, l, n);
	}
	const int64_t size = x->dim[axis], count = size * p->tiles;
	int64_t *index = list_new(c, l, count);
	for (int64_t i = 0; index && i < count; i++)
		index[i] = i % size;
	l->out[0] = index ? taken(c, l, NULL, l->in[0], axis, count, index) : NULL;
	return l->out[0];
}

/* ---- ArgMax ---- */

typedef struct Best { /* the k largest of an axis: their places as floats, and themselves; null: not wanted, or an error
	               */
	Value *place, *value;
} Best;

/* Of equals Caffe takes the last first. topk takes the first: it is given the axis backwards. */
static Best best_of(Caffe *c, const Layer *l, Value *x, int axis, int64_t k, bool places, bool values)
{
	const int64_t size = x->type.dim[axis];
	Best b = {0};
	if (k == 1) {
		const Reduce r = {.fn = FN_max, .keepdims = true, .n = 1, .axes = {axis}};
		Node *n = places ? layer_node(c, l, "place", OP_argmax, 1, &x) : NULL;
		if (n)
			n->u.argmax = (ArgMax){.axis = axis, .keepdims = true, .last = true};
		b.place = n ? layer_finish(c, n) : NULL;
		b.place = b.place ? as_float(c, l, "index", b.place) : NULL;
		b.value = values ? reduced(c, l, "value", x, &r) : NULL;
		return b;
	}
	int64_t *index = list_new(c, l, size);
	for (int64_t i = 0; index && i < size; i++)
		index[i] = size - 1 - i;
	Value *backwards = !index ? NULL : taken(c, l, "backwards", x, axis, size, index);
	if (!backwards)
		return b;
	Node *n = graph_node(c->graph, OP_topk, arena_printf(c->graph->arena, "%s.best", l->name), 1, &backwards, 2);
	n->loc = l->loc;
	n->u.topk = (TopK){.axis = axis, .k = k};
	n->out[TOPK_VALUES]->name = n->name;
	n->out[TOPK_INDICES]->name = arena_printf(c->graph->arena, "%s.place", l->name);
	if (!infer_node(n, c->d))
		return b;
	b.value = values ? n->out[TOPK_VALUES] : NULL;
	b.place = places ? as_float(c, l, "index", n->out[TOPK_INDICES]) : NULL;
	if (b.place)
		b.place = layer_function(c, l, "forwards", FN_affine, -1, (double)(size - 1), b.place, NULL);
	return b;
}

/* Without an axis: of the whole image, [n][1 or 2][k]: places, then with out_max_val the numbers. */
static bool argmax_of_image(Caffe *c, Layer *l, int64_t k, bool values)
{
	const Type *x = &l->in[0]->type;
	const int rank = x->rank > 3 ? x->rank : 3;
	int64_t dim[MAX_RANK] = {x->dim[0], 1, k, 1, 1, 1, 1, 1};
	Value *flat = layer_reshape(c, l, "flat", l->in[0], 2, (int64_t[]){x->dim[0], type_count(x) / x->dim[0]});
	if (!flat)
		return false;
	const Best b = best_of(c, l, flat, 1, k, true, values);
	Value *part[2] = {b.place ? layer_reshape(c, l, values ? "places" : NULL, b.place, rank, dim) : NULL,
	                  b.value ? layer_reshape(c, l, "values", b.value, rank, dim) : NULL};
	l->out[0] = part[0];
	if (!part[0] || !values)
		return part[0];
	Node *n = part[1] ? layer_node(c, l, NULL, OP_concat, 2, part) : NULL;
	if (!n)
		return false;
	n->u.concat.axis = 1;
	return layer_end(c, l, n);
}

bool caffe_arg_max(Caffe *c, Layer *l)
{
	PARAM(l, argmax_param, Caffe__ArgMaxParameter, CAFFE__ARG_MAX_PARAMETER__INIT);
	const Type *x = &l->in[0]->type;
	int axis = 0;
	if (x->rank < 1 || (p->has_axis && !layer_axis(c, l, p, "axis", p->axis, x->rank, &axis)))
		return x->rank < 1 && LAYER_FAIL(c, l, NULL, NULL, "the input has no axes; at least 1 is needed");
	const int64_t size = p->has_axis ? x->dim[axis] : type_count(x) / x->dim[0];
	if (p->top_k < 1 || p->top_k > size)
		return LAYER_FAIL(c, l, argmax_param_given, "top_k", "top_k is %u; 1 to %" PRId64 " is accepted", p->top_k, size);
	if (!p->has_axis)
		return argmax_of_image(c, l, p->top_k, p->out_max_val);
	const Best b = best_of(c, l, l->in[0], axis, p->top_k, !p->out_max_val, p->out_max_val);
	l->out[0] = p->out_max_val ? b.value : b.place;
	return l->out[0];
}
