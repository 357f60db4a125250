/* detect.c -- default boxes and detections: the layers of SSD. dssd.md sections 4 and 5. */
#include "compiler/caffe/caffe.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- default boxes ---- */

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
			return LAYER_FAIL(c, l, p, "max_size", "max_size %g is not above min_size %g", to->max_size[i],
			                  to->min_size[i]);
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
	if (c->o->prior_offset || c->pixel_hint || !p->has_offset ||
	    (offset < 2 && (offset != 0.5 * step || step == 1)))
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
		to->start[i] = p->has_start              ? caffe_number(p->start)
		               : pixels && p->has_offset ? offset
		                                         : offset * to->step[i];
	}
	hint_at_pixels(c, l, p, offset, to->step[0]);
	return true;
}

bool caffe_prior_box(Caffe *c, Layer *l)
{
	const Caffe__PriorBoxParameter *p = l->p->prior_box_param;
	Prior prior = {.truncate_sizes = !c->o->prior_sizes || strcmp(c->o->prior_sizes, "exact")};
	if (!p)
		return LAYER_FAIL(c, l, NULL, NULL, "prior_box_param is missing");
	if (!read_image(c, l, p, &prior) || !read_sizes(c, l, p, &prior) || !read_ratios(c, l, p, &prior) ||
	    !read_variances(c, l, p, &prior) || !read_centres(c, l, p, &prior))
		return false;
	prior.clip = p->clip;
	Node *n = layer_node(c, l, NULL, OP_prior, 1, l->in);
	n->u.prior = prior;
	return layer_end(c, l, n);
}

/* ---- detections ---- */

static bool read_limits(Caffe *c, const Layer *l, const Caffe__DetectionOutputParameter *p, Detect *to)
{
	static const Caffe__NonMaximumSuppressionParameter standard = CAFFE__NON_MAXIMUM_SUPPRESSION_PARAMETER__INIT;
	const Caffe__NonMaximumSuppressionParameter *nms = p->nms_param ? p->nms_param : &standard;
	int64_t boxes = type_count(&l->in[2]->type) / 8;
	if (nms->nms_threshold < 0)
		return LAYER_FAIL(c, l, p->nms_param, "nms_threshold", "nms_threshold is %g; it must not be negative",
		                  (double)nms->nms_threshold);
	if (!(nms->eta > 0 && nms->eta <= 1))
		return LAYER_FAIL(c, l, p->nms_param, "eta", "eta is %g; above 0 and at most 1 is accepted",
		                  (double)nms->eta);
	to->nms = caffe_number(nms->nms_threshold);
	to->eta = caffe_number(nms->eta);
	to->top_k = nms->has_top_k && nms->top_k >= 0 ? nms->top_k : -1;
	to->threshold = p->has_confidence_threshold ? caffe_number(p->confidence_threshold) : -FLT_MAX;
	int64_t most = (to->top_k >= 0 && to->top_k < boxes ? to->top_k : boxes) * to->classes;
	to->keep_top_k = p->keep_top_k >= 0 ? p->keep_top_k : most < INT32_MAX / 6 ? (int)most : INT32_MAX / 6;
	if (to->keep_top_k == 0)
		return LAYER_FAIL(c, l, p, "keep_top_k", "keep_top_k is 0: nothing would ever be detected");
	return true;
}

/* [1, n] whatever axes there are. */
static Value *flat(Caffe *c, const Layer *l, int i, const char *suffix)
{
	return l->in[i]->type.rank == 2 ? l->in[i] : layer_reshape(c, l, suffix, l->in[i], 2, (int64_t[]){0, -1});
}

bool caffe_detection_output(Caffe *c, Layer *l)
{
	const Caffe__DetectionOutputParameter *p = l->p->detection_output_param;
	Detect detect = {0};
	if (!p)
		return LAYER_FAIL(c, l, NULL, NULL, "detection_output_param is missing");
	if (!p->has_num_classes || p->num_classes < 1 || p->num_classes > 65536)
		return LAYER_FAIL(c, l, p, "num_classes", "num_classes is %u; 1 to 65536 is accepted", p->num_classes);
	if (p->background_label_id < -1 || p->background_label_id >= (int64_t)p->num_classes)
		return LAYER_FAIL(c, l, p, "background_label_id", "background_label_id is %d; -1 to %u is accepted",
		                  p->background_label_id, p->num_classes - 1);
	detect.classes = (int)p->num_classes;
	detect.background = p->background_label_id;
	detect.code = (BoxCode)p->code_type;
	detect.per_class = !p->share_location && p->num_classes > 1;
	detect.variance_encoded = p->variance_encoded_in_target;
	if (!read_limits(c, l, p, &detect))
		return false;
	Value *in[3] = {flat(c, l, 0, "loc"), flat(c, l, 1, "conf"), l->in[2]};
	if (!in[0] || !in[1])
		return false;
	Node *n = layer_node(c, l, NULL, OP_detect, 3, in);
	n->u.detect = detect;
	return layer_end(c, l, n);
}
