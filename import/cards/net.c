/* net.c -- the layers of which the networks are built. */
#include "import/cards/net.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int net_width(const Net *n, int width)
{
	int d = n->card->width_divisor;
	return d == 1 ? width : (width + 8 * d - 1) / (8 * d) * 8;
}

void net_source(Net *n, int label, Value *v)
{
	n->source[n->nlevel] = v;
	n->label[n->nlevel++] = label;
}

const char *net_name(const Net *n, const char *format, ...)
{
	char text[128];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return arena_strdup(n->graph->arena, text);
}

/* ---- expected mean squares ---- */

static double power_of(const Net *n, const Value *v)
{
	return v->id < n->power_capacity && n->power[v->id] > 0 ? n->power[v->id] : 1;
}

static Value *with_power(Net *n, Value *v, double power)
{
	if (!v)
		return NULL;
	if (v->id >= n->power_capacity) {
		int old = n->power_capacity;
		n->power_capacity = 2 * v->id;
		n->power =
		    arena_grow(n->graph->arena, n->power, sizeof *n->power * (size_t)old, sizeof *n->power * (size_t)n->power_capacity);
	}
	n->power[v->id] = power;
	return v;
}

void net_image_power(Net *n, Value *x)
{
	const Preprocess *p = &n->graph->preprocess;
	double sum = 0;
	for (int i = 0; i < 3; i++) { /* pixels: mean 115, deviation 65 */
		double mean = (115 - p->mean[i]) / p->divisor[i], deviation = 65 / p->divisor[i];
		sum += mean * mean + deviation * deviation;
	}
	with_power(n, x, sum / 3);
}

/* How many rows of a window are inside the map, on average over the results. */
static double mean_taps(int64_t size, int kernel, int stride, int pad, int dilation)
{
	int64_t out = (size + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1, taps = 0;
	for (int64_t o = 0; o < out; o++)
		for (int k = 0; k < kernel; k++) {
			int64_t i = o * stride - pad + k * dilation;
			taps += i >= 0 && i < size;
		}
	return out > 0 && taps > 0 ? (double)taps / (double)out : 1;
}

/* ---- constants ---- */

typedef struct Made { /* normal distribution of made-up weights */
	double mean, deviation;
} Made;

static Blob *recipe(Net *n, BlobKind kind, int rank, const int64_t *dim, const char *name)
{
	Blob *b = arena_new_one(n->graph->arena, Blob);
	*b = (Blob){.kind = kind, .dtype = DT_F32, .rank = rank, .fd = -1};
	memcpy(b->dim, dim, sizeof *dim * (size_t)rank);
	uint64_t h = hash_bytes(hash_bytes(n->seed, name, strlen(name)), dim, sizeof *dim * (size_t)rank);
	if (kind == BLOB_ELIDED)
		b->hash = h ? h : 1;
	else
		b->seed = h;
	return b;
}

/* The tensor LAYER.SUFFIX; when the file lacks it, an elided constant, so that the other layers are looked at too. */
static Value *weight(Net *n, const char *layer, const char *suffix, int rank, const int64_t *dim, int scale_axis, Made m)
{
	const char *name = net_name(n, "%s.%s", layer, suffix);
	Blob *b = n->file ? safetensors_blob(n->file, name, rank, dim, scale_axis, n->d) : NULL;
	if (!b) {
		b = recipe(n, n->random ? BLOB_RANDOM : BLOB_ELIDED, rank, dim, name);
		b->mean = m.mean;
		b->deviation = m.deviation;
	}
	return graph_constant(n->graph, name, b);
}

static Value *channel_weight(Net *n, const char *layer, const char *suffix, int64_t count, double mean, double deviation)
{
	return weight(n, layer, suffix, 1, &count, -1, (Made){mean, deviation});
}

/* ---- layers ---- */

Value *net_finish(Net *n, Node *node)
{
	node->loc = n->loc;
	node->loc.layer = node->name;
	for (int i = 0; i < node->nout; i++)
		node->out[i]->name = node->name;
	return infer_node(node, n->d) ? node_out(node) : NULL;
}

static Node *add(Net *n, Op op, const char *name, int nin, Value *const *in)
{
	return graph_node(n->graph, op, name, nin, in, 1);
}

Value *net_function(Net *n, Value *x, Value *y, const char *name, Func f)
{
	if (!x || (!y && func_arity(f) == 2))
		return NULL;
	Node *node = add(n, OP_eltwise, name, y ? 2 : 1, (Value *[]){x, y});
	node->u.eltwise.fn = f;
	double p = power_of(n, x), q = y ? power_of(n, y) : 0;
	/* relu6 follows depthwise layers, whose few inputs leave many channels nearly silent: less than half passes. */
	double power = f == FN_add ? p + q : f == FN_mul ? p * q : f == FN_relu6 ? 0.4 * p : 0.5 * p;
	return with_power(n, net_finish(n, node), power);
}

Value *net_act(Net *n, Value *x, const char *layer, Func f)
{
	return f == FN_NONE ? x : net_function(n, x, NULL, net_name(n, "%s.%s", layer, func_name(f)), f);
}

static Value *batchnorm(Net *n, Value *x, const char *layer, double gain, double shift)
{
	if (!x)
		return NULL;
	const char *name = net_name(n, "%s.bn", layer);
	int64_t c = x->type.dim[1];
	Value *in[] = {x, channel_weight(n, name, "mean", c, 0, 0.05), channel_weight(n, name, "var", c, 1, 0.05),
	               channel_weight(n, name, "gamma", c, gain, 0.05 * gain), channel_weight(n, name, "beta", c, shift, 0.05)};
	Node *node = add(n, OP_batchnorm, name, 5, in);
	node->u.batchnorm.eps = n->card->bn_eps;
	return with_power(n, net_finish(n, node), gain * gain + shift * shift);
}

static Value *conv_node(Net *n, Value *x, Value *w, Value *b, const char *name, const Spec *s)
{
	Node *node = add(n, OP_conv2d, name, b ? 3 : 2, (Value *[]){x, w, b});
	Conv *c = &node->u.conv2d;
	c->group = s->group;
	for (int i = 0; i < 2; i++) {
		c->stride[i] = s->stride;
		c->dilation[i] = s->dilation;
		c->pad[i] = c->pad[i + 2] = s->pad;
	}
	return net_finish(n, node);
}

/* The weights of a convolution whose result has the given deviation. */
static Value *conv_weight(Net *n, const Value *x, const char *name, const Spec *s, double deviation)
{
	int64_t in = x->type.dim[1] / s->group, dim[] = {s->out, in, s->kernel, s->kernel};
	double taps = mean_taps(x->type.dim[2], s->kernel, s->stride, s->pad, s->dilation) *
	              mean_taps(x->type.dim[3], s->kernel, s->stride, s->pad, s->dilation);
	double scale = deviation / sqrt((double)in * taps * power_of(n, x));
	return weight(n, name, "weight", 4, dim, 0, (Made){0, scale});
}

static void set_ones(Spec *s)
{
	int *field[] = {&s->stride, &s->dilation, &s->group};
	for (int i = 0; i < 3; i++)
		if (!*field[i])
			*field[i] = 1;
	if (s->gain == 0)
		s->gain = 1;
}

Value *net_conv(Net *n, Value *x, const char *name, Spec s)
{
	if (!x)
		return NULL;
	set_ones(&s);
	double deviation = s.bn ? 1 : s.gain;
	Value *w = conv_weight(n, x, name, &s, deviation);
	Value *b = s.bias ? channel_weight(n, name, "bias", s.out, 0, 0.05) : NULL;
	Value *y = with_power(n, conv_node(n, x, w, b, name, &s), deviation * deviation);
	if (s.bn)
		y = batchnorm(n, y, name, s.gain, s.shift);
	return net_act(n, y, name, s.act);
}

Value *net_head(Net *n, Value *x, const char *name, int out, int kernel, int classes)
{
	enum { BACKGROUND = 7 }; /* e^7 against a hundred classes of e^0: most boxes stay under the threshold */
	Spec s = {.out = out, .kernel = kernel, .pad = kernel / 2, .bias = true};
	if (!x || !classes || !n->random)
		return net_conv(n, x, name, s);
	set_ones(&s);
	Arena *a = arena_new();
	float *bias = arena_new_array(a, float, out);
	for (int i = 0; i < out; i += classes)
		bias[i] = BACKGROUND;
	Value *b = graph_constant_f32(n->graph, net_name(n, "%s.bias", name), 1, (int64_t[]){out}, bias);
	arena_free(a);
	return conv_node(n, x, conv_weight(n, x, name, &s, 1), b, name, &s);
}

Value *net_deconv(Net *n, Value *x, const char *name, int out, int kernel, int stride, int pad)
{
	if (!x)
		return NULL;
	int64_t in = x->type.dim[1], dim[] = {in, out, kernel, kernel};
	double taps = 1; /* products that a result sums */
	for (int i = 2; i < 4; i++) {
		double size = (double)(stride * (x->type.dim[i] - 1) + kernel - 2 * pad);
		taps *= kernel * (double)x->type.dim[i] / (size > 0 ? size : 1);
	}
	double deviation = 1 / sqrt((double)in * taps * power_of(n, x));
	Value *w = weight(n, name, "weight", 4, dim, 1, (Made){0, deviation});
	Node *node = add(n, OP_deconv2d, name, 3, (Value *[]){x, w, channel_weight(n, name, "bias", out, 0, 0.05)});
	for (int i = 0; i < 2; i++) {
		node->u.deconv2d.stride[i] = stride;
		node->u.deconv2d.pad[i] = node->u.deconv2d.pad[i + 2] = pad;
	}
	return net_finish(n, node);
}

Value *net_max_pool(Net *n, Value *x, const char *name, int kernel, int stride, int pad)
{
	if (!x)
		return NULL;
	Node *node = add(n, OP_pool2d, name, 1, &x);
	Pool *p = &node->u.pool2d;
	p->ceil_mode = true;
	for (int i = 0; i < 2; i++) {
		p->kernel[i] = kernel;
		p->stride[i] = stride;
		p->pad[i] = p->pad[i + 2] = pad;
	}
	return with_power(n, net_finish(n, node), 2 * power_of(n, x));
}

Value *net_l2norm(Net *n, Value *x, const char *name)
{
	if (!x)
		return NULL;
	int64_t c = x->type.dim[1];
	Value *in[] = {x, channel_weight(n, name, "scale", c, 20, 1)};
	return with_power(n, net_finish(n, add(n, OP_l2norm, name, 2, in)), 400.0 / (double)c);
}

Value *net_resize(Net *n, Value *x, const char *name, const Value *like)
{
	if (!x || !like)
		return NULL;
	Node *node = add(n, OP_resize, name, 1, &x);
	node->u.resize.size[0] = like->type.dim[2];
	node->u.resize.size[1] = like->type.dim[3];
	return with_power(n, net_finish(n, node), power_of(n, x));
}

Value *net_permute(Net *n, Value *x, const char *name)
{
	if (!x)
		return NULL;
	Node *node = add(n, OP_permute, name, 1, &x);
	static const int order[] = {0, 2, 3, 1};
	node->u.permute.n = 4;
	memcpy(node->u.permute.order, order, sizeof order);
	return net_finish(n, node);
}

Value *net_reshape(Net *n, Value *x, const char *name, int rank, const int64_t *dim)
{
	if (!x)
		return NULL;
	Node *node = add(n, OP_reshape, name, 1, &x);
	node->u.reshape.n = rank;
	memcpy(node->u.reshape.dim, dim, sizeof *dim * (size_t)rank);
	return net_finish(n, node);
}

Value *net_concat(Net *n, Value *const *x, int count, const char *name, int axis)
{
	for (int i = 0; i < count; i++)
		if (!x[i])
			return NULL;
	Node *node = add(n, OP_concat, name, count, x);
	node->u.concat.axis = axis;
	return net_finish(n, node);
}

Value *net_softmax(Net *n, Value *x, const char *name, int axis)
{
	if (!x)
		return NULL;
	Node *node = add(n, OP_softmax, name, 1, &x);
	node->u.softmax.axis = axis;
	return net_finish(n, node);
}

Value *net_residual(Net *n, Value *x, const char *name, Residual r)
{
	Spec first = {.out = r.inner, .kernel = r.kernel, .stride = r.stride, .bn = true, .act = FN_relu};
	Spec middle = {
	    .out = r.inner, .kernel = r.middle, .pad = r.dilation * (r.middle / 2), .dilation = r.dilation, .bn = true, .act = FN_relu};
	Spec last = {.out = r.outer, .kernel = 1, .bn = true, .gain = 0.3};
	Spec skip = {.out = r.outer, .kernel = r.kernel, .stride = r.stride, .bn = true};
	Value *shortcut = r.branch1 ? net_conv(n, x, net_name(n, "%s.branch1", name), skip) : x;
	Value *y = net_conv(n, x, net_name(n, "%s.branch2a", name), first);
	y = net_conv(n, y, net_name(n, "%s.branch2b", name), middle);
	y = net_conv(n, y, net_name(n, "%s.branch2c", name), last);
	y = net_function(n, shortcut, y, name, FN_add);
	Value *z = net_act(n, y, name, FN_relu);
	/* An identity is positive and mostly stays as it is; the result of branch1 loses its negative half. */
	return z && !r.branch1 ? with_power(n, z, power_of(n, y)) : z;
}
