/* preprocess.h -- the specification of what NAME_detect() does to pixels: a picture to the input tensor, pixel by pixel. */
#ifndef IR_PREPROCESS_H
#define IR_PREPROCESS_H

#include "ir/ir.h"

typedef enum PixelFormat { PIXELS_RGB, PIXELS_BGR, PIXELS_RGBA, PIXELS_BGRA, PIXELS_GRAY, PIXELS_FORMATS } PixelFormat; /* as NAME_format */

typedef struct PixelInfo {
	const char *name;
	int bytes, at[3]; /* of a pixel; where its red, green and blue are */
} PixelInfo;
extern const PixelInfo pixel_formats[PIXELS_FORMATS];

typedef struct Picture {
	int width, height, stride; /* stride: bytes from row to row */
	PixelFormat format;
	uint8_t *pixel;
} Picture;

/* [channels][height][width] of the network's input: resized, in the order of colours that q wants (one channel: grey), less the mean,
 * divided by the divisor. The picture has at least one pixel. Lives in a. */
float *preprocess_picture(const Preprocess *q, const Picture *p, Arena *a);

#endif
