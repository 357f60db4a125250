/* detector.c -- boxes and scores by their terms; then what is returned; then detect. */
#include "compiler/onnx/detector.h"
#include "compiler/image.h"
#include "compiler/onnx/terms.h"

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
		if (!(w > 0) || w > 4 || !near(centre.grow, 0, w) || !near(size.bias, 0, w) ||
		    !near(size.slope, 0, centre.slope))
			return false;
		if (centre.at != at || size.exp_at != at + 2 || !(fabs(centre.bias - 0.5) <= 1.5) || !isfinite(slope) ||
		    !isfinite(size.rate))
			return false;
		t->prior[at] = (float)(centre.bias - w / 2);
		t->prior[at + 2] = (float)(centre.bias + w / 2);
		variance[at] = (float)slope;
		variance[at + 2] = (float)size.rate;
	}
	return true;
}

/* [classes][boxes] are [boxes][width] turned round, with or without what lies before and behind. */
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
	Value *v = t->nms->in[1];
	for (; first > 0 && v->def && terms_is_move(v->def) && v->def->op != OP_concat; v = v->def->in[0])
		move[--first] = v->def;
	for (int i = first; i <= MOVES && !t->scores; i++) {
		Value *base = i < MOVES ? move[i]->in[0] : t->nms->in[1];
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

/* ---- what is returned ---- */

typedef enum What {
	WHAT_OTHER,
	WHAT_BOXES,  /* all boxes, in any shape */
	WHAT_SCORES, /* all scores, or those picked by box or class alone */
	WHAT_INDEX,  /* columns of the result of nms */
	WHAT_PICKED, /* what stays: boxes, scores */
} What;

typedef struct Kind {
	What what;
	int columns; /* bits: batch 1, class 2, box 4; of scores: by which they were picked */
} Kind;

enum { BY_CLASS = 2, BY_BOX = 4, ALL_COLUMNS = 7 };

/* Bits of the indices that a slice or take of an axis of 3 leaves. */
static int columns_left(const Tail *t, const Node *n)
{
	int columns = 0;
	if (n->op == OP_slice)
		return (1 << n->u.slice.end) - (1 << n->u.slice.begin);
	const int64_t *index = value_is_constant(n->in[1]) ? blob_read_i64(n->in[1]->data, t->a) : NULL;
	for (int64_t i = 0; index && i < type_count(&n->in[1]->type); i++)
		columns |= index[i] >= 0 && index[i] < 3 ? 1 << index[i] : 0;
	return columns;
}

/* Some elements on an axis only: never of the rows, the boxes or the scores; of a result of nms those of some columns.
 */
static Kind cut_kind(const Tail *t, const Node *n, Kind in)
{
	const int64_t extent = n->in[0]->type.dim[n->op == OP_slice ? n->u.slice.axis : n->u.take.axis];
	if (in.what == WHAT_SCORES || extent == (in.what == WHAT_BOXES ? t->boxes : t->nms->u.nms.rows))
		return (Kind){WHAT_OTHER, 0};
	if (in.what == WHAT_INDEX && extent == 3 && in.columns == ALL_COLUMNS)
		in.columns = columns_left(t, n);
	return in;
}

static Kind gather_kind(const Tail *t, Kind data, Kind index)
{
	const Kind other = {WHAT_OTHER, 0};
	if (index.what != WHAT_INDEX)
		return other;
	if (data.what == WHAT_BOXES)
		return (index.columns & (BY_BOX | BY_CLASS)) == BY_BOX ? (Kind){WHAT_PICKED, 0} : other;
	if (data.what != WHAT_SCORES)
		return other;
	data.columns |= index.columns | (t->classes == 1 ? BY_CLASS : 0);
	bool whole = (data.columns & (BY_BOX | BY_CLASS)) == (BY_BOX | BY_CLASS);
	return whole ? (Kind){WHAT_PICKED, 0} : data;
}

/* Joined: of one kind, or what stays beside its indices. */
static Kind joined_kind(const Node *n, const Kind *kind)
{
	Kind all = kind[n->in[0]->id];
	for (int i = 0; i < n->nin; i++) {
		Kind k = kind[n->in[i]->id];
		bool stays = k.what == WHAT_INDEX || k.what == WHAT_PICKED;
		if (k.what != all.what && !(stays && (all.what == WHAT_INDEX || all.what == WHAT_PICKED)))
			return (Kind){WHAT_OTHER, 0};
		if (k.what == WHAT_PICKED)
			all.what = WHAT_PICKED;
		all.columns |= k.columns;
	}
	return all.what == WHAT_INDEX || all.what == WHAT_PICKED ? all : (Kind){WHAT_OTHER, 0};
}

/* Conversions; of indices also sums with numbers, as of a class counted from 1. */
static Kind mapped_kind(const Node *n, Kind in)
{
	const Eltwise *e = &n->u.eltwise;
	bool plain =
	    e->epi[0].act == FN_NONE && n->nin == 1 && (e->fn == FN_NONE || e->fn == FN_identity) && e->coeff[0] == 1;
	bool shifted = n->nin == 2 && in.what == WHAT_INDEX && value_is_constant(n->in[1]) &&
	               type_count(&n->in[1]->type) == 1 && (e->fn == FN_add || e->fn == FN_sub);
	return plain || shifted ? in : (Kind){WHAT_OTHER, 0};
}

static Kind kind_of(const Tail *t, const Node *n, const Kind *kind)
{
	const Kind in = kind[n->in[0]->id];
	switch ((int)n->op) {
	case OP_reshape:
	case OP_permute:
		return in;
	case OP_slice:
	case OP_take:
		return cut_kind(t, n, in);
	case OP_concat:
		return joined_kind(n, kind);
	case OP_eltwise:
		return mapped_kind(n, in);
	case OP_gather:
	case OP_gather_elements:
	case OP_gather_nd:
		return gather_kind(t, in, kind[n->in[1]->id]);
	default:
		return (Kind){WHAT_OTHER, 0};
	}
}

/* v and what it was before its shape changed */
static void mark_whole(Kind *kind, const Value *v, What what)
{
	kind[v->id] = (Kind){what, 0};
	while (v->def && (v->def->op == OP_reshape || v->def->op == OP_permute)) {
		v = v->def->in[0];
		kind[v->id] = (Kind){what, 0};
	}
}

/* Every output is something of what stays. */
static bool returns_detections(const Tail *t)
{
	Kind *kind = arena_new_array(t->a, Kind, t->g->next_id);
	mark_whole(kind, t->nms->in[0], WHAT_BOXES);
	mark_whole(kind, t->nms->in[1], WHAT_SCORES);
	kind[t->nms->out[0]->id] = (Kind){WHAT_INDEX, ALL_COLUMNS};
	for (int i = 0; i < t->g->nnode; i++) {
		const Node *n = t->g->node[i];
		for (int k = 0; k < n->nout; k++)
			if (kind[n->out[k]->id].what == WHAT_OTHER && n->nin && n->in[0])
				kind[n->out[k]->id] = kind_of(t, n, kind);
	}
	for (int i = 0; i < t->g->noutput; i++) {
		What what = kind[t->g->output[i]->id].what;
		if (what != WHAT_INDEX && what != WHAT_PICKED)
			return false;
	}
	return t->g->noutput > 0;
}

/* ---- detect ---- */

/* Of an image that the importer did not take for one, as it takes f32 [1, 3, H, W] only: pixels as they are. */
static void set_preprocess(Graph *g, const Image *image)
{
	if (!g->preprocess.width)
		g->preprocess = (Preprocess){.width = image->width, .height = image->height, .channels = image->channels, .divisor = {1, 1, 1}};
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
	if (!found || value_is_constant(found->in[0]) || value_is_constant(found->in[1]))
		return NULL;
	const Type *s = &found->in[1]->type;
	const Nms *m = &found->u.nms;
	bool fits = s->dim[0] == 1 && s->dim[1] > 0 && s->dim[2] > 0 && s->dim[1] < ENTRY_LIMIT &&
	            s->dim[2] < ENTRY_LIMIT && (s->dim[1] + 1) * s->dim[2] < ENTRY_LIMIT;
	return fits && m->rows > 0 && m->rows < ENTRY_LIMIT && m->max_per_class > 0 ? found : NULL;
}

static bool recognise(Tail *t)
{
	const Type *s = &t->nms->in[1]->type;
	t->classes = s->dim[1];
	t->boxes = s->dim[2];
	t->prior = arena_new_array(t->a, float, 8 * t->boxes);
	if (!returns_detections(t))
		return false;
	t->loc = terms_find_base(&t->terms, t->nms->in[0], 4 * t->boxes, match_boxes, t);
	return t->loc && find_scores(t);
}

void onnx_detector(Graph *g, Diag *d)
{
	Arena *a = arena_new();
	Tail t = {.g = g, .nms = find_nms(g), .terms = {g, TERM_LIMIT, a}, .a = a};
	Image image;
	if (t.nms && image_find(g, &image) && recognise(&t)) {
		const Loc loc = t.nms->loc;
		set_preprocess(g, &image);
		Value *v = detection(&t, d);
		const Detect *n = &v->def->u.detect;
		diag_note(
		    d, loc,
		    "boxes, scores and suppression are a detector's: %lld default boxes, %d class%s, background %d; "
		    "the program detects",
		    (long long)t.boxes, n->classes, n->classes == 1 ? "" : "es", n->background);
		return_only(g, v);
	}
	arena_free(a);
}
