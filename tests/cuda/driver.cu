/* driver.cu -- a program around an emitted CUDA detector: -DHEADER, -DNAME, -DUPPER, -DCALLER for a caller's memory. Prints
 * detections as hexadecimal floats: equal text, equal bits. Runs on a device and through tests/cuda/shim. With -DPLAIN the
 * detector is a C program, of which there is `run` only.
 *
 *     run       detections of a synthetic picture in several formats and sizes, and of a synthetic tensor
 *     misuse    every wrong argument
 *     batch     NAME_BATCH pictures at once: as one by one
 *     device    pixels and results on the device, the caller's stream; the caller's graph; ten runs are equal
 *     contexts  two contexts in turn (CALLER)
 *     open      what NAME_open() returns, and the name of the status
 *     photos W H FILE ...   raw RGB from files, boxes as text, a line "end" behind each
 *     time N    milliseconds of N runs from pixels on the device to boxes, sorted
 */
#include HEADER

#include <algorithm>
#ifndef C_PROGRAM
#include <cuda_runtime.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vector>

#undef EINVAL /* errno.h's: names of ours end so */
#undef ENOMEM

#define JOIN(a, b) a##_##b
#define JOINED(a, b) JOIN(a, b)
#define N(x) JOINED(NAME, x)
#define U(x) JOINED(UPPER, x)

enum { WIDTH = 203, HEIGHT = 151, STRIDE = 4 * WIDTH + 5, LARGE_WIDTH = 4100, LARGE_HEIGHT = 37, MAX = U(MAX_DETECTIONS), INPUT = 3 * U(INPUT_WIDTH) * U(INPUT_HEIGHT) };

#define CHECK(x)                                                                                                     \
	do {                                                                                                         \
		if (!(x)) {                                                                                          \
			fprintf(stderr, "driver.cu:%d: %s\n", __LINE__, #x);                                         \
			exit(1);                                                                                     \
		}                                                                                                    \
	} while (0)

#ifdef CALLER
static N(context) own;
#define CONTEXT &own,
#define OWN &own
#else
#define CONTEXT
#define OWN
#endif

static uint8_t picture[STRIDE * HEIGHT], large[3 * LARGE_WIDTH * LARGE_HEIGHT];
static float tensor[INPUT];

static void synthesize(void)
{
	uint32_t x = 12345;
	for (int i = 0; i < STRIDE * HEIGHT; i++) {
		x = x * 1664525u + 1013904223u;
		picture[i] = (uint8_t)((i / 37 * 5 + i % STRIDE / 3 + (int)(x >> 28)) & 255);
	}
	for (int i = 0; i < (int)sizeof large; i++)
		large[i] = (uint8_t)(i / 7 * 3 + i % 101);
	for (int i = 0; i < INPUT; i++) {
		x = x * 1664525u + 1013904223u;
		tensor[i] = (float)(x >> 8) / 8388608.0f - 1.0f;
	}
}

#ifndef C_PROGRAM
static int open_detector(void)
{
#ifdef CALLER
	void *memory = NULL;
	cudaError_t status = cudaMalloc(&memory, U(ARENA_SIZE));
	return status == cudaSuccess ? N(open)(&own, memory) : status == cudaErrorMemoryAllocation ? U(ENOMEM) : U(ENODEVICE);
#else
	return N(open)();
#endif
}

#endif
static void print(int n, const N(detection) * d)
{
	printf("%d\n", n);
	for (int i = 0; i < n; i++)
		printf("%d %a %a %a %a %a\n", (int)d[i].label, d[i].score, d[i].x0, d[i].y0, d[i].x1, d[i].y1);
}

static void run(void)
{
	static N(detection) d[MAX];
	print(N(detect)(CONTEXT picture, WIDTH, HEIGHT, STRIDE, U(RGB), d, MAX), d);
	print(N(detect)(CONTEXT picture, WIDTH, HEIGHT, STRIDE, U(BGRA), d, MAX), d);
	print(N(detect)(CONTEXT picture, 1, 1, 3, U(BGR), d, MAX), d);
	print(N(detect)(CONTEXT picture, WIDTH, HEIGHT, WIDTH, U(GRAY), d, MAX), d);
	print(N(detect)(CONTEXT large, LARGE_WIDTH, LARGE_HEIGHT, 3 * LARGE_WIDTH, U(RGB), d, MAX), d);
	print(N(run)(CONTEXT tensor, d, MAX), d);
	print(N(run)(CONTEXT tensor, d, 3), d);
}

#ifdef C_PROGRAM
int main(void)
{
	synthesize();
	run();
	return 0;
}
#else
static void misuse(void)
{
	static N(detection) d[MAX];
	int counts[U(BATCH)];
	N(image) image = {picture, WIDTH, HEIGHT, STRIDE, U(RGB)};
	CHECK(N(detect)(CONTEXT NULL, WIDTH, HEIGHT, STRIDE, U(RGB), d, MAX) == U(EINVAL));
	CHECK(N(detect)(CONTEXT picture, WIDTH, HEIGHT, STRIDE, U(RGB), NULL, MAX) == U(EINVAL));
	CHECK(N(detect)(CONTEXT picture, WIDTH, HEIGHT, STRIDE, U(RGB), d, -1) == U(EINVAL));
	CHECK(N(detect)(CONTEXT picture, 0, HEIGHT, STRIDE, U(RGB), d, MAX) == U(EINVAL));
	CHECK(N(detect)(CONTEXT picture, WIDTH, 40000, STRIDE, U(RGB), d, MAX) == U(EINVAL));
	CHECK(N(detect)(CONTEXT picture, WIDTH, HEIGHT, 3 * WIDTH - 1, U(RGB), d, MAX) == U(EINVAL));
	CHECK(N(detect)(CONTEXT picture, WIDTH, HEIGHT, STRIDE, (N(format))5, d, MAX) == U(EINVAL));
	CHECK(N(detect)(CONTEXT picture, WIDTH, HEIGHT, STRIDE, U(RGB), NULL, 0) == 0);
	CHECK(N(run)(CONTEXT NULL, d, MAX) == U(EINVAL));
	CHECK(N(detect_batch)(CONTEXT & image, 0, d, MAX, counts) == U(EINVAL));
	CHECK(N(detect_batch)(CONTEXT & image, U(BATCH) + 1, d, MAX, counts) == U(EINVAL));
	CHECK(N(detect_batch)(CONTEXT & image, 1, d, MAX, NULL) == U(EINVAL));
	CHECK(N(detect_device)(CONTEXT picture, WIDTH, HEIGHT, STRIDE, U(RGB), NULL, NULL) == U(EINVAL));
	CHECK(N(strerror)(U(EINVAL)) && N(strerror)(U(EARCH)) && N(strerror)(-99) && N(version)());
#ifdef CALLER
	static N(context) closed;
	CHECK(N(detect)(&closed, picture, WIDTH, HEIGHT, STRIDE, U(RGB), d, MAX) == U(EINVAL));
	CHECK(N(open)(&closed, NULL) == U(EINVAL));
	CHECK(N(open)(&closed, (void *)(picture + 1)) == U(EINVAL));
#endif
}

static void batch(void)
{
	static N(detection) alone[U(BATCH)][MAX], together[U(BATCH)][MAX];
	int count[U(BATCH)], counts[U(BATCH)];
	N(image) image[U(BATCH)];
	for (int i = 0; i < U(BATCH); i++)
		image[i] = (N(image)){picture + 3 * i, WIDTH - 5 * i, HEIGHT - 3 * i, STRIDE, i % 2 ? U(BGR) : U(RGB)};
	for (int n = 1; n <= U(BATCH); n++) {
		for (int i = 0; i < n; i++)
			count[i] = N(detect)(CONTEXT image[i].pixels, image[i].width, image[i].height, STRIDE, image[i].format, alone[i], MAX);
		memset(together, 0x5a, sizeof together);
		CHECK(N(detect_batch)(CONTEXT image, n, together[0], MAX, counts) == n);
		for (int i = 0; i < n; i++) {
			CHECK(counts[i] == count[i]);
			CHECK(!memcmp(alone[i], together[i], sizeof alone[0][0] * (size_t)count[i]));
		}
	}
	printf("%d images, %d detections in the first\n", U(BATCH), count[0]);
}

static void *on_device(const void *from, size_t size)
{
	void *p = NULL;
	CHECK(cudaMalloc(&p, size) == cudaSuccess);
	CHECK(cudaMemcpy(p, from, size, cudaMemcpyHostToDevice) == cudaSuccess);
	return p;
}

static void check_result(const N(result) * result, cudaStream_t stream, int n, const N(detection) * want)
{
	static N(result) got;
	CHECK(cudaMemcpyAsync(&got, result, sizeof got, cudaMemcpyDeviceToHost, stream) == cudaSuccess);
	CHECK(cudaStreamSynchronize(stream) == cudaSuccess);
	CHECK(got.count == n);
	CHECK(!memcmp(got.detection, want, sizeof *want * (size_t)n));
}

static void device(void)
{
	static N(detection) want[MAX], other[MAX];
	const uint8_t *pixels = (const uint8_t *)on_device(picture, sizeof picture);
	N(result) *result = NULL;
	cudaStream_t stream = NULL;
	cudaGraph_t graph = NULL;
	cudaGraphExec_t replay = NULL;
	int n = N(detect)(CONTEXT picture, WIDTH, HEIGHT, STRIDE, U(RGB), want, MAX);
	int m = N(detect)(CONTEXT picture, WIDTH - 50, HEIGHT, STRIDE, U(BGR), other, MAX);
	CHECK(n > 0 && m >= 0);
	CHECK(cudaMalloc((void **)&result, sizeof *result) == cudaSuccess);
	CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) == cudaSuccess);
	for (int i = 0; i < 10; i++) {
		CHECK(N(detect_device)(CONTEXT pixels, WIDTH, HEIGHT, STRIDE, U(RGB), result, stream) == 0);
		check_result(result, stream, n, want);
	}
	CHECK(N(detect_device)(CONTEXT pixels, WIDTH - 50, HEIGHT, STRIDE, U(BGR), result, stream) == 0);
	check_result(result, stream, m, other);
	CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal) == cudaSuccess);
	CHECK(N(detect_device)(CONTEXT pixels, WIDTH, HEIGHT, STRIDE, U(RGB), result, stream) == 0);
	CHECK(cudaStreamEndCapture(stream, &graph) == cudaSuccess);
	CHECK(cudaGraphInstantiate(&replay, graph, 0) == cudaSuccess);
	for (int i = 0; i < 3; i++) {
		CHECK(cudaMemsetAsync(result, 0, sizeof *result, stream) == cudaSuccess);
		CHECK(cudaGraphLaunch(replay, stream) == cudaSuccess);
		check_result(result, stream, n, want);
	}
	CHECK(cudaGraphExecDestroy(replay) == cudaSuccess && cudaGraphDestroy(graph) == cudaSuccess);
	printf("%d detections, the same in every way\n", n);
}

static void contexts(void)
{
#ifdef CALLER
	static N(context) second;
	static N(detection) a[MAX], b[MAX], c[MAX];
	void *memory = NULL;
	CHECK(cudaMalloc(&memory, U(ARENA_SIZE)) == cudaSuccess);
	CHECK(N(open)(&second, memory) == 0);
	int n = N(detect)(&own, picture, WIDTH, HEIGHT, STRIDE, U(RGB), a, MAX);
	int m = N(detect)(&second, picture, 20, 20, STRIDE, U(BGR), b, MAX);
	CHECK(N(detect)(&own, picture, 20, 20, STRIDE, U(BGR), c, MAX) == m && !memcmp(b, c, sizeof *b * (size_t)m));
	CHECK(N(detect)(&second, picture, WIDTH, HEIGHT, STRIDE, U(RGB), c, MAX) == n && !memcmp(a, c, sizeof *a * (size_t)n));
	N(close)(&second);
	CHECK(N(detect)(&second, picture, 20, 20, STRIDE, U(BGR), b, MAX) == U(EINVAL));
	CHECK(N(detect)(&own, picture, WIDTH, HEIGHT, STRIDE, U(RGB), c, MAX) == n && !memcmp(a, c, sizeof *a * (size_t)n));
	printf("%d and %d detections\n", n, m);
#endif
}

static void photo(int width, int height, const char *path)
{
	static N(detection) d[MAX];
	std::vector<uint8_t> pixels((size_t)(3 * width * height));
	FILE *f = fopen(path, "rb");
	CHECK(f && fread(pixels.data(), 1, pixels.size(), f) == pixels.size());
	fclose(f);
	int n = N(detect)(CONTEXT pixels.data(), width, height, 3 * width, U(RGB), d, MAX);
	CHECK(n >= 0);
	for (int i = 0; i < n; i++)
		printf("%d %.6f %.3f %.3f %.3f %.3f\n", (int)d[i].label, d[i].score, d[i].x0, d[i].y0, d[i].x1, d[i].y1);
	puts("end");
}

static void times(int count)
{
	N(image) image[U(BATCH)];
	const uint8_t *pixels = (const uint8_t *)on_device(picture, sizeof picture);
	N(result) *result = NULL;
	cudaStream_t stream = NULL;
	cudaEvent_t begin, end;
	std::vector<float> ms;
	CHECK(cudaMalloc((void **)&result, sizeof *result * U(BATCH)) == cudaSuccess);
	CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking) == cudaSuccess);
	CHECK(cudaEventCreate(&begin) == cudaSuccess && cudaEventCreate(&end) == cudaSuccess);
	for (int i = 0; i < U(BATCH); i++)
		image[i] = (N(image)){pixels, WIDTH, HEIGHT, STRIDE, U(RGB)};
	for (int i = 0; i < count + 20; i++) { /* some to get warm */
		float t = 0;
		CHECK(cudaEventRecord(begin, stream) == cudaSuccess);
		CHECK(N(detect_batch_device)(CONTEXT image, U(BATCH), result, stream) == 0);
		CHECK(cudaEventRecord(end, stream) == cudaSuccess);
		CHECK(cudaEventSynchronize(end) == cudaSuccess);
		CHECK(cudaEventElapsedTime(&t, begin, end) == cudaSuccess);
		if (i >= 20)
			ms.push_back(t);
	}
	std::sort(ms.begin(), ms.end());
	printf("{\"batch\": %d, \"runs\": %d, \"min\": %.4f, \"median\": %.4f, \"p95\": %.4f, \"max\": %.4f}\n", U(BATCH), count, ms[0],
	       ms[ms.size() / 2], ms[ms.size() * 95 / 100], ms.back());
}

int main(int argc, char **argv)
{
	CHECK(argc > 1);
	synthesize();
	int opened = open_detector();
	if (!strcmp(argv[1], "open")) {
		printf("%d %s\n", opened, opened ? N(device_error)(OWN) : "ready");
		return 0;
	}
	if (opened) {
		fprintf(stderr, "%s (%s)\n", N(strerror)(opened), N(device_error)(OWN));
		return 3;
	}
	if (!strcmp(argv[1], "run"))
		run();
	else if (!strcmp(argv[1], "misuse"))
		misuse();
	else if (!strcmp(argv[1], "batch"))
		batch();
	else if (!strcmp(argv[1], "device"))
		device();
	else if (!strcmp(argv[1], "contexts"))
		contexts();
	else if (!strcmp(argv[1], "photos") && argc > 2 && argc % 3 == 2)
		for (int i = 2; i < argc; i += 3)
			photo(atoi(argv[i]), atoi(argv[i + 1]), argv[i + 2]);
	else if (!strcmp(argv[1], "time") && argc == 3)
		times(atoi(argv[2]));
	else
		return 2;
	N(close)(OWN);
	return 0;
}
#endif
