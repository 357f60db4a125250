/* orientation.h -- how the camera was held: EXIF's tag 0x0112. */
#ifndef RUNTIME_ORIENTATION_H
#define RUNTIME_ORIENTATION_H

#include "runtime/image.h"

/* The orientation, 1 to 8, in a TIFF block (what follows "Exif\0\0"); 1 when there is none or it makes no sense. */
int orientation_find(const unsigned char *tiff, size_t size);

/* Turns the image upright. False when memory is short; the image is unchanged then. */
bool orientation_apply(Image *image, int orientation);

#endif
