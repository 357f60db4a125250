/* net_resnet.c -- Residual-50 and -101 in the original placement (the stride on the 1x1 branch2a), with stage 5 at
 * stride 1 and dilation 2, then extra residual blocks. */
#include "import/cards/net.h"

#include <string.h>

typedef struct Stage {
	int number, inner, outer, stride, dilation, source; /* source: 1 when the stage feeds a level */
} Stage;

static const Stage stages[] = {
    {2, 64, 256, 1, 1, 0},
    {3, 128, 512, 2, 1, 1},
    {4, 256, 1024, 2, 1, 0},
    {5, 512, 2048, 1, 2, 1},
};

/* Caffe's names: 4a, 4b1 .. 4b22 in Residual-101's long stages, letters in all others. */
static const char *block_name(const Net *n, int stage, int count, int i)
{
	if (n->card->backbone == BACKBONE_RESNET101 && count > 3 && i > 0)
		return net_name(n, "res%db%d", stage, i);
	return net_name(n, "res%d%c", stage, 'a' + i);
}

void net_resnet(Net *n, Value *x)
{
	static const int blocks50[] = {3, 4, 6, 3}, blocks101[] = {3, 4, 23, 3};
	const int *blocks = n->card->backbone == BACKBONE_RESNET101 ? blocks101 : blocks50;
	x = net_conv(n, x, "conv1", (Spec){.out = net_width(n, 64), .kernel = 7, .stride = 2, .pad = 3, .bn = true, .act = FN_relu});
	x = net_max_pool(n, x, "pool1", 3, 2, 0);
	for (int s = 0; s < 4; s++) {
		const Stage *t = &stages[s];
		for (int i = 0; i < blocks[s]; i++) {
			Residual r = {.inner = net_width(n, t->inner),
			              .outer = net_width(n, t->outer),
			              .kernel = 1,
			              .stride = i ? 1 : t->stride,
			              .dilation = t->dilation,
			              .middle = 3,
			              .branch1 = i == 0};
			x = net_residual(n, x, block_name(n, t->number, blocks[s], i), r);
		}
		if (t->source)
			net_source(n, t->number, x);
	}
	for (int i = 0; i < n->card->nextra; i++) {
		const Extra *e = &n->card->extra[i];
		Residual r = {.inner = net_width(n, e->inner ? e->inner : 256),
		              .outer = net_width(n, e->outer ? e->outer : 1024),
		              .kernel = e->kernel ? e->kernel : 2,
		              .stride = e->stride ? e->stride : 2,
		              .dilation = 1,
		              .middle = 3,
		              .branch1 = true};
		n->loc = e->loc;
		if (e->pad > 0)
			diag_error(n->d, DIAG_UNSUPPORTED, e->loc, "/extras/%d/pad: residual extras have no padding", i);
		x = net_residual(n, x, net_name(n, "res%d", 6 + i), r);
		net_source(n, 6 + i, x);
	}
}
