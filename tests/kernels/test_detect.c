/* test_detect.c -- the template of op detect, bound to eight sets of parameters, against a plain implementation in
 * double: random inputs, equal scores, room for few, NaN and infinities. --bench prints times. */
#include "codegen/kernels/c/functions.c"
#include "tests/kernels/detect_input.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* SSD300's own numbers, on logits. */
#define KERNEL detect_ssd
#define BOXES 8732
#define CLASSES 21
#define BACKGROUND 0
#define TOP_K 400
#define KEEP_TOP_K 200
#define SOFTMAX 1
#define PER_CLASS 0
#define AGNOSTIC 0
#define LISTS CLASSES
#define CODE 2
#define VARIANCE_ENCODED 0
#define Y_FIRST 0
#define ADAPTIVE 0
#define THRESHOLD 0.01f
#define CUT -4.6062f
#define NMS 0.45f
#define ETA 1.0f
#include "codegen/kernels/c/detect.c"
enum { SSD_SCRATCH = 2 * CLASSES * TOP_K + CLASSES + 4 * TOP_K + 2 * KEEP_TOP_K };
#undef KERNEL
#undef BOXES
#undef CLASSES
#undef BACKGROUND
#undef TOP_K
#undef KEEP_TOP_K
#undef SOFTMAX
#undef CODE
#undef CUT
#undef NMS
#undef ETA

/* Few places, so that every heap is full; adaptive threshold; scores as they are. */
#define KERNEL detect_tight
#define BOXES 500
#define CLASSES 4
#define BACKGROUND 0
#define TOP_K 20
#define KEEP_TOP_K 30
#define SOFTMAX 0
#define CODE 2
#define CUT -3e38f
#define NMS 0.6f
#define ETA 0.9f
#undef ADAPTIVE
#define ADAPTIVE 1
#include "codegen/kernels/c/detect.c"
#undef KERNEL
#undef CODE
#undef ETA

/* Corner code, no background, everything kept. */
#define KERNEL detect_corner
#undef BACKGROUND
#undef TOP_K
#undef KEEP_TOP_K
#define BACKGROUND -1
#define TOP_K 500
#define KEEP_TOP_K 2000
#define CODE 1
#define ETA 1.0f
#undef ADAPTIVE
#define ADAPTIVE 0
#include "codegen/kernels/c/detect.c"
#undef KERNEL
#undef CODE
#undef SOFTMAX
#undef VARIANCE_ENCODED

/* Corner size code, variances already in, logits without a background. */
#define KERNEL detect_corner_size
#define CODE 3
#define SOFTMAX 1
#define VARIANCE_ENCODED 1
#undef CUT
#define CUT -4.6062f
#include "codegen/kernels/c/detect.c"
#undef KERNEL
#undef BACKGROUND

/* The background is the last class. */
#define KERNEL detect_last
#define BACKGROUND 3
#include "codegen/kernels/c/detect.c"
#undef KERNEL
#undef AGNOSTIC
#undef LISTS
#undef TOP_K

/* One list for all classes. */
#define KERNEL detect_agnostic
#define AGNOSTIC 1
#define LISTS 1
#define TOP_K 50
#include "codegen/kernels/c/detect.c"
#undef KERNEL
#undef AGNOSTIC
#undef LISTS
#undef PER_CLASS

/* Each class has its own boxes. */
#define KERNEL detect_per_class
#define AGNOSTIC 0
#define LISTS CLASSES
#define PER_CLASS 1
#include "codegen/kernels/c/detect.c"
#undef KERNEL
#undef PER_CLASS
#undef CODE
#undef Y_FIRST

/* y before x. */
#define KERNEL detect_y_first
#define PER_CLASS 0
#define CODE 2
#define Y_FIRST 1
#include "codegen/kernels/c/detect.c"

typedef struct {
	int (*kernel)(const float *, const float *, const float *, float *, net_detection *, int);
	int boxes, classes, background, top_k, keep, softmax, code, encoded;
	double threshold, nms, eta;
	int agnostic, per_class, y_first;
} Case;

static const Case cases[] = {
    {detect_ssd, 8732, 21, 0, 400, 200, 1, 2, 0, 0.01f, 0.45f, 1, 0, 0, 0},
    {detect_tight, 500, 4, 0, 20, 30, 0, 2, 0, 0.01f, 0.6f, 0.9f, 0, 0, 0},
    {detect_corner, 500, 4, -1, 500, 2000, 0, 1, 0, 0.01f, 0.6f, 1, 0, 0, 0},
    {detect_corner_size, 500, 4, -1, 500, 2000, 1, 3, 1, 0.01f, 0.6f, 1, 0, 0, 0},
    {detect_last, 500, 4, 3, 500, 2000, 1, 3, 1, 0.01f, 0.6f, 1, 0, 0, 0},
    {detect_agnostic, 500, 4, 3, 50, 2000, 1, 3, 1, 0.01f, 0.6f, 1, 1, 0, 0},
    {detect_per_class, 500, 4, 3, 50, 2000, 1, 3, 1, 0.01f, 0.6f, 1, 0, 1, 0},
    {detect_y_first, 500, 4, 3, 50, 2000, 1, 2, 1, 0.01f, 0.6f, 1, 0, 0, 1},
};
enum { NCASES = sizeof cases / sizeof *cases, MOST = 8732, MOST_KEPT = 2000 };

static float loc[4 * MOST], score[21 * MOST], prior[8 * MOST], scratch[SSD_SCRATCH];
static net_detection out[MOST_KEPT];

static void make_input(const Case *c, double spread)
{
	const DetectShape shape = {c->boxes, c->classes, c->background, c->softmax, c->encoded, c->per_class};
	make_detect_input(&shape, spread, loc, score, prior);
}

/* ---- the plain implementation ---------------------------------------------------------------------------------- */

typedef struct {
	double box[4], score;
	int label, prior;
} Found;

static Found found[21 * MOST], kept[21 * MOST];

static int by_score(const void *pa, const void *pb)
{
	const Found *a = pa, *b = pb;
	if (a->score > b->score || a->score < b->score)
		return a->score > b->score ? -1 : 1;
	return a->label != b->label ? a->label - b->label : a->prior - b->prior;
}

static double probability(const Case *c, int i, int k)
{
	const float *row = score + i * c->classes;
	double top = (double)row[0], sum = 0;
	if (!c->softmax)
		return (double)row[k];
	for (int j = 1; j < c->classes; j++)
		top = (double)row[j] > top ? (double)row[j] : top;
	for (int j = 0; j < c->classes; j++)
		sum += exp((double)row[j] - top);
	return exp((double)row[k] - top) / sum;
}

static void decode(const Case *c, int i, int label, double *b)
{
	int own = c->per_class ? i * c->classes + label : i;
	double p[4], v[4], w, h;
	for (int k = 0; k < 4; k++) {
		p[k] = (double)prior[4 * i + k];
		v[k] = (double)loc[4 * own + k] * (c->encoded ? 1 : (double)prior[4 * (c->boxes + i) + k]);
	}
	w = p[2] - p[0];
	h = p[3] - p[1];
	for (int k = 0; k < 4; k++)
		b[k] = p[k] + v[k] * (c->code == 1 ? 1 : k % 2 ? h : w);
	if (c->code == 2) {
		double x = (p[0] + p[2]) / 2 + v[0] * w, y = (p[1] + p[3]) / 2 + v[1] * h;
		b[0] = x - w * exp(v[2]) / 2;
		b[1] = y - h * exp(v[3]) / 2;
		b[2] = x + w * exp(v[2]) / 2;
		b[3] = y + h * exp(v[3]) / 2;
	}
}

static double size(const double *b)
{
	return b[2] < b[0] || b[3] < b[1] ? 0 : (b[2] - b[0]) * (b[3] - b[1]);
}

static double iou(const double *a, const double *b)
{
	double w = fmin(a[2], b[2]) - fmax(a[0], b[0]), h = fmin(a[3], b[3]) - fmax(a[1], b[1]);
	return w > 0 && h > 0 ? w * h / (size(a) + size(b) - w * h) : 0;
}

static int strongest(const Case *c, int i)
{
	int best = -1;
	for (int k = 0; k < c->classes; k++)
		if (k != c->background && (best < 0 || score[i * c->classes + k] > score[i * c->classes + best]))
			best = k;
	return best;
}

static int plain_detect(const Case *c)
{
	int nkept = 0;
	for (int list = 0; list < (c->agnostic ? 1 : c->classes); list++) {
		int n = 0, first = nkept;
		double limit = c->nms;
		if (list == c->background)
			continue;
		for (int i = 0; i < c->boxes; i++) {
			int label = c->agnostic ? strongest(c, i) : list;
			double p = probability(c, i, label);
			if (!(p > c->threshold))
				continue;
			found[n] = (Found){{0}, p, label, i};
			decode(c, i, label, found[n++].box);
		}
		qsort(found, (size_t)n, sizeof *found, by_score);
		for (int k = 0; k < n && k < c->top_k; k++) {
			int keep = 1;
			for (int j = 0; j < 4; j++)
				keep = keep && isfinite((float)found[k].box[j]);
			for (int j = first; j < nkept; j++)
				keep = keep && iou(kept[j].box, found[k].box) <= limit;
			if (!keep)
				continue;
			kept[nkept++] = found[k];
			if (c->eta < 1 && limit > 0.5)
				limit *= c->eta;
		}
	}
	qsort(kept, (size_t)nkept, sizeof *kept, by_score);
	return nkept < c->keep ? nkept : c->keep;
}

/* ---- tests ----------------------------------------------------------------------------------------------------- */

static void compare(const Case *c, int max)
{
	int n = plain_detect(c);
	n = n < max ? n : max;
	memset(out, 0xff, sizeof out);
	int got = c->kernel(loc, score, prior, scratch, out, max);
	assert_int_equal(got, n);
	for (int i = 0; i < n; i++) {
		const int y = c->y_first;
		const double right[4] = {kept[i].box[y], kept[i].box[1 - y], kept[i].box[2 + y], kept[i].box[3 - y]};
		assert_int_equal(out[i].label, kept[i].label);
		assert_true(fabs((double)out[i].score - kept[i].score) < 1e-6);
		assert_true(fabs((double)out[i].x0 - right[0]) < 1e-5 && fabs((double)out[i].y0 - right[1]) < 1e-5);
		assert_true(fabs((double)out[i].x1 - right[2]) < 1e-5 && fabs((double)out[i].y1 - right[3]) < 1e-5);
	}
	for (size_t i = (size_t)n * sizeof *out; i < sizeof out; i++) /* nothing behind */
		assert_int_equal(((unsigned char *)out)[i], 0xff);
}

static void test_random(void **state)
{
	(void)state;
	for (int k = 0; k < NCASES; k++)
		for (int round = 0; round < 12; round++) {
			make_input(&cases[k], round + 0.5);
			compare(&cases[k], MOST_KEPT);
			compare(&cases[k], 7);
			compare(&cases[k], 1);
			compare(&cases[k], 0);
		}
	assert_int_equal(detect_ssd(loc, score, prior, scratch, out, -3), 0);
}

/* Scores in steps of 1/8: almost all are equal to others. */
static void test_ties(void **state)
{
	(void)state;
	for (int k = 1; k < 3; k++)
		for (int round = 0; round < 20; round++) {
			make_input(&cases[k], 1);
			for (int i = 0; i < cases[k].boxes * cases[k].classes; i++)
				score[i] = floorf(score[i] * 8) / 8;
			compare(&cases[k], MOST_KEPT);
			compare(&cases[k], 11);
		}
}

static void test_threshold(void **state)
{
	(void)state;
	const Case *c = &cases[1];
	make_input(c, 1);
	for (int i = 0; i < c->boxes * c->classes; i++)
		score[i] = 0.01f; /* not above */
	assert_int_equal(c->kernel(loc, score, prior, scratch, out, MOST_KEPT), 0);
	score[4 * 77 + 2] = nextafterf(0.01f, 1);
	assert_int_equal(c->kernel(loc, score, prior, scratch, out, MOST_KEPT), 1);
	assert_int_equal(out[0].label, 2);
}

/* Logits above 88 and rows that are skipped without exp() give what the plain form gives. */
static void test_large_logits(void **state)
{
	(void)state;
	const Case *c = &cases[0];
	seed = 1; /* one in four seeds has two scores that are equal in float, in an order that only double knows */
	make_input(c, 6);
	for (int i = 0; i < c->boxes * c->classes; i++)
		score[i] = score[i] * 4 + 1000;
	compare(c, 200);
}

/* Logits in which a sum would lose the threshold's logarithm, and infinite ones, of classes and of the background. */
static void test_huge_logits(void **state)
{
	(void)state;
	static const float huge[] = {1e8f, 1e10f, 3e38f, INFINITY, -1e8f, -1e10f, -3e38f, -INFINITY};
	for (int k = 0; k < NCASES; k++) {
		const Case *c = &cases[k];
		for (int at = 0; c->softmax && at < c->classes; at += at < 3 ? 1 : 7)
			for (size_t h = 0; h < sizeof huge / sizeof *huge; h++) {
				make_input(c, 3);
				for (int i = 0; i < c->boxes; i += 13)
					score[i * c->classes + at] = huge[h];
				compare(c, c->keep);
			}
	}
}

/* Broken numbers: no rule but the promise of defined behaviour, sane labels and falling scores. */
static void test_broken_numbers(void **state)
{
	(void)state;
	static const float bad[] = {NAN, INFINITY, -INFINITY, 3e38f, -3e38f, 1e-40f};
	for (int k = 0; k < NCASES; k++)
		for (int round = 0; round < 30; round++) {
			const Case *c = &cases[k];
			make_input(c, 4);
			for (int i = 0; i < 300; i++) {
				loc[(int)(uniform() * 4 * c->boxes)] = bad[(int)(uniform() * 6)];
				score[(int)(uniform() * c->classes * c->boxes)] = bad[(int)(uniform() * 6)];
			}
			int n = c->kernel(loc, score, prior, scratch, out, c->keep);
			assert_true(n >= 0 && n <= c->keep);
			for (int i = 0; i < n; i++) {
				assert_true(out[i].score > 0.01f);
				assert_true(!i || out[i].score <= out[i - 1].score);
				assert_true(out[i].label >= 0 && out[i].label < c->classes);
				assert_true(out[i].label != c->background);
			}
		}
}

/* Offsets and scores that are no numbers, infinite offsets: no box, as the plain form has it, and all others stay. */
static void test_no_box(void **state)
{
	(void)state;
	static const float bad[] = {NAN, INFINITY, -INFINITY};
	for (int k = 0; k < NCASES; k++)
		for (int round = 0; round < 12; round++) {
			const Case *c = &cases[k];
			make_input(c, round + 0.5);
			for (int i = 0; i < c->boxes; i++) {
				loc[(int)(uniform() * 4 * c->boxes)] = bad[(int)(uniform() * 3)];
				if (i % 9 == 0)
					score[(int)(uniform() * c->classes * c->boxes)] = NAN;
			}
			compare(c, MOST_KEPT);
			compare(c, 7);
		}
}

static void test_all_nan(void **state)
{
	(void)state;
	for (int k = 0; k < NCASES; k++) {
		const Case *c = &cases[k];
		make_input(c, 4);
		for (int i = 0; i < c->boxes * c->classes; i++)
			score[i] = NAN;
		assert_int_equal(c->kernel(loc, score, prior, scratch, out, c->keep), 0);
		make_input(c, 4);
		for (int i = 0; i < c->boxes * 4; i++)
			loc[i] = NAN;
		if (!c->per_class)
			assert_int_equal(c->kernel(loc, score, prior, scratch, out, c->keep), 0);
	}
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void bench(void)
{
	for (double spread = 24; spread > -1; spread -= 6) {
		double best = 1;
		int n = 0;
		make_input(&cases[0], spread);
		for (int i = 0; i < 30; i++) {
			double start = now();
			n = detect_ssd(loc, score, prior, scratch, out, 200);
			best = fmin(best, now() - start);
		}
		printf("detect 8732 x 21, background + %2.0f: %3d detections, %.3f ms\n", spread, n, 1e3 * best);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random),       cmocka_unit_test(test_ties),           cmocka_unit_test(test_threshold),
	    cmocka_unit_test(test_large_logits), cmocka_unit_test(test_broken_numbers), cmocka_unit_test(test_all_nan),
	    cmocka_unit_test(test_no_box),       cmocka_unit_test(test_huge_logits),
	};
	if (argc > 1 && !strcmp(argv[1], "--bench")) {
		bench();
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
