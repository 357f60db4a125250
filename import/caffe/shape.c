/* shape.c -- layers that move, cut or join, and those that resample. */
#include "import/caffe/caffe.h"

#include <inttypes.h>
#include <string.h>

bool caffe_same(Caffe *c, Layer *l)
{
	(void)c;
	l->out[0] = l->in[0];
	return true;
}

bool caffe_split(Caffe *c, Layer *l)
{
	(void)c;
	for (int i = 0; i < l->nout; i++)
		l->out[i] = l->in[0];
	return true;
}

bool caffe_permute(Caffe *c, Layer *l)
{
	const Caffe__PermuteParameter *p = l->p->permute_param;
	int rank = l->in[0]->type.rank, count = 0;
	bool seen[MAX_RANK] = {0};
	if (!p)
		return LAYER_FAIL(c, l, NULL, NULL, "permute_param is missing");
	if (p->n_order > (size_t)rank)
		return LAYER_FAIL(c, l, p, "order", "%zu axes; the input has %d", p->n_order, rank);
	Node *n = layer_node(c, l, NULL, OP_permute, 1, l->in);
	Permute *out = &n->u.permute;
	for (size_t i = 0; i < p->n_order; i++) {
		if (p->order[i] >= (uint32_t)rank || seen[p->order[i]])
			return LAYER_FAIL(c, l, p, "order", "axis %u is %s; each of 0 to %d may occur once", p->order[i],
			                  p->order[i] >= (uint32_t)rank ? "out of range" : "there twice", rank - 1);
		seen[p->order[i]] = true;
		out->order[count++] = (int)p->order[i];
	}
	for (int i = 0; i < rank; i++)
		if (!seen[i]) /* axes that are not named follow in their order */
			out->order[count++] = i;
	out->n = rank;
	return layer_end(c, l, n);
}

bool caffe_flatten(Caffe *c, Layer *l)
{
	PARAM(l, flatten_param, Caffe__FlattenParameter, CAFFE__FLATTEN_PARAMETER__INIT);
	const Type *x = &l->in[0]->type;
	int64_t dim[MAX_RANK];
	int first, last, n = 0;
	if (!layer_axis(c, l, flatten_param_given, "axis", p->axis, x->rank, &first) ||
	    !layer_axis(c, l, flatten_param_given, "end_axis", p->end_axis, x->rank, &last))
		return false;
	if (last < first)
		return LAYER_FAIL(c, l, p, "end_axis", "end_axis %d lies before axis %d", last, first);
	while (n < first)
		dim[n++] = 0;
	dim[n++] = -1;
	for (int i = last + 1; i < x->rank; i++)
		dim[n++] = x->dim[i];
	l->out[0] = layer_reshape(c, l, NULL, l->in[0], n, dim);
	return l->out[0];
}

/* The axes that Reshape replaces: begin to end. */
static bool reshape_span(Caffe *c, const Layer *l, const Caffe__ReshapeParameter *p, int *begin, int *end)
{
	int rank = l->in[0]->type.rank;
	if (p->axis < -rank - 1 || p->axis > rank)
		return LAYER_FAIL(c, l, p, "axis", "axis is %d; %d to %d is accepted", p->axis, -rank - 1, rank);
	*begin = p->axis < 0 ? p->axis + rank + 1 : p->axis;
	if (p->num_axes < -1 || p->num_axes > rank - *begin)
		return LAYER_FAIL(c, l, p, "num_axes", "num_axes is %d; -1 to %d is accepted", p->num_axes, rank - *begin);
	*end = p->num_axes == -1 ? rank : *begin + p->num_axes;
	return true;
}

bool caffe_reshape(Caffe *c, Layer *l)
{
	const Caffe__ReshapeParameter *p = l->p->reshape_param;
	const Type *x = &l->in[0]->type;
	int64_t dim[MAX_RANK];
	int begin, end, n = 0;
	if (!p || !p->shape)
		return LAYER_FAIL(c, l, p, NULL, "reshape_param with a shape is missing");
	if (!reshape_span(c, l, p, &begin, &end))
		return false;
	if (begin + (int)p->shape->n_dim + x->rank - end > MAX_RANK || p->shape->n_dim > MAX_RANK)
		return LAYER_FAIL(c, l, p->shape, "dim", "more than %d axes", MAX_RANK);
	for (int i = 0; i < begin; i++)
		dim[n++] = x->dim[i];
	for (size_t i = 0; i < p->shape->n_dim; i++) {
		int64_t d = p->shape->dim[i];
		if (d == 0 && n >= x->rank)
			return LAYER_FAIL(c, l, p->shape, "dim", "extent %zu is 0 (copied), but the input has %d axes", i, x->rank);
		dim[n++] = d;
	}
	for (int i = end; i < x->rank; i++)
		dim[n++] = x->dim[i];
	l->out[0] = layer_reshape(c, l, NULL, l->in[0], n, dim);
	return l->out[0];
}

bool caffe_concat(Caffe *c, Layer *l)
{
	PARAM(l, concat_param, Caffe__ConcatParameter, CAFFE__CONCAT_PARAMETER__INIT);
	int axis;
	if (p->has_axis && p->has_concat_dim)
		return LAYER_FAIL(c, l, p, "concat_dim", "axis excludes concat_dim");
	int64_t wanted = p->has_concat_dim ? (int64_t)p->concat_dim : p->axis;
	if (!layer_axis(c, l, concat_param_given, p->has_concat_dim ? "concat_dim" : "axis", wanted, l->in[0]->type.rank, &axis))
		return false;
	if (l->nin == 1)
		return caffe_same(c, l);
	Node *n = layer_node(c, l, NULL, OP_concat, l->nin, l->in);
	n->u.concat.axis = axis;
	return layer_end(c, l, n);
}

/* ---- cutting ---- */

static Value *cut(Caffe *c, const Layer *l, const char *suffix, Value *x, int axis, int64_t begin, int64_t end)
{
	if (begin == 0 && end == x->type.dim[axis])
		return x;
	Node *n = layer_node(c, l, suffix, OP_slice, 1, &x);
	n->u.slice = (Slice){.axis = axis, .begin = begin, .end = end};
	return layer_finish(c, n);
}

bool caffe_slice(Caffe *c, Layer *l)
{
	PARAM(l, slice_param, Caffe__SliceParameter, CAFFE__SLICE_PARAMETER__INIT);
	int axis, n = l->nout;
	if (p->has_axis && p->has_slice_dim)
		return LAYER_FAIL(c, l, p, "slice_dim", "axis excludes slice_dim");
	int64_t wanted = p->has_slice_dim ? (int64_t)p->slice_dim : p->axis, begin = 0;
	if (!layer_axis(c, l, slice_param_given, "axis", wanted, l->in[0]->type.rank, &axis))
		return false;
	int64_t size = l->in[0]->type.dim[axis];
	if (p->n_slice_point && p->n_slice_point != (size_t)n - 1)
		return LAYER_FAIL(c, l, p, "slice_point", "%zu slice points for %d tops; one less than tops is needed", p->n_slice_point,
		                  n);
	if (!p->n_slice_point && size % n)
		return LAYER_FAIL(c, l, p, NULL, "%" PRId64 " does not divide into %d equal parts", size, n);
	for (int i = 0; i < n; i++) {
		int64_t end = i == n - 1 ? size : p->n_slice_point ? (int64_t)p->slice_point[i] : begin + size / n;
		if (end <= begin || end > size)
			return LAYER_FAIL(c, l, p, "slice_point",
			                  "a part from %" PRId64 " to %" PRId64 " of %" PRId64 "; slice points must rise inside the axis",
			                  begin, end, size);
		l->out[i] = cut(c, l, arena_printf(c->a, "%d", i), l->in[0], axis, begin, end);
		if (!l->out[i])
			return false;
		begin = end;
	}
	return true;
}

bool caffe_crop(Caffe *c, Layer *l)
{
	PARAM(l, crop_param, Caffe__CropParameter, CAFFE__CROP_PARAMETER__INIT);
	const Type *like = &l->in[1]->type;
	int rank = l->in[0]->type.rank, axis;
	Value *x = l->in[0];
	if (!layer_axis(c, l, crop_param_given, "axis", p->axis, rank, &axis))
		return false;
	if (like->rank != rank)
		return LAYER_FAIL(c, l, NULL, NULL, "the two inputs have %d and %d axes", rank, like->rank);
	if (p->n_offset > 1 && p->n_offset != (size_t)(rank - axis))
		return LAYER_FAIL(c, l, p, "offset", "%zu offsets for %d axes", p->n_offset, rank - axis);
	int last = rank - 1; /* axis that is cut */
	while (last > axis && like->dim[last] == x->type.dim[last])
		last--;
	for (int i = axis; i < rank && x; i++) {
		int64_t from = p->n_offset ? p->offset[p->n_offset == 1 ? 0 : i - axis] : 0;
		if (from + like->dim[i] > x->type.dim[i])
			return LAYER_FAIL(c, l, p, "offset", "axis %d: %" PRId64 " from %" PRId64 " on, of %" PRId64, i, like->dim[i], from,
			                  x->type.dim[i]);
		x = cut(c, l, i == last ? NULL : arena_printf(c->a, "axis%d", i), x, i, from, from + like->dim[i]);
	}
	l->out[0] = x;
	return x;
}

/* ---- resampling ---- */

static bool resize(Caffe *c, Layer *l, Value *x, int64_t height, int64_t width, bool nearest)
{
	Node *n = layer_node(c, l, NULL, OP_resize, 1, &x);
	n->u.resize = (Resize){.nearest = nearest, .size = {height, width}, .align_corners = !nearest};
	return layer_end(c, l, n);
}

/* Size of an axis after Interp without a second input; 0: not stated. */
static int64_t interp_size(const Caffe__InterpParameter *p, int64_t size, int32_t given)
{
	if (given || p->has_height || p->has_width)
		return given;
	if (p->shrink_factor > 1)
		size = (size - 1) / p->shrink_factor + 1;
	return size + (size - 1) * (p->zoom_factor - 1);
}

bool caffe_interp(Caffe *c, Layer *l)
{
	PARAM(l, interp_param, Caffe__InterpParameter, CAFFE__INTERP_PARAMETER__INIT);
	const Type *x = &l->in[0]->type;
	if (x->rank != 4)
		return LAYER_FAIL(c, l, NULL, NULL, "the input has %d axes; 4 are needed", x->rank);
	if (p->pad_beg > 0 || p->pad_end > 0)
		return LAYER_UNSUPPORTED(c, l, p, p->pad_beg ? "pad_beg" : "pad_end", "padding that is not negative or 0");
	if (p->zoom_factor < 1 || p->shrink_factor < 1)
		return LAYER_FAIL(c, l, p, NULL, "zoom_factor and shrink_factor must be 1 or more");
	if ((p->has_height || p->has_width) && (p->has_zoom_factor || p->has_shrink_factor) && l->nin == 1)
		return LAYER_FAIL(c, l, p, p->has_zoom_factor ? "zoom_factor" : "shrink_factor",
		                  "height and width exclude zoom_factor and shrink_factor");
	int64_t begin = -(int64_t)p->pad_beg, less = begin - p->pad_end, size[2];
	Value *y = l->in[0];
	for (int i = 0; i < 2 && y; i++) {
		int64_t left = x->dim[2 + i] - less;
		if (left < 1)
			return LAYER_FAIL(c, l, p, "pad_beg", "the padding takes all of an axis of %" PRId64, x->dim[2 + i]);
		size[i] = l->nin == 2 ? (l->in[1]->type.rank == 4 ? l->in[1]->type.dim[2 + i] : 0)
		                      : interp_size(p, left, i ? p->width : p->height);
		if (size[i] < 1 || size[i] > INT32_MAX)
			return LAYER_FAIL(c, l, p, NULL, "no size of the result; height and width, or zoom_factor, are needed");
		y = cut(c, l, i ? "columns" : "rows", y, 2 + i, begin, begin + left);
	}
	return y && resize(c, l, y, size[0], size[1], false);
}

bool caffe_upsample(Caffe *c, Layer *l)
{
	PARAM(l, upsample_param, Caffe__UpsampleParameter, CAFFE__UPSAMPLE_PARAMETER__INIT);
	const Type *x = &l->in[0]->type;
	if (l->nin > 1)
		return LAYER_UNSUPPORTED(c, l, NULL, NULL, "upsampling by the places of a maximum (a second input)");
	if (x->rank != 4)
		return LAYER_FAIL(c, l, NULL, NULL, "the input has %d axes; 4 are needed", x->rank);
	int64_t scale[2] = {p->has_scale_h ? p->scale_h : p->scale, p->has_scale_w ? p->scale_w : p->scale}, size[2];
	uint32_t given[2] = {p->upsample_h, p->upsample_w};
	for (int i = 0; i < 2; i++) {
		size[i] = given[i] ? given[i] : x->dim[2 + i] * scale[i];
		if (size[i] < 1 || size[i] > INT32_MAX || size[i] % x->dim[2 + i])
			return LAYER_FAIL(c, l, p, NULL, "a result of %" PRId64 " from %" PRId64 "; a whole multiple is needed", size[i],
			                  x->dim[2 + i]);
	}
	return resize(c, l, l->in[0], size[0], size[1], true);
}
