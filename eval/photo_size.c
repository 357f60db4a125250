/* photo_size.c -- libjpeg and libpng, headers only. */
#include "eval/photo_size.h"
#include "ir/cleanup.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>
#include <png.h>

typedef struct Failure { /* libjpeg reports errors by a call that must not return */
	struct jpeg_error_mgr manager;
	jmp_buf out;
} Failure;

static _Noreturn void fail(j_common_ptr info)
{
	if (info->err->msg_code == JERR_OUT_OF_MEMORY)
		stop_out_of_memory();
	longjmp(((Failure *)info->err)->out, 1);
}

static void hush(j_common_ptr info, int level)
{
	(void)info;
	(void)level;
}

static bool jpeg_size(const char *path, int *width, int *height)
{
	struct jpeg_decompress_struct info;
	Failure failure;
	FILE *f = fopen(path, "rbe");
	if (!f)
		return false;
	info.err = jpeg_std_error(&failure.manager);
	failure.manager.error_exit = fail;
	failure.manager.emit_message = hush;
	volatile bool good = false;
	if (!setjmp(failure.out)) {
		jpeg_create_decompress(&info);
		jpeg_stdio_src(&info, f);
		good = jpeg_read_header(&info, TRUE) == JPEG_HEADER_OK;
		*width = (int)info.image_width;
		*height = (int)info.image_height;
	}
	jpeg_destroy_decompress(&info);
	fclose(f);
	return good;
}

bool photo_size(const char *path, int *width, int *height)
{
	png_image image;
	memset(&image, 0, sizeof image);
	image.version = PNG_IMAGE_VERSION;
	if (!png_image_begin_read_from_file(&image, path)) {
		if (strstr(image.message, "memory"))
			stop_out_of_memory();
		return jpeg_size(path, width, height);
	}
	*width = (int)image.width;
	*height = (int)image.height;
	png_image_free(&image);
	return true;
}
