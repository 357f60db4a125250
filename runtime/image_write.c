/* image_write.c -- writes a picture beside the final name and renames it when all of it is there. */
#include "runtime/image.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool write_ppm(FILE *f, const Image *image, char *why)
{
	const size_t size = (size_t)3 * (size_t)image->width * (size_t)image->height;

	if (fprintf(f, "P6\n%d %d\n255\n", image->width, image->height) > 0 && fwrite(image->rgb, 1, size, f) == size)
		return true;
	snprintf(why, IMAGE_WHY, "%s", strerror(errno));
	return false;
}

static const struct {
	const char *ending;
	bool (*write)(FILE *, const Image *, char *);
} formats[] = {
#ifndef DSSDC_PNM
    {".png", image_write_png},
    {".jpg", image_write_jpeg},
    {".jpeg", image_write_jpeg},
#endif
    {".ppm", write_ppm},
};
enum { NFORMATS = sizeof formats / sizeof *formats };

static int find_format(const char *path)
{
	for (int i = 0; i < NFORMATS; i++) {
		size_t n = strlen(path), m = strlen(formats[i].ending);
		if (n > m && !strcasecmp(path + n - m, formats[i].ending))
			return i;
	}
	return -1;
}

bool image_can_write(const char *path)
{
	return find_format(path) >= 0;
}

bool image_write(const char *path, const Image *image, char *why)
{
	const int format = find_format(path);
	char *part = malloc(strlen(path) + sizeof ".part");
	FILE *f;
	bool ok;

	if (!part || format < 0) {
		free(part);
		snprintf(why, IMAGE_WHY, format < 0 ? "the name must end in " IMAGE_ENDINGS : "out of memory");
		return false;
	}
	strcpy(part, path);
	strcat(part, ".part");
	f = fopen(part, "wb");
	ok = f && formats[format].write(f, image, why);
	if (!f)
		snprintf(why, IMAGE_WHY, "%s", strerror(errno));
	if (f && fclose(f) && ok) {
		snprintf(why, IMAGE_WHY, "%s", strerror(errno));
		ok = false;
	}
	if (ok && rename(part, path)) {
		snprintf(why, IMAGE_WHY, "%s", strerror(errno));
		ok = false;
	}
	if (f && !ok)
		remove(part);
	free(part);
	return ok;
}
