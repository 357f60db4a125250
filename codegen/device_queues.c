/* device_queues.c -- as many queues as the nodes use; an event for each node that another queue waits for. */
#include "codegen/device_queues.h"

DeviceQueues device_queues(const Graph *g, Arena *a)
{
	DeviceQueues d = {.order = order_new(g, a), .n = 1, .event = arena_new_array(a, int, g->nnode + 1)};
	int before[MAX_QUEUES];
	for (int i = 0; i <= g->nnode; i++)
		d.event[i] = -1;
	for (int i = 0; i < g->nnode; i++)
		if (g->node[i]->kernel && g->node[i]->queue >= d.n)
			d.n = g->node[i]->queue + 1;
	for (int i = 0; i <= g->nnode; i++) {
		const bool waits = i == g->nnode || g->node[i]->kernel;
		for (int k = waits ? order_waits(d.order, i, before) - 1 : -1; k >= 0; k--)
			d.event[before[k] + 1] = 0;
	}
	for (int i = 0; i <= g->nnode; i++)
		if (d.event[i] == 0)
			d.event[i] = d.nevent++;
	return d;
}
