/* calibrate.c -- photographs as samples of the network's input. */
#include "compiler/calibrate.h"
#include "base/files.h"
#include "ir/preprocess.h"
#include "runtime/image.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 16 };

/* Mean and divisor are applied in double. */
static double *sample_of(const Graph *g, const Image *image, Arena *a)
{
	const Preprocess *p = &g->preprocess;
	const Picture picture = {image->width, image->height, 3 * image->width, PIXELS_RGB, image->rgb};
	const int64_t map = (int64_t)p->width * p->height;
	Preprocess resize = *p;
	for (int c = 0; c < 3; c++) {
		resize.mean[c] = 0;
		resize.divisor[c] = 1;
	}
	const float *pixels = preprocess_picture(&resize, &picture, a);
	double *x = arena_new_array(a, double, p->channels *map);
	for (int c = 0; c < p->channels; c++)
		for (int64_t i = 0; i < map; i++)
			x[c * map + i] = ((double)pixels[c * map + i] - p->mean[c]) / p->divisor[c];
	return x;
}

static int compare_names(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static const char **photographs(const char *dir, int *count, Arena *a, Diag *d)
{
	enum { FILES = 1 << 20 };
	DIR *handle = opendir(dir);
	const char **name = NULL;
	int n = 0, room = 0;
	if (!handle)
		diag_error(d, DIAG_IO, (Loc){.file = dir, .offset = -1}, "--calibrate: cannot read the folder");
	errno = 0;
	for (struct dirent *e; handle && n < FILES && (e = readdir(handle)); errno = 0) {
		if (!image_can_write(e->d_name)) /* a known ending */
			continue;
		if (n == room) {
			const char **more = arena_new_array(a, const char *, 2 * room + 64);
			if (n)
				memcpy(more, name, sizeof *name * (size_t)n);
			name = more;
			room = 2 * room + 64;
		}
		name[n++] = arena_strdup(a, e->d_name);
	}
	if (handle && errno)
		diag_error(d, file_error_class(errno), (Loc){.file = dir, .offset = -1}, "--calibrate: cannot read the folder: %s",
		           strerror(errno));
	if (handle)
		closedir(handle);
	if (n)
		qsort(name, (size_t)n, sizeof *name, compare_names);
	*count = n;
	return name;
}

const Samples *calibrate_read(const Graph *g, const char *dir, Arena *a, Diag *d)
{
	int n, before = diag_errors(d);
	if (!graph_detector(g) || !g->preprocess.width) {
		diag_error(d, DIAG_REJECT, (Loc){0}, "--calibrate is for detectors that take pixels");
		return NULL;
	}
	const char **name = photographs(dir, &n, a, d);
	const double *const **sample = arena_new_array(a, const double *const *, MOST);
	Samples *s = arena_new_one(a, Samples);
	s->sample = sample;
	for (int i = 0; i < n && s->n < MOST; i++) {
		const char *path = arena_printf(a, "%s/%s", dir, name[i]);
		char why[IMAGE_WHY];
		Image image;
		file_note_read(path, d);
		if (!image_read(path, &image, why)) {
			diag_error(d, strstr(why, "memory") ? DIAG_LIMIT : DIAG_REJECT, (Loc){.file = path, .offset = -1},
			           "--calibrate: %s", why);
			continue;
		}
		const double **input = arena_new_array(a, const double *, 1);
		input[0] = sample_of(g, &image, a);
		sample[s->n++] = input;
		image_free(&image);
	}
	if (!n && diag_errors(d) == before)
		diag_error(d, DIAG_REJECT, (Loc){.file = dir, .offset = -1}, "--calibrate: no photograph (.jpg, .png, .ppm) is there");
	return diag_errors(d) == before ? s : NULL;
}
