/* test_preprocess.c -- the preprocessing template, bit for bit: against the eight reference inputs of the trained
 * model (OpenCV's), from the JPEG files; and against the definition in double for all formats, strides and odd sizes.
 * DSSDC_SHARED names the folder of the references, ../shared without it. --bench prints times. */
#include "codegen/kernels/c/preprocess.c"

#undef NET_INPUT_WIDTH
#undef NET_INPUT_HEIGHT
#undef BGR
#undef MEAN0
#undef MEAN1
#undef MEAN2
#undef DIVISOR0
#undef DIVISOR1
#undef DIVISOR2
#define NET_INPUT_WIDTH 64
#define NET_INPUT_HEIGHT 37
#define BGR 1
#define MEAN0 104.0f
#define MEAN1 117.0f
#define MEAN2 123.0f
#define DIVISOR0 1.0f
#define DIVISOR1 1.0f
#define DIVISOR2 1.0f
#define net_preprocess bgr_preprocess
#define net_resize_weights bgr_resize_weights
#define net_resize_columns bgr_resize_columns
#define net_resize_row bgr_resize_row
#define net_resize_blend bgr_resize_blend
#include "codegen/kernels/c/preprocess.c"

#undef CHANNELS
#define CHANNELS 1
#undef net_preprocess
#undef net_resize_weights
#undef net_resize_columns
#undef net_resize_row
#undef net_resize_blend
#define net_preprocess grey_preprocess
#define net_resize_weights grey_resize_weights
#define net_resize_columns grey_resize_columns
#define net_resize_row grey_resize_row
#define net_resize_blend grey_resize_blend
#include "codegen/kernels/c/preprocess.c"
#undef net_preprocess

#include <cjson/cJSON.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>
#include <jpeglib.h>

enum { SIDE = 321, SMALL_W = 64, SMALL_H = 37, SCRATCH = 10 * SIDE };

static float input[3 * SIDE * SIDE];
static int32_t scratch[SCRATCH];

static const char *shared(void)
{
	const char *folder = getenv("DSSDC_SHARED");
	return folder ? folder : SOURCE_DIR "/../shared";
}

static uint8_t *read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		return NULL;
	fseek(f, 0, SEEK_END);
	*size = (size_t)ftell(f);
	rewind(f);
	uint8_t *data = malloc(*size);
	assert_int_equal(fread(data, 1, *size, f), *size);
	fclose(f);
	return data;
}

static uint8_t *read_jpeg(const char *path, int *width, int *height)
{
	struct jpeg_decompress_struct j;
	struct jpeg_error_mgr e;
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	j.err = jpeg_std_error(&e);
	jpeg_create_decompress(&j);
	jpeg_stdio_src(&j, f);
	jpeg_read_header(&j, TRUE);
	j.out_color_space = JCS_RGB;
	jpeg_start_decompress(&j);
	*width = (int)j.output_width;
	*height = (int)j.output_height;
	uint8_t *pixels = malloc((size_t)3 * j.output_width * j.output_height);
	while (j.output_scanline < j.output_height) {
		JSAMPROW row = pixels + (size_t)3 * j.output_width * j.output_scanline;
		jpeg_read_scanlines(&j, &row, 1);
	}
	jpeg_finish_decompress(&j);
	jpeg_destroy_decompress(&j);
	fclose(f);
	return pixels;
}

/* The bytes of tensor `input` in a safetensors file that was read whole. */
static const uint8_t *find_input(const uint8_t *file, size_t size)
{
	uint64_t header = 0;
	for (int i = 7; i >= 0; i--)
		header = header << 8 | file[i];
	cJSON *json = cJSON_ParseWithLength((const char *)file + 8, (size_t)header);
	cJSON *tensor = cJSON_GetObjectItem(json, "input");
	assert_non_null(tensor);
	cJSON *range = cJSON_GetObjectItem(tensor, "data_offsets");
	size_t begin = (size_t)cJSON_GetArrayItem(range, 0)->valuedouble;
	size_t end = (size_t)cJSON_GetArrayItem(range, 1)->valuedouble;
	cJSON_Delete(json);
	assert_int_equal(end - begin, sizeof input);
	assert_true(8 + header + end <= size);
	return file + 8 + header + begin;
}

static void check_reference(const char *name, const char *photograph)
{
	char path[1024];
	size_t size;
	int width, height;
	snprintf(path, sizeof path, "%s/data/dssd321_mobilenet/reference/%s.safetensors", shared(), name);
	uint8_t *file = read_file(path, &size);
	assert_non_null(file);
	snprintf(path, sizeof path, "%s/data/%s/%s.jpg", shared(), photograph, name);
	uint8_t *pixels = read_jpeg(path, &width, &height);
	assert_int_equal(net_preprocess(pixels, width, height, 3 * width, NET_RGB, scratch, input), NET_OK);
	assert_memory_equal(input, find_input(file, size), sizeof input);
	free(pixels);
	free(file);
}

static void test_references(void **state)
{
	(void)state;
	static const char *const voc[] = {"000158", "000314", "000545", "000746", "001290", "001764"};
	char path[1024];
	snprintf(path, sizeof path, "%s/data/dssd321_mobilenet/reference/dog.safetensors", shared());
	FILE *f = fopen(path, "rb");
	if (!f) {
		print_message("no %s: set DSSDC_SHARED to the folder of the references\n", path);
		skip();
	}
	fclose(f);
	check_reference("dog", "images");
	check_reference("person", "images");
	for (size_t i = 0; i < sizeof voc / sizeof *voc; i++)
		check_reference(voc[i], "voc2007/JPEGImages");
}

/* ---- the definition, sample by sample ---------------------------------------------------------------------------- */

typedef struct {
	int first, second, weight[2];
} Tap;

static Tap tap(int d, int outputs, int samples, int is_column)
{
	float f = (float)((d + 0.5) * (1.0 / ((double)outputs / samples)) - 0.5);
	int i = (int)floorf(f);
	f -= (float)i;
	if (is_column && i < 0) {
		i = 0;
		f = 0;
	}
	if (is_column && i >= samples - 1) {
		i = samples - 1;
		f = 0;
	}
	Tap t = {i, i + 1, {(int)rintf((1 - f) * 2048), (int)rintf(f * 2048)}};
	t.first = t.first < 0 ? 0 : t.first < samples ? t.first : samples - 1;
	t.second = t.second < samples ? t.second : samples - 1;
	return t;
}

static int sample(const uint8_t *pixel, net_format format, int channel, int channels, int bgr)
{
	int colour[3];
	for (int c = 0; c < 3; c++)
		colour[c] = format == NET_GRAY ? pixel[0] : format == NET_BGR || format == NET_BGRA ? pixel[2 - c] : pixel[c];
	if (channels == 1)
		return (colour[0] * 9798 + colour[1] * 19235 + colour[2] * 3735 + 16384) >> 15;
	return colour[bgr ? 2 - channel : channel];
}

static const float mean[3] = {104, 117, 123};

static float defined(const uint8_t *pixels, int width, int height, int stride, net_format format, int channels, int c, int y, int x)
{
	const int step = format == NET_GRAY ? 1 : format == NET_RGBA || format == NET_BGRA ? 4 : 3;
	Tap column = tap(x, SMALL_W, width, 1), row = tap(y, SMALL_H, height, 0);
	int out = 0;
	for (int k = 0; k < 2; k++) {
		const uint8_t *line = pixels + (k ? row.second : row.first) * stride;
		int h = sample(line + column.first * step, format, c, channels, 1) * column.weight[0] +
		        sample(line + column.second * step, format, c, channels, 1) * column.weight[1];
		out += (row.weight[k] * (h >> 4)) >> 16;
	}
	return (float)((out + 2) >> 2) - mean[c];
}

static void check_defined(int width, int height, int slack, net_format format, int channels)
{
	const int step = format == NET_GRAY ? 1 : format == NET_RGBA || format == NET_BGRA ? 4 : 3;
	const int stride = width * step + slack;
	const size_t size = (size_t)stride * (size_t)(height - 1) + (size_t)(width * step);
	uint8_t *pixels = malloc(size); /* no byte behind the last pixel: ASan watches */
	uint32_t seed = (uint32_t)(width * 31 + height);
	for (size_t i = 0; i < size; i++)
		pixels[i] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
	int r = channels == 1 ? grey_preprocess(pixels, width, height, stride, format, scratch, input)
	                      : bgr_preprocess(pixels, width, height, stride, format, scratch, input);
	assert_int_equal(r, NET_OK);
	for (int c = 0; c < channels; c++)
		for (int y = 0; y < SMALL_H; y++)
			for (int x = 0; x < SMALL_W; x++) {
				float right = defined(pixels, width, height, stride, format, channels, c, y, x);
				if (input[(c * SMALL_H + y) * SMALL_W + x] != right)
					fail_msg("%dx%d format %d channel %d row %d column %d: %g, not %g", width, height, (int)format, c,
					         y, x, (double)input[(c * SMALL_H + y) * SMALL_W + x], (double)right);
			}
	free(pixels);
}

static void test_sizes(void **state)
{
	(void)state;
	static const int sizes[][2] = {{1, 1},    {2, 1},    {1, 2},   {3, 2},   {32, 18},   {63, 36},  {64, 37},   {65, 38},
	                               {128, 74}, {127, 75}, {200, 9}, {7, 300}, {640, 481}, {999, 61}, {32767, 2}, {2, 32767}};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		for (int format = NET_RGB; format <= NET_GRAY; format++) {
			check_defined(sizes[i][0], sizes[i][1], 0, (net_format)format, 3);
			check_defined(sizes[i][0], sizes[i][1], 5, (net_format)format, 1);
		}
}

static void test_arguments(void **state)
{
	(void)state;
	uint8_t pixels[12] = {0};
	assert_int_equal(net_preprocess(pixels, 2, 2, 6, NET_RGB, scratch, input), NET_OK);
	assert_int_equal(net_preprocess(NULL, 2, 2, 6, NET_RGB, scratch, input), NET_EINVAL);
	assert_int_equal(net_preprocess(pixels, 0, 2, 6, NET_RGB, scratch, input), NET_EINVAL);
	assert_int_equal(net_preprocess(pixels, 2, 0, 6, NET_RGB, scratch, input), NET_EINVAL);
	assert_int_equal(net_preprocess(pixels, -1, 2, 6, NET_RGB, scratch, input), NET_EINVAL);
	assert_int_equal(net_preprocess(pixels, 32768, 2, 3 * 32768, NET_RGB, scratch, input), NET_EINVAL);
	assert_int_equal(net_preprocess(pixels, 2, 32768, 6, NET_RGB, scratch, input), NET_EINVAL);
	assert_int_equal(net_preprocess(pixels, 2, 2, 5, NET_RGB, scratch, input), NET_EINVAL);
	assert_int_equal(net_preprocess(pixels, 2, 2, 6, NET_RGBA, scratch, input), NET_EINVAL);
	assert_int_equal(net_preprocess(pixels, 2, 2, 6, (net_format)5, scratch, input), NET_EINVAL);
	assert_int_equal(net_preprocess(pixels, 2, 2, 6, (net_format)7, scratch, input), NET_EINVAL);
}

static void bench(void)
{
	enum { W = 640, H = 480 };
	static uint8_t pixels[4 * W * H];
	static const char *const names[] = {"RGB", "BGR", "RGBA", "BGRA", "GRAY"};
	for (size_t i = 0; i < sizeof pixels; i++)
		pixels[i] = (uint8_t)(i * 7919 >> 8);
	for (int format = NET_RGB; format <= NET_GRAY; format++) {
		double best = 1;
		for (int k = 0; k < 50; k++) {
			struct timespec a, b;
			clock_gettime(CLOCK_MONOTONIC, &a);
			net_preprocess(pixels, W, H, 4 * W, (net_format)format, scratch, input);
			clock_gettime(CLOCK_MONOTONIC, &b);
			best = fmin(best, (double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec));
		}
		printf("preprocess %dx%d -> %dx%d %s: %.3f ms\n", W, H, SIDE, SIDE, names[format], 1e3 * best);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_references),
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_arguments),
	};
	if (argc > 1 && !strcmp(argv[1], "--bench")) {
		bench();
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
