/* plot.h -- pictures of curves and points, as SVG. */
#ifndef EVAL_PLOT_H
#define EVAL_PLOT_H

#include "ir/arena.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct Series { /* drawn as a line, or as points */
	const double *x, *y;
	int n;
	const int *group; /* of points: their colour; or null */
} Series;

typedef struct Axis {
	const char *label;
	double least, most; /* most > least */
	bool logarithmic;   /* least > 0 */
	const double *tick;
	int ntick;
} Axis;

typedef struct Panel {
	const char *title, *note; /* note: at the right of the title; or null */
	Axis x, y;
	Series series;
	bool points; /* else a line with the area below it shaded */
} Panel;

typedef struct Sheet {
	const char *title;
	const Panel *panel;
	int npanel, columns;
	int width, height; /* of a panel, pixels */
} Sheet;

void plot_svg(const Sheet *s, FILE *out);

#endif
