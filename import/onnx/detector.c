/* detector.c -- boxes and scores by their terms, x by the grid; then detect. */
#include "import/onnx/detector.h"
#include "import/image.h"
#include "import/onnx/grid.h"
#include "import/onnx/returned.h"
#include "import/onnx/terms.h"

#include <math.h>
#include <string.h>

enum {
	TERM_LIMIT = 1 << 22,  /* made in all searches for offsets */
	MOVES = 8,             /* between scores and suppression */
	ENTRY_LIMIT = 1 << 22, /* boxes * classes that detect takes */
};

typedef struct Tail {
	Graph *g;
	const Node *nms;
	int64_t boxes, classes; /* as suppression sees them */
	Value *loc, *scores;
	float *prior;  /* corners, then variances */
	int64_t width; /* numbers of a box in scores */
	int skipped;   /* classes in front that suppression does not see */
	bool turned;   /* the first number of a box is made of the second of an offset */
	bool y_first;  /* offsets are */
	Terms terms;
	Arena *a;
} Tail;

/* ---- boxes and scores ---- */

static bool near(double x, double y, double unit)
{
	return fabs(x - y) <= 1e-6 * fabs(unit);
}

/* Centre and size of a box along an axis, from the terms of its column and the one two further. */
static bool centre_and_size(bool corners, const Term *x, Term *centre, Term *size)
{
	const Term a = x[0], b = x[2];
	bool one = a.slope != 0 && b.slope != 0 && a.at == b.at && a.grow != 0 && b.grow != 0 && a.exp_at == b.exp_at &&
	           near(a.rate, b.rate, b.rate);
	if (!corners) {
		*centre = a;
		*size = b;
		return a.slope != 0 && b.grow != 0;
	}
	*centre = (Term){(a.bias + b.bias) / 2, (a.slope + b.slope) / 2, (a.grow + b.grow) / 2, a.rate, a.at, a.exp_at};
	*size = (Term){b.bias - a.bias, b.slope - a.slope, b.grow - a.grow, b.rate, b.at, b.exp_at};
	return one;
}

/* The default boxes are all over the image, as fractions of it: boxes that are scaled, as to pixels, are not. */
static bool covers_image(const float *box, int64_t n)
{
	for (int k = 0; k < 2; k++) {
		double low = HUGE_VAL, high = -HUGE_VAL;
		for (int64_t i = 0; i < n; i++) {
			double centre = ((double)box[4 * i + k] + (double)box[4 * i + k + 2]) / 2;
			low = fmin(low, centre);
			high = fmax(high, centre);
		}
		if (!(fabs(low + high - 1) <= 0.25))
			return false;
	}
	return true;
}

/* Detect's columns are those of the offsets. */
static bool match_boxes(void *context, const Term *x)
{
	Tail *t = context;
	const bool corners = !t->nms->u.nms.center_point_box;
	float *const variance = t->prior + 4 * t->boxes;
	int swapped = x[0].at == 1;
	for (int64_t i = 0; i < 2 * t->boxes; i++) {
		int64_t box = i / 2 * 4, column = i % 2, at = box + (swapped ? 1 - column : column);
		Term centre, size;
		if (!centre_and_size(corners, x + box + column, &centre, &size))
			return false;
		double w = size.grow, slope = centre.slope / w;
		if (!(w > 0) || w > 4 || !near(centre.grow, 0, w) || !near(size.bias, 0, w) || !near(size.slope, 0, centre.slope))
			return false;
		if (centre.at != at || size.exp_at != at + 2 || !(fabs(centre.bias - 0.5) <= 1.5) || !isfinite(slope) ||
		    !isfinite(size.rate))
			return false;
		t->prior[at] = (float)(centre.bias - w / 2);
		t->prior[at + 2] = (float)(centre.bias + w / 2);
		variance[at] = (float)slope;
		variance[at + 2] = (float)size.rate;
	}
	t->turned = swapped;
	return covers_image(t->prior, t->boxes);
}

/* Which number of an offset is x: told by the list of default boxes or, of the boxes that suppression is given, by the
 * option. False after a question. */
static bool find_order(Tail *t, const char *option, Diag *d)
{
	const int x = grid_column_of_x(t->prior, t->boxes);
	const bool yx = option && !strcmp(option, "yx");
	t->y_first = option ? yx != t->turned : x == 1;
	if (x >= 0 || option)
		return true;
	diag_error(d, DIAG_REJECT, t->nms->loc,
	           "boxes, scores and suppression are a detector's, but its %lld default boxes do not tell which numbers of a "
	           "box are x: are the boxes that suppression is given x, y, x, y (--box-order=xy) or y, x, y, x "
	           "(--box-order=yx)? --box-order=plain keeps the network's own results",
	           (long long)t->boxes);
	return false;
}

/* [classes][boxes] are [boxes][width] turned round, with or without what is before and after. */
static bool match_scores(Tail *t, const Value *base, const double *at)
{
	t->width = type_count(&base->type) / t->boxes;
	t->skipped = (int)at[0];
	if (t->skipped < 0 || t->skipped + t->classes > t->width)
		return false;
	for (int64_t c = 0; c < t->classes; c++)
		for (int64_t i = 0; i < t->boxes; i++)
			if (*at++ != (double)(i * t->width + c + t->skipped))
				return false;
	return true;
}

/* What suppression is given, before it was moved, or on the way from there. */
static bool find_scores(Tail *t)
{
	Node *move[MOVES];
	int first = MOVES;
	Value *v = t->nms->in[NMS_SCORES];
	for (; first > 0 && v->def && terms_is_move(v->def) && v->def->op != OP_concat; v = v->def->in[0])
		move[--first] = v->def;
	for (int i = first; i <= MOVES && !t->scores; i++) {
		Value *base = i < MOVES ? move[i]->in[0] : t->nms->in[NMS_SCORES];
		int64_t size = type_count(&base->type);
		if (size != t->boxes * t->classes && size != t->boxes * (t->classes + 1))
			continue;
		Arena *a = arena_new();
		if (match_scores(t, base, terms_moved(base, move + i, MOVES - i, a)))
			t->scores = base;
		arena_free(a);
	}
	return t->scores;
}

/* ---- detect ---- */

/* Of an image that the importer did not take for one, as it takes f32 [1, 3, H, W] only: pixels as they are. */
static void set_preprocess(Graph *g, const Image *image)
{
	if (!g->preprocess.width)
		g->preprocess =
		    (Preprocess){.width = image->width, .height = image->height, .channels = image->channels, .divisor = {1, 1, 1}};
}

static Value *flat(Tail *t, Value *v, const char *name, Diag *d)
{
	if (v->type.rank == 2 && v->type.dim[0] == 1)
		return v;
	Node *n = graph_node(t->g, OP_reshape, name, 1, &v, 1);
	n->u.reshape = (Reshape){.n = 2, .dim = {1, type_count(&v->type)}};
	n->out[0]->name = name;
	infer_node(n, d);
	return node_out(n);
}

static Value *detection(Tail *t, Diag *d)
{
	const Nms *m = &t->nms->u.nms;
	const int64_t dim[3] = {1, 2, 4 * t->boxes};
	Value *in[3] = {flat(t, t->loc, "detect.loc", d), flat(t, t->scores, "detect.scores", d),
	                graph_constant_f32(t->g, "detect.boxes", 3, dim, t->prior)};
	Node *n = graph_node(t->g, OP_detect, t->nms->name, 3, in, 1);
	n->loc = t->nms->loc;
	n->u.detect = (Detect){.classes = (int)t->width,
	                       .background = t->width == t->classes ? -1
	                                     : t->skipped           ? 0
	                                                            : (int)t->classes,
	                       .code = BOX_CENTER_SIZE,
	                       .y_first = t->y_first,
	                       .threshold = fmax(m->threshold, -3e38), /* a float of the program */
	                       .nms = m->iou,
	                       .eta = 1,
	                       .top_k = -1,
	                       .keep_per_class = m->max_per_class < t->boxes ? (int)m->max_per_class : 0,
	                       .keep_top_k = (int)m->rows};
	n->out[0]->name = "detections";
	infer_node(n, d);
	return node_out(n);
}

static void return_only(Graph *g, Value *v)
{
	for (int i = 0; i < g->noutput; i++)
		g->output[i]->noutput = 0;
	g->noutput = 0;
	graph_output(g, v);
	graph_sweep(g);
}

/* The only one, of one image, in numbers that detect takes. */
static const Node *find_nms(const Graph *g)
{
	const Node *found = NULL;
	for (int i = 0; i < g->nnode; i++)
		if (g->node[i]->op == OP_nms) {
			if (found)
				return NULL;
			found = g->node[i];
		}
	if (!found || value_is_constant(found->in[NMS_BOXES]) || value_is_constant(found->in[NMS_SCORES]))
		return NULL;
	const Type *s = &found->in[NMS_SCORES]->type;
	const Nms *m = &found->u.nms;
	bool fits = s->dim[0] == 1 && s->dim[1] > 0 && s->dim[2] > 0 && s->dim[1] < ENTRY_LIMIT && s->dim[2] < ENTRY_LIMIT &&
	            (s->dim[1] + 1) * s->dim[2] < ENTRY_LIMIT;
	return fits && m->rows > 0 && m->rows < ENTRY_LIMIT && m->max_per_class > 0 ? found : NULL;
}

static bool recognise(Tail *t)
{
	const Type *s = &t->nms->in[NMS_SCORES]->type;
	t->classes = s->dim[1];
	t->boxes = s->dim[2];
	t->prior = arena_new_array(t->a, float, 8 * t->boxes);
	if (!returned_detections(t->g, t->nms))
		return false;
	t->loc = terms_find_base(&t->terms, t->nms->in[0], 4 * t->boxes, match_boxes, t);
	return t->loc && find_scores(t);
}

void onnx_detector(Graph *g, const char *order, Diag *d)
{
	Arena *a = arena_new();
	Tail t = {.g = g, .nms = find_nms(g), .terms = {g, TERM_LIMIT, a}, .a = a};
	Image image;
	const bool plain = order && !strcmp(order, "plain");
	if (t.nms && !plain && image_find(g, &image) && recognise(&t) && find_order(&t, order, d)) {
		const Loc loc = t.nms->loc;
		set_preprocess(g, &image);
		Value *v = detection(&t, d);
		const Detect *n = &v->def->u.detect;
		diag_note(d, loc,
		          "boxes, scores and suppression are a detector's: %lld default boxes, %d class%s, background %d; "
		          "the program detects",
		          (long long)t.boxes, n->classes, n->classes == 1 ? "" : "es", n->background);
		return_only(g, v);
	}
	arena_free(a);
}
