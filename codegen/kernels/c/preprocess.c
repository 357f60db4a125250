/* preprocess.c -- pixels of any size to the input tensor: bilinear resize in OpenCV's 8-bit arithmetic, bit for bit,
 * then (x - MEAN) / DIVISOR for each channel.
 *
 * For output index d of N over n source samples: f = (d + 0.5) / (N / n) - 0.5 in double, rounded to float; the sample
 * to its left is i = floor(f), and the weights of i and i + 1 are the integers nearest to (1 - f + i) * 2048 and
 * (f - i) * 2048. Left and right of the image the nearest column has the whole weight; above and below only the row
 * numbers are clamped. Sums along a row are kept whole; a pixel is ((b0 * (h0 >> 4) >> 16) + (b1 * (h1 >> 4) >> 16)
 * + 2) >> 2. Each source row is summed once: two sums are held, row r in place r & 1.
 *
 * i comes from integers, floor(((2 d + 1) n - N) / 2 N). Where f was rounded up to the next integer, i is one less and
 * the second sample has the whole weight: the same value.
 *
 * Grey to colour repeats the sample; colour to grey weighs as OpenCV does (15 bits), before the resize.
 *
 * parts: index to_int
 * from the header: NET_INPUT_WIDTH, NET_INPUT_HEIGHT (1 to 32767)
 * ints: CHANNELS (1, 3) BGR (0, 1: channel 0 is blue); used in #if only
 * floats: MEAN0 MEAN1 MEAN2 DIVISOR0 DIVISOR1 DIVISOR2, in the order of the tensor's channels
 * scratch: int32_t, 10 * NET_INPUT_WIDTH of them
 */
#ifndef DSSDC
#ifndef NET_FUNCTIONS
#include "codegen/kernels/c/functions.c"
#endif
#ifndef NET_INPUT_WIDTH
#define NET_INPUT_WIDTH 321
#define NET_INPUT_HEIGHT 321
#define CHANNELS 3
#define BGR 0
#define MEAN0 127.5f
#define MEAN1 127.5f
#define MEAN2 127.5f
#define DIVISOR0 127.5f
#define DIVISOR1 127.5f
#define DIVISOR2 127.5f
typedef enum { NET_RGB, NET_BGR, NET_RGBA, NET_BGRA, NET_GRAY } net_format;
enum { NET_OK = 0, NET_EINVAL = -1 };
#endif
#endif

/* The weights of the samples left and left + 1 for output d; scale is samples per output. They are within 0 .. 2048 as it
 * is: net_index() only says so where it can be seen, and with it that no sum below overflows. */
static inline void net_resize_weights(int32_t d, double scale, int32_t left, int32_t *first, int32_t *second)
{
	const float f = (float)(((double)d + 0.5) * scale - 0.5) - (float)left;

	*first = net_index(net_to_int((1.0f - f) * 2048.0f), 2049);
	*second = net_index(net_to_int(f * 2048.0f), 2049);
}

/* columns: for each output column the bytes from the row's start to its two samples, and their weights. */
static void net_resize_columns(int32_t width, int32_t step, int32_t *columns)
{
	const double scale = 1.0 / ((double)NET_INPUT_WIDTH / (double)width);

	for (int32_t x = 0; x < NET_INPUT_WIDTH; x++) {
		int32_t left = ((2 * x + 1) * width + NET_INPUT_WIDTH) / (2 * NET_INPUT_WIDTH) - 1;
		int32_t *const c = columns + 4 * x;

		net_resize_weights(x, scale, left, &c[2], &c[3]);
		if (left < 0 || left >= width - 1) {
			left = net_index(left, width);
			c[2] = 2048;
			c[3] = 0;
		}
		c[0] = left * step;
		c[1] = net_index(left + 1, width) * step;
	}
}

/* One source row as weighted sums of its samples: [CHANNELS][NET_INPUT_WIDTH]. offset: bytes from a pixel's start to
 * its sample for each channel of the tensor. */
static void net_resize_row(const uint8_t *row, const uint8_t *offset, const int32_t *columns, int32_t *restrict sum)
{
	for (int32_t x = 0; x < NET_INPUT_WIDTH; x++) {
		const int32_t *const c = columns + 4 * x;
		const uint8_t *const p = row + c[0];
		const uint8_t *const q = row + c[1];
#if CHANNELS == 1
		const int32_t a = (p[offset[0]] * 9798 + p[offset[1]] * 19235 + p[offset[2]] * 3735 + 16384) >> 15;
		const int32_t b = (q[offset[0]] * 9798 + q[offset[1]] * 19235 + q[offset[2]] * 3735 + 16384) >> 15;

		sum[x] = a * c[2] + b * c[3];
#else
		sum[x] = p[offset[0]] * c[2] + q[offset[0]] * c[3];
		sum[NET_INPUT_WIDTH + x] = p[offset[1]] * c[2] + q[offset[1]] * c[3];
		sum[2 * NET_INPUT_WIDTH + x] = p[offset[2]] * c[2] + q[offset[2]] * c[3];
#endif
	}
}

static inline void net_resize_blend(const int32_t *h0, const int32_t *h1, int32_t b0, int32_t b1, float mean,
                                    float divisor, float *restrict out)
{
	for (int32_t x = 0; x < NET_INPUT_WIDTH; x++) {
		const int32_t v = ((b0 * (h0[x] >> 4)) >> 16) + ((b1 * (h1[x] >> 4)) >> 16);
		out[x] = ((float)((v + 2) >> 2) - mean) / divisor;
	}
}

/* NET_EINVAL unless width and height are 1 to 32767 and stride, in bytes, holds a row. */
static int net_preprocess(const uint8_t *pixels, int width, int height, int stride, net_format format, int32_t *scratch,
                          float *input)
{
	/* For each format: bytes of a pixel, then where its red, green and blue are. */
	static const uint8_t formats[5][4] = {{3, 0, 1, 2}, {3, 2, 1, 0}, {4, 0, 1, 2}, {4, 2, 1, 0}, {1, 0, 0, 0}};
	const uint8_t *const f = formats[net_index((int32_t)format, 5)];
	int32_t *const columns = scratch;
	int32_t *const sums = scratch + 4 * NET_INPUT_WIDTH; /* [2][3][NET_INPUT_WIDTH] */
	int32_t held[2] = {-1, -1};
	double scale;

	if (!pixels || (uint32_t)format > (uint32_t)NET_GRAY || width < 1 || width > 32767 || height < 1 ||
	    height > 32767 || stride < width * f[0])
		return NET_EINVAL;
#if BGR && CHANNELS == 3
	const uint8_t offset[3] = {f[3], f[2], f[1]};
#else
	const uint8_t offset[3] = {f[1], f[2], f[3]};
#endif
	memset(sums, 0, 6 * NET_INPUT_WIDTH * sizeof *sums); /* what a sum may hold is then plain, whichever rows were summed */
	scale = 1.0 / ((double)NET_INPUT_HEIGHT / (double)height);
	net_resize_columns(width, f[0], columns);
	for (int32_t y = 0; y < NET_INPUT_HEIGHT; y++) {
		const int32_t top = ((2 * y + 1) * height + NET_INPUT_HEIGHT) / (2 * NET_INPUT_HEIGHT) - 1;
		const int32_t row[2] = {net_index(top, height), net_index(top + 1, height)};
		const int32_t *h[2];
		int32_t b0, b1;

		net_resize_weights(y, scale, top, &b0, &b1);
		for (int k = 0; k < 2; k++) {
			int32_t *const sum = sums + (row[k] & 1) * 3 * NET_INPUT_WIDTH;

			if (held[row[k] & 1] != row[k])
				net_resize_row(pixels + (size_t)row[k] * (size_t)stride, offset, columns, sum);
			held[row[k] & 1] = row[k];
			h[k] = sum;
		}
		net_resize_blend(h[0], h[1], b0, b1, MEAN0, DIVISOR0, input + y * NET_INPUT_WIDTH);
#if CHANNELS == 3
		net_resize_blend(h[0] + NET_INPUT_WIDTH, h[1] + NET_INPUT_WIDTH, b0, b1, MEAN1, DIVISOR1,
		                 input + (NET_INPUT_HEIGHT + y) * NET_INPUT_WIDTH);
		net_resize_blend(h[0] + 2 * NET_INPUT_WIDTH, h[1] + 2 * NET_INPUT_WIDTH, b0, b1, MEAN2, DIVISOR2,
		                 input + (2 * NET_INPUT_HEIGHT + y) * NET_INPUT_WIDTH);
#endif
	}
	return NET_OK;
}
