/* write_jpeg.c -- JPEG by libjpeg-turbo. Errors of the library come back by longjmp. */
#include "runtime/image.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

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
bool image_write_jpeg(FILE *f, const Image *image, char *why)
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
