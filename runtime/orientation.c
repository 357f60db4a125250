/* orientation.c -- finds the tag in a TIFF block of either byte order, reading nothing outside the block, and turns
 * pixels by it. */
#include "runtime/orientation.h"

#include <stdlib.h>
#include <string.h>

typedef struct Tiff {
	const unsigned char *data;
	size_t size;
	bool little; /* byte order */
} Tiff;

/* Outside of the block: 0. */
static unsigned long number(const Tiff *t, size_t at, int bytes)
{
	unsigned long n = 0;

	if (at > t->size || t->size - at < (size_t)bytes)
		return 0;
	for (int i = 0; i < bytes; i++)
		n |= (unsigned long)t->data[at + (size_t)i] << 8 * (t->little ? i : bytes - 1 - i);
	return n;
}

int orientation_find(const unsigned char *tiff, size_t size)
{
	enum { TAG = 0x0112, SHORT = 3, ENTRY = 12 };
	Tiff t = {tiff, size, false};

	if (size < 8 || (memcmp(tiff, "II*\0", 4) && memcmp(tiff, "MM\0*", 4)))
		return 1;
	t.little = tiff[0] == 'I';
	size_t directory = number(&t, 4, 4);
	size_t entries = number(&t, directory, 2);
	for (size_t i = 0; i < entries; i++) {
		size_t at = directory + 2 + ENTRY * i;
		if (at > size)
			break;
		if (number(&t, at, 2) != TAG)
			continue;
		unsigned long value = number(&t, at + 8, 2);
		return number(&t, at + 2, 2) == SHORT && value >= 1 && value <= 8 ? (int)value : 1;
	}
	return 1;
}

/* Where the upright pixel (x, y) is in the file: x' = x0 + xx x + xy y, y' likewise; x0 and y0 count from the last
 * column or row when they are -1. */
static const struct {
	int x0, xx, xy, y0, yx, yy;
} turns[9] = {
    {0, 1, 0, 0, 0, 1},     /* unused */
    {0, 1, 0, 0, 0, 1},     /* 1: upright */
    {-1, -1, 0, 0, 0, 1},   /* 2: mirrored left to right */
    {-1, -1, 0, -1, 0, -1}, /* 3: upside down */
    {0, 1, 0, -1, 0, -1},   /* 4: mirrored top to bottom */
    {0, 0, 1, 0, 1, 0},     /* 5: mirrored at the main diagonal */
    {0, 0, 1, -1, -1, 0},   /* 6: to be turned right */
    {-1, 0, -1, -1, -1, 0}, /* 7: mirrored at the other diagonal */
    {-1, 0, -1, 0, 1, 0},   /* 8: to be turned left */
};

bool orientation_apply(Image *image, int orientation)
{
	const int w = image->width, h = image->height;
	const int out_w = orientation < 5 ? w : h, out_h = orientation < 5 ? h : w;

	if (orientation < 2 || orientation > 8)
		return true;
	unsigned char *out = malloc((size_t)3 * (size_t)w * (size_t)h);
	if (!out)
		return false;
	unsigned char *to = out;
	for (int y = 0; y < out_h; y++)
		for (int x = 0; x < out_w; x++) {
			int fx = turns[orientation].xx * x + turns[orientation].xy * y + (turns[orientation].x0 ? w - 1 : 0);
			int fy = turns[orientation].yx * x + turns[orientation].yy * y + (turns[orientation].y0 ? h - 1 : 0);
			memcpy(to, image->rgb + 3 * ((size_t)fy * (size_t)w + (size_t)fx), 3);
			to += 3;
		}
	free(image->rgb);
	*image = (Image){out_w, out_h, out};
	return true;
}
