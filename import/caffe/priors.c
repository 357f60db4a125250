/* priors.c -- default boxes: SSD's PriorBox, and the forms that forks gave it. dssd.md section 4.
 *
 * SSD's own form becomes the op `prior`, which fold_const computes. A fork's form becomes the constant that it would be
 * folded to:
 * - offset_h and offset_w lists (OpenCV's reading): each shape once for each pair, in place of `offset`;
 * - width and height lists (OpenCV, OpenVINO's PriorBoxClustered): shapes in place of min_size and ratios;
 * - fixed_size, density, fixed_ratio (FaceBoxes, OpenVINO's PriorBox): shapes in a grid of density * density in the
 * cell. The whole numbers of the fork's C code are kept: sizes of squares, half a size and the shift are cut to whole
 * pixels. These boxes are cut to the image whether clip is there or not; all others with clip: true only, as in Caffe.
 */
#include "import/caffe/caffe.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { BOX_LIMIT = 1 << 22, DENSITY_LIMIT = 256, LARGEST_SIZE = 1 << 20 };

static bool read_sizes(Caffe *c, const Layer *l, const Caffe__PriorBoxParameter *p, Prior *to)
{
	if (p->n_min_size < 1 || p->n_min_size > MAX_SIZES)
		return LAYER_FAIL(c, l, p, "min_size", "%zu min_size; 1 to %d are accepted", p->n_min_size, MAX_SIZES);
	if (p->n_max_size && p->n_max_size != p->n_min_size)
		return LAYER_FAIL(c, l, p, "max_size", "%zu max_size for %zu min_size", p->n_max_size, p->n_min_size);
	to->nmin = (int)p->n_min_size;
	to->nmax = (int)p->n_max_size;
	for (int i = 0; i < to->nmin; i++) {
		to->min_size[i] = caffe_number(p->min_size[i]);
		to->max_size[i] = to->nmax ? caffe_number(p->max_size[i]) : 0;
		if (to->nmax && !(to->max_size[i] > to->min_size[i]))
			return LAYER_FAIL(c, l, p, "max_size", "max_size %g is not above min_size %g", to->max_size[i], to->min_size[i]);
	}
	return true;
}

/* As Caffe does: a ratio that is already there, or is 1, is passed over; with flip its inverse counts as there. */
static bool read_ratios(Caffe *c, const Layer *l, const Caffe__PriorBoxParameter *p, Prior *to)
{
	double seen[2 * MAX_RATIOS + 1] = {1};
	int nseen = 1;
	to->flip = p->flip;
	for (size_t i = 0; i < p->n_aspect_ratio; i++) {
		double r = caffe_number(p->aspect_ratio[i]);
		bool there = false;
		for (int k = 0; k < nseen; k++)
			there = there || fabs(r - seen[k]) < 1e-6;
		if (there)
			continue;
		if (to->nratio == MAX_RATIOS)
			return LAYER_FAIL(c, l, p, "aspect_ratio", "more than %d ratios", MAX_RATIOS);
		to->ratio[to->nratio++] = seen[nseen++] = r;
		if (p->flip)
			seen[nseen++] = 1 / r;
	}
	return true;
}

static bool read_variances(Caffe *c, const Layer *l, const Caffe__PriorBoxParameter *p, Prior *to)
{
	if (p->n_variance > 1 && p->n_variance != 4)
		return LAYER_FAIL(c, l, p, "variance", "%zu variances; none, 1 or 4 are accepted", p->n_variance);
	for (int i = 0; i < 4; i++)
		to->variance[i] = p->n_variance ? caffe_number(p->variance[p->n_variance == 1 ? 0 : i]) : 0.1;
	return true;
}

/* Of the image, from the second input or as stated; {height, width}. */
static bool read_image(Caffe *c, const Layer *l, const Caffe__PriorBoxParameter *p, Prior *to)
{
	const Type *data = &l->in[1]->type;
	if (p->has_img_size && (p->has_img_h || p->has_img_w))
		return LAYER_FAIL(c, l, p, "img_size", "img_size excludes img_h and img_w");
	if (l->in[0]->type.rank != 4 || data->rank != 4)
		return LAYER_FAIL(c, l, NULL, NULL, "both inputs must be maps of 4 axes");
	uint32_t given[2] = {p->has_img_size ? p->img_size : p->img_h, p->has_img_size ? p->img_size : p->img_w};
	for (int i = 0; i < 2; i++) {
		if (given[i] > INT32_MAX)
			return LAYER_FAIL(c, l, p, "img_size", "an image of %u pixels", given[i]);
		to->image[i] = (int)(given[i] ? given[i] : data->dim[2 + i]);
	}
	return true;
}

/* The released DSSD files hold pixels, the centre of the first cell, where `offset` counts cells (dssd.md 4.3). */
static void hint_at_pixels(Caffe *c, const Layer *l, const Caffe__PriorBoxParameter *p, double offset, double step)
{
	if (c->o->prior_offset || c->pixel_hint || !p->has_offset || (offset < 2 && (offset != 0.5 * step || step == 1)))
		return;
	c->pixel_hint = true;
	diag_warning(c->d, layer_loc(l, p, "offset"),
	             "offset %g of a step of %g looks like pixels, as in the released DSSD networks: give "
	             "--prior-offset=pixels, or "
	             "--prior-offset=cells if it counts cells",
	             offset, step);
}

static bool read_centres(Caffe *c, const Layer *l, const Caffe__PriorBoxParameter *p, Prior *to)
{
	bool pixels = c->o->prior_offset && !strcmp(c->o->prior_offset, "pixels");
	double offset = caffe_number(p->offset);
	if (p->has_step && (p->has_step_h || p->has_step_w))
		return LAYER_FAIL(c, l, p, "step", "step excludes step_h and step_w");
	if (p->has_start && p->has_offset)
		return LAYER_FAIL(c, l, p, "start", "start excludes offset");
	for (int i = 0; i < 2; i++) {
		double given = p->has_step ? caffe_number(p->step) : caffe_number(i ? p->step_w : p->step_h);
		bool stated = p->has_step || (i ? p->has_step_w : p->has_step_h);
		if (stated && !(given > 0))
			return LAYER_FAIL(c, l, p,
			                  p->has_step ? "step"
			                  : i         ? "step_w"
			                              : "step_h",
			                  "a step of %g; it must be above 0", given);
		to->step[i] = stated ? given : (double)to->image[i] / (double)l->in[0]->type.dim[2 + i];
		to->start[i] = p->has_start ? caffe_number(p->start) : pixels && p->has_offset ? offset : offset * to->step[i];
	}
	hint_at_pixels(c, l, p, offset, to->step[0]);
	return true;
}

/* ---- the forms of forks ---- */

typedef struct Shape { /* of a box, in pixels; x, y: its centre from that of the cell on, or, with offset lists, from
	                  the cell's corner */
	double width, height, x, y;
	bool cut; /* to the image, without clip too */
} Shape;

typedef struct Shapes { /* of one cell */
	Shape *shape;
	int64_t n, room;
} Shapes;

static void add_shape(Caffe *c, Shapes *s, Shape shape)
{
	if (s->n == s->room) {
		const int64_t more = s->room ? 2 * s->room : 32;
		s->shape = arena_grow(c->a, s->shape, sizeof shape * (size_t)s->room, sizeof shape * (size_t)more);
		s->room = more;
	}
	s->shape[s->n++] = shape;
}

static bool is_size(double x)
{
	return x > 0 && x <= INT32_MAX;
}

static double whole(const Prior *p, double size)
{
	return p->truncate_sizes ? trunc(size) : size;
}

/* Shapes as SSD has them, in its order. */
static bool add_classic(Caffe *c, const Layer *l, const Caffe__PriorBoxParameter *p, const Prior *prior, Shapes *s)
{
	for (int i = 0; i < prior->nmin; i++) {
		const double min = whole(prior, prior->min_size[i]), max = whole(prior, prior->max_size[i]);
		if (!is_size(min) || (prior->nmax && !is_size(max)))
			return LAYER_FAIL(c, l, p, "min_size", "a size of %g pixels; 1 to 2147483647 is accepted", prior->min_size[i]);
		add_shape(c, s, (Shape){.width = min, .height = min});
		if (prior->nmax)
			add_shape(c, s, (Shape){.width = sqrt(min * max), .height = sqrt(min * max)});
		for (int r = 0; r < prior->nratio; r++) {
			const double root = sqrt(prior->ratio[r]);
			add_shape(c, s, (Shape){.width = min * root, .height = min / root});
			if (prior->flip)
				add_shape(c, s, (Shape){.width = min / root, .height = min * root});
		}
	}
	return true;
}

static bool add_listed(Caffe *c, const Layer *l, const Caffe__PriorBoxParameter *p, Shapes *s)
{
	if (p->n_width != p->n_height)
		return LAYER_FAIL(c, l, p, p->n_width ? "width" : "height", "%zu width and %zu height; as many of each are needed",
		                  p->n_width, p->n_height);
	const char *other = p->n_min_size ? "min_size" : p->n_max_size ? "max_size" : p->n_aspect_ratio ? "aspect_ratio" : NULL;
	if (other)
		return LAYER_FAIL(c, l, p, other, "width and height exclude %s", other);
	for (size_t i = 0; i < p->n_width; i++) {
		const double width = caffe_number(p->width[i]), height = caffe_number(p->height[i]);
		if (!is_size(width) || !is_size(height))
			return LAYER_FAIL(c, l, p, is_size(width) ? "height" : "width",
			                  "a box of %g by %g pixels; more than 0 and at most 2147483647 is accepted", width, height);
		add_shape(c, s, (Shape){.width = width, .height = height});
	}
	return true;
}

/* A grid of boxes of one shape, row by row. size: fixed_size. */
static void add_grid(Caffe *c, double size, int density, double width, double height, Shapes *s)
{
	const double shift = trunc(size / density), first = shift / 2 - trunc(trunc(size) / 2);
	for (int row = 0; row < density; row++)
		for (int col = 0; col < density; col++)
			add_shape(c, s, (Shape){width, height, first + col * shift, first + row * shift, true});
}

static bool check_dense(Caffe *c, const Layer *l, const Caffe__PriorBoxParameter *p)
{
	if (!p->n_fixed_size || p->n_density != p->n_fixed_size)
		return LAYER_FAIL(c, l, p,
		                  p->n_fixed_size ? "fixed_size"
		                  : p->n_density  ? "density"
		                                  : "fixed_ratio",
		                  "%zu fixed_size and %zu density; as many of each are needed", p->n_fixed_size, p->n_density);
	if (p->n_fixed_ratio && p->n_aspect_ratio && !p->n_min_size)
		return LAYER_FAIL(c, l, p, "aspect_ratio", "fixed_ratio excludes aspect_ratio, which min_size alone would use");
	for (size_t i = 0; i < p->n_fixed_size; i++) {
		const double density = caffe_number(p->density[i]);
		if (!(p->fixed_size[i] >= 1 && p->fixed_size[i] <= LARGEST_SIZE))
			return LAYER_FAIL(c, l, p, "fixed_size", "fixed_size is %g; 1 to %d is accepted", caffe_number(p->fixed_size[i]),
			                  LARGEST_SIZE);
		if (!(density >= 1 && density <= DENSITY_LIMIT && density == trunc(density)))
			return LAYER_FAIL(c, l, p, "density", "density is %g; a whole number from 1 to %d is accepted", density,
			                  DENSITY_LIMIT);
	}
	for (size_t i = 0; i < p->n_fixed_ratio; i++)
		if (!is_size(caffe_number(p->fixed_ratio[i])))
			return LAYER_FAIL(c, l, p, "fixed_ratio", "fixed_ratio is %g; more than 0 is accepted",
			                  caffe_number(p->fixed_ratio[i]));
	return true;
}

static bool add_dense(Caffe *c, const Layer *l, const Caffe__PriorBoxParameter *p, const Prior *prior, Shapes *s)
{
	if (!check_dense(c, l, p))
		return false;
	for (size_t i = 0; i < p->n_fixed_size && s->n < BOX_LIMIT; i++) {
		const double size = caffe_number(p->fixed_size[i]);
		const int density = (int)p->density[i];
		for (size_t r = 0; r < p->n_fixed_ratio && s->n < BOX_LIMIT; r++) {
			const double root = sqrt(caffe_number(p->fixed_ratio[r]));
			add_grid(c, size, density, size * root, size / root, s);
		}
		if (p->n_fixed_ratio)
			continue;
		add_grid(c, size, density, trunc(size), trunc(size), s);
		for (int r = 0; r < prior->nratio; r++) {
			const double root = sqrt(prior->ratio[r]);
			add_grid(c, size, density, size * root, size / root, s);
			if (prior->flip)
				add_grid(c, size, density, size / root, size * root, s);
		}
	}
	return true;
}

/* Each shape once for each pair of offset_h and offset_w. */
static bool spread_shapes(Caffe *c, const Layer *l, const Caffe__PriorBoxParameter *p, Prior *prior, Shapes *s)
{
	const bool pixels = c->o->prior_offset && !strcmp(c->o->prior_offset, "pixels");
	Shapes all = {0};
	if (p->n_offset_h != p->n_offset_w)
		return LAYER_FAIL(c, l, p, p->n_offset_h ? "offset_h" : "offset_w",
		                  "%zu offset_h and %zu offset_w; as many of each are needed", p->n_offset_h, p->n_offset_w);
	if (p->has_offset || p->has_start)
		return LAYER_FAIL(c, l, p, p->has_offset ? "offset" : "start", "offset_h and offset_w exclude %s",
		                  p->has_offset ? "offset" : "start");
	if (p->n_fixed_size)
		return LAYER_FAIL(c, l, p, "fixed_size", "offset_h and offset_w exclude fixed_size");
	for (int64_t i = 0; i < s->n && all.n < BOX_LIMIT; i++)
		for (size_t k = 0; k < p->n_offset_h; k++) {
			Shape shape = s->shape[i];
			shape.y = caffe_number(p->offset_h[k]) * (pixels ? 1 : prior->step[0]);
			shape.x = caffe_number(p->offset_w[k]) * (pixels ? 1 : prior->step[1]);
			if (!isfinite(shape.x) || !isfinite(shape.y))
				return LAYER_FAIL(c, l, p, "offset_h", "an offset that is no finite number");
			add_shape(c, &all, shape);
		}
	prior->start[0] = prior->start[1] = 0;
	*s = all;
	return true;
}

static float *put_box(float *to, const Prior *p, const Shape *s, double y, double x)
{
	const double half[2] = {s->width / 2, s->height / 2}, centre[2] = {x, y}, size[2] = {p->image[1], p->image[0]};
	for (int i = 0; i < 4; i++) {
		double at = (centre[i % 2] + (i < 2 ? -half[i % 2] : half[i % 2])) / size[i % 2];
		if (p->clip || (s->cut && i < 2))
			at = fmax(at, 0);
		if (p->clip || (s->cut && i >= 2))
			at = fmin(at, 1);
		*to++ = (float)at;
	}
	return to;
}

/* [1][2][4 * boxes]: corners, then variances. */
static bool end_shapes(Caffe *c, Layer *l, const Prior *p, const Shapes *s)
{
	const int64_t *map = l->in[0]->type.dim, cells = map[2] * map[3];
	if (!s->n || cells > BOX_LIMIT || s->n > BOX_LIMIT / cells) {
		diag_error(c->d, DIAG_LIMIT, l->loc, "%" PRId64 " default boxes in each of %" PRId64 " cells; the limit is %d in all", s->n,
		           cells, BOX_LIMIT);
		return false;
	}
	const int64_t dim[3] = {1, 2, 4 * cells * s->n};
	float *data = arena_new_array(c->a, float, 2 * dim[2]), *to = data;
	for (int64_t i = 0; i < cells; i++)
		for (int64_t k = 0; k < s->n; k++)
			to = put_box(to, p, &s->shape[k], p->start[0] + p->step[0] * (double)(i / map[3]) + s->shape[k].y,
			             p->start[1] + p->step[1] * (double)(i % map[3]) + s->shape[k].x);
	for (int64_t i = 0; i < dim[2]; i++)
		*to++ = (float)p->variance[i % 4];
	l->out[0] = graph_constant_f32(c->graph, l->name, 3, dim, data);
	return true;
}

/* ---- the layer ---- */

static bool all_finite(Caffe *c, const Layer *l, const Caffe__PriorBoxParameter *p, const Prior *prior)
{
	for (int i = 0; i < 4; i++)
		if (!isfinite(prior->variance[i]))
			return LAYER_FAIL(c, l, p, "variance", "a variance that is no finite number");
	for (int i = 0; i < 2; i++)
		if (!isfinite(prior->start[i]) || !is_size(prior->step[i]))
			return LAYER_FAIL(c, l, p, "offset", "offset or step is no finite number");
	for (int i = 0; i < prior->nratio; i++)
		if (!is_size(prior->ratio[i]))
			return LAYER_FAIL(c, l, p, "aspect_ratio", "aspect_ratio is %g; more than 0 is accepted", prior->ratio[i]);
	return true;
}

bool caffe_prior_box(Caffe *c, Layer *l)
{
	const Caffe__PriorBoxParameter *p = l->p->prior_box_param;
	Prior prior = {.truncate_sizes = !c->o->prior_sizes || strcmp(c->o->prior_sizes, "exact")};
	Shapes shapes = {0};
	if (!p)
		return LAYER_FAIL(c, l, NULL, NULL, "prior_box_param is missing");
	const bool listed = p->n_width || p->n_height, dense = p->n_fixed_size || p->n_density || p->n_fixed_ratio,
	           spread = p->n_offset_h || p->n_offset_w, sized = p->n_min_size || p->n_max_size || !(listed || dense);
	if (listed && dense)
		return LAYER_FAIL(c, l, p, "width", "width and height exclude fixed_size, fixed_ratio and density");
	if (!read_image(c, l, p, &prior) || (sized && !read_sizes(c, l, p, &prior)) || !read_ratios(c, l, p, &prior) ||
	    !read_variances(c, l, p, &prior) || !read_centres(c, l, p, &prior))
		return false;
	prior.clip = p->clip;
	if (!listed && !dense && !spread) {
		Node *n = layer_node(c, l, NULL, OP_prior, 1, l->in);
		n->u.prior = prior;
		return layer_end(c, l, n);
	}
	return all_finite(c, l, p, &prior) && (!listed || add_listed(c, l, p, &shapes)) &&
	       (!dense || add_dense(c, l, p, &prior, &shapes)) && (listed || add_classic(c, l, p, &prior, &shapes)) &&
	       (!spread || spread_shapes(c, l, p, &prior, &shapes)) && end_shapes(c, l, &prior, &shapes);
}
