/* report.c -- counting a model, and where each form of a report goes. */
#include "compiler/report/report.h"
#include "compiler/report/report_utf8.h"
#include "compiler/files.h"
#include "compiler/model.h"
#include "compiler/output_set.h"
#include "compiler/weights_missing.h"
#include "ir/order.h"
#include "ir/plan_table.h"
#include "ir/text.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Parameters of a node: elements of its constants; the default boxes are none. */
static int64_t parameters_of(const Node *n)
{
	int64_t count = 0;
	for (int i = 0; i < n->nin && n->op != OP_detect; i++)
		if (value_is_constant(n->in[i]))
			count += type_count(&n->in[i]->type);
	return count;
}

static void count_layers(ModelReport *r, Arena *a)
{
	const Graph *g = r->folded;
	r->layer = arena_new_array(a, LayerCount, g->nnode + 1);
	r->nlayer = g->nnode;
	for (int i = 0; i < g->nnode; i++) {
		const Node *n = g->node[i];
		r->layer[i] = (LayerCount){n, parameters_of(n), node_macs(n)};
		r->parameters += r->layer[i].parameters;
		r->macs += r->layer[i].macs;
		if (n->op == OP_detect)
			r->boxes = type_count(&n->in[0]->type) / 4;
	}
}

/* Counted after fold_norm, before any merge: as the paper counts. */
static Graph *folded_graph(const Graph *g, const Target *t, Diag *d)
{
	static const char *const last = "fold_norm";
	const PipelineOptions p = {.optimize = true, .stop_after = last, .out = stderr};
	Graph *copy = graph_copy(g);
	if (pipeline_run(copy, t, &p, d))
		return copy;
	graph_free(copy);
	return NULL;
}

/* A card without weights can still be counted: made-up numbers have the same shapes. */
static Graph *load(const Options *o, Arena *a, Diag *d)
{
	Graph *g = model_load(o, a, d);
	if (!g || !weights_are_missing(g))
		return g;
	graph_free(g);
	Options made_up = *o;
	made_up.random_weights = 1;
	made_up.given[ROW_random_weights] = true;
	diag_note(d, (Loc){.file = o->model, .offset = -1}, "no weights: counted with made-up ones");
	return model_load(&made_up, a, d);
}

const char *report_name(const ModelReport *r, const char *s)
{
	return report_utf8(s, r->arena);
}

bool report_make(ModelReport *r, const Options *o, Arena *a, Diag *d)
{
	*r = (ModelReport){.target = model_target(o, "native", a, d), .history = {.arena = a}, .arena = a};
	Graph *g = model_check_options(o, d) && r->target ? load(o, a, d) : NULL;
	if (!g)
		return false;
	r->folded = folded_graph(g, r->target, d);
	r->emitted = g;
	if (!r->folded || !model_run_passes_watched(g, r->target, o, &r->history, d)) {
		report_free(r);
		return false;
	}
	count_layers(r, a);
	r->weights_bytes = g->weights_size;
	r->arena_bytes = g->arena_size;
	r->arena_lower_bound_bytes = g->arena_bound;
	for (int i = 0; i < g->nnode; i++)
		r->kernels += g->node[i]->kernel != NULL;
	r->chain = order_chain(order_new(g, a), NULL);
	return true;
}

/* The copy shares blobs with the original, and goes first. */
void report_free(ModelReport *r)
{
	graph_free((Graph *)r->folded);
	graph_free((Graph *)r->emitted);
	r->folded = r->emitted = NULL;
}

static void print_ir(const ModelReport *r, FILE *out)
{
	graph_print(r->emitted, out, (PrintOptions){0});
}

static void print_ir_whole(const ModelReport *r, FILE *out)
{
	graph_print(r->emitted, out, (PrintOptions){.constants = true});
}

static void print_plans(const ModelReport *r, FILE *out)
{
	plan_table_print(out, r->emitted, r->target);
}

static const struct {
	const char *name;
	void (*print)(const ModelReport *r, FILE *out);
} kinds[] = {
    {"text", report_text}, {"ir", print_ir}, {"json", report_json}, {"dot", report_dot}, {"html", report_html},
    {"plans", print_plans},
};

static bool write_report(const ModelReport *r, void (*print)(const ModelReport *, FILE *), const Options *o, Arena *a, Diag *d)
{
	OutputSet *set = output_set_new(a, d);
	FILE *out = output_set_open(set, o->output);
	if (out)
		print(r, out);
	return output_set_commit(set);
}

static const char *name_in_list(const void *table, int i)
{
	return ((const char *const *)table)[i];
}

int report_emit(const Options *o, const char *kind, Arena *a, Diag *d)
{
	size_t k = 0, n = sizeof kinds / sizeof *kinds;
	while (k < n && strcmp(kinds[k].name, kind))
		k++;
	if (k == n) {
		static const char *const all[] = {"exe", "c", "obj", "lib", "shared", "text", "ir", "json", "dot", "html", "plans", NULL};
		const char *near = name_hint(a, kind, name_in_list, o->command == COMPILE ? all : all + 5);
		diag_error(d, DIAG_REJECT, (Loc){0}, "--emit does not know '%s'%s", diag_quote(a, kind), *near ? near : o->command == COMPILE ? "; see dssdc compile --help" : "; see dssdc inspect --help");
		return diag_exit_code(d);
	}
	ModelReport r;
	if (report_make(&r, o, a, d)) {
		write_report(&r, o->constants && !strcmp(kind, "ir") ? print_ir_whole : kinds[k].print, o, a, d);
		report_free(&r);
	}
	return diag_exit_code(d);
}
