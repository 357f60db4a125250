/* image.h -- photographs as 8-bit RGB: reading JPEG and PNG, writing both. Nothing here ends the program or prints;
 * what goes wrong is said in `why`. */
#ifndef RUNTIME_IMAGE_H
#define RUNTIME_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

enum {
	IMAGE_SIDE = 32767,     /* largest width or height in pixels */
	IMAGE_PIXELS = 1 << 27, /* largest width x height */
	IMAGE_FILE = 1 << 29,   /* largest file in bytes */
	IMAGE_WHY = 256,        /* bytes of a message */
};

typedef struct Image {
	int width, height;
	unsigned char *rgb; /* 3 bytes a pixel, rows from the top without gaps; owned */
} Image;

/* Reads the file, or standard input for "-". False: `why` says why. True with a `why` that is not empty: the file is
 * damaged but can be shown. Upright: the orientation of EXIF is applied. Alpha is dropped. */
bool image_read(const char *path, Image *image, char *why);

/* PNG or JPEG by the name's ending. The file appears under its name only when it is complete. */
bool image_write(const char *path, const Image *image, char *why);
bool image_can_write(const char *path); /* the ending is known */

void image_free(Image *image);

/* For the readers: rgb of width x height pixels, or false. */
bool image_allocate(Image *image, unsigned long width, unsigned long height, char *why);

/* One file format each, from memory; read_jpeg.c, read_png.c. *used: bytes up to the photograph's end, on success. */
bool image_read_jpeg(const unsigned char *data, size_t size, Image *image, size_t *used, char *why);
bool image_read_png(const unsigned char *data, size_t size, Image *image, size_t *used, char *why);

#endif
