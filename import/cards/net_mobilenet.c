/* net_mobilenet.c -- MobileNetV2 as the encoder of an SSD: inverted residual blocks, then depthwise extras.
 *
 * Every convolution has a bias and no batch normalisation (folded by whoever published the weights); all padding is
 * symmetric. The sources are the widest maps: what block6 and block13 expand to, before their stride.
 */
#include "import/cards/net.h"

typedef struct BlockRow { /* a row of the paper's Table 2: blocks of one width */
	int count, out, stride, expand;
} BlockRow;

static const BlockRow rows[] = {
    {1, 16, 1, 1}, {2, 24, 2, 6}, {3, 32, 2, 6}, {4, 64, 2, 6}, {3, 96, 1, 6}, {3, 160, 2, 6}, {1, 320, 1, 6},
};

static Value *depthwise(Net *n, Value *x, const char *name, int stride)
{
	if (!x)
		return NULL;
	int c = (int)x->type.dim[1];
	return net_conv(n, x, name, (Spec){.out = c, .group = c, .kernel = 3, .stride = stride, .pad = 1, .bias = true, .act = FN_relu6});
}

static Value *pointwise(Net *n, Value *x, const char *name, int out, Func act, double gain)
{
	return net_conv(n, x, name, (Spec){.out = out, .kernel = 1, .bias = true, .act = act, .gain = gain});
}

static Value *block(Net *n, Value *x, int index, const BlockRow *row, int in, bool first)
{
	const char *name = net_name(n, "block%d", index);
	Value *y = x;
	if (row->expand > 1)
		y = pointwise(n, x, net_name(n, "%s.expand", name), net_width(n, in * row->expand), FN_relu6, 0);
	if (index == 6 || index == 13)
		net_source(n, index == 6 ? 3 : 5, y);
	y = depthwise(n, y, net_name(n, "%s.depthwise", name), first ? row->stride : 1);
	y = pointwise(n, y, net_name(n, "%s.project", name), net_width(n, row->out), FN_NONE, first ? 0 : 0.3);
	return first ? y : net_function(n, x, y, name, FN_add);
}

static Value *extra(Net *n, Value *x, const Extra *e, int label)
{
	Spec middle = {.kernel = e->kernel ? e->kernel : 3,
	               .stride = e->stride ? e->stride : 2,
	               .pad = e->pad < 0 ? 1 : e->pad,
	               .bias = true,
	               .act = FN_relu6};
	n->loc = e->loc;
	middle.out = middle.group = net_width(n, e->inner ? e->inner : 256);
	x = pointwise(n, x, net_name(n, "extra%d.reduce", label), middle.out, FN_relu6, 0);
	x = net_conv(n, x, net_name(n, "extra%d.depthwise", label), middle);
	return pointwise(n, x, net_name(n, "extra%d.project", label), net_width(n, e->outer ? e->outer : 512), FN_relu6, 0);
}

void net_mobilenet(Net *n, Value *x)
{
	int in = 32, index = 0;
	x = net_conv(n, x, "conv1", (Spec){.out = net_width(n, in), .kernel = 3, .stride = 2, .pad = 1, .bias = true, .act = FN_relu6});
	for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
		for (int i = 0; i < rows[r].count; i++, index++) {
			x = block(n, x, index, &rows[r], in, i == 0);
			in = rows[r].out;
		}
	x = pointwise(n, x, "conv_last", net_width(n, 1280), FN_relu6, 0);
	net_source(n, 6, x);
	for (int i = 0; i < n->card->nextra; i++) {
		x = extra(n, x, &n->card->extra[i], 7 + i);
		net_source(n, 7 + i, x);
	}
}
