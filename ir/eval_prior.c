/* eval_prior.c -- the default boxes of one feature map. Paper section 2.1, dssd.md section 4.1.
 *
 * For each row, column and min size: a square of min; a square of sqrt(min * max); then, for each ratio r, a box of
 * min * sqrt(r) by min / sqrt(r), followed with `flip` by the one of 1 / r.
 */
#include "ir/eval.h"

#include <math.h>

typedef struct Cell { /* where boxes are written, and the centre of those being written, in pixels */
	const Prior *p;
	double *next;
	double y, x;
} Cell;

static void put_box(Cell *c, double width, double height)
{
	const Prior *p = c->p;
	double box[4] = {(c->x - width / 2) / p->image[1], (c->y - height / 2) / p->image[0], (c->x + width / 2) / p->image[1],
	                 (c->y + height / 2) / p->image[0]};
	for (int i = 0; i < 4; i++)
		*c->next++ = p->clip ? fmin(fmax(box[i], 0), 1) : box[i];
}

static double size_of(const Prior *p, double size)
{
	return p->truncate_sizes ? trunc(size) : size;
}

static void put_cell(Cell *c)
{
	const Prior *p = c->p;
	for (int s = 0; s < p->nmin; s++) {
		double min = size_of(p, p->min_size[s]);
		put_box(c, min, min);
		if (p->nmax) {
			double side = sqrt(min * size_of(p, p->max_size[s]));
			put_box(c, side, side);
		}
		for (int r = 0; r < p->nratio; r++) {
			double root = sqrt(p->ratio[r]);
			put_box(c, min * root, min / root);
			if (p->flip)
				put_box(c, min / root, min * root);
		}
	}
}

void eval_prior(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	const Prior *p = &n->u.prior;
	Cell c = {p, out->data, 0, 0};
	(void)a;
	for (int64_t row = 0; row < in->type.dim[2]; row++)
		for (int64_t col = 0; col < in->type.dim[3]; col++) {
			c.y = p->start[0] + p->step[0] * (double)row;
			c.x = p->start[1] + p->step[1] * (double)col;
			put_cell(&c);
		}
	for (int64_t i = 0; i < out->type.dim[2]; i++)
		*c.next++ = p->variance[i % 4];
}
