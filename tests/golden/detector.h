/* detector.h -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * One static arena: not more than one call at a time.
 * Memory that a call writes to must not overlap anything else that the call is given. Inputs are only read, and may overlap one
 * another. No pointer is kept after the call.
 * Never allocates, prints or exits. */
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
#define DETECTOR_ARENA_SIZE 1344 /* bytes */
#define DETECTOR_ARENA_ALIGN 64 /* bytes */
#define DETECTOR_WEIGHTS_SIZE 2816 /* bytes */
#define DETECTOR_MODEL_HASH 0x1de59aa80ab85248u

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

extern const char *const detector_labels[DETECTOR_NUM_CLASSES];
const char *detector_strerror(int error);
const char *detector_version(void);

#ifdef __cplusplus
}
#endif

#endif
