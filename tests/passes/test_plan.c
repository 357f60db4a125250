/* test_plan.c -- the memory plan: against sets where the answer is known, against greedy-by-size, on every card.
 *
 * test_plan_slow.c has more sets, and the cards that take long to prepare. */
#include "tests/passes/plan_sets.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_random_sets(void **state)
{
	(void)state;
	check_random_sets(1000);
}

static void test_small_sets_are_optimal(void **state)
{
	(void)state;
	check_small_sets(21 /* one of its first is above the bound */, 5000);
}

/* On c99 the deconvolutions of whole DSSD networks take seconds to merge; the plan of narrow ones has as many buffers. */
static void test_cards(void **state)
{
	(void)state;
	check_cards("native", 0);
	check_cards("c99", 4);
}

/* ---- the second opinion ---- */

static const char text[] = "dssdc.ir 1\ngraph \"g\"\ninput %1 : f32[1,2,6,6]\nconst %2 : f32[4,2,3,3] = "
                           "1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 "
                           "1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9\n"
                           "%3 = conv2d \"a\" %1 %2 pad=1,1,1,1\n%4 = pool2d \"b\" %3 kernel=2,2 stride=2,2\n"
                           "%5 = resize \"c\" %4 nearest=1 size=6,6\n%6 = eltwise \"d\" %5 %3 fn=sub\n"
                           "%7 = softmax \"e\" %6\n%8 = concat \"f\" %7 %7\noutput %8\n";

static Graph *planned_graph(void)
{
	Diag d = {.out = stderr};
	const PipelineOptions options = {.optimize = true};
	Graph *g = graph_parse("text", text, sizeof text - 1, NULL, &d);
	assert_non_null(g);
	assert_true(pipeline_run(&pipeline_inference, g, target_find("c99"), &options, &d));
	return g;
}

/* plan_check in a process of its own, which it may end. */
static bool plan_is_refused(const Graph *g)
{
	fflush(NULL);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		signal(SIGABRT, SIG_DFL);
		if (!freopen("/dev/null", "w", stderr))
			_exit(3);
		plan_check(g);
		_exit(0);
	}
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) != 3));
	return !WIFEXITED(status) || WEXITSTATUS(status);
}

/* Two buffers that live together, one moved onto the other: noticed, whatever the two. */
static void test_corrupted_plans(void **state)
{
	(void)state;
	Graph *g = planned_graph();
	assert_false(plan_is_refused(g));
	int pairs = 0;
	for (int i = 0; i < g->nnode; i++)
		for (int k = 0; k < g->node[i]->nin; k++) {
			Value *x = g->node[i]->in[k], *y = g->node[i]->out[0];
			if (!x || x->offset < 0)
				continue;
			for (int m = 0; m < 2 && y->offset >= 0; m++) { /* the input onto the result, and the other way round */
				Value *moved = m ? x : y, *other = m ? y : x;
				int64_t was = moved->offset;
				moved->offset = other->offset;
				assert_true(plan_is_refused(g));
				moved->offset = was;
				pairs++;
			}
			int64_t was = x->offset;
			x->offset = g->arena_size; /* outside */
			assert_true(value_is_input(x) || plan_is_refused(g));
			x->offset = was;
		}
	assert_true(pairs >= 8);
	g->arena_size -= 64;
	assert_true(plan_is_refused(g));
	graph_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random_sets),
	    cmocka_unit_test(test_small_sets_are_optimal),
	    cmocka_unit_test(test_corrupted_plans),
	    cmocka_unit_test(test_cards),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
