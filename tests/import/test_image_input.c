/* test_image_input.c -- detectors whose image has another element type or is [1, H, W, C]: the same boxes as with floats,
 * channel by channel; and what is refused. */
#include "tests/import/onnx_expect.h"

#include "import/image.h"

enum { HEIGHT = 8, WIDTH = 12 };

/* ---- models ---- */

/* Heads on a map of 2 x 3. before: how "x" becomes "f", f32 [1, C, 8, 12]. */
static const char *model(const char *input, const char *before, int channels)
{
	static char text[4096];
	char *end = text + sprintf(text, "x:%s zero:f[3]=0,1,2 ", input);
	for (int w = 0; w < 2; w++) {
		end += sprintf(end, "w%d:f[%d,%d,4,4]", w, w ? 2 : 4, channels);
		for (int i = 0; i < (w ? 2 : 4) * channels * 16; i++)
			end += sprintf(end, "%c%.3f", i ? ',' : '=', (i * (w ? 29 : 37) % 41 - 20) / 9000.0);
		*end++ = ' ';
	}
	sprintf(end, "| %s%sConv f,w0 -> loc strides=[4,4] ; Conv f,w1 -> conf strides=[4,4] | loc conf", before, *before ? " ; " : "");
	return text;
}

static Graph *detector(const char *text, const char *input, Messages *m)
{
	char fragment[400];
	snprintf(fragment, sizeof fragment, "%s/f.json", folder);
	FILE *f = fopen(fragment, "w");
	fprintf(f,
	        "{\"version\": 1, \"input\": {\"channels\": \"rgb\", %s}, \"outputs\": {\"loc\": [\"loc\"], \"conf\": "
	        "[\"conf\"]}, \"classes\": 2, \"background\": 0, \"scores\": \"softmax\", \"decode\": \"center_size\", "
	        "\"priors\": [{\"map\": [2, 3], \"min\": [3]}], \"detect\": {\"threshold\": 0.1, \"nms\": 0.6}}",
	        input);
	fclose(f);
	OnnxText t = onnx_text(text);
	t.opset = 13;
	Proto p = onnx_text_bytes(&t);
	write_file(path, p.data, p.size);
	proto_free(&p);
	return import_onnx(path, &(ImportOptions){.threshold = -1, .nms = -1, .detect = fragment}, &m->diag);
}

static Graph *good(const char *text, const char *input)
{
	Messages m;
	messages_open(&m);
	Graph *g = detector(text, input, &m);
	if (!g)
		fail_msg("%s\n%s", text, messages_text(&m));
	messages_free(&m);
	graph_check(g);
	return g;
}

/* Rows of detect for a picture, which the preprocessing leaves less `mean`. */
static Tensor detections(const Graph *g, double mean, Arena *a)
{
	const int64_t n = type_count(&g->input[0]->type);
	double *x = arena_new_array(a, double, n);
	Tensor out;
	for (int64_t i = 0; i < n; i++)
		x[i] = (double)(i * 71 % 256) - mean;
	eval_graph(g, (const double *const[]){x}, &out, NULL, NULL, a);
	return out;
}

static int count_of(const Graph *g, Op op)
{
	int n = 0;
	for (int i = 0; i < g->nnode; i++)
		n += g->node[i]->op == op;
	return n;
}

/* ---- tests ---- */

#define CAST "Cast x -> f to=1"
#define CAST_TURN "Cast x -> a to=1 ; Transpose a -> f perm=[0,3,1,2]"
#define TURN_CAST "Transpose x -> a perm=[0,3,1,2] ; Cast a -> f to=1"
#define SUM "Cast x -> a to=1 ; Add a,zero -> b ; Transpose b -> f perm=[0,3,1,2]"
#define TWICE "Cast x -> a to=1 ; Mul a,a -> b ; Div b,a -> c ; Max c,a -> e ; Transpose e -> f perm=[0,3,1,2]"

static void expect_same(const char *text, int channels, double mean)
{
	char base[4096], input[100];
	Arena *a = arena_new();
	snprintf(base, sizeof base, "%s", text);
	snprintf(input, sizeof input, "\"mean\": [%g]", mean);
	Graph *got = good(base, input);
	snprintf(base, sizeof base, "f[1,%d,8,12]", channels);
	Graph *want = good(model(base, CAST, channels), input);
	const Type *t = &got->input[0]->type;
	assert_true(t->dtype == DT_F32 && t->rank == 4 && t->dim[1] == channels && t->dim[2] == HEIGHT && t->dim[3] == WIDTH);
	assert_true(got->preprocess.channels == channels && got->preprocess.height == HEIGHT && got->preprocess.width == WIDTH);
	const Tensor x = detections(got, mean, a), y = detections(want, mean, a);
	assert_true(y.data[6 * 2] >= 0); /* some are found */
	for (int64_t i = 0; i < type_count(&y.type); i++)
		assert_float_equal(x.data[i], y.data[i], 1e-5);
	graph_free(got);
	graph_free(want);
	arena_free(a);
}

static void every_type(void **state)
{
	(void)state;
	static const char *const before[] = {CAST, CAST_TURN, TURN_CAST};
	char input[100];
	for (const char *type = "fhBdnuswNIi"; *type; type++)
		for (int channels = 1; channels <= 3; channels += 2)
			for (int i = 0; i < 3; i++) {
				snprintf(input, sizeof input, i ? "%c[1,8,12,%d]" : "%c[1,%d,8,12]", *type, channels);
				expect_same(model(input, before[i], channels), channels, 0);
			}
	expect_same(model("c[1,8,12,3]", CAST_TURN, 3), 3, 128); /* i8 holds pixels less 128 */
	expect_same(model("s[1,8,12,3]", CAST_TURN, 3), 3, 128);
}

/* The model's own permute and ours are none, but where a channel or another reader has a part in it. */
static void permutes_cancel(void **state)
{
	(void)state;
	static const struct {
		const char *before;
		int permutes, maps;
	} rows[] = {{CAST_TURN, 2, 0}, {TURN_CAST, 2, 0}, {SUM, 4, 1}, {TWICE, 4, 3}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		Graph *g = good(model("u[1,8,12,3]", rows[i].before, 3), "\"mean\": [0]");
		assert_int_equal(count_of(g, OP_permute), rows[i].permutes); /* 2: of the heads */
		assert_int_equal(count_of(g, OP_eltwise), rows[i].maps);
		graph_free(g);
	}
	expect_same(model("u[1,8,12,3]", TWICE, 3), 3, 0);
	Arena *a = arena_new();
	Graph *g = good(model("u[1,8,12,3]", SUM, 3), "\"mean\": [0]");
	Graph *f = good(model("f[1,3,8,12]", "Transpose x -> t perm=[0,2,3,1] ; Add t,zero -> b ; Transpose b -> f perm=[0,3,1,2]", 3),
	                "\"mean\": [0]");
	const Tensor x = detections(g, 0, a), y = detections(f, 0, a);
	for (int64_t i = 0; i < type_count(&y.type); i++)
		assert_float_equal(x.data[i], y.data[i], 1e-6);
	graph_free(g);
	graph_free(f);
	arena_free(a);
}

static void refused(void **state)
{
	(void)state;
	static const struct {
		const char *input, *before, *preprocess, *message;
	} rows[] = {
	    {"u[1,3,8,12]", CAST, "\"mean\": [127.5], \"divisor\": [127.5]", "not all whole numbers that u8 holds"},
	    {"u[1,3,8,12]", CAST, "\"mean\": [1]", "not all whole numbers that u8 holds"},
	    {"c[1,3,8,12]", CAST, "\"mean\": [0]", "mean 128 and divisor 1"},
	    {"n[1,3,8,12]", CAST, "\"mean\": [0, 0, 0.5]", "not all whole numbers that i32 holds"},
	    {"i[1,8,12,3]", CAST_TURN, "\"mean\": [0], \"divisor\": [2]", "not all whole numbers that i64 holds"},
	    {"f[1,8,12,4]", "Slice x,s0,s3,s3 -> a ; Transpose a -> f perm=[0,3,1,2]", "\"mean\": [0]", "one image of 3 channels or of 1"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char text[4200];
		Messages m;
		messages_open(&m);
		snprintf(text, sizeof text, "s0:i[1]=0 s3:i[1]=3 %s", model(rows[i].input, rows[i].before, 3));
		assert_null(detector(text, rows[i].preprocess, &m));
		assert_message(&m, rows[i].message);
		messages_free(&m);
	}
}

/* A network without boxes keeps the input that the model states. */
static void plain_network(void **state)
{
	(void)state;
	Messages m;
	messages_open(&m);
	OnnxText t = onnx_text(model("u[1,8,12,3]", CAST_TURN, 3));
	Proto p = onnx_text_bytes(&t);
	write_file(path, p.data, p.size);
	proto_free(&p);
	Graph *g = import_file(&m.diag);
	assert_non_null(g);
	assert_true(g->input[0]->type.dtype == DT_U8 && g->input[0]->type.dim[3] == 3 && !g->preprocess.width);
	graph_free(g);
	messages_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_type),
	    cmocka_unit_test(permutes_cancel),
	    cmocka_unit_test(refused),
	    cmocka_unit_test(plain_network),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
