/* conv.c -- layers that slide a window, and the inner product. */
#include "import/caffe/caffe.h"

#include <string.h>

enum { LARGEST = 1 << 20 }; /* of a window, stride, padding */

/* One number of a window for height and width, as Caffe's layers give it: once, once for each, or as NAME_h and NAME_w.
 * Caffe takes one of pad_h and pad_w for a convolution, where the other is 0. For pooling it refuses one alone, and so
 * do we: OpenCV 4.6 and ncnn pass over it there, which is no padding at all. Of kernel_h and kernel_w, or stride_h and
 * stride_w, Caffe wants both: the other would be 0. */
typedef struct Pair {
	const char *name, *name_h, *name_w;
	size_t n; /* given in the list */
	const uint32_t *v;
	bool has_h, has_w;
	uint32_t h, w;
	int least, standard; /* standard < 0: must be given */
	bool alone;          /* one of NAME_h and NAME_w may be given, and the other is the standard */
} Pair;

static uint32_t pair_value(const Pair *p, int i)
{
	if (p->n)
		return p->v[p->n == 1 ? 0 : i];
	return !(i ? p->has_w : p->has_h) ? (uint32_t)p->standard : i ? p->w : p->h;
}

static bool read_pair(Caffe *c, const Layer *l, const void *param, const Pair *p, int *out)
{
	if (p->n && (p->has_h || p->has_w))
		return LAYER_FAIL(c, l, param, p->name, "%s excludes %s and %s", p->name, p->name_h, p->name_w);
	if (p->has_h != p->has_w && !p->alone)
		return LAYER_FAIL(c, l, param, p->has_h ? p->name_h : p->name_w, "%s without %s; both are given, or %s for both",
		                  p->has_h ? p->name_h : p->name_w, p->has_h ? p->name_w : p->name_h, p->name);
	if (p->n > 2)
		return LAYER_FAIL(c, l, param, p->name, "%zu numbers in %s; 1 or 2 are accepted", p->n, p->name);
	if (!p->n && !p->has_h && !p->has_w && p->standard < 0)
		return LAYER_FAIL(c, l, param, NULL, "%s is missing", p->name);
	for (int i = 0; i < 2; i++) {
		uint32_t v = pair_value(p, i);
		if (v < (uint32_t)p->least || v > LARGEST)
			return LAYER_FAIL(c, l, param,
			                  p->n             ? p->name
			                  : i && p->has_w  ? p->name_w
			                  : !i && p->has_h ? p->name_h
			                                   : p->name,
			                  "%s is %u; %d to %d is accepted", p->name, v, p->least, LARGEST);
		out[i] = (int)v;
	}
	return true;
}

typedef struct Window {
	int kernel[2], stride[2], pad[2], dilation[2];
} Window;

#define PAIR(p, text, count, list, stem, least, standard, alone)                                             \
	{text,          #stem "_h",    #stem "_w", count,    list, (p)->has_##stem##_h, (p)->has_##stem##_w, \
	 (p)->stem##_h, (p)->stem##_w, least,      standard, alone}

static bool conv_window(Caffe *c, const Layer *l, const Caffe__ConvolutionParameter *p, Window *w)
{
	const Pair kernel = PAIR(p, "kernel_size", p->n_kernel_size, p->kernel_size, kernel, 1, -1, false),
	           stride = PAIR(p, "stride", p->n_stride, p->stride, stride, 1, 1, false),
	           pad = PAIR(p, "pad", p->n_pad, p->pad, pad, 0, 0, true),
	           dilation = {.name = "dilation", .n = p->n_dilation, .v = p->dilation, .least = 1, .standard = 1};
	return read_pair(c, l, p, &kernel, w->kernel) & read_pair(c, l, p, &stride, w->stride) & read_pair(c, l, p, &pad, w->pad) &
	       read_pair(c, l, p, &dilation, w->dilation);
}

static bool need_map(Caffe *c, const Layer *l)
{
	if (l->in[0]->type.rank == 4)
		return true;
	return LAYER_FAIL(c, l, NULL, NULL, "the input has %d axes; 4 are needed", l->in[0]->type.rank);
}

/* What convolutions share. group 0: one for each channel. */
static bool read_convolution(Caffe *c, const Layer *l, Window *w, int *out, int *group)
{
	const Caffe__ConvolutionParameter *p = l->p->convolution_param;
	if (!p)
		return LAYER_FAIL(c, l, NULL, NULL, "convolution_param is missing");
	if (!need_map(c, l) || !conv_window(c, l, p, w))
		return false;
	if (!p->has_num_output || p->num_output < 1 || p->num_output > LARGEST)
		return LAYER_FAIL(c, l, p, "num_output", "num_output is %u; 1 to %d is accepted", p->num_output, LARGEST);
	int64_t in = l->in[0]->type.dim[1];
	uint32_t groups = *group || p->has_group ? p->group : (uint32_t)in;
	if (!groups || in % groups || p->num_output % groups)
		return LAYER_FAIL(c, l, p, "group", "group is %u; it must divide %lld input channels and %u output channels", groups,
		                  (long long)in, p->num_output);
	*out = (int)p->num_output;
	*group = (int)groups;
	return layer_want_blobs(c, l, p->bias_term ? 2 : 1);
}

static Node *convolution_node(Caffe *c, const Layer *l, Op op, int out, const int64_t *dim)
{
	Value *x = l->in[0], *w = layer_weight(c, l, 0, "weight", 4, dim), *b = NULL;
	bool bias = l->p->convolution_param->bias_term;
	if (bias)
		b = layer_weight(c, l, 1, "bias", 1, (int64_t[]){out});
	return w && (b || !bias) ? layer_node(c, l, NULL, op, b ? 3 : 2, (Value *[]){x, w, b}) : NULL;
}

static bool convolution(Caffe *c, Layer *l, int group)
{
	Window w;
	int out;
	if (!read_convolution(c, l, &w, &out, &group))
		return false;
	const int64_t dim[] = {out, l->in[0]->type.dim[1] / group, w.kernel[0], w.kernel[1]};
	Node *n = convolution_node(c, l, OP_conv2d, out, dim);
	if (!n)
		return false;
	Conv *conv = &n->u.conv2d;
	conv->group = group;
	for (int i = 0; i < 2; i++) {
		conv->stride[i] = w.stride[i];
		conv->dilation[i] = w.dilation[i];
		conv->pad[i] = conv->pad[i + 2] = w.pad[i];
	}
	return layer_end(c, l, n);
}

bool caffe_convolution(Caffe *c, Layer *l)
{
	return convolution(c, l, 1);
}

bool caffe_depthwise(Caffe *c, Layer *l)
{
	return convolution(c, l, 0);
}

bool caffe_deconvolution(Caffe *c, Layer *l)
{
	Window w;
	int out, group = 1;
	if (!read_convolution(c, l, &w, &out, &group))
		return false;
	if (w.dilation[0] != 1 || w.dilation[1] != 1)
		return LAYER_UNSUPPORTED(c, l, l->p->convolution_param, "dilation", "a dilated deconvolution");
	const int64_t dim[] = {l->in[0]->type.dim[1], out / group, w.kernel[0], w.kernel[1]};
	Node *n = convolution_node(c, l, OP_deconv2d, out, dim);
	if (!n)
		return false;
	n->u.deconv2d.group = group;
	for (int i = 0; i < 2; i++) {
		n->u.deconv2d.stride[i] = w.stride[i];
		n->u.deconv2d.pad[i] = n->u.deconv2d.pad[i + 2] = w.pad[i];
	}
	return layer_end(c, l, n);
}

/* ---- inner product ---- */

bool caffe_inner_product(Caffe *c, Layer *l)
{
	const Caffe__InnerProductParameter *p = l->p->inner_product_param;
	const Type *x = &l->in[0]->type;
	int axis;
	if (!p)
		return LAYER_FAIL(c, l, NULL, NULL, "inner_product_param is missing");
	if (!p->has_num_output || p->num_output < 1 || p->num_output > LARGEST)
		return LAYER_FAIL(c, l, p, "num_output", "num_output is %u; 1 to %d is accepted", p->num_output, LARGEST);
	if (!layer_axis(c, l, p, "axis", p->axis, x->rank, &axis) || !layer_want_blobs(c, l, p->bias_term ? 2 : 1))
		return false;
	int64_t dim[MAX_RANK], depth = 1, out = p->num_output;
	for (int i = 0; i < axis; i++)
		dim[i] = x->dim[i];
	for (int i = axis; i < x->rank; i++)
		depth *= x->dim[i];
	dim[axis] = depth;
	if (axis == 0)
		return LAYER_UNSUPPORTED(c, l, p, "axis", "axis 0: the whole batch in one product");
	Value *flat = axis == x->rank - 1 ? l->in[0] : layer_reshape(c, l, "flatten", l->in[0], axis + 1, dim), *b = NULL;
	const int64_t shape[2] = {p->transpose ? depth : out, p->transpose ? out : depth};
	Value *w = layer_weight(c, l, 0, "weight", 2, shape);
	if (p->bias_term)
		b = layer_weight(c, l, 1, "bias", 1, &out);
	if (!flat || !w || (p->bias_term && !b))
		return false;
	Node *n = layer_node(c, l, NULL, OP_matmul, b ? 3 : 2, (Value *[]){flat, w, b});
	n->u.matmul.transpose_b = !p->transpose;
	return layer_end(c, l, n);
}

/* ---- pooling ---- */

static bool pool_window(Caffe *c, const Layer *l, const Caffe__PoolingParameter *p, Window *w)
{
	const int standard = p->global_pooling ? 1 : -1;
	const Pair kernel = PAIR(p, "kernel_size", p->has_kernel_size, &p->kernel_size, kernel, 1, standard, false),
	           stride = PAIR(p, "stride", p->has_stride, &p->stride, stride, 1, 1, false),
	           pad = PAIR(p, "pad", p->has_pad, &p->pad, pad, 0, 0, false);
	return read_pair(c, l, p, &kernel, w->kernel) & read_pair(c, l, p, &stride, w->stride) & read_pair(c, l, p, &pad, w->pad);
}

/* Without padding Caffe does not drop a last window that starts outside: it would hold the least float. */
static bool pool_leaves_map(const Layer *l, const Window *w)
{
	for (int i = 0; i < 2; i++) {
		int64_t room = l->in[0]->type.dim[2 + i] - w->kernel[i], last = (room + w->stride[i] - 1) / w->stride[i] * w->stride[i];
		if (room >= 0 && !w->pad[0] && !w->pad[1] && last >= l->in[0]->type.dim[2 + i])
			return true;
	}
	return false;
}

bool caffe_pooling(Caffe *c, Layer *l)
{
	Window w;
	const Caffe__PoolingParameter *p = l->p->pooling_param;
	if (!p)
		return LAYER_FAIL(c, l, NULL, NULL, "pooling_param is missing");
	if (!need_map(c, l) || !pool_window(c, l, p, &w))
		return false;
	if (p->pool == CAFFE__POOLING_PARAMETER__POOL_METHOD__STOCHASTIC)
		return LAYER_UNSUPPORTED(c, l, p, "pool", "stochastic pooling");
	if (p->global_pooling && (p->has_kernel_size || p->has_kernel_h || p->has_kernel_w))
		return LAYER_FAIL(c, l, p, "global_pooling", "global_pooling excludes kernel_size");
	if (p->global_pooling && (w.pad[0] || w.pad[1] || w.stride[0] != 1 || w.stride[1] != 1))
		return LAYER_FAIL(c, l, p, "global_pooling", "global_pooling takes stride 1 and pad 0 only");
	if (p->has_round_mode && p->has_ceil_mode)
		return LAYER_FAIL(c, l, p, "ceil_mode", "round_mode excludes ceil_mode");
	bool up = p->round_mode == CAFFE__POOLING_PARAMETER__ROUND_MODE__CEIL && p->ceil_mode;
	if (up && !p->global_pooling && pool_leaves_map(l, &w))
		return LAYER_UNSUPPORTED(c, l, p, "stride", "the last window starts outside the map, where Caffe's result is undefined");
	Node *n = layer_node(c, l, NULL, OP_pool2d, 1, l->in);
	Pool *pool = &n->u.pool2d;
	pool->average = p->pool == CAFFE__POOLING_PARAMETER__POOL_METHOD__AVE;
	pool->count_padding = pool->average;
	pool->global = p->global_pooling;
	pool->ceil_mode = up && !pool->global;
	for (int i = 0; i < 2 && !pool->global; i++) {
		pool->kernel[i] = w.kernel[i];
		pool->stride[i] = w.stride[i];
		pool->pad[i] = pool->pad[i + 2] = w.pad[i];
	}
	return layer_end(c, l, n);
}
