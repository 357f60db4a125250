/* stack_driver.c -- how deep calls go, measured: below the caller's frame the stack is filled with a pattern, and what a call
 * changed is counted. -DHEADER, -DNAME, -DUPPER as in driver.c; link with -z now, or the first memcpy is the loader's.
 * Prints the bytes of NAME_detect() and NAME_run(), return address included. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include HEADER

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define CALL(what) JOIN(NAME, what)
#define CONSTANT(what) JOIN(UPPER, what)

enum { STACK = 1 << 20, PATTERN = 0xa5, SIDE = 64, OWN = 256 /* bytes that may be the caller's, left as they are */ };

static unsigned char stack[STACK] __attribute__((aligned(4096)));
static CALL(_detection) found[CONSTANT(_MAX_DETECTIONS)];
static float input[CONSTANT(_INPUT_CHANNELS) * CONSTANT(_INPUT_WIDTH) * CONSTANT(_INPUT_HEIGHT)];
static unsigned char pixels[3 * SIDE * SIDE];

/* Called as NAME_run() and NAME_detect() are: where the stack pointer is before a call, less what the call itself pushes. */
static __attribute__((noipa)) unsigned char *run_top(const float *in, const CALL(_detection) * out, int max)
{
	(void)in, (void)out, (void)max;
	return (unsigned char *)__builtin_frame_address(0) + 2 * sizeof(void *);
}

static __attribute__((noipa)) unsigned char *detect_top(const unsigned char *p, int width, int height, int stride, CALL(_format) format,
                                                        const CALL(_detection) * out, int max)
{
	(void)p, (void)width, (void)height, (void)stride, (void)format, (void)out, (void)max;
	return (unsigned char *)__builtin_frame_address(0) + 2 * sizeof(void *);
}

static void *measure(void *runs)
{
	const int max = CONSTANT(_MAX_DETECTIONS);
	unsigned char *const end = (unsigned char *)__builtin_frame_address(0) - OWN, *top;
	int n;
	for (volatile unsigned char *p = stack; p < end; p++)
		*p = PATTERN;
	if (runs) {
		top = run_top(input, found, max);
		n = CALL(_run)(input, found, max);
	} else {
		top = detect_top(pixels, SIDE, SIDE, 3 * SIDE, CONSTANT(_RGB), found, max);
		n = CALL(_detect)(pixels, SIDE, SIDE, 3 * SIDE, CONSTANT(_RGB), found, max);
	}
	const unsigned char *p = stack;
	while (p < end && *p == PATTERN)
		p++;
	printf("%s %ld\n", runs ? "run" : "detect", (long)(top - p));
	return n < 0 ? stack : NULL;
}

int main(void)
{
	for (int i = 0; i < 3 * SIDE * SIDE; i++)
		pixels[i] = (unsigned char)(i * 37);
	for (size_t i = 0; i < sizeof input / sizeof *input; i++)
		input[i] = (float)(i * 37 % 255) - 127.0f;
	for (int i = 0; i < 2; i++) {
		void *failed;
		pthread_attr_t attributes;
		pthread_t thread;
		pthread_attr_init(&attributes);
		if (pthread_attr_setstack(&attributes, stack, STACK) || pthread_create(&thread, &attributes, measure, i ? input : NULL) ||
		    pthread_join(thread, &failed) || failed)
			return 2;
	}
	return 0;
}
