/* precision_coco.c -- average precision as COCO's evaluation defines it.
 *
 * A class is dealt with at a time. Its detections are photograph after photograph, by falling score in each, at most
 * 100 of them; `order` lists them by falling score over all photographs. For an area range each gets two bits for every
 * overlap: matched, and ignored. From those follow the numbers for 1, 10 and 100 detections a photograph. */
#include "eval/precision.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

enum { RANGES = 4, LIMITS = 3, MOST = 100 };

static const double range[RANGES][2] = {{0, 1e10}, {0, 32 * 32}, {32 * 32, 96 * 96}, {96 * 96, 1e10}};
static const int limit[LIMITS] = {1, 10, MOST};

const char *const coco_name[COCO_NUMBERS] = {"AP",   "AP50",  "AP75",   "AP small", "AP medium", "AP large",
                                             "AR 1", "AR 10", "AR 100", "AR small", "AR medium", "AR large"};

typedef struct Candidate {
	const Detection *d;
	int at;                    /* in the program's order */
	int rank;                  /* in its photograph */
	unsigned matched, ignored; /* bit for each overlap */
} Candidate;

typedef struct Work { /* of one class */
	const Dataset *set;
	int class;
	Candidate *item;
	int n;
	int *order;
	Arena *a;
} Work;

/* precision[overlap][recall], recall[overlap]; valid: there was an object */
typedef struct Score {
	bool valid;
	double precision[COCO_OVERLAPS][COCO_RECALLS], recall[COCO_OVERLAPS];
} Score;

static double overlap_at(int t)
{
	return t == COCO_OVERLAPS - 1 ? 0.95 : 0.5 + t * ((0.95 - 0.5) / (COCO_OVERLAPS - 1));
}

static double recall_at(int r)
{
	return r == COCO_RECALLS - 1 ? 1 : r * (1.0 / (COCO_RECALLS - 1));
}

static int compare_in_photo(const void *a, const void *b)
{
	const Candidate *x = a, *y = b;
	if (x->d->photo != y->d->photo)
		return x->d->photo < y->d->photo ? -1 : 1;
	if (x->d->score != y->d->score)
		return x->d->score > y->d->score ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

typedef struct Key {
	double score;
	int index;
} Key;

static int compare_scores(const void *a, const void *b)
{
	const Key *x = a, *y = b;
	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

static void gather(Work *w, const Detections *f)
{
	int n = 0;
	for (int i = 0; i < f->n; i++)
		n += f->item[i].class == w->class;
	w->item = arena_new_array(w->a, Candidate, n + 1);
	for (int i = 0; i < f->n; i++)
		if (f->item[i].class == w->class)
			w->item[w->n++] = (Candidate){.d = &f->item[i], .at = i};
	qsort(w->item, (size_t)w->n, sizeof *w->item, compare_in_photo);
	n = 0;
	for (int i = 0, first = 0; i < w->n; i++) {
		first = w->item[i].d->photo == w->item[first].d->photo ? first : i;
		w->item[i].rank = i - first;
	}
	for (int i = 0; i < w->n; i++)
		if (w->item[i].rank < MOST)
			w->item[n++] = w->item[i];
	w->n = n;
	Key *key = arena_new_array(w->a, Key, w->n + 1);
	for (int i = 0; i < w->n; i++)
		key[i] = (Key){w->item[i].d->score, i};
	qsort(key, (size_t)w->n, sizeof *key, compare_scores);
	w->order = arena_new_array(w->a, int, w->n + 1);
	for (int i = 0; i < w->n; i++)
		w->order[i] = key[i].index;
}

typedef struct Target { /* an object of the class */
	const Object *o;
	bool ignored;
	unsigned taken; /* bit for each overlap */
} Target;

/* The object that a detection takes at overlap t, or -1: the last one of largest overlap among those that are free (or a
 * crowd); once it has one that counts, ignored ones cannot lure it away. */
static int choose(const Target *target, int n, const double *overlap, int t)
{
	double best = overlap_at(t) < 1 - 1e-10 ? overlap_at(t) : 1 - 1e-10;
	int found = -1;
	for (int i = 0; i < n; i++) {
		if ((target[i].taken >> t & 1) && !target[i].o->ignored)
			continue;
		if (found >= 0 && !target[found].ignored && target[i].ignored)
			break;
		if (overlap[i] < best)
			continue;
		best = overlap[i];
		found = i;
	}
	return found;
}

static void match(Candidate *c, Target *target, int n, double *overlap, const double *area)
{
	double size = c->d->box.w * c->d->box.h;
	c->matched = c->ignored = 0;
	for (int i = 0; i < n; i++)
		overlap[i] = rect_overlap(&c->d->box, &target[i].o->box, target[i].o->ignored);
	for (int t = 0; t < COCO_OVERLAPS; t++) {
		int k = choose(target, n, overlap, t);
		if (k >= 0) {
			target[k].taken |= 1u << t;
			c->matched |= 1u << t;
		}
		if (k >= 0 ? target[k].ignored : size < area[0] || size > area[1])
			c->ignored |= 1u << t;
	}
}

/* The objects of the class in a photograph: first those that count, then the ignored. */
static int targets_of(const Work *w, const Photo *p, const double *area, Target *target, int *counting)
{
	int n = 0;
	for (int ignored = 0; ignored < 2; ignored++)
		for (int i = 0; i < p->nobject; i++) {
			const Object *o = &p->object[i];
			if (o->class == w->class && (o->ignored || o->area < area[0] || o->area > area[1]) == ignored)
				target[n++] = (Target){o, ignored, 0};
		}
	for (int i = 0; i < n; i++)
		*counting += !target[i].ignored;
	return n;
}

/* Sets the bits of all candidates; returns the objects that count. */
static int match_all(Work *w, const double *area)
{
	int most = 0, counting = 0, at = 0;
	for (int i = 0; i < w->set->nphoto; i++)
		most = w->set->photo[i].nobject > most ? w->set->photo[i].nobject : most;
	Target *target = arena_new_array(w->a, Target, most + 1);
	double *overlap = arena_new_array(w->a, double, most + 1);
	for (int i = 0; i < w->set->nphoto; i++) {
		int n = targets_of(w, &w->set->photo[i], area, target, &counting);
		for (; at < w->n && w->item[at].d->photo == i; at++)
			match(&w->item[at], target, n, overlap, area);
	}
	return counting;
}

/* Precision at the 101 recalls, from detections by falling score, at most `most` of a photograph. */
static void accumulate(const Work *w, int t, int most, int counting, double *precision, double *recall)
{
	double *rise = arena_new_array(w->a, double, w->n + 1), *share = arena_new_array(w->a, double, w->n + 1);
	int n = 0, right = 0, wrong = 0;
	for (int i = 0; i < w->n; i++) {
		const Candidate *c = &w->item[w->order[i]];
		if (c->rank >= most)
			continue;
		bool counts = !(c->ignored >> t & 1), hit = c->matched >> t & 1;
		right += counts && hit;
		wrong += counts && !hit;
		rise[n] = (double)right / counting;
		share[n++] = right / (right + wrong + DBL_EPSILON);
	}
	*recall = n ? rise[n - 1] : 0;
	for (int i = n - 1; i > 0; i--)
		share[i - 1] = share[i] > share[i - 1] ? share[i] : share[i - 1];
	for (int r = 0, i = 0; r < COCO_RECALLS; r++) {
		while (i < n && rise[i] < recall_at(r))
			i++;
		precision[r] = i < n ? share[i] : 0;
	}
}

/* Mean over valid classes of `from..to` overlaps; -1: no class. */
static double mean_precision(const Score *s, int step, int n, int from, int to)
{
	double sum = 0;
	int count = 0;
	for (int i = 0; i < n; i++)
		for (int t = from; t < to && s[i * step].valid; t++)
			for (int r = 0; r < COCO_RECALLS; r++, count++)
				sum += s[i * step].precision[t][r];
	return count ? sum / count : -1;
}

static double mean_recall(const Score *s, int step, int n)
{
	double sum = 0;
	int count = 0;
	for (int i = 0; i < n; i++)
		for (int t = 0; t < COCO_OVERLAPS && s[i * step].valid; t++, count++)
			sum += s[i * step].recall[t];
	return count ? sum / count : -1;
}

enum { CASES = 6 }; /* all areas with 100, 10, 1 detections; small, medium, large with 100 */

static void score_class(Work *w, Score *score, int *nobject)
{
	for (int k = 0; k < RANGES; k++) {
		int counting = match_all(w, range[k]);
		if (!k)
			*nobject = counting;
		for (int m = 0; counting && m < (k ? 1 : LIMITS); m++) {
			Score *s = &score[k ? LIMITS + k - 1 : m];
			s->valid = true;
			for (int t = 0; t < COCO_OVERLAPS; t++)
				accumulate(w, t, limit[LIMITS - 1 - m], counting, s->precision[t], &s->recall[t]);
		}
	}
}

static void summarise(const Score *score, int nclass, double *number)
{
	static const int recall_case[] = {2, 1, 0, 3, 4, 5};
	number[0] = mean_precision(score, CASES, nclass, 0, COCO_OVERLAPS);
	number[1] = mean_precision(score, CASES, nclass, 0, 1);
	number[2] = mean_precision(score, CASES, nclass, 5, 6);
	for (int k = 0; k < 3; k++)
		number[3 + k] = mean_precision(score + LIMITS + k, CASES, nclass, 0, COCO_OVERLAPS);
	for (int k = 0; k < 6; k++)
		number[6 + k] = mean_recall(score + recall_case[k], CASES, nclass);
}

static Curve curve_of(const Score *s, int nobject, int ndetection, Arena *a)
{
	Curve c = {nobject,
	           ndetection,
	           mean_precision(s, 1, 1, 0, 1),
	           arena_new_array(a, double, COCO_RECALLS),
	           arena_new_array(a, double, COCO_RECALLS),
	           s->valid ? COCO_RECALLS : 0};
	for (int r = 0; r < COCO_RECALLS; r++) {
		c.recall[r] = recall_at(r);
		c.precision[r] = s->precision[0][r];
	}
	return c;
}

CocoResult *precision_coco(const Dataset *s, const Detections *f, Arena *a)
{
	CocoResult *result = arena_new_one(a, CocoResult);
	Score *score = arena_new_array(a, Score, s->nclass * CASES + 1);
	result->class_ap = arena_new_array(a, double, s->nclass + 1);
	result->class_ap50 = arena_new_array(a, double, s->nclass + 1);
	result->nobject = arena_new_array(a, int, s->nclass + 1);
	result->curve = arena_new_array(a, Curve, s->nclass + 1);
	Arena *scratch = arena_new();
	for (int class = 0; class < s->nclass; class ++) {
		Work w = {.set = s, .class = class, .a = scratch};
		Score *own = score + class * CASES;
		gather(&w, f);
		score_class(&w, own, &result->nobject[class]);
		result->class_ap[class] = mean_precision(own, 1, 1, 0, COCO_OVERLAPS);
		result->class_ap50[class] = mean_precision(own, 1, 1, 0, 1);
		result->curve[class] = curve_of(own, result->nobject[class], w.n, a);
		arena_reset(scratch);
	}
	arena_free(scratch);
	summarise(score, s->nclass, result->number);
	return result;
}
