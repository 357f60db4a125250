/* precision_voc.c -- average precision as the PASCAL VOC devkit defines it. */
#include "eval/precision.h"

#include <stdlib.h>
#include <string.h>

/* One detection of a class, with its place in the program's order: equal scores keep it. */
typedef struct Ranked {
	const Detection *d;
	int order;
} Ranked;

static int compare_ranked(const void *a, const void *b)
{
	const Ranked *x = a, *y = b;
	if (x->d->score != y->d->score)
		return x->d->score > y->d->score ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static Ranked *rank_class(const Detections *f, int class, int *n, Arena *a)
{
	*n = 0;
	for (int i = 0; i < f->n; i++)
		*n += f->item[i].class == class;
	Ranked *r = arena_new_array(a, Ranked, *n + 1);
	*n = 0;
	for (int i = 0; i < f->n; i++)
		if (f->item[i].class == class)
			r[(*n)++] = (Ranked){&f->item[i], i};
	qsort(r, (size_t)*n, sizeof *r, compare_ranked);
	return r;
}

/* The object of that class that the box overlaps most, or -1. */
static int best_object(const Photo *p, int class, const Rect *box, double *overlap)
{
	int best = -1;
	*overlap = -1;
	for (int i = 0; i < p->nobject; i++) {
		if (p->object[i].class != class)
			continue;
		double o = rect_overlap(box, &p->object[i].box, false);
		if (o > *overlap) {
			*overlap = o;
			best = i;
		}
	}
	return best;
}

/* The curve's points without interpolation. */
static void walk(const Dataset *s, const Ranked *r, int n, double overlap, Curve *c, bool **taken)
{
	int right = 0, wrong = 0;
	for (int i = 0; i < n; i++) {
		const Photo *p = &s->photo[r[i].d->photo];
		double found;
		int k = best_object(p, r[i].d->class, &r[i].d->box, &found);
		bool hit = k >= 0 && found >= overlap;
		if (hit && p->object[k].ignored)
			continue;
		if (hit && !taken[r[i].d->photo][k]) {
			taken[r[i].d->photo][k] = true;
			right++;
		} else {
			wrong++;
		}
		c->recall[c->n] = c->nobject ? (double)right / c->nobject : 0;
		c->precision[c->n++] = (double)right / (right + wrong);
	}
	c->ndetection = right + wrong;
}

static double eleven_points(const Curve *c)
{
	double sum = 0;
	for (int t = 0; t <= 10; t++) {
		double best = 0;
		for (int i = 0; i < c->n; i++)
			if (c->recall[i] >= t / 10.0 && c->precision[i] > best)
				best = c->precision[i];
		sum += best;
	}
	return sum / 11;
}

/* Below the curve after each precision was raised to the best one at the same or a higher recall. */
static double area(const Curve *c)
{
	double sum = 0, best = 0;
	for (int i = c->n - 1; i >= 0; i--) {
		best = c->precision[i] > best ? c->precision[i] : best;
		sum += best * (c->recall[i] - (i ? c->recall[i - 1] : 0));
	}
	return sum;
}

void precision_voc(const Dataset *s, const Detections *f, double overlap, bool eleven, Curve *curve, Arena *a)
{
	bool **taken = arena_new_array(a, bool *, s->nphoto + 1);
	for (int i = 0; i < s->nphoto; i++) /* an object has one class: no need to clear between classes */
		taken[i] = arena_new_array(a, bool, s->photo[i].nobject + 1);
	for (int class = 0; class < s->nclass; class ++) {
		Curve *c = &curve[class];
		int n;
		Ranked *r = rank_class(f, class, &n, a);
		*c = (Curve){.recall = arena_new_array(a, double, n + 1), .precision = arena_new_array(a, double, n + 1)};
		for (int i = 0; i < s->nphoto; i++)
			for (int k = 0; k < s->photo[i].nobject; k++)
				c->nobject += s->photo[i].object[k].class == class && !s->photo[i].object[k].ignored;
		walk(s, r, n, overlap, c, taken);
		c->ap = !c->nobject ? -1 : eleven ? eleven_points(c) : area(c);
	}
}
