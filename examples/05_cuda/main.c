/* main.c -- a program that has a CUDA stream and pixels on the device, and asks an emitted detector what is in them.
 *
 *     examples/05_cuda/run.sh [PHOTO.png]
 *
 * Nothing waits on the host until the results are wanted: the photograph's copy, the detection (one CUDA graph) and the
 * copy of the results follow each other on the program's own stream.
 */
#include "detect.h"

#include <cuda_runtime_api.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(cudaError_t status, const char *what)
{
	if (status == cudaSuccess)
		return;
	fprintf(stderr, "%s: %s\n", what, cudaGetErrorString(status));
	exit(3);
}

static void check_detector(int status)
{
	if (status >= 0)
		return;
	fprintf(stderr, "detect: %s (%s)\n", detect_strerror(status), detect_device_error());
	exit(3);
}

/* RGB, three bytes a pixel, in memory of its own. */
static uint8_t *read_photo(const char *path, int *width, int *height)
{
	png_image image = {.version = PNG_IMAGE_VERSION};
	uint8_t *pixels;

	if (!png_image_begin_read_from_file(&image, path)) {
		fprintf(stderr, "%s: %s\n", path, image.message);
		exit(5);
	}
	image.format = PNG_FORMAT_RGB;
	pixels = (uint8_t *)malloc(PNG_IMAGE_SIZE(image));
	if (!pixels || !png_image_finish_read(&image, NULL, pixels, 0, NULL)) {
		fprintf(stderr, "%s: %s\n", path, pixels ? image.message : "out of memory");
		exit(5);
	}
	*width = (int)image.width;
	*height = (int)image.height;
	return pixels;
}

int main(int argc, char **argv)
{
	static detect_result found;
	const char *path = argc > 1 ? argv[1] : "examples/photos/chelsea.png";
	int width, height;
	uint8_t *photo = read_photo(path, &width, &height), *pixels = NULL;
	const size_t size = 3 * (size_t)width * (size_t)height;
	detect_result *result = NULL;
	cudaStream_t stream = NULL;

	check_detector(detect_open()); /* weights to the device, once */
	check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "stream");
	check(cudaMalloc((void **)&pixels, size), "memory for pixels");
	check(cudaMalloc((void **)&result, sizeof *result), "memory for results");

	check(cudaMemcpyAsync(pixels, photo, size, cudaMemcpyHostToDevice, stream), "copy");
	check_detector(detect_detect_device(pixels, width, height, 3 * width, DETECT_RGB, result, stream));
	check(cudaMemcpyAsync(&found, result, sizeof found, cudaMemcpyDeviceToHost, stream), "copy");
	check(cudaStreamSynchronize(stream), "detection");

	for (int i = 0; i < found.count; i++) {
		const detect_detection *d = &found.detection[i];
		if (d->score > 0.3f)
			printf("%-12s %.3f  %.1f %.1f %.1f %.1f\n", detect_labels[d->label], (double)d->score, (double)d->x0, (double)d->y0,
			       (double)d->x1, (double)d->y1);
	}
	check(cudaFree(pixels), "free");
	check(cudaFree(result), "free");
	check(cudaStreamDestroy(stream), "stream");
	detect_close();
	free(photo);
	return 0;
}
