/* read_png.c -- PNG by libpng: every colour type and depth becomes 8-bit RGB. 16 bits lose their low byte, as in
 * OpenCV; alpha is dropped, not blended. */
#include "runtime/image.h"
#include "runtime/orientation.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

typedef struct Decoder {
	png_structp png;
	png_infop info;
	const unsigned char *data;
	size_t size, at;
	char *why;
	Image *image;
	png_bytep *rows;
} Decoder;

static void on_error(png_structp png, png_const_charp text)
{
	Decoder *d = png_get_error_ptr(png);

	snprintf(d->why, IMAGE_WHY, "%s", text);
	png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text)
{
	(void)png;
	(void)text;
}

static void on_read(png_structp png, png_bytep out, size_t n)
{
	Decoder *d = png_get_io_ptr(png);

	if (n > d->size - d->at)
		png_error(png, "file ends too early");
	memcpy(out, d->data + d->at, n);
	d->at += n;
}

static void ask_for_rgb(png_structp png)
{
	png_set_expand(png);
	png_set_strip_16(png);
	png_set_strip_alpha(png);
	png_set_gray_to_rgb(png);
	png_set_interlace_handling(png);
}

static int find_orientation(Decoder *d)
{
#ifdef PNG_eXIf_SUPPORTED
	png_bytep exif = NULL;
	png_uint_32 n = 0;

	if (png_get_eXIf_1(d->png, d->info, &n, &exif) && exif)
		return orientation_find(exif, n);
#else
	(void)d;
#endif
	return 1;
}

static bool no_memory(char *why)
{
	snprintf(why, IMAGE_WHY, "out of memory");
	return false;
}

static bool read_pixels(Decoder *d)
{
	png_set_user_limits(d->png, IMAGE_SIDE, IMAGE_SIDE);
	png_read_info(d->png, d->info);
	ask_for_rgb(d->png);
	png_read_update_info(d->png, d->info);
	const png_uint_32 width = png_get_image_width(d->png, d->info), height = png_get_image_height(d->png, d->info);
	if (png_get_rowbytes(d->png, d->info) != (size_t)3 * width)
		png_error(d->png, "cannot be turned into RGB");
	if (!image_allocate(d->image, width, height, d->why))
		return false;
	d->rows = malloc(height * sizeof *d->rows);
	if (!d->rows)
		return no_memory(d->why);
	for (png_uint_32 y = 0; y < height; y++)
		d->rows[y] = d->image->rgb + (size_t)3 * width * y;
	png_read_image(d->png, d->rows);
	png_read_end(d->png, d->info);
	return orientation_apply(d->image, find_orientation(d)) || no_memory(d->why);
}

bool image_read_png(const unsigned char *data, size_t size, Image *image, size_t *used, char *why)
{
	Decoder d = {NULL, NULL, data, size, 0, why, image, NULL};
	volatile bool ok = false;

	d.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &d, on_error, on_warning);
	d.info = d.png ? png_create_info_struct(d.png) : NULL;
	if (!d.info) {
		png_destroy_read_struct(&d.png, NULL, NULL);
		return no_memory(why);
	}
	if (!setjmp(png_jmpbuf(d.png))) {
		png_set_read_fn(d.png, &d, on_read);
		ok = read_pixels(&d);
		*used = d.at;
	}
	png_destroy_read_struct(&d.png, &d.info, NULL);
	free(d.rows);
	return ok;
}
