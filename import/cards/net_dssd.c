/* net_dssd.c -- what is on the encoder's feature maps: decoder, prediction modules, heads, default boxes.
 *
 * Nodes come in an order that keeps few maps alive: from the coarsest level to the finest, each level's decoder
 * module, prediction module and heads together.
 */
#include "import/cards/net.h"

#include <math.h>
#include <string.h>

typedef struct Heads { /* of all levels, finest first */
	Value *loc[MAX_LEVELS], *conf[MAX_LEVELS], *prior[MAX_LEVELS];
} Heads;

/* ---- the paper's Figure 3 ---- */

static Value *upsampled(Net *n, Value *t, const Value *f, const char *name, int level)
{
	const Card *c = n->card;
	if (c->decoder.upsample == UPSAMPLE_BILINEAR)
		return net_resize(n, t, net_name(n, "%s.resize", name), f);
	Value *y = net_deconv(n, t, net_name(n, "%s.deconv", name), net_width(n, c->decoder.width), ints_at(&c->decoder.kernels, level),
	                      ints_at(&c->decoder.strides, level), ints_at(&c->decoder.pads, level));
	if (y && f && (y->type.dim[2] != f->type.dim[2] || y->type.dim[3] != f->type.dim[3])) {
		diag_error(n->d, DIAG_REJECT, n->loc,
		           "/decoder: %s.deconv gives %lldx%lld, but the encoder's map of this level is %lldx%lld", name,
		           (long long)y->type.dim[2], (long long)y->type.dim[3], (long long)f->type.dim[2], (long long)f->type.dim[3]);
		return NULL;
	}
	return y;
}

/* t: result of the next coarser level. */
static Value *decoder_module(Net *n, Value *t, int level)
{
	const char *name = net_name(n, "dm%d", n->label[level]);
	Spec plain = {.out = net_width(n, n->card->decoder.width), .kernel = 3, .pad = 1, .bn = true}, relu = plain;
	relu.act = FN_relu;
	n->loc = n->card->decoder.loc;
	Value *f = n->source[level];
	t = upsampled(n, t, f, name, level);
	Spec up = plain; /* made-up weights: a factor near 1, or the scale of a level would depend on all coarser ones */
	if (n->card->decoder.combine == COMBINE_PRODUCT) {
		up.gain = 0.3;
		up.shift = 1;
	}
	t = net_conv(n, t, net_name(n, "%s.up", name), up);
	f = net_conv(n, f, net_name(n, "%s.skip1", name), relu);
	f = net_conv(n, f, net_name(n, "%s.skip2", name), plain);
	Value *y = net_function(n, t, f, name, n->card->decoder.combine == COMBINE_SUM ? FN_add : FN_mul);
	return net_act(n, y, name, FN_relu);
}

/* ---- the paper's Figure 2 ---- */

static Value *prediction_module(Net *n, Value *x, int level)
{
	const Card *c = n->card;
	const char *name = net_name(n, "pm%d", n->label[level]);
	if (!x || c->prediction.module == MODULE_A)
		return x;
	n->loc = c->prediction.loc;
	int in = (int)x->type.dim[1];
	bool given = c->prediction.inner.n > 0, identity = c->prediction.module == MODULE_B;
	Residual r = {.kernel = 1,
	              .stride = 1,
	              .dilation = 1,
	              .middle = c->prediction.middle_kernel,
	              .branch1 = !identity,
	              .inner = net_width(n, given ? ints_at(&c->prediction.inner, level) : 256),
	              .outer = net_width(n, given ? ints_at(&c->prediction.outer, level) : 1024)};
	if (identity && !given) {
		r.inner = in / 4;
		r.outer = in;
	}
	if (identity && r.outer != in) {
		diag_error(n->d, DIAG_REJECT, n->loc,
		           "/prediction: module 'b' adds its input, so its outer width at level %d must be %d, not %d", n->label[level], in,
		           r.outer);
		return NULL;
	}
	if (c->prediction.module != MODULE_D)
		return net_residual(n, x, name, r);
	x = net_residual(n, x, net_name(n, "%s.first", name), r);
	return net_residual(n, x, net_name(n, "%s.second", name), r);
}

/* ---- heads and default boxes ---- */

static const Doubles *level_ratios(const Card *c, int level)
{
	return c->level[level].ratios.loc.line ? &c->level[level].ratios : &c->boxes.ratios;
}

static int boxes_per_cell(const Card *c, int level)
{
	return 1 + !isnan(c->level[level].max) + 2 * level_ratios(c, level)->n;
}

/* classes: 0 for the box offsets */
static Value *head(Net *n, Value *x, const char *what, int level, int classes)
{
	const Card *c = n->card;
	const char *name = net_name(n, "%s%d", what, n->label[level]);
	n->loc = c->heads.loc;
	if (c->heads.inter)
		x = net_conv(n, x, net_name(n, "%s.inter", name),
		             (Spec){.out = net_width(n, c->heads.inter), .kernel = 3, .pad = 1, .bn = true, .act = FN_relu});
	int out = boxes_per_cell(c, level) * (classes ? classes : 4);
	Value *y = net_head(n, x, name, out, ints_at(&c->heads.kernels, level), classes);
	y = net_permute(n, y, net_name(n, "%s.permute", name));
	return net_reshape(n, y, net_name(n, "%s.flatten", name), 2, (int64_t[]){0, -1});
}

static Value *prior(Net *n, Value *x, int level)
{
	const Card *c = n->card;
	const Level *l = &c->level[level];
	const Doubles *ratios = level_ratios(c, level), *variances = &c->boxes.variances;
	if (!x)
		return NULL;
	n->loc = l->loc;
	Node *node = graph_node(n->graph, OP_prior, net_name(n, "prior%d", n->label[level]), 1, &x, 1);
	Prior *p = &node->u.prior;
	p->nmin = 1;
	p->min_size[0] = l->min;
	p->nmax = !isnan(l->max);
	p->max_size[0] = p->nmax ? l->max : 0;
	p->nratio = ratios->n;
	memcpy(p->ratio, ratios->v, sizeof p->ratio[0] * (size_t)ratios->n);
	p->flip = true;
	p->clip = c->boxes.clip;
	p->truncate_sizes = c->boxes.truncate_sizes;
	for (int i = 0; i < 2; i++) {
		p->image[i] = c->input.size;
		p->step[i] = l->step;
		p->start[i] = isnan(l->start) ? l->offset * l->step : l->start;
	}
	for (int i = 0; i < 4; i++)
		p->variance[i] = variances->v[variances->n == 1 ? 0 : i ^ c->boxes.y_first];
	return net_finish(n, node);
}

static void level_heads(Net *n, Value *x, int level, int classes, Heads *h)
{
	x = prediction_module(n, x, level);
	h->loc[level] = head(n, x, "loc", level, 0);
	h->conf[level] = head(n, x, "conf", level, classes);
	h->prior[level] = prior(n, x, level);
}

/* y before x, in corners and variances. All of it is constant in the end. */
static Value *y_first(Net *n, Value *boxes)
{
	if (!boxes)
		return NULL;
	const int64_t whole[3] = {1, 2, -1}, four = 4, order[4] = {1, 0, 3, 2};
	const Type t = type_make(DT_I64, 1, &four);
	Value *rows = net_reshape(n, boxes, "mbox_priorbox_rows", 4, (int64_t[]){1, 2, -1, 4});
	Value *in[2] = {rows, graph_constant(n->graph, NULL, blob_bytes(n->graph, &t, order))};
	if (!rows)
		return NULL;
	Node *take = graph_node(n->graph, OP_take, "mbox_priorbox_turned", 2, in, 1);
	take->u.take.axis = 3;
	return net_reshape(n, net_finish(n, take), "mbox_priorbox_yx", 3, whole);
}

static void detection(Net *n, const Heads *h, int classes)
{
	const Card *c = n->card;
	n->loc = c->detect.loc.line ? c->detect.loc : c->loc;
	Value *loc = net_concat(n, h->loc, n->nlevel, "mbox_loc", 1);
	Value *conf = net_concat(n, h->conf, n->nlevel, "mbox_conf", 1);
	Value *boxes = net_concat(n, h->prior, n->nlevel, "mbox_priorbox", 2);
	boxes = c->boxes.y_first ? y_first(n, boxes) : boxes;
	conf = net_reshape(n, conf, "mbox_conf_reshape", 3, (int64_t[]){0, -1, classes});
	conf = net_softmax(n, conf, "mbox_conf_softmax", 2);
	conf = net_reshape(n, conf, "mbox_conf_flatten", 2, (int64_t[]){0, -1});
	if (!loc || !conf || !boxes)
		return;
	Node *node = graph_node(n->graph, OP_detect, "detection_out", 3, (Value *[]){loc, conf, boxes}, 1);
	Detect *d = &node->u.detect;
	d->classes = classes;
	d->code = BOX_CENTER_SIZE;
	d->y_first = c->boxes.y_first;
	d->threshold = c->detect.threshold;
	d->nms = c->detect.nms;
	d->eta = 1;
	d->top_k = c->detect.top_k;
	d->keep_top_k = c->detect.keep_top_k;
	Value *out = net_finish(n, node);
	if (out)
		graph_output(n->graph, out);
}

/* The number of classes by the biases of the conf heads: the same at each level, or 0. */
static int64_t classes_of_weights(const Net *n)
{
	int64_t classes = 0;
	for (int level = 0; n->file && level < n->nlevel; level++) {
		const int64_t length = safetensors_length(n->file, net_name(n, "conf%d.bias", n->label[level]));
		const int cells = boxes_per_cell(n->card, level);
		if (length < 1 || length % cells || (classes && classes != length / cells))
			return 0;
		classes = length / cells;
	}
	return classes;
}

void net_dssd(Net *n, int classes)
{
	Heads h;
	const int64_t weights = classes_of_weights(n);
	if (weights && weights != classes) {
		diag_error(n->d, DIAG_REJECT, n->card->classes_loc,
		           "%d classes (with background), but the weights' conf heads have %lld: --classes=%lld and labels of as many "
		           "names fit them",
		           classes, (long long)weights, (long long)weights);
		return;
	}
	bool decoder = n->card->decoder.loc.line != 0;
	Value *t = n->source[n->nlevel - 1];
	for (int level = n->nlevel - 1; level >= 0; level--) {
		if (decoder && level < n->nlevel - 1)
			t = decoder_module(n, t, level);
		level_heads(n, decoder ? t : n->source[level], level, classes, &h);
	}
	detection(n, &h, classes);
}
