/* test_detect_slow.c -- op detect for CUDA against the kernel in C, bit for bit: both rows' templates with equal attributes,
 * three images at once, the CUDA one through tests/cuda/shim with its blocks and threads in several orders. */
#include "codegen/codegen.h"
#include "codegen/embedded.h"
#include "codegen/parts.h"
#include "tests/kernels/detect_input.h"
#include "tests/cuda/libraries.h"

#pragma GCC diagnostic ignored "-Woverride-init" /* a case says what differs from SSD */

typedef struct Case {
	int boxes;
	Detect d;
} Case;

#define SSD .background = 0, .code = BOX_CENTER_SIZE, .threshold = 0.01, .nms = 0.45, .eta = 1, .top_k = 400, .keep_top_k = 200

static const Case cases[] = {
    {8732, {SSD, .classes = 21, .softmax = true}},
    /* few places, adaptive threshold */
    {500, {SSD, .classes = 4, .nms = 0.6, .eta = 0.9, .top_k = 20, .keep_top_k = 30}},
    {700, {SSD, .classes = 3, .softmax = true, .nms = 0.9, .eta = 0.97, .top_k = -1, .keep_top_k = 100}},
    /* other codes and backgrounds, everything kept */
    {500, {SSD, .classes = 4, .background = -1, .code = BOX_CORNER, .nms = 0.6, .top_k = 500, .keep_top_k = 2000}},
    {500, {SSD, .classes = 4, .background = -1, .code = BOX_CORNER_SIZE, .variance_encoded = true, .softmax = true, .keep_top_k = 2000}},
    {500, {SSD, .classes = 4, .background = 3, .code = BOX_CORNER_SIZE, .variance_encoded = true, .softmax = true, .top_k = 500}},
    {500, {SSD, .classes = 4, .background = 3, .softmax = true, .agnostic = true, .top_k = 50}},
    {600, {SSD, .classes = 5, .background = -1, .agnostic = true, .top_k = -1, .nms = 0.8, .eta = 0.95}},
    {500, {SSD, .classes = 4, .background = 3, .variance_encoded = true, .softmax = true, .per_class = true, .top_k = 50}},
    {500, {SSD, .classes = 4, .keep_per_class = 3}},
    {500, {SSD, .classes = 4, .y_first = true}},
    {500, {SSD, .classes = 4, .keep_per_class = 33, .nms = 0.95, .eta = 0.99}},
    /* more keys than shared memory holds: selected, sorted, kept */
    {4000, {SSD, .classes = 2, .threshold = -1, .nms = 0.9}},
    {4001, {SSD, .classes = 2, .background = -1, .threshold = -1, .nms = 1, .top_k = -1, .keep_top_k = 5000}},
    {4001, {SSD, .classes = 3, .threshold = 1e-6, .nms = 0.3, .top_k = 3500, .keep_top_k = 3100}},
    {2000, {SSD, .classes = 3, .threshold = 0, .nms = 2, .top_k = 1500, .keep_top_k = 1500}},
    /* many classes: rows in shared memory and not */
    {300, {SSD, .classes = 81, .softmax = true}},
    {70, {SSD, .classes = 400, .softmax = true}},
    {45, {SSD, .classes = 300, .background = 299, .softmax = true, .threshold = 0, .top_k = 7, .keep_top_k = 9}},
    /* the least of everything */
    {1, {SSD, .classes = 2, .softmax = true}},
    {33, {SSD, .classes = 1, .background = -1}},
    {33, {SSD, .classes = 1, .softmax = true}},
    {600, {SSD, .classes = 2, .top_k = 1, .keep_top_k = 1}},
    {600, {SSD, .classes = 2, .top_k = 0}},
    {64, {SSD, .classes = 2, .threshold = 1, .background = -1}},
};

enum { NCASES = sizeof cases / sizeof *cases, IMAGES = 3, MOST_KEPT = 5000, ARENA = 8 << 20, SCRATCH_AT = 4 << 20, SCORE_AT = 2 << 20 };

typedef struct Detection {
	float x0, y0, x1, y1, score;
	int32_t label;
} Detection;

typedef struct Result {
	int32_t count;
	Detection detection[MOST_KEPT];
} Result;

/* As net_call. */
typedef struct Call {
	const uint8_t *pixels;
	Result *out;
	int32_t width, height, stride, format, max, clip, pairs;
} Call;

typedef int Reference(const float *loc, const float *score, const float *prior, float *scratch, Detection *out, int max);
typedef int Device(int k, unsigned char *arena, const float *prior, const Call *calls, unsigned *tickets);

static Reference *const *reference;
static Device *device;
static int64_t scratch_size[NCASES];
static float prior[8 * 8732];
static _Alignas(256) unsigned char arena[IMAGES * ARENA];
static float reference_scratch[1 << 20];
static Result result[IMAGES], untouched;
static Detection right[MOST_KEPT];

/* ---- both languages ---- */

static Node *case_node(const Case *c, Graph *g)
{
	const int64_t per_box = c->d.per_class ? 4 * c->d.classes : 4;
	Value *in[3] = {
	    graph_input(g, "loc", type_make(DT_F32, 2, (int64_t[]){1, per_box * c->boxes})),
	    graph_input(g, "score", type_make(DT_F32, 2, (int64_t[]){1, (int64_t)c->d.classes * c->boxes})),
	    graph_constant_f32(g, "prior", 3, (int64_t[]){1, 2, 4 * (int64_t)c->boxes}, prior),
	};
	Diag d = {.out = stderr};
	Node *n = graph_node(g, OP_detect, "detect", 3, in, 1);
	n->u.detect = c->d;
	assert_true(infer_node(n, &d));
	return n;
}

static void want_listed(Parts *p, const char *text, Arena *a)
{
	const char *list = strstr(text, "\n * parts:");
	assert_non_null(list);
	for (const char *s = list + strlen("\n * parts: "); *s != '\n'; s += strspn(s, " ")) {
		const size_t n = strcspn(s, " \n");
		parts_want(p, arena_strndup(a, s, n));
		s += n;
	}
}

/* Parts and all instances in the file's order; names: NAME_0, NAME_1... */
static void print_instances(FILE *f, const Target *t, const char *path, const char *name)
{
	Arena *a = arena_new();
	const char *text = embedded_find(path)->text;
	Parts *p = parts_new(a, "net", t);
	want_listed(p, text, a);
	parts_print(p, f, NULL);
	for (int k = 0; k < NCASES; k++) {
		Graph *g = graph_new("case");
		Node *n = case_node(&cases[k], g);
		if (!n->u.detect.top_k && !strcmp(t->language, "c"))
			n->u.detect.top_k = 1; /* is not asked */
		const Kernel *kernel = target_kernel(t, n, NULL, true);
		assert_non_null(kernel);
		Bindings *b = bindings_new(a, "net");
		kernel->bind(t, n, b);
		bind_word(b, "KERNEL", arena_printf(a, "%s_%d", name, k));
		fprintf(f, "%s\n", template_expand(path, text, b, NULL));
		const int64_t scratch = kernel->scratch(t, n);
		assert_true(scratch <= (strcmp(t->language, "c") ? ARENA - SCRATCH_AT : (int64_t)sizeof reference_scratch));
		if (strcmp(t->language, "c"))
			scratch_size[k] = scratch;
		graph_free(g);
	}
	arena_free(a);
}

static const char detection_type[] = "typedef struct {\n\tfloat x0, y0, x1, y1, score;\n\tint32_t label;\n} net_detection;\n";

static void print_reference(void)
{
	FILE *f = fopen("reference.c", "w");
	assert_non_null(f);
	fprintf(f, "#include <stdint.h>\n#include <string.h>\n%s", detection_type);
	print_instances(f, target_find("c99"), "codegen/kernels/c/detect.c", "detect");
	fputs("int (*const reference[])(const float *, const float *, const float *, float *, net_detection *, int) = {\n", f);
	for (int k = 0; k < NCASES; k++)
		fprintf(f, "\tdetect_%d,\n", k);
	fputs("};\n", f);
	fclose(f);
}

static void print_device(void)
{
	Target t = *target_find("cuda-standalone");
	FILE *f = fopen("device.cu", "w");
	assert_non_null(f);
	t.batch = IMAGES;
	fprintf(f,
	        "#include <cuda_bf16.h>\n#include <cuda_fp16.h>\n#include <cuda_runtime.h>\n#include <stdint.h>\n#include <string.h>\n%s",
	        detection_type);
	fprintf(f, "typedef struct {\n\tint32_t count;\n\tnet_detection detection[%d];\n} net_result;\n", MOST_KEPT);
	fprintf(f, "#define NET_BATCH %d\n#define NET_IMAGE_STRIDE %d\n", IMAGES, ARENA);
	print_instances(f, &t, "codegen/kernels/cuda/detect.cu", "detect");
	fputs("extern \"C\" int device(int k, unsigned char *arena, const float *prior, const net_call *calls, unsigned *tickets);\n"
	      "extern \"C\" int device(int k, unsigned char *arena, const float *prior, const net_call *calls, unsigned *tickets)\n{\n"
	      "\tnet_queue q = {};\n\n\tq.tickets = tickets;\n\tswitch (k) {\n",
	      f);
	for (int k = 0; k < NCASES; k++)
		fprintf(f,
		        "\tcase %d:\n\t\tdetect_%d(&q, net_at<float>(arena, 0), net_at<float>(arena, %d), prior, arena + %d, "
		        "calls);\n\t\tbreak;\n",
		        k, k, SCORE_AT, SCRATCH_AT);
	fputs("\tdefault:\n\t\treturn 1;\n\t}\n\treturn (int)q.status;\n}\n", f);
	fclose(f);
}

static int setup(void **state)
{
	if (work_begin(state))
		return -1;
	print_reference();
	print_device();
	void *r, *d;
	load_libraries(&r, &d);
	union { /* ISO C has no cast from data to function pointers */
		void *data;
		Device *function;
	} u = {dlsym(d, "device")};
	reference = dlsym(r, "reference");
	device = u.function;
	assert_true(reference && device);
	return 0;
}

/* ---- comparisons ---- */

static float *loc_of(int image)
{
	return (float *)(void *)(arena + (size_t)image * ARENA);
}

static float *score_of(int image)
{
	return (float *)(void *)(arena + (size_t)image * ARENA + SCORE_AT);
}

static void make_input(int k, double spread)
{
	const Case *c = &cases[k];
	const DetectShape s = {c->boxes, c->d.classes, c->d.background, c->d.softmax, c->d.variance_encoded, c->d.per_class};
	assert_true(4 * s.boxes * s.classes <= SCRATCH_AT - SCORE_AT && 16 * s.boxes * (s.per_class ? s.classes : 1) <= SCORE_AT);
	for (int i = 0; i < IMAGES; i++)
		make_detect_input(&s, spread, loc_of(i), score_of(i), prior);
}

static float clip(float x, float most)
{
	x = x > 0.0f ? x : 0.0f;
	return x < most ? x : most;
}

static bool same(float a, float b)
{
	return a == b || (isnan(a) && isnan(b));
}

static void check_image(int k, int image, const Call *call)
{
	const int n = cases[k].d.top_k ? reference[k](loc_of(image), score_of(image), prior, reference_scratch, right, call->max) : 0;
	const Result *got = &result[image];
	if (got->count != n)
		fail_msg("case %d image %d: %d detections, not %d", k, image, got->count, n);
	for (int i = 0; i < n; i++) {
		const Detection *g = &got->detection[i], *r = &right[i];
		const float w = (float)call->width, h = (float)call->height;
		const bool c = call->clip;
		if (!same(g->x0, c ? clip(r->x0 * w, w) : r->x0) || !same(g->y0, c ? clip(r->y0 * h, h) : r->y0) ||
		    !same(g->x1, c ? clip(r->x1 * w, w) : r->x1) || !same(g->y1, c ? clip(r->y1 * h, h) : r->y1) ||
		    !same(g->score, r->score) || g->label != r->label)
			fail_msg("case %d image %d of %d detections number %d: label %d score %a box %g %g %g %g, not %d %a %g %g %g %g", k,
			         image, n, i, g->label, (double)g->score, (double)g->x0, (double)g->y0, (double)g->x1, (double)g->y1,
			         r->label, (double)r->score, (double)r->x0, (double)r->y0, (double)r->x1, (double)r->y1);
	}
	if (memcmp(&got->detection[n], untouched.detection, sizeof right - (size_t)n * sizeof *right))
		fail_msg("case %d image %d: something is behind the detections", k, image);
}

/* The last image may be one that nobody asked for. */
static void compare(int k, int max, bool clip_boxes, bool absent)
{
	unsigned tickets[2 * IMAGES + 1] = {0};
	Call call[IMAGES] = {{0}};
	tickets[2 * IMAGES] = 77;
	memset(result, 0xee, sizeof result);
	memset(&untouched, 0xee, sizeof untouched);
	for (int i = 0; i < IMAGES - absent; i++)
		call[i] =
		    (Call){.out = &result[i], .width = 640 + i, .height = 480 - i, .max = max - (max > 3 ? i : 0), .clip = clip_boxes};
	for (int i = 0; i < IMAGES; i++)
		memset(arena + (size_t)i * ARENA + SCRATCH_AT, 0xff, ARENA - SCRATCH_AT);
	assert_int_equal(device(k, arena, prior, call, tickets), 0);
	for (int i = 0; i < 2 * IMAGES; i++)
		assert_int_equal(tickets[i], 0);
	assert_int_equal(tickets[2 * IMAGES], 77);
	for (int i = 0; i < IMAGES - absent; i++)
		check_image(k, i, &call[i]);
	for (int i = 0; i < IMAGES; i++) /* nothing behind the scratch */
		for (int64_t b = scratch_size[k]; b < scratch_size[k] + 256 && b < ARENA - SCRATCH_AT; b++)
			assert_int_equal(arena[(int64_t)i * ARENA + SCRATCH_AT + b], 0xff);
	assert_true(!absent || !memcmp(&result[IMAGES - 1], &untouched, sizeof untouched));
}

static bool is_large(int k)
{
	return cases[k].boxes * cases[k].d.classes > 7000;
}

static void test_random(void **state)
{
	(void)state;
	for (int k = 0; k < NCASES; k++)
		for (int round = 0; round < (is_large(k) ? 2 : 6); round++) {
			make_input(k, 3 * round + 0.5);
			compare(k, MOST_KEPT, false, false);
			if (round && is_large(k))
				continue;
			compare(k, 7, true, true);
			if (round)
				continue;
			compare(k, 1, true, false);
			compare(k, 0, false, true);
			compare(k, -3, false, false);
		}
}

/* Blocks and threads in other orders: the same bits. */
static void test_orders(void **state)
{
	(void)state;
	static const char *const orders[] = {"1", "12346"};
	for (int o = 0; o < 2; o++) {
		setenv("DSSDC_SHIM_ORDER", orders[o], 1);
		for (int k = 0; k < NCASES; k++) {
			make_input(k, 2);
			compare(k, MOST_KEPT, true, false);
		}
	}
	unsetenv("DSSDC_SHIM_ORDER");
}

/* Scores in few steps: almost all are equal to others, or all are. */
static void test_ties(void **state)
{
	(void)state;
	for (int k = 0; k < NCASES; k++)
		for (int steps = 8; steps >= 0; steps -= 4) {
			make_input(k, 1);
			for (int i = 0; i < IMAGES; i++)
				for (int j = 0; j < cases[k].boxes * cases[k].d.classes; j++)
					score_of(i)[j] = steps ? floorf(score_of(i)[j] * (float)steps) / (float)steps : 0.75f;
			compare(k, MOST_KEPT, false, false);
			if (!is_large(k))
				compare(k, 11, false, false);
		}
}

/* Scores at the threshold and next to it, above 1, below 0. */
static void test_threshold(void **state)
{
	(void)state;
	for (int k = 0; k < NCASES; k++) {
		const float t = (float)cases[k].d.threshold;
		const float edge[] = {t, nextafterf(t, 10), nextafterf(t, -10), 1, nextafterf(1, 2), 1e30f, -1e30f, -0.0f, 0, 1e-40f};
		make_input(k, 1);
		for (int i = 0; i < IMAGES; i++)
			for (int j = 0; j < cases[k].boxes * cases[k].d.classes; j++)
				if (uniform() < 0.4 * i)
					score_of(i)[j] = edge[(int)(uniform() * 10)];
		compare(k, MOST_KEPT, false, false);
	}
}

static void test_broken_numbers(void **state)
{
	(void)state;
	static const float bad[] = {NAN, INFINITY, -INFINITY, 3e38f, -3e38f, 1e-40f};
	for (int k = 0; k < NCASES; k++)
		for (int round = 0; round < 2; round++) {
			const Case *c = &cases[k];
			make_input(k, 4);
			for (int i = 0; i < IMAGES; i++)
				for (int j = 0; j < (i + 1) * (round ? c->boxes : 40); j++) {
					loc_of(i)[(int)(uniform() * 4 * c->boxes)] = bad[(int)(uniform() * 6)];
					score_of(i)[(int)(uniform() * c->d.classes * c->boxes)] = bad[(int)(uniform() * 6)];
				}
			compare(k, MOST_KEPT, round, false);
		}
}

static void test_all_nan(void **state)
{
	(void)state;
	for (int k = 0; k < NCASES; k++) {
		make_input(k, 4);
		for (int j = 0; j < cases[k].boxes * cases[k].d.classes; j++)
			score_of(0)[j] = NAN;
		for (int j = 0; j < 4 * cases[k].boxes; j++)
			loc_of(1)[j] = NAN;
		compare(k, MOST_KEPT, true, false);
		assert_int_equal(result[0].count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random),    cmocka_unit_test(test_orders),  cmocka_unit_test(test_ties),
	    cmocka_unit_test(test_threshold), cmocka_unit_test(test_all_nan), cmocka_unit_test(test_broken_numbers),
	};
	return cmocka_run_group_tests(tests, setup, work_end);
}
