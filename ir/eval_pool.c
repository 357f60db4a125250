/* eval_pool.c -- maximum and average over windows.
 *
 * The extent of the result (infer.c) holds the rounding rule. A maximum sees the pixels of the map only; an average
 * divides by their number, or, with count_padding, by the window clipped to the padded map, as Caffe does.
 */
#include "ir/eval.h"

#include <math.h>

typedef struct Span { /* one axis of a window: pixels first..last-1 in steps, and how many with padding */
	int64_t first, last, padded, step;
} Span;

static Span span(const Pool *p, int axis, int64_t at, int64_t size)
{
	if (p->global)
		return (Span){0, size, size, 1};
	int64_t step = p->dilation[axis], begin = at * p->stride[axis] - p->pad[axis], first = begin;
	int64_t end = begin + step * (p->kernel[axis] - 1) + 1, edge = size + p->pad[axis + 2];
	while (first < 0)
		first += step;
	return (Span){first, end > size ? size : end, ((end > edge ? edge : end) - begin + step - 1) / step, step};
}

static double pool_window(const Pool *p, const double *map, int64_t width, Span y, Span x)
{
	double best = -INFINITY, sum = 0;
	int64_t seen = 0;
	for (int64_t iy = y.first; iy < y.last; iy += y.step)
		for (int64_t ix = x.first; ix < x.last; ix += x.step, seen++) {
			double v = map[iy * width + ix];
			best = v > best ? v : best;
			sum += v;
		}
	if (!p->average)
		return best;
	int64_t count = p->count_padding ? y.padded * x.padded : seen;
	return count ? sum / (double)count : 0;
}

void eval_pool2d(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	const Pool *p = &n->u.pool2d;
	const int64_t *x = in->type.dim, *y = out->type.dim;
	double *result = out->data;
	(void)a;
	for (int64_t c = 0; c < x[0] * x[1]; c++)
		for (int64_t oy = 0; oy < y[2]; oy++)
			for (int64_t ox = 0; ox < y[3]; ox++)
				*result++ = pool_window(p, in->data + c * x[2] * x[3], x[3], span(p, 0, oy, x[2]), span(p, 1, ox, x[3]));
}
