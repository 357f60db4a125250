/* eval_nms.c -- ONNX's NonMaxSuppression: for each batch and class, greedily the boxes that overlap no better one. */
#include "ir/eval.h"

#include <math.h>

typedef struct Corners {
	double x0, y0, x1, y1;
} Corners;

static Corners corners(const Nms *m, const double *b)
{
	if (m->center_point_box)
		return (Corners){b[0] - b[2] / 2, b[1] - b[3] / 2, b[0] + b[2] / 2, b[1] + b[3] / 2};
	return (Corners){fmin(b[1], b[3]), fmin(b[0], b[2]), fmax(b[1], b[3]), fmax(b[0], b[2])};
}

static double overlap(Corners a, Corners b)
{
	double w = fmin(a.x1, b.x1) - fmax(a.x0, b.x0), h = fmin(a.y1, b.y1) - fmax(a.y0, b.y0);
	if (!(w > 0) || !(h > 0))
		return 0;
	return w * h / ((a.x1 - a.x0) * (a.y1 - a.y0) + (b.x1 - b.x0) * (b.y1 - b.y0) - w * h);
}

/* The best score above the threshold that is not done, or -1. */
static int64_t next_best(const double *score, const bool *done, int64_t count, double threshold)
{
	int64_t best = -1;
	for (int64_t i = 0; i < count; i++)
		if (!done[i] && score[i] > threshold && (best < 0 || score[i] > score[best]))
			best = i;
	return best;
}

static bool survives(const Nms *m, const double *boxes, int64_t box, const int64_t *kept, int64_t nkept)
{
	for (int64_t k = 0; k < nkept; k++)
		if (overlap(corners(m, boxes + 4 * box), corners(m, boxes + 4 * kept[k])) > m->iou)
			return false;
	return true;
}

void eval_nms(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	const Nms *m = &n->u.nms;
	int64_t batches = in[NMS_SCORES].type.dim[0], classes = in[NMS_SCORES].type.dim[1], count = in[NMS_SCORES].type.dim[2], row = 0;
	int64_t *kept = arena_new_array(a, int64_t, count + 1);
	bool *done = arena_new_array(a, bool, count + 1);
	for (int64_t i = 0; i < 3 * m->rows; i++)
		out->data[i] = -1;
	for (int64_t line = 0; line < batches * classes; line++) {
		const double *boxes = in[NMS_BOXES].data + line / classes * count * 4, *score = in[NMS_SCORES].data + line * count;
		int64_t nkept = 0, box;
		for (int64_t i = 0; i < count; i++)
			done[i] = false;
		while (nkept < m->max_per_class && (box = next_best(score, done, count, m->threshold)) >= 0) {
			done[box] = true;
			if (!survives(m, boxes, box, kept, nkept))
				continue;
			kept[nkept++] = box;
			if (row == m->rows)
				continue;
			double *to = out->data + 3 * row++;
			to[0] = (double)(line / classes);
			to[1] = (double)(line % classes);
			to[2] = (double)box;
		}
	}
}
