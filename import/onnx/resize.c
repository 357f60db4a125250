/* resize.c -- Resize and Upsample, an axis at a time: nearest is a list of indices, linear and cubic are a
 * product with a constant matrix whose rows hold the weights of one result. The usual bilinear cases become the op
 * resize.
 *
 * Coordinates are computed in floats and the last pixel is out - 1, as onnxruntime, torch and OpenVINO have it; ONNX's own
 * text divides in reals, and by in * scale - 1, which is another number where in * scale is not whole. Nobody's exporter
 * means the latter, so only scales that are an input of the model and bound, as in ONNX's node tests, are taken by the text. */
#include "import/onnx/parts.h"

#include <math.h>
#include <string.h>

enum { NEAREST, LINEAR, CUBIC };
enum { HALF_PIXEL, PYTORCH_HALF_PIXEL, ALIGN_CORNERS, ASYMMETRIC, CROP, TF_HALF_PIXEL };
enum { PREFER_FLOOR, PREFER_CEIL, DOWN, UP, BY_SCALE }; /* BY_SCALE, of opset 10: up where the axis becomes shorter, else down */
enum { AXIS_LIMIT = 1 << 16 };

typedef struct Resampling {
	int mode, coordinates, nearest;
	double cubic, outside; /* coefficient a; extrapolation_value */
	bool exclude_outside;
	bool by_text; /* the last pixel is in * scale - 1 */
} Resampling;

typedef struct Axis {
	int64_t in, out;
	double scale, begin, end; /* begin, end: of the region, in parts of the axis */
} Axis;

/* Where index i of the result is in the input. */
static double source(const Resampling *r, const Axis *a, int64_t i)
{
	const float x = (float)i, last = (float)(a->in - 1), scale = (float)a->scale, begin = (float)a->begin, end = (float)a->end;
	const float steps = r->by_text ? (float)((double)a->in * a->scale - 1) : (float)(a->out - 1);
	float at;
	switch (r->coordinates) {
	case PYTORCH_HALF_PIXEL:
		at = a->out > 1 ? (x + 0.5f) / scale - 0.5f : 0;
		break;
	case ALIGN_CORNERS:
		at = a->out > 1 ? x * last / steps : 0;
		break;
	case ASYMMETRIC:
		at = x / scale;
		break;
	case CROP:
		at = a->out > 1 ? begin * last + x * (end - begin) * last / steps : 0.5f * (begin + end) * last;
		break;
	case TF_HALF_PIXEL:
		at = (x + 0.5f) / scale;
		break;
	default:
		at = (x + 0.5f) / scale - 0.5f;
	}
	return (double)at;
}

static double nearest_whole(const Resampling *r, const Axis *a, double x)
{
	static const double half = 0.5, slack = 1e-6; /* a half that is rounded is one still, as onnxruntime has it */
	switch (r->nearest) {
	case BY_SCALE:
		return a->scale < 1 ? ceil(x) : floor(x);
	case PREFER_CEIL:
		return floor(x + half + slack);
	case DOWN:
		return floor(x);
	case UP:
		return ceil(x);
	default:
		return ceil(x - half - slack);
	}
}

static int64_t bounded(double x, int64_t n)
{
	return x<0 ? 0 : x>(double)(n - 1) ? n - 1 : (int64_t)x;
}

/* Weights of the pixels floor(x) + first .. of a position x; returns how many. */
static int taps(const Resampling *r, double x, double *w, int *first)
{
	double t = x - floor(x), a = r->cubic;
	*first = r->mode == CUBIC ? -1 : 0;
	if (r->mode == LINEAR) {
		w[0] = 1 - t;
		w[1] = t;
		return 2;
	}
	for (int k = 0; k < 4; k++) {
		double s = fabs(t + 1 - k);
		w[k] = s <= 1 ? ((a + 2) * s - (a + 3)) * s * s + 1 : ((a * s - 5 * a) * s + 8 * a) * s - 4 * a;
	}
	return 4;
}

/* One row of the matrix: `in` weights. */
static void fill_row(const Resampling *r, const Axis *a, double x, double *row)
{
	double w[4], sum = 0;
	int first, n = taps(r, x, w, &first);
	for (int k = 0; k < n; k++) {
		double at = floor(x) + first + k;
		if (r->exclude_outside && (at < 0 || at >= (double)a->in))
			w[k] = 0;
		sum += w[k];
		row[bounded(at, a->in)] += w[k];
	}
	for (int64_t i = 0; r->exclude_outside && i < a->in && sum != 0; i++)
		row[i] /= sum;
}

static bool is_outside(const Resampling *r, const Axis *a, double x)
{
	return r->coordinates == CROP && (x < 0 || x > (double)(a->in - 1));
}

/* x times the matrix along an axis. */
static Value *multiplied(Call *c, Value *x, int axis, Value *matrix)
{
	int rank = x->type.rank, order[MAX_RANK];
	if (axis == rank - 2)
		return build_matmul(c, matrix, x);
	for (int i = 0; i < rank; i++)
		order[i] = i;
	order[axis] = rank - 1;
	order[rank - 1] = axis;
	Value *y = build_permute(c, x, order);
	if (rank == 1)
		y = build_reshape(c, y, 2, (int64_t[]){1, x->type.dim[0]});
	y = build_matmul(c, y, build_swap_last(c, matrix));
	if (rank == 1)
		return y ? build_reshape(c, y, 1, &y->type.dim[1]) : NULL;
	return build_permute(c, y, order);
}

/* x: f32 or f64, or any type for the nearest. */
static Value *resample(Call *c, Value *x, int axis, const Resampling *r, const Axis *a)
{
	if (a->in > AXIS_LIMIT || a->out > AXIS_LIMIT || (r->mode != NEAREST && a->in * a->out > 1 << 24)) {
		call_error(c, DIAG_LIMIT, "axis %d goes from %lld to %lld; the limit is %d", axis, (long long)a->in, (long long)a->out,
		           AXIS_LIMIT);
		return NULL;
	}
	int64_t *index = arena_new_array(c->scratch, int64_t, a->out + 1);
	double *matrix = arena_new_array(c->scratch, double, r->mode == NEAREST ? 1 : a->in * a->out + 1);
	bool any_outside = false;
	for (int64_t i = 0; i < a->out; i++) {
		double at = source(r, a, i);
		bool outside = is_outside(r, a, at);
		any_outside = any_outside || outside;
		index[i] = outside ? -1 : r->mode == NEAREST ? bounded(nearest_whole(r, a, at), a->in) : i;
		if (r->mode != NEAREST && !outside)
			fill_row(r, a, at, matrix + i * a->in);
	}
	if (r->mode == NEAREST)
		return build_take(c, x, axis, a->out, index, r->outside);
	Value *m = build_constant(c, x->type.dtype, 2, (int64_t[]){a->out, a->in}, matrix), *y = multiplied(c, x, axis, m);
	return any_outside ? build_take(c, y, axis, a->out, index, r->outside) : y;
}

/* Bilinear over the last two of four axes, with scales that are those of the extents, or do not matter. */
static bool is_plain(const Value *x, const Resampling *r, const Axis *a)
{
	bool good = x->type.rank == 4 && x->type.dtype == DT_F32 && r->mode == LINEAR && a[0].in == a[0].out && a[1].in == a[1].out &&
	            (r->coordinates == HALF_PIXEL || r->coordinates == ALIGN_CORNERS ||
	             (r->coordinates == PYTORCH_HALF_PIXEL && a[2].out > 1 && a[3].out > 1));
	for (int i = 2; i < 4 && good; i++)
		good = r->coordinates == ALIGN_CORNERS ? !r->by_text : a[i].scale == (double)a[i].out / (double)a[i].in;
	return good;
}

static Value *resize_planes(Call *c, Value *x, const Resampling *r, const Axis *a)
{
	Node *n = build_begin(c, OP_resize, 1, &x, 1);
	if (!n)
		return NULL;
	n->u.resize.size[0] = a[2].out;
	n->u.resize.size[1] = a[3].out;
	n->u.resize.align_corners = r->coordinates == ALIGN_CORNERS;
	return build_end(c, n);
}

/* ---- parameters ---- */

static bool set_scales(Call *c, Axis *a, const double *scale, int n)
{
	int rank = c->in[0]->type.rank;
	if (n != rank) {
		call_reject(c, "%d scales for an input of rank %d", n, rank);
		return false;
	}
	for (int i = 0; i < rank; i++) {
		double out = floor((double)((float)a[i].in * (float)scale[i])); /* in floats 7 * (3 / 7) is 3 */
		if (!(scale[i] > 0) || isinf(scale[i])) {
			call_reject(c, "scale %g of axis %d", scale[i], i);
			return false;
		}
		if (out > AXIS_LIMIT) {
			call_error(c, DIAG_LIMIT, "scale %g makes %g of %lld; the limit is %d", scale[i], out, (long long)a[i].in,
			           AXIS_LIMIT);
			return false;
		}
		a[i].scale = scale[i];
		a[i].out = (int64_t)out;
	}
	return true;
}

static bool set_sizes(Call *c, Axis *a, const int64_t *size, int n)
{
	int rank = c->in[0]->type.rank;
	if (n != rank) {
		call_reject(c, "%d sizes for an input of rank %d", n, rank);
		return false;
	}
	for (int i = 0; i < rank; i++) {
		if (size[i] < 1 || size[i] > AXIS_LIMIT) {
			call_error(c, size[i] < 1 ? DIAG_REJECT : DIAG_LIMIT, "size %lld of axis %d", (long long)size[i], i);
			return false;
		}
		a[i].out = size[i];
		a[i].scale = a[i].in ? (double)size[i] / (double)a[i].in : 1;
	}
	return true;
}

/* roi: first all begins, then all ends */
static bool set_region(Call *c, Axis *a)
{
	int n, rank = c->in[0]->type.rank;
	const double *roi = call_given(c, 1) ? call_known_floats(c, 1, "roi", &n) : NULL;
	if (!roi || n != 2 * rank) {
		if (!c->failed)
			call_reject(c, "tf_crop_and_resize needs a roi of %d numbers", 2 * rank);
		return false;
	}
	for (int i = 0; i < rank; i++) {
		a[i].begin = roi[i];
		a[i].end = roi[rank + i];
	}
	return true;
}

static bool is_empty(const Call *c, int k)
{
	return !call_given(c, k) || type_count(&c->in[k]->type) == 0;
}

/* Then nothing is resampled, though scales may not be 1: so onnxruntime has it. */
static bool same_extents(const Value *x, const Axis *a)
{
	for (int i = 0; i < x->type.rank; i++)
		if (a[i].in != a[i].out)
			return false;
	return true;
}

static void finish(Call *c, const Resampling *r, const Axis *a)
{
	Value *x = c->in[0];
	const DType t = x->type.dtype;
	for (int i = 0; i < x->type.rank; i++)
		if (a[i].in < 1) {
			call_unsupported(c, "an input without elements");
			return;
		}
	if (r->coordinates != CROP && !r->by_text && same_extents(x, a)) {
		c->out[0] = x;
		return;
	}
	if (is_plain(x, r, a)) {
		c->out[0] = resize_planes(c, x, r, a);
		return;
	}
	if (r->mode != NEAREST && t != DT_F64) /* one cast back, after all axes: what it cuts off would be lost at each */
		x = build_cast(c, x, DT_F32);
	for (int i = c->in[0]->type.rank - 1; i >= 0 && x; i--)
		if (a[i].in != a[i].out || a[i].scale != 1 || (r->coordinates == CROP && (a[i].begin != 0 || a[i].end != 1)))
			x = resample(c, x, i, r, &a[i]);
	c->out[0] = x ? build_cast(c, x, t) : NULL;
}

static Axis *axes_of(Call *c)
{
	Axis *a = arena_new_array(c->scratch, Axis, MAX_RANK);
	for (int i = 0; i < c->in[0]->type.rank; i++)
		a[i] = (Axis){c->in[0]->type.dim[i], c->in[0]->type.dim[i], 1, 0, 1};
	return a;
}

static void resize(Call *c)
{
	static const char *const modes[] = {"nearest", "linear", "cubic", NULL};
	static const char *const coordinates[] = {
	    "half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_crop_and_resize", "tf_half_pixel_for_nn", NULL};
	static const char *const nearest[] = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil", NULL};
	Resampling r = {.mode = call_choice(c, "mode", modes, NEAREST)};
	r.coordinates = call_choice(c, "coordinate_transformation_mode", coordinates, HALF_PIXEL);
	r.nearest = call_choice(c, "nearest_mode", nearest, PREFER_FLOOR);
	r.cubic = call_float(c, "cubic_coeff_a", -0.75);
	r.exclude_outside = call_flag(c, "exclude_outside", false);
	r.outside = call_float(c, "extrapolation_value", 0);
	Axis *a = axes_of(c);
	int n;
	if (c->failed)
		return;
	if (is_empty(c, 2) == is_empty(c, 3)) {
		call_reject(c, "Resize needs scales or sizes, and not both");
		return;
	}
	bool good;
	if (!is_empty(c, 3)) {
		const int64_t *size = call_known_ints(c, 3, "sizes", &n);
		good = size && set_sizes(c, a, size, n);
	} else {
		const double *scale = call_known_floats(c, 2, "scales", &n);
		good = scale && set_scales(c, a, scale, n);
		r.by_text = onnx_name(c->onnx, c->proto->input[2])->bound;
	}
	if (good && (r.coordinates != CROP || set_region(c, a)))
		finish(c, &r, a);
}

/* Upsample, and Resize of opset 10: scales only, from the corner on. */
static void upsample(Call *c)
{
	static const char *const modes[] = {"nearest", "linear", NULL};
	Resampling r = {.mode = call_choice(c, "mode", modes, NEAREST), .coordinates = ASYMMETRIC, .nearest = BY_SCALE};
	Axis *a = axes_of(c);
	int n = 0;
	double *scale = arena_new_array(c->scratch, double, MAX_RANK);
	if (c->opset < 9) {
		const float *p = call_floats(c, "scales", &n);
		for (int i = 0; i < n && i < MAX_RANK; i++)
			scale[i] = (double)p[i];
	} else {
		const double *p = call_known_floats(c, 1, "scales", &n);
		for (int i = 0; p && i < n && i < MAX_RANK; i++)
			scale[i] = p[i];
	}
	if (!c->failed && set_scales(c, a, scale, n))
		finish(c, &r, a);
}

const OnnxRow onnx_resize_rows[] = {
    {"Resize", 10, 10, 2, 2, 1, upsample, 0},
    {"Resize", 11, 0, 1, 4, 1, resize, 0},
    {"Upsample", 7, 8, 1, 1, 1, upsample, 0},
    {"Upsample", 9, 9, 2, 2, 1, upsample, 0},
    {0},
};
