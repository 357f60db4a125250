/* image_write.c -- writes PNG or JPEG beside the final name and renames it when all of it is there. */
#include "runtime/image.h"

#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jpeglib.h>
#include <png.h>

enum { QUALITY = 92 };

typedef struct Encoder {
	struct jpeg_compress_struct jpeg;
	struct jpeg_error_mgr errors;
	jmp_buf failed;
	char *why;
} Encoder;

static void on_error(j_common_ptr jpeg)
{
	Encoder *e = jpeg->client_data;
	char text[JMSG_LENGTH_MAX];

	jpeg->err->format_message(jpeg, text);
	snprintf(e->why, IMAGE_WHY, "%s", text);
	longjmp(e->failed, 1);
}

/* Colour at full resolution: lettering and thin frames bleed otherwise. */
static bool write_jpeg(FILE *f, const Image *image, char *why)
{
	Encoder e;
	volatile bool ok = false;

	memset(&e, 0, sizeof e);
	e.why = why;
	e.jpeg.client_data = &e;
	e.jpeg.err = jpeg_std_error(&e.errors);
	e.errors.error_exit = on_error;
	if (!setjmp(e.failed)) {
		jpeg_create_compress(&e.jpeg);
		jpeg_stdio_dest(&e.jpeg, f);
		e.jpeg.image_width = (JDIMENSION)image->width;
		e.jpeg.image_height = (JDIMENSION)image->height;
		e.jpeg.input_components = 3;
		e.jpeg.in_color_space = JCS_RGB;
		jpeg_set_defaults(&e.jpeg);
		jpeg_set_quality(&e.jpeg, QUALITY, TRUE);
		e.jpeg.comp_info[0].h_samp_factor = e.jpeg.comp_info[0].v_samp_factor = 1;
		jpeg_start_compress(&e.jpeg, TRUE);
		while (e.jpeg.next_scanline < e.jpeg.image_height) {
			JSAMPROW row = image->rgb + (size_t)3 * e.jpeg.image_width * e.jpeg.next_scanline;
			jpeg_write_scanlines(&e.jpeg, &row, 1);
		}
		jpeg_finish_compress(&e.jpeg);
		ok = true;
	}
	jpeg_destroy_compress(&e.jpeg);
	return ok;
}

static bool write_png(FILE *f, const Image *image, char *why)
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

static const struct {
	const char *ending;
	bool (*write)(FILE *, const Image *, char *);
} formats[] = {{".png", write_png}, {".jpg", write_jpeg}, {".jpeg", write_jpeg}};
enum { NFORMATS = sizeof formats / sizeof *formats };

static int find_format(const char *path)
{
	for (int i = 0; i < NFORMATS; i++) {
		size_t n = strlen(path), m = strlen(formats[i].ending);
		if (n > m && !strcasecmp(path + n - m, formats[i].ending))
			return i;
	}
	return -1;
}

bool image_can_write(const char *path)
{
	return find_format(path) >= 0;
}

bool image_write(const char *path, const Image *image, char *why)
{
	const int format = find_format(path);
	char *part = malloc(strlen(path) + sizeof ".part");
	FILE *f;
	bool ok;

	if (!part || format < 0) {
		free(part);
		snprintf(why, IMAGE_WHY, format < 0 ? "the name must end in .png, .jpg or .jpeg" : "out of memory");
		return false;
	}
	strcpy(part, path);
	strcat(part, ".part");
	f = fopen(part, "wb");
	ok = f && formats[format].write(f, image, why);
	if (!f)
		snprintf(why, IMAGE_WHY, "%s", strerror(errno));
	if (f && fclose(f) && ok) {
		snprintf(why, IMAGE_WHY, "%s", strerror(errno));
		ok = false;
	}
	if (ok && rename(part, path)) {
		snprintf(why, IMAGE_WHY, "%s", strerror(errno));
		ok = false;
	}
	if (f && !ok)
		remove(part);
	free(part);
	return ok;
}
