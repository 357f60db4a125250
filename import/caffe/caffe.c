/* caffe.c -- deploy.prototxt and .caffemodel to a graph: phases, inputs, blobs by name.
 *
 * Layers are taken in the order of the file, as Caffe does. A blob's name stands for the last value it was given, so
 * layers that work in place need no special care: readers see what was there when their turn came.
 */
#include "import/caffe/fields.h"
#include "import/caffe/layers.h"
#include "import/caffe/results.h"
#include "base/files.h"
#include "ir/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_LIMIT = 64 << 20, NAME_LIMIT = 255, ERROR_LIMIT = 1000 };

/* ---- the import at work ---- */

typedef struct Import {
	Caffe c;
	const Caffe__NetParameter *net;
	const char *file;
	Layer *layer; /* those of the test phase */
	const LayerRow **row;
	int nlayer;
	Names blobs;
} Import;

const char *import_caffe_weights(const char *path, Arena *a)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
	return arena_printf(a, "%.*s.caffemodel", (int)((dot ? dot : base + strlen(base)) - path), path);
}

static void open_weights(Import *im, const char *path)
{
	Caffe *c = &im->c;
	int64_t size;
	int fd = -1;
	if (c->o->random)
		return;
	if (c->o->weights) {
		c->weights_file = c->o->weights;
		fd = file_open(c->weights_file, true, &size, c->d);
	} else {
		c->weights_file = import_caffe_weights(path, c->a);
		const char *slash = strrchr(c->weights_file, '/'), *name = slash ? slash + 1 : c->weights_file;
		if (access(c->weights_file, F_OK) || !file_is_beneath(name))
			return;
		fd = file_open_beneath(path, name, &size, (Loc){.file = im->file, .offset = -1}, c->d);
	}
	c->weights_file = diag_quote(c->a, c->weights_file);
	if (fd >= 0)
		c->weights = caffemodel_open(c->graph, fd, size, c->o->weights ? c->o->weights : c->weights_file, c->d);
}

/* ---- which layers there are ---- */

static bool has_stage(const Caffe__NetState *state, const char *stage)
{
	for (size_t i = 0; state && i < state->n_stage; i++)
		if (!strcmp(state->stage[i], stage))
			return true;
	return false;
}

/* The rule holds in the test phase. */
static bool rule_holds(const Caffe__NetState *state, const Caffe__NetStateRule *r)
{
	int level = state ? state->level : 0;
	if (r->has_phase && r->phase != CAFFE__PHASE__TEST)
		return false;
	if ((r->has_min_level && level < r->min_level) || (r->has_max_level && level > r->max_level))
		return false;
	for (size_t i = 0; i < r->n_stage; i++)
		if (!has_stage(state, r->stage[i]))
			return false;
	for (size_t i = 0; i < r->n_not_stage; i++)
		if (has_stage(state, r->not_stage[i]))
			return false;
	return true;
}

static bool is_included(const Caffe__NetParameter *net, const Caffe__LayerParameter *p)
{
	bool in = !p->n_include;
	for (size_t i = 0; i < p->n_exclude; i++)
		if (rule_holds(net->state, p->exclude[i]))
			return false;
	for (size_t i = 0; i < p->n_include; i++)
		in = in || rule_holds(net->state, p->include[i]);
	return in;
}

/* The fields that both forms of a layer have. */
static const Caffe__LayerParameter *from_v1(Arena *a, const Caffe__V1LayerParameter *old)
{
	const ProtobufCMessageDescriptor *type = old->base.descriptor;
	Caffe__LayerParameter *p = arena_new_one(a, Caffe__LayerParameter);
	caffe__layer_parameter__init(p);
	for (unsigned i = 0; i < type->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &type->fields[i],
		                               *to = protobuf_c_message_descriptor_get_field_by_name(p->base.descriptor, f->name);
		if (!to || to->type != f->type || to->descriptor != f->descriptor || to->label != f->label)
			continue;
		memcpy((char *)p + to->offset, (const char *)old + f->offset, sizeof(void *)); /* pointers all, in this schema */
		if (f->label == PROTOBUF_C_LABEL_REPEATED)
			memcpy((char *)p + to->quantifier_offset, (const char *)old + f->quantifier_offset, sizeof(size_t));
	}
	return p;
}

static bool name_is_long(Import *im, Loc loc, const char *name)
{
	if (strlen(name) <= NAME_LIMIT)
		return false;
	diag_error(im->c.d, DIAG_LIMIT, loc, "a name of %zu bytes; the limit is %d", strlen(name), NAME_LIMIT);
	return true;
}

static bool names_are_good(Import *im, const Caffe__LayerParameter *p, Loc loc)
{
	bool good = !p->name || !name_is_long(im, loc, p->name);
	for (size_t i = 0; good && i < p->n_bottom; i++)
		good = !name_is_long(im, loc, p->bottom[i]);
	for (size_t i = 0; good && i < p->n_top; i++)
		good = !name_is_long(im, loc, p->top[i]);
	return good;
}

/* Takes the layer in, unless its phase or names forbid. message: where it was read from. */
static void take_layer(Import *im, const Caffe__LayerParameter *p, const LayerRow *row, const char *type, const void *message)
{
	Layer *l = &im->layer[im->nlayer];
	Loc loc = prototxt_loc(message, NULL);
	bool refused = row && row->fate == REFUSED;
	if ((!refused && !is_included(im->net, p)) || !names_are_good(im, p, loc))
		return;
	*l = (Layer){.p = p, .text = message, .type = type, .loc = loc, .nin = (int)p->n_bottom, .nout = (int)p->n_top};
	l->name = p->name && *p->name ? p->name : arena_printf(im->c.a, "%s%d", type, im->nlayer);
	l->name = arena_strdup(im->c.graph->arena, l->name);
	l->loc.layer = diag_quote(im->c.graph->arena, l->name);
	l->in = arena_new_array(im->c.a, Value *, l->nin + 1);
	l->out = arena_new_array(im->c.a, Value *, l->nout + 1);
	im->row[im->nlayer++] = row;
}

static void take_v1(Import *im, const Caffe__V1LayerParameter *old)
{
	Diag *d = im->c.d;
	if (prototxt_has(old, "layer")) {
		diag_error(d, DIAG_UNSUPPORTED, prototxt_loc(old, "layer"),
		           "a layer in Caffe's oldest form (V0); upgrade_net_proto_text of Caffe makes a file that can "
		           "be read");
		return;
	}
	if (!old->has_type) {
		diag_error(d, DIAG_REJECT, prototxt_loc(old, NULL), "a layer without a type");
		return;
	}
	const ProtobufCEnumValue *word =
	    protobuf_c_enum_descriptor_get_value(&caffe__v1_layer_parameter__layer_type__descriptor, (int)old->type);
	const LayerRow *row = layer_row_v1((int)old->type);
	take_layer(im, from_v1(im->c.a, old), row, row ? row->type : word->name, old);
}

static void take_v2(Import *im, const Caffe__LayerParameter *p)
{
	if (!p->type || !*p->type)
		diag_error(im->c.d, DIAG_REJECT, prototxt_loc(p, NULL), "a layer without a type");
	else
		take_layer(im, p, layer_row(p->type), p->type, p);
}

static void take_layers(Import *im)
{
	const Caffe__NetParameter *net = im->net;
	size_t n = net->n_layer + net->n_layers;
	if (net->n_layer && net->n_layers)
		diag_error(im->c.d, DIAG_REJECT, prototxt_loc(net->layers[0], NULL),
		           "both 'layer' and 'layers'; a network is written in one form");
	if (!n)
		diag_error(im->c.d, DIAG_REJECT, prototxt_loc(net, NULL), "a network without layers");
	im->layer = arena_new_array(im->c.a, Layer, n + 1);
	im->row = arena_new_array(im->c.a, const LayerRow *, n + 1);
	im->c.first = im->layer;
	for (size_t i = 0; i < net->n_layer; i++)
		take_v2(im, net->layer[i]);
	for (size_t i = 0; i < net->n_layers; i++)
		take_v1(im, net->layers[i]);
}

/* ---- inputs ---- */

static void add_input(Import *im, const char *name, size_t rank, const int64_t *given, Loc loc)
{
	Caffe *c = &im->c;
	int64_t dim[MAX_RANK];
	Named *slot = name_find(&im->blobs, name);
	if (slot) {
		diag_error(c->d, DIAG_REJECT, loc, "two inputs are called '%s'", diag_quote(c->a, name));
		return;
	}
	slot = name_add(&im->blobs, c->a, name);
	if (rank < 1 || rank > MAX_RANK) {
		diag_error(c->d, DIAG_REJECT, loc, "an input of %zu axes; 1 to %d are accepted", rank, MAX_RANK);
		return;
	}
	for (size_t i = 0; i < rank; i++) {
		dim[i] = given[i];
		if (dim[i] < 1) {
			diag_error(c->d, DIAG_REJECT, loc, "an input with the extent %" PRId64, dim[i]);
			return;
		}
	}
	if (!extents_fit((int)rank, dim)) {
		diag_error(c->d, DIAG_LIMIT, loc, "an input of more than 2147483647 elements");
		return;
	}
	if (rank == 4 && dim[0] > 1) {
		diag_note(c->d, loc, "the batch of %" PRId64 " is taken as one image", dim[0]);
		dim[0] = 1;
	}
	slot->value = graph_input(c->graph, arena_strdup(c->graph->arena, name), type_make(DT_F32, (int)rank, dim));
}

/* `input:` with input_shape or four input_dim each. */
static void declared_inputs(Import *im)
{
	const Caffe__NetParameter *net = im->net;
	Diag *d = im->c.d;
	size_t n = net->n_input;
	if (net->n_input_dim && net->n_input_shape) {
		diag_error(d, DIAG_REJECT, prototxt_loc(net, "input_shape"), "input_shape excludes input_dim");
		return;
	}
	if (net->n_input_dim ? net->n_input_dim != 4 * n : net->n_input_shape != n) {
		diag_error(d, DIAG_REJECT,
		           prototxt_loc(net, net->n_input_dim     ? "input_dim"
		                             : net->n_input_shape ? "input_shape"
		                                                  : "input"),
		           "%zu input, %zu input_shape, %zu input_dim; one shape or four dims for each input are needed", n,
		           net->n_input_shape, net->n_input_dim);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (name_is_long(im, prototxt_loc(net, "input"), net->input[i]))
			continue;
		if (net->n_input_shape) {
			const Caffe__BlobShape *s = net->input_shape[i];
			add_input(im, net->input[i], s->n_dim, s->dim, prototxt_loc(s, NULL));
			continue;
		}
		const int32_t *v = net->input_dim + 4 * i;
		add_input(im, net->input[i], 4, (int64_t[]){v[0], v[1], v[2], v[3]}, prototxt_loc(net, "input_dim"));
	}
}

static void input_layer(Import *im, Layer *l)
{
	const Caffe__InputParameter *p = l->p->input_param;
	size_t shapes = p ? p->n_shape : 0;
	if (shapes != 1 && shapes != (size_t)l->nout) {
		diag_error(im->c.d, DIAG_REJECT, layer_loc(l, p, NULL), "%zu shapes for %d tops; one for each, or one for all, is needed",
		           shapes, l->nout);
		for (int i = 0; i < l->nout; i++)
			name_add(&im->blobs, im->c.a, l->p->top[i]);
		return;
	}
	for (int i = 0; i < l->nout; i++) {
		const Caffe__BlobShape *s = p->shape[shapes == 1 ? 0 : i];
		add_input(im, l->p->top[i], s->n_dim, s->dim, layer_loc(l, s, NULL));
	}
}

static void set_preprocess(Graph *g)
{
	static const double mean[3] = {104, 117, 123};
	Preprocess *p = &g->preprocess;
	const Type *t = g->ninput == 1 ? &g->input[0]->type : NULL;
	if (!t || t->rank != 4 || t->dim[1] != 3)
		return;
	*p = (Preprocess){.width = (int)t->dim[3], .height = (int)t->dim[2], .channels = 3, .bgr = true};
	for (int i = 0; i < 3; i++) {
		p->mean[i] = mean[i];
		p->divisor[i] = 1;
	}
}

/* ---- one layer after the other ---- */

/* Why nothing before layer `at` has made the blob. */
static const char *later_producer(const Import *im, int at, const char *blob)
{
	for (int i = at; i < im->nlayer; i++)
		for (int k = 0; k < im->layer[i].nout; k++)
			if (!strcmp(im->layer[i].p->top[k], blob) && im->row[i] && im->row[i]->fate == BUILT)
				return arena_printf(im->c.a, "; layer '%s' makes it, which must come before",
				                    diag_quote(im->c.a, im->layer[i].name));
	for (int i = 0; i < at; i++)
		for (int k = 0; k < im->layer[i].nout; k++)
			if (!strcmp(im->layer[i].p->top[k], blob) && im->row[i] && im->row[i]->fate != BUILT)
				return arena_printf(im->c.a, "; layer '%s' (%s) is left out: a deploy.prototxt has an input in its place",
				                    diag_quote(im->c.a, im->layer[i].name), im->row[i]->type);
	return "";
}

/* Sets l->in. False when the layer cannot be built; what is not known yet is reported. */
static bool find_inputs(Import *im, int at)
{
	Layer *l = &im->layer[at];
	bool good = true;
	for (int i = 0; i < l->nin; i++) {
		Named *s = name_find(&im->blobs, l->p->bottom[i]);
		l->in[i] = s ? s->value : NULL;
		good = good && l->in[i];
		if (s) {
			s->result = false; /* also when the layer looks at its shape only */
			continue;
		}
		diag_error(im->c.d, DIAG_REJECT, layer_loc(l, im->net->n_layer ? l->p : NULL, "bottom"), "nothing makes the bottom '%s'%s",
		           diag_quote(im->c.a, l->p->bottom[i]), later_producer(im, at, l->p->bottom[i]));
		name_add(&im->blobs, im->c.a, l->p->bottom[i]); /* once is enough */
	}
	return good;
}

static bool tops_are_new(Import *im, const LayerRow *row, const Layer *l)
{
	bool good = true;
	for (int i = 0; i < l->nout; i++) {
		const char *top = l->p->top[i];
		bool same = i < l->nin && !strcmp(top, l->p->bottom[i]);
		if (same && row->in_place)
			continue;
		for (int k = 0; k < i; k++)
			if (!strcmp(top, l->p->top[k]))
				good = LAYER_FAIL(&im->c, l, NULL, NULL, "two tops are called '%s'", diag_quote(im->c.a, top));
		if (!name_find(&im->blobs, top))
			continue;
		const char *name = diag_quote(im->c.a, top);
		good = same ? LAYER_FAIL(&im->c, l, NULL, NULL, "%s cannot work in place: its top '%s' is its bottom", row->type, name)
		            : LAYER_FAIL(&im->c, l, NULL, NULL, "its top '%s' is there already", name);
	}
	return good;
}

static bool counts_are_good(Import *im, const LayerRow *row, const Layer *l)
{
	const char *what[] = {"bottom", "top"};
	int least[] = {row->in_min, 1}, most[] = {row->in_max, row->out_max}, n[] = {l->nin, l->nout};
	for (int i = 0; i < 2; i++)
		if (n[i] < least[i] || (most[i] >= 0 && n[i] > most[i]))
			return LAYER_FAIL(&im->c, l, NULL, NULL, "%d %ss; %s takes %d%s", n[i], what[i], row->type, least[i],
			                  most[i] < 0           ? " or more"
			                  : most[i] == least[i] ? ""
			                                        : arena_printf(im->c.a, " to %d", most[i]));
	return true;
}

static const char *type_hint(Import *im, const char *type)
{
	const char *near = name_hint(im->c.a, type, layer_type_at, NULL);
	return *near ? near : "; a network that ends before it can be compiled, and --detect gives it boxes";
}

static void build_layer(Import *im, int at)
{
	Layer *l = &im->layer[at];
	const LayerRow *row = im->row[at];
	bool good = find_inputs(im, at);
	if (!row)
		good = LAYER_UNSUPPORTED(&im->c, l, NULL, NULL, "layers of type '%s' are not read%s", diag_quote(im->c.a, l->type),
		                         type_hint(im, l->type));
	else if (row->fate == REFUSED)
		good = LAYER_UNSUPPORTED(&im->c, l, NULL, NULL, "%s layers run code of their own and are never read", l->type);
	else
		good = caffe_check_fields(&im->c, l, row->type) & counts_are_good(im, row, l) && tops_are_new(im, row, l) && good &&
		       row->build(&im->c, l);
	for (int i = 0; i < l->nout; i++) {
		Named *s = name_add(&im->blobs, im->c.a, l->p->top[i]);
		s->value = good ? l->out[i] : NULL;
		s->result = true;
	}
}

static void silence(Import *im, const Layer *l)
{
	for (int i = 0; i < l->nin; i++) {
		Named *s = name_find(&im->blobs, l->p->bottom[i]);
		if (s) {
			s->result = false;
			s->silenced = true;
		}
	}
}

static void build_layers(Import *im)
{
	for (int i = 0; i < im->nlayer && diag_errors(im->c.d) < ERROR_LIMIT; i++) {
		Fate fate = im->row[i] ? im->row[i]->fate : REFUSED;
		if (fate == BUILT || fate == REFUSED)
			build_layer(im, i);
		else if (fate == INPUT)
			input_layer(im, &im->layer[i]);
		else if (fate == SILENCED)
			silence(im, &im->layer[i]);
	}
}

/* ---- the file ---- */

static bool word_is_one_of(const char *option, const char *word, const char *one, const char *other, Diag *d)
{
	if (!word || !strcmp(word, one) || !strcmp(word, other))
		return true;
	Arena *a = arena_new();
	diag_error(d, DIAG_REJECT, (Loc){0}, "%s takes %s or %s, not '%s'", option, one, other, diag_quote(a, word));
	arena_free(a);
	return false;
}

static void import(Import *im, const char *path)
{
	Caffe *c = &im->c;
	Diag *d = c->d;
	int before = diag_errors(d);
	take_layers(im);
	if (im->net->n_input || im->net->n_input_shape || im->net->n_input_dim)
		declared_inputs(im);
	open_weights(im, path);
	if (diag_errors(d) == before)
		build_layers(im);
	if (diag_errors(d) > before)
		return;
	set_preprocess(c->graph);
	caffe_choose_outputs(c, &im->blobs, im->file);
	if (diag_errors(d) == before && c->weights)
		caffemodel_warn_unused(c->weights, d);
	if (diag_errors(d) == before)
		import_finish(c->graph, c->o, d);
}

Graph *import_caffe(const char *path, const ImportOptions *o, Diag *d)
{
	int before = diag_errors(d);
	Arena *a = arena_new();
	Graph *g = graph_new(import_graph_name(a, path));
	Import im = {.c = {.graph = g, .o = o, .a = a, .d = d}, .file = arena_strdup(g->arena, strcmp(path, "-") ? path : "<stdin>")};
	static const char *const boxes[] = {"PriorBoxParameter", "DetectionOutputParameter", "NonMaximumSuppressionParameter", NULL};
	Prototxt text = {.file = im.file, .skip_unknown = o->skip_unknown, .strict = boxes};
	word_is_one_of("--prior-offset", o->prior_offset, "pixels", "cells", d);
	word_is_one_of("--prior-sizes", o->prior_sizes, "truncate", "exact", d);
	text.text = file_text(path, TEXT_LIMIT, &text.size, a, d);
	if (text.text)
		im.net = (const void *)prototxt_read(&text, &caffe__net_parameter__descriptor, a, d);
	if (im.net)
		import(&im, path);
	arena_free(a);
	if (diag_errors(d) == before)
		return g;
	graph_free(g);
	return NULL;
}
