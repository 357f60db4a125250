/* conv.h -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * One static piece of device memory: not more than one call at a time, on whatever stream.
 * conv_open() allocates pinned memory, a stream and a CUDA graph; from then on nothing is allocated. Never prints or
 * exits. Everything happens on the device that is current at conv_open() and must be so at every call.
 * Memory that a call writes to must not overlap anything else that the call is given. Inputs are only read, and may overlap one
 * another. No pointer is kept after the call.
 */
#ifndef DSSDC_conv_H
#define DSSDC_conv_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CONV_API_VERSION 1
#define CONV_BATCH 1 /* images of one run */
#define CONV_ARENA_SIZE 1792 /* bytes of the device */
#define CONV_ARENA_ALIGN 256 /* bytes */
#define CONV_WEIGHTS_SIZE 2816 /* bytes */
#define CONV_MODEL_HASH 0x4f9275a5938a62b6u

enum {
	CONV_OK = 0, /* done */
	CONV_EINVAL = -1, /* an argument is out of its range */
	CONV_ECPU = -2, /* the CPU lacks a feature that this program was compiled for */
	CONV_EWEIGHTS = -3, /* the weights are not those of this model, or not loaded */
	CONV_EDEVICE = -4, /* the device refused */
	CONV_ENOMEM = -5, /* the device has too little memory */
	CONV_ENODEVICE = -6, /* there is no device, or no driver for it */
	CONV_EARCH = -7 /* the program was compiled for other devices */
};

struct CUstream_st; /* *cudaStream_t */

/* Which of the configurations that cuDNN proposes each convolution uses, for all contexts: conv_open() times them and
 * fills what is 0 everywhere. A table that was kept and is put back before makes the same choice without timing. */
#define CONV_PLANS 3
extern int32_t conv_plan_table[CONV_PLANS];

typedef struct { /* what conv_open() makes; the caller looks at none of it */
	unsigned char *memory, *weights; /* of the device */
	void *pinned;
	struct CUstream_st *stream;
	struct CUgraph_st *recorded;
	struct CUgraphExec_st *graph;
	struct CUgraphNode_st *first;
	struct conv_library *library;
	int status, library_status, ready;
} conv_context;

/* What the first call does anyway: weights to the device, one CUDA graph. 0 or an error below 0. */
int conv_open(void);
void conv_close(void);

/* Name of the CUDA status behind the last error, as "cudaErrorMemoryAllocation". */
const char *conv_device_error(void);

#define CONV_INPUT_0_SIZE 90 /* elements */
#define CONV_OUTPUT_0_SIZE 36

/* One pass through the network: inputs, then outputs. Returns 0, or an error below 0.
 * in0: float[1][3][5][6] x
 * out0: float[1][4][3][3] b
 */
int conv_run(const float *in0, float *out0);

const char *conv_strerror(int error);
const char *conv_version(void);

#ifdef __cplusplus
}
#endif

#endif
