/* image.h -- the image input of a detector, whatever type and order the model gives it.
 *
 * An emitted detector writes its pixels as floats, channel by channel, and NAME_run takes the same tensor: f32
 * [1, C, H, W]. Models state other inputs too: u8 or another element type, and [1, H, W, C]. Such a graph is given an
 * input of floats, then a permute and a cast to what the model reads:
 *
 *     %1 = input u8[1,32,32,3]                        =>   %1 = input f32[1,3,32,32]
 *                                                          %8 = permute %1 order=0,2,3,1
 *                                                          %9 = eltwise %8 fn=identity to=u8
 *
 * Where the model turns the image back to [1, C, H, W] by itself, neither permute is made; where it casts what it reads
 * to floats, and every pixel less the mean, divided by the divisor, is a number of both types, neither cast is.
 */
#ifndef IMPORT_IMAGE_H
#define IMPORT_IMAGE_H

#include "ir/ir.h"

typedef struct Image {
	int channels, height, width; /* channels: 1 or 3 */
	bool channels_last;          /* [1, H, W, C], else [1, C, H, W] */
} Image;

/* The graph takes one tensor and it may be an image: of any element type, of 3 channels or of 1. */
bool image_find(const Graph *g, Image *image);

/* Gives a detector the input that is stated above; other graphs stay. False after an error: with the mean and divisor
 * of the preprocessing a pixel is not a number of the model's element type. */
bool image_adapt(Graph *g, Diag *d);

#endif
