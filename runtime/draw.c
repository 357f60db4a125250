/* draw.c -- all sizes follow the photograph's. A label sits above its frame; where it would leave the photograph or
 * cover another label it goes inside, below, or to the bottom. */
#include "runtime/draw.h"
#include "runtime/font.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct Rect { /* pixels; x1 and y1 are outside */
	int x0, y0, x1, y1;
} Rect;

enum { LEAST_SIZE = 9, MAX_LABELS = 256, NCOLOURS = 20, NAME_SIZE = 300 };

static const unsigned char colours[NCOLOURS][3] = {
    {230, 25, 75},  {60, 180, 75},   {255, 200, 25},  {0, 130, 200},   {245, 130, 48},  {145, 30, 180},  {70, 240, 240},
    {240, 50, 230}, {190, 230, 50},  {250, 150, 180}, {0, 128, 128},   {200, 150, 255}, {170, 110, 40},  {255, 225, 120},
    {165, 20, 40},  {120, 230, 160}, {128, 128, 0},   {255, 180, 120}, {50, 60, 200},   {100, 190, 255},
};

static int limit(double v, int most)
{
	return v > 0 ? v < most ? (int)v : most : 0;
}

static void fill(Image *image, Rect r, const unsigned char *colour)
{
	const int x0 = limit(r.x0, image->width), x1 = limit(r.x1, image->width);
	const int y0 = limit(r.y0, image->height), y1 = limit(r.y1, image->height);

	for (int y = y0; y < y1; y++) {
		unsigned char *p = image->rgb + 3 * ((size_t)y * (size_t)image->width + (size_t)x0);
		for (int x = x0; x < x1; x++)
			for (int c = 0; c < 3; c++)
				*p++ = colour[c];
	}
}

/* The lines are on the inner side, so that a frame at the border of the photograph is seen. */
static void draw_frame(Image *image, const Found *f, int line, const unsigned char *colour)
{
	const Rect r = {limit(f->x0 + 0.5, image->width), limit(f->y0 + 0.5, image->height), limit(f->x1 + 0.5, image->width),
	                limit(f->y1 + 0.5, image->height)};

	fill(image, (Rect){r.x0, r.y0, r.x1, r.y0 + line}, colour);
	fill(image, (Rect){r.x0, r.y1 - line, r.x1, r.y1}, colour);
	fill(image, (Rect){r.x0, r.y0, r.x0 + line, r.y1}, colour);
	fill(image, (Rect){r.x1 - line, r.y0, r.x1, r.y1}, colour);
}

static bool meets(Rect a, Rect b)
{
	return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

static bool is_free(const Image *image, Rect r, const Rect *taken, int n)
{
	if (r.y0 < 0 || r.y1 > image->height)
		return false;
	for (int i = 0; i < n; i++)
		if (meets(r, taken[i]))
			return false;
	return true;
}

/* Above the frame, inside at the top, inside at the bottom, below; first at its left, then at its right. When all
 * are taken: the first in the photograph. */
static Rect place_label(const Image *image, const Found *f, int width, int height, const Rect *taken, int n)
{
	const int room = image->width - width > 0 ? image->width - width : 0;
	const int lefts[2] = {limit(f->x0 + 0.5, room), limit(f->x1 + 0.5 - width, room)};
	const int top = limit(f->y0 + 0.5, image->height), bottom = limit(f->y1 + 0.5, image->height);
	const int tops[4] = {top - height, top, bottom - height, bottom};

	for (int i = 0; i < 8; i++) {
		Rect r = {lefts[i / 4], tops[i % 4], lefts[i / 4] + width, tops[i % 4] + height};
		if (is_free(image, r, taken, n))
			return r;
	}
	const int y = top - height >= 0 ? top - height : top;
	return (Rect){lefts[0], y, lefts[0] + width, y + height};
}

static void draw_label(Image *image, const char *text, Rect r, double size, const unsigned char *colour)
{
	static const unsigned char black[3] = {0, 0, 0}, white[3] = {255, 255, 255};
	const int light = (299 * colour[0] + 587 * colour[1] + 114 * colour[2]) / 1000;
	const double margin = (r.y1 - r.y0 - size) / 2;

	fill(image, r, colour);
	font_draw(image, text, r.x0 + margin, r.y0 + margin, size, light > 130 ? black : white);
}

/* Name and score, in letters that shrink with the box so that a label is not much wider than what it names; where the
 * smallest are still too wide, the score alone. Returns the size of the letters. */
static double choose_text(const Found *f, double size, char *text, size_t room)
{
	const double widest = (f->x1 - f->x0) * 1.8;
	double width;

	snprintf(text, room, "%s %.2f", f->name, f->score);
	width = font_width(text, size);
	if (width <= widest)
		return size;
	size = size * widest / width;
	if (size >= LEAST_SIZE)
		return size;
	if (font_width(text, LEAST_SIZE) > 1.5 * widest)
		snprintf(text, room, "%.2f", f->score);
	return LEAST_SIZE;
}

void draw_found(Image *image, const Found *found, int n)
{
	const int side = image->width > image->height ? image->width : image->height;
	const double standard = side / 48.0 < LEAST_SIZE ? LEAST_SIZE : side / 48.0;
	const int line = side / 240 < 2 ? 2 : side / 240;
	Rect taken[MAX_LABELS];
	int labels = n < MAX_LABELS ? n : MAX_LABELS;
	char text[NAME_SIZE];

	for (int i = n - 1; i >= 0; i--)
		draw_frame(image, &found[i], line, colours[(unsigned)found[i].label % NCOLOURS]);
	for (int i = 0; i < labels; i++) {
		const double size = choose_text(&found[i], standard, text, sizeof text);
		const int pad = (int)(size * 0.3) + 1;
		int width = (int)(font_width(text, size) + 0.999) + 2 * pad, height = (int)(size + 0.999) + 2 * pad;
		taken[i] = place_label(image, &found[i], width, height, taken, i);
	}
	for (int i = labels - 1; i >= 0; i--) {
		const double size = choose_text(&found[i], standard, text, sizeof text);
		draw_label(image, text, taken[i], size, colours[(unsigned)found[i].label % NCOLOURS]);
	}
}
