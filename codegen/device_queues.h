/* device_queues.h -- queues of an emitted CUDA program: streams for kernels that may run at the same time, and the events
 * by which they wait for each other. */
#ifndef CODEGEN_DEVICE_QUEUES_H
#define CODEGEN_DEVICE_QUEUES_H

#include "ir/order.h"

typedef struct DeviceQueues {
	Order *order;
	int n; /* queues; with one there are no events */
	int nevent;
	int *event; /* [1 + nnode]: the event that is recorded when node i - 1 is launched, -1: none; [0]: before the first */
} DeviceQueues;

DeviceQueues device_queues(const Graph *g, Arena *a); /* lives in a */

#endif
