/* stub.c -- see stub.h. The first box's right and bottom are the photograph's; its score tells the colour of the first
 * pixel. A photograph 13 pixels wide is refused, one 17 wide meets a CPU that is too old. */
#include "stub.h"

const char *const stub_labels[] = {"background", "cat", "dining \"table\"", "tv\nmonitor", ""};

int stub_detect(const uint8_t *pixels, int width, int height, int stride, stub_format format, stub_detection *out, int max)
{
	const float w = (float)width, h = (float)height;
	const stub_detection found[4] = {
	    {0, 0, w, h, 0.9f + (float)pixels[0] / 10000.0f, 1},
	    {w * 0.25f, h * 0.25f, w * 0.5f, h * 0.75f, 0.75f, 2},
	    {w * 0.3f, h * 0.3f, w * 0.6f, h * 0.8f, 0.5f, 4},
	    {w * 0.6f, h * 0.1f, w * 0.9f, h * 0.4f, 0.06125f, 3},
	};
	int n = 0;

	if (width == 13 || stride < 3 * width || format != STUB_RGB)
		return STUB_EINVAL;
	if (width == 17)
		return STUB_ECPU;
	for (; n < 4 && n < max; n++)
		out[n] = found[n];
	return n;
}

const char *stub_strerror(int error)
{
	return error == STUB_ECPU ? "the CPU is too old" : "an argument is out of range";
}

const char *stub_version(void)
{
	return "dssdc 0.1.0, model 0123456789abcdef";
}
