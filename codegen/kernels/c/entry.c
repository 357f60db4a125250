/* entry.c -- the functions of the header that run the network.
 *
 * Places in memory are named after the checks: there is no sum with a null pointer.
 *
 * ints: DETECTOR PIXELS (a detector that takes pixels) CALLER (each call gets the arena) FEATURES (the CPU must have some) LOADED LINKED
 * (weights, as in weights.c) CHECKED (some tensor has elements) (0, 1); LINES_AT (floats from the arena to the resize's lines) ; words:
 * MEMORY (the arena) INPUT (the input tensor in it) LINES; of a network without detections TENSORS (parameters) MISSING
 * (a condition: a pointer is null) ARGUMENTS (of net_infer)
 */
#ifndef DSSDC
#include <stdint.h>
#define DETECTOR 1
#define PIXELS 1
#define CALLER 1
#define FEATURES 1
#define LOADED 0
#define LINKED 1
#define CHECKED 0
#define LINES_AT 64
#define MEMORY arena
#define INPUT memory
#define LINES lines
#define NET_OK 0
#define NET_EINVAL (-1)
#define NET_ECPU (-2)
#define NET_EWEIGHTS (-3)
#define NET_ARENA_ALIGN 64
#define NET_MAX_DETECTIONS 8
typedef int net_format;
typedef struct {
	float x0, y0, x1, y1, score;
	int32_t label;
} net_detection;
static int net_cpu_serves(void);
static int net_weights_fit(void);
static float net_clip(float x, float least, float most);
static int net_preprocess(const uint8_t *pixels, int width, int height, int stride, net_format format, int32_t *scratch, float *out);
static int net_infer(const float *in0, float *arena, net_detection *out, int max);
int net_detect(void *arena, const uint8_t *pixels, int width, int height, int stride, net_format format, net_detection *out, int max);
int net_run(void *arena, const float *input, net_detection *out, int max);
#endif
#if PIXELS
#if CALLER
int net_detect(void *arena, const uint8_t *pixels, int width, int height, int stride, net_format format,
#else
int net_detect(const uint8_t *pixels, int width, int height, int stride, net_format format,
#endif
	net_detection *out, int max)
{
#if FEATURES
	if (!net_cpu_serves())
		return NET_ECPU;
#endif
#if LOADED
	if (!net_memory.weights)
		return NET_EWEIGHTS;
#elif LINKED
	if (!net_weights_fit())
		return NET_EWEIGHTS;
#endif
#if CALLER
	if (!arena || (uintptr_t)arena % NET_ARENA_ALIGN != 0)
		return NET_EINVAL;
#endif
	if (!pixels || (!out && max != 0) || max < 0)
		return NET_EINVAL;

	float *const memory = MEMORY;
#if CALLER
	void *const lines = memory + LINES_AT;
#endif
	float *const input = INPUT;
	int n = net_preprocess(pixels, width, height, stride, format, LINES, input);

	if (n < 0)
		return n;
	n = net_infer(input, memory, out, max);
	for (int i = 0; i < NET_MAX_DETECTIONS; i++) {
		if (i >= n || i >= max)
			break;
		out[i].x0 = net_clip(out[i].x0 * (float)width, 0.0f, (float)width);
		out[i].y0 = net_clip(out[i].y0 * (float)height, 0.0f, (float)height);
		out[i].x1 = net_clip(out[i].x1 * (float)width, 0.0f, (float)width);
		out[i].y1 = net_clip(out[i].y1 * (float)height, 0.0f, (float)height);
	}
	return n;
}

#endif
#if DETECTOR && CALLER
int net_run(void *arena, const float *input, net_detection *out, int max)
#elif DETECTOR
int net_run(const float *input, net_detection *out, int max)
#elif CALLER
int net_run(void *arena, TENSORS)
#else
int net_run(TENSORS)
#endif
{
#if FEATURES
	if (!net_cpu_serves())
		return NET_ECPU;
#endif
#if LOADED
	if (!net_memory.weights)
		return NET_EWEIGHTS;
#elif LINKED
	if (!net_weights_fit())
		return NET_EWEIGHTS;
#endif
#if CALLER
	if (!arena || (uintptr_t)arena % NET_ARENA_ALIGN != 0)
		return NET_EINVAL;
#endif
#if DETECTOR
	if (!input || (!out && max != 0) || max < 0)
		return NET_EINVAL;
	return net_infer(input, MEMORY, out, max);
#else
#if CHECKED
	if (MISSING)
		return NET_EINVAL;
#endif
	return net_infer(ARGUMENTS);
#endif
}
