/* test_caffe.c -- Caffe's networks: rows T1 to T16 of robustness.md as files in bad/ with their messages, what the text
 * form allows, and the IR that networks of every layer become. Weights: test_caffe_weights.c. */
#include "tests/import/caffe_folder.h"

#include "import/formats/prototxt.h"

#include <caffe.pb-c.h>
#include <math.h>
#include <sys/stat.h>

static void test_bad_files(void **state)
{
	(void)state;
	assert_true(check_goldens("tests/import/bad", "prototxt", import) >= 120);
}

/* ---- the text form ---- */

static Caffe__NetParameter *read_text(const char *text, Arena *a, Diag *d)
{
	const Prototxt t = {.file = "t", .text = text, .size = strlen(text)};
	return (void *)prototxt_read(&t, &caffe__net_parameter__descriptor, a, d);
}

static Caffe__NetParameter *read_good(const char *text, Arena *a)
{
	Messages m;
	messages_open(&m);
	Caffe__NetParameter *net = read_text(text, a, &m.diag);
	if (!net)
		fail_msg("%s\n%s", text, messages_text(&m));
	messages_free(&m);
	return net;
}

/* T4, T6, T7: what the format allows. */
static void test_text(void **state)
{
	(void)state;
	Arena *a = arena_new();
	Caffe__NetParameter *n = read_good("\xef\xbb\xbf# mark\nname:\"a\" 'b'\n# between\n\"\\x41\\102\\n\\\"\\'\\\\\\?\"", a);
	assert_string_equal(n->name, "abAB\n\"'\\?");
	n = read_good("input: 'a', input: \"b\"; input: [\"c\", 'd'] input: [] input_dim: [1, 0x1F,017 , 2147483647], "
	              "input_dim: - 3;",
	              a);
	assert_int_equal(n->n_input, 4);
	assert_string_equal(n->input[3], "d");
	assert_int_equal(n->n_input_dim, 5);
	const int32_t dims[] = {1, 31, 15, 2147483647, -3};
	assert_memory_equal(n->input_dim, dims, sizeof dims);
	n = read_good("input_dim: -2147483648 input_dim: -0 input_shape { dim: -9223372036854775808 dim: 9223372036854775807 }", a);
	assert_int_equal(n->input_dim[0], INT32_MIN);
	assert_int_equal(n->input_dim[1], 0);
	assert_true(n->input_shape[0]->dim[0] == INT64_MIN && n->input_shape[0]->dim[1] == INT64_MAX);
	n = read_good("layer < name: 'x' include { phase: 0 } include: { phase: TEST } > layer: [{ name: 'y' }, < name: 'z' >]", a);
	assert_int_equal(n->n_layer, 3);
	assert_string_equal(n->layer[2]->name, "z");
	assert_int_equal(n->layer[0]->include[0]->phase, CAFFE__PHASE__TRAIN);
	assert_int_equal(n->layer[0]->include[1]->phase, CAFFE__PHASE__TEST);
	n = read_good("layer { loss_weight: [1, -2.5e-1, .5, 1.f, inf, -inf, nan, 3f] propagate_down: [true, False, t, 0, 1] }", a);
	const float *f = n->layer[0]->loss_weight;
	assert_true(f[0] == 1 && f[1] == -0.25f && f[2] == 0.5f && f[3] == 1 && isinf(f[4]) && f[5] < -1e38f && isnan(f[6]) && f[7] == 3);
	const protobuf_c_boolean b[] = {1, 0, 1, 0, 1};
	assert_memory_equal(n->layer[0]->propagate_down, b, sizeof b);
	n = read_good("layer { param { lr_mult: 1 any { thing: [1, 'x', { y: -inf }] } } exp_param { base: 2 } }", a);
	assert_true(n->layer[0]->exp_param->base_ == 2);
	assert_true(n->layer[0]->exp_param->scale == 1); /* its default */
	Loc loc = prototxt_loc(n->layer[0]->exp_param, "base_");
	assert_int_equal(loc.line, 1);
	assert_int_equal(loc.col, 79);
	assert_false(prototxt_has(n->layer[0]->exp_param, "shift"));
	arena_free(a);
}

static void test_unknown_fields_can_be_skipped(void **state)
{
	(void)state;
	ImportOptions o = plain;
	Messages m;
	messages_open(&m);
	o.skip_unknown = true;
	Graph *g = import_caffe("tests/import/bad/T5_unknown.prototxt", &o, &m.diag);
	assert_non_null(g);
	assert_message(&m, "T5_unknown.prototxt:3:53: warning: layer 'a': unknown field 'xxx_param' of LayerParameter is skipped");
	assert_int_equal(m.diag.nwarning, 3);
	graph_free(g);
	messages_free(&m);
}

/* ---- what networks become ---- */

static char *print_graph(const Graph *g)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	graph_print(g, f, (PrintOptions){0});
	fclose(f);
	return text;
}

static void test_networks(void **state)
{
	(void)state;
	int n = 0;
	DIR *dir = opendir("tests/import/caffe");
	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir));) {
		char file[300], expected[320];
		Messages m;
		if (!has_extension(e, "prototxt"))
			continue;
		snprintf(file, sizeof file, "tests/import/caffe/%s", e->d_name);
		snprintf(expected, sizeof expected, "%.*s.ir", (int)(strrchr(file, '.') - file), file);
		messages_open(&m);
		Graph *g = import_caffe(file, &plain, &m.diag);
		if (!g)
			fail_msg("%s", messages_text(&m));
		graph_check(g);
		char *text = print_graph(g);
		if (getenv("UPDATE"))
			write_file(expected, text, strlen(text));
		char *want = read_file(expected, NULL);
		if (strcmp(want, text))
			fail_msg("%s became:\n%s", file, text);
		free(text);
		free(want);
		graph_free(g);
		messages_free(&m);
		n++;
	}
	closedir(dir);
	assert_true(n >= 6);
}

/* ---- files made here ---- */

static void test_cut_at_every_byte(void **state)
{
	Folder *f = *state;
	size_t size;
	char *good = read_file("tests/import/caffe/v1.prototxt", &size);
	for (size_t n = 0; n < size; n++) {
		write_file(f->net, good, n);
		int status = import_status(f->net); /* cut between layers it is a shorter network */
		assert_true(status == DIAG_OK || status == DIAG_REJECT || status == DIAG_UNSUPPORTED);
	}
	free(good);
}

static void fill(const Folder *f, const char *head, const char *part, size_t size, const char *tail, int status)
{
	FILE *out = fopen(f->net, "w");
	assert_non_null(out);
	fputs(head, out);
	for (size_t n = 0; n < size; n += strlen(part))
		fputs(part, out);
	fputs(tail, out);
	assert_int_equal(fclose(out), 0);
	assert_frugal(import_status, f->net, size, status);
}

/* T2, T3, T7: linear in the bytes, whatever they are. */
static void test_large(void **state)
{
	const Folder *f = *state;
	fill(f, "", "layer { ", 800000, "", DIAG_UNSUPPORTED); /* a layer has no field of that name */
	fill(f, "layer { param ", "{ a ", 400000, "", DIAG_LIMIT);
	fill(f, "layer { param { a: ", "[", 100000, "", DIAG_REJECT);
	fill(f, "input_dim: ", "9", 10000000, "", DIAG_REJECT);
	fill(f, "name: '", "abcdefgh", 10000000, "'", DIAG_REJECT);
	fill(f, "name: ", "'a' ", 4000000, "", DIAG_REJECT);
	fill(f, "", "x: 1 ", 4000000, "", DIAG_UNSUPPORTED);
	fill(f, "", "layer{}", 4000000, "", DIAG_LIMIT);
	fill(f, "", "# nothing\n", 10000000, "", DIAG_REJECT);
	fill(f, "input: 'a' input_shape { dim: 1 }\n", "layer { name: 'r' type: 'ReLU' bottom: 'a' top: 'a' }\n", 500000, "", DIAG_OK);
	fill(f, "input: 'a' input_shape { dim: 1 }\n", "layer { type: 'ReLU' bottom: 'b' top: 'c' }\n", 500000, "", DIAG_REJECT);
}

static void test_special_files(void **state)
{
	Folder *f = *state;
	remove(f->net);
	assert_int_equal(mkfifo(f->net, 0600), 0);
	assert_frugal(import_status, f->net, 0, DIAG_REJECT);
	remove(f->net);
	assert_frugal(import_status, f->net, 0, DIAG_IO);
	assert_frugal(import_status, f->path, 0, DIAG_REJECT);
}

/* Names may be anything that is not too long; they arrive as they are, and messages escape them. */
static void test_names(void **state)
{
	Folder *f = *state;
	char text[1024], name[300];
	sprintf(text, "input: 'x' input_shape { dim: 1 } layer { name: \"a'\\033[31m\\377*/\" type: 'ReLU' bottom: 'x' "
	              "top: 'y' } "
	              "layer { name: 'a\\n' type: 'Softmax' bottom: 'y' top: 'z' softmax_param { axis: 3 } }");
	write_file(f->net, text, strlen(text));
	Messages m;
	messages_open(&m);
	assert_null(import_caffe(f->net, &plain, &m.diag));
	assert_message(&m, "layer 'a\\x0a': axis is 3");
	messages_free(&m);
	memset(name, 'n', 256);
	name[256] = 0;
	sprintf(text, "input: 'x' input_shape { dim: 1 } layer { name: '%s' type: 'ReLU' bottom: 'x' top: 'y' }", name);
	write_file(f->net, text, strlen(text));
	assert_int_equal(import_status(f->net), DIAG_LIMIT);
	sprintf(text, "input: 'x' input_shape { dim: 1 } layer { name: '%s' type: 'ReLU' bottom: 'x' top: 'y' }", name + 1);
	write_file(f->net, text, strlen(text));
	assert_int_equal(import_status(f->net), DIAG_OK);
}

/* ---- options ---- */

static void test_options(void **state)
{
	(void)state;
	Messages m;
	ImportOptions o = plain;
	o.random = true;
	o.seed = 3;
	o.mean = "1,2,3";
	o.divisor = "2";
	o.channel_order = "rgb";
	o.threshold = 0.25;
	o.keep_top_k = 7;
	o.prior_sizes = "exact";
	o.prior_offset = "pixels";
	messages_open(&m);
	Graph *g = import_caffe("tests/import/caffe/ssd.prototxt", &o, &m.diag);
	if (!g)
		fail_msg("%s", messages_text(&m));
	const Preprocess *p = &g->preprocess;
	assert_true(!p->bgr && p->mean[2] == 3 && p->divisor[1] == 2 && p->width == 48 && p->height == 32);
	for (int i = 0; i < g->nnode; i++) {
		const Node *n = g->node[i];
		if (n->op == OP_detect)
			assert_true(n->u.detect.threshold == 0.25 && n->u.detect.keep_top_k == 7 && n->u.detect.nms == 0.45);
		if (!strcmp(n->name, "prior2"))
			assert_true(!n->u.prior.truncate_sizes && n->u.prior.start[0] == 0.25);
		if (!strcmp(n->name, "prior1")) /* says no offset: half a cell */
			assert_true(n->u.prior.start[0] == 4);
	}
	for (int i = 0; i < g->nvalue; i++)
		assert_true(!g->value[i]->data || g->value[i]->data->kind == BLOB_RANDOM);
	graph_free(g);
	o.prior_sizes = "round";
	o.mean = "1,2";
	assert_null(import_caffe("tests/import/caffe/ssd.prototxt", &o, &m.diag));
	assert_message(&m, "--prior-sizes takes truncate or exact, not 'round'");
	messages_free(&m);
	o.prior_sizes = NULL;
	messages_open(&m);
	assert_null(import_caffe("tests/import/caffe/ssd.prototxt", &o, &m.diag));
	assert_message(&m, "--mean takes one number or three with commas between them, not '1,2'");
	messages_free(&m);
}

/* dssd.md 4.3: a hint, once, and no change without being asked. */
static void test_pixels_hint(void **state)
{
	const Folder *f = *state;
	static const char text[] = "input: 'x' input_shape { dim: [1, 3, 321, 321] }\n"
	                           "layer { name: 'c' type: 'Pooling' bottom: 'x' top: 'c' pooling_param { kernel_size: 8 stride: 8 } }\n"
	                           "layer { name: 'p' type: 'PriorBox' bottom: 'c' bottom: 'x' top: 'p' prior_box_param { min_size: 32.1 "
	                           "step: 8 offset: 2.5 } }\n"
	                           "layer { name: 'q' type: 'PriorBox' bottom: 'c' bottom: 'x' top: 'q' prior_box_param { min_size: 32.1 "
	                           "step: 321 offset: 160.5 } }\n";
	static const char *const unit[] = {NULL, "cells", "pixels"};
	static const double start[] = {20, 20, 2.5};
	write_file(f->net, text, strlen(text));
	for (int i = 0; i < 3; i++) {
		Messages m;
		ImportOptions o = plain;
		o.prior_offset = unit[i];
		messages_open(&m);
		Graph *g = import_caffe(f->net, &o, &m.diag);
		assert_non_null(g);
		assert_int_equal(m.diag.nwarning, i == 0);
		if (i == 0)
			assert_message(&m, "net.prototxt:3:110: warning: layer 'p': offset 2.5 of a step of 8 looks like pixels");
		assert_true(g->node[1]->u.prior.start[1] == start[i]);
		graph_free(g);
		messages_free(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bad_files),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_unknown_fields_can_be_skipped),
	    cmocka_unit_test(test_networks),
	    WITH_FOLDER(test_cut_at_every_byte),
	    WITH_FOLDER(test_large),
	    WITH_FOLDER(test_special_files),
	    WITH_FOLDER(test_names),
	    cmocka_unit_test(test_options),
	    WITH_FOLDER(test_pixels_hint),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
