/* driver.c -- what test_program_slow.c compiles against an emitted header: -DHEADER, -DNAME, -DUPPER, -DCALLER for a
 * caller's arena, -DLOADED for weights that are loaded. Prints detections as hexadecimal floats: equal text, equal bits.
 *
 *     run       detections of a synthetic picture in several formats, and of a synthetic tensor
 *     max       fewer than there are; order; clipping
 *     misuse    every wrong argument
 *     weights   NAME.weights with one bit changed, cut, moved
 *     threads   two threads, an arena each, against one thread
 *     strange   NaN, infinities, huge and tiny numbers as input
 *     cpu       0 when it runs here, 3 when the CPU is refused
 */
#define _POSIX_C_SOURCE 200809L
#include HEADER

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOIN(a, b) a##_##b
#define JOINED(a, b) JOIN(a, b)
#define N(x) JOINED(NAME, x)
#define U(x) JOINED(UPPER, x)

enum { WIDTH = 203, HEIGHT = 151, STRIDE = 4 * WIDTH + 5, MAX = U(MAX_DETECTIONS), INPUT = 3 * U(INPUT_WIDTH) * U(INPUT_HEIGHT) };

#define CHECK(x)                                                            \
	do {                                                                \
		if (!(x)) {                                                 \
			fprintf(stderr, "driver.c:%d: %s\n", __LINE__, #x); \
			exit(1);                                            \
		}                                                           \
	} while (0)

static uint8_t picture[STRIDE * HEIGHT];
static float tensor[INPUT];

#ifdef CALLER
#define ARENA arena,
#else
#define ARENA
#endif

static void *arena_make(void)
{
	void *p = NULL;
	CHECK(!posix_memalign(&p, U(ARENA_ALIGN), U(ARENA_SIZE) ? U(ARENA_SIZE) : 1));
	memset(p, 0xa5, U(ARENA_SIZE)); /* nothing may be expected there */
	return p;
}

static void synthesize(void)
{
	uint32_t x = 12345;
	for (int i = 0; i < STRIDE * HEIGHT; i++) {
		x = x * 1664525u + 1013904223u;
		picture[i] = (uint8_t)((i / 37 * 5 + i % STRIDE / 3 + (int)(x >> 28)) & 255);
	}
	for (int i = 0; i < INPUT; i++) {
		x = x * 1664525u + 1013904223u;
		tensor[i] = (float)(x >> 8) / 8388608.0f - 1.0f;
	}
}

static void print(int n, const N(detection) * d)
{
	printf("%d\n", n);
	for (int i = 0; i < n; i++)
		printf("%d %a %a %a %a %a\n", (int)d[i].label, d[i].score, d[i].x0, d[i].y0, d[i].x1, d[i].y1);
}

static void run(void *arena)
{
	N(detection) d[MAX];
	(void)arena;
	print(N(detect)(ARENA picture, WIDTH, HEIGHT, STRIDE, U(RGB), d, MAX), d);
	print(N(detect)(ARENA picture, WIDTH, HEIGHT, STRIDE, U(BGRA), d, MAX), d);
	print(N(detect)(ARENA picture, 1, 1, 3, U(BGR), d, MAX), d);
	print(N(detect)(ARENA picture, WIDTH, HEIGHT, WIDTH, U(GRAY), d, MAX), d);
	print(N(run)(ARENA tensor, d, MAX), d);
	printf("%s %s\n", N(version)(), N(labels)[1]);
}

static void max(void *arena)
{
	N(detection) all[MAX], some[MAX];
	(void)arena;
	int n = N(detect)(ARENA picture, WIDTH, HEIGHT, STRIDE, U(RGB), all, MAX);
	CHECK(n > 8 && n <= MAX);
	for (int i = 0; i < n; i++) {
		CHECK(!i || all[i].score <= all[i - 1].score);
		CHECK(!i || all[i].score < all[i - 1].score || all[i].label >= all[i - 1].label);
		CHECK(all[i].label > 0 && all[i].label < U(NUM_CLASSES) && all[i].score > 0 && all[i].score <= 1);
		CHECK(all[i].x0 >= 0 && all[i].y0 >= 0 && all[i].x1 <= WIDTH && all[i].y1 <= HEIGHT);
	}
	for (int m = 0; m < n; m += 1 + m / 3) {
		memset(some, 0x5a, sizeof some);
		CHECK(N(detect)(ARENA picture, WIDTH, HEIGHT, STRIDE, U(RGB), m ? some : NULL, m) == m);
		CHECK(!memcmp(all, some, sizeof *all * (size_t)m));
		for (size_t k = sizeof *all * (size_t)m; k < sizeof some; k++)
			CHECK(((unsigned char *)some)[k] == 0x5a);
	}
	int outside = 0;
	n = N(run)(ARENA tensor, all, MAX);
	for (int i = 0; i < n; i++)
		outside += all[i].x0 < 0 || all[i].y0 < 0 || all[i].x1 > 1 || all[i].y1 > 1;
	CHECK(n > 0 && outside > 0); /* not clipped */
	CHECK(N(run)(ARENA tensor, NULL, 0) == 0);
}

static void misuse(void *arena)
{
	N(detection) d[MAX];
	(void)arena;
	CHECK(N(detect)(ARENA NULL, WIDTH, HEIGHT, STRIDE, U(RGB), d, MAX) == U(EINVAL));
	CHECK(N(detect)(ARENA picture, WIDTH, HEIGHT, STRIDE, U(RGB), NULL, MAX) == U(EINVAL));
	CHECK(N(detect)(ARENA picture, WIDTH, HEIGHT, STRIDE, U(RGB), d, -1) == U(EINVAL));
	CHECK(N(detect)(ARENA picture, 0, HEIGHT, STRIDE, U(RGB), d, MAX) == U(EINVAL));
	CHECK(N(detect)(ARENA picture, WIDTH, -3, STRIDE, U(RGB), d, MAX) == U(EINVAL));
	CHECK(N(detect)(ARENA picture, 40000, 1, 3 * 40000, U(RGB), d, MAX) == U(EINVAL));
	CHECK(N(detect)(ARENA picture, 1, 40000, 3, U(RGB), d, MAX) == U(EINVAL));
	CHECK(N(detect)(ARENA picture, WIDTH, HEIGHT, 3 * WIDTH - 1, U(RGB), d, MAX) == U(EINVAL));
	CHECK(N(detect)(ARENA picture, WIDTH, HEIGHT, 4 * WIDTH - 1, U(RGBA), d, MAX) == U(EINVAL));
	CHECK(N(detect)(ARENA picture, WIDTH, HEIGHT, -STRIDE, U(RGB), d, MAX) == U(EINVAL));
	CHECK(N(detect)(ARENA picture, WIDTH, HEIGHT, STRIDE, (N(format))5, d, MAX) == U(EINVAL));
	CHECK(N(detect)(ARENA picture, WIDTH, HEIGHT, STRIDE, (N(format))-1, d, MAX) == U(EINVAL));
	CHECK(N(detect)(ARENA picture, WIDTH, HEIGHT, STRIDE, U(RGB), NULL, 0) == 0);
	CHECK(N(run)(ARENA NULL, d, MAX) == U(EINVAL));
	CHECK(N(run)(ARENA tensor, NULL, 1) == U(EINVAL));
	CHECK(N(run)(ARENA tensor, d, -2147483647) == U(EINVAL));
#ifdef CALLER
	CHECK(N(detect)(NULL, picture, WIDTH, HEIGHT, STRIDE, U(RGB), d, MAX) == U(EINVAL));
	CHECK(N(run)(NULL, tensor, d, MAX) == U(EINVAL));
	CHECK(N(run)((char *)arena + 4, tensor, d, MAX) == U(EINVAL));
#endif
	for (int error = -7; error < 3; error++)
		CHECK(N(strerror)(error) && *N(strerror)(error));
	CHECK(strcmp(N(strerror)(U(EINVAL)), N(strerror)(U(EWEIGHTS))));
	CHECK(!strcmp(N(strerror)(1), N(strerror)(-99)));
}

#ifdef LOADED
static unsigned char *load(size_t *size)
{
	FILE *f = fopen(LOADED, "rb");
	void *p = NULL;
	*size = (size_t)U(WEIGHTS_SIZE) + 64;
	CHECK(f && !posix_memalign(&p, U(ARENA_ALIGN), *size + 64));
	CHECK(fread(p, 1, *size + 1, f) == *size);
	fclose(f);
	return p;
}

static void weights(void *arena)
{
	size_t size;
	N(detection) d[MAX];
	unsigned char *w = load(&size);
	(void)arena;
	CHECK(N(run)(ARENA tensor, d, MAX) == U(EWEIGHTS));
	CHECK(N(detect)(ARENA picture, WIDTH, HEIGHT, STRIDE, U(RGB), d, MAX) == U(EWEIGHTS));
	CHECK(N(load)(NULL, size) == U(EWEIGHTS));
	CHECK(N(load)(w, size - 1) == U(EWEIGHTS));
	CHECK(N(load)(w, size + 1) == U(EWEIGHTS));
	CHECK(N(load)(w, 0) == U(EWEIGHTS));
	CHECK(N(load)(w + 4, size) == U(EINVAL));
	for (size_t at = 0; at < size; at += at < 66 ? 1 : size / 23) {
		w[at] ^= (unsigned char)(1u << at % 8);
		CHECK(N(load)(w, size) == U(EWEIGHTS));
		w[at] ^= (unsigned char)(1u << at % 8);
	}
	w[size - 1] ^= 128;
	CHECK(N(load)(w, size) == U(EWEIGHTS));
	w[size - 1] ^= 128;
	CHECK(N(run)(ARENA tensor, d, MAX) == U(EWEIGHTS));
	CHECK(N(load)(w, size) == U(OK));
	run(arena);
}
#else
static void weights(void *arena)
{
	(void)arena;
	CHECK(!"loaded");
}
#endif

#ifdef CALLER
typedef struct Work {
	N(detection) d[2][MAX];
	int n[2];
} Work;

static void *work(void *context)
{
	Work *w = context;
	void *arena = arena_make();
	for (int i = 0; i < 2; i++)
		w->n[i] = i ? N(run)(ARENA tensor, w->d[i], MAX) : N(detect)(ARENA picture, WIDTH, HEIGHT, STRIDE, U(RGB), w->d[i], MAX);
	free(arena);
	return NULL;
}

static void threads(void)
{
	static Work one, two[2];
	pthread_t t[2];
	work(&one);
	CHECK(one.n[0] > 0 && one.n[1] > 0);
	for (int i = 0; i < 2; i++)
		CHECK(!pthread_create(&t[i], NULL, work, &two[i]));
	for (int i = 0; i < 2; i++) {
		CHECK(!pthread_join(t[i], NULL));
		CHECK(!memcmp(&one, &two[i], sizeof one));
	}
}
#else
static void threads(void)
{
	CHECK(!"a caller's arena");
}
#endif

static void strange(void *arena)
{
	static const float values[] = {0.0f, -0.0f, 1e38f, -1e38f, 1e-42f, 3.4e38f};
	N(detection) d[MAX];
	volatile float zero = 0;
	(void)arena;
	for (int v = 0; v < 9; v++) {
		for (int i = 0; i < INPUT; i++)
			tensor[i] = v < 6 ? values[v] : v == 6 ? zero / zero : v == 7 ? 1 / zero : i % 3 ? -1 / zero : zero / zero;
		int n = N(run)(ARENA tensor, d, MAX);
		CHECK(n >= 0 && n <= MAX);
		for (int i = 0; i < n; i++)
			CHECK(d[i].label > 0 && d[i].label < U(NUM_CLASSES));
	}
}

int N(main)(const char *what);

int N(main)(const char *what)
{
	void *arena = arena_make();
	synthesize();
#ifdef LOADED
	size_t size;
	unsigned char *w = strcmp(what, "weights") ? load(&size) : NULL;
	if (w)
		CHECK(N(load)(w, size) == U(OK));
#endif
	if (!strcmp(what, "run"))
		run(arena);
	else if (!strcmp(what, "max"))
		max(arena);
	else if (!strcmp(what, "misuse"))
		misuse(arena);
	else if (!strcmp(what, "weights"))
		weights(arena);
	else if (!strcmp(what, "threads"))
		threads();
	else if (!strcmp(what, "strange"))
		strange(arena);
	else if (!strcmp(what, "cpu")) {
		N(detection) d[MAX];
		int n = N(run)(ARENA tensor, d, MAX);
		if (n == U(ECPU))
			puts(N(strerror)(n));
		free(arena);
		return n == U(ECPU) ? 3 : n < 0;
	} else
		CHECK(!"known");
	free(arena);
#ifdef LOADED
	free(w);
#endif
	return 0;
}

#ifndef NO_MAIN
int main(int argc, char **argv)
{
	return N(main)(argc > 1 ? argv[1] : "");
}
#endif
