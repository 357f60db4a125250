/* read_pnm.c -- Netpbm's formats without a library: PGM and PPM, in bytes (P5, P6) or as decimal numbers (P2, P3), and
 * PAM (P7). Samples up to any maximum become 8 bits by rounding, but 16 whole bits lose their low byte, as in PNG
 * files; alpha is dropped. Of a file with many images the first one is read. Bitmaps (P1, P4) are refused. */
#include "runtime/image.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct Reader {
	const unsigned char *data;
	size_t size, at;
	char *why;
} Reader;

typedef struct Header {
	uint32_t width, height, depth, most; /* depth: samples of a pixel; most: the largest sample */
	bool decimal;
} Header;

enum { NUMBER_LIMIT = 1000000000, LARGEST_SAMPLE = 65535, WORD = 32 };

static bool fail(const Reader *r, const char *text)
{
	snprintf(r->why, IMAGE_WHY, "%s", text);
	return false;
}

static int peek(const Reader *r)
{
	return r->at < r->size ? r->data[r->at] : -1;
}

static bool is_space(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* To the end of the line, which is left there. */
static void skip_line(Reader *r)
{
	while (peek(r) >= 0 && peek(r) != '\n' && peek(r) != '\r')
		r->at++;
}

static void skip_space(Reader *r)
{
	for (;; r->at++) {
		if (peek(r) == '#')
			skip_line(r);
		if (!is_space(peek(r)))
			return;
	}
}

static bool read_number(Reader *r, uint32_t *value)
{
	int digits = 0;

	*value = 0;
	skip_space(r);
	for (; peek(r) >= '0' && peek(r) <= '9'; r->at++, digits++) {
		if (*value >= NUMBER_LIMIT / 10)
			return fail(r, "a number of the file is too large");
		*value = *value * 10 + (uint32_t)(peek(r) - '0');
	}
	if (digits)
		return true;
	return fail(r, peek(r) < 0 ? "file ends too early" : "a decimal number is missing in the file");
}

/* After the last number of a head: one space, or a comment and the end of its line. */
static bool end_head(Reader *r)
{
	if (peek(r) == '#')
		skip_line(r);
	if (!is_space(peek(r)))
		return fail(r, peek(r) < 0 ? "file ends too early" : "the head of the file does not end in a space");
	r->at++;
	return true;
}

static bool read_head(Reader *r, char kind, Header *h)
{
	h->depth = kind == '3' || kind == '6' ? 3 : 1;
	h->decimal = kind == '2' || kind == '3';
	return read_number(r, &h->width) && read_number(r, &h->height) && read_number(r, &h->most) && end_head(r);
}

/* ---- PAM: a line for each member of the head ---- */

static void read_word(Reader *r, char *word)
{
	int n = 0;

	while (peek(r) == ' ' || peek(r) == '\t')
		r->at++;
	for (; peek(r) > ' '; r->at++)
		if (n < WORD - 1)
			word[n++] = (char)peek(r);
	word[n] = '\0';
}

static bool check_tuple(Reader *r, const char *type, uint32_t depth)
{
	static const struct {
		const char *type;
		uint32_t depth;
	} types[] = {
	    {"BLACKANDWHITE", 1}, {"GRAYSCALE", 1}, {"RGB", 3}, {"BLACKANDWHITE_ALPHA", 2}, {"GRAYSCALE_ALPHA", 2}, {"RGB_ALPHA", 4},
	};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (!strcmp(types[i].type, type)) {
			if (types[i].depth == depth)
				return true;
			return fail(r, "DEPTH and TUPLTYPE of the PAM file contradict each other");
		}
	if (*type)
		return fail(r, "the TUPLTYPE of the PAM file is neither gray nor RGB");
	return (depth >= 1 && depth <= 4) || fail(r, "the DEPTH of the PAM file is not 1 to 4");
}

static bool read_pam_head(Reader *r, Header *h)
{
	char type[WORD] = "", word[WORD];
	const struct {
		const char *word;
		uint32_t *value;
	} members[] = {{"WIDTH", &h->width}, {"HEIGHT", &h->height}, {"DEPTH", &h->depth}, {"MAXVAL", &h->most}};
	enum { MEMBERS = sizeof members / sizeof *members };
	bool seen[MEMBERS] = {false};

	h->decimal = false;
	for (;;) {
		int i = 0;
		skip_space(r);
		read_word(r, word);
		if (!*word)
			return fail(r, peek(r) < 0 ? "file ends too early" : "the head of the PAM file has a character that is no text");
		if (!strcmp(word, "ENDHDR"))
			break;
		while (i < MEMBERS && strcmp(members[i].word, word))
			i++;
		if (i < MEMBERS) {
			if (!read_number(r, members[i].value))
				return false;
			seen[i] = true;
		} else if (!strcmp(word, "TUPLTYPE") && !*type) {
			read_word(r, type);
		} else {
			return fail(r, "the head of the PAM file has a member that is not known");
		}
	}
	for (int i = 0; i < MEMBERS; i++)
		if (!seen[i])
			return fail(r, "the head of the PAM file lacks WIDTH, HEIGHT, DEPTH or MAXVAL");
	return end_head(r) && check_tuple(r, type, h->depth);
}

/* ---- samples ---- */

/* The head tells how many bytes follow at least: a short file is refused before memory is taken. */
static bool is_long_enough(const Reader *r, const Header *h)
{
	const uint64_t samples = (uint64_t)h->width * h->height * h->depth, left = r->size - r->at;

	if (h->width > IMAGE_SIDE || h->height > IMAGE_SIDE)
		return true; /* image_allocate() says so */
	return h->decimal ? left + 1 >= 2 * samples : left >= samples * (h->most > 255 ? 2 : 1);
}

static bool read_sample(Reader *r, const Header *h, uint32_t *v)
{
	if (h->decimal) {
		if (!read_number(r, v))
			return false;
	} else {
		*v = r->data[r->at++];
		if (h->most > 255)
			*v = *v << 8 | r->data[r->at++];
	}
	return *v <= h->most || fail(r, "a sample of the file is larger than its maximum");
}

static bool read_pixels(Reader *r, const Header *h, Image *image)
{
	const size_t pixels = (size_t)h->width * h->height;
	const bool gray = h->depth < 3;

	for (size_t i = 0; i < pixels; i++)
		for (uint32_t c = 0; c < h->depth; c++) {
			unsigned char *rgb = image->rgb + 3 * i;
			uint32_t v;
			if (!read_sample(r, h, &v))
				return false;
			v = h->most == LARGEST_SAMPLE ? v >> 8 : (v * 255 + h->most / 2) / h->most;
			if (gray && !c)
				rgb[0] = rgb[1] = rgb[2] = (unsigned char)v;
			else if (!gray && c < 3)
				rgb[c] = (unsigned char)v;
		}
	return true;
}

bool image_read_pnm(const unsigned char *data, size_t size, Image *image, size_t *used, char *why)
{
	Reader r = {data, size, 2, why};
	Header h = {0, 0, 0, 0, false};
	const char kind = (char)data[1];

	if (kind == '1' || kind == '4')
		return fail(&r, "a bitmap (P1, P4) is no photograph; PGM, PPM and PAM are read");
	if (!(kind == '7' ? read_pam_head(&r, &h) : read_head(&r, kind, &h)))
		return false;
	if (h.most < 1 || h.most > LARGEST_SAMPLE)
		return fail(&r, "the largest sample of the file is not 1 to 65535");
	if (!is_long_enough(&r, &h))
		return fail(&r, "file ends too early");
	if (!image_allocate(image, h.width, h.height, why) || !read_pixels(&r, &h, image))
		return false;
	*used = r.at;
	return true;
}
