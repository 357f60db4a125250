/* driver.c -- what Frama-C's Eva starts from, for any of the nets: every entry of an emitted source, any argument that
 * its header allows and those that it refuses, any bytes as weights, pixels and tensors.
 *
 * analysed.h is run.sh's: it defines NAME and UPPER; for tensors in and out BUFFERS and ARGUMENTS; for a detector INPUT
 * (its tensor's shape) and PICTURES when it takes pixels; and includes the source itself. With -DSEEDED=1, the control,
 * every buffer is an element short.
 *
 * Buffers are bytes, which are unknown at the start (-lib-entry): as floats they are NaN and infinities too, where an
 * unknown float would be a finite one. The arena of tensors is not initialised: what is read there was written before.
 */
#include "analysed.h"

#include <__fc_builtin.h>

/* run.sh looks for this line in what Eva prints: all that came before ends, and can end so. */
#define REACHED(x) \
	if (x)     \
	Frama_C_show_each_reached()
#define JOIN(a, b) a##_##b
#define JOINED(a, b) JOIN(a, b)
#define N(x) JOINED(NAME, x)
#define U(x) JOINED(UPPER, x)
#ifndef SEEDED
#define SEEDED 0
#endif
#define ANY_INT Frama_C_interval(-2147483647 - 1, 2147483647)

/* Space for n elements of a type. */
#define BUFFER(type, name, n) static unsigned char name[((n) - SEEDED) * sizeof(type)];
#define OR_NULL(p) Frama_C_nondet_ptr(0, p)

static unsigned char weights[U(WEIGHTS_SIZE) + 64];

#ifdef BUFFERS
BUFFERS

static void run(void)
{
	float arena[U(ARENA_SIZE) / 4];

	REACHED(N(run)(OR_NULL(arena), ARGUMENTS) == U(OK));
}
#else
enum { MOST = U(MAX_DETECTIONS) };

BUFFER(float, input, sizeof(float INPUT) / sizeof(float))
BUFFER(N(detection), found, MOST + 1)

/* What was left there: of the heaps of detect Eva does not see how far they are filled. */
static unsigned char arena[U(ARENA_SIZE)];

#ifdef PICTURES
/* As large as the largest picture with the largest stride: no position is beyond it, none before it. */
static unsigned char pixels[32766ull * 2147483647ull + 4 * 32767ull];

static int find(N(detection) * out, int max)
{
	return N(detect)(OR_NULL(arena), OR_NULL(pixels), ANY_INT, ANY_INT, ANY_INT, (N(format))ANY_INT, OR_NULL(out), max);
}

/* Small pictures that end with their last byte. */
static void look(void)
{
	static const int size[5] = {3, 3, 4, 4, 1};
	static unsigned char picture[64];
	int32_t lines[10 * U(INPUT_WIDTH)];
	float tensor[sizeof(float INPUT) / sizeof(float)];

	for (int format = 0; format < 5; format++)
		for (int width = 1; width < 4; width++)
			for (int height = 1; height < 4; height++) {
				const int row = width * size[format], stride = row + 1, bytes = (height - 1) * stride + row;

				N(preprocess)
				(picture + (64 + SEEDED - bytes), width, height, stride, (N(format))format, lines, tensor);
			}
}
#else
static int find(N(detection) * out, int max)
{
	return N(run)(OR_NULL(arena), OR_NULL(input), OR_NULL(out), max);
}

static void look(void)
{
}
#endif

/* out holds max detections, no more; for a max that is larger than any result, as many as that. */
static void run(void)
{
	N(detection) *const end = (N(detection) *)(found + sizeof found);

	look();
	for (int max = 0; max <= MOST; max++)
		find(end - (max > SEEDED ? max - SEEDED : 0), max);
	find(end - MOST, Frama_C_interval(-2147483647 - 1, -1));
	N(run)(OR_NULL(arena), OR_NULL(input), end - MOST, MOST);
	REACHED(find(end - MOST, Frama_C_interval(MOST + 1, 2147483647)) == MOST);
}
#endif

void analysed(void)
{
	N(memory).weights = 0;
	N(load)(OR_NULL(weights), (size_t)ANY_INT);
	N(strerror)(ANY_INT);
	N(version)();
	run();
}
