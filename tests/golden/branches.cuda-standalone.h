/* branches.h -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * One static piece of device memory: not more than one call at a time, on whatever stream.
 * branches_open() allocates pinned memory, a stream and a CUDA graph; from then on nothing is allocated. Never prints or
 * exits. Everything happens on the device that is current at branches_open() and must be so at every call.
 * Memory that a call writes to must not overlap anything else that the call is given. Inputs are only read, and may overlap one
 * another. No pointer is kept after the call.
 */
#ifndef DSSDC_branches_H
#define DSSDC_branches_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BRANCHES_API_VERSION 1
#define BRANCHES_BATCH 1 /* images of one run */
#define BRANCHES_ARENA_SIZE 3072 /* bytes of the device */
#define BRANCHES_ARENA_ALIGN 256 /* bytes */
#define BRANCHES_WEIGHTS_SIZE 0 /* bytes */
#define BRANCHES_MODEL_HASH 0x741ac9fac45ea7a8u

enum {
	BRANCHES_OK = 0, /* done */
	BRANCHES_EINVAL = -1, /* an argument is out of its range */
	BRANCHES_ECPU = -2, /* the CPU lacks a feature that this program was compiled for */
	BRANCHES_EWEIGHTS = -3, /* the weights are not those of this model, or not loaded */
	BRANCHES_EDEVICE = -4, /* the device refused */
	BRANCHES_ENOMEM = -5, /* the device has too little memory */
	BRANCHES_ENODEVICE = -6, /* there is no device, or no driver for it */
	BRANCHES_EARCH = -7 /* the program was compiled for other devices */
};

struct CUstream_st; /* *cudaStream_t */

typedef struct { /* what branches_open() makes; the caller looks at none of it */
	unsigned char *memory, *weights; /* of the device */
	void *pinned;
	struct CUstream_st *stream;
	struct CUstream_st *side[1];
	struct CUevent_st *event[2];
	struct CUgraph_st *recorded;
	struct CUgraphExec_st *graph;
	struct CUgraphNode_st *first;
	struct branches_library *library;
	int status, library_status, ready;
} branches_context;

/* What the first call does anyway: weights to the device, one CUDA graph. 0 or an error below 0. */
int branches_open(void);
void branches_close(void);

/* Name of the CUDA status behind the last error, as "cudaErrorMemoryAllocation". */
const char *branches_device_error(void);

#define BRANCHES_INPUT_0_SIZE 288 /* elements */
#define BRANCHES_OUTPUT_0_SIZE 72

/* One pass through the network: inputs, then outputs. Returns 0, or an error below 0.
 * in0: float[1][8][6][6] x
 * out0: float[1][8][3][3] join
 */
int branches_run(const float *in0, float *out0);

const char *branches_strerror(int error);
const char *branches_version(void);

#ifdef __cplusplus
}
#endif

#endif
