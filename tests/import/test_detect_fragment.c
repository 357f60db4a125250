/* test_detect_fragment.c -- fragments: a network of heads becomes a detector, its default boxes number by number; wrong
 * ones and their messages in fragment/. */
#include "tests/import/goldens.h"

#include "import/import.h"

#include <math.h>

static const ImportOptions plain = {.threshold = -1, .nms = -1};

static Graph *import_heads(const char *net, const char *fragment, const ImportOptions *options, Diag *d)
{
	ImportOptions o = *options;
	o.detect = fragment;
	return import_caffe(net, &o, d);
}

static void import(const char *file, Diag *d)
{
	if (!strcmp(file, "good.json") || !strcmp(file, "corners.json") || !strcmp(file, "yx.json") || !strcmp(file, "nhwc.json"))
		d->count[DIAG_REJECT]++; /* they are good */
	else
		graph_free(import_heads("heads.prototxt", file, &plain, d));
}

static void test_bad_files(void **state)
{
	(void)state;
	assert_true(check_goldens("tests/import/fragment", "json", import) >= 20);
}

static Graph *import_good(const char *net, const char *fragment, const ImportOptions *o)
{
	Messages m;
	messages_open(&m);
	Graph *g = import_heads(net, fragment, o, &m.diag);
	if (!g)
		fail_msg("%s", messages_text(&m));
	messages_free(&m);
	graph_check(g);
	return g;
}

static const Value *value_named(const Graph *g, const char *name)
{
	for (int i = 0; i < g->nvalue; i++)
		if (g->value[i]->name && !strcmp(g->value[i]->name, name))
			return g->value[i];
	fail_msg("no %s", name);
	return NULL;
}

static void check_box(const float *boxes, int64_t i, double cx, double cy, double w, double h)
{
	const double want[] = {(cx - w / 2) / 48, (cy - h / 2) / 32, (cx + w / 2) / 48, (cy + h / 2) / 32};
	for (int k = 0; k < 4; k++)
		if (fabs((double)boxes[4 * i + k] - want[k]) > 1e-6)
			fail_msg("box %d, number %d: %g, not %g", (int)i, k, (double)boxes[4 * i + k], want[k]);
}

static void test_good(void **state)
{
	(void)state;
	enum { BOXES = 24 * 4 + 6 * 2 };
	Graph *g = import_good("tests/import/fragment/heads.prototxt", "tests/import/fragment/good.json", &plain);
	assert_int_equal(g->noutput, 1);
	const Node *n = g->output[0]->def;
	const Detect *t = &n->u.detect;
	assert_int_equal(n->op, OP_detect);
	assert_true(t->classes == 3 && t->background == 0 && t->code == BOX_CENTER_SIZE && !t->agnostic && t->eta == 1);
	assert_true(t->threshold == 0.25 && t->nms == 0.4 && t->top_k == 10 && t->keep_top_k == 5);
	assert_true(!g->preprocess.bgr && g->preprocess.mean[1] == 127 && g->preprocess.divisor[2] == 128);
	assert_int_equal(g->nlabel, 3);
	assert_string_equal(g->label[2], "b");
	assert_int_equal(n->in[0]->type.dim[1], 4 * BOXES);
	assert_int_equal(n->in[1]->type.dim[1], 3 * BOXES);
	assert_int_equal(value_named(g, "detect.softmax")->type.dim[2], 3);
	Arena *a = arena_new();
	const float *box = blob_read_f32(value_named(g, "detect.boxes")->data, a), root = sqrtf(2);
	check_box(box, 0, 4, 4, 10, 10);
	check_box(box, 1, 4, 4, sqrt(200), sqrt(200));
	check_box(box, 2, 4, 4, 10 * (double)root, 10 / (double)root);
	check_box(box, 3, 4, 4, 10 / (double)root, 10 * (double)root);
	check_box(box, 4 * (6 + 2), 20, 12, 10, 10);
	check_box(box, 96, 7, 7, 20, 20); /* a step of 48 / 3 and 32 / 2, from 7 on */
	check_box(box, 97, 7, 7, 30, 30);
	check_box(box, 96 + 2 * 5, 7 + 32, 7 + 16, 20, 20);
	for (int i = 0; i < 4 * BOXES; i++)
		assert_true(box[4 * BOXES + i] == (i % 4 < 2 ? 0.1f : 0.2f));
	arena_free(a);
	graph_free(g);
	ImportOptions o = plain; /* the command line has the last word */
	o.threshold = 0.5;
	o.channel_order = "bgr";
	g = import_good("tests/import/fragment/heads.prototxt", "tests/import/fragment/good.json", &o);
	assert_true(g->output[0]->def->u.detect.threshold == 0.5 && g->preprocess.bgr);
	graph_free(g);
}

/* Boxes that are corners already: nothing is added to them, and the model's own preprocessing stays. */
static void test_corners(void **state)
{
	(void)state;
	Graph *g = import_good("tests/import/fragment/heads.prototxt", "tests/import/fragment/corners.json", &plain);
	const Node *n = g->output[0]->def;
	const Detect *t = &n->u.detect;
	assert_true(t->code == BOX_CORNER && t->variance_encoded && t->agnostic && t->background == -1 && t->classes == 3);
	assert_int_equal(n->in[1]->def->u.eltwise.fn, FN_sigmoid);
	assert_true(g->preprocess.bgr && g->preprocess.mean[0] == 104);
	assert_int_equal(g->nlabel, 0);
	Arena *a = arena_new();
	const float *box = blob_read_f32(value_named(g, "detect.boxes")->data, a);
	for (int i = 0; i < 2 * 4 * 96; i++)
		assert_true(box[i] == 0);
	arena_free(a);
	graph_free(g);
}

/* Offsets of y before x: the same boxes with their corners turned, variances as they are stated. */
static void test_y_first(void **state)
{
	(void)state;
	Graph *g = import_good("tests/import/fragment/heads.prototxt", "tests/import/fragment/good.json", &plain);
	Graph *y = import_good("tests/import/fragment/heads.prototxt", "tests/import/fragment/yx.json", &plain);
	for (int i = 0; i < 3; i++) /* numbers without brackets */
		assert_true(y->preprocess.mean[i] == 127 && y->preprocess.divisor[i] == 128);
	assert_true(y->output[0]->def->u.detect.y_first && !g->output[0]->def->u.detect.y_first);
	Arena *a = arena_new();
	const Value *v = value_named(y, "detect.boxes");
	const float *box = blob_read_f32(value_named(g, "detect.boxes")->data, a), *turned = blob_read_f32(v->data, a);
	const int64_t n = type_count(&v->type) / 2;
	for (int64_t i = 0; i < n; i++) {
		assert_true(turned[i] == box[i ^ 1]);
		assert_true(turned[n + i] == ((const float[]){0.1f, 0.15f, 0.2f, 0.3f})[i % 4]);
	}
	arena_free(a);
	graph_free(g);
	graph_free(y);
}

/* Heads [1, H, W, k] and [1, boxes, 1, k] give what the same heads give as [1, C, H, W]. */
static void test_channels_behind(void **state)
{
	(void)state;
	static const char *const net[] = {"tests/import/fragment/heads.prototxt", "tests/import/fragment/heads_nhwc.prototxt"};
	static const char *const fragment[] = {"tests/import/fragment/good.json", "tests/import/fragment/nhwc.json"};
	Tensor found[2];
	Graph *g[2];
	Arena *a = arena_new();
	ImportOptions o = plain;
	o.random = true;
	o.threshold = 0.34;
	for (int i = 0; i < 2; i++) {
		g[i] = import_good(net[i], fragment[i], &o);
		const double *x = graph_noise(g[i], g[i]->input[0], 1, a);
		eval_graph(g[i], &x, &found[i], NULL, NULL, a);
	}
	const int64_t count = type_count(&found[0].type);
	assert_int_equal(count, type_count(&found[1].type));
	assert_true(found[0].data[0] > 0); /* something was found */
	assert_memory_equal(found[0].data, found[1].data, sizeof *found[0].data * (size_t)count);
	graph_free(g[0]);
	graph_free(g[1]);
	arena_free(a);
}

/* The fragments that travel with the program read, and fit nothing else. */
static void test_shipped(void **state)
{
	(void)state;
	static const char *const file[] = {"models/facemask_ssd.detect.json", "models/ultralight_rfb.detect.json"};
	for (int i = 0; i < 2; i++) {
		Messages m;
		messages_open(&m);
		assert_null(import_heads("tests/import/fragment/heads.prototxt", file[i], &plain, &m.diag));
		assert_message(&m, "/outputs: no layer is called");
		messages_free(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bad_files),       cmocka_unit_test(test_good),
	    cmocka_unit_test(test_corners),         cmocka_unit_test(test_y_first),
	    cmocka_unit_test(test_channels_behind), cmocka_unit_test(test_shipped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
