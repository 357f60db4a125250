/* image.c -- files to memory, and which reader is meant; memory of images. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include "runtime/image.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct Bytes {
	unsigned char *data;
	size_t size, capacity;
} Bytes;

static const char too_large[] = "file is larger than 512 MiB";

static bool fail(char *why, const char *text)
{
	snprintf(why, IMAGE_WHY, "%s", text);
	return false;
}

/* Standard input has no size, so the buffer grows. */
static bool read_all(FILE *f, Bytes *b, char *why)
{
	for (;;) {
		if (b->size == b->capacity) {
			if (b->capacity >= IMAGE_FILE)
				return fail(why, too_large);
			size_t capacity = b->capacity ? 2 * b->capacity : 1 << 16;
			unsigned char *data = realloc(b->data, capacity);
			if (!data)
				return fail(why, "out of memory");
			b->data = data;
			b->capacity = capacity;
		}
		errno = 0;
		size_t n = fread(b->data + b->size, 1, b->capacity - b->size, f);
		b->size += n;
		if (!n)
			return ferror(f) ? fail(why, strerror(errno ? errno : EIO)) : true;
	}
}

static bool read_file(const char *path, Bytes *b, char *why)
{
	if (!strcmp(path, "-"))
		return read_all(stdin, b, why);
	FILE *f = fopen(path, "rb");
	if (!f)
		return fail(why, strerror(errno));
	struct stat s;
	bool large = !fstat(fileno(f), &s) && S_ISREG(s.st_mode) && s.st_size > IMAGE_FILE;
	bool ok = large ? fail(why, too_large) : read_all(f, b, why);
	fclose(f);
	return ok;
}

static const struct {
	const char *start;
	size_t size;
	bool (*read)(const unsigned char *, size_t, Image *, size_t *, char *);
} formats[] = {
#ifndef DSSDC_PNM
    {"\xff\xd8\xff", 3, image_read_jpeg},
    {"\x89PNG\r\n\x1a\n", 8, image_read_png},
#endif
    {"P1", 2, image_read_pnm},
    {"P2", 2, image_read_pnm},
    {"P3", 2, image_read_pnm},
    {"P4", 2, image_read_pnm},
    {"P5", 2, image_read_pnm},
    {"P6", 2, image_read_pnm},
    {"P7", 2, image_read_pnm},
};

/* Zeros after a photograph fill up blocks, and cameras append previews and films (MPF, motion photographs) which other programs pass
 * over too. A second photograph in one stream is somebody's, and would be lost. */
static bool ends_there(const Bytes *b, size_t used, bool stream, char *why)
{
	size_t at = used;

	while (at < b->size && (b->data[at] == 0 || b->data[at] == '\n' || b->data[at] == '\r'))
		at++;
	if (at == b->size || (*why && !stream)) /* damage is said first */
		return true;
	snprintf(why, IMAGE_WHY, "%lu bytes behind the photograph%s", (unsigned long)(b->size - used),
	         stream ? ": standard input takes one photograph" : " are not read");
	return !stream;
}

static bool decode(const Bytes *b, bool stream, Image *image, char *why)
{
	size_t used = 0;

	if (!b->size)
		return fail(why, "file is empty");
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (b->size >= formats[i].size && !memcmp(b->data, formats[i].start, formats[i].size))
			return formats[i].read(b->data, b->size, image, &used, why) && ends_there(b, used, stream, why);
	return fail(why, "not a photograph that this program reads: " IMAGE_READ);
}

bool image_read(const char *path, Image *image, char *why)
{
	Bytes b = {NULL, 0, 0};
	*image = (Image){0, 0, NULL};
	*why = '\0';
	bool ok = read_file(path, &b, why) && decode(&b, !strcmp(path, "-"), image, why);
	free(b.data);
	if (!ok)
		image_free(image);
	return ok;
}

bool image_allocate(Image *image, unsigned long width, unsigned long height, char *why)
{
	if (!width || !height)
		return fail(why, "image has no pixels");
	if (width > IMAGE_SIDE || height > IMAGE_SIDE || width * height > IMAGE_PIXELS) {
		snprintf(why, IMAGE_WHY, "image of %lu x %lu pixels is too large", width, height);
		return false;
	}
	image->width = (int)width;
	image->height = (int)height;
	image->rgb = malloc((size_t)3 * width * height);
	return image->rgb ? true : fail(why, "out of memory");
}

void image_free(Image *image)
{
	free(image->rgb);
	*image = (Image){0, 0, NULL};
}
