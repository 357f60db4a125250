/* eval_detect.c -- from offsets, scores and default boxes to detections, as Caffe's DetectionOutput does it on the CPU.
 * dssd.md section 5.
 *
 * Per class: scores above the threshold, falling, ties in the order of the default boxes, the first top_k; then greedy
 * non-maximum suppression. Then over all classes the best keep_top_k, ties by class. Boxes are not clipped; one that is not finite is no
 * box. Agnostic: one list in place of those of the classes, of each box with its best class, the first of equal ones.
 */
#include "ir/eval.h"

#include <math.h>
#include <stdlib.h>

typedef struct Box {
	double x0, y0, x1, y1;
} Box;

typedef struct Candidate {
	double score;
	int label;
	int64_t box; /* default box */
} Candidate;

/* Offsets that are not encoded yet are multiplied by the variances first. */
static Box decode(const Detect *t, const double *loc, const double *prior, const double *variance)
{
	double v[4];
	for (int i = 0; i < 4; i++)
		v[i] = t->variance_encoded ? loc[i] : loc[i] * variance[i];
	double width = prior[2] - prior[0], height = prior[3] - prior[1];
	if (t->code == BOX_CORNER)
		return (Box){prior[0] + v[0], prior[1] + v[1], prior[2] + v[2], prior[3] + v[3]};
	if (t->code == BOX_CORNER_SIZE)
		return (Box){prior[0] + v[0] * width, prior[1] + v[1] * height, prior[2] + v[2] * width, prior[3] + v[3] * height};
	double x = (prior[0] + prior[2]) / 2 + v[0] * width, y = (prior[1] + prior[3]) / 2 + v[1] * height;
	double w = width * exp(v[2]), h = height * exp(v[3]);
	return (Box){x - w / 2, y - h / 2, x + w / 2, y + h / 2};
}

static double area(Box b)
{
	return b.x1 < b.x0 || b.y1 < b.y0 ? 0 : (b.x1 - b.x0) * (b.y1 - b.y0);
}

/* Intersection over union; 0 when the boxes do not meet. */
static double overlap(Box a, Box b)
{
	double width = fmin(a.x1, b.x1) - fmax(a.x0, b.x0), height = fmin(a.y1, b.y1) - fmax(a.y0, b.y0);
	if (!(width > 0 && height > 0))
		return 0;
	double both = width * height;
	return both / (area(a) + area(b) - both);
}

/* Falling score; then class, then default box, so the order is total and qsort as good as a stable sort. */
static int compare(const void *pa, const void *pb)
{
	const Candidate *a = pa, *b = pb;
	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	if (a->label != b->label)
		return a->label < b->label ? -1 : 1;
	return (a->box > b->box) - (a->box < b->box);
}

/* The class that counts for a box: the best one, but for the background. */
static int best_class(const Detect *t, const double *row)
{
	int best = t->background == 0 && t->classes > 1;
	double top = -HUGE_VAL;
	for (int c = 0; c < t->classes; c++)
		if (c != t->background && row[c] > top)
			top = row[best = c];
	return best;
}

/* label -1: of each box, the best */
static int64_t collect(const Detect *t, const double *scores, int64_t boxes, int label, Candidate *out)
{
	int64_t count = 0;
	for (int64_t i = 0; i < boxes; i++) {
		const double *row = scores + i * t->classes;
		int c = label < 0 ? best_class(t, row) : label;
		if (c != t->background && row[c] > t->threshold)
			out[count++] = (Candidate){row[c], label, i};
	}
	qsort(out, (size_t)count, sizeof *out, compare);
	return t->top_k >= 0 && count > t->top_k ? t->top_k : count;
}

/* How many boxes a default box has. */
static int own_boxes(const Detect *t)
{
	return t->per_class ? t->classes : 1;
}

static Box box_of(const Detect *t, const Box *box, const Candidate *c)
{
	return box[c->box * own_boxes(t) + (t->per_class ? c->label : 0)];
}

/* As a float: offsets that are no numbers, or far too large, make no box. */
static bool is_finite(Box b)
{
	return isfinite((float)b.x0) && isfinite((float)b.y0) && isfinite((float)b.x1) && isfinite((float)b.y1);
}

/* Keeps in place those that overlap no better one by more than the threshold; returns how many. */
static int64_t suppress(const Detect *t, const Box *box, Candidate *list, int64_t count)
{
	int64_t kept = 0;
	double limit = t->nms;
	for (int64_t i = 0; i < count; i++) {
		bool keep = is_finite(box_of(t, box, &list[i]));
		for (int64_t k = 0; keep && k < kept; k++)
			keep = overlap(box_of(t, box, &list[i]), box_of(t, box, &list[k])) <= limit;
		if (!keep)
			continue;
		list[kept++] = list[i];
		if (kept == t->keep_per_class)
			break;
		if (t->eta < 1 && limit > 0.5)
			limit *= t->eta;
	}
	return kept;
}

static void softmax_rows(double *scores, int64_t boxes, int classes)
{
	for (int64_t i = 0; i < boxes; i++, scores += classes) {
		double largest = scores[0], sum = 0;
		for (int c = 1; c < classes; c++)
			largest = scores[c] > largest ? scores[c] : largest;
		for (int c = 0; c < classes; c++)
			sum += scores[c] = exp(scores[c] - largest);
		for (int c = 0; c < classes; c++)
			scores[c] /= sum;
	}
}

static const double *class_scores(const Detect *t, const Tensor *in, int64_t boxes, Arena *a)
{
	if (!t->softmax)
		return in->data;
	double *copy = arena_new_array(a, double, boxes * t->classes);
	for (int64_t i = 0; i < boxes * t->classes; i++)
		copy[i] = in->data[i];
	softmax_rows(copy, boxes, t->classes);
	return copy;
}

static void write_rows(const Detect *t, const Box *box, const Candidate *list, int64_t count, double *out)
{
	for (int64_t i = 0; i < t->keep_top_k; i++, out += 6) {
		if (i >= count) {
			out[0] = -1; /* the rest is zero */
			continue;
		}
		Box b = box_of(t, box, &list[i]);
		if (t->y_first)
			b = (Box){b.y0, b.x0, b.y1, b.x1};
		double row[6] = {list[i].label, list[i].score, b.x0, b.y0, b.x1, b.y1};
		for (int k = 0; k < 6; k++)
			out[k] = row[k];
	}
}

void eval_detect(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	const Detect *t = &n->u.detect;
	int64_t boxes = in[DETECT_BOXES].type.dim[2] / 4, own = own_boxes(t), count = 0, room = 0;
	const double *priors = in[DETECT_BOXES].data, *scores = class_scores(t, &in[DETECT_CONF], boxes, a);
	Box *box = arena_new_array(a, Box, boxes * own);
	for (int64_t i = 0; i < boxes * own; i++)
		box[i] = decode(t, in[DETECT_LOC].data + 4 * i, priors + 4 * (i / own), priors + 4 * (boxes + i / own));
	Candidate *all = NULL, *list = arena_new_array(a, Candidate, boxes);
	for (int label = t->agnostic ? -1 : 0; label < (t->agnostic ? 0 : t->classes); label++) {
		if (label == t->background && !t->agnostic)
			continue;
		int64_t kept = suppress(t, box, list, collect(t, scores, boxes, label, list));
		if (count + kept > room) {
			int64_t more = 2 * room + kept;
			all = arena_grow(a, all, sizeof *all * (size_t)count, sizeof *all * (size_t)more);
			room = more;
		}
		for (int64_t i = 0; i < kept; i++)
			all[count++] = list[i];
	}
	if (count)
		qsort(all, (size_t)count, sizeof *all, compare);
	for (int64_t i = 0; t->agnostic && i < count; i++)
		all[i].label = best_class(t, scores + all[i].box * t->classes);
	write_rows(t, box, all, count, out->data);
}
