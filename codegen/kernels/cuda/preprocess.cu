/* preprocess.cu -- the first kernel of a run: keeps the calls for the last one, and makes pixels of any size the input
 * tensor, bit for bit as c/preprocess.c does: bilinear resize in OpenCV's 8-bit arithmetic, then (x - MEAN) / DIVISOR for
 * each channel. A call without pixels is only kept: the tensor is there already, or the image is not wanted.
 *
 * A block makes 32 x 8 pixels of the tensor. Its first threads find the samples and weights of its columns and rows: the
 * arithmetic is in double, which many devices do slowly. Products are rounded before they are added to.
 *
 * Of an image that is too large to be sent whole, the host sends the samples that are read, pairs of rows by pairs of
 * columns: net_gather(). They have their own places and the image's weights.
 *
 * parts: queue image call
 * from the header: NET_INPUT_WIDTH, NET_INPUT_HEIGHT (1 to 32767)
 * ints: CHANNELS (1, 3; 0: there are never pixels) BGR (0, 1: channel 0 is blue)
 * floats: MEAN0 MEAN1 MEAN2 DIVISOR0 DIVISOR1 DIVISOR2, in the order of the tensor's channels
 */
#ifndef DSSDC
#include "codegen/kernels/cuda/alone.cuh"
#include "codegen/kernels/cuda/call.cu"
#ifndef NET_INPUT_WIDTH
#define NET_INPUT_WIDTH 321
#define NET_INPUT_HEIGHT 321
#endif
#ifndef CHANNELS
#define CHANNELS 3
#define BGR 0
#define MEAN0 127.5f
#define MEAN1 127.5f
#define MEAN2 127.5f
#define DIVISOR0 127.5f
#define DIVISOR1 127.5f
#define DIVISOR2 127.5f
#endif
#endif

#if CHANNELS
/* The two samples of an output, in memory, and their weights of 2048. */
typedef struct {
	int32_t first, second, first_weight, second_weight;
} net_tap;

/* The sample left of output d of N, or above it, over n samples; -1 outside. */
static __host__ __device__ inline int32_t net_sample_before(int32_t d, int32_t N, int32_t n)
{
	return ((2 * d + 1) * n + N) / (2 * N) - 1;
}

/* The nearest sample of the image. */
static __host__ __device__ inline int32_t net_sample_in(int32_t i, int32_t n)
{
	return i < 0 ? 0 : i < n ? i : n - 1;
}

/* The integer nearest to 2048 f, ties to even; f is 0 to 1. */
static __device__ inline int32_t net_weight_of(float f)
{
	return __float_as_int(f * 2048.0f + 12582912.0f) - 0x4b400000;
}

static __device__ inline net_tap net_tap_of(int32_t d, int32_t N, int32_t n, int32_t pairs)
{
	const int32_t before = net_sample_before(d, N, n);
	const double scale = 1.0 / ((double)N / (double)n);
	const float f = (float)(__dmul_rn((double)d + 0.5, scale) - 0.5) - (float)before;
	net_tap tap;

	tap.first = pairs ? 2 * d : net_sample_in(before, n);
	tap.second = pairs ? 2 * d + 1 : net_sample_in(before + 1, n);
	tap.first_weight = net_weight_of(1.0f - f);
	tap.second_weight = net_weight_of(f);
	return tap;
}

/* Beside the image the nearest column has the whole weight. */
static __device__ inline net_tap net_column_of(int32_t x, int32_t width, int32_t pairs)
{
	const int32_t before = net_sample_before(x, NET_INPUT_WIDTH, width);
	net_tap tap = net_tap_of(x, NET_INPUT_WIDTH, width, pairs);

	if (before < 0 || before >= width - 1) {
		tap.first_weight = 2048;
		tap.second_weight = 0;
	}
	return tap;
}

/* One sample. offset: bytes from a pixel's start to the colours, red first. */
static __device__ inline int32_t net_sample(const uint8_t *pixel, const int32_t *offset, int channel)
{
#if CHANNELS == 1
	(void)channel;
	return (pixel[offset[0]] * 9798 + pixel[offset[1]] * 19235 + pixel[offset[2]] * 3735 + 16384) >> 15;
#elif BGR
	return pixel[offset[2 - channel]];
#else
	return pixel[offset[channel]];
#endif
}

static __device__ inline float net_resized(const uint8_t *const *pixel, const int32_t *offset, int channel,
                                           const net_tap *column, const net_tap *row)
{
	const int32_t a = net_sample(pixel[0], offset, channel) * column->first_weight +
	                  net_sample(pixel[1], offset, channel) * column->second_weight;
	const int32_t b = net_sample(pixel[2], offset, channel) * column->first_weight +
	                  net_sample(pixel[3], offset, channel) * column->second_weight;
	const int32_t v = ((row->first_weight * (a >> 4)) >> 16) + ((row->second_weight * (b >> 4)) >> 16);

	return (float)((v + 2) >> 2);
}

/* One pixel of the tensor. */
static __device__ inline void net_resize(const net_call *call, const net_tap *column, const net_tap *row, float *to)
{
	const int32_t format = call->format; /* RGB BGR RGBA BGRA GRAY */
	const int32_t step = format == 4 ? 1 : format >= 2 ? 4 : 3;
	const int32_t blue_first = format == 1 || format == 3;
	const int32_t offset[3] = {format == 4 ? 0 : 2 * blue_first, format != 4, format == 4 ? 0 : 2 - 2 * blue_first};
	const size_t stride = (size_t)(call->pairs ? 2 * NET_INPUT_WIDTH * step : call->stride);
	const uint8_t *const first = call->pixels + (size_t)row->first * stride;
	const uint8_t *const second = call->pixels + (size_t)row->second * stride;
	const size_t left = (size_t)(column->first * step), right = (size_t)(column->second * step);
	const uint8_t *const pixel[4] = {first + left, first + right, second + left, second + right};

	to[0] = (net_resized(pixel, offset, 0, column, row) - MEAN0) / DIVISOR0;
#if CHANNELS == 3
	to[NET_INPUT_HEIGHT * NET_INPUT_WIDTH] = (net_resized(pixel, offset, 1, column, row) - MEAN1) / DIVISOR1;
	to[2 * NET_INPUT_HEIGHT * NET_INPUT_WIDTH] = (net_resized(pixel, offset, 2, column, row) - MEAN2) / DIVISOR2;
#endif
}

/* The samples that the resize reads, [2 * NET_INPUT_HEIGHT][2 * NET_INPUT_WIDTH] pixels without gaps. */
static void net_gather(const uint8_t *pixels, int width, int height, int stride, int bytes_per_pixel, uint8_t *to)
{
	for (int y = 0; y < 2 * NET_INPUT_HEIGHT; y++) {
		const int32_t above = net_sample_before(y / 2, NET_INPUT_HEIGHT, height);
		const uint8_t *const row = pixels + (size_t)net_sample_in(above + y % 2, height) * (size_t)stride;

		for (int x = 0; x < 2 * NET_INPUT_WIDTH; x++) {
			const int32_t before = net_sample_before(x / 2, NET_INPUT_WIDTH, width);
			const uint8_t *const from = row + net_sample_in(before + x % 2, width) * bytes_per_pixel;

			uint8_t *const at = to + (2 * NET_INPUT_WIDTH * y + x) * bytes_per_pixel;

			for (int k = 0; k < bytes_per_pixel; k++)
				at[k] = from[k];
		}
	}
}

#endif
static __global__ void __launch_bounds__(256) net_preprocess_device(const net_calls calls, float *input, net_call *kept)
{
	const int image = (int)blockIdx.z, thread = (int)threadIdx.x;
#if CHANNELS
	__shared__ net_tap column[32], row[8];
	const net_call *const call = &calls.image[image];
	const int x = 32 * (int)blockIdx.x + thread % 32, y = 8 * (int)blockIdx.y + thread / 32;
#endif

	if (blockIdx.x == 0 && blockIdx.y == 0 && thread == 0)
		kept[image] = calls.image[image];
#if CHANNELS
	if (!call->pixels)
		return;
	if (thread < 32)
		column[thread] = net_column_of(x, call->width, call->pairs);
	else if (thread < 40)
		row[thread - 32] = net_tap_of(8 * (int)blockIdx.y + thread - 32, NET_INPUT_HEIGHT, call->height, call->pairs);
	__syncthreads();
	if (x < NET_INPUT_WIDTH && y < NET_INPUT_HEIGHT)
		net_resize(call, &column[thread % 32], &row[thread / 32], net_at_image(input, image) + y * NET_INPUT_WIDTH + x);
#else
	(void)input;
#endif
}

/* input: of image 0; kept: one for each image. */
static void net_preprocess(net_queue *q, const net_calls *calls, float *input, net_call *kept)
{
#if CHANNELS
	const dim3 grid((NET_INPUT_WIDTH + 31) / 32, (NET_INPUT_HEIGHT + 7) / 8, NET_BATCH);
#else
	const dim3 grid(1, 1, NET_BATCH);
#endif

	net_launch(q, net_preprocess_device, grid, 256, 0, *calls, input, kept);
}
