/* test_detect.c -- default boxes against the tables of dssd.md 4.2, and the detection rules one by one. */
#include "ir/ir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

static Graph *parse_lines(Arena *a, const char *lines)
{
	Diag d = {.out = stderr};
	const char *text = arena_printf(a, "dssdc.ir 1\ngraph \"test\"\n%s", lines);
	Graph *g = graph_parse("test", text, strlen(text), NULL, &d);
	assert_non_null(g);
	graph_check(g);
	return g;
}

static void check_numbers(const double *found, const double *wanted, int count)
{
	for (int i = 0; i < count; i++)
		if (!(fabs(found[i] - wanted[i]) <= 1e-12))
			fail_msg("element %d is %.17g, not %.17g", i, found[i], wanted[i]);
}

/* ---- default boxes ---- */

typedef struct Level {
	int map;
	double min, max, step, start;
} Level;

/* Every box of a level, made from the rules of dssd.md 4.1; returns how many. */
static int64_t check_level(int image, Level l, const char *ratios, const double *ratio, int nratio)
{
	Arena *a = arena_new();
	Graph *g = parse_lines(a, arena_printf(a,
	                                       "input %%1 : f32[1,1,%d,%d]\n%%2 = prior \"p\" %%1 min=%.17g max=%.17g ratio=%s flip=1 "
	                                       "truncate_sizes=1 image=%d,%d step=%.17g,%.17g start=%.17g,%.17g "
	                                       "variance=0.1,0.1,0.2,0.2\noutput %%2\n",
	                                       l.map, l.map, l.min, l.max, ratios, image, image, l.step, l.step, l.start, l.start));
	double *map = arena_new_array(a, double, l.map *l.map);
	Tensor out;
	eval_graph(g, (const double *const[]){map}, &out, NULL, NULL, a);
	int per_cell = 2 + 2 * nratio;
	int64_t count = (int64_t)l.map * l.map * per_cell;
	assert_int_equal(out.type.dim[2], 4 * count);
	for (int64_t i = 0; i < count; i++) {
		int p = (int)(i % per_cell);
		double x = l.start + l.step * (double)(i / per_cell % l.map), y = l.start + l.step * (double)(i / per_cell / l.map);
		double side = p == 1 ? sqrt(floor(l.min) * floor(l.max)) : floor(l.min);
		double r = p < 2 ? 1 : p % 2 ? 1 / ratio[p / 2 - 1] : ratio[p / 2 - 1];
		double w = side * sqrt(r), h = side / sqrt(r);
		double box[4] = {(x - w / 2) / image, (y - h / 2) / image, (x + w / 2) / image, (y + h / 2) / image};
		check_numbers(out.data + 4 * i, box, 4);
		check_numbers(out.data + 4 * (count + i), (double[]){0.1, 0.1, 0.2, 0.2}, 4);
	}
	graph_free(g);
	arena_free(a);
	return count;
}

static void test_prior_tables(void **state)
{
	static const Level ssd321[] = {{40, 32.1, 64.2, 8, 2.5},      {20, 64.2, 121.98, 16, 2.5},   {10, 121.98, 179.76, 32, 10.5},
	                               {5, 179.76, 237.54, 64, 26.5}, {3, 237.54, 295.32, 64, 90.5}, {1, 295.32, 353.1, 321, 160.5}};
	static const Level ssd300[] = {{38, 30, 60, 8, 4},    {19, 60, 111, 16, 8},   {10, 111, 162, 32, 16},
	                               {5, 162, 213, 64, 32}, {3, 213, 264, 100, 50}, {1, 264, 315, 300, 150}};
	int64_t total = 0;
	(void)state;
	for (int i = 0; i < 6; i++)
		total += check_level(321, ssd321[i], "1.6,2,3", (double[]){1.6, 2, 3}, 3);
	assert_int_equal(total, 17080);
	total = 0;
	for (int i = 0; i < 6; i++) {
		bool two = i >= 1 && i <= 3;
		total += check_level(300, ssd300[i], two ? "2,3" : "2", (double[]){2, 3}, two ? 2 : 1);
	}
	assert_int_equal(total, 8732);
}

static void check_prior(const char *attributes, int64_t count, const double *wanted)
{
	Arena *a = arena_new();
	Graph *g = parse_lines(a, arena_printf(a, "input %%1 : f32[1,1,1,1]\n%%2 = prior \"p\" %%1 %s\noutput %%2\n", attributes));
	Tensor out;
	eval_graph(g, (const double *const[]){(double[]){0}}, &out, NULL, NULL, a);
	assert_int_equal(out.type.dim[2], count);
	check_numbers(out.data, wanted, (int)count);
	graph_free(g);
	arena_free(a);
}

static void test_prior_switches(void **state)
{
	(void)state;
	/* sizes stay fractions; no ratio is added; height and width differ; two min sizes; clip */
	check_prior("min=2.5 image=20,10 step=1,1 start=5,4", 4, (double[]){0.275, 0.1875, 0.525, 0.3125});
	check_prior("min=4 ratio=4 image=10,10 step=1,1 start=5,5", 8, (double[]){0.3, 0.3, 0.7, 0.7, 0.1, 0.4, 0.9, 0.6});
	check_prior("min=2,8 max=8,2 image=10,10 step=1,1 start=5,5", 16,
	            (double[]){0.4, 0.4, 0.6, 0.6, 0.3, 0.3, 0.7, 0.7, 0.1, 0.1, 0.9, 0.9, 0.3, 0.3, 0.7, 0.7});
	check_prior("min=8 clip=1 image=10,10 step=1,1 start=2,9", 4, (double[]){0.5, 0, 1, 0.6});
}

/* ---- detection ---- */

typedef struct Row {
	double v[6];
} Row;

/* Four boxes, 0.1 variances; loc and scores as given; the rows that come out. */
static void check_detect(const char *attributes, int boxes, int classes, const double *loc, const double *scores, const double *priors,
                         const Row *wanted, int count)
{
	Arena *a = arena_new();
	Graph *g = parse_lines(a, arena_printf(a,
	                                       "input %%1 : f32[1,%d]\ninput %%2 : f32[1,%d]\ninput %%3 : f32[1,2,%d]\n"
	                                       "%%4 = detect \"d\" %%1 %%2 %%3 classes=%d %s\noutput %%4\n",
	                                       4 * boxes, boxes * classes, 4 * boxes, classes, attributes));
	double *both = arena_new_array(a, double, 8 * boxes);
	memcpy(both, priors, sizeof *both * 4 * (size_t)boxes);
	for (int i = 0; i < 4 * boxes; i++)
		both[4 * boxes + i] = i % 4 < 2 ? 0.1 : 0.2;
	Tensor out;
	eval_graph(g, (const double *const[]){loc, scores, both}, &out, NULL, NULL, a);
	for (int i = 0; i < out.type.dim[0]; i++)
		check_numbers(out.data + 6 * i, i < count ? wanted[i].v : (double[]){-1, 0, 0, 0, 0, 0}, 6);
	assert_true(count <= out.type.dim[0]);
	graph_free(g);
	arena_free(a);
}

static void test_codes(void **state)
{
	static const double prior[4] = {0.2, 0.4, 0.6, 0.6}, loc[4] = {1, -1, 2, -2}, score[2] = {0.1, 0.9};
	double w = 0.4 * exp(0.4), h = 0.2 * exp(-0.4);
	(void)state;
	check_detect("nms=0.5 keep_top_k=2", 1, 2, loc, score, prior,
	             &(Row){{1, 0.9, 0.44 - w / 2, 0.48 - h / 2, 0.44 + w / 2, 0.48 + h / 2}}, 1);
	check_detect("code=corner nms=0.5 keep_top_k=2", 1, 2, loc, score, prior, &(Row){{1, 0.9, 0.3, 0.3, 1, 0.2}}, 1);
	check_detect("code=corner_size nms=0.5 keep_top_k=2", 1, 2, loc, score, prior, &(Row){{1, 0.9, 0.24, 0.38, 0.76, 0.52}}, 1);
	check_detect("code=corner variance_encoded=1 nms=0.5 keep_top_k=1", 1, 2, loc, score, prior, &(Row){{1, 0.9, 1.2, -0.6, 2.6, -1.4}},
	             1);
	check_detect("variance_encoded=1 nms=0.5 keep_top_k=1", 1, 2, (double[]){0.5, 0.5, 0, 0}, score, prior,
	             &(Row){{1, 0.9, 0.4, 0.5, 0.8, 0.7}}, 1);
}

/* Boxes of width 1, at these left edges: IoU of a shift by s is (1 - s) / (1 + s). */
static const double shifted[16] = {0, 0, 1, 1, 0.25, 0, 1.25, 1, 0.5, 0, 1.5, 1, 5, 0, 6, 1};
static const double still[16] = {0};

static void test_threshold_and_ties(void **state)
{
	/* 0.5 is not above 0.5; equal scores: class, then box; background 1 is not reported, class 0 is */
	static const double scores[12] = {0.5, 0.9, 0.7, 0.7, 0.9, 0.1, 0.7, 0, 0, 0.8, 0, 0.7};
	static const Row wanted[] = {{{0, 0.8, 5, 0, 6, 1}},
	                             {{0, 0.7, 0.25, 0, 1.25, 1}},
	                             {{0, 0.7, 0.5, 0, 1.5, 1}},
	                             {{2, 0.7, 0, 0, 1, 1}},
	                             {{2, 0.7, 5, 0, 6, 1}}};
	(void)state;
	check_detect("background=1 threshold=0.5 nms=1 keep_top_k=6", 4, 3, still, scores, shifted, wanted, 5);
	check_detect("background=1 threshold=0.5 nms=1 keep_top_k=4", 4, 3, still, scores, shifted, wanted, 4);
	check_detect("background=1 threshold=0.5 nms=1 top_k=1 keep_top_k=4", 4, 3, still, scores, shifted, (Row[]){wanted[0], wanted[3]},
	             2);
	check_detect("background=1 threshold=0.5 nms=1 top_k=0 keep_top_k=4", 4, 3, still, scores, shifted, NULL, 0);
	check_detect("background=-1 threshold=0.85 nms=1 keep_top_k=4", 4, 3, still, scores, shifted,
	             (Row[]){{{1, 0.9, 0, 0, 1, 1}}, {{1, 0.9, 0.25, 0, 1.25, 1}}}, 2);
	check_detect("threshold=2 nms=1 keep_top_k=4", 4, 3, still, scores, shifted, NULL, 0);
}

static void test_suppression(void **state)
{
	/* box 1 overlaps box 0 by 0.6, box 2 box 1 by 0.6 and box 0 by 1/3 */
	static const double scores[8] = {0, 0.9, 0, 0.8, 0, 0.7, 0, 0.6};
	static const Row rows[] = {
	    {{1, 0.9, 0, 0, 1, 1}}, {{1, 0.8, 0.25, 0, 1.25, 1}}, {{1, 0.7, 0.5, 0, 1.5, 1}}, {{1, 0.6, 5, 0, 6, 1}}};
	(void)state;
	check_detect("nms=0.5 keep_top_k=4", 4, 2, still, scores, shifted, (Row[]){rows[0], rows[2], rows[3]}, 3);
	check_detect("nms=0.3 keep_top_k=4", 4, 2, still, scores, shifted, (Row[]){rows[0], rows[3]}, 2);
	check_detect("nms=0.61 keep_top_k=4", 4, 2, still, scores, shifted, rows, 4);
	check_detect("nms=0 keep_top_k=4", 4, 2, still, scores, shifted, (Row[]){rows[0], rows[3]}, 2);
	/* the limit falls after each kept box while it is above 0.5: 0.61, then 0.488, then no more */
	check_detect("nms=0.61 eta=0.8 keep_top_k=4", 4, 2, still, scores, shifted, (Row[]){rows[0], rows[2], rows[3]}, 3);
	/* top_k comes before suppression, keep_top_k after */
	check_detect("nms=0.5 top_k=2 keep_top_k=4", 4, 2, still, scores, shifted, rows, 1);
	check_detect("nms=0.5 keep_top_k=2", 4, 2, still, scores, shifted, (Row[]){rows[0], rows[2]}, 2);
	/* what a class keeps is counted after suppression */
	check_detect("nms=0.5 keep_per_class=2 keep_top_k=4", 4, 2, still, scores, shifted, (Row[]){rows[0], rows[2]}, 2);
	check_detect("nms=1 keep_per_class=1 keep_top_k=4", 4, 2, still, scores, shifted, rows, 1);
	check_detect("nms=0.5 keep_per_class=5 keep_top_k=4", 4, 2, still, scores, shifted, (Row[]){rows[0], rows[2], rows[3]}, 3);
}

/* Boxes of two classes in one list: 1 is of class 2 and falls to box 0 of class 1. */
static void test_agnostic(void **state)
{
	static const double scores[12] = {0.95, 0.9, 0.2, 0.1, 0.7, 0.8, 0, 0.7, 0.7, 0, 0.1, 0.6};
	static const Row rows[] = {
	    {{1, 0.9, 0, 0, 1, 1}}, {{2, 0.8, 0.25, 0, 1.25, 1}}, {{1, 0.7, 0.5, 0, 1.5, 1}}, {{2, 0.6, 5, 0, 6, 1}}};
	(void)state;
	check_detect("agnostic=1 nms=0.5 keep_top_k=5", 4, 3, still, scores, shifted, (Row[]){rows[0], rows[2], rows[3]}, 3);
	check_detect("agnostic=1 nms=1 keep_top_k=5", 4, 3, still, scores, shifted, rows, 4);
	check_detect("agnostic=1 nms=1 top_k=3 threshold=0.75 keep_top_k=5", 4, 3, still, scores, shifted, rows, 2);
}

/* One default box, three classes with boxes of their own, corners. */
static void test_per_class(void **state)
{
	static const double prior[4] = {0, 0, 1, 1}, loc[12] = {9, 9, 9, 9, 1, 2, 3, 4, 5, 6, 7, 8}, scores[3] = {0.1, 0.3, 0.6};
	Arena *a = arena_new();
	Graph *g = parse_lines(a, "input %1 : f32[1,12]\ninput %2 : f32[1,3]\ninput %3 : f32[1,2,4]\n"
	                          "%4 = detect \"d\" %1 %2 %3 classes=3 code=corner variance_encoded=1 per_class=1 nms=0.5 "
	                          "keep_top_k=2\noutput %4\n");
	double both[8] = {0};
	Tensor out;
	(void)state;
	memcpy(both, prior, sizeof prior);
	eval_graph(g, (const double *const[]){loc, scores, both}, &out, NULL, NULL, a);
	check_numbers(out.data, (double[]){2, 0.6, 5, 6, 8, 9, 1, 0.3, 1, 2, 4, 5}, 12);
	graph_free(g);
	arena_free(a);
}

/* Empty, inside-out and endless boxes meet nothing, and nothing breaks. NaN scores are not above the threshold. */
static void test_odd_boxes(void **state)
{
	static const double prior[16] = {0, 0, 0, 0, 1, 1, 0, 0, -INFINITY, 0, INFINITY, 1, 0, 0, 1, 1};
	static const double scores[8] = {0, 0.9, 0, 0.8, 0, NAN, 0, 0.6};
	(void)state;
	check_detect("code=corner nms=0.5 keep_top_k=4", 4, 2, still, scores, prior,
	             (Row[]){{{1, 0.9, 0, 0, 0, 0}}, {{1, 0.8, 1, 1, 0, 0}}, {{1, 0.6, 0, 0, 1, 1}}}, 3);
}

/* Offsets that are no numbers, or too large for a float, make no box, whatever the code; nor do they suppress others, but
 * they count among the top_k. */
static void test_no_box(void **state)
{
	static const char *const codes[] = {"corner", "center_size", "corner_size"};
	static const double prior[16] = {0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 5, 5, 6, 6};
	static const double scores[8] = {0, 0.9, 0, 0.8, 0, 0.7, 0, 0.6}, bad[] = {NAN, INFINITY, -INFINITY, 1e39, -1e39};
	static const Row rows[] = {{{1, 0.8, 0, 0, 1, 1}}, {{1, 0.6, 5, 5, 6, 6}}};
	(void)state;
	for (int code = 0; code < 3; code++)
		for (int i = 0; i < 5; i++)
			for (int k = 0; k < 4; k++) {
				char options[100];
				double loc[16] = {0};
				if (code == 1 && k > 1 && bad[i] < 0)
					continue; /* exp() gives 0 */
				loc[k] = bad[i];
				snprintf(options, sizeof options, "code=%s variance_encoded=1 nms=0.5 keep_top_k=4", codes[code]);
				check_detect(options, 4, 2, loc, scores, prior, rows, 2);
				snprintf(options, sizeof options, "code=%s variance_encoded=1 nms=0.5 top_k=2 keep_top_k=4", codes[code]);
				check_detect(options, 4, 2, loc, scores, prior, rows, 1);
				snprintf(options, sizeof options, "code=%s variance_encoded=1 agnostic=1 nms=0.5 keep_top_k=4",
				         codes[code]);
				check_detect(options, 4, 2, loc, scores, prior, rows, 2);
			}
}

/* loc and priors with y before x, results as ever. */
static void test_y_first(void **state)
{
	static const double prior[4] = {0.1, 0.2, 0.3, 0.8}, turned[4] = {0.2, 0.1, 0.8, 0.3};
	static const double loc[4] = {0.01, 0.02, 0.03, 0.04}, other[4] = {0.02, 0.01, 0.04, 0.03}, score[2] = {0.1, 0.9};
	(void)state;
	check_detect("code=corner variance_encoded=1 nms=0.5 keep_top_k=1", 1, 2, loc, score, prior,
	             &(Row){{1, 0.9, 0.11, 0.22, 0.33, 0.84}}, 1);
	check_detect("code=corner variance_encoded=1 y_first=1 nms=0.5 keep_top_k=1", 1, 2, other, score, turned,
	             &(Row){{1, 0.9, 0.11, 0.22, 0.33, 0.84}}, 1);
	check_detect("variance_encoded=1 y_first=1 nms=0.5 keep_top_k=1", 1, 2, (double[]){0.5, 0.25, 0, 0}, score, turned,
	             &(Row){{1, 0.9, 0.15, 0.5, 0.35, 1.1}}, 1);
}

static void test_softmax_inside(void **state)
{
	static const double logits[4] = {1000, 1001, 3, 3};
	static const double prior[8] = {0, 0, 1, 1, 2, 2, 3, 3};
	(void)state;
	check_detect("softmax=1 nms=0.5 keep_top_k=2", 2, 2, still, logits, prior,
	             (Row[]){{{1, 1 / (1 + exp(-1)), 0, 0, 1, 1}}, {{1, 0.5, 2, 2, 3, 3}}}, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_prior_tables),   cmocka_unit_test(test_prior_switches),
	    cmocka_unit_test(test_codes),          cmocka_unit_test(test_threshold_and_ties),
	    cmocka_unit_test(test_suppression),    cmocka_unit_test(test_odd_boxes),
	    cmocka_unit_test(test_softmax_inside), cmocka_unit_test(test_agnostic),
	    cmocka_unit_test(test_per_class),      cmocka_unit_test(test_no_box),
	    cmocka_unit_test(test_y_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
