/* block.h -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * One static piece of device memory: not more than one call at a time, on whatever stream.
 * block_open() allocates pinned memory, a stream and a CUDA graph; from then on nothing is allocated. Never prints or
 * exits. Everything happens on the device that is current at block_open() and must be so at every call.
 * Memory that a call writes to must not overlap anything else that the call is given. Inputs are only read, and may overlap one
 * another. No pointer is kept after the call.
 */
#ifndef DSSDC_block_H
#define DSSDC_block_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BLOCK_API_VERSION 1
#define BLOCK_BATCH 1 /* images of one run */
#define BLOCK_ARENA_SIZE 7168 /* bytes of the device */
#define BLOCK_ARENA_ALIGN 256 /* bytes */
#define BLOCK_WEIGHTS_SIZE 2048 /* bytes */
#define BLOCK_MODEL_HASH 0x6679ff618dfcc739u

enum {
	BLOCK_OK = 0, /* done */
	BLOCK_EINVAL = -1, /* an argument is out of its range */
	BLOCK_ECPU = -2, /* the CPU lacks a feature that this program was compiled for */
	BLOCK_EWEIGHTS = -3, /* the weights are not those of this model, or not loaded */
	BLOCK_EDEVICE = -4, /* the device refused */
	BLOCK_ENOMEM = -5, /* the device has too little memory */
	BLOCK_ENODEVICE = -6, /* there is no device, or no driver for it */
	BLOCK_EARCH = -7 /* the program was compiled for other devices */
};

struct CUstream_st; /* *cudaStream_t */

/* Which of the configurations that cuDNN proposes each convolution uses, for all contexts: block_open() times them and
 * fills what is 0 everywhere. A table that was kept and is put back before makes the same choice without timing. */
#define BLOCK_PLANS 4
extern int32_t block_plan_table[BLOCK_PLANS];

typedef struct { /* what block_open() makes; the caller looks at none of it */
	unsigned char *memory, *weights; /* of the device */
	void *pinned;
	struct CUstream_st *stream;
	struct CUgraph_st *recorded;
	struct CUgraphExec_st *graph;
	struct CUgraphNode_st *first;
	struct block_library *library;
	int status, library_status, ready;
} block_context;

/* What the first call does anyway: weights to the device, one CUDA graph. 0 or an error below 0. */
int block_open(void);
void block_close(void);

/* Name of the CUDA status behind the last error, as "cudaErrorMemoryAllocation". */
const char *block_device_error(void);

#define BLOCK_INPUT_0_SIZE 288 /* elements */
#define BLOCK_OUTPUT_0_SIZE 288

/* One pass through the network: inputs, then outputs. Returns 0, or an error below 0.
 * in0: float[1][8][6][6] x
 * out0: float[1][8][6][6] project
 */
int block_run(const float *in0, float *out0);

const char *block_strerror(int error);
const char *block_version(void);

#ifdef __cplusplus
}
#endif

#endif
