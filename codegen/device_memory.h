/* device_memory.h -- device memory of an emitted CUDA program: the arena of each image of a batch, then what all share. */
#ifndef CODEGEN_DEVICE_MEMORY_H
#define CODEGEN_DEVICE_MEMORY_H

#include <stdint.h>

typedef struct Emission Emission; /* codegen/emission.h */

typedef struct DeviceMemory { /* bytes */
	int64_t stride;       /* from the arena of one image to the next: its buffers, then the results of a network */
	int64_t calls;        /* where the calls of the images are, of a detector */
	int64_t results;      /* detections and their number for each image */
	int64_t tickets;      /* counters, zero between kernels, ntickets for each queue */
	int ntickets;
	int64_t pixels; /* images that come from the host, pixels_size each */
	int64_t pixels_size;
	int64_t size; /* of all */
} DeviceMemory;

/* Bytes that one queue lends to cuDNN at most, which the source asserts. */
enum { WORKSPACE_LIMIT = 1 << 28 };

DeviceMemory device_memory(const Emission *e);
int device_context_bytes(const Emission *e); /* of NAME_context, which the source asserts */
int device_plans(const Emission *e);         /* places in the table of plans */
/* Known before the program's steps are. */
int64_t device_output(const Emission *e, int i); /* a network's result i in the arena of an image, bytes */
int64_t device_calls(const Emission *e);         /* DeviceMemory.calls, and its size in bytes */
int64_t device_calls_bytes(const Emission *e);

#endif
