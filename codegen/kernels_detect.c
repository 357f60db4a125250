/* kernels_detect.c -- row of detect. */
#include "codegen/kernels_detect.h"
#include "codegen/rows.h"

#include <math.h>

enum { LARGEST_RANK = 1 << 22 }; /* ranks are held as floats */

int64_t detect_boxes(const Node *n)
{
	return type_count(&n->in[DETECT_BOXES]->type) / 8;
}

int64_t detect_top_k(const Node *n)
{
	int64_t k = n->u.detect.top_k;
	return k < 0 || k > detect_boxes(n) ? detect_boxes(n) : k;
}

int64_t detect_lists(const Node *n)
{
	return n->u.detect.agnostic ? 1 : n->u.detect.classes;
}

bool detect_accepts(const Target *t, const Node *n)
{
	(void)t;
	return is_plain(n->in[DETECT_LOC]) && is_plain(n->in[DETECT_CONF]) && value_is_constant(n->in[DETECT_BOXES]) &&
	       detect_boxes(n) < LARGEST_RANK && detect_lists(n) * detect_top_k(n) < LARGEST_RANK && n->in[DETECT_LOC]->type.dim[0] == 1;
}

void detect_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	const Detect *d = &n->u.detect;
	bind_int(b, "BOXES", detect_boxes(n));
	bind_int(b, "CLASSES", d->classes);
	bind_int(b, "BACKGROUND", d->background);
	bind_int(b, "TOP_K", detect_top_k(n));
	bind_int(b, "KEEP_PER_CLASS", d->keep_per_class);
	bind_int(b, "KEEP_TOP_K", d->keep_top_k);
	bind_int(b, "SOFTMAX", d->softmax);
	bind_int(b, "PER_CLASS", d->per_class);
	bind_int(b, "AGNOSTIC", d->agnostic);
	bind_int(b, "Y_FIRST", d->y_first);
	bind_int(b, "ADAPTIVE", d->eta < 1);
	bind_int(b, "LISTS", detect_lists(n));
	bind_int(b, "CODE", d->code);
	bind_int(b, "VARIANCE_ENCODED", d->variance_encoded);
	bind_float(b, "THRESHOLD", d->threshold);
	bind_float(b, "NMS", d->nms);
	bind_float(b, "ETA", d->eta);
	bind_float(b, "CUT", d->threshold > 0 ? log(d->threshold) - 0.001 : -3e38);
}

int64_t detect_scratch(const Target *t, const Node *n)
{
	(void)t;
	const Detect *d = &n->u.detect;
	return 4 * (2 * detect_lists(n) * detect_top_k(n) + detect_lists(n) + 4 * detect_top_k(n) + 2 * (int64_t)d->keep_top_k);
}
