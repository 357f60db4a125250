/* test_models.c -- every card against dssd.md: sizes of the maps (section 1), default boxes (4), parameters and
 * multiply-accumulates to every printed digit (8, 11), layer counts (8, 9), and the paper's variants by a card with
 * one switch changed. Parameters are counted as they are after fold_norm: weights, and one bias for each output
 * channel of a layer that has a bias or a batch normalisation. */
#include "tests/import/tools.h"

#include "import/import.h"

#include <math.h>

static const ImportOptions plain = {.threshold = -1, .nms = -1};

/* ---- counting ---- */

enum Part { BACKBONE, EXTRAS, DECODER, PREDICTION, HEADS, PARTS };

typedef struct Count {
	int64_t macs[PARTS], parameters[PARTS], caffe; /* caffe: floats of a caffemodel */
	int64_t boxes;
	int convolutions, deconvolutions, norms;
	char maps[100]; /* "40 20 10 5 3 1", finest first */
} Count;

static enum Part part_of(const char *name)
{
	int number = 0;
	if (!strncmp(name, "dm", 2))
		return DECODER;
	if (!strncmp(name, "pm", 2))
		return PREDICTION;
	if (!strncmp(name, "loc", 3) || !strncmp(name, "conf", 4))
		return HEADS;
	if (!strncmp(name, "extra", 5))
		return EXTRAS;
	if ((sscanf(name, "res%d", &number) == 1 && number > 5) || (sscanf(name, "conv%d_", &number) == 1 && number > 7))
		return EXTRAS;
	return BACKBONE;
}

static bool has_norm(const Node *n)
{
	return n->out[0]->nuse == 1 && n->out[0]->use[0]->op == OP_batchnorm;
}

static void count_node(const Node *n, Count *c)
{
	enum Part p = part_of(n->name);
	const int64_t *out = n->out[0]->type.dim;
	c->macs[p] += node_macs(n);
	if (n->op == OP_conv2d || n->op == OP_deconv2d) {
		int64_t weights = blob_count(n->in[1]->data), bias = n->nin > 2 && n->in[2] ? out[1] : 0;
		c->parameters[p] += weights + (bias || has_norm(n) ? out[1] : 0);
		c->caffe += weights + bias;
		c->convolutions++;
		c->deconvolutions += n->op == OP_deconv2d;
	} else if (n->op == OP_l2norm) {
		c->parameters[p] += blob_count(n->in[1]->data);
		c->caffe += blob_count(n->in[1]->data);
	} else if (n->op == OP_batchnorm) {
		c->norms++;
		c->caffe += 4 * out[1] + 1; /* mean, variance, their factor; gamma, beta */
	} else if (n->op == OP_prior) {
		int64_t h = n->in[0]->type.dim[2];
		char before[100];
		assert_int_equal(h, n->in[0]->type.dim[3]);
		strcpy(before, c->maps); /* nodes run from the coarsest level */
		snprintf(c->maps, sizeof c->maps, "%d%s%.90s", (int)h, *before ? " " : "", before);
		c->boxes += out[2] / 4;
	}
}

static Graph *import(const char *path, const ImportOptions *o)
{
	Messages m;
	messages_open(&m);
	Graph *g = import_card(path, o, &m.diag);
	if (!g)
		fail_msg("%s", messages_text(&m));
	messages_free(&m);
	graph_check(g);
	return g;
}

static Count count(const Graph *g)
{
	Count c = {0};
	for (int i = 0; i < g->nnode; i++)
		count_node(g->node[i], &c);
	return c;
}

static int64_t sum(const int64_t *part)
{
	int64_t s = 0;
	for (int i = 0; i < PARTS; i++)
		s += part[i];
	return s;
}

/* The number as section 8 prints it: three decimals of 1e9 or 1e6. */
static void expect_printed(const char *card, const char *what, int64_t number, double unit, const char *printed)
{
	char text[40];
	snprintf(text, sizeof text, "%.3f", (double)number / unit);
	if (strcmp(text, printed))
		fail_msg("%s: %s is %s (%lld), dssd.md prints %s", card, what, text, (long long)number, printed);
}

static const char *const part_name[] = {"backbone", "extras", "decoder", "prediction modules", "heads"};

/* printed: a word for each part and one for the sum; - is nothing at all, ? is not printed anywhere. */
static void expect_parts(const char *card, const char *what, const int64_t *part, double unit, const char *printed)
{
	char copy[200];
	strcpy(copy, printed);
	char *word = strtok(copy, " ");
	for (int i = 0; i <= PARTS; i++, word = strtok(NULL, " ")) {
		char name[100];
		sprintf(name, "%s of %s", what, i < PARTS ? part_name[i] : "all");
		if (!strcmp(word, "-"))
			assert_true(part[i] == 0);
		else if (strcmp(word, "?"))
			expect_printed(card, name, i < PARTS ? part[i] : sum(part), unit, word);
	}
}

/* ---- the cards ---- */

typedef struct Row {
	const char *card, *maps;
	const char *gmac, *mparam; /* backbone, extras, decoder, prediction modules, heads, total; - for none */
	int64_t boxes, caffe;      /* caffe 0: not printed */
	int convolutions, norms;   /* convolutions with deconvolutions */
} Row;

static const char maps300[] = "38 19 10 5 3 1", maps512[] = "64 32 16 8 4 2 1";
static const char maps321[] = "40 20 10 5 3 1", maps513[] = "64 32 16 8 4 2 1";

/* Two columns of section 8 are off by one in the last digit, and its own totals say so: the heads of SSD512 VOC have
 * 9 * 409,600 weights and 900 biases, 3,687,300 (printed: 3.688 M; the total 27,188,676 agrees with 3.687), and those
 * of SSD300 COCO 85 / 25 times the 3,341,550 of VOC, 11,361,270 (printed: 11.362 M). */
static const Row rows[] = {
    {"ssd300_voc", maps300, "29.898 0.231 - - 1.245 31.374", "20.484 2.460 - - 3.342 26.285", 8732, 26285486, 35, 0},
    {"ssd512_voc", maps512, "86.084 0.615 - - 3.509 90.208", "20.484 3.017 - - 3.687 27.189", 24564, 27188676, 39, 0},
    {"ssd300_coco", maps300, "29.898 0.231 - - 4.231 34.360", "20.484 2.460 - - 11.361 34.305", 8732, 0, 35, 0},
    {"ssd512_coco", maps512, "86.084 0.615 - - 11.930 98.629", "20.484 3.017 - - 12.537 36.038", 24564, 0, 39, 0},
    {"ssd321_voc", maps321, "19.931 1.413 - 4.093 10.489 35.925", "42.447 42.740 - 13.647 17.614 116.448", 17080, 116683008, 156, 144},
    {"dssd321_voc", maps321, "19.931 1.413 18.828 3.219 10.489 53.879", "42.447 42.740 59.779 9.715 17.614 172.295", 17080, 172552975, 176,
     159},
    {"ssd513_coco", maps513, "51.020 3.421 - 11.810 73.440 139.691", "42.447 35.730 - 20.024 74.859 173.061", 43688, 173314800, 166, 152},
    {"dssd513_coco", maps513, "51.020 3.421 48.128 8.232 97.169 207.970", "42.447 35.730 66.335 11.225 99.147 254.884", 43688, 255183632,
     204, 184},
    {"ssd513_voc", maps513, "51.020 3.421 - 10.468 26.843 91.752", "42.447 35.730 - 15.812 19.457 113.447", 43688, 0, 166, 152},
    {"dssd513_voc", maps513, "51.020 3.421 48.128 8.232 26.843 137.643", "42.447 35.730 66.335 11.225 19.457 175.194", 43688, 0, 190, 170},
    {"ssd321_coco", maps321, "19.931 1.413 - 4.093 35.662 61.099", "42.447 42.740 - 13.647 59.888 158.722", 17080, 0, 156, 144},
    {"dssd321_coco", maps321, "19.931 1.413 18.828 3.219 35.662 79.052", "42.447 42.740 59.779 9.715 59.888 214.569", 17080, 0, 176, 159},
    {"dssd321_mobilenet", "41 21 11 6 3 2 1", "0.673 0.048 1.633 0.160 0.528 3.042", "? ? ? ? ? 10.916", 18344, 0, 130, 46},
};

static void check_row(const char *path, const Row *r)
{
	Graph *g = import(path, &plain);
	Count c = count(g);
	expect_parts(r->card, "GMAC", c.macs, 1e9, r->gmac);
	expect_parts(r->card, "M parameters", c.parameters, 1e6, r->mparam);
	assert_string_equal(c.maps, r->maps);
	assert_int_equal(c.boxes, r->boxes);
	assert_int_equal(c.convolutions, r->convolutions);
	assert_int_equal(c.norms, r->norms);
	if (r->caffe)
		assert_int_equal(c.caffe, r->caffe);
	assert_int_equal(g->noutput, 1);
	assert_string_equal(g->output[0]->name, "detection_out");
	graph_free(g);
}

static void test_cards(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char path[100];
		sprintf(path, "models/%s.json", rows[i].card);
		check_row(path, &rows[i]);
	}
}

/* Section 11 and section 8 print these in full. */
static void test_exact_totals(void **state)
{
	(void)state;
	Graph *g = import("models/dssd321_mobilenet.json", &plain);
	Count c = count(g);
	assert_int_equal(sum(c.macs), 3041664896);
	assert_int_equal(sum(c.parameters), 10916248);
	graph_free(g);
	g = import("models/ssd300_voc.json", &plain);
	c = count(g);
	assert_int_equal(sum(c.parameters), 26285486);
	graph_free(g);
}

static const Node *node_named(const Graph *g, const char *name)
{
	for (int i = 0; i < g->nnode; i++)
		if (!strcmp(g->node[i]->name, name))
			return g->node[i];
	fail_msg("no node '%s'", name);
	return NULL;
}

typedef struct MapRow {
	const char *card, *node;
	int channels, size;
} MapRow;

static const MapRow map_rows[] = {
    {"dssd321_voc", "conv1.relu", 64, 161},
    {"dssd321_voc", "pool1", 64, 80},
    {"dssd321_voc", "res2c.relu", 256, 80},
    {"dssd321_voc", "res3b3.relu", 512, 40},
    {"dssd321_voc", "res4b22.relu", 1024, 20},
    {"dssd321_voc", "res5c.relu", 2048, 20},
    {"dssd321_voc", "res6.relu", 1024, 10},
    {"dssd321_voc", "res9.relu", 1024, 1},
    {"dssd321_voc", "dm8.deconv", 512, 3},
    {"dssd321_voc", "dm7.relu", 512, 5},
    {"dssd321_voc", "pm3.relu", 1024, 40},
    {"dssd321_voc", "conf3", 168, 40},
    {"dssd513_coco", "conv1", 64, 257},
    {"dssd513_coco", "pool1", 64, 128},
    {"dssd513_coco", "res4a.relu", 1024, 32},
    {"dssd513_coco", "res10.relu", 1024, 1},
    {"dssd513_coco", "dm9.deconv", 512, 2},
    {"dssd513_coco", "loc3.inter.relu", 512, 64},
    {"dssd513_coco", "conf10", 648, 1},
    {"ssd513_coco", "pm3", 512, 64},
    {"ssd513_coco", "pm5", 2048, 32},
    {"ssd513_coco", "pm6.branch2b", 256, 16},
    {"ssd300_voc", "pool3", 256, 38},
    {"ssd300_voc", "pool5", 512, 19},
    {"ssd300_voc", "conv4_3_norm", 512, 38},
    {"ssd300_voc", "fc6", 1024, 19},
    {"ssd300_voc", "conv11_2.relu", 256, 1},
    {"ssd512_coco", "conv12_2", 256, 1},
    {"dssd321_mobilenet", "conv1", 32, 161},
    {"dssd321_mobilenet", "block2", 24, 81},
    {"dssd321_mobilenet", "block6.expand", 192, 41},
    {"dssd321_mobilenet", "block13.expand.relu6", 576, 21},
    {"dssd321_mobilenet", "block16.project", 320, 11},
    {"dssd321_mobilenet", "conv_last.relu6", 1280, 11},
    {"dssd321_mobilenet", "extra7.project.relu6", 512, 6},
    {"dssd321_mobilenet", "extra10.project", 128, 1},
    {"dssd321_mobilenet", "dm3.deconv", 128, 41},
    {"dssd321_mobilenet", "pm10.branch2a", 64, 1},
};

static void test_maps(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof map_rows / sizeof *map_rows; i++) {
		const MapRow *r = &map_rows[i];
		char path[100];
		sprintf(path, "models/%s.json", r->card);
		Graph *g = import(path, &plain);
		const int64_t *dim = node_named(g, r->node)->out[0]->type.dim;
		if (dim[1] != r->channels || dim[2] != r->size || dim[3] != r->size)
			fail_msg("%s: %s is %lldx%lldx%lld", r->card, r->node, (long long)dim[1], (long long)dim[2], (long long)dim[3]);
		graph_free(g);
	}
}

/* ---- default boxes ---- */

/* The middle cell of a level's first box against section 4: sizes with and without truncation, centre, order. */
static void test_default_boxes(void **state)
{
	(void)state;
	Graph *g = import("models/dssd321_voc.json", &plain);
	const Node *n = node_named(g, "prior5");
	Arena *a = arena_new();
	Tensor in = {.type = n->in[0]->type}, out = {.type = n->out[0]->type};
	in.data = arena_new_array(a, double, type_count(&in.type));
	eval_node(n, &in, &out, a);
	double side[] = {64, sqrt(64 * 121), 64, 64, 64, 64, 64, 64}, ratio[] = {1, 1, 1.6, 1 / 1.6, 2, 0.5, 3, 1.0 / 3};
	double cx = 2.5 + 16 * 3, cy = 2.5 + 16 * 2;
	for (int b = 0; b < 8; b++) {
		const double *box = out.data + 4 * ((2 * 20 + 3) * 8 + b);
		double w = side[b] * sqrt(ratio[b]) / 2, h = side[b] / sqrt(ratio[b]) / 2;
		double want[] = {(cx - w) / 321, (cy - h) / 321, (cx + w) / 321, (cy + h) / 321};
		for (int k = 0; k < 4; k++)
			if (fabs(box[k] - want[k]) > 1e-6)
				fail_msg("box %d, coordinate %d: %.9g, not %.9g", b, k, box[k], want[k]);
	}
	for (int k = 0; k < 4; k++)
		assert_true(fabs(out.data[4 * 3200 + k] - (k < 2 ? 0.1 : 0.2)) < 1e-7);
	arena_free(a);
	graph_free(g);
}

/* Sizes that no script gives are a guess, and the card says so. */
static void test_guesses_are_said(void **state)
{
	(void)state;
	static const char *const guess[] = {"ssd321_coco", "dssd321_coco", "ssd513_voc", "dssd513_voc"};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char path[100];
		bool is_guess = false;
		sprintf(path, "models/%s.json", rows[i].card);
		char *text = read_file(path, NULL);
		for (int k = 0; k < 4; k++)
			is_guess |= !strcmp(guess[k], rows[i].card);
		assert_int_equal(strstr(text, "guess") != NULL, is_guess);
		free(text);
	}
}

/* ---- switches: a card with some of its text replaced ---- */

typedef struct Change {
	const char *from, *to; /* from null: no more */
} Change;

typedef struct Variant {
	const char *card;
	Change change[4];
	const char *gmac, *mparam; /* as in Row, or null */
} Variant;

#define WITH_C "\"prediction\": {\"module\": \"c\", \"inner\": [256], \"outer\": [1024]}"
#define PAPER {WITH_C, "\"prediction\": {\"module\": \"c\", \"middle_kernel\": 1}"}

static const Variant variants[] = {
    /* the ablation of prediction modules */
    {"ssd321_voc", {{"\t" WITH_C ",\n", ""}}, "19.931 1.413 - - ? 29.784", "42.447 42.740 - - ? 105.361"},
    {"ssd321_voc", {{WITH_C, "\"prediction\": {\"module\": \"b\"}"}}, "? ? ? ? ? 32.163", "? ? ? ? ? 114.563"},
    {"ssd321_voc",
     {{WITH_C, "\"prediction\": {\"module\": \"b\", \"inner\": [128, 512, 256, 256, 256, 256], \"outer\": [512, 2048, "
               "1024, 1024, 1024, 1024]}"}},
     "? ? ? ? ? 32.163",
     "? ? ? ? ? 114.563"},
    {"ssd321_voc", {{"\"module\": \"c\"", "\"module\": \"c\", \"middle_kernel\": 3"}}, "? ? ? ? ? 35.925", "? ? ? ? ? 116.448"},
    {"ssd321_voc", {{"\"module\": \"c\"", "\"module\": \"d\""}}, "? ? ? ? ? 40.543", "? ? ? ? ? 129.440"},
    /* the paper to the letter: 1x1 in the middle of prediction modules, 3x3 heads */
    {"ssd321_voc", {PAPER, {"[5, 5, 3, 3, 3, 3]", "[3]"}}, "19.931 1.413 - 2.974 3.935 28.252", NULL},
    {"dssd321_voc", {PAPER, {"[5, 5, 3, 3, 3, 3]", "[3]"}}, "19.931 1.413 18.828 2.099 3.935 46.206", NULL},
    {"ssd513_voc", {PAPER, {"[5, 5, 3, 3, 3, 3, 3]", "[3]"}}, "51.020 3.421 - 7.605 10.066 72.112", NULL},
    {"dssd513_voc", {PAPER, {"[5, 5, 3, 3, 3, 3, 3]", "[3]"}}, "51.020 3.421 48.128 5.369 10.066 118.003", NULL},
    /* switches that leave the work as it is */
    {"dssd321_voc", {{"\"product\"", "\"sum\""}}, "19.931 1.413 18.828 3.219 10.489 53.879", NULL},
    {"dssd321_voc", {{"\"bn_eps\": 0.001", "\"bn_eps\": 1e-5"}}, "19.931 1.413 18.828 3.219 10.489 53.879", NULL},
    {"dssd321_voc", {{"\"truncate_sizes\": true", "\"truncate_sizes\": false, \"clip\": true"}}, "? ? ? ? ? 53.879", NULL},
    {"dssd321_voc", {{"\"start\": 2.5", "\"offset\": 0.3125"}}, "? ? ? ? ? 53.879", NULL},
    /* a decoder of identities (b) at Cin / 4 = 128 */
    {"dssd321_voc", {{WITH_C, "\"prediction\": {\"module\": \"b\"}"}}, "19.931 1.413 18.828 ? 5.245 ?", NULL},
};

static char *changed(const Variant *v)
{
	char path[100];
	sprintf(path, "models/%s.json", v->card);
	char *text = read_file(path, NULL), *out = malloc(strlen(text) + 1000);
	assert_non_null(out);
	strcpy(out, text);
	for (int i = 0; i < 4 && v->change[i].from; i++) {
		char *at = strstr(out, v->change[i].from);
		if (!at)
			fail_msg("%s has no %s", v->card, v->change[i].from);
		size_t from = strlen(v->change[i].from), to = strlen(v->change[i].to);
		memmove(at + to, at + from, strlen(at + from) + 1);
		memcpy(at, v->change[i].to, to);
	}
	free(text);
	return out;
}

/* Imports a changed card, from a folder that holds the class names too. */
static Graph *import_changed(const Variant *v, const ImportOptions *o)
{
	char folder[300], card[320], labels[320];
	temporary_folder(folder);
	sprintf(card, "%s/%s.json", folder, v->card);
	sprintf(labels, "%s/%s", folder, strstr(v->card, "coco") ? "coco.labels" : "voc.labels");
	size_t size;
	char *text = changed(v), *names = read_file(strstr(v->card, "coco") ? "models/coco.labels" : "models/voc.labels", &size);
	write_file(card, text, strlen(text));
	write_file(labels, names, size);
	free(text);
	free(names);
	Graph *g = import(card, o);
	remove(card);
	remove(labels);
	rmdir(folder);
	return g;
}

static void test_variants(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
		Graph *g = import_changed(&variants[i], &plain);
		Count c = count(g);
		expect_parts(variants[i].card, "GMAC", c.macs, 1e9, variants[i].gmac);
		if (variants[i].mparam)
			expect_parts(variants[i].card, "M parameters", c.parameters, 1e6, variants[i].mparam);
		assert_int_equal(c.boxes, strstr(variants[i].card, "321") ? 17080 : 43688);
		graph_free(g);
	}
}

/* offset in cells and start in pixels name the same place. */
static void test_offset_is_start(void **state)
{
	(void)state;
	static const Variant v = {"dssd321_voc", {{"\"start\": 90.5", "\"offset\": 1.4140625"}}, NULL, NULL};
	Graph *a = import("models/dssd321_voc.json", &plain), *b = import_changed(&v, &plain);
	for (int i = 0; i < 6; i++) {
		static const char *const name[] = {"prior3", "prior5", "prior6", "prior7", "prior8", "prior9"};
		const Prior *p = &node_named(a, name[i])->u.prior, *q = &node_named(b, name[i])->u.prior;
		assert_true(p->start[0] == q->start[0] && p->start[1] == q->start[1] && p->step[0] == q->step[0]);
	}
	graph_free(a);
	graph_free(b);
}

/* Offsets of y before x: detect knows, and corners and variances are turned. */
static void test_y_first(void **state)
{
	(void)state;
	static const Variant v = {"dssd321_voc",
	                          {{"\"variances\": [0.1, 0.1, 0.2, 0.2]", "\"order\": \"yx\", \"variances\": [0.1, 0.15, 0.2, 0.3]"}},
	                          NULL,
	                          NULL};
	Graph *g = import_changed(&v, &plain);
	const Node *n = node_named(g, "mbox_priorbox_turned");
	const Prior *p = &node_named(g, "prior5")->u.prior;
	assert_true(node_named(g, "detection_out")->u.detect.y_first);
	assert_true(p->variance[0] == 0.15 && p->variance[1] == 0.1 && p->variance[2] == 0.3 && p->variance[3] == 0.2);
	Arena *a = arena_new();
	const int64_t count = type_count(&n->in[0]->type);
	Tensor in[2] = {{n->in[0]->type, arena_new_array(a, double, count)}, {n->in[1]->type, blob_read_f64(n->in[1]->data, a)}}, out;
	for (int64_t i = 0; i < count; i++)
		in[0].data[i] = (double)i;
	eval_node(n, in, &out, a);
	for (int64_t i = 0; i < count; i++)
		assert_true(out.data[i] == (double)(i ^ 1));
	assert_int_equal(node_named(g, "detection_out")->in[2]->type.dim[2], 4 * 17080);
	arena_free(a);
	graph_free(g);
}

static void test_decoders(void **state)
{
	(void)state;
	static const Variant bilinear = {
	    "dssd321_voc", {{"\"combine\": \"product\"", "\"combine\": \"product\", \"upsample\": \"bilinear\""}}, NULL, NULL};
	static const Variant sum_of = {"dssd321_voc", {{"\"product\"", "\"sum\""}}, NULL, NULL};
	Graph *g = import_changed(&bilinear, &plain);
	assert_int_equal(node_named(g, "dm8.resize")->op, OP_resize);
	assert_int_equal(node_named(g, "dm8.resize")->out[0]->type.dim[1], 1024);
	assert_int_equal(node_named(g, "dm8.resize")->out[0]->type.dim[2], 3);
	assert_int_equal(node_named(g, "dm8.up")->out[0]->type.dim[1], 512);
	assert_int_equal(count(g).deconvolutions, 0);
	assert_int_equal(node_named(g, "dm8")->u.eltwise.fn, FN_mul);
	graph_free(g);
	g = import_changed(&sum_of, &plain);
	assert_int_equal(node_named(g, "dm8")->u.eltwise.fn, FN_add);
	assert_int_equal(count(g).deconvolutions, 5);
	graph_free(g);
}

/* Residual-50: 3, 4, 6 and 3 blocks, lettered; the rest as with Residual-101. */
static void test_resnet50(void **state)
{
	(void)state;
	static const Variant v = {"dssd321_voc", {{"resnet101", "resnet50"}}, NULL, NULL};
	Graph *g = import_changed(&v, &plain);
	Count c = count(g);
	assert_int_equal(c.convolutions, 176 - 17 * 3);
	assert_string_equal(c.maps, maps321);
	assert_int_equal(node_named(g, "dm3.skip1")->in[0]->def, node_named(g, "res3d.relu"));
	assert_int_equal(node_named(g, "res4f.relu")->out[0]->type.dim[1], 1024);
	/* Residual-50 without fc1000 is known to have 23,454,912 weights and 26,560 channels with a normalisation. */
	assert_int_equal(c.parameters[BACKBONE], 23454912 + 26560);
	graph_free(g);
}

/* Widths divided by 8: every card still fits together; classes and boxes stay. */
static void test_narrow(void **state)
{
	(void)state;
	ImportOptions o = plain;
	o.width_divisor = 8;
	o.random = true;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char path[100];
		sprintf(path, "models/%s.json", rows[i].card);
		Graph *g = import(path, &o);
		Count c = count(g);
		assert_int_equal(c.boxes, rows[i].boxes);
		assert_string_equal(c.maps, rows[i].maps);
		assert_int_equal(c.convolutions, rows[i].convolutions);
		graph_free(g);
	}
}

/* Nodes run from the coarsest level to the finest, each level together. */
static void test_order(void **state)
{
	(void)state;
	Graph *g = import("models/dssd321_voc.json", &plain);
	static const char *const order[] = {"res9.relu",    "pm9.branch1", "conf9.flatten", "dm8.deconv", "dm8.relu", "pm8.branch2a",
	                                    "loc8",         "dm7.deconv",  "dm3.relu",      "conf3",      "mbox_loc", "mbox_conf_softmax",
	                                    "detection_out"};
	for (size_t i = 1; i < sizeof order / sizeof *order; i++)
		assert_true(node_index(g, node_named(g, order[i - 1])) < node_index(g, node_named(g, order[i])));
	const Node *concat = node_named(g, "mbox_loc");
	assert_string_equal(concat->in[0]->name, "loc3.flatten");
	assert_string_equal(concat->in[5]->name, "loc9.flatten");
	graph_free(g);
}

/* Made-up weights on a made-up picture: numbers stay numbers of a sane size, and something is detected. */
static void watch(void *context, const Node *n, int out, const Tensor *t)
{
	double *largest = context;
	(void)out;
	for (int64_t i = 0; i < type_count(&t->type); i++) {
		if (!isfinite(t->data[i]))
			fail_msg("%s gives %g", n->name, t->data[i]);
		if (part_of(n->name) == HEADS && fabs(t->data[i]) > *largest)
			*largest = fabs(t->data[i]);
	}
}

static void test_random_activations(void **state)
{
	(void)state;
	static const char *const card[] = {"ssd300_voc", "ssd321_voc", "dssd321_coco", "dssd321_mobilenet"};
	ImportOptions o = plain;
	o.random = true;
	o.seed = 3;
	o.width_divisor = 8;
	for (int i = 0; i < 4; i++) {
		char path[100];
		sprintf(path, "models/%s.json", card[i]);
		Graph *g = import(path, &o);
		Arena *a = arena_new();
		const Preprocess *p = &g->preprocess;
		int64_t n = type_count(&g->input[0]->type), plane = n / 3;
		double *in = arena_new_array(a, double, n), largest = 0;
		for (int64_t k = 0; k < n; k++) {
			double pixel = 128 + 100 * sin((double)(k % plane) * 0.01) + (double)(k * 7919 % 29);
			in[k] = (pixel - p->mean[k / plane]) / p->divisor[k / plane];
		}
		Tensor out;
		eval_graph(g, (const double *const *)&in, &out, watch, &largest, a);
		if (largest < 2 || largest > 300)
			fail_msg("%s: largest logit %g", card[i], largest);
		if (out.data[0] < 1)
			fail_msg("%s detects nothing", card[i]);
		arena_free(a);
		graph_free(g);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cards),
	    cmocka_unit_test(test_exact_totals),
	    cmocka_unit_test(test_maps),
	    cmocka_unit_test(test_default_boxes),
	    cmocka_unit_test(test_guesses_are_said),
	    cmocka_unit_test(test_variants),
	    cmocka_unit_test(test_offset_is_start),
	    cmocka_unit_test(test_y_first),
	    cmocka_unit_test(test_decoders),
	    cmocka_unit_test(test_resnet50),
	    cmocka_unit_test(test_narrow),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_random_activations),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
