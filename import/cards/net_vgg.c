/* net_vgg.c -- VGG16 without its fully connected layers, fc6 and fc7 as dilated and 1x1 convolutions, then pairs of
 * a 1x1 and a larger convolution. Biases everywhere, no batch normalisation. */
#include "import/cards/net.h"

static Value *conv(Net *n, Value *x, const char *name, int out, int kernel, int pad)
{
	return net_conv(n, x, name, (Spec){.out = net_width(n, out), .kernel = kernel, .pad = pad, .bias = true, .act = FN_relu});
}

static Value *extra(Net *n, Value *x, const Extra *e, int label)
{
	Spec second = {.out = net_width(n, e->outer ? e->outer : 256),
	               .kernel = e->kernel ? e->kernel : 3,
	               .stride = e->stride,
	               .pad = e->pad < 0 ? 0 : e->pad,
	               .bias = true,
	               .act = FN_relu};
	n->loc = e->loc;
	x = conv(n, x, net_name(n, "conv%d_1", label), e->inner ? e->inner : 128, 1, 0);
	return net_conv(n, x, net_name(n, "conv%d_2", label), second);
}

void net_vgg(Net *n, Value *x)
{
	static const int width[] = {64, 128, 256, 512, 512}, count[] = {2, 2, 3, 3, 3};
	for (int s = 0; s < 5; s++) {
		for (int i = 0; i < count[s]; i++)
			x = conv(n, x, net_name(n, "conv%d_%d", s + 1, i + 1), width[s], 3, 1);
		if (s == 3)
			net_source(n, 4, net_l2norm(n, x, "conv4_3_norm"));
		x = s < 4 ? net_max_pool(n, x, net_name(n, "pool%d", s + 1), 2, 2, 0) : net_max_pool(n, x, "pool5", 3, 1, 1);
	}
	x = net_conv(n, x, "fc6", (Spec){.out = net_width(n, 1024), .kernel = 3, .pad = 6, .dilation = 6, .bias = true, .act = FN_relu});
	x = conv(n, x, "fc7", 1024, 1, 0);
	net_source(n, 7, x);
	for (int i = 0; i < n->card->nextra; i++) {
		x = extra(n, x, &n->card->extra[i], 8 + i);
		net_source(n, 8 + i, x);
	}
}
