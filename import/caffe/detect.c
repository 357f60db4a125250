/* detect.c -- SSD's DetectionOutput. Paper section 2.1, dssd.md section 5. Default boxes: priors.c. */
#include "import/caffe/caffe.h"

#include <float.h>

static bool read_limits(Caffe *c, const Layer *l, const Caffe__DetectionOutputParameter *p, Detect *to)
{
	static const Caffe__NonMaximumSuppressionParameter standard = CAFFE__NON_MAXIMUM_SUPPRESSION_PARAMETER__INIT;
	const Caffe__NonMaximumSuppressionParameter *nms = p->nms_param ? p->nms_param : &standard;
	int64_t boxes = type_count(&l->in[2]->type) / 8;
	if (nms->nms_threshold < 0)
		return LAYER_FAIL(c, l, p->nms_param, "nms_threshold", "nms_threshold is %g; it must not be negative",
		                  (double)nms->nms_threshold);
	if (!(nms->eta > 0 && nms->eta <= 1))
		return LAYER_FAIL(c, l, p->nms_param, "eta", "eta is %g; above 0 and at most 1 is accepted", (double)nms->eta);
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

/* The element counts of loc and conf must be those that num_classes and the number of default boxes give. */
static bool check_counts(Caffe *c, const Layer *l, const Caffe__DetectionOutputParameter *p)
{
	const Type *priors = &l->in[2]->type;
	const long long loc = type_count(&l->in[0]->type), conf = type_count(&l->in[1]->type), classes = p->num_classes;
	if (priors->rank != 3 || priors->dim[1] != 2 || priors->dim[2] % 4 || !priors->dim[2])
		return LAYER_FAIL(c, l, NULL, NULL, "bottom 2 is no list of default boxes, [1, 2, 4 * boxes]");
	const long long boxes = priors->dim[2] / 4, own = p->share_location ? 1 : classes;
	if (conf != boxes * classes && conf % boxes == 0)
		return LAYER_FAIL(c, l, p, "num_classes", "num_classes is %lld, but bottom 1 has %lld scores for %lld boxes: %lld classes",
		                  classes, conf, boxes, conf / boxes);
	if (conf != boxes * classes)
		return LAYER_FAIL(c, l, p, "num_classes", "bottom 1 has %lld scores; %lld are needed, for %lld boxes and %lld classes",
		                  conf, boxes * classes, boxes, classes);
	if (loc != 4 * boxes * own)
		return LAYER_FAIL(c, l, p, "share_location", "bottom 0 has %lld offsets; %lld are needed, 4 for each of %lld boxes%s", loc,
		                  4 * boxes * own, boxes,
		                  own > 1 ? arena_printf(c->a, " and %lld classes (share_location is false)", classes) : "");
	return true;
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
		return LAYER_FAIL(c, l, p, "background_label_id", "background_label_id is %d; -1 to %u is accepted", p->background_label_id,
		                  p->num_classes - 1);
	detect.classes = (int)p->num_classes;
	detect.background = p->background_label_id;
	detect.code = (BoxCode)p->code_type;
	detect.per_class = !p->share_location && p->num_classes > 1;
	detect.variance_encoded = p->variance_encoded_in_target;
	if (!check_counts(c, l, p) || !read_limits(c, l, p, &detect))
		return false;
	Value *in[3] = {flat(c, l, 0, "loc"), flat(c, l, 1, "conf"), l->in[2]};
	if (!in[DETECT_LOC] || !in[DETECT_CONF])
		return false;
	Node *n = layer_node(c, l, NULL, OP_detect, 3, in);
	n->u.detect = detect;
	return layer_end(c, l, n);
}
