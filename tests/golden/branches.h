/* branches.h -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * One static arena: not more than one call at a time.
 * Never allocates, prints or exits. */
#ifndef BRANCHES_H
#define BRANCHES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BRANCHES_API_VERSION 1
#define BRANCHES_ARENA_SIZE 1472 /* bytes */
#define BRANCHES_ARENA_ALIGN 64 /* bytes */
#define BRANCHES_WEIGHTS_SIZE 0 /* bytes */
#define BRANCHES_MODEL_HASH 0x97d9db4d2f825efau

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
