/* test_caffe.c -- Caffe's networks: rows T1 to T16 of robustness.md as files in bad/ with their messages, what the text
 * form allows, rows M1 to M10 as weights written here, and the IR that networks of every layer become. */
#include "tests/import/goldens.h"
#include "tests/import/proto.h"

#include "compiler/import.h"
#include "compiler/formats/prototxt.h"

#include <caffe.pb-c.h>
#include <math.h>
#include <sys/stat.h>

static const ImportOptions plain = {.threshold = -1, .nms = -1};

static void import(const char *file, Diag *d)
{
	graph_free(import_caffe(file, &plain, d));
}

static int import_status(const char *file)
{
	Diag d = {0};
	import(file, &d);
	return diag_exit_code(&d);
}

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
	Caffe__NetParameter *n =
	    read_good("\xef\xbb\xbf# mark\nname:\"a\" 'b'\n# between\n\"\\x41\\102\\n\\\"\\'\\\\\\?\"", a);
	assert_string_equal(n->name, "abAB\n\"'\\?");
	n = read_good("input: 'a', input: \"b\"; input: [\"c\", 'd'] input: [] input_dim: [1, 0x1F,017 , 2147483647], "
	              "input_dim: - 3;",
	              a);
	assert_int_equal(n->n_input, 4);
	assert_string_equal(n->input[3], "d");
	assert_int_equal(n->n_input_dim, 5);
	const int32_t dims[] = {1, 31, 15, 2147483647, -3};
	assert_memory_equal(n->input_dim, dims, sizeof dims);
	n = read_good(
	    "input_dim: -2147483648 input_dim: -0 input_shape { dim: -9223372036854775808 dim: 9223372036854775807 }",
	    a);
	assert_int_equal(n->input_dim[0], INT32_MIN);
	assert_int_equal(n->input_dim[1], 0);
	assert_true(n->input_shape[0]->dim[0] == INT64_MIN && n->input_shape[0]->dim[1] == INT64_MAX);
	n = read_good(
	    "layer < name: 'x' include { phase: 0 } include: { phase: TEST } > layer: [{ name: 'y' }, < name: 'z' >]",
	    a);
	assert_int_equal(n->n_layer, 3);
	assert_string_equal(n->layer[2]->name, "z");
	assert_int_equal(n->layer[0]->include[0]->phase, CAFFE__PHASE__TRAIN);
	assert_int_equal(n->layer[0]->include[1]->phase, CAFFE__PHASE__TEST);
	n = read_good(
	    "layer { loss_weight: [1, -2.5e-1, .5, 1.f, inf, -inf, nan, 3f] propagate_down: [true, False, t, 0, 1] }",
	    a);
	const float *f = n->layer[0]->loss_weight;
	assert_true(f[0] == 1 && f[1] == -0.25f && f[2] == 0.5f && f[3] == 1 && isinf(f[4]) && f[5] < -1e38f &&
	            isnan(f[6]) && f[7] == 3);
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
	assert_message(
	    &m, "T5_unknown.prototxt:3:53: warning: layer 'a': unknown field 'xxx_param' of LayerParameter is skipped");
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

typedef struct Folder {
	char path[300], net[320], weights[320];
} Folder;

static const char small_net[] =
    "input: 'x' input_shape { dim: [1, 3, 2, 2] }\n"
    "layer { name: 'c' type: 'Convolution' bottom: 'x' top: 'c' convolution_param { num_output: 2 kernel_size: 1 } }\n"
    "layer { name: 'b' type: 'BatchNorm' bottom: 'c' top: 'c' }\n"
    "layer { name: 'p' type: 'InnerProduct' bottom: 'c' top: 'p' inner_product_param { num_output: 5 bias_term: false "
    "} }\n"
    "layer { name: 'n' type: 'Normalize' bottom: 'c' top: 'n' norm_param { channel_shared: false } }\n";

static int make_folder(void **state)
{
	Folder *f = calloc(1, sizeof *f);
	temporary_folder(f->path);
	sprintf(f->net, "%s/net.prototxt", f->path);
	sprintf(f->weights, "%s/net.caffemodel", f->path);
	write_file(f->net, small_net, strlen(small_net));
	*state = f;
	return 0;
}

static int remove_folder(void **state)
{
	Folder *f = *state;
	remove(f->net);
	remove(f->weights);
	rmdir(f->path);
	free(f);
	return 0;
}

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
	fill(f, "input: 'a' input_shape { dim: 1 }\n", "layer { name: 'r' type: 'ReLU' bottom: 'a' top: 'a' }\n",
	     500000, "", DIAG_OK);
	fill(f, "input: 'a' input_shape { dim: 1 }\n", "layer { type: 'ReLU' bottom: 'b' top: 'c' }\n", 500000, "",
	     DIAG_REJECT);
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
	sprintf(text, "input: 'x' input_shape { dim: 1 } layer { name: '%s' type: 'ReLU' bottom: 'x' top: 'y' }",
	        name + 1);
	write_file(f->net, text, strlen(text));
	assert_int_equal(import_status(f->net), DIAG_OK);
}

/* ---- weights ---- */

enum {
	NO_SHAPE = 1,
	LEGACY = 2,
	DOUBLES = 4,
	SINGLES = 8,
	RAW_HALVES = 16,
	RAW_FLOATS = 32,
	RAW_DOUBLES = 64
}; /* ways to write a blob */

/* As NVIDIA's Caffe writes numbers. */
static void put_raw(Proto *blob, unsigned how, const float *f, const double *d, int count)
{
	uint16_t *h = calloc((size_t)count + 1, sizeof *h);
	assert_non_null(h);
	for (int i = 0; i < count; i++)
		h[i] = f16_from_double(d[i]);
	const size_t size = how & RAW_HALVES ? 2 : how & RAW_FLOATS ? 4 : 8;
	const void *data = how & RAW_HALVES ? (const void *)h : how & RAW_FLOATS ? (const void *)f : (const void *)d;
	proto_int(blob, 10, how & RAW_HALVES ? 2 : how & RAW_FLOATS ? 1 : 0);
	proto_bytes(blob, 12, data, size * (size_t)count);
	free(h);
}

/* A blob of the numbers from, from + 1, ... */
static void put_blob(Proto *layer, uint32_t field, unsigned how, int rank, const int64_t *dim, int count, float from)
{
	Proto blob = {0}, shape = {0};
	for (int i = 0; i < rank; i++)
		if (how & LEGACY)
			proto_int(&blob, (uint32_t)(1 + i), dim[i]);
		else
			proto_int(&shape, 1, dim[i]);
	if (!(how & (NO_SHAPE | LEGACY)))
		proto_message(&blob, 7, &shape);
	proto_free(&shape);
	float *f = calloc((size_t)count + 1, sizeof *f);
	double *d = calloc((size_t)count + 1, sizeof *d);
	for (int i = 0; i < count; i++)
		d[i] = (double)(f[i] = from + (float)i);
	if (how & DOUBLES)
		proto_bytes(&blob, 8, d, sizeof *d * (size_t)count);
	else if (how & SINGLES)
		for (int i = 0; i < count; i++)
			proto_float(&blob, 5, f[i]);
	else if (how & (RAW_HALVES | RAW_FLOATS | RAW_DOUBLES))
		put_raw(&blob, how, f, d, count);
	else
		proto_bytes(&blob, 5, f, sizeof *f * (size_t)count);
	free(f);
	free(d);
	proto_message(layer, field, &blob);
}

#define DIMS(...)                                                                    \
	(int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (const int64_t[]) \
	{                                                                            \
		__VA_ARGS__                                                          \
	}

/* The weights of small_net; each part may be replaced. */
typedef struct Parts {
	Proto c, b, p, n;
} Parts;

static void good_parts(Parts *w)
{
	*w = (Parts){0};
	proto_string(&w->c, 1, "c");
	proto_string(&w->c, 2, "Convolution");
	put_blob(&w->c, 7, 0, DIMS(2, 3, 1, 1), 6, 1);
	put_blob(&w->c, 7, 0, DIMS(2), 2, 7);
	proto_string(&w->b, 1, "b");
	put_blob(&w->b, 7, 0, DIMS(2), 2, 10);
	put_blob(&w->b, 7, 0, DIMS(2), 2, 20);
	put_blob(&w->b, 7, 0, DIMS(1), 1, 4);
	proto_string(&w->p, 1, "p");
	put_blob(&w->p, 7, LEGACY, DIMS(1, 1, 5, 8), 40, 0); /* M9 */
	proto_string(&w->n, 1, "n");
	put_blob(&w->n, 7, DOUBLES, DIMS(2), 2, 30);
}

static void write_parts(const Folder *f, Parts *w)
{
	Proto net = {0};
	Proto *part[] = {&w->c, &w->b, &w->p, &w->n};
	proto_string(&net, 1, "net");
	for (int i = 0; i < 4; i++)
		if (part[i]->size)
			proto_message(&net, 100, part[i]);
	write_file(f->weights, net.data, net.size);
	proto_free(&net);
}

static Graph *import_parts(const Folder *f, Parts *w)
{
	Messages m;
	write_parts(f, w);
	messages_open(&m);
	Graph *g = import_caffe(f->net, &plain, &m.diag);
	if (!g)
		fail_msg("%s", messages_text(&m));
	messages_free(&m);
	return g;
}

static void refuse_parts(const Folder *f, Parts *w, int status, const char *message)
{
	Messages m;
	write_parts(f, w);
	messages_open(&m);
	assert_null(import_caffe(f->net, &plain, &m.diag));
	assert_message(&m, message);
	assert_int_equal(diag_exit_code(&m.diag), status);
	messages_free(&m);
}

/* The constant has the numbers from, from + 1, ... */
static void assert_constant(const Graph *g, const char *name, int count, float from)
{
	for (int i = 0; i < g->nvalue; i++) {
		const Value *v = g->value[i];
		if (!v->data || strcmp(v->name, name))
			continue;
		Arena *a = arena_new();
		assert_int_equal(blob_count(v->data), count);
		const float *x = blob_read_f32(v->data, a);
		for (int k = 0; k < count; k++)
			assert_true(x[k] == from + (float)k);
		arena_free(a);
		return;
	}
	fail_msg("no constant %s", name);
}

static void test_weights(void **state)
{
	const Folder *f = *state;
	Parts w;
	good_parts(&w);
	Graph *g = import_parts(f, &w);
	assert_constant(g, "c.weight", 6, 1);
	assert_constant(g, "c.bias", 2, 7);
	assert_constant(g, "p.weight", 40, 0);
	assert_constant(g, "n.scale", 2, 30);
	for (int i = 0; i < g->nvalue; i++) /* the statistics are divided by the factor */
		if (g->value[i]->data && !strcmp(g->value[i]->name, "b.var")) {
			Arena *a = arena_new();
			const float *var = blob_read_f32(g->value[i]->data, a);
			assert_true(var[0] == 5 && var[1] == 5.25f);
			arena_free(a);
		}
	graph_free(g);
	good_parts(&w); /* T14: a factor of 0 */
	proto_free(&w.b);
	proto_string(&w.b, 1, "b");
	put_blob(&w.b, 7, 0, DIMS(2), 2, 10);
	put_blob(&w.b, 7, 0, DIMS(2), 2, 20);
	put_blob(&w.b, 7, 0, DIMS(1), 1, 0);
	g = import_parts(f, &w);
	for (int i = 0; i < g->nvalue; i++)
		if (g->value[i]->data && !strcmp(g->value[i]->name, "b.mean")) {
			Arena *a = arena_new();
			const float *mean = blob_read_f32(g->value[i]->data, a);
			assert_true(mean[0] == 0 && mean[1] == 0);
			arena_free(a);
		}
	graph_free(g);
	good_parts(&w); /* numbers one by one, and in two pieces: one after the other */
	proto_free(&w.c);
	proto_string(&w.c, 1, "c");
	put_blob(&w.c, 7, SINGLES, DIMS(2, 3), 6, 1);
	Proto two = {0}, shape = {0};
	float x[2] = {7, 8};
	proto_int(&shape, 1, 2);
	proto_bytes(&two, 5, x, 4);
	proto_message(&two, 7, &shape);
	proto_bytes(&two, 5, x + 1, 4);
	proto_message(&w.c, 7, &two);
	g = import_parts(f, &w);
	assert_constant(g, "c.weight", 6, 1);
	assert_constant(g, "c.bias", 2, 7);
	graph_free(g);
}

#define REPLACE(part, name, ...)                \
	do {                                    \
		good_parts(&w);                 \
		proto_free(&w.part);            \
		proto_string(&w.part, 1, name); \
		__VA_ARGS__;                    \
	} while (0)

static void test_bad_weights(void **state)
{
	const Folder *f = *state;
	Parts w;
	good_parts(&w); /* M2 */
	proto_free(&w.p);
	refuse_parts(f, &w, DIAG_REJECT, "net.prototxt:4:7: error: layer 'p': ");
	REPLACE(c, "c", put_blob(&w.c, 7, 0, DIMS(2, 3, 1, 1), 6, 1)); /* M3 */
	refuse_parts(f, &w, DIAG_REJECT, "error: layer 'c': 1 blobs; the network's Convolution needs 2 [rejected]");
	REPLACE(b, "b", put_blob(&w.b, 7, 0, DIMS(2), 2, 1); put_blob(&w.b, 7, 0, DIMS(2), 2, 1));
	refuse_parts(f, &w, DIAG_REJECT,
	             "error: layer 'b': 2 blobs; the network's BatchNorm needs 3: mean, variance, factor; 5 with "
	             "scale_bias: gamma, beta behind them [rejected]");
	REPLACE(p, "p", put_blob(&w.p, 7, 0, DIMS(5, 8), 40, 1); put_blob(&w.p, 7, 0, DIMS(5), 5, 1));
	refuse_parts(f, &w, DIAG_REJECT, "error: layer 'p': 2 blobs; the network's InnerProduct needs 1 [rejected]");
	REPLACE(n, "n", put_blob(&w.n, 7, 0, DIMS(3), 3, 1));
	refuse_parts(f, &w, DIAG_REJECT, "error: layer 'n': blob 0 has shape [3]; the network needs [2] [rejected]");
	REPLACE(p, "p", put_blob(&w.p, 7, 0, DIMS(8, 5), 40, 1));
	refuse_parts(f, &w, DIAG_REJECT, "blob 0 has shape [8, 5]; the network needs [5, 8] [rejected]");
	Proto blob = {0}, shape = {0}; /* M4 */
	float x[2] = {1, 2};
	proto_int(&shape, 1, 2);
	proto_message(&blob, 7, &shape);
	for (uint32_t i = 1; i < 5; i++)
		proto_int(&blob, i, i == 4 ? 3 : 1);
	proto_bytes(&blob, 5, x, sizeof x);
	REPLACE(n, "n", proto_message(&w.n, 7, &blob));
	refuse_parts(f, &w, DIAG_REJECT,
	             "error: a blob whose shape and num, channels, height, width disagree [rejected]");
	REPLACE(n, "n", put_blob(&w.n, 7, 0, DIMS(2), 3, 1)); /* M5 */
	refuse_parts(f, &w, DIAG_REJECT, "error: a blob whose shape has 2 numbers and whose data has 3 [rejected]");
	REPLACE(n, "n", put_blob(&w.n, 7, DOUBLES, DIMS(2), 1, 1));
	refuse_parts(f, &w, DIAG_REJECT, "error: a blob whose shape has 2 numbers and whose data has 1 [rejected]");
	REPLACE(n, "n", put_blob(&w.n, 7, NO_SHAPE, DIMS(2), 2, 1));
	refuse_parts(f, &w, DIAG_REJECT, "error: a blob whose shape has 1 numbers and whose data has 2 [rejected]");
	double y[2] = {1, 2}; /* M6 */
	proto_int(&shape, 1, 2);
	proto_message(&blob, 7, &shape);
	proto_bytes(&blob, 5, x, sizeof x);
	proto_bytes(&blob, 8, y, sizeof y);
	REPLACE(n, "n", proto_message(&w.n, 7, &blob));
	refuse_parts(f, &w, DIAG_REJECT, "error: a blob with both data and double_data [rejected]");
	int64_t many[33]; /* M7 */
	for (int i = 0; i < 33; i++)
		many[i] = 1;
	REPLACE(n, "n", put_blob(&w.n, 7, 0, 33, many, 1, 1));
	refuse_parts(f, &w, DIAG_LIMIT, "error: a blob of more than 32 axes [limit]");
	REPLACE(n, "n", put_blob(&w.n, 7, 0, DIMS(-1), 1, 1));
	refuse_parts(f, &w, DIAG_REJECT, "error: a blob with the extent -1 [rejected]");
	REPLACE(n, "n", put_blob(&w.n, 7, 0, DIMS(65536, 65536), 1, 1));
	refuse_parts(f, &w, DIAG_LIMIT, "error: a blob of more than 2147483647 numbers [limit]");
	REPLACE(n, "n", put_blob(&w.n, 7, 0, DIMS((int64_t)1 << 62, 4), 1, 1));
	refuse_parts(f, &w, DIAG_LIMIT, "error: a blob of more than 2147483647 numbers [limit]");
	REPLACE(n, "n", proto_bytes(&blob, 5, x, 5); proto_message(&w.n, 7, &blob)); /* P7 */
	refuse_parts(f, &w, DIAG_REJECT, "error: packed field data has 5 bytes, which is no multiple of 4 [rejected]");
}

static void test_raw_weights(void **state)
{
	const Folder *f = *state;
	static const unsigned how[] = {RAW_HALVES, RAW_FLOATS, RAW_DOUBLES};
	Parts w;
	for (int i = 0; i < 3; i++) {
		REPLACE(n, "n", put_blob(&w.n, 7, how[i], DIMS(2), 2, 30));
		Graph *g = import_parts(f, &w);
		assert_constant(g, "n.scale", 2, 30);
		graph_free(g);
		REPLACE(n, "n", put_blob(&w.n, 7, how[i], DIMS(2), 3, 30));
		refuse_parts(f, &w, DIAG_REJECT,
		             "error: a blob whose shape has 2 numbers and whose data has 3 [rejected]");
	}
	static const struct {
		int type, bytes, twice;
		bool floats;
		int status;
		const char *message;
	} bad[] = {
	    {3, 8, 0, false, DIAG_UNSUPPORTED,
	     "error: a blob whose raw_data has another type; raw_data_type 0, 1 or 2 is read: double, float, half "
	     "float"},
	    {-1, 8, 0, false, DIAG_UNSUPPORTED, "error: a blob whose raw_data has no type"},
	    {1, 7, 0, false, DIAG_REJECT, "error: a blob with 7 bytes of raw_data; each number has 4 [rejected]"},
	    {1, 8, 0, true, DIAG_REJECT, "error: a blob with both data and raw_data [rejected]"},
	    {1, 12, 8, false, DIAG_OK, NULL}, /* the last one counts */
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		static const float x[] = {1, 2, 3};
		Proto blob = {0}, shape = {0};
		proto_int(&shape, 1, 2);
		proto_message(&blob, 7, &shape);
		if (bad[i].type >= 0)
			proto_int(&blob, 10, bad[i].type);
		proto_bytes(&blob, 12, x, (size_t)bad[i].bytes);
		if (bad[i].twice)
			proto_bytes(&blob, 12, x, (size_t)bad[i].twice);
		if (bad[i].floats)
			proto_bytes(&blob, 5, x, 8);
		REPLACE(n, "n", proto_message(&w.n, 7, &blob));
		if (bad[i].message) {
			refuse_parts(f, &w, bad[i].status, bad[i].message);
			continue;
		}
		Graph *g = import_parts(f, &w);
		assert_constant(g, "n.scale", 2, 1);
		graph_free(g);
	}
}

static void test_unused_weights(void **state)
{
	const Folder *f = *state;
	Messages m;
	Parts w;
	Proto net = {0}, other = {0};
	good_parts(&w);
	proto_string(&other, 1, "o'\n");
	put_blob(&other, 7, 0, DIMS(2), 2, 1);
	proto_message(&net, 100, &other);
	proto_string(&other, 1, "no blobs");
	proto_message(&net, 100, &other);
	proto_message(&net, 100, &w.c);
	proto_message(&net, 100, &w.b);
	proto_message(&net, 100, &w.p);
	proto_message(&net, 100, &w.n);
	write_file(f->weights, net.data, net.size);
	messages_open(&m);
	Graph *g = import_caffe(f->net, &plain, &m.diag);
	assert_non_null(g);
	assert_message(&m, "warning: the weights of layer 'o\\x27\\x0a' are not used by the network");
	assert_int_equal(m.diag.nwarning, 1);
	graph_free(g);
	messages_free(&m);
	proto_free(&net);
}

static void refuse_bytes(const Folder *f, const void *bytes, size_t size, int status, const char *message)
{
	Messages m;
	write_file(f->weights, bytes, size);
	messages_open(&m);
	assert_null(import_caffe(f->net, &plain, &m.diag));
	assert_message(&m, message);
	assert_int_equal(diag_exit_code(&m.diag), status);
	messages_free(&m);
}

#define REFUSE(bytes, status, message) refuse_bytes(f, bytes, sizeof bytes - 1, status, message)

/* M1, M8, and what the outermost message may hold. */
static void test_bad_files_of_weights(void **state)
{
	const Folder *f = *state;
	refuse_bytes(f, small_net, strlen(small_net), DIAG_REJECT,
	             "net.caffemodel:0: error: a text; weights are a binary .caffemodel");
	REFUSE("", DIAG_REJECT, "net.caffemodel:0: error: an empty file [rejected]");
	REFUSE("\x08\x01", DIAG_REJECT,
	       "net.caffemodel:0: error: field 1 of NetParameter has wire type 0; it must be length-delimited");
	REFUSE("\xa2\x06\x7f", DIAG_REJECT, "net.caffemodel:2: error: a length of 127 bytes; 0 are left");
	REFUSE("\xa2\x06\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", DIAG_REJECT,
	       "net.caffemodel:2: error: a length of 18446744073709551615 bytes");
	REFUSE("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", DIAG_REJECT,
	       "net.caffemodel:0: error: a field's tag of more than 64 bits");
	REFUSE("\x01", DIAG_REJECT, "error: field number 0; the numbers are 1 to 2^29 - 1");
	REFUSE("\x0b", DIAG_REJECT, "error: field 1 has wire type 3 (groups are not read)");
	REFUSE("\x1f", DIAG_REJECT, "error: field 3 has wire type 7 (there is none)");
	REFUSE("\x1d\1\2\3", DIAG_REJECT, "error: the file ends inside a number");
	REFUSE("\x18\x80", DIAG_REJECT, "error: a number of more than 64 bits, or cut off");
	REFUSE("\xa2\x06\x00\x12\x00", DIAG_REJECT, "error: both new and old layers (fields 100 and 2)");
	REFUSE("\x12\x06\x0a\x04\x0a\x02"
	       "ab",
	       DIAG_UNSUPPORTED, "net.caffemodel:2: error: a layer in Caffe's oldest form (V0)");
	REFUSE("\xa2\x06\x02\x0a\x05", DIAG_REJECT,
	       "net.caffemodel:4: error: name of LayerWeights has a length of 5 bytes; 0 are left");
	REFUSE("\xa2\x06\x02\x08\x05", DIAG_REJECT,
	       "net.caffemodel:3: error: field name of LayerWeights has wire type varint");
}

/* A V1 file: its layers are field 2, its names field 4, its blobs field 6. */
static void test_old_weights(void **state)
{
	const Folder *f = *state;
	static const char text[] =
	    "input: 'x' input_shape { dim: [1, 3] }\n"
	    "layers { name: 'p' type: INNER_PRODUCT bottom: 'x' top: 'p' inner_product_param { num_output: 2 } }";
	Proto net = {0}, layer = {0};
	proto_int(&layer, 5, CAFFE__V1_LAYER_PARAMETER__LAYER_TYPE__INNER_PRODUCT);
	proto_string(&layer, 4, "p");
	put_blob(&layer, 6, LEGACY, DIMS(1, 1, 2, 3), 6, 1);
	put_blob(&layer, 6, LEGACY, DIMS(1, 1, 1, 2), 2, 7);
	proto_message(&net, 2, &layer);
	write_file(f->net, text, strlen(text));
	write_file(f->weights, net.data, net.size);
	Messages m;
	messages_open(&m);
	Graph *g = import_caffe(f->net, &plain, &m.diag);
	if (!g)
		fail_msg("%s", messages_text(&m));
	assert_constant(g, "p.weight", 6, 1);
	assert_constant(g, "p.bias", 2, 7);
	graph_free(g);
	messages_free(&m);
	proto_free(&net);
}

/* P15: no crash, whatever bit is wrong. */
static void test_weights_cut_and_changed(void **state)
{
	const Folder *f = *state;
	Parts w;
	size_t size;
	good_parts(&w);
	write_parts(f, &w);
	char *good = read_file(f->weights, &size), *bad = malloc(size);
	assert_non_null(bad);
	for (size_t n = 0; n < size; n++) {
		write_file(f->weights, good, n);
		assert_int_equal(import_status(f->net), DIAG_REJECT);
	}
	for (size_t bit = 0; bit < 8 * size; bit++) {
		memcpy(bad, good, size);
		bad[bit / 8] ^= (char)(1 << bit % 8);
		write_file(f->weights, bad, size);
		int status = import_status(f->net);
		assert_true(status == DIAG_OK || (status >= DIAG_REJECT && status <= DIAG_LIMIT));
	}
	free(good);
	free(bad);
}

/* M10, P12, P14; a large layer and many small ones. */
static void test_large_weights(void **state)
{
	const Folder *f = *state;
	FILE *out = fopen(f->weights, "wb");
	assert_non_null(out);
	assert_int_equal(ftruncate(fileno(out), ((off_t)1 << 31)), 0);
	fclose(out);
	assert_frugal(import_status, f->net, 0, DIAG_LIMIT);
	size_t size = 8 << 20;
	char *bytes = calloc(1, size);
	assert_non_null(bytes);
	for (size_t i = 0; i < size; i += 2)
		memcpy(bytes + i, "\x1a\0", 2); /* an empty field 3 */
	write_file(f->weights, bytes, size);
	assert_frugal(import_status, f->net, size, DIAG_REJECT);
	for (size_t i = 0; i + 6 <= size; i += 6)
		memcpy(bytes + i, "\xa2\x06\x03\x3a\x01\x7f", 6); /* a layer with a bad blob */
	write_file(f->weights, bytes, size);
	assert_frugal(import_status, f->net, size, DIAG_REJECT);
	for (size_t i = 0; i + 8 <= size; i += 8)
		memcpy(bytes + i, "\xa2\x06\x05\x3a\x03\x3a\x01\x08", 8);
	write_file(f->weights, bytes, size);
	assert_frugal(import_status, f->net, size, DIAG_REJECT);
	Proto net = {0}, layer = {0};
	for (int i = 0; i < 210000; i++) {
		const int64_t zero = 0;
		put_blob(&layer, 7, 0, 1, &zero, 0, 0);
		proto_message(&net, 100, &layer);
	}
	write_file(f->weights, net.data, net.size);
	assert_frugal(import_status, f->net, net.size, DIAG_LIMIT);
	proto_free(&net);
	free(bytes);
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
			assert_true(n->u.detect.threshold == 0.25 && n->u.detect.keep_top_k == 7 &&
			            n->u.detect.nms == 0.45);
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
	static const char text[] =
	    "input: 'x' input_shape { dim: [1, 3, 321, 321] }\n"
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
			assert_message(
			    &m, "net.prototxt:3:110: warning: layer 'p': offset 2.5 of a step of 8 looks like pixels");
		assert_true(g->node[1]->u.prior.start[1] == start[i]);
		graph_free(g);
		messages_free(&m);
	}
}

int main(void)
{
#define WITH_FOLDER(t) cmocka_unit_test_setup_teardown(t, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bad_files),
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_unknown_fields_can_be_skipped),
	    cmocka_unit_test(test_networks),
	    WITH_FOLDER(test_cut_at_every_byte),
	    WITH_FOLDER(test_large),
	    WITH_FOLDER(test_special_files),
	    WITH_FOLDER(test_names),
	    WITH_FOLDER(test_weights),
	    WITH_FOLDER(test_bad_weights),
	    WITH_FOLDER(test_raw_weights),
	    WITH_FOLDER(test_unused_weights),
	    WITH_FOLDER(test_bad_files_of_weights),
	    WITH_FOLDER(test_old_weights),
	    WITH_FOLDER(test_weights_cut_and_changed),
	    WITH_FOLDER(test_large_weights),
	    cmocka_unit_test(test_options),
	    WITH_FOLDER(test_pixels_hint),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
