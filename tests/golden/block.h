/* block.h -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * One static arena: not more than one call at a time.
 * Memory that a call writes to must not overlap anything else that the call is given. Inputs are only read, and may overlap one
 * another. No pointer is kept after the call.
 * Never allocates, prints or exits. */
#ifndef DSSDC_block_H
#define DSSDC_block_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BLOCK_API_VERSION 1
#define BLOCK_ARENA_SIZE 7552 /* bytes */
#define BLOCK_ARENA_ALIGN 64 /* bytes */
#define BLOCK_WEIGHTS_SIZE 1792 /* bytes */
#define BLOCK_MODEL_HASH 0x6c382b20fb74480du

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
