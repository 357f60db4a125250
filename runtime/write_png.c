/* write_png.c -- PNG by libpng. */
#include "runtime/image.h"

#include <stdio.h>
#include <string.h>

#include <png.h>

bool image_write_png(FILE *f, const Image *image, char *why)
{
	png_image png;

	memset(&png, 0, sizeof png);
	png.version = PNG_IMAGE_VERSION;
	png.width = (png_uint_32)image->width;
	png.height = (png_uint_32)image->height;
	png.format = PNG_FORMAT_RGB;
	if (png_image_write_to_stdio(&png, f, 0, image->rgb, 0, NULL))
		return true;
	snprintf(why, IMAGE_WHY, "%s", png.message);
	png_image_free(&png);
	return false;
}
