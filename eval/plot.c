/* plot.c -- a sheet of panels with axes. Numbers are written with a point, whatever the locale. */
#include "eval/plot.h"
#include "ir/text.h"

#include <math.h>

enum { LEFT = 46, RIGHT = 14, TOP = 30, BOTTOM = 38, TITLE = 44 };

static const char *const colours[] = {"#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed", "#0891b2",
                                      "#be185d", "#4d7c0f", "#475569", "#b45309", "#1d4ed8", "#0f766e"};
enum { NCOLOURS = sizeof colours / sizeof *colours };

static void put_text(FILE *out, const char *s)
{
	for (; *s; s++)
		switch (*s) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		default:
			putc((unsigned char)*s < 32 ? ' ' : *s, out);
		}
}

/* A share of the axis, 0 to 1; beyond its ends at the ends. */
static double along(const Axis *a, double v)
{
	double t = a->logarithmic ? log(v / a->least) / log(a->most / a->least) : (v - a->least) / (a->most - a->least);
	return t > 0 ? t < 1 ? t : 1 : 0;
}

typedef struct Frame { /* of the plotting area, pixels of the sheet */
	double x, y, w, h;
} Frame;

static double x_at(const Panel *p, const Frame *f, double v)
{
	return f->x + f->w * along(&p->x, v);
}

static double y_at(const Panel *p, const Frame *f, double v)
{
	return f->y + f->h * (1 - along(&p->y, v));
}

static void draw_axes(const Panel *p, const Frame *f, FILE *out)
{
	fputs("<g class=\"axes\">\n", out);
	for (int i = 0; i < p->x.ntick; i++) {
		double x = x_at(p, f, p->x.tick[i]);
		fprintf(out, "<path d=\"M%.1f %.1fv%.1f\"/><text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%g</text>\n", x, f->y, f->h,
		        x, f->y + f->h + 14, p->x.tick[i]);
	}
	for (int i = 0; i < p->y.ntick; i++) {
		double y = y_at(p, f, p->y.tick[i]);
		fprintf(out, "<path d=\"M%.1f %.1fh%.1f\"/><text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%g</text>\n", f->x, y, f->w,
		        f->x - 5, y + 4, p->y.tick[i]);
	}
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">", f->x + f->w / 2, f->y + f->h + 30);
	put_text(out, p->x.label);
	fprintf(out, "</text><text transform=\"translate(%.1f %.1f) rotate(-90)\" text-anchor=\"middle\">", f->x - 32, f->y + f->h / 2);
	put_text(out, p->y.label);
	fputs("</text></g>\n", out);
}

/* The line as path commands; points that would fall on the one before are left out. */
static void put_line(const Panel *p, const Frame *f, char first, FILE *out)
{
	const Series *s = &p->series;
	double last_x = -1, last_y = -1;
	for (int i = 0; i < s->n; i++) {
		double x = x_at(p, f, s->x[i]), y = y_at(p, f, s->y[i]);
		if (fabs(x - last_x) < 0.1 && fabs(y - last_y) < 0.1 && i + 1 < s->n)
			continue;
		fprintf(out, "%c%.1f %.1f", i ? 'L' : first, x, y);
		last_x = x;
		last_y = y;
	}
}

/* To the left of the first point the curve has the value of that point. */
static void draw_line(const Panel *p, const Frame *f, FILE *out)
{
	const Series *s = &p->series;
	double right = x_at(p, f, s->x[s->n - 1]), bottom = f->y + f->h, first = y_at(p, f, s->y[0]);
	fprintf(out, "<path class=\"area\" d=\"M%.1f %.1fV%.1f", f->x, bottom, first);
	put_line(p, f, 'L', out);
	fprintf(out, "L%.1f %.1fz\"/>\n<path class=\"line\" d=\"M%.1f %.1f", right, bottom, f->x, first);
	put_line(p, f, 'L', out);
	fputs("\"/>\n", out);
}

static void draw_points(const Panel *p, const Frame *f, FILE *out)
{
	const Series *s = &p->series;
	for (int i = 0; i < s->n; i++)
		fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"1.6\" fill=\"%s\"/>\n", x_at(p, f, s->x[i]), y_at(p, f, s->y[i]),
		        colours[s->group ? s->group[i] % NCOLOURS : 0]);
}

static void draw_panel(const Panel *p, double x, double y, double width, double height, FILE *out)
{
	const Frame f = {x + LEFT, y + TOP, width - LEFT - RIGHT, height - TOP - BOTTOM};
	fprintf(out, "<text class=\"name\" x=\"%.1f\" y=\"%.1f\">", f.x, y + TOP - 9);
	put_text(out, p->title);
	fputs("</text>", out);
	if (p->note) {
		fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">", f.x + f.w, y + TOP - 9);
		put_text(out, p->note);
		fputs("</text>", out);
	}
	draw_axes(p, &f, out);
	if (p->series.n && p->points)
		draw_points(p, &f, out);
	else if (p->series.n)
		draw_line(p, &f, out);
	fprintf(out, "<rect class=\"frame\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", f.x, f.y, f.w, f.h);
}

void plot_svg(const Sheet *s, FILE *out)
{
	int columns = s->npanel < s->columns ? s->npanel : s->columns, rows = (s->npanel + columns - 1) / columns;
	int width = columns * s->width + RIGHT, height = rows * s->height + TITLE;
	TextLocale locale = text_locale_begin();
	fprintf(out,
	        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n"
	        "<style>text{font:11px sans-serif;fill:#475569}.name{font-weight:bold;font-size:12px;fill:#0f172a}"
	        ".title{font-size:16px;font-weight:bold;fill:#0f172a}.axes path{stroke:#e2e8f0}.frame{fill:none;stroke:#94a3b8}"
	        ".line{fill:none;stroke:#2563eb;stroke-width:1.6}.area{fill:#2563eb;fill-opacity:.12}"
	        "circle{fill-opacity:.55}</style>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
	        "<text class=\"title\" x=\"%d\" y=\"28\">",
	        width, height, width, height, LEFT);
	put_text(out, s->title);
	fputs("</text>\n", out);
	for (int i = 0; i < s->npanel; i++)
		draw_panel(&s->panel[i], i % columns * s->width, TITLE + i / columns * s->height, s->width, s->height, out);
	fputs("</svg>\n", out);
	text_locale_end(locale);
}
