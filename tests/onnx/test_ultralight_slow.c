/* test_ultralight_slow.c -- a real SSD in both forms in which PyTorch exported it, on its own photographs: what the
 * emitted program returns is what onnxruntime returns. Needs a python with onnxruntime: $DSSDC_PYTHON. */
#include "tests/shell.h"

#include <dlfcn.h>
#include <jpeglib.h>

enum { WIDTH = 320, HEIGHT = 240, BOXES = 4420 };

static const char *const photos[] = {"1", "2", "5", "10", "16", "26"};

static const char *data_dir(void)
{
	static char path[512];
	const char *shared = getenv("DSSDC_SHARED");
	snprintf(path, sizeof path, "%s/data/ultralight_rfb", shared ? shared : SOURCE_DIR "/../shared");
	return access(path, R_OK) ? NULL : path;
}

/* Nearest pixel: the program and onnxruntime are given the same numbers, how they were made does not matter. */
static void read_photo(const char *dir, const char *name, float *x)
{
	char path[600];
	snprintf(path, sizeof path, "%s/imgs/%s.jpg", dir, name);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&jpeg);
	jpeg_stdio_src(&jpeg, f);
	jpeg_read_header(&jpeg, TRUE);
	jpeg.out_color_space = JCS_RGB;
	jpeg_start_decompress(&jpeg);
	JSAMPLE *row = malloc(3 * (size_t)jpeg.output_width);
	assert_non_null(row);
	for (int y = 0; jpeg.output_scanline < jpeg.output_height;) {
		int line = (int)jpeg.output_scanline;
		jpeg_read_scanlines(&jpeg, &row, 1);
		for (; y < HEIGHT && y * (int)jpeg.output_height / HEIGHT == line; y++)
			for (int c = 0; c < 3; c++)
				for (int i = 0; i < WIDTH; i++)
					x[(c * HEIGHT + y) * WIDTH + i] =
					    ((float)row[3 * (i * (int)jpeg.output_width / WIDTH) + c] - 127) / 128;
	}
	free(row);
	jpeg_finish_decompress(&jpeg);
	jpeg_destroy_decompress(&jpeg);
	fclose(f);
}

static void write_floats(const char *path, const float *x, size_t n)
{
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(x, sizeof *x, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static void compare(const char *dir, const char *python, const char *model, const char *target)
{
	char library[100];
	must(DSSDC " compile --emit=shared --quiet --target=%s --name=rfb -o rfb_%s.so '%s/%s.onnx'", target, target, dir, model);
	snprintf(library, sizeof library, "%s/rfb_%s.so", work, target);
	void *l = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	assert_non_null(l);
	int (*run)(const float *, float *, float *);
	*(void **)&run = dlsym(l, "rfb_run");
	assert_non_null(run);
	static float in[3 * HEIGHT * WIDTH], scores[2 * BOXES], boxes[4 * BOXES];
	for (size_t i = 0; i < sizeof photos / sizeof *photos; i++) {
		read_photo(dir, photos[i], in);
		assert_int_equal(run(in, scores, boxes), 0);
		write_floats("in", in, sizeof in / sizeof *in);
		write_floats("scores", scores, sizeof scores / sizeof *scores);
		write_floats("boxes", boxes, sizeof boxes / sizeof *boxes);
		must("'%s' '" SOURCE_DIR "/tests/onnx/reference.py' '%s/%s.onnx' 1x3x%dx%d in scores boxes", python, dir, model, HEIGHT,
		     WIDTH);
		out[strcspn(out, "\n")] = ' ';
		print_message("%s, %s, photograph %s: largest differences %s", model, target, photos[i], out);
	}
	dlclose(l);
	must("rm -f rfb_%s.so", target);
}

static void both_forms(void **state)
{
	(void)state;
	const char *python = getenv("DSSDC_PYTHON"), *dir = data_dir();
	if (!dir || !python || sh("'%s' -c 'import onnxruntime'", python)) {
		print_message("skipped: %s\n", dir ? "DSSDC_PYTHON names no python with onnxruntime" : "no shared data");
		skip();
	}
	compare(dir, python, "version-RFB-320", "c99");
	compare(dir, python, "version-RFB-320", "native");
	compare(dir, python, "version-RFB-320_without_postprocessing", "c99");
	compare(dir, python, "version-RFB-320_without_postprocessing", "native");
}

/* With detection behind it, the form that ends in offsets, the one that ends in boxes and Caffe's find the same faces. */
static void same_faces(void **state)
{
	(void)state;
	const char *dir = data_dir();
	if (!dir) {
		print_message("skipped: no shared data\n");
		skip();
	}
	static char first[sizeof out];
	must(DSSDC " compile --quiet --detect='" SOURCE_DIR "/models/ultralight_rfb.detect.json' -o offsets "
	           "'%s/version-RFB-320_without_postprocessing.onnx'",
	     dir);
	must(DSSDC " compile --quiet --detect='" SOURCE_DIR
	           "/models/ultralight_rfb_decoded.detect.json' -o corners '%s/version-RFB-320.onnx'",
	     dir);
	must(DSSDC " compile --quiet --detect='" SOURCE_DIR "/models/ultralight_rfb.detect.json' -o caffe "
	           "--weights='%s/RFB-320.caffemodel' '%s/RFB-320.prototxt'",
	     dir, dir);
	int faces = 0;
	for (size_t i = 0; i < sizeof photos / sizeof *photos; i++) {
		must("./offsets '%s/imgs/%s.jpg'", dir, photos[i]);
		strcpy(first, out);
		must("./corners '%s/imgs/%s.jpg'", dir, photos[i]);
		assert_string_equal(out, first);
		must("./caffe '%s/imgs/%s.jpg'", dir, photos[i]);
		assert_string_equal(out, first);
		for (const char *p = out; (p = strstr(p, "  face ")); p++)
			faces++;
	}
	print_message("%d faces\n", faces);
	assert_true(faces > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(both_forms), cmocka_unit_test(same_faces)};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
