/* detector.h -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * One static piece of device memory: not more than one call at a time, on whatever stream.
 * detector_open() allocates pinned memory, a stream and a CUDA graph; from then on nothing is allocated. Never prints or
 * exits. Everything happens on the device that is current at detector_open() and must be so at every call.
 * Memory that a call writes to must not overlap anything else that the call is given. Inputs are only read, and may overlap one
 * another. No pointer is kept after the call.
 */
#ifndef DSSDC_detector_H
#define DSSDC_detector_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DETECTOR_API_VERSION 1
#define DETECTOR_INPUT_WIDTH 8
#define DETECTOR_INPUT_HEIGHT 8
#define DETECTOR_INPUT_CHANNELS 3
#define DETECTOR_INPUT_SIZE 192 /* floats of the input tensor */
#define DETECTOR_NUM_CLASSES 3 /* with background */
#define DETECTOR_MAX_DETECTIONS 5 /* of one image */
#define DETECTOR_BATCH 1 /* images of one run */
#define DETECTOR_ARENA_SIZE 4608 /* bytes of the device */
#define DETECTOR_ARENA_ALIGN 256 /* bytes */
#define DETECTOR_WEIGHTS_SIZE 9472 /* bytes */
#define DETECTOR_MODEL_HASH 0x6221b8556af6cf11u

enum {
	DETECTOR_OK = 0, /* done */
	DETECTOR_EINVAL = -1, /* an argument is out of its range */
	DETECTOR_ECPU = -2, /* the CPU lacks a feature that this program was compiled for */
	DETECTOR_EWEIGHTS = -3, /* the weights are not those of this model, or not loaded */
	DETECTOR_EDEVICE = -4, /* the device refused */
	DETECTOR_ENOMEM = -5, /* the device has too little memory */
	DETECTOR_ENODEVICE = -6, /* there is no device, or no driver for it */
	DETECTOR_EARCH = -7 /* the program was compiled for other devices */
};

struct CUstream_st; /* *cudaStream_t */

typedef struct { /* what detector_open() makes; the caller looks at none of it */
	unsigned char *memory, *weights; /* of the device */
	void *pinned;
	struct CUstream_st *stream;
	struct CUgraph_st *recorded;
	struct CUgraphExec_st *graph;
	struct CUgraphNode_st *first;
	struct detector_library *library;
	int status, library_status, ready;
} detector_context;

/* What the first call does anyway: weights to the device, one CUDA graph. 0 or an error below 0. */
int detector_open(void);
void detector_close(void);

/* Name of the CUDA status behind the last error, as "cudaErrorMemoryAllocation". */
const char *detector_device_error(void);

/* detect: pixels of the given image, clipped to it. run: fractions of the image, not clipped.
 * score: 0 to 1. label: 1 to DETECTOR_NUM_CLASSES - 1, see detector_labels. */
typedef struct {
	float x0, y0, x1, y1;
	float score;
	int32_t label;
} detector_detection;

/* Order of the bytes of a pixel. */
typedef enum { DETECTOR_RGB, DETECTOR_BGR, DETECTOR_RGBA, DETECTOR_BGRA, DETECTOR_GRAY } detector_format;

/* Finds objects in an image: pixels[y * stride + x * bytes of a pixel], width and height 1 to 32767,
 * stride in bytes. Returns how many were written to out, at most max (>= 0), or an error below 0.
 * Falling score over all classes (ties: class, then default box); with more than max, the best max. */
int detector_detect(const uint8_t *pixels, int width, int height, int stride, detector_format format,
	detector_detection *out, int max);

/* The same from the input tensor [3][8][8], which detector_detect() makes of the whole image: resized to
 * 8 x 8 (bilinear, in 8 bits as OpenCV does), blue, green, red; each x, 0 to 255, as (x - mean) / divisor:
 * mean 104, 117, 123; divisor 1. */
int detector_run(const float *input, detector_detection *out, int max);

/* What one image gives: falling score, as above. */
typedef struct {
	int32_t count;
	detector_detection detection[DETECTOR_MAX_DETECTIONS];
} detector_result;

typedef struct { /* as the arguments of detector_detect() */
	const uint8_t *pixels;
	int width, height, stride;
	detector_format format;
} detector_image;

/* n images at once, 1 to DETECTOR_BATCH, of any sizes: counts[i] detections at out + i * max. Returns n or an error below 0. */
int detector_detect_batch(const detector_image *images, int n, detector_detection *out, int max, int *counts);

/* Pixels in device memory, results to memory that the device can write, on the caller's stream: returns at once, 0 or an
 * error below 0; *out is complete when the stream gets there. One launch of a CUDA graph; on a stream that is being
 * captured the kernels themselves, so that they become part of the caller's graph. */
int detector_detect_device(const uint8_t *pixels, int width, int height, int stride, detector_format format,
	detector_result *out, struct CUstream_st *stream);
int detector_detect_batch_device(const detector_image *images, int n, detector_result *out, struct CUstream_st *stream);

extern const char *const detector_labels[DETECTOR_NUM_CLASSES];
const char *detector_strerror(int error);
const char *detector_version(void);

#ifdef __cplusplus
}
#endif

#endif
