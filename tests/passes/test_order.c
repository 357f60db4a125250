/* test_order.c -- ir/order.c on random graphs: what is done before what is what a walk along inputs and queues finds; the
 * waits of each node, with its queue, say the same, and none of them says it twice. */
#include "ir/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { NODES = 24, GRAPHS = 2000 };

typedef struct Reach { /* [i][k]: node i is done before node k begins; NODES: the end of the run, on queue 0 */
	bool yes[NODES + 1][NODES + 1];
} Reach;

static struct Kernel {
	int none;
} some_kernel;

static Graph *random_graph(void)
{
	Graph *g = graph_new("g");
	Value *value[NODES + 1] = {graph_input(g, "x", (Type){.dtype = DT_F32, .rank = 1, .dim = {1}})};
	for (int i = 0; i < NODES; i++) {
		const int nin = 1 + rand() % 3;
		Value *in[3];
		for (int k = 0; k < nin; k++)
			in[k] = value[rand() % (i + 1)];
		Node *n = graph_node(g, OP_concat, "n", nin, in, 1);
		n->kernel = rand() % 4 ? &some_kernel : NULL;
		n->queue = n->kernel ? rand() % 4 : 0;
		value[i + 1] = n->out[0];
	}
	return g;
}

/* i before k, and so all that is before i. */
static void add(Reach *r, int i, int k)
{
	r->yes[i][k] = true;
	for (int h = 0; h < i; h++)
		r->yes[h][k] = r->yes[h][k] || r->yes[h][i];
}

static bool next_on_queue(const Graph *g, int i, int k)
{
	if (!g->node[i]->kernel || (k < NODES && !g->node[k]->kernel))
		return false;
	return g->node[i]->queue == (k < NODES ? g->node[k]->queue : 0);
}

static Reach walked(const Graph *g)
{
	Reach r = {0};
	for (int k = 0; k <= NODES; k++)
		for (int i = 0; i < k; i++) {
			bool direct = k == NODES ? g->node[i]->kernel != NULL : next_on_queue(g, i, k);
			for (int j = 0; k < NODES && j < g->node[k]->nin; j++)
				direct |= g->node[k]->in[j]->def == g->node[i];
			if (direct)
				add(&r, i, k);
		}
	return r;
}

/* From queues and waits alone; wait number `without` is left out. */
static Reach waited(const Graph *g, const Order *o, int without, int *count)
{
	Reach r = {0};
	*count = 0;
	for (int k = 0; k <= NODES; k++) {
		int before[MAX_QUEUES];
		for (int i = 0; i < k; i++)
			if (next_on_queue(g, i, k))
				add(&r, i, k);
		for (int w = k == NODES || g->node[k]->kernel ? order_waits(o, k, before) - 1 : -1; w >= 0; w--)
			if (before[w] >= 0 && (*count)++ != without)
				add(&r, before[w], k);
	}
	return r;
}

static bool same(const Graph *g, const Reach *a, const Reach *b)
{
	for (int k = 0; k <= NODES; k++)
		for (int i = 0; i < k; i++)
			if (g->node[i]->kernel && (k == NODES || g->node[k]->kernel) && a->yes[i][k] != b->yes[i][k])
				return false;
	return true;
}

static void first_ones_wait_for_the_beginning(const Graph *g, const Order *o)
{
	bool begun[MAX_QUEUES] = {true};
	for (int k = 0; k < NODES; k++) {
		int before[MAX_QUEUES];
		const Node *n = g->node[k];
		if (!n->kernel)
			continue;
		const int waits = order_waits(o, k, before);
		if (!begun[n->queue])
			assert_true(waits > 0);
		for (int w = 0; w < waits; w++)
			assert_true(before[w] >= 0 || (waits == 1 && !begun[n->queue]));
		begun[n->queue] = true;
	}
}

static void waits_are_enough_and_needed(void **state)
{
	int all = 0;
	(void)state;
	srand(1);
	for (int t = 0; t < GRAPHS; t++) {
		Graph *g = random_graph();
		Arena *a = arena_new();
		const Order *o = order_new(g, a);
		const Reach want = walked(g);
		int count, ignored;
		for (int k = 0; k <= NODES; k++)
			for (int i = 0; i < k; i++)
				if (g->node[i]->kernel)
					assert_int_equal(order_before(o, i, k), want.yes[i][k]);
		Reach got = waited(g, o, -1, &count);
		assert_true(same(g, &want, &got));
		for (int w = 0; w < count; w++) {
			got = waited(g, o, w, &ignored);
			assert_false(same(g, &want, &got));
		}
		first_ones_wait_for_the_beginning(g, o);
		all += count;
		arena_free(a);
		graph_free(g);
	}
	assert_true(all > GRAPHS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(waits_are_enough_and_needed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
