/* order.c -- vector clocks: for each node and queue, the last node of the queue that is done. */
#include "ir/order.h"

typedef int Clock[MAX_QUEUES]; /* indices of nodes; -1: none */

struct Order {
	const Graph *g;
	Clock *known;  /* [nnode + 1]: when the node begins; the last: at the end of the run */
	Clock *done;   /* [nnode]: when it is done */
	int *previous; /* [nnode + 1]: the node before it on its queue, or -1 */
	int *depth;    /* [nnode]: see order_chain() */
};

static void clock_reset(Clock c)
{
	for (int q = 0; q < MAX_QUEUES; q++)
		c[q] = -1;
}

static void clock_join(Clock c, const Clock with)
{
	for (int q = 0; q < MAX_QUEUES; q++)
		c[q] = with[q] > c[q] ? with[q] : c[q];
}

static bool clock_reaches(const Clock c, const Clock other)
{
	for (int q = 0; q < MAX_QUEUES; q++)
		if (other[q] > c[q])
			return false;
	return true;
}

static void put_behind(Order *o, int i, int before)
{
	clock_join(o->known[i], o->done[before]);
	o->depth[i] = o->depth[before] > o->depth[i] ? o->depth[before] : o->depth[i];
}

Order *order_new(const Graph *g, Arena *a)
{
	Order *o = arena_new_one(a, Order);
	*o = (Order){g, arena_new_array(a, Clock, g->nnode + 1), arena_new_array(a, Clock, g->nnode + 1),
	             arena_new_array(a, int, g->nnode + 1), arena_new_array(a, int, g->nnode)};
	int *index = arena_new_array(a, int, g->next_id); /* of the node that makes a value */
	Clock last;
	clock_reset(last);
	for (int i = 0; i < g->nnode; i++) {
		const Node *n = g->node[i];
		clock_reset(o->known[i]);
		for (int k = 0; k < n->nin; k++)
			if (value_is_result(n->in[k]))
				put_behind(o, i, index[n->in[k]->id]);
		o->previous[i] = n->kernel ? last[n->queue] : -1;
		if (o->previous[i] >= 0)
			put_behind(o, i, o->previous[i]);
		o->depth[i] += n->kernel != NULL;
		for (int q = 0; q < MAX_QUEUES; q++)
			o->done[i][q] = o->known[i][q];
		if (n->kernel)
			o->done[i][n->queue] = last[n->queue] = i;
		for (int k = 0; k < n->nout; k++)
			index[n->out[k]->id] = i;
	}
	clock_reset(o->known[g->nnode]);
	clock_join(o->known[g->nnode], last);
	o->previous[g->nnode] = last[0];
	return o;
}

bool order_before(const Order *o, int i, int k)
{
	return i < 0 ? k >= 0 : i != k && k >= 0 && clock_reaches(o->known[k], o->done[i]);
}

int order_chain(const Order *o, int *depth)
{
	int most = 0;
	for (int i = 0; i < o->g->nnode; i++) {
		most = o->depth[i] > most ? o->depth[i] : most;
		if (depth)
			depth[i] = o->depth[i];
	}
	return most;
}

int order_waits(const Order *o, int k, int before[MAX_QUEUES])
{
	const bool end = k == o->g->nnode;
	const int own = end ? 0 : o->g->node[k]->queue, previous = o->previous[k];
	int n = 0;
	for (int q = 0; q < MAX_QUEUES; q++) {
		const int i = o->known[k][q];
		bool implied = i < 0 || q == own || (previous >= 0 && o->done[previous][q] >= i);
		for (int r = 0; r < MAX_QUEUES && !implied; r++)
			implied = r != q && r != own && o->known[k][r] >= 0 && o->done[o->known[k][r]][q] >= i;
		if (!implied)
			before[n++] = i;
	}
	if (!n && !end && own && previous < 0)
		before[n++] = -1;
	return n;
}
