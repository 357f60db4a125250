/* import_card.c -- card, class names and weights to a graph. */
#include "import/import.h"
#include "base/files.h"
#include "import/cards/net.h"
#include "import/labels.h"

#include <string.h>
#include <unistd.h>

/* What the command line says, in place of what the card says. */
static void apply_options(Card *c, const ImportOptions *o)
{
	if (o->width_divisor > 0)
		c->width_divisor = o->width_divisor;
	if (o->threshold >= 0)
		c->detect.threshold = o->threshold;
	if (o->nms >= 0)
		c->detect.nms = o->nms;
	if (o->top_k > 0)
		c->detect.top_k = o->top_k;
	if (o->keep_top_k > 0)
		c->detect.keep_top_k = o->keep_top_k;
	if (o->labels)
		c->classes = 0; /* as many as there are names */
	if (o->classes > 0) {
		if (c->classes != o->classes)
			c->labels = NULL;
		c->classes = o->classes;
		c->classes_loc = (Loc){0};
	}
}

/* ---- class names ---- */

static char *text_beneath(const Card *c, const char *name, Loc loc, size_t *size, Arena *a, Diag *d)
{
	int64_t bytes;
	int fd = file_open_beneath(c->loc.file, name, &bytes, loc, d);
	if (fd < 0)
		return NULL;
	char *text = NULL;
	if (bytes > LABELS_LIMIT) {
		diag_error(d, DIAG_LIMIT, loc, "%s has %lld bytes; the limit is %d", name, (long long)bytes, LABELS_LIMIT);
	} else {
		text = arena_alloc(a, (size_t)bytes + 1);
		*size = (size_t)bytes;
		if (!file_read(fd, text, *size, 0)) {
			diag_error(d, DIAG_IO, loc, "%s changed or is unreadable", name);
			text = NULL;
		}
	}
	close(fd);
	return text;
}

/* The names, and the number of classes where only they tell it. */
static void load_labels(Graph *g, Card *c, const ImportOptions *o, Diag *d)
{
	size_t size = 0;
	const char *text = NULL, *file = o->labels;
	if (o->labels) {
		text = file_text(o->labels, LABELS_LIMIT, &size, g->arena, d);
	} else if (c->labels) {
		text = text_beneath(c, c->labels, c->labels_loc, &size, g->arena, d);
		file = file_beside(g->arena, c->loc.file, c->labels);
	}
	if (!text)
		return;
	int before = diag_errors(d);
	file = arena_strdup(g->arena, file);
	labels_read(g, file, text, size, d);
	if (diag_errors(d) > before)
		return;
	if (!c->classes)
		c->classes = g->nlabel;
	if (c->classes != g->nlabel)
		diag_error(d, DIAG_REJECT, o->labels ? (Loc){0} : c->classes_loc, "%d classes (with background), but '%s' names %d",
		           c->classes, file, g->nlabel);
	else if (c->classes < 2)
		diag_error(d, DIAG_REJECT, (Loc){.file = file, .offset = -1}, "one class name or more is needed");
}

/* ---- weights ---- */

static void load_weights(Net *n, const ImportOptions *o)
{
	int64_t size;
	const Card *c = n->card;
	n->random = o->random;
	n->seed = o->seed;
	if (o->random || (!o->weights && !c->weights))
		return;
	int fd = o->weights ? file_open(o->weights, false, &size, n->d)
	                    : file_open_beneath(c->loc.file, c->weights, &size, c->weights_loc, n->d);
	const char *file = o->weights ? o->weights : file_beside(n->graph->arena, c->loc.file, c->weights);
	if (fd >= 0)
		n->file = safetensors_open(n->graph, fd, size, file, n->d);
}

/* ---- the network ---- */

static Value *image_input(Graph *g, const Card *c)
{
	int64_t dim[] = {1, 3, c->input.size, c->input.size};
	Preprocess *p = &g->preprocess;
	p->width = p->height = c->input.size;
	p->channels = 3;
	p->bgr = c->input.bgr;
	for (int i = 0; i < 3; i++) {
		p->mean[i] = c->input.mean.v[c->input.mean.n == 1 ? 0 : i];
		p->divisor[i] = c->input.divisor.v[c->input.divisor.n == 1 ? 0 : i];
	}
	return graph_input(g, "data", type_make(DT_F32, 4, dim));
}

static void build(Net *n, int classes, const ImportOptions *o)
{
	static void (*const backbone[])(Net *, Value *) = {net_resnet, net_resnet, net_vgg, net_mobilenet};
	const Card *c = n->card;
	n->loc = c->loc;
	Value *x = image_input(n->graph, c);
	import_preprocess(n->graph, o, n->d);
	net_image_power(n, x);
	backbone[c->backbone](n, x);
	net_dssd(n, classes);
}

Graph *import_card(const char *path, const ImportOptions *o, Diag *d)
{
	int before = diag_errors(d);
	Arena *a = arena_new();
	Graph *g = graph_new(import_graph_name(a, path));
	Card *c = card_read(path, g->arena, d); /* nodes point at its places */
	if (c) {
		Net n = {.graph = g, .card = c, .d = d};
		apply_options(c, o);
		load_labels(g, c, o, d);
		load_weights(&n, o);
		if (diag_errors(d) == before)
			build(&n, c->classes, o);
		if (diag_errors(d) == before && n.file)
			safetensors_warn_unused(n.file, d);
	}
	arena_free(a);
	if (diag_errors(d) == before)
		return g;
	graph_free(g);
	return NULL;
}
