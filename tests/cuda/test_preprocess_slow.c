/* test_preprocess_slow.c -- preprocessing for CUDA against that in C, bit for bit: both templates for the same tensors, the
 * CUDA one through tests/cuda/shim; images whole and as the pairs of samples that the host gathers. */
#include "codegen/codegen.h"
#include "codegen/embedded.h"
#include "codegen/parts.h"
#include "tests/cuda/libraries.h"

typedef struct Case {
	int width, height, channels;
	bool bgr;
	double mean[3], divisor[3];
} Case;

static const Case cases[] = {
    {321, 321, 3, false, {127.5, 127.5, 127.5}, {127.5, 127.5, 127.5}},
    {64, 37, 3, true, {104, 117, 123}, {1, 1, 1}},
    {64, 37, 1, false, {104, 0, 0}, {3, 1, 1}},
    {33, 9, 1, true, {0, 0, 0}, {255, 1, 1}},
    {1, 1, 3, true, {1, 2, 3}, {4, 5, 6}},
    {2, 70, 3, false, {1, 2, 3}, {0.1, 0.2, 0.3}},
    {0, 0, 0, false, {0, 0, 0}, {1, 1, 1}}, /* a detector whose tensor comes from the caller */
};

enum { NCASES = sizeof cases / sizeof *cases, IMAGES = 3, MOST = 3 * 321 * 321, STRIDE = 4 * MOST + 256, MAX_LINES = 10 * 321 };

/* As net_call. */
typedef struct Call {
	const uint8_t *pixels;
	void *out;
	int32_t width, height, stride, format, max, clip, pairs;
} Call;

typedef int Reference(const uint8_t *pixels, int width, int height, int stride, int format, int32_t *scratch, float *input);
typedef int Device(int k, const Call *calls, float *input, Call *kept);
typedef void Samples(int k, const uint8_t *pixels, int width, int height, int stride, int bytes_per_pixel, uint8_t *to);

static Reference *const *reference;
static Device *device;
static Samples *gather;
static float input[IMAGES][STRIDE / 4], right[MOST];
static int32_t lines[MAX_LINES];
static Call kept[IMAGES + 1];

/* ---- both languages ---- */

static const char *const mean_name[] = {"MEAN0", "MEAN1", "MEAN2"}, *const divisor_name[] = {"DIVISOR0", "DIVISOR1", "DIVISOR2"};

/* What the header of model m<k> says, parts, then the template. */
static void print_model(FILE *f, int k, const Target *t, const char *path)
{
	const Case *c = &cases[k];
	Arena *a = arena_new();
	const char *name = arena_printf(a, "m%d", k), *text = embedded_find(path)->text, *list = strstr(text, "\n * parts:");
	Bindings *b = bindings_new(a, name);
	Parts *p = parts_new(a, name, t);
	assert_non_null(list);
	for (const char *s = list + strlen("\n * parts: "); *s != '\n'; s += strspn(s, " ")) {
		const size_t n = strcspn(s, " \n");
		parts_want(p, arena_strndup(a, s, n));
		s += n;
	}
	bind_int(b, "CHANNELS", c->channels);
	bind_int(b, "BGR", c->bgr);
	bind_int(b, "EARLY", t->early);
	for (int i = 0; i < 3; i++) {
		bind_float(b, mean_name[i], c->mean[i]);
		bind_float(b, divisor_name[i], c->divisor[i]);
	}
	if (c->channels)
		fprintf(f, "#define M%d_INPUT_WIDTH %d\n#define M%d_INPUT_HEIGHT %d\n", k, c->width, k, c->height);
	fprintf(f, "#define M%d_BATCH %d\n#define M%d_IMAGE_STRIDE %d\n", k, IMAGES, k, STRIDE);
	fprintf(f, "enum { M%d_OK = 0, M%d_EINVAL = -1 };\ntypedef struct {\n\tint32_t count;\n} m%d_result;\n", k, k, k);
	fprintf(f, "typedef enum { M%d_RGB, M%d_BGR, M%d_RGBA, M%d_BGRA, M%d_GRAY } m%d_format;\n", k, k, k, k, k, k);
	parts_print(p, f, NULL);
	fprintf(f, "%s\n", template_expand(path, text, b, NULL));
	arena_free(a);
}

static void print_reference(void)
{
	FILE *f = fopen("reference.c", "w");
	assert_non_null(f);
	fputs("#include <stddef.h>\n#include <stdint.h>\n#include <string.h>\n", f);
	for (int k = 0; k < NCASES - 1; k++) {
		print_model(f, k, target_find("c99"), "codegen/kernels/c/preprocess.c");
		fprintf(f,
		        "static int reference_%d(const uint8_t *p, int w, int h, int s, int format, int32_t *scratch, float *input)\n{\n"
		        "\treturn m%d_preprocess(p, w, h, s, (m%d_format)format, scratch, input);\n}\n",
		        k, k, k);
	}
	fputs("int (*const reference[])(const uint8_t *, int, int, int, int, int32_t *, float *) = {\n", f);
	for (int k = 0; k < NCASES - 1; k++)
		fprintf(f, "\treference_%d,\n", k);
	fputs("};\n", f);
	fclose(f);
}

static void print_device(void)
{
	FILE *f = fopen("device.cu", "w");
	assert_non_null(f);
	fputs("#include <cuda_runtime.h>\n#include <stdint.h>\n#include <string.h>\n", f);
	for (int k = 0; k < NCASES; k++)
		print_model(f, k, target_find("cuda-standalone"), "codegen/kernels/cuda/preprocess.cu");
	fputs("extern \"C\" int device(int k, const void *calls, float *input, void *kept)\n{\n\tswitch (k) {\n", f);
	for (int k = 0; k < NCASES; k++)
		fprintf(f,
		        "\tcase %d: {\n\t\tm%d_queue q = {};\n\n\t\tm%d_preprocess(&q, static_cast<const m%d_calls *>(calls), input, "
		        "static_cast<m%d_call *>(kept));\n\t\treturn (int)q.status;\n\t}\n",
		        k, k, k, k, k);
	fputs("\tdefault:\n\t\treturn 1;\n\t}\n}\n\nextern \"C\" void gather(int k, const uint8_t *pixels, int width, int height, int "
	      "stride, "
	      "int bytes, uint8_t *to)\n{\n\tswitch (k) {\n",
	      f);
	for (int k = 0; k < NCASES - 1; k++)
		fprintf(f, "\tcase %d:\n\t\tm%d_gather(pixels, width, height, stride, bytes, to);\n\t\tbreak;\n", k, k);
	fputs("\tdefault:\n\t\tbreak;\n\t}\n}\n", f);
	fclose(f);
}

static int setup(void **state)
{
	if (work_begin(state))
		return -1;
	print_reference();
	print_device();
	void *r, *d;
	load_libraries(&r, &d);
	union { /* ISO C has no cast from data to function pointers */
		void *data;
		Device *device;
		Samples *gather;
	} u = {dlsym(d, "device")}, v = {dlsym(d, "gather")};
	reference = dlsym(r, "reference");
	device = u.device;
	gather = v.gather;
	assert_true(reference && device && gather);
	return 0;
}

/* ---- comparisons ---- */

static uint32_t noise = 1;

/* No byte behind the last pixel: ASan watches. */
static uint8_t *make_image(int width, int height, int stride, int step)
{
	const size_t size = (size_t)stride * (size_t)(height - 1) + (size_t)(width * step);
	uint8_t *pixels = malloc(size);
	assert_non_null(pixels);
	for (size_t i = 0; i < size; i++)
		pixels[i] = (uint8_t)((noise = noise * 1664525 + 1013904223) >> 24);
	return pixels;
}

static bool is_untouched(const void *p, size_t size)
{
	const uint8_t *byte = p;
	return *byte == 0xee && !memcmp(byte, byte + 1, size - 1);
}

static void check_tensor(int k, const float *got, const char *how, const Call *call)
{
	const int count = cases[k].channels * cases[k].width * cases[k].height;
	for (int i = 0; i < count; i++)
		if (memcmp(&got[i], &right[i], sizeof *got))
			fail_msg("case %d, %dx%d of format %d %s: element %d is %g, not %g", k, call->width, call->height, call->format,
			         how, i, (double)got[i], (double)right[i]);
	assert_true(is_untouched(&got[count], sizeof *got));
}

/* Image 0 whole, image 1 as pairs, image 2 without pixels. */
static void check_image(int k, int width, int height, int slack, int format)
{
	const int step = format == 4 ? 1 : format >= 2 ? 4 : 3, stride = width * step + slack;
	uint8_t *pixels = make_image(width, height, stride, step);
	uint8_t *pairs = malloc((size_t)(4 * step * cases[k].width * cases[k].height));
	assert_int_equal(reference[k](pixels, width, height, stride, format, lines, right), 0);
	gather(k, pixels, width, height, stride, step, pairs);
	Call call[IMAGES] = {{pixels, NULL, width, height, stride, format, 5, 1, 0},
	                     {pairs, right, width, height, stride, format, 6, 0, 1},
	                     {NULL, lines, 0, 0, 0, 0, 7, 0, 0}};
	memset(input, 0xee, sizeof input);
	memset(kept, 0xee, sizeof kept);
	assert_int_equal(device(k, call, input[0], kept), 0);
	check_tensor(k, input[0], "whole", &call[0]);
	check_tensor(k, input[1], "in pairs", &call[1]);
	assert_true(is_untouched(input[2], sizeof input[2]));
	for (int i = 0; i < IMAGES; i++)
		assert_true(kept[i].pixels == call[i].pixels && kept[i].out == call[i].out && kept[i].width == call[i].width &&
		            kept[i].height == call[i].height && kept[i].max == call[i].max && kept[i].clip == call[i].clip);
	assert_int_equal(*(uint8_t *)&kept[IMAGES], 0xee);
	free(pairs);
	free(pixels);
}

static void test_sizes(void **state)
{
	(void)state;
	static const int sizes[][2] = {{1, 1},    {2, 1},   {1, 2},   {3, 2},     {32, 18},  {63, 36},   {64, 37},   {65, 38},  {128, 74},
	                               {127, 75}, {200, 9}, {7, 300}, {640, 481}, {999, 61}, {321, 321}, {32767, 2}, {2, 32767}};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		for (int k = 0; k < NCASES - 1; k++)
			for (int format = 0; format < 5; format++)
				if (k || format == (int)(i % 5))
					check_image(k, sizes[i][0], sizes[i][1], 5 * (k % 2), format);
}

static void test_random_sizes(void **state)
{
	(void)state;
	for (int i = 0; i < 150; i++) {
		const int k = i % (NCASES - 1), largest = i % 7 ? 900 : 4000;
		const int width = 1 + (int)((noise = noise * 1664525 + 1013904223) >> 8) % largest;
		const int height =
		    1 + (int)((noise = noise * 1664525 + 1013904223) >> 8) % (1000000 / width < largest ? 1000000 / width : largest);
		check_image(k, width, height, i % 4, i % 5);
	}
}

static void test_without_pixels(void **state)
{
	(void)state;
	const Call call[IMAGES] = {{.max = 1}, {.max = 2}, {.max = 3, .out = lines}};
	memset(input, 0xee, sizeof input);
	assert_int_equal(device(NCASES - 1, call, input[0], kept), 0);
	for (int i = 0; i < IMAGES; i++)
		assert_true(kept[i].max == call[i].max && kept[i].out == call[i].out);
	assert_true(is_untouched(input, sizeof input));
}

int main(int count, char **arguments)
{
	(void)count;
	watch_begin(arguments);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_random_sizes),
	    cmocka_unit_test(test_without_pixels),
	};
	return cmocka_run_group_tests(tests, setup, work_end);
}
