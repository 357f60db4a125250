/* verify_pixels.c -- NAME_detect() from pixels.
 *
 * NAME_run() was compared layer by layer before. Here both get the same picture, NAME_run() as the tensor that the
 * documented preprocessing makes of it: computed pixel by pixel by ir/preprocess.c, not with the template that is emitted. */
#include "verify/verify.h"
#include "ir/cleanup.h"
#include "ir/preprocess.h"

#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* gap: bytes between rows. Large networks get the first ones only. */
static const struct {
	int width, height, gap;
	PixelFormat format;
} pictures[] = {
    {301, 200, 5, PIXELS_BGR}, {50, 80, 12, PIXELS_RGBA}, {37, 23, 0, PIXELS_RGB}, {640, 427, 1, PIXELS_BGRA}, {1, 1, 0, PIXELS_GRAY}};

enum { PICTURES = sizeof pictures / sizeof *pictures, FEW = 2 };

static const double large = 1e10; /* multiplications */

/* ---- pictures ---- */

/* Slopes of light, a few rectangles of one colour, grain. */
static uint8_t shade(int x, int y, int width, int height, int channel, uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	const int u = 256 * x / width, v = 256 * y / height, cell = (u / 64 + 3 * (v / 64)) % 5;
	const int light = cell == 0 ? 40 + 50 * channel : cell == 1 ? 220 - 60 * channel : (u * (channel + 1) + v * (3 - channel)) / 4;
	const int value = light + (int)(*seed >> 27) - 16;
	return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* The last row has no gap, so that what is read after it is outside of the memory. */
static Picture make_picture(int k)
{
	Picture p = {.width = pictures[k].width, .height = pictures[k].height, .format = pictures[k].format};
	const int bytes = pixel_formats[p.format].bytes;
	uint32_t seed = (uint32_t)k;
	p.stride = p.width * bytes + pictures[k].gap;
	p.pixel = calloc((size_t)p.stride * (size_t)(p.height - 1) + (size_t)(p.width * bytes), 1);
	if (!p.pixel)
		stop_out_of_memory();
	for (int y = 0; y < p.height; y++)
		for (int x = 0; x < p.width; x++)
			for (int c = 0; c < bytes; c++)
				p.pixel[y * p.stride + x * bytes + c] = shade(x, y, p.width, p.height, c % 3, &seed);
	return p;
}

/* ---- comparing ---- */

typedef int DetectPixels(const uint8_t *pixels, int width, int height, int stride, int format, Detection *out, int max);
typedef int Run(const float *input, Detection *out, int max);

static bool near(float x, float y, double unit)
{
	return fabs((double)x - (double)y) <= 1e-5 * fmax(unit, 1);
}

static float clipped(float x, int size)
{
	x *= (float)size;
	return x<0 ? 0 : x>(float) size ? (float)size : x;
}

/* In a picture's pixels, cut to it: what detect() gives for what run() gave. */
static bool same_row(const Detection *got, const Detection *run, int width, int height)
{
	return got->label == run->label && near(got->score, run->score, 1) && near(got->x0, clipped(run->x0, width), width) &&
	       near(got->y0, clipped(run->y0, height), height) && near(got->x1, clipped(run->x1, width), width) &&
	       near(got->y1, clipped(run->y1, height), height);
}

/* Copies of what the layers made that read the input, by value id. */
static double **first_results(const Verifier *v, Arena *a)
{
	double **copy = arena_new_array(a, double *, v->g->next_id);
	for (int i = 0; i < v->g->input[0]->nuse; i++) {
		const Node *n = v->g->input[0]->use[i];
		for (int k = 0; k < n->nout; k++) {
			const double *x = v->emitted[n->out[k]->id];
			const int64_t count = type_count(&n->out[k]->type);
			if (!x || n->op == OP_detect)
				continue;
			copy[n->out[k]->id] = arena_new_array(a, double, count + 1);
			memcpy(copy[n->out[k]->id], x, sizeof *x * (size_t)count);
		}
	}
	return copy;
}

/* The first layer whose results differ, or null. */
static const Node *first_difference(const Verifier *v, double *const *got)
{
	for (int i = 0; i < v->g->input[0]->nuse; i++) {
		const Node *n = v->g->input[0]->use[i];
		for (int k = 0; k < n->nout; k++) {
			const double *x = got[n->out[k]->id], *want = v->emitted[n->out[k]->id];
			double top = 0, worst = 0;
			for (int64_t e = 0; x && want && e < type_count(&n->out[k]->type); e++) {
				top = fmax(top, fabs(want[e]));
				worst = x[e] == want[e] || (isnan(x[e]) && isnan(want[e])) ? worst : fmax(worst, fabs(x[e] - want[e]));
				worst = isnan(x[e]) != isnan(want[e]) ? INFINITY : worst;
			}
			if (worst > 1e-6 * fmax(top, 1))
				return n;
		}
	}
	return NULL;
}

static void enter(Verifier *v, const char *function, const Picture *p)
{
	snprintf(v->apart->what, sizeof v->apart->what, "%s of a picture of %d x %d, %s, stride %d", function, p->width, p->height,
	         pixel_formats[p->format].name, p->stride);
	v->apart->last = NULL;
	v->apart->running = true;
}

/* False after a difference was reported. */
static bool compare(Verifier *v, const Picture *p, DetectPixels *detect, Run *run, Arena *a)
{
	const Node *n = graph_detector(v->g);
	const int most = n->u.detect.keep_top_k;
	Detection *got = arena_new_array(a, Detection, most), *want = arena_new_array(a, Detection, most);
	const float *input = preprocess_picture(&v->g->preprocess, p, a);
	enter(v, "NAME_detect()", p);
	const int ngot = detect(p->pixel, p->width, p->height, p->stride, (int)p->format, got, most);
	v->apart->running = false;
	double **first = first_results(v, a);
	enter(v, "NAME_run()", p);
	const int nwant = run(input, want, most);
	v->apart->running = false;
	const Node *other = first_difference(v, first);
	int row = 0;
	while (row < ngot && row < nwant && same_row(&got[row], &want[row], p->width, p->height))
		row++;
	v->tally.nfound += nwant > 0 ? nwant : 0;
	verify_count_rows(v, want, nwant);
	if (!other && ngot == nwant && row == ngot)
		return true;
	diag_error(v->d, DIAG_DIFFERENCE, other ? other->loc : n->loc,
	           "detect from pixels: a picture of %d x %d, %s, stride %d: %s; NAME_detect() returned %d, NAME_run() "
	           "of the evaluator's "
	           "input %d, the same up to row %d",
	           p->width, p->height, pixel_formats[p->format].name, p->stride,
	           other ? "this layer is given another input" : "other detections", ngot, nwant, row);
	return false;
}

void verify_pixels(Verifier *v, void *library, Tracer *trace)
{
	union { /* ISO C has no cast from data to function pointers */
		void *data;
		DetectPixels *detect;
		Run *run;
	} detect = {dlsym(library, "verified_detect")}, run = {dlsym(library, "verified_run")};
	Tracing *tracer = dlsym(library, "verified_tracer");
	double macs = 0;
	if (!graph_detector(v->g) || !v->g->preprocess.width)
		return;
	if (!detect.data || !run.data || !tracer)
		bug("the emitted library lacks its functions");
	for (int i = 0; i < v->g->nnode; i++)
		macs += (double)node_macs(v->g->node[i]);
	*tracer = (Tracing){trace, v};
	int bad = 0;
	for (int k = 0; k < (macs > large ? FEW : PICTURES); k++) {
		Picture p = make_picture(k);
		Arena *own = arena_new();
		bad += !compare(v, &p, detect.detect, run.run, own);
		v->tally.npicture++;
		free(p.pixel);
		arena_free(own);
	}
	v->tally.nbad += bad > 0;
	if (v->ask.verbose)
		printf("     %-28s %-16s %d pictures, %d detections%s\n", "detect from pixels", "NAME_detect()", v->tally.npicture,
		       v->tally.nfound, bad ? "  DIFFERS" : "");
}
