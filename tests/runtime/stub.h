/* stub.h -- the emitted API of a model that finds the same four boxes in every photograph: for tests of main(). */
#ifndef TESTS_RUNTIME_STUB_H
#define TESTS_RUNTIME_STUB_H

#include <stdint.h>

#define STUB_API_VERSION 1
#define STUB_INPUT_WIDTH 321
#define STUB_INPUT_HEIGHT 300
#define STUB_NUM_CLASSES 5
#define STUB_MAX_DETECTIONS 200

typedef struct {
	float x0, y0, x1, y1;
	float score;
	int32_t label;
} stub_detection;
typedef enum { STUB_RGB, STUB_BGR, STUB_RGBA, STUB_BGRA, STUB_GRAY } stub_format;
enum {
	STUB_OK = 0,
	STUB_EINVAL = -1,
	STUB_ECPU = -2,
	STUB_EWEIGHTS = -3,
	STUB_EDEVICE = -4,
	STUB_ENOMEM = -5,
	STUB_ENODEVICE = -6,
	STUB_EARCH = -7,
};

int stub_detect(const uint8_t *pixels, int width, int height, int stride, stub_format format, stub_detection *out, int max);
const char *stub_strerror(int error);
extern const char *const stub_labels[];
const char *stub_version(void);

#endif
