/* plan_sets.h -- judges of memory plans, for the quick test and the slow one: sets where the answer is known, greedy-by-size, cards.
 *
 * The judges (overlap, lower bound, greedy, the best of all plans) are written without the planner's code. */
#ifndef TESTS_PASSES_PLAN_SETS_H
#define TESTS_PASSES_PLAN_SETS_H

#include "codegen/codegen.h"
#include "import/import.h"
#include "passes/pass.h"
#include "passes/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <glob.h>
#include <string.h>
#include <time.h>

enum { MOST = 64 };

static uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

static bool live_together(const Interval *a, const Interval *b)
{
	return !(a->last < b->first || b->last < a->first);
}

static int64_t largest_live_set(const Interval *in, int n)
{
	int64_t most = 0;
	for (int step = 0; step < 200; step++) {
		int64_t sum = 0;
		for (int i = 0; i < n; i++)
			sum += in[i].first <= step && step <= in[i].last ? in[i].size : 0;
		most = sum > most ? sum : most;
	}
	return most;
}

static void check_plan(const Interval *in, int n, int64_t size)
{
	int64_t end = 0;
	for (int i = 0; i < n; i++) {
		assert_true(in[i].offset >= 0);
		end = in[i].offset + in[i].size > end ? in[i].offset + in[i].size : end;
		for (int k = 0; k < i; k++)
			if (live_together(&in[i], &in[k]))
				assert_true(in[i].offset >= in[k].offset + in[k].size || in[k].offset >= in[i].offset + in[i].size);
	}
	assert_int_equal(end, size);
	assert_true(size >= largest_live_set(in, n));
	assert_int_equal(plan_lower_bound(in, n), largest_live_set(in, n));
}

/* The lowest place for i when those with a true flag are placed. */
static int64_t lowest_place(const Interval *in, int n, const bool *placed, int i)
{
	int64_t best = INT64_MAX;
	for (int c = -1; c < n; c++) { /* at 0 or on top of another one */
		if (c >= 0 && (!placed[c] || !live_together(&in[c], &in[i])))
			continue;
		int64_t at = c < 0 ? 0 : in[c].offset + in[c].size;
		bool fits = at < best;
		for (int k = 0; fits && k < n; k++)
			fits = !placed[k] || !live_together(&in[k], &in[i]) || at >= in[k].offset + in[k].size ||
			       in[k].offset >= at + in[i].size;
		if (fits)
			best = at;
	}
	return best;
}

/* Largest first, earlier first among equals. */
static int64_t greedy_by_size(const Interval *given, int n)
{
	Interval in[MOST];
	bool placed[MOST] = {0};
	int64_t end = 0;
	memcpy(in, given, sizeof *in * (size_t)n);
	for (int round = 0; round < n; round++) {
		int next = -1;
		for (int i = 0; i < n; i++)
			if (!placed[i] && (next < 0 || in[i].size > in[next].size))
				next = i;
		in[next].offset = lowest_place(in, n, placed, next);
		placed[next] = true;
		end = in[next].offset + in[next].size > end ? in[next].offset + in[next].size : end;
	}
	return end;
}

/* True when some order of lowest places needs at most limit bytes. In order of rising offset every plan can be slid
 * down without moving a buffer past another, so orders of lowest places reach the best plan. */
static bool fits_within(Interval *in, int n, bool *placed, int left, int64_t limit)
{
	if (!left)
		return true;
	for (int i = 0; i < n; i++) {
		if (placed[i])
			continue;
		int64_t at = lowest_place(in, n, placed, i);
		if (at + in[i].size > limit)
			return false; /* whoever comes first only lifts it */
		in[i].offset = at;
		placed[i] = true;
		bool good = fits_within(in, n, placed, left - 1, limit);
		placed[i] = false;
		if (good)
			return true;
	}
	return false;
}

static void make_set(Interval *in, int n, int steps, int sizes, uint64_t *random)
{
	for (int i = 0; i < n; i++) {
		int first = (int)(next_random(random) % (unsigned)steps), life = 1 + (int)(next_random(random) % (unsigned)steps) / 2;
		in[i] = (Interval){first, first + life - 1, 64 * (int64_t)(1 + next_random(random) % (unsigned)sizes), -1};
	}
}

/* Every step is full: where buffers end, others of the same sum begin. Such sets are the hard ones. */
static int make_full_set(Interval *in, int most, uint64_t *random)
{
	int n = 0, full = 4 + (int)(next_random(random) % 6), left = full;
	for (int step = 0; n < most; step++) {
		while (left && n < most) {
			int size = 1 + (int)(next_random(random) % (unsigned)left);
			in[n++] = (Interval){step, 100, 64 * size, -1};
			left -= size;
		}
		for (int i = 0; i < n; i++)
			if (in[i].last == 100 && in[i].first < step + 1 && next_random(random) % 2) {
				in[i].last = step;
				left += (int)(in[i].size / 64);
			}
	}
	return n;
}

static void check_random_sets(int count)
{
	uint64_t random = 1;
	Arena *a = arena_new();
	for (int t = 0; t < count; t++) {
		Interval in[MOST];
		int n = 1 + (int)(next_random(&random) % (t % 10 ? 24 : MOST));
		make_set(in, n, 2 + (int)(next_random(&random) % 60), t % 3 ? 1000 : 5, &random);
		int64_t greedy = greedy_by_size(in, n), size = plan_intervals(in, n, NULL, a);
		check_plan(in, n, size);
		assert_true(size <= greedy);
		arena_reset(a);
	}
	arena_free(a);
}

static void check_small_sets(uint64_t seed, int count)
{
	uint64_t random = seed;
	int above_bound = 0;
	Arena *a = arena_new();
	for (int t = 0; t < count; t++) {
		Interval in[9];
		bool placed[9] = {0};
		int n = 5 + (int)(next_random(&random) % 5);
		if (t % 8)
			n = make_full_set(in, n, &random);
		else
			make_set(in, n, 5 + (int)(next_random(&random) % 12), 4, &random);
		int64_t size = plan_intervals(in, n, NULL, a);
		check_plan(in, n, size);
		if (size > largest_live_set(in, n)) { /* sizes are multiples of 64 */
			above_bound++;
			assert_false(fits_within(in, n, placed, n, size - 64));
		}
		arena_reset(a);
	}
	printf("the optimum is above the bound in %d sets\n", above_bound);
	assert_true(above_bound > 0); /* rare: nearly always the bound can be reached */
	arena_free(a);
}

/* ---- cards ---- */

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* All but the plan; then the plan by itself, with a clock. */
static void check_card(const char *path, const char *target, int width_divisor)
{
	Diag d = {.out = stderr};
	const ImportOptions import = {.random = true, .seed = 1, .threshold = -1, .nms = -1, .width_divisor = width_divisor};
	const PipelineOptions options = {.optimize = true, .stop_after = "pack_weights"};
	Graph *g = import_card(path, &import, &d);
	assert_non_null(g);
	const Target *t = target_find(target);
	assert_true(pipeline_run(&pipeline_inference, g, t, &options, &d));
	PassContext c = {.target = t, .scratch = arena_new(), .diag = &d, .optimize = true};
	double start = seconds();
	pass_plan_memory(&c, g);
	double spent = seconds() - start;
	double gap = 100.0 * (double)(g->arena_size - g->arena_bound) / (double)g->arena_bound;
	printf("%-28s %-8s arena %10lld bound %10lld gap %5.2f %% in %.3f s\n", strrchr(path, '/') + 1, target, (long long)g->arena_size,
	       (long long)g->arena_bound, gap, spent);
	assert_true(g->arena_size >= g->arena_bound);
	if (gap > 2)
		fail_msg("%s on %s: a gap of %.2f %%", path, target, gap);
#ifndef __SANITIZE_ADDRESS__
	assert_true(spent < 0.5);
#endif
	arena_free(c.scratch);
	graph_free(g);
}

static void check_cards(const char *target, int width_divisor)
{
	glob_t cards;
	assert_int_equal(glob(SOURCE_DIR "/models/[ds]*.json" /* the cards */, 0, NULL, &cards), 0);
	assert_int_equal(cards.gl_pathc, 13);
	for (size_t i = 0; i < cards.gl_pathc; i++)
		check_card(cards.gl_pathv[i], target, width_divisor);
	globfree(&cards);
}

#endif
