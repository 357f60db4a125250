/* image.h -- photographs as 8-bit RGB: reading and writing JPEG, PNG and Netpbm's formats; with -DDSSDC_PNM the latter only,
 * which need no library. Nothing here ends the program or prints;
 * what goes wrong is said in `why`. */
#ifndef RUNTIME_IMAGE_H
#define RUNTIME_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

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

#ifdef DSSDC_PNM
#define IMAGE_READ "PPM, PGM and PAM" /* what is read */
#define IMAGE_ENDINGS ".ppm"          /* what is written */
#define IMAGE_ENDING ".ppm"           /* added to a name that has none of these */
#else
#define IMAGE_READ "JPEG, PNG, PPM, PGM and PAM"
#define IMAGE_ENDINGS ".png, .jpg, .jpeg or .ppm"
#define IMAGE_ENDING ".png"
#endif

/* The format by the name's ending. The file appears under its name only when it is complete. */
bool image_write(const char *path, const Image *image, char *why);
bool image_can_write(const char *path); /* the ending is known */

void image_free(Image *image);

/* For the readers: rgb of width x height pixels, or false. */
bool image_allocate(Image *image, unsigned long width, unsigned long height, char *why);

/* One file format each, from memory; read_jpeg.c, read_png.c, read_pnm.c. For the last data begins with P and a digit.
 * *used: bytes up to the photograph's end, on success. */
bool image_read_jpeg(const unsigned char *data, size_t size, Image *image, size_t *used, char *why);
bool image_read_png(const unsigned char *data, size_t size, Image *image, size_t *used, char *why);
bool image_read_pnm(const unsigned char *data, size_t size, Image *image, size_t *used, char *why);

/* The same for writing; write_jpeg.c, write_png.c. A failure of the file itself need not be reported: errno has it. */
bool image_write_jpeg(FILE *f, const Image *image, char *why);
bool image_write_png(FILE *f, const Image *image, char *why);

#endif
