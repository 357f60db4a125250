/* eval_shape.c -- ops that move elements, and resampling. */
#include "ir/eval.h"

#include <math.h>
#include <string.h>

/* reshape and reorder: tensors are dense here, whatever the layout in memory will be. */
void eval_reshape(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	(void)n, (void)a;
	memcpy(out->data, in->data, sizeof *out->data * (size_t)type_count(&in->type));
}

void eval_reorder(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	eval_reshape(n, in, out, a);
}

void eval_concat(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	int axis = n->u.concat.axis;
	int64_t outer = type_outer(&out->type, axis);
	double *y = out->data;
	(void)a;
	for (int64_t o = 0; o < outer; o++)
		for (int i = 0; i < n->nin; i++) {
			int64_t run = in[i].type.dim[axis] * type_inner(&in[i].type, axis);
			memcpy(y, in[i].data + o * run, sizeof *y * (size_t)run);
			y += run;
		}
}

void eval_slice(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	const Slice *s = &n->u.slice;
	int64_t outer = type_outer(&in->type, s->axis), inner = type_inner(&in->type, s->axis);
	int64_t run = (s->end - s->begin) * inner;
	(void)a;
	for (int64_t o = 0; o < outer; o++)
		memcpy(out->data + o * run, in->data + (o * in->type.dim[s->axis] + s->begin) * inner, sizeof *out->data * (size_t)run);
}

void eval_permute(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	int64_t step[MAX_RANK], at[MAX_RANK] = {0}, count = type_count(&out->type), where = 0;
	int rank = out->type.rank;
	(void)a;
	for (int i = 0; i < rank; i++)
		step[i] = type_inner(&in->type, n->u.permute.order[i]);
	for (int64_t i = 0; i < count; i++) {
		out->data[i] = in->data[where];
		for (int k = rank - 1; k >= 0; k--) { /* the next position of the result */
			where += step[k];
			if (++at[k] < out->type.dim[k])
				break;
			where -= step[k] * out->type.dim[k];
			at[k] = 0;
		}
	}
}

void eval_pad(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	const Pad *p = &n->u.pad;
	int rank = in->type.rank;
	int64_t maps = type_outer(&in->type, rank - 2), height = in->type.dim[rank - 2], width = in->type.dim[rank - 1];
	int64_t out_height = out->type.dim[rank - 2], out_width = out->type.dim[rank - 1];
	double value = number_round(out->type.dtype, p->value);
	(void)a;
	for (int64_t i = 0; i < maps * out_height * out_width; i++)
		out->data[i] = value;
	for (int64_t m = 0; m < maps; m++)
		for (int64_t y = 0; y < height; y++)
			memcpy(out->data + (m * out_height + y + p->pad[0]) * out_width + p->pad[1], in->data + (m * height + y) * width,
			       sizeof *in->data * (size_t)width);
}

/* ---- resampling ---- */

/* Where an index of the result is in the input: between first and second, `part` of the way. */
typedef struct Place {
	int64_t first, second;
	double part;
} Place;

/* Nearest: halves go up. In whole numbers, so that no rounding decides. */
static Place place_nearest(const Resize *r, int64_t at, int64_t from, int64_t to)
{
	int64_t i = (2 * at + 1) * from / (2 * to);
	if (r->align_corners)
		i = to > 1 ? (2 * at * (from - 1) + to - 1) / (2 * (to - 1)) : 0;
	return (Place){i, i, 0};
}

static Place place_linear(const Resize *r, int64_t at, int64_t from, int64_t to)
{
	double x = ((double)at + 0.5) * (double)from / (double)to - 0.5;
	if (r->align_corners)
		x = to > 1 ? (double)at * (double)(from - 1) / (double)(to - 1) : 0;
	x = x<0 ? 0 : x>(double)(from - 1) ? (double)(from - 1) : x;
	int64_t i = (int64_t)floor(x);
	return (Place){i, i + 1 < from ? i + 1 : i, x - (double)i};
}

static Place *places(const Resize *r, int64_t from, int64_t to, Arena *a)
{
	Place *p = arena_new_array(a, Place, to);
	for (int64_t i = 0; i < to; i++)
		p[i] = r->nearest ? place_nearest(r, i, from, to) : place_linear(r, i, from, to);
	return p;
}

void eval_resize(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	const Resize *r = &n->u.resize;
	int rank = in->type.rank;
	int64_t maps = type_outer(&in->type, rank - 2), height = in->type.dim[rank - 2], width = in->type.dim[rank - 1];
	const Place *rows = places(r, height, r->size[0], a), *cols = places(r, width, r->size[1], a);
	double *result = out->data;
	for (int64_t m = 0; m < maps; m++)
		for (int64_t y = 0; y < r->size[0]; y++)
			for (int64_t x = 0; x < r->size[1]; x++) {
				Place py = rows[y], px = cols[x];
				const double *top = in->data + (m * height + py.first) * width;
				const double *bottom = in->data + (m * height + py.second) * width;
				double upper = top[px.first] * (1 - px.part) + top[px.second] * px.part;
				double lower = bottom[px.first] * (1 - px.part) + bottom[px.second] * px.part;
				*result++ = upper * (1 - py.part) + lower * py.part;
			}
}
