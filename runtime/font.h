/* font.h -- lettering from strokes, so that it is sharp at every size. */
#ifndef RUNTIME_FONT_H
#define RUNTIME_FONT_H

#include "runtime/image.h"

/* Sizes are the height of a capital in pixels. Text is UTF-8; what the font lacks shows as a box. */
double font_width(const char *text, double size);

/* (x, y) is the left end of the capitals' top. Anti-aliased; clipped to the image. */
void font_draw(Image *image, const char *text, double x, double y, double size, const unsigned char colour[3]);

#endif
