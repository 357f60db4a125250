/* released.h -- a card's network as the DSSD authors released theirs: deploy.prototxt and .caffemodel, with their layer
 * names and their style (dssd.md sections 1 to 4, 9, 10), written from the card's graph; and the names of the graph
 * changed to those, so that what is imported can be compared with it, text with text. */
#ifndef TESTS_IMPORT_RELEASED_H
#define TESTS_IMPORT_RELEASED_H

#include "tests/import/proto.h"
#include "tests/import/tools.h"

#include "import/import.h"

#include <ctype.h>

enum { NAME_SIZE = 160 };

typedef struct Release {
	const Graph *card;
	FILE *text, *weights;
	bool decoder;   /* a DSSD */
	bool pixels;    /* default boxes say `offset` and mean pixels, as in the released files, not `start` */
	int last_level; /* its prediction module reads the encoder */
} Release;

/* ---- names ---- */

static inline void encoder_name(int level, char *out)
{
	sprintf(out, level == 3 ? "res3b3" : level == 5 ? "res5c" : "res%d", level);
}

/* What the prediction module of a level reads, as a part of names. */
static inline void module_source(const Release *r, int level, char *out)
{
	if (r->decoder && level != r->last_level) {
		sprintf(out, "combined_%d_EltwisePROD_relu", level);
	} else {
		encoder_name(level, out);
		strcat(out, "_relu");
	}
}

/* A layer of a residual block: "branch2a" + ".bn", say; block: its name without "res". */
static inline void block_name(const char *block, const char *rest, char *out)
{
	bool bn = strstr(rest, ".bn");
	int n = (int)strcspn(rest, ".");
	sprintf(out, "%s%s%s%.*s%s", bn ? "bn" : "res", block, n ? "_" : "", n, rest, strstr(rest, ".relu") ? "_relu" : "");
}

static inline void decoder_name(int level, const char *rest, char *out)
{
	char encoder[NAME_SIZE];
	const char *end = strstr(rest, ".bn") ? "_bn" : strstr(rest, ".relu") ? "_relu" : "";
	encoder_name(level, encoder);
	if (!strncmp(rest, "deconv", 6))
		sprintf(out, "deconv_%d", level);
	else if (!strncmp(rest, "up", 2))
		sprintf(out, "deconv_%d_pre%s", level, end);
	else if (!strncmp(rest, "skip", 4))
		sprintf(out, "%s_relu_pre%c%s", encoder, rest[4], end);
	else
		sprintf(out, "combined_%d_EltwisePROD%s", level, end);
}

static inline void head_name(const Release *r, const char *what, int level, const char *rest, char *out)
{
	char source[NAME_SIZE];
	const char *inter = strncmp(rest, "inter", 5) ? "" : "_inter", *end = strstr(rest, "permute")   ? "_perm"
	                                                                      : strstr(rest, "flatten") ? "_flat"
	                                                                      : strstr(rest, ".bn")     ? "_bn"
	                                                                      : strstr(rest, ".relu")   ? "_relu"
	                                                                                                : "";
	module_source(r, level, source);
	sprintf(out, "res%s_inter256_mbox_%s%s%s%s", source, what, r->decoder && strcmp(what, "priorbox") ? "new" : "", inter, end);
}

/* The released name of a layer of the card. */
static inline const char *released_name(const Release *r, const char *name, char *out)
{
	char source[NAME_SIZE];
	const char *dot = strchr(name, '.'), *rest = dot ? dot + 1 : "";
	int n = (int)(dot ? dot - name : (int)strlen(name)), level = 0;
	sprintf(out, "%s", name);
	if (!strcmp(name, "conv1.bn"))
		strcpy(out, "bn_conv1");
	else if (!strcmp(name, "conv1.relu"))
		strcpy(out, "conv1_relu");
	else if (!strncmp(name, "res", 3)) {
		char block[NAME_SIZE];
		sprintf(block, "%.*s", n - 3, name + 3);
		block_name(block, strcmp(rest, "relu") ? rest : ".relu", out);
	} else if (sscanf(name, "dm%d", &level) == 1) {
		decoder_name(level, strcmp(rest, "relu") ? rest : ".relu", out);
	} else if (sscanf(name, "pm%d", &level) == 1) {
		module_source(r, level, source);
		strcat(source, "_inter256");
		block_name(source, strcmp(rest, "relu") ? rest : ".relu", out);
	} else if (sscanf(name, "loc%d", &level) == 1) {
		head_name(r, "loc", level, rest, out);
	} else if (sscanf(name, "conf%d", &level) == 1) {
		head_name(r, "conf", level, rest, out);
	} else if (sscanf(name, "prior%d", &level) == 1) {
		head_name(r, "priorbox", level, rest, out);
	}
	return out;
}

/* Of the Scale behind a BatchNorm. */
static inline const char *scale_name(const char *bn, char *out)
{
	const char *tail = strrchr(bn, '_');
	if (!strncmp(bn, "bn", 2))
		sprintf(out, "scale%s", bn + 2);
	else
		sprintf(out, "%.*s_scale", (int)(tail - bn), bn);
	return out;
}

/* ---- deploy.prototxt ---- */

/* The blob that holds a value: batch normalisations work in place, and all ReLUs but those behind a product. */
static inline const char *blob_of(const Release *r, const Value *v, char *out)
{
	if (!v->def) {
		sprintf(out, "%s", v->name);
		return out;
	}
	int level;
	char rest[16];
	bool own = sscanf(v->def->name, "dm%d.%15s", &level, rest) == 2 && !strcmp(rest, "relu");
	bool in_place = v->def->op == OP_batchnorm || (v->def->op == OP_eltwise && v->def->u.eltwise.fn == FN_relu && !own);
	return in_place ? blob_of(r, v->def->in[0], out) : released_name(r, v->def->name, out);
}

static inline void put_window(FILE *f, const char *what, const int *v, int standard)
{
	if (v[0] != standard || v[1] != standard)
		fprintf(f, v[0] == v[1] ? "    %s: %d\n" : "    %s_h: %d\n    %s_w: %d\n", what, v[0], what, v[1]);
}

static inline void put_conv(FILE *f, const Node *n)
{
	bool up = n->op == OP_deconv2d;
	const int64_t *w = n->in[1]->type.dim;
	const int kernel[] = {(int)w[2], (int)w[3]};
	fprintf(f, "  param {\n    lr_mult: 1\n    decay_mult: 1\n  }\n  convolution_param {\n    num_output: %d\n", (int)w[up]);
	if (n->nin < 3)
		fputs("    bias_term: false\n", f);
	put_window(f, "pad", up ? n->u.deconv2d.pad : n->u.conv2d.pad, 0);
	put_window(f, "kernel_size", kernel, 0);
	put_window(f, "stride", up ? n->u.deconv2d.stride : n->u.conv2d.stride, 0);
	put_window(f, "dilation", up ? (const int[]){1, 1} : n->u.conv2d.dilation, up ? 0 : 1);
	fputs("    weight_filler {\n      type: \"xavier\"\n    }\n  }\n", f);
}

static inline void put_prior(const Release *r, const Prior *p)
{
	FILE *f = r->text;
	fprintf(f, "  prior_box_param {\n    min_size: %.9g\n    max_size: %.9g\n", p->min_size[0], p->max_size[0]);
	for (int i = 0; i < p->nratio; i++)
		fprintf(f, "    aspect_ratio: %.9g\n", p->ratio[i]);
	fprintf(f, "    flip: %s\n    clip: false\n", p->flip ? "true" : "false");
	for (int i = 0; i < 4; i++)
		fprintf(f, "    variance: %.9g\n", p->variance[i]);
	fprintf(f, "    step: %.9g\n    %s: %.9g\n  }\n", p->step[0], r->pixels ? "offset" : "start", p->start[0]);
}

static inline void put_detect(FILE *f, const Detect *d)
{
	fprintf(f,
	        "  include {\n    phase: TEST\n  }\n  detection_output_param {\n    num_classes: %d\n    share_location: true\n"
	        "    background_label_id: 0\n    nms_param {\n      nms_threshold: %.9g\n      top_k: %d\n    }\n"
	        "    code_type: CENTER_SIZE\n    keep_top_k: %d\n    confidence_threshold: %.9g\n  }\n",
	        d->classes, d->nms, d->top_k, d->keep_top_k, d->threshold);
}

static inline void put_head(const Release *r, const Node *n, const char *type, const char *name, const char *top)
{
	char blob[NAME_SIZE];
	fprintf(r->text, "layer {\n  name: \"%s\"\n  type: \"%s\"\n", name, type);
	for (int i = 0; i < n->nin; i++)
		if (n->in[i] && !n->in[i]->data)
			fprintf(r->text, "  bottom: \"%s\"\n", blob_of(r, n->in[i], blob));
	if (n->op == OP_prior)
		fputs("  bottom: \"data\"\n", r->text);
	fprintf(r->text, "  top: \"%s\"\n", top);
}

static inline void put_layer(const Release *r, const Node *n)
{
	char name[NAME_SIZE], top[NAME_SIZE], scale[2 * NAME_SIZE];
	FILE *f = r->text;
	const bool flatten = n->op == OP_reshape && n->u.reshape.n == 2;
	const char *type[OP_COUNT] = {[OP_conv2d] = "Convolution",
	                              [OP_deconv2d] = "Deconvolution",
	                              [OP_batchnorm] = "BatchNorm",
	                              [OP_pool2d] = "Pooling",
	                              [OP_concat] = "Concat",
	                              [OP_permute] = "Permute",
	                              [OP_softmax] = "Softmax",
	                              [OP_prior] = "PriorBox",
	                              [OP_detect] = "DetectionOutput",
	                              [OP_reshape] = flatten ? "Flatten" : "Reshape",
	                              [OP_eltwise] = n->op == OP_eltwise && n->u.eltwise.fn == FN_relu ? "ReLU" : "Eltwise"};
	assert_non_null(type[n->op]);
	released_name(r, n->name, name);
	blob_of(r, n->out[0], top);
	put_head(r, n, type[n->op], name, top);
	if (n->op == OP_conv2d || n->op == OP_deconv2d)
		put_conv(f, n);
	else if (n->op == OP_batchnorm)
		fprintf(f,
		        "  batch_norm_param {\n    use_global_stats: true\n    moving_average_fraction: 0.999\n    eps: %.9g\n  }\n}\n"
		        "layer {\n  name: \"%s\"\n  type: \"Scale\"\n  bottom: \"%s\"\n  top: \"%s\"\n"
		        "  scale_param {\n    bias_term: true\n  }\n",
		        n->u.batchnorm.eps, scale_name(name, scale), top, top);
	else if (n->op == OP_pool2d)
		fprintf(f, "  pooling_param {\n    pool: MAX\n    kernel_size: %d\n    stride: %d\n  }\n", n->u.pool2d.kernel[0],
		        n->u.pool2d.stride[0]);
	else if (n->op == OP_eltwise && n->u.eltwise.fn == FN_mul)
		fputs("  eltwise_param {\n    operation: PROD\n  }\n", f);
	else if (n->op == OP_permute)
		fputs("  permute_param {\n    order: 0\n    order: 2\n    order: 3\n    order: 1\n  }\n", f);
	else if (n->op == OP_reshape && flatten)
		fputs("  flatten_param {\n    axis: 1\n  }\n", f);
	else if (n->op == OP_reshape)
		fprintf(f, "  reshape_param {\n    shape {\n      dim: 0\n      dim: -1\n      dim: %d\n    }\n  }\n",
		        (int)n->u.reshape.dim[2]);
	else if (n->op == OP_concat)
		fprintf(f, "  concat_param {\n    axis: %d\n  }\n", n->u.concat.axis);
	else if (n->op == OP_softmax)
		fprintf(f, "  softmax_param {\n    axis: %d\n  }\n", n->u.softmax.axis);
	else if (n->op == OP_prior)
		put_prior(r, &n->u.prior);
	else if (n->op == OP_detect)
		put_detect(f, &n->u.detect);
	fputs("}\n", f);
}

/* ---- .caffemodel ---- */

/* The constant as a blob; it is told the hash of its content, by which the texts are compared. */
static inline void put_numbers(Proto *layer, Value *v)
{
	Arena *a = arena_new();
	Proto blob = {0}, shape = {0}, dims = {0};
	const float *x = blob_read_f32(v->data, a);
	Blob content = {.kind = BLOB_BYTES, .dtype = DT_F32, .rank = v->data->rank, .data = x, .fd = -1};
	memcpy(content.dim, v->data->dim, sizeof content.dim);
	v->data->hash = blob_hash(&content, a);
	for (int i = 0; i < v->data->rank; i++)
		proto_varint(&dims, (uint64_t)v->data->dim[i]);
	proto_bytes(&shape, 1, dims.data, dims.size);
	proto_message(&blob, 7, &shape);
	proto_bytes(&blob, 5, x, sizeof *x * (size_t)blob_count(v->data));
	proto_message(layer, 7, &blob);
	proto_free(&dims);
	arena_free(a);
}

static inline void begin_layer(Proto *layer, const char *name, const char *type)
{
	proto_string(layer, 1, name);
	proto_string(layer, 2, type);
	proto_int(layer, 10, 1); /* phase */
}

static inline void end_layer(const Release *r, Proto *layer)
{
	Proto head = {0};
	proto_tag(&head, 100, 2);
	proto_varint(&head, layer->size);
	assert_int_equal(fwrite(head.data, 1, head.size, r->weights), head.size);
	assert_int_equal(fwrite(layer->data, 1, layer->size, r->weights), layer->size);
	proto_free(&head);
	proto_free(layer);
}

static inline void put_weights(const Release *r, const Node *n)
{
	char name[NAME_SIZE], scale[2 * NAME_SIZE];
	Proto layer = {0};
	released_name(r, n->name, name);
	if (n->op == OP_conv2d || n->op == OP_deconv2d) {
		begin_layer(&layer, name, n->op == OP_conv2d ? "Convolution" : "Deconvolution");
		for (int i = 1; i < n->nin; i++)
			put_numbers(&layer, n->in[i]);
		end_layer(r, &layer);
	} else if (n->op == OP_batchnorm) {
		Proto blob = {0}, shape = {0};
		const float one = 1;
		begin_layer(&layer, name, "BatchNorm");
		put_numbers(&layer, n->in[1]);
		put_numbers(&layer, n->in[2]);
		proto_int(&shape, 1, 1);
		proto_message(&blob, 7, &shape);
		proto_bytes(&blob, 5, &one, sizeof one);
		proto_message(&layer, 7, &blob);
		end_layer(r, &layer);
		begin_layer(&layer, scale_name(name, scale), "Scale");
		put_numbers(&layer, n->in[3]);
		put_numbers(&layer, n->in[4]);
		end_layer(r, &layer);
	}
}

/* ---- the whole ---- */

/* The card's elided constants become made-up ones. */
static inline void make_up(Graph *g)
{
	for (int i = 0; i < g->nvalue; i++) {
		Value *v = g->value[i];
		if (!v->data)
			continue;
		Blob *b = arena_new_one(g->arena, Blob);
		*b = (Blob){.kind = BLOB_RANDOM, .dtype = DT_F32, .rank = v->type.rank, .fd = -1, .deviation = 0.05, .mean = 0.5};
		memcpy(b->dim, v->type.dim, sizeof b->dim);
		b->seed = (uint64_t)v->id;
		v->data = b;
	}
}

static inline void write_release(Release *r, const char *text, const char *weights)
{
	const int64_t *dim = r->card->input[0]->type.dim;
	Proto head = {0};
	r->text = fopen(text, "w");
	r->weights = fopen(weights, "wb");
	assert_non_null(r->text);
	assert_non_null(r->weights);
	fprintf(r->text, "name: \"%s_deploy\"\ninput: \"data\"\ninput_shape {\n", r->card->name);
	for (int i = 0; i < 4; i++)
		fprintf(r->text, "  dim: %d\n", (int)dim[i]);
	fputs("}\n", r->text);
	proto_string(&head, 1, r->card->name);
	fwrite(head.data, 1, head.size, r->weights);
	proto_free(&head);
	for (int i = 0; i < r->card->nnode; i++) {
		put_layer(r, r->card->node[i]);
		put_weights(r, r->card->node[i]);
	}
	assert_int_equal(fclose(r->text), 0);
	assert_int_equal(fclose(r->weights), 0);
}

/* The card's layers and constants get their released names. */
static inline void rename_graph(const Release *r, Graph *g)
{
	static const char *const part[] = {NULL, "mean", "var", "gamma", "beta"}, *const weight[] = {NULL, "weight", "bias"};
	for (int i = 0; i < g->nnode; i++) {
		Node *n = g->node[i];
		char name[NAME_SIZE], scale[2 * NAME_SIZE];
		n->name = arena_strdup(g->arena, released_name(r, n->name, name));
		n->out[0]->name = n->name;
		for (int k = 1; k < n->nin; k++)
			if (n->in[k] && n->in[k]->data)
				n->in[k]->name = n->op != OP_batchnorm
				                     ? arena_printf(g->arena, "%s.%s", name, weight[k])
				                     : arena_printf(g->arena, "%s.%s", k > 2 ? scale_name(name, scale) : name, part[k]);
	}
}

/* The graph's text with values numbered in the order of the text. */
static inline char *numbered_text(const Graph *g)
{
	char *text, *out;
	size_t size, made;
	int *number = calloc((size_t)g->next_id + 1, sizeof *number), n = 0;
	FILE *f = open_memstream(&text, &size);
	assert_non_null(number);
	graph_print(g, f, (PrintOptions){0});
	fclose(f);
	f = open_memstream(&out, &made);
	for (const char *p = text; *p; p++) {
		fputc(*p, f);
		if (*p != '%' || !isdigit((unsigned char)p[1]))
			continue;
		int id = atoi(p + 1);
		number[id] = number[id] ? number[id] : ++n;
		fprintf(f, "%d", number[id]);
		while (isdigit((unsigned char)p[1]))
			p++;
	}
	fclose(f);
	free(text);
	free(number);
	return out;
}

static inline void assert_same_text(char *want, char *got)
{
	char *w = want, *g = got;
	while (*w && *w == *g)
		w++, g++;
	if (*w == *g)
		return;
	while (w > want && w[-1] != '\n')
		w--, g--;
	fail_msg("wanted: %.*s\n   got: %.*s", (int)strcspn(w, "\n"), w, (int)strcspn(g, "\n"), g);
}

/* The card's network, released and imported, is the card's network. */
static inline void check_release(const char *card, int divisor, bool pixels, const char *folder)
{
	char file[300], text[400], weights[400];
	Messages m;
	ImportOptions o = {.threshold = -1, .nms = -1, .width_divisor = divisor, .labels = "models/voc.labels"};
	messages_open(&m);
	snprintf(file, sizeof file, "models/%s.json", card);
	snprintf(text, sizeof text, "%s/%s.prototxt", folder, card);
	snprintf(weights, sizeof weights, "%s/%s.caffemodel", folder, card);
	if (strstr(card, "coco"))
		o.labels = "models/coco.labels";
	Graph *g = import_card(file, &o, &m.diag);
	if (!g)
		fail_msg("%s", messages_text(&m));
	make_up(g);
	Release r = {.card = g, .decoder = !strncmp(card, "dssd", 4), .pixels = pixels};
	r.last_level = strstr(card, "513") ? 10 : 9;
	write_release(&r, text, weights);
	rename_graph(&r, g);
	char *want = numbered_text(g);
	graph_free(g);
	o.width_divisor = 0;
	o.prior_offset = pixels ? "pixels" : NULL;
	g = import_caffe(text, &o, &m.diag);
	if (!g)
		fail_msg("%s", messages_text(&m));
	assert_int_equal(m.diag.nwarning, 0);
	char *got = numbered_text(g);
	assert_same_text(want, got);
	free(want);
	free(got);
	graph_free(g);
	messages_free(&m);
	remove(text);
	remove(weights);
}

#endif
