/* eval_conv.c -- convolution and transposed convolution.
 *
 * conv2d: for a strip of output pixels, the inputs that a weight tap (channel, ky, kx) meets are gathered into one row
 * of a patch matrix; then each output channel is a sum of those rows (eval_add_rows), taps in the order of the weight.
 * Strip and depth are bounded, so the patches stay in the cache.
 *
 * deconv2d: for each tap, a matrix product over the input channels gives what each input pixel adds; it is added to
 * the one output pixel that the pixel and the tap meet at.
 */
#include "ir/eval.h"

#include <string.h>

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* One tap and one channel: the row of patches for output pixels from..from+count-1. */
typedef struct Tap {
	const double *plane; /* the input channel */
	int64_t height, width, out_width;
	int stride_y, stride_x;
	int64_t y, x; /* input position that output pixel (0, 0) meets; may be in the padding */
} Tap;

static void gather(const Tap *t, int64_t from, int64_t count, double *patch)
{
	int64_t oy = from / t->out_width, ox = from % t->out_width;
	while (count > 0) {
		int64_t n = least(count, t->out_width - ox);
		int64_t iy = oy * t->stride_y + t->y, ix = ox * t->stride_x + t->x;
		const double *row = t->plane + iy * t->width;
		if (iy < 0 || iy >= t->height)
			memset(patch, 0, sizeof *patch * (size_t)n);
		else if (t->stride_x == 1 && ix >= 0 && ix + n <= t->width)
			memcpy(patch, row + ix, sizeof *patch * (size_t)n);
		else
			for (int64_t i = 0; i < n; i++, ix += t->stride_x)
				patch[i] = ix >= 0 && ix < t->width ? row[ix] : 0;
		patch += n;
		count -= n;
		ox = 0;
		oy++;
	}
}

/* A range of channels of the result, all of one group. */
typedef struct Part {
	const double *x; /* the group's input channels */
	const double *w; /* first channel's weights */
	double *y;       /* first channel's map; holds the bias */
	int64_t channels;
} Part;

static void conv_strip(const Conv *c, const Part *p, const Type *tx, const Type *tw, const Type *ty, int64_t from, int64_t count,
                       double *patches)
{
	int64_t kh = tw->dim[2], kw = tw->dim[3], depth = tw->dim[1] * kh * kw;
	int64_t map = ty->dim[2] * ty->dim[3], plane = tx->dim[2] * tx->dim[3];
	Tap t = {NULL, tx->dim[2], tx->dim[3], ty->dim[3], c->stride[0], c->stride[1], 0, 0};
	for (int64_t first = 0; first < depth; first += EVAL_DEPTH) {
		int64_t n = least(depth - first, EVAL_DEPTH);
		for (int64_t k = 0; k < n; k++) {
			int64_t tap = first + k;
			t.plane = p->x + tap / (kh * kw) * plane;
			t.y = tap / kw % kh * c->dilation[0] - c->pad[0];
			t.x = tap % kw * c->dilation[1] - c->pad[1];
			gather(&t, from, count, patches + k * EVAL_STRIP);
		}
		for (int64_t co = 0; co < p->channels; co++)
			eval_add_rows(p->y + co * map + from, p->w + co * depth + first, n, patches, EVAL_STRIP, count);
	}
}

/* Channels begin..begin+(those of out)-1 of the whole convolution, image by image, group by group. */
static void conv_output(const Conv *c, const Tensor *in, const double *bias, int64_t begin, Tensor *out, double *patches)
{
	const Type *tx = &in[CONV_X].type, *tw = &in[CONV_WEIGHT].type, *ty = &out->type;
	int64_t map = ty->dim[2] * ty->dim[3], plane = tx->dim[2] * tx->dim[3], share = ty->dim[1];
	int64_t group_out = tw->dim[0] / c->group, depth = type_inner(tw, 0);
	for (int64_t image = 0; image < ty->dim[0]; image++)
		for (int64_t done = 0; done < share;) {
			int64_t channel = begin + done, group = channel / group_out;
			Part p = {.x = in[CONV_X].data + (image * tx->dim[1] + group * tw->dim[1]) * plane,
			          .w = in[CONV_WEIGHT].data + channel * depth,
			          .y = out->data + (image * share + done) * map,
			          .channels = least(share - done, (group + 1) * group_out - channel)};
			for (int64_t co = 0; bias && co < p.channels; co++)
				for (int64_t i = 0; i < map; i++)
					p.y[co * map + i] = bias[channel + co];
			for (int64_t from = 0; from < map; from += EVAL_STRIP)
				conv_strip(c, &p, tx, tw, ty, from, least(map - from, EVAL_STRIP), patches);
			done += p.channels;
		}
}

void eval_conv2d(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	double *patches = arena_new_array(a, double, EVAL_DEPTH *EVAL_STRIP);
	const double *bias = n->nin > CONV_BIAS ? in[CONV_BIAS].data : NULL;
	int64_t begin = 0;
	for (int k = 0; k < n->nout; k++) {
		conv_output(&n->u.conv2d, in, bias, begin, &out[k], patches);
		begin += out[k].type.dim[1];
	}
}

/* ---- transposed ---- */

static int border_class(const Deconv *c, int64_t at, int64_t size)
{
	return at < c->border ? 0 : at >= size - c->border ? 2 : 1;
}

static void fill_bias(const Deconv *c, const double *bias, Tensor *out)
{
	int64_t channels = out->type.dim[1], height = out->type.dim[2], width = out->type.dim[3];
	double *y = out->data;
	for (int64_t i = 0; i < out->type.dim[0] * channels; i++)
		for (int64_t row = 0; row < height; row++)
			for (int64_t col = 0; col < width; col++) {
				int64_t at = 0;
				if (c->border_bias)
					at = border_class(c, row, height) * 3 + border_class(c, col, width);
				*y++ = bias[at * channels + i % channels];
			}
}

/* What the input pixels from..from+count-1 of one channel's product add at one tap. */
static void scatter(const Tap *t, int64_t from, int64_t count, const double *sum, double *map)
{
	for (int64_t i = 0; i < count; i++) {
		int64_t y = (from + i) / t->width * t->stride_y + t->y, x = (from + i) % t->width * t->stride_x + t->x;
		if (y >= 0 && y < t->height && x >= 0 && x < t->out_width)
			map[y * t->out_width + x] += sum[i];
	}
}

/* The weights of one tap, [output channel][input channel]. w points to the tap of the group's first pair. */
static void take_tap(const double *w, int64_t inputs, int64_t outputs, int64_t taps, double *out)
{
	for (int64_t co = 0; co < outputs; co++)
		for (int64_t ci = 0; ci < inputs; ci++)
			out[co * inputs + ci] = w[(ci * outputs + co) * taps];
}

/* One image, one group, one tap. x, y: the group's channels. */
static void deconv_tap(const Tap *t, const double *x, int64_t inputs, int64_t pixels, const double *w, int64_t outputs, double *y)
{
	double sum[EVAL_STRIP];
	for (int64_t from = 0; from < pixels; from += EVAL_STRIP) {
		int64_t count = least(pixels - from, EVAL_STRIP);
		for (int64_t co = 0; co < outputs; co++) {
			memset(sum, 0, sizeof sum);
			eval_add_rows(sum, w + co * inputs, inputs, x + from, pixels, count);
			scatter(t, from, count, sum, y + co * t->height * t->out_width);
		}
	}
}

void eval_deconv2d(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	const Deconv *c = &n->u.deconv2d;
	const Type *tx = &in[CONV_X].type, *tw = &in[CONV_WEIGHT].type, *ty = &out->type;
	int64_t inputs = tx->dim[1] / c->group, outputs = tw->dim[1], taps = tw->dim[2] * tw->dim[3];
	int64_t pixels = tx->dim[2] * tx->dim[3], map = ty->dim[2] * ty->dim[3];
	double *w = arena_new_array(a, double, inputs *outputs);
	if (n->nin > CONV_BIAS && in[CONV_BIAS].data)
		fill_bias(c, in[CONV_BIAS].data, out);
	for (int64_t group = 0; group < c->group; group++)
		for (int64_t tap = 0; tap < taps; tap++) {
			Tap t = {.height = ty->dim[2],
			         .width = tx->dim[3],
			         .out_width = ty->dim[3],
			         .stride_y = c->stride[0],
			         .stride_x = c->stride[1],
			         .y = tap / tw->dim[3] - c->pad[0],
			         .x = tap % tw->dim[3] - c->pad[1]};
			take_tap(in[CONV_WEIGHT].data + group * inputs * outputs * taps + tap, inputs, outputs, taps, w);
			for (int64_t image = 0; image < ty->dim[0]; image++)
				deconv_tap(&t, in[CONV_X].data + (image * c->group + group) * inputs * pixels, inputs, pixels, w, outputs,
				           out->data + (image * c->group + group) * outputs * map);
		}
}
