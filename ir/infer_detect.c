/* infer_detect.c -- type rules of default boxes and detection. */
#include "ir/infer.h"

#include <math.h>

/* ---- default boxes and detection ---- */

static bool check_sizes(const Node *n, const char *what, const double *v, int count, Diag *d)
{
	for (int i = 0; i < count; i++)
		if (!isfinite(v[i]) || v[i] <= 0 || v[i] > MAX_ELEMENTS)
			return FAIL("%s holds %g; more than 0 and at most 2147483647 is needed", what, v[i]);
	return true;
}

bool infer_prior(Node *n, Diag *d)
{
	const Prior *p = &n->u.prior;
	if (!need_rank(n, 0, "the input", 4, d))
		return false;
	if (p->nmin < 1 || p->nmin > MAX_SIZES || (p->nmax != 0 && p->nmax != p->nmin))
		return FAIL("%d min and %d max sizes; 1 to %d min and as many or no max are accepted", p->nmin, p->nmax, MAX_SIZES);
	if (p->nratio < 0 || p->nratio > MAX_RATIOS)
		return FAIL("%d ratios; at most %d are accepted", p->nratio, MAX_RATIOS);
	if (!check_sizes(n, "min", p->min_size, p->nmin, d) || !check_sizes(n, "max", p->max_size, p->nmax, d) ||
	    !check_sizes(n, "ratio", p->ratio, p->nratio, d) || !check_sizes(n, "step", p->step, 2, d) ||
	    !need_range(n, "image", p->image, 2, 1, d))
		return false;
	for (int i = 0; i < 2; i++)
		if (!need_finite(n, "start", p->start[i], true, d))
			return false;
	for (int i = 0; i < 4; i++)
		if (!need_finite(n, "variance", p->variance[i], true, d))
			return false;
	const int64_t *x = in_type(n, 0)->dim;
	int64_t per_cell = p->nmin * (1 + p->nratio * (p->flip ? 2 : 1)) + p->nmax;
	int64_t cells = x[2] * x[3];
	int64_t dim[3] = {1, 2, cells > MAX_ELEMENTS ? cells : 4 * per_cell * cells};
	return set_type(n, 0, DT_F32, 3, dim, d);
}

static bool check_detect(const Node *n, const Detect *t, Diag *d)
{
	if (t->classes < 1)
		return FAIL("classes is %d; the least is 1", t->classes);
	if (t->background < -1 || t->background >= t->classes)
		return FAIL("background is %d; -1 (none) to %d is accepted", t->background, t->classes - 1);
	if (t->code != BOX_CORNER && t->code != BOX_CENTER_SIZE && t->code != BOX_CORNER_SIZE)
		return FAIL("code is %d; corner, center_size and corner_size are accepted", (int)t->code);
	if (isnan(t->threshold) || isnan(t->nms) || !(t->eta > 0 && t->eta <= 1))
		return FAIL("threshold %g, nms %g, eta %g: the first two must be numbers, eta above 0 and at most 1", t->threshold, t->nms,
		            t->eta);
	if (t->top_k < -1)
		return FAIL("top_k is %d; -1 (all) or more is accepted", t->top_k);
	if (t->keep_per_class < 0)
		return FAIL("keep_per_class is %d; 0 (any number) or more is accepted", t->keep_per_class);
	if (t->keep_top_k < 1)
		return FAIL("keep_top_k is %d; the least is 1", t->keep_top_k);
	return true;
}

bool infer_detect(Node *n, Diag *d)
{
	const Detect *t = &n->u.detect;
	char found[TEXT];
	if (!check_detect(n, t, d) || !need_rank(n, DETECT_LOC, "loc", 2, d) || !need_rank(n, DETECT_CONF, "scores", 2, d) ||
	    !need_rank(n, DETECT_BOXES, "priors", 3, d))
		return false;
	const Type *loc = in_type(n, DETECT_LOC), *scores = in_type(n, DETECT_CONF), *priors = in_type(n, DETECT_BOXES);
	int64_t numbers = t->per_class ? 4 * t->classes : 4; /* of a default box */
	if (t->per_class && t->agnostic)
		return FAIL("per_class excludes agnostic");
	if (loc->dim[0] != 1 || loc->dim[1] % numbers)
		return FAIL("loc is %s; [1, %lld * boxes] is needed", type_format(loc, found), (long long)numbers);
	int64_t boxes = loc->dim[1] / numbers;
	if (scores->dim[0] != 1 || scores->dim[1] != boxes * t->classes)
		return FAIL("scores is %s; [1,%lld] is needed for %lld boxes and %d classes", type_format(scores, found),
		            (long long)(boxes * t->classes), (long long)boxes, t->classes);
	if (priors->dim[0] != 1 || priors->dim[1] != 2 || priors->dim[2] != 4 * boxes)
		return FAIL("priors is %s; [1,2,%lld] is needed", type_format(priors, found), (long long)(4 * boxes));
	int64_t dim[2] = {t->keep_top_k, 6};
	return set_type(n, 0, DT_F32, 2, dim, d);
}

bool infer_nms(Node *n, Diag *d)
{
	const Nms *m = &n->u.nms;
	char found[TEXT];
	if (!need_rank(n, NMS_BOXES, "boxes", 3, d) || !need_rank(n, NMS_SCORES, "scores", 3, d))
		return false;
	const Type *boxes = in_type(n, NMS_BOXES), *scores = in_type(n, NMS_SCORES);
	if (boxes->dim[2] != 4)
		return FAIL("boxes is %s; [batches,boxes,4] is needed", type_format(boxes, found));
	if (scores->dim[0] != boxes->dim[0] || scores->dim[2] != boxes->dim[1])
		return FAIL("scores is %s; [%lld,classes,%lld] is needed", type_format(scores, found), (long long)boxes->dim[0],
		            (long long)boxes->dim[1]);
	if (isnan(m->iou) || isnan(m->threshold) || m->max_per_class < 0 || m->rows < 0)
		return FAIL("iou %g, threshold %g, max_per_class %lld, rows %lld: numbers, and 0 or more, are needed", m->iou, m->threshold,
		            (long long)m->max_per_class, (long long)m->rows);
	int64_t dim[2] = {m->rows, 3};
	return set_type(n, 0, DT_I64, 2, dim, d);
}
