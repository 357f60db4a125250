/* photo_size.h -- width and height of a photograph from its first bytes. */
#ifndef EVAL_PHOTO_SIZE_H
#define EVAL_PHOTO_SIZE_H

#include <stdbool.h>

/* JPEG or PNG, as stored (EXIF orientation is not applied). False when it is neither or cannot be read. */
bool photo_size(const char *path, int *width, int *height);

#endif
