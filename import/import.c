/* import.c -- what is the same for every kind of model: names, made-up weights, options that change the graph. */
#include "import/import.h"
#include "import/cards/detect_fragment.h"
#include "import/image.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *import_graph_name(Arena *a, const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
	if (!strcmp(path, "-") || dot == base)
		return "model";
	return dot ? arena_strndup(a, base, (size_t)(dot - base)) : base;
}

/* ---- made-up weights ---- */

static bool is_elided(const Value *v)
{
	return value_is_constant(v) && v->data->kind == BLOB_ELIDED;
}

/* Mean and deviation by the place of the constant in the node that reads it: He's for what is multiplied and summed,
 * so that activations stay in range; variances and gains are positive. */
static void choose_distribution(const Value *v, Blob *b)
{
	const Node *n = v->nuse ? v->use[0] : NULL;
	int slot = 0;
	while (n && slot < n->nin && n->in[slot] != v)
		slot++;
	b->mean = 0;
	b->deviation = 0.1;
	if (!n)
		return;
	bool product = n->op == OP_conv2d || n->op == OP_deconv2d || n->op == OP_matmul;
	if (product && slot == CONV_WEIGHT) {
		double count = (double)type_count(&v->type), out = (double)v->type.dim[weight_channel_axis(v)];
		b->deviation = sqrt(2 * out / fmax(count, 1));
	} else if (n->op == OP_batchnorm && slot == BATCHNORM_VARIANCE) {
		b->mean = 1;
		b->deviation = 0;
	} else if (n->op == OP_l2norm || (n->op == OP_batchnorm && slot == BATCHNORM_GAMMA) || (n->op == OP_scale && slot == SCALE_GAMMA)) {
		b->mean = 1;
	} else if (n->op == OP_detect) {
		b->mean = 0.5;
	}
}

static void make_up_constants(Graph *g, uint64_t seed, Diag *d)
{
	for (int i = 0; i < g->nvalue; i++) {
		Value *v = g->value[i];
		if (!is_elided(v))
			continue;
		if (!dtype_is_float(v->type.dtype)) {
			diag_error(d, DIAG_UNSUPPORTED, (Loc){.file = g->name, .offset = -1}, "constant %%%d: only floats can be made up",
			           v->id);
			continue;
		}
		Blob *b = arena_new_one(g->arena, Blob);
		*b = (Blob){.kind = BLOB_RANDOM, .dtype = DT_F32, .rank = v->type.rank, .fd = -1};
		memcpy(b->dim, v->type.dim, sizeof b->dim);
		b->seed = v->name ? hash_bytes(seed, v->name, strlen(v->name)) : hash_bytes(seed, &v->id, sizeof v->id);
		choose_distribution(v, b);
		v->type.dtype = DT_F32;
		v->data = b;
	}
}

/* ---- preprocessing ---- */

/* One number for all channels, or three with commas between them. */
static bool read_triple(const char *option, const char *text, double least, double *v, Diag *d)
{
	double x[3];
	int n = 0;
	char *end = NULL;
	for (const char *p = text; n < 3; p = end + 1) {
		x[n] = strtod(p, &end);
		if (end == p || !isfinite(x[n]) || x[n] < least || fabs(x[n]) > 1e6)
			break;
		n++;
		if (*end != ',')
			break;
	}
	if ((n != 1 && n != 3) || *end) {
		Arena *a = arena_new();
		diag_error(d, DIAG_REJECT, (Loc){0}, "%s takes one number or three with commas between them%s, not '%s'", option,
		           least > 0 ? ", above 0" : "", diag_quote(a, text));
		arena_free(a);
		return false;
	}
	for (int i = 0; i < 3; i++)
		v[i] = x[n == 1 ? 0 : i];
	return true;
}

void import_preprocess(Graph *g, const ImportOptions *o, Diag *d)
{
	Preprocess *p = &g->preprocess;
	if (!o->mean && !o->divisor && !o->channel_order)
		return;
	if (!p->width) {
		diag_error(d, DIAG_REJECT, (Loc){0},
		           "the model takes tensors, not one image of three channels: --mean, --divisor and "
		           "--channel-order do not apply");
		return;
	}
	if (o->mean)
		read_triple("--mean", o->mean, -1e6, p->mean, d);
	if (o->divisor)
		read_triple("--divisor", o->divisor, 1e-9, p->divisor, d);
	if (o->channel_order && strcmp(o->channel_order, "bgr") && strcmp(o->channel_order, "rgb"))
		diag_error(d, DIAG_REJECT, (Loc){0}, "--channel-order takes bgr or rgb");
	else if (o->channel_order)
		p->bgr = !strcmp(o->channel_order, "bgr");
}

/* ---- detection ---- */

static void set_detect(Graph *g, Node *n, const ImportOptions *o, Diag *d)
{
	Detect *t = &n->u.detect;
	if (o->threshold >= 0)
		t->threshold = o->threshold;
	if (o->nms >= 0)
		t->nms = o->nms;
	if (o->top_k > 0)
		t->top_k = o->top_k;
	if (o->keep_top_k > 0)
		t->keep_top_k = o->keep_top_k;
	infer_node(n, d);
	bool named = o->labels && import_labels(g, o->labels, d);
	if (named && t->background < 0 && g->nlabel == t->classes + 1) { /* there is none, whatever the file says */
		g->label++;
		g->nlabel--;
	}
	if (named && g->nlabel != t->classes)
		diag_error(d, DIAG_REJECT, n->loc, "%d classes (with background), but '%s' names %d", t->classes, o->labels, g->nlabel);
}

static void set_limits(Graph *g, const ImportOptions *o, Diag *d)
{
	bool any = o->threshold >= 0 || o->nms >= 0 || o->top_k > 0 || o->keep_top_k > 0 || o->labels;
	for (int i = 0; any && i < g->nnode; i++)
		if (g->node[i]->op == OP_detect) {
			set_detect(g, g->node[i], o, d);
			return;
		}
	if (any)
		diag_error(d, DIAG_REJECT, (Loc){0},
		           "the model has no detect: --threshold, --nms, --top-k, --keep-top-k and --labels do "
		           "not apply");
}

bool import_finish(Graph *g, const ImportOptions *o, Diag *d)
{
	int before = diag_errors(d);
	if (o->detect)
		detect_fragment_apply(g, o->detect, d);
	import_preprocess(g, o, d);
	if (diag_errors(d) == before)
		image_adapt(g, d);
	set_limits(g, o, d);
	if (o->random && diag_errors(d) == before)
		make_up_constants(g, o->seed, d);
	return diag_errors(d) == before;
}
