/* read_jpeg.c -- JPEG by libjpeg-turbo with its defaults (smooth chroma upsampling, accurate integer DCT): what the
 * bit-for-bit promise of detect() starts from. Errors of the library come back by longjmp. */
#include "runtime/image.h"
#include "runtime/orientation.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

enum { MOST_SCANS = 500 }; /* of a progressive file: a small file with many costs hours */

typedef struct Decoder {
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	struct jpeg_progress_mgr progress;
	jmp_buf failed;
	char *why;
	Image *image;
	bool ended;         /* the file ended before its end marker */
	unsigned char *row; /* CMYK only */
} Decoder;

static void on_error(j_common_ptr jpeg)
{
	Decoder *d = jpeg->client_data;
	char text[JMSG_LENGTH_MAX];

	jpeg->err->format_message(jpeg, text);
	snprintf(d->why, IMAGE_WHY, "%s", text);
	longjmp(d->failed, 1);
}

/* Warnings of damage: the first one is kept. Level 0 and above are traces. A file that ends before its pixels do is an error, which
 * libjpeg would fill up with grey; one that lacks only its end marker is not. */
static void on_message(j_common_ptr jpeg, int level)
{
	Decoder *d = jpeg->client_data;
	char text[JMSG_LENGTH_MAX];

	if (level >= 0)
		return;
	d->ended = d->ended || jpeg->err->msg_code == JWRN_JPEG_EOF;
	if (d->ended && jpeg->err->msg_code == JWRN_HIT_MARKER) {
		snprintf(d->why, IMAGE_WHY, "the file is cut off");
		longjmp(d->failed, 1);
	}
	if (jpeg->err->num_warnings++)
		return;
	jpeg->err->format_message(jpeg, text);
	snprintf(d->why, IMAGE_WHY, "%s", text);
}

static void on_progress(j_common_ptr jpeg)
{
	Decoder *d = jpeg->client_data;

	if (d->jpeg.input_scan_number <= MOST_SCANS)
		return;
	snprintf(d->why, IMAGE_WHY, "more than %d scans", MOST_SCANS);
	longjmp(d->failed, 1);
}

/* Adobe's programs write CMYK inverted: 255 is no ink. */
static void cmyk_to_rgb(const unsigned char *cmyk, int width, bool inverted, unsigned char *rgb)
{
	for (int x = 0; x < width; x++, cmyk += 4, rgb += 3)
		for (int c = 0; c < 3; c++) {
			int paper = inverted ? cmyk[c] : 255 - cmyk[c], black = inverted ? cmyk[3] : 255 - cmyk[3];
			rgb[c] = (unsigned char)((paper * black + 127) / 255);
		}
}

static int find_orientation(const struct jpeg_decompress_struct *jpeg)
{
	for (jpeg_saved_marker_ptr m = jpeg->marker_list; m; m = m->next)
		if (m->marker == JPEG_APP0 + 1 && m->data_length > 6 && !memcmp(m->data, "Exif\0\0", 6))
			return orientation_find(m->data + 6, m->data_length - 6);
	return 1;
}

static bool read_pixels(Decoder *d)
{
	struct jpeg_decompress_struct *jpeg = &d->jpeg;
	bool cmyk = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;

	jpeg->out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
	if (!image_allocate(d->image, jpeg->image_width, jpeg->image_height, d->why))
		return false;
	if (cmyk && !(d->row = malloc((size_t)4 * jpeg->image_width))) {
		snprintf(d->why, IMAGE_WHY, "out of memory");
		return false;
	}
	jpeg_start_decompress(jpeg);
	while (jpeg->output_scanline < jpeg->output_height) {
		unsigned char *to = d->image->rgb + (size_t)3 * jpeg->image_width * jpeg->output_scanline;
		JSAMPROW row = cmyk ? d->row : to;
		if (jpeg_read_scanlines(jpeg, &row, 1) && cmyk)
			cmyk_to_rgb(d->row, d->image->width, jpeg->saw_Adobe_marker, to);
	}
	int orientation = find_orientation(jpeg);
	jpeg_finish_decompress(jpeg);
	if (!orientation_apply(d->image, orientation)) {
		snprintf(d->why, IMAGE_WHY, "out of memory");
		return false;
	}
	return true;
}

bool image_read_jpeg(const unsigned char *data, size_t size, Image *image, size_t *used, char *why)
{
	Decoder d; /* filled before setjmp and read after it through its address only */
	volatile bool ok = false;

	memset(&d, 0, sizeof d);
	d.why = why;
	d.image = image;
	d.jpeg.client_data = &d;
	d.jpeg.err = jpeg_std_error(&d.errors);
	d.errors.error_exit = on_error;
	d.errors.emit_message = on_message;
	if (!setjmp(d.failed)) {
		jpeg_create_decompress(&d.jpeg);
		d.progress.progress_monitor = on_progress;
		d.jpeg.progress = &d.progress;
		jpeg_save_markers(&d.jpeg, JPEG_APP0 + 1, 0xffff);
		jpeg_mem_src(&d.jpeg, data, (unsigned long)size);
		jpeg_read_header(&d.jpeg, TRUE);
		ok = read_pixels(&d);
		*used = size - d.jpeg.src->bytes_in_buffer;
	}
	jpeg_destroy_decompress(&d.jpeg);
	free(d.row);
	return ok;
}
