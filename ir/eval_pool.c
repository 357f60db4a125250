/* eval_pool.c -- maximum and average over windows.
 *
 * The extent of the result (infer.c) holds the rounding rule. A maximum sees the pixels of the map only; an average
 * divides by their number, or, with count_padding, by the window clipped to the padded map, as Caffe does.
 */
#include "ir/eval.h"

#include <math.h>

typedef struct Span { /* one axis of a window: pixels first..last-1, and its size with padding */
	int64_t first, last, padded;
} Span;

static Span span(const Pool *p, int axis, int64_t at, int64_t size)
{
	if (p->global)
		return (Span){0, size, size};
	int64_t begin = at * p->stride[axis] - p->pad[axis], end = begin + p->kernel[axis];
	int64_t edge = size + p->pad[axis + 2];
	Span s = {begin < 0 ? 0 : begin, end > size ? size : end, (end > edge ? edge : end) - begin};
	return s;
}

static double pool_window(const Pool *p, const double *map, int64_t width, Span y, Span x)
{
	double best = -INFINITY, sum = 0;
	for (int64_t iy = y.first; iy < y.last; iy++)
		for (int64_t ix = x.first; ix < x.last; ix++) {
			double v = map[iy * width + ix];
			best = v > best ? v : best;
			sum += v;
		}
	if (!p->average)
		return best;
	int64_t count = p->count_padding ? y.padded * x.padded : (y.last - y.first) * (x.last - x.first);
	return sum / (double)count;
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
				*result++ = pool_window(p, in->data + c * x[2] * x[3], x[3], span(p, 0, oy, x[2]),
				                        span(p, 1, ox, x[3]));
}
