/* conv.c -- convolutions and transposed convolutions, and the windows that pools share with them. */
#include "import/onnx/window.h"

#include <string.h>

enum { WINDOW_LIMIT = 1 << 20 }; /* of every number of a window */

/* ---- windows ---- */

static bool read_list(Call *c, const char *attribute, int n, int least, int *to)
{
	int count;
	const int64_t *p = call_ints(c, attribute, &count);
	if (p && count != n) {
		call_reject(c, "%s has %d numbers; %d are needed", attribute, count, n);
		return false;
	}
	for (int i = 0; p && i < n; i++) {
		if (p[i] < least || p[i] > WINDOW_LIMIT) {
			call_reject(c, "%s has %lld; %d to %d are accepted", attribute, (long long)p[i], least, WINDOW_LIMIT);
			return false;
		}
		to[i] = (int)p[i];
	}
	return !c->failed;
}

bool window_read(Call *c, int rank, const int64_t *kernel, Window *w)
{
	static const char *const modes[] = {"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID", NULL};
	int pads[2 * SPATIAL] = {0};
	*w = (Window){.n = rank - 2, .kernel = {1, 1, 1}, .stride = {1, 1, 1}, .dilation = {1, 1, 1}};
	if (w->n < 1 || w->n > SPATIAL) {
		call_reject(c, "%s of an input of rank %d; 3 to 5 are accepted", c->row->name, rank);
		return false;
	}
	if (!kernel && !call_has(c, "kernel_shape")) {
		call_reject(c, "%s needs kernel_shape", c->row->name);
		return false;
	}
	for (int i = 0; kernel && i < w->n; i++)
		w->kernel[i] = (int)kernel[i];
	if (!read_list(c, "kernel_shape", w->n, 1, w->kernel) || !read_list(c, "strides", w->n, 1, w->stride) ||
	    !read_list(c, "dilations", w->n, 1, w->dilation) || !read_list(c, "pads", 2 * w->n, 0, pads))
		return false;
	for (int i = 0; i < w->n; i++) {
		if (kernel && w->kernel[i] != kernel[i])
			call_reject(c, "kernel_shape has %d; the weight has %lld", w->kernel[i], (long long)kernel[i]);
		w->before[i] = pads[i];
		w->behind[i] = pads[w->n + i];
	}
	w->automatic = (unsigned)call_choice(c, "auto_pad", modes, 0);
	if (w->automatic != PAD_NOTSET)
		for (int i = 0; i < SPATIAL; i++)
			w->before[i] = w->behind[i] = 0;
	return !c->failed;
}

/* total split in two, the odd one after (SAME_UPPER) or in front */
static void split_padding(Window *w, int i, int64_t total)
{
	int less = total > 0 ? (int)(total / 2) : 0, more = total > 0 ? (int)(total - total / 2) : 0;
	w->before[i] = w->automatic == PAD_SAME_LOWER ? more : less;
	w->behind[i] = w->automatic == PAD_SAME_LOWER ? less : more;
}

void window_pad_same(Window *w, const int64_t *extent)
{
	if (w->automatic != PAD_SAME_UPPER && w->automatic != PAD_SAME_LOWER)
		return;
	for (int i = 0; i < w->n; i++) {
		int64_t out = (extent[i] + w->stride[i] - 1) / w->stride[i];
		split_padding(w, i, (out - 1) * w->stride[i] + (int64_t)w->dilation[i] * (w->kernel[i] - 1) + 1 - extent[i]);
	}
}

Value *window_widen(Call *c, Value *x)
{
	if (!x || x->type.rank != 3)
		return x;
	int64_t dim[4] = {x->type.dim[0], x->type.dim[1], 1, x->type.dim[2]};
	return build_reshape(c, x, 4, dim);
}

void window_widen_window(Window *w)
{
	if (w->n != 1)
		return;
	int *list[] = {w->kernel, w->stride, w->dilation, w->before, w->behind};
	for (int i = 0; i < 5; i++) {
		list[i][1] = list[i][0];
		list[i][0] = i < 3;
	}
	w->n = 2;
}

Value *window_narrow(Call *c, Value *x, int rank)
{
	if (!x || rank != 3)
		return x;
	int64_t dim[3] = {x->type.dim[0], x->type.dim[1], x->type.dim[3]};
	return build_reshape(c, x, 3, dim);
}

/* ---- convolutions ---- */

/* Group, ranks and windows that both kinds share; false after an error. */
static bool prepare(Call *c, Window *w, int64_t *group)
{
	const Type *x = &c->in[0]->type, *k = &c->in[1]->type;
	if (k->rank != x->rank) {
		call_reject(c, "the weight has rank %d, the input %d", k->rank, x->rank);
		return false;
	}
	*group = call_int(c, "group", 1);
	if (!window_read(c, x->rank, k->dim + 2, w))
		return false;
	if (*group < 1 || x->dim[1] % *group)
		call_reject(c, "group is %lld; it must divide %lld input channels", (long long)*group, (long long)x->dim[1]);
	return !c->failed;
}

/* Over the two axes of the window from `first` on. */
static Value *conv_planes(Call *c, Value *x, Value *weight, Value *bias, const Window *w, int first, int64_t group)
{
	Value *in[] = {x, weight, bias};
	Node *n = x && weight ? build_begin(c, OP_conv2d, bias ? 3 : 2, in, 1) : NULL;
	if (!n)
		return NULL;
	for (int i = 0; i < 2; i++) {
		n->u.conv2d.stride[i] = w->stride[first + i];
		n->u.conv2d.dilation[i] = w->dilation[first + i];
		n->u.conv2d.pad[i] = w->before[first + i];
		n->u.conv2d.pad[i + 2] = w->behind[first + i];
	}
	n->u.conv2d.group = (int)group;
	return build_end(c, n);
}

/* Row k of the window's depth: each plane of the result sees one plane of the input, as a batch of its own. */
static Value *conv_layer(Call *c, const Window *w, int64_t depth, int k, Value *bias, int64_t group)
{
	static const int planes_first[] = {0, 2, 1, 3, 4};
	const int64_t *d = c->in[0]->type.dim, *u = c->in[1]->type.dim;
	int64_t *index = arena_new_array(c->scratch, int64_t, depth + 1);
	for (int64_t i = 0; i < depth; i++) {
		index[i] = i * w->stride[0] + (int64_t)k * w->dilation[0] - w->before[0];
		index[i] = index[i] < 0 || index[i] >= d[2] ? -1 : index[i];
	}
	Value *x = build_permute(c, build_take(c, c->in[0], 2, depth, index, 0), planes_first);
	x = build_reshape(c, x, 4, (int64_t[]){d[0] * depth, d[1], d[3], d[4]});
	Value *weight = build_reshape(c, build_slice(c, c->in[1], 2, k, k + 1), 4, (int64_t[]){u[0], u[1], u[3], u[4]});
	return conv_planes(c, x, weight, bias, w, 1, group);
}

static Value *conv_three(Call *c, const Window *w, Value *bias, int64_t group)
{
	static const int channels_first[] = {0, 2, 1, 3, 4};
	int64_t room = c->in[0]->type.dim[2] + w->before[0] + w->behind[0] - ((int64_t)w->dilation[0] * (w->kernel[0] - 1) + 1);
	int64_t depth = room < 0 ? 0 : room / w->stride[0] + 1;
	if (depth < 1 || depth > WINDOW_LIMIT) {
		call_reject(c, "the window does not fit the depth of %lld", (long long)c->in[0]->type.dim[2]);
		return NULL;
	}
	Value *sum = NULL;
	for (int k = 0; k < w->kernel[0] && !c->failed; k++) {
		Value *layer = conv_layer(c, w, depth, k, k ? NULL : bias, group);
		sum = sum ? build_map2(c, FN_add, sum, layer) : layer;
	}
	if (!sum || c->failed)
		return NULL;
	const int64_t *d = sum->type.dim;
	return build_permute(c, build_reshape(c, sum, 5, (int64_t[]){d[0] / depth, depth, d[1], d[2], d[3]}), channels_first);
}

static void conv(Call *c)
{
	Window w;
	int64_t group;
	Value *x = c->in[0], *bias = call_given(c, 2) ? c->in[2] : NULL, *y;
	if (!prepare(c, &w, &group))
		return;
	window_pad_same(&w, x->type.dim + 2);
	window_widen_window(&w);
	if (w.n == 3)
		y = conv_three(c, &w, bias, group);
	else
		y = window_narrow(c, conv_planes(c, window_widen(c, x), window_widen(c, c->in[1]), bias, &w, 0, group), x->type.rank);
	c->out[0] = build_cast(c, y, x->type.dtype);
}

/* ---- transposed convolutions ---- */

/* Zeros between the rows and columns of a dilated weight, and `more` after them. */
static Value *spread(Call *c, Value *weight, int axis, int dilation, int more)
{
	int64_t k = weight ? weight->type.dim[axis] : 0, n = (k - 1) * dilation + 1 + more;
	if (!weight || n > WINDOW_LIMIT)
		return NULL;
	int64_t *index = arena_new_array(c->scratch, int64_t, n + 1);
	for (int64_t i = 0; i < n; i++)
		index[i] = i % dilation == 0 && i / dilation < k ? i / dilation : -1;
	return build_take(c, weight, axis, n, index, 0);
}

/* Padding from output_shape or auto_pad; the result is then stride * (extent - 1) + window - padding + output_padding.
 */
static bool transposed_padding(Call *c, Window *w, const int64_t *extent, int *more)
{
	int n;
	const int64_t *shape = call_ints(c, "output_shape", &n);
	if (!read_list(c, "output_padding", w->n, 0, more))
		return false;
	if (shape && n != w->n && n != w->n + 2) {
		call_reject(c, "output_shape has %d numbers; %d are needed", n, w->n);
		return false;
	}
	for (int i = 0; i < w->n; i++) {
		int64_t window = (int64_t)w->dilation[i] * (w->kernel[i] - 1) + 1;
		int64_t full = w->stride[i] * (extent[i] - 1) + window + more[i];
		int64_t want = shape ? shape[n - w->n + i] : extent[i] * w->stride[i];
		bool same = w->automatic == PAD_SAME_UPPER || w->automatic == PAD_SAME_LOWER;
		if (!shape && !same)
			continue;
		if (want < 1 || want > full + WINDOW_LIMIT) {
			call_reject(c, "output_shape has %lld", (long long)want);
			return false;
		}
		if (!same) /* the odd one in front unless SAME_UPPER is asked for */
			w->automatic = w->automatic == PAD_NOTSET ? PAD_SAME_LOWER : w->automatic;
		split_padding(w, i, full - want);
		more[i] += want > full ? (int)(want - full) : 0;
	}
	return true;
}

static void conv_transpose(Call *c)
{
	Window w;
	int64_t group;
	int more[SPATIAL] = {0};
	Value *x = c->in[0], *weight = c->in[1];
	if (!prepare(c, &w, &group) || !transposed_padding(c, &w, x->type.dim + 2, more))
		return;
	if (w.n == 3) {
		call_unsupported(c, "ConvTranspose over three axes");
		return;
	}
	if (w.n == 1)
		more[1] = more[0];
	if (w.n == 1)
		more[0] = 0;
	window_widen_window(&w);
	weight = window_widen(c, weight);
	for (int i = 0; i < 2; i++) { /* output_padding takes from the padding after; what is left over grows the window */
		int taken = more[i] < w.behind[i] ? more[i] : w.behind[i];
		w.behind[i] -= taken;
		weight = spread(c, weight, 2 + i, w.dilation[i], more[i] - taken);
	}
	Value *in[] = {window_widen(c, x), weight, call_given(c, 2) ? c->in[2] : NULL};
	Node *n = in[CONV_X] && in[CONV_WEIGHT] ? build_begin(c, OP_deconv2d, in[CONV_BIAS] ? CONV_BIAS + 1 : CONV_BIAS, in, 1) : NULL;
	if (!n)
		return;
	for (int i = 0; i < 2; i++) {
		n->u.deconv2d.stride[i] = w.stride[i];
		n->u.deconv2d.pad[i] = w.before[i];
		n->u.deconv2d.pad[i + 2] = w.behind[i];
	}
	n->u.deconv2d.group = (int)group;
	c->out[0] = build_cast(c, window_narrow(c, build_end(c, n), x->type.rank), x->type.dtype);
}

const OnnxRow onnx_conv_rows[] = {
    {"Conv", 1, 0, 2, 3, 1, conv, 0},
    {"ConvTranspose", 1, 0, 2, 3, 1, conv_transpose, 0},
    {0},
};
