/* order.h -- what is done before what, when the nodes of a graph run on several queues.
 *
 * Nodes of one queue run one after another, as they are in the graph; a node of another queue is waited for where
 * something that it made, directly or through others, is read. Nodes without a kernel do nothing: what they read is
 * done before what reads them begins. */
#ifndef IR_ORDER_H
#define IR_ORDER_H

#include "ir/ir.h"

typedef struct Order Order;

/* Of the graph as it is; lives in a. */
Order *order_new(const Graph *g, Arena *a);
/* Node i is done before node k begins. i may be -1, the beginning of a run; k may be nnode, its end. */
bool order_before(const Order *o, int i, int k);
/* What node k has to wait for, or with k = nnode queue 0 at the end of a run: the least list of nodes of other queues,
 * by rising queue, that with k's own queue implies all that is done before k. -1, alone: the beginning of the run, for
 * the first node of a queue when it waits for no other. Returns their number. */
int order_waits(const Order *o, int k, int before[MAX_QUEUES]);
/* Nodes that must run one after another, of those with a kernel: depth[i], unless depth is null, until node i is done. Returns
 * the most. */
int order_chain(const Order *o, int *depth);

#endif
