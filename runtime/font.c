/* font.c -- the letters of ASCII as strokes with round ends, drawn by distance.
 *
 * A glyph is a width and strokes parted by spaces. A point is a digit, x, and a letter, y: a is the top of capitals,
 * d that of small letters, k the line, n the lowest. A stroke of points is straight lines; after `(` the inner points
 * pull a curve (quadratic splines through the middles), after `O` the curve is closed.
 */
#include "runtime/font.h"

#include <math.h>
#include <string.h>

typedef struct Glyph {
	int width;
	const char *strokes;
} Glyph;

static const double height = 10; /* of a capital, in the glyphs' units */
static const double gap = 2.4;   /* between glyphs */
static const double thickness = 1.45;

static const Glyph glyphs[] = {
    {3, ""},                                   /* space */
    {0, "0a0g 0k0k"},                          /* ! */
    {2, "0a0c 2a2c"},                          /* " */
    {6, "2a1k 5a4k 0d6d 0g6g"},                /* # */
    {4, "(4c4b0b0f4f4j0j0i 2a2l"},             /* $ */
    {7, "6a1k O0a3a3e0e O4g7g7k4k"},           /* % */
    {6, "6k1d (1d0a4a4c (4c4e0f0h (0h0k5k6g"}, /* & */
    {0, "0a0c"},                               /* ' */
    {2, "(2a0d0i2l"},                          /* ( */
    {2, "(0a2d2i0l"},                          /* ) */
    {4, "2b2f 0c4e 4c0e"},                     /* * */
    {6, "3d3j 0g6g"},                          /* + */
    {1, "1j0m"},                               /* , */
    {4, "0g4g"},                               /* - */
    {0, "0k0k"},                               /* . */
    {4, "4a0l"},                               /* / */
    {6, "O0a6a6k0k"},                          /* 0 */
    {4, "0c3a3k"},                             /* 1 */
    {5, "(0c0a5a5e2g0k 0k5k"},                 /* 2 */
    {5, "(0b0a5a5e2e (2e5e5k0k0j"},            /* 3 */
    {6, "4k4a0h6h"},                           /* 4 */
    {5, "5a1a0e (0e1d5d5k0k0j"},               /* 5 */
    {5, "(4a1a0d0h (0h0k5k5e0e0h"},            /* 6 */
    {5, "0a5a1k"},                             /* 7 */
    {5, "O0a5a5e0e O0e5e5k0k"},                /* 8 */
    {5, "(1k4k5h5d (5d5a0a0g5g5d"},            /* 9 */
    {0, "0e0e 0k0k"},                          /* : */
    {1, "1e1e 1j0m"},                          /* ; */
    {5, "5d0g5j"},                             /* < */
    {5, "0e5e 0h5h"},                          /* = */
    {5, "0d5g0j"},                             /* > */
    {5, "(0c0a5a5e2e2h 2k2k"},                 /* ? */
    {8, "(6k0k0a8a8h5h5d (5f5d2d2h5h5f"},      /* @ */
    {6, "0k3a6k 1g5g"},                        /* A */
    {6, "3a0a0k3k 0e3e (3a5a5e3e (3e6e6k3k"},  /* B */
    {6, "(6c6a0a0k6k6i"},                      /* C */
    {6, "2a0a0k2k (2a6a6k2k"},                 /* D */
    {5, "5a0a0k5k 0e4e"},                      /* E */
    {5, "5a0a0k 0e4e"},                        /* F */
    {6, "(6c6a0a0k6k6f 6f4f"},                 /* G */
    {6, "0a0k 6a6k 0e6e"},                     /* H */
    {0, "0a0k"},                               /* I */
    {4, "(0i0k4k4h 4h4a"},                     /* J */
    {6, "0a0k 5a0g 2e6k"},                     /* K */
    {5, "0a0k5k"},                             /* L */
    {8, "0k0a4i8a8k"},                         /* M */
    {6, "0k0a6k6a"},                           /* N */
    {7, "O0a7a7k0k"},                          /* O */
    {6, "0k0a3a (3a6a6f3f 3f0f"},              /* P */
    {7, "O0a7a7k0k 4h7l"},                     /* Q */
    {6, "0k0a3a (3a6a6f3f 3f0f 3f6k"},         /* R */
    {5, "(5c5a0a0f5f5k0k0i"},                  /* S */
    {6, "0a6a 3a3k"},                          /* T */
    {6, "0a0g (0g0k6k6g 6g6a"},                /* U */
    {6, "0a3k6a"},                             /* V */
    {8, "0a2k4c6k8a"},                         /* W */
    {6, "0a6k 6a0k"},                          /* X */
    {6, "0a3f6a 3f3k"},                        /* Y */
    {6, "0a6a0k6k"},                           /* Z */
    {2, "2a0a0l2l"},                           /* [ */
    {4, "0a4l"},                               /* \ */
    {2, "0a2a2l0l"},                           /* ] */
    {4, "0d2a4d"},                             /* ^ */
    {5, "0l5l"},                               /* _ */
    {1, "0a1c"},                               /* ` */
    {5, "5d5k O0d5d5k0k"},                     /* a */
    {5, "0a0k O0d5d5k0k"},                     /* b */
    {5, "(5e4d0d0k4k5j"},                      /* c */
    {5, "5a5k O0d5d5k0k"},                     /* d */
    {5, "0g5g (5g5d0d0k4k5j"},                 /* e */
    {3, "(3a1a1d 1d1k 0d3d"},                  /* f */
    {5, "O0d5d5k0k 5d5k (5k5n0n0m"},           /* g */
    {5, "0a0k (0g0d5d5g 5g5k"},                /* h */
    {0, "0d0k 0a0a"},                          /* i */
    {2, "2d2k (2k2n0n 2a2a"},                  /* j */
    {5, "0a0k 4d0h 2f5k"},                     /* k */
    {2, "0a0i (0i0k2k"},                       /* l */
    {8, "0d0k (0g0d4d4g 4g4k (4g4d8d8g 8g8k"}, /* m */
    {5, "0d0k (0g0d5d5g 5g5k"},                /* n */
    {5, "O0d5d5k0k"},                          /* o */
    {5, "0d0n O0d5d5k0k"},                     /* p */
    {5, "5d5n O0d5d5k0k"},                     /* q */
    {3, "0d0k (0g0d3d"},                       /* r */
    {4, "(4e4d0d0g4g4k0k0j"},                  /* s */
    {3, "1a1i (1i1k3k 0d3d"},                  /* t */
    {5, "0d0h (0h0k5k5h 5d5k"},                /* u */
    {6, "0d3k6d"},                             /* v */
    {8, "0d2k4e6k8d"},                         /* w */
    {5, "0d5k 5d0k"},                          /* x */
    {6, "0d3k 6d2n"},                          /* y */
    {5, "0d5d0k5k"},                           /* z */
    {3, "(3a1a1c (1c1f0f (0f1f1i (1i1l3l"},    /* { */
    {0, "0a0l"},                               /* | */
    {3, "(0a2a2c (2c2f3f (3f2f2i (2i2l0l"},    /* } */
    {6, "(0h0f2e4h6h6e"},                      /* ~ */
};
static const Glyph unknown = {5, "0a5a5k0k0a"};

/* The glyph of the next character; *text moves past it, over continuation bytes of UTF-8. */
static const Glyph *next_glyph(const char **text)
{
	const unsigned char c = (unsigned char)*(*text)++;

	if (c >= ' ' && c <= '~')
		return &glyphs[c - ' '];
	while (((unsigned char)**text & 0xc0) == 0x80)
		(*text)++;
	return &unknown;
}

double font_width(const char *text, double size)
{
	double width = -gap;

	while (*text)
		width += next_glyph(&text)->width + gap;
	return width > 0 ? width * size / height : 0;
}

typedef struct Point {
	double x, y;
} Point;

enum { MAX_POINTS = 16, CURVE_STEPS = 8, MAX_SEGMENTS = 160 };

typedef struct Outline { /* a glyph as straight pieces, in pixels */
	Point from[MAX_SEGMENTS], to[MAX_SEGMENTS];
	int n;
} Outline;

static void add_line(Outline *o, Point a, Point b)
{
	if (o->n == MAX_SEGMENTS)
		return;
	o->from[o->n] = a;
	o->to[o->n++] = b;
}

static Point middle(Point a, Point b)
{
	return (Point){(a.x + b.x) / 2, (a.y + b.y) / 2};
}

/* The parabola from a to b that c pulls. */
static void add_curve(Outline *o, Point a, Point c, Point b)
{
	Point last = a;

	for (int i = 1; i <= CURVE_STEPS; i++) {
		double t = i * (1.0 / (int)CURVE_STEPS), u = 1 - t;
		Point p = {u * u * a.x + 2 * u * t * c.x + t * t * b.x, u * u * a.y + 2 * u * t * c.y + t * t * b.y};
		add_line(o, last, p);
		last = p;
	}
}

static void add_stroke(Outline *o, char kind, const Point *p, int n)
{
	if (kind == 'O') {
		for (int i = 0; i < n; i++)
			add_curve(o, middle(p[(i + n - 1) % n], p[i]), p[i], middle(p[i], p[(i + 1) % n]));
		return;
	}
	if (kind == '(') {
		Point from = p[0];
		for (int i = 1; i + 1 < n; i++) {
			Point to = i + 2 == n ? p[n - 1] : middle(p[i], p[i + 1]);
			add_curve(o, from, p[i], to);
			from = to;
		}
		return;
	}
	for (int i = 0; i + 1 < n; i++)
		add_line(o, p[i], p[i + 1]);
}

static void make_outline(const Glyph *g, double x, double y, double unit, Outline *o)
{
	o->n = 0;
	for (const char *s = g->strokes; *s;) {
		Point p[MAX_POINTS];
		int n = 0;
		char kind = *s == '(' || *s == 'O' ? *s++ : ' ';
		for (; *s && *s != ' ' && n < MAX_POINTS; s += 2)
			p[n++] = (Point){x + (s[0] - '0') * unit, y + (s[1] - 'a') * unit};
		add_stroke(o, kind, p, n);
		s += *s == ' ';
	}
}

static double distance(Point a, Point b, Point p)
{
	double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
	double t = length > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / length : 0;

	t = t < 0 ? 0 : t > 1 ? 1 : t;
	return hypot(a.x + t * dx - p.x, a.y + t * dy - p.y);
}

static void blend(unsigned char *pixel, const unsigned char colour[3], double part)
{
	for (int c = 0; c < 3; c++)
		pixel[c] = (unsigned char)(pixel[c] + (colour[c] - pixel[c]) * part + 0.5);
}

static int clamp(double v, int most)
{
	return v < 0 ? 0 : v > most ? most : (int)v;
}

static void draw_outline(Image *image, const Outline *o, Point low, Point high, double radius, const unsigned char colour[3])
{
	const int x0 = clamp(low.x - radius - 1, image->width), x1 = clamp(high.x + radius + 2, image->width);
	const int y0 = clamp(low.y - radius - 1, image->height), y1 = clamp(high.y + radius + 2, image->height);

	for (int y = y0; y < y1; y++)
		for (int x = x0; x < x1; x++) {
			const Point p = {x + 0.5, y + 0.5};
			double nearest = radius + 1;
			for (int i = 0; i < o->n; i++)
				nearest = fmin(nearest, distance(o->from[i], o->to[i], p));
			double part = radius + 0.5 - nearest;
			if (part > 0)
				blend(image->rgb + 3 * ((size_t)y * (size_t)image->width + (size_t)x), colour, part < 1 ? part : 1);
		}
}

void font_draw(Image *image, const char *text, double x, double y, double size, const unsigned char colour[3])
{
	const double unit = size / height;

	while (*text) {
		const Glyph *g = next_glyph(&text);
		Outline o;
		make_outline(g, x, y, unit, &o);
		draw_outline(image, &o, (Point){x, y}, (Point){x + g->width * unit, y + 13 * unit}, thickness * unit / 2, colour);
		x += (g->width + gap) * unit;
	}
}
