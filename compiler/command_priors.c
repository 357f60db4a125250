/* command_priors.c -- dssdc priors: shapes of the boxes of a data set, as in the DSSD paper's Table 1, and the aspect ratios
 * that a card should ask for.
 *
 * Boxes are measured as the network sees them: as shares of a picture that was warped to a square. The feature of the
 * paper's clusters is the square root of the area. The ratios come from the same clustering of the logarithm of the
 * longer over the shorter side: a card lists each ratio once, and its reciprocal follows. */
#include "compiler/commands.h"
#include "eval/dataset.h"
#include "eval/kmeans.h"
#include "base/files.h"
#include "base/output_set.h"
#include "eval/photo_size.h"
#include "eval/plot.h"
#include "ir/text.h"

#include <math.h>
#include <stdlib.h>

enum { MOST = 24 };

typedef struct Shape {
	double w, h;    /* shares of the picture */
	double size;    /* square root of w * h */
	double stretch; /* longer side over shorter one */
	int cluster;
} Shape;

typedef struct Shapes {
	Shape *item;     /* by rising size */
	int n, left_out; /* boxes without area */
	int first[MOST + 1], nclusters;
	double ratio[MOST];
	int nratio;
} Shapes;

static bool find_size(Photo *p, Arena *a, Diag *d)
{
	file_note_read(p->path, d);
	if (p->width > 0 && p->height > 0)
		return true;
	if (photo_size(p->path, &p->width, &p->height) && p->width > 0 && p->height > 0)
		return true;
	diag_error(d, DIAG_IO, (Loc){.file = diag_quote(a, p->path), .offset = -1},
	           "the data set does not tell its size, and it cannot be read as JPEG or PNG");
	return false;
}

static int by_size(const void *a, const void *b)
{
	const Shape *x = a, *y = b;
	return (x->size > y->size) - (x->size < y->size);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static bool measure(Dataset *s, Shapes *z, Arena *a, Diag *d)
{
	int n = 0;
	for (int i = 0; i < s->nphoto; i++)
		n += s->photo[i].nobject;
	z->item = arena_new_array(a, Shape, n + 1);
	for (int i = 0; i < s->nphoto; i++) {
		Photo *p = &s->photo[i];
		for (int k = 0; k < p->nobject && find_size(p, a, d); k++) {
			Shape b = {.w = p->object[k].box.w / p->width, .h = p->object[k].box.h / p->height};
			if (p->object[k].ignored)
				continue;
			if (!(b.w > 0 && b.h > 0)) {
				z->left_out++;
				continue;
			}
			b.size = sqrt(b.w * b.h);
			b.stretch = b.w > b.h ? b.w / b.h : b.h / b.w;
			z->item[z->n++] = b;
		}
	}
	qsort(z->item, (size_t)z->n, sizeof *z->item, by_size);
	return !diag_errors(d);
}

static void cluster_sizes(Shapes *z, double gain, Arena *a)
{
	double *x = arena_new_array(a, double, z->n + 1);
	for (int i = 0; i < z->n; i++)
		x[i] = z->item[i].size;
	z->nclusters = kmeans_grow(x, z->n, gain, MOST, z->first, a);
	for (int c = 0; c < z->nclusters; c++)
		for (int i = z->first[c]; i < z->first[c + 1]; i++)
			z->item[i].cluster = c;
}

/* One decimal; ratio 1 has its boxes in every cell already. The gain is asked of the distance, not of its square: each
 * ratio costs two boxes in every cell. */
static void suggest_ratios(Shapes *z, double gain, Arena *a)
{
	double *x = arena_new_array(a, double, z->n + 1);
	int first[MOST + 1];
	for (int i = 0; i < z->n; i++)
		x[i] = log(z->item[i].stretch);
	qsort(x, (size_t)z->n, sizeof *x, by_value);
	int n = kmeans_grow(x, z->n, 1 - (1 - gain) * (1 - gain), MOST, first, a);
	for (int c = 0; c < n; c++) {
		double sum = 0;
		for (int i = first[c]; i < first[c + 1]; i++)
			sum += x[i];
		double ratio = floor(10 * exp(sum / (first[c + 1] - first[c])) + 0.5) / 10;
		bool known = ratio < 1.25;
		for (int k = 0; k < z->nratio; k++)
			known |= z->ratio[k] == ratio;
		if (!known)
			z->ratio[z->nratio++] = ratio;
	}
}

static double share_between(const Shapes *z, double least, double most)
{
	int n = 0;
	for (int i = 0; i < z->n; i++)
		n += z->item[i].stretch >= least && z->item[i].stretch < most;
	return 100.0 * n / z->n;
}

static void print_table(const Shapes *z, FILE *out)
{
	fprintf(out, "%-8s %8s %7s %8s %8s %8s %8s\n", "cluster", "boxes", "share", "size", "width", "height", "ratio");
	for (int c = 0; c < z->nclusters; c++) {
		int n = z->first[c + 1] - z->first[c];
		double w = 0, h = 0, size = 0;
		for (int i = z->first[c]; i < z->first[c + 1]; i++) {
			w += z->item[i].w;
			h += z->item[i].h;
			size += z->item[i].size;
		}
		fprintf(out, "%-8d %8d %6.1f%% %8.3f %8.3f %8.3f %8.2f\n", c + 1, n, 100.0 * n / z->n, size / n, w / n, h / n, w / h);
	}
	fprintf(out,
	        "\n%d boxes. size: square root of the area, as a share of the picture's side; width, height: means; ratio: of the\n"
	        "means. The longer side is 1 to 1.5 times the shorter one in %.1f %% of the boxes, 1.5 to 3 times in %.1f %%, more in "
	        "%.1f %%.\n\n",
	        z->n, share_between(z, 1, 1.5), share_between(z, 1.5, 3), share_between(z, 3, INFINITY));
}

static void print_fragment(const Shapes *z, FILE *out)
{
	TextLocale locale = text_locale_begin();
	fputs("{\"boxes\": {\"ratios\": [", out);
	for (int i = 0; i < z->nratio; i++)
		fprintf(out, "%s%g", i ? ", " : "", z->ratio[i]);
	fputs("]}}\n", out);
	text_locale_end(locale);
}

static void print_scatter(const Shapes *z, FILE *out, Arena *a)
{
	static const double share[] = {0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1}, times[] = {1, 1.5, 2, 3, 5, 10};
	double *w = arena_new_array(a, double, z->n), *h = arena_new_array(a, double, z->n), *size = arena_new_array(a, double, z->n),
	       *stretch = arena_new_array(a, double, z->n);
	int *group = arena_new_array(a, int, z->n);
	for (int i = 0; i < z->n; i++) {
		w[i] = z->item[i].w;
		h[i] = z->item[i].h;
		size[i] = z->item[i].size;
		stretch[i] = z->item[i].stretch;
		group[i] = z->item[i].cluster;
	}
	const Axis width = {"width", 0.008, 1.1, true, share, 7}, height = {"height", 0.008, 1.1, true, share, 7};
	const Axis sizes = {"size (square root of the area)", 0.008, 1.1, true, share, 7};
	const Axis ratios = {"longer side / shorter side", 1, 12, true, times, 6};
	const Panel panel[] = {
	    {.title = "Shapes, as shares of the picture", .x = width, .y = height, .series = {w, h, z->n, group}, .points = true},
	    {.title = "Aspect ratio over size", .x = sizes, .y = ratios, .series = {size, stretch, z->n, group}, .points = true},
	};
	plot_svg(&(Sheet){arena_printf(a, "%d boxes in %d clusters of size", z->n, z->nclusters), panel, 2, 2, 480, 440}, out);
}

int command_priors(const Options *o, Arena *a, Diag *d)
{
	Shapes z = {0};
	FILE *out;
	OutputSet *set = output_set_new(a, d);
	Dataset *s = dataset_read(o->model, &(DatasetOptions){o->photos, o->split}, a, d);
	if (!s || !measure(s, &z, a, d))
		return diag_exit_code(d);
	if (!z.n) {
		diag_error(d, DIAG_REJECT, (Loc){.file = o->model, .offset = -1}, "no box in it");
		return diag_exit_code(d);
	}
	if (z.left_out)
		diag_warning(d, (Loc){.file = o->model, .offset = -1}, "%d boxes have no area", z.left_out);
	cluster_sizes(&z, o->gain, a);
	suggest_ratios(&z, o->gain, a);
	print_table(&z, stdout);
	if ((out = output_set_open(set, o->output)))
		print_fragment(&z, out);
	if (o->scatter && (out = output_set_open(set, o->scatter)))
		print_scatter(&z, out, a);
	output_set_commit(set);
	return diag_exit_code(d);
}
