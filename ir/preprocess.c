/* preprocess.c -- see preprocess.h. The resize is OpenCV's bilinear one on bytes, whose fixed-point arithmetic is kept. */
#include "ir/preprocess.h"

#include <math.h>

const PixelInfo pixel_formats[PIXELS_FORMATS] = {
    [PIXELS_RGB] = {"RGB", 3, {0, 1, 2}},   [PIXELS_BGR] = {"BGR", 3, {2, 1, 0}},   [PIXELS_RGBA] = {"RGBA", 4, {0, 1, 2}},
    [PIXELS_BGRA] = {"BGRA", 4, {2, 1, 0}}, [PIXELS_GRAY] = {"GRAY", 1, {0, 0, 0}},
};

typedef struct Tap { /* two samples and their weights of 2048 */
	int first, second, first_weight, second_weight;
} Tap;

static int within(int i, int n)
{
	return i < 0 ? 0 : i < n ? i : n - 1;
}

/* Of output i of n over `size` samples. Beside the image the nearest column has the whole weight. */
static Tap tap_of(int i, int n, int size, bool columns)
{
	const double scale = 1 / ((double)n / size);
	const float place = (float)((i + 0.5) * scale - 0.5);
	const int left = (int)floorf(place);
	float part = place - (float)left;
	if (columns && (left < 0 || left >= size - 1))
		return (Tap){within(left, size), within(left, size), 2048, 0};
	return (Tap){within(left, size), within(left + 1, size), (int)lrintf((1 - part) * 2048), (int)lrintf(part * 2048)};
}

/* One sample: of a colour, or grey. */
static int sample(const Picture *p, const Preprocess *q, int x, int y, int channel)
{
	const int *at = pixel_formats[p->format].at;
	const uint8_t *pixel = p->pixel + (size_t)y * (size_t)p->stride + (size_t)(x * pixel_formats[p->format].bytes);
	if (q->channels == 1)
		return (pixel[at[0]] * 9798 + pixel[at[1]] * 19235 + pixel[at[2]] * 3735 + 16384) >> 15;
	return pixel[at[q->bgr ? 2 - channel : channel]];
}

static float element(const Picture *p, const Preprocess *q, Tap column, Tap row, int channel)
{
	const int above = sample(p, q, column.first, row.first, channel) * column.first_weight +
	                  sample(p, q, column.second, row.first, channel) * column.second_weight;
	const int below = sample(p, q, column.first, row.second, channel) * column.first_weight +
	                  sample(p, q, column.second, row.second, channel) * column.second_weight;
	const int value = (row.first_weight * (above >> 4) >> 16) + (row.second_weight * (below >> 4) >> 16);
	return ((float)((value + 2) >> 2) - (float)q->mean[channel]) / (float)q->divisor[channel];
}

float *preprocess_picture(const Preprocess *q, const Picture *p, Arena *a)
{
	float *out = arena_new_array(a, float, (int64_t)q->channels * q->height * q->width), *to = out;
	for (int c = 0; c < q->channels; c++)
		for (int y = 0; y < q->height; y++)
			for (int x = 0; x < q->width; x++)
				*to++ = element(p, q, tap_of(x, q->width, p->width, true), tap_of(y, q->height, p->height, false), c);
	return out;
}
