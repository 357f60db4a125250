/* conv.h -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * One static arena: not more than one call at a time.
 * Memory that a call writes to must not overlap anything else that the call is given. Inputs are only read, and may overlap one
 * another. No pointer is kept after the call.
 * Never allocates, prints or exits. */
#ifndef DSSDC_conv_H
#define DSSDC_conv_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CONV_API_VERSION 1
#define CONV_ARENA_SIZE 1024 /* bytes */
#define CONV_ARENA_ALIGN 64 /* bytes */
#define CONV_WEIGHTS_SIZE 576 /* bytes */
#define CONV_MODEL_HASH 0xa6746c9378200734u

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
