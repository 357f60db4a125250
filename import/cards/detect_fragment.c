/* detect_fragment.c -- reading the fragment by tables; then permute, reshape, concat, activation, default boxes,
 * detect. */
#include "import/cards/detect_fragment.h"
#include "import/formats/fields.h"
#include "import/image.h"
#include "base/files.h"
#include "ir/text.h"

#include <math.h>
#include <string.h>

enum { FRAGMENT_VERSION = 1, TEXT_LIMIT = 1 << 20, MOST_LEVELS = 32 };

typedef enum Decode { DECODE_CENTER_SIZE, DECODE_CORNER, DECODE_CORNER_SIZE, DECODE_NONE } Decode;
typedef enum HeadLayout { LAYOUT_UNSAID = -1, LAYOUT_NCHW, LAYOUT_NHWC } HeadLayout;
typedef enum Activation { ACTIVATION_NONE, ACTIVATION_SOFTMAX, ACTIVATION_SIGMOID } Activation;

typedef struct BoxLevel {
	Ints map;             /* rows, columns */
	Doubles min;          /* pixels; several: each a square of its own */
	Doubles max;          /* pixels; as many as min, or none */
	Doubles ratios, step; /* step: pixels, y then x or one for both; none: image / map */
	double start, offset; /* NAN: not given */
	Loc loc;
} BoxLevel;

typedef struct Fragment {
	Loc loc;
	const char *note;
	int version, classes, background, decode, scores;
	int layout; /* HeadLayout */
	Texts labels, from_loc, from_conf;
	struct {
		Loc loc;
		int bgr;
		Doubles mean, divisor;
	} input;
	struct {
		Loc loc;
		Doubles ratios, variances;
		bool flip, clip, clip_center_form, truncate_sizes;
		int y_first; /* choice */
	} boxes;
	BoxLevel level[MOST_LEVELS];
	int nlevel;
	struct {
		double threshold, nms;
		int top_k, keep_top_k;
		bool agnostic;
	} detect;
} Fragment;

#define AT(m) offsetof(Fragment, m)
#define LEVEL(m) offsetof(BoxLevel, m)
#define LOC(m) .loc_offset = offsetof(Fragment, m)
#define RANGE(l, h) .low = (l), .high = (h)
#define ROW(n, k, r, o, ...) {.name = (n), .form = FORM_##k, .required = (r), .offset = (o), __VA_ARGS__}

static const char *const channels[] = {"rgb", "bgr", NULL};
static const char *const decodes[] = {"center_size", "corner", "corner_size", "none", NULL};
static const char *const orders[] = {"xy", "yx", NULL};
static const char *const layouts[] = {"nchw", "nhwc", NULL};
static const char *const activations[] = {"none", "softmax", "sigmoid", NULL};

static const FieldRow input_fields[] = {
    ROW("channels", CHOICE, true, AT(input.bgr), .choice = channels),
    ROW("mean", REALS, true, AT(input.mean), RANGE(-1e6, 1e6), .alone = true),
    ROW("divisor", REALS, false, AT(input.divisor), RANGE(0, 1e6), .above = true, .alone = true),
    {.name = NULL},
};
static const FieldRow output_fields[] = {
    ROW("loc", TEXTS, true, AT(from_loc), RANGE(0, 255)),
    ROW("conf", TEXTS, true, AT(from_conf), RANGE(0, 255)),
    ROW("layout", CHOICE, false, AT(layout), .choice = layouts),
    {.name = NULL},
};
static const FieldRow boxes_fields[] = {
    ROW("ratios", REALS, false, AT(boxes.ratios), RANGE(0, 1000), .above = true),
    ROW("flip", BOOL, false, AT(boxes.flip), RANGE(0, 1)),
    ROW("variances", REALS, false, AT(boxes.variances), RANGE(0, 1000), .above = true),
    ROW("order", CHOICE, false, AT(boxes.y_first), .choice = orders),
    ROW("truncate_sizes", BOOL, false, AT(boxes.truncate_sizes), RANGE(0, 1)),
    ROW("clip", BOOL, false, AT(boxes.clip), RANGE(0, 1)),
    ROW("clip_center_form", BOOL, false, AT(boxes.clip_center_form), RANGE(0, 1)),
    {.name = NULL},
};
static const FieldRow level_fields[] = {
    ROW("map", INTS, true, LEVEL(map), RANGE(1, 65536)),
    ROW("min", REALS, true, LEVEL(min), RANGE(0, 1e6), .above = true),
    ROW("max", REALS, false, LEVEL(max), RANGE(0, 1e6), .above = true),
    ROW("ratios", REALS, false, LEVEL(ratios), RANGE(0, 1000), .above = true),
    ROW("step", REALS, false, LEVEL(step), RANGE(0, 1e6), .above = true),
    ROW("start", REAL, false, LEVEL(start), RANGE(-1e6, 1e6)),
    ROW("offset", REAL, false, LEVEL(offset), RANGE(-1e6, 1e6)),
    {.name = NULL},
};
static const FieldRow detect_fields[] = {
    ROW("threshold", REAL, false, AT(detect.threshold), RANGE(0, 1)),
    ROW("nms", REAL, false, AT(detect.nms), RANGE(0, 1)),
    ROW("top_k", INT, false, AT(detect.top_k), RANGE(1, 1000000)),
    ROW("keep_top_k", INT, false, AT(detect.keep_top_k), RANGE(1, 1000000)),
    ROW("agnostic", BOOL, false, AT(detect.agnostic), RANGE(0, 1)),
    {.name = NULL},
};
static const FieldRow fragment_fields[] = {
    ROW("version", INT, true, AT(version), RANGE(1, FRAGMENT_VERSION)),
    ROW("note", TEXT, false, AT(note), RANGE(0, 4000)),
    ROW("input", OBJECT, false, 0, .part = input_fields, LOC(input.loc)),
    ROW("outputs", OBJECT, true, 0, .part = output_fields),
    ROW("classes", INT, false, AT(classes), RANGE(1, 10000)),
    ROW("labels", TEXTS, false, AT(labels), RANGE(0, 255)),
    ROW("background", INT, false, AT(background), RANGE(-1, 9999)),
    ROW("scores", CHOICE, true, AT(scores), .choice = activations),
    ROW("decode", CHOICE, true, AT(decode), .choice = decodes),
    ROW("boxes", OBJECT, false, 0, .part = boxes_fields, LOC(boxes.loc)),
    ROW("priors", OBJECTS, false, AT(level), RANGE(0, MOST_LEVELS), .part = level_fields, .part_size = sizeof(BoxLevel),
        .count_offset = AT(nlevel), .loc_offset = LEVEL(loc)),
    ROW("detect", OBJECT, false, 0, .part = detect_fields),
    {.name = NULL},
};

#define REPORT(d, loc, ...) diag_error((d), DIAG_REJECT, (loc), __VA_ARGS__)
#define FAIL(d, loc, ...) (REPORT(d, loc, __VA_ARGS__), false)

/* ---- reading ---- */

static void set_defaults(Fragment *f)
{
	f->input.divisor = (Doubles){.n = 1, .v = {1}};
	f->boxes.variances = (Doubles){.n = 4, .v = {0.1, 0.1, 0.2, 0.2}};
	f->boxes.flip = true;
	f->layout = LAYOUT_UNSAID;
	f->detect.threshold = 0.01;
	f->detect.nms = 0.45;
	f->detect.top_k = 400;
	f->detect.keep_top_k = 200;
	for (int i = 0; i < MOST_LEVELS; i++)
		f->level[i].start = f->level[i].offset = NAN;
}

static void check_count(Diag *d, const char *path, int n, int one, int other, Loc loc)
{
	if (n != one && n != other)
		REPORT(d, loc, "%s: %d entries; %d or %d are needed", path, n, one, other);
}

static void check_level(const BoxLevel *l, int i, Diag *d)
{
	if (l->map.n != 2)
		REPORT(d, l->loc, "/priors/%d/map: rows and columns are needed", i);
	if (l->min.n < 1 || l->min.n > MAX_SIZES || (l->max.n && l->max.n != l->min.n))
		REPORT(d, l->loc, "/priors/%d: 1 to %d min, and as many max or none, are needed", i, MAX_SIZES);
	if (l->step.n > 2)
		REPORT(d, l->loc, "/priors/%d/step: one number, or one for y and one for x, is needed", i);
	if (!isnan(l->start) && !isnan(l->offset))
		REPORT(d, l->loc, "/priors/%d: 'start' excludes 'offset'", i);
}

static bool check_fragment(Fragment *f, Diag *d)
{
	int before = diag_errors(d);
	if (!f->classes)
		f->classes = f->labels.n;
	if (!f->classes)
		REPORT(d, f->loc, "field 'classes' or 'labels' is missing");
	else if (f->labels.n && f->labels.n != f->classes)
		REPORT(d, f->labels.loc, "/labels: %d names for %d classes", f->labels.n, f->classes);
	if (f->classes && f->background >= f->classes)
		REPORT(d, f->loc, "/background: %d; -1 (none) to %d is accepted", f->background, f->classes - 1);
	if (!f->from_loc.n || !f->from_conf.n)
		REPORT(d, f->loc, "/outputs: 'loc' and 'conf' name one tensor or more each");
	if ((f->decode == DECODE_NONE) != (f->nlevel == 0))
		REPORT(d, f->loc, f->nlevel ? "/priors: \"decode\": \"none\" has no default boxes" : "/priors: default boxes are needed");
	if (f->input.loc.line) {
		check_count(d, "/input/mean", f->input.mean.n, 1, 3, f->input.mean.loc);
		check_count(d, "/input/divisor", f->input.divisor.n, 1, 3, f->input.divisor.loc);
	}
	check_count(d, "/boxes/variances", f->boxes.variances.n, 1, 4, f->boxes.variances.loc);
	for (int i = 0; i < f->nlevel; i++)
		check_level(&f->level[i], i, d);
	return diag_errors(d) == before;
}

static bool is_card(const FieldReader *r, Json root)
{
	if (json_kind(root) != JSON_OBJECT || !json_member(root, "backbone").item || json_member(root, "decode").item)
		return false;
	REPORT(r->d, json_at(root),
	       "this is a card, no fragment: a card is a model, whose network has its boxes; --detect takes a file such as "
	       "models/*.detect.json");
	return true;
}

static Fragment *read_fragment(const char *path, Arena *a, Diag *d)
{
	int before = diag_errors(d);
	JsonDoc doc = {.text = {.file = arena_strdup(a, path)}};
	Fragment *f = arena_new_one(a, Fragment);
	FieldReader r = {a, d};
	set_defaults(f);
	doc.text.text = file_text(path, TEXT_LIMIT, &doc.text.size, a, d);
	if (doc.text.text && json_open(&doc, d)) {
		f->loc = json_at(json_root(&doc));
		if (!is_card(&r, json_root(&doc)))
			fields_read(&r, json_root(&doc), fragment_fields, f);
		if (diag_errors(d) == before)
			check_fragment(f, d);
	}
	json_close(&doc);
	return diag_errors(d) == before ? f : NULL;
}

/* ---- building ---- */

typedef struct Work {
	Graph *g;
	const Fragment *f;
	Loc loc;
	Diag *d;
	Arena *a;
	int height, width; /* of the image */
} Work;

static Value *finish(Work *w, Node *n, const char *name)
{
	n->loc = w->loc;
	n->loc.layer = NULL;
	n->out[0]->name = name;
	return infer_node(n, w->d) ? node_out(n) : NULL;
}

static Value *reshape(Work *w, Value *x, const char *name, int rank, const int64_t *dim)
{
	Node *n = graph_node(w->g, OP_reshape, name, 1, &x, 1);
	n->u.reshape.n = rank;
	memcpy(n->u.reshape.dim, dim, sizeof *dim * (size_t)rank);
	return finish(w, n, name);
}

/* The result of the layer, or the value, of that name; the last one, as names may be used again. */
static Value *find_value(const Graph *g, const char *name)
{
	Value *found = NULL;
	for (int i = 0; i < g->nnode; i++)
		for (int k = 0; k < g->node[i]->nout; k++) {
			Value *v = g->node[i]->out[k];
			if (!strcmp(g->node[i]->name, name) || (v->name && !strcmp(v->name, name)))
				found = v;
		}
	return found;
}

/* ---- default boxes ---- */

static Prior level_prior(const Work *w, const BoxLevel *l)
{
	const Fragment *f = w->f;
	const Doubles *ratios = l->ratios.loc.line ? &l->ratios : &f->boxes.ratios;
	Prior p = {.nmin = l->min.n, .nmax = l->max.n, .nratio = ratios->n, .flip = f->boxes.flip, .clip = f->boxes.clip};
	p.truncate_sizes = f->boxes.truncate_sizes;
	memcpy(p.min_size, l->min.v, sizeof p.min_size);
	memcpy(p.max_size, l->max.v, sizeof p.max_size);
	memcpy(p.ratio, ratios->v, sizeof *p.ratio * (size_t)ratios->n);
	p.image[0] = w->height;
	p.image[1] = w->width;
	for (int i = 0; i < 2; i++) {
		p.step[i] = l->step.n ? l->step.v[l->step.n == 1 ? 0 : i] : (double)p.image[i] / l->map.v[i];
		p.start[i] = !isnan(l->start) ? l->start : (isnan(l->offset) ? 0.5 : l->offset) * p.step[i];
	}
	for (int i = 0; i < 4; i++)
		p.variance[i] = f->boxes.variances.v[f->boxes.variances.n == 1 ? 0 : i];
	return p;
}

static double to_unit(double v)
{
	return v < 0 ? 0 : v > 1 ? 1 : v;
}

/* Centre and size are cut to the image, not the corners. */
static void clip_center_form(double *box)
{
	for (int i = 0; i < 2; i++) {
		double centre = to_unit((box[i] + box[i + 2]) / 2), size = to_unit(box[i + 2] - box[i]);
		box[i] = centre - size / 2;
		box[i + 2] = centre + size / 2;
	}
}

/* The boxes of a level, then their variances: what a prior makes of a map of that size. */
static Tensor level_boxes(Work *w, const BoxLevel *l)
{
	const int64_t dim[4] = {1, 1, l->map.v[0], l->map.v[1]};
	Graph *scratch = graph_new("boxes");
	Value *map = graph_input(scratch, "map", type_make(DT_F32, 4, dim));
	Node *n = graph_node(scratch, OP_prior, "boxes", 1, &map, 1);
	n->u.prior = level_prior(w, l);
	n->loc = l->loc;
	Tensor in = {.type = map->type}, out = {.data = NULL};
	if (infer_node(n, w->d))
		eval_node(n, &in, &out, w->a);
	graph_free(scratch);
	for (int64_t i = 0; out.data && w->f->boxes.clip_center_form && i < out.type.dim[2]; i += 4)
		clip_center_form(out.data + i);
	return out;
}

/* ---- heads ---- */

/* Default boxes that tensor i of n stands for: those of level i, or of all levels; 0: not known. */
static int64_t boxes_of(Work *w, int i, int n)
{
	int64_t boxes = 0;
	for (int k = 0; k < w->f->nlevel; k++) {
		const Tensor t = level_boxes(w, &w->f->level[k]);
		boxes += n == 1 || k == i ? (t.data ? t.type.dim[2] / 4 : 0) : 0;
	}
	return n == 1 || n == w->f->nlevel ? boxes : 0;
}

/* A head of rank 4 is [1, channels, height, width], or [1, height, width, channels] and [1, boxes, 1, numbers], which are box by box
 * already. The default boxes tell which it is, unless the fragment says it. */
static bool is_channels_first(Work *w, const Value *x, const char *from, int per_box, int i, int n, bool *first)
{
	const int64_t *dim = x->type.dim, boxes = boxes_of(w, i, n);
	const int *map = boxes && (n > 1 || w->f->nlevel == 1) ? w->f->level[i].map.v : NULL;
	char text[TYPE_TEXT];
	bool nchw = dim[1] % per_box == 0, nhwc = dim[3] % per_box == 0;
	if (w->f->layout != LAYOUT_UNSAID) {
		*first = w->f->layout == LAYOUT_NCHW;
		return true;
	}
	if (boxes) {
		nchw = nchw && map && dim[2] == map[0] && dim[3] == map[1];
		nhwc = nhwc && ((map && dim[1] == map[0] && dim[2] == map[1]) ||
		                ((dim[1] == 1 || dim[2] == 1) && dim[1] * dim[2] == boxes && dim[3] == per_box));
	}
	*first = nchw || !nhwc; /* neither: what is wrong is said later */
	return !nchw || !nhwc ||
	       FAIL(w->d, w->loc,
	            "/outputs: '%s' is %s: are its channels before height and width, or behind? \"layout\": \"nchw\" or \"nhwc\" in "
	            "'outputs' says it",
	            diag_quote(w->a, from), type_format(&x->type, text));
}

/* Tensor i of n as [1, numbers]: a map [1, C, H, W] cell by cell, others as they are. per_box: 4, or the classes. */
static Value *flattened(Work *w, const char *from, int per_box, int i, int n)
{
	Value *x = find_value(w->g, from);
	const char *name = arena_printf(w->g->arena, "%s.flatten", from);
	if (!x) {
		REPORT(w->d, w->loc, "/outputs: no layer is called '%s'; see dssdc inspect", diag_quote(w->a, from));
		return NULL;
	}
	const Type *t = &x->type;
	bool map = t->rank == 4;
	if (map && t->dim[0] == 1 && !is_channels_first(w, x, from, per_box, i, n, &map))
		return NULL;
	if (t->rank < 2 || t->dim[0] != 1 || (map ? t->dim[1] : type_count(t)) % per_box) {
		REPORT(w->d, w->loc, "/outputs: the tensor of '%s' cannot hold %d numbers for each box", diag_quote(w->a, from), per_box);
		return NULL;
	}
	if (map) {
		const char *permuted = arena_printf(w->g->arena, "%s.permute", from);
		Node *turn = graph_node(w->g, OP_permute, permuted, 1, &x, 1);
		turn->u.permute = (Permute){.n = 4, .order = {0, 2, 3, 1}};
		x = finish(w, turn, permuted);
	}
	return !x || x->type.rank == 2 ? x : reshape(w, x, name, 2, (int64_t[]){0, -1});
}

static Value *joined(Work *w, const Texts *from, int per_box, const char *name)
{
	Value **part = arena_new_array(w->a, Value *, from->n);
	bool good = true;
	for (int i = 0; i < from->n; i++)
		good = (part[i] = flattened(w, from->v[i], per_box, i, from->n)) && good;
	if (!good || from->n == 1)
		return good ? part[0] : NULL;
	Node *n = graph_node(w->g, OP_concat, name, from->n, part, 1);
	n->u.concat.axis = 1;
	return finish(w, n, name);
}

static Value *activated(Work *w, Value *x)
{
	if (!x || w->f->scores == ACTIVATION_NONE)
		return x;
	if (w->f->scores == ACTIVATION_SIGMOID) {
		Node *n = graph_node(w->g, OP_eltwise, "detect.sigmoid", 1, &x, 1);
		n->u.eltwise.fn = FN_sigmoid;
		return finish(w, n, "detect.sigmoid");
	}
	x = reshape(w, x, "detect.rows", 3, (int64_t[]){0, -1, w->f->classes});
	if (!x)
		return NULL;
	Node *n = graph_node(w->g, OP_softmax, "detect.softmax", 1, &x, 1);
	n->u.softmax.axis = 2;
	x = finish(w, n, "detect.softmax");
	return x ? reshape(w, x, "detect.scores", 2, (int64_t[]){0, -1}) : NULL;
}

/* ---- all default boxes ---- */

/* [1][2][4 * boxes], corners in the order of the offsets, variances as they are stated, which is that order; with "decode": "none" zeros,
 * to which the boxes are added as corners. */
static Value *default_boxes(Work *w, int64_t numbers)
{
	Tensor level[MOST_LEVELS];
	int64_t total = w->f->nlevel ? 0 : numbers, at = 0;
	for (int i = 0; i < w->f->nlevel; i++) {
		level[i] = level_boxes(w, &w->f->level[i]);
		if (!level[i].data)
			return NULL;
		total += level[i].type.dim[2];
	}
	if (total != numbers) {
		REPORT(w->d, w->loc, "/priors: %lld default boxes; the network's offsets are for %lld", (long long)(total / 4),
		       (long long)(numbers / 4));
		return NULL;
	}
	float *all = arena_new_array(w->a, float, 2 * total);
	for (int i = 0; i < w->f->nlevel; at += level[i++].type.dim[2])
		for (int64_t k = 0; k < level[i].type.dim[2]; k++) {
			all[at + (w->f->boxes.y_first ? k ^ 1 : k)] = (float)level[i].data[k];
			all[total + at + k] = (float)level[i].data[level[i].type.dim[2] + k];
		}
	return graph_constant_f32(w->g, "detect.boxes", 3, (int64_t[]){1, 2, total}, all);
}

/* Reports scores that make whole classes of the boxes, but not those of the fragment. Whatever else is wrong with them has a message later.
 */
static bool classes_fit(Work *w, int64_t boxes)
{
	const Texts *from = &w->f->from_conf;
	const int classes = w->f->classes;
	int64_t scores = 0;
	for (int i = 0; i < from->n; i++) {
		const Value *x = find_value(w->g, from->v[i]);
		if (!x)
			return true;
		scores += type_count(&x->type);
	}
	if (boxes < 1 || scores % boxes || scores == boxes * classes)
		return true;
	REPORT(w->d, w->loc, "/outputs: %lld scores for %lld boxes make %lld classes, but %d are stated by 'classes' or 'labels'",
	       (long long)scores, (long long)boxes, (long long)(scores / boxes), classes);
	return false;
}

static Value *detection(Work *w)
{
	static const BoxCode code[] = {BOX_CENTER_SIZE, BOX_CORNER, BOX_CORNER_SIZE, BOX_CORNER};
	const Fragment *f = w->f;
	Value *loc = joined(w, &f->from_loc, 4, "detect.loc");
	const bool fit = !loc || classes_fit(w, loc->type.dim[1] / 4);
	Value *conf = fit ? activated(w, joined(w, &f->from_conf, f->classes, "detect.conf")) : NULL;
	Value *boxes = loc && conf ? default_boxes(w, loc->type.dim[1]) : NULL;
	if (!boxes)
		return NULL;
	Node *n = graph_node(w->g, OP_detect, "detect", 3, (Value *[]){loc, conf, boxes}, 1);
	n->u.detect = (Detect){.classes = f->classes,
	                       .background = f->background,
	                       .code = code[f->decode],
	                       .variance_encoded = f->decode == DECODE_NONE,
	                       .agnostic = f->detect.agnostic,
	                       .y_first = f->boxes.y_first,
	                       .threshold = f->detect.threshold,
	                       .nms = f->detect.nms,
	                       .eta = 1,
	                       .top_k = f->detect.top_k,
	                       .keep_top_k = f->detect.keep_top_k};
	return finish(w, n, "detect");
}

/* ---- the graph ---- */

static bool set_input(Work *w)
{
	Graph *g = w->g;
	Image image;
	if (!image_find(g, &image))
		return FAIL(w->d, w->loc,
		            "the network must take one image of 3 channels or of 1, [1, channels, height, width] or "
		            "[1, height, width, channels]");
	w->height = image.height;
	w->width = image.width;
	if (!w->f->input.loc.line && g->preprocess.width)
		return true;
	if (!w->f->input.loc.line)
		return FAIL(w->d, w->loc, "field 'input' is missing, and the network says nothing of its preprocessing");
	Preprocess *p = &g->preprocess;
	*p = (Preprocess){.width = w->width, .height = w->height, .channels = image.channels, .bgr = w->f->input.bgr};
	for (int i = 0; i < 3; i++) {
		p->mean[i] = w->f->input.mean.v[w->f->input.mean.n == 1 ? 0 : i];
		p->divisor[i] = w->f->input.divisor.v[w->f->input.divisor.n == 1 ? 0 : i];
	}
	return true;
}

static void set_labels(Graph *g, const Texts *labels)
{
	g->label = arena_new_array(g->arena, const char *, labels->n + 1);
	g->nlabel = labels->n;
	for (int i = 0; i < labels->n; i++)
		g->label[i] = arena_strdup(g->arena, labels->v[i]);
}

static void return_only(Graph *g, Value *v)
{
	for (int i = 0; i < g->noutput; i++)
		g->output[i]->noutput = 0;
	g->noutput = 0;
	graph_output(g, v);
	graph_sweep(g);
}

bool detect_fragment_apply(Graph *g, const char *path, Diag *d)
{
	Arena *a = arena_new();
	const Fragment *f = read_fragment(path, a, d);
	Work w = {.g = g, .f = f, .d = d, .a = a};
	Value *found = NULL;
	if (f) {
		w.loc = f->loc;
		w.loc.file = arena_strdup(g->arena, path); /* nodes keep it */
		if (set_input(&w))
			found = detection(&w);
	}
	if (found) {
		if (f->labels.n)
			set_labels(g, &f->labels);
		return_only(g, found);
	}
	arena_free(a);
	return found;
}
