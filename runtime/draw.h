/* draw.h -- detections into a photograph: frames in the colours of the classes, each with name and score. */
#ifndef RUNTIME_DRAW_H
#define RUNTIME_DRAW_H

#include "runtime/found.h"
#include "runtime/image.h"

/* found: best first; the best ends on top. */
void draw_found(Image *image, const Found *found, int n);

#endif
