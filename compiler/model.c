/* model.c -- what every command does with MODEL first. */
#include "compiler/model.h"
#include "codegen/codegen.h"
#include "compiler/calibrate.h"
#include "compiler/dump.h"
#include "base/files.h"
#include "import/import.h"
#include "compiler/model_options.h"
#include "import/weights_look.h"
#include "import/weights_missing.h"
#include "ir/plan_table.h"
#include "ir/text.h"

#include <string.h>

enum { TEXT_LIMIT = 1 << 30 };

static Graph *load_text(const Options *o, const ImportOptions *import, Arena *a, Diag *d)
{
	size_t size;
	char *text = file_text(o->model, TEXT_LIMIT, &size, a, d);
	return text ? import_ir(o->model, text, size, import, d) : NULL;
}

static Graph *load(const Options *o, Arena *a, Diag *d)
{
	const ImportOptions import = {
	    .weights = o->weights,
	    .random = option_given(o, random_weights),
	    .seed = o->random_weights,
	    .width_divisor = o->width_divisor,
	    .threshold = o->threshold,
	    .nms = o->nms,
	    .top_k = o->top_k,
	    .keep_top_k = o->keep_top_k,
	    .classes = o->classes,
	    .labels = o->labels,
	    .mean = o->mean,
	    .divisor = o->divisor,
	    .channel_order = o->channel_order,
	    .detect = o->detect,
	    .box_order = o->box_order,
	    .prior_offset = o->prior_offset,
	    .prior_sizes = o->prior_sizes,
	    .outputs_chosen = o->outputs.n > 0,
	    .skip_unknown = o->skip_unknown,
	    .bind = o->bind.item,
	    .dims = o->dims.item,
	};
	const ModelKind kind = model_kind(o->model, a, d);
	if (kind == MODEL_NONE || !model_options_fit(o, kind, d))
		return NULL;
	switch (kind) {
	case MODEL_IR:
		return load_text(o, &import, a, d);
	case MODEL_CAFFE:
		return import_caffe(o->model, &import, d);
	case MODEL_ONNX:
		return import_onnx(o->model, &import, d);
	default:
		return import_card(o->model, &import, d);
	}
}

/* The node of that name; of a layer that became several (LAYER.place, LAYER.index), the last. */
static const Node *node_named(const Graph *g, const char *name)
{
	const size_t n = strlen(name);
	const Node *part = NULL;
	for (int i = 0; i < g->nnode; i++) {
		const char *own = g->node[i]->name;
		if (!strcmp(own, name))
			return g->node[i];
		if (!strncmp(own, name, n) && own[n] == '.')
			part = g->node[i];
	}
	return part;
}

static const char *layer_name_at(const void *table, int i)
{
	const Graph *g = table;
	return i < g->nnode ? g->node[i]->name : NULL;
}

/* The graph returns the results of the named layers, not what it returned before. */
static void choose_outputs(Graph *g, const char *file, const List *names, Arena *a, Diag *d)
{
	int n = 0;
	Value **out = arena_new_array(a, Value *, names->n);
	for (int i = 0; i < names->n; i++) {
		const Node *node = node_named(g, names->item[i]);
		if (node)
			out[n++] = node->out[0];
		else
			diag_error(d, DIAG_REJECT, (Loc){.file = file, .offset = -1}, "no layer is called '%s'%s; see dssdc inspect",
			           diag_quote(a, names->item[i]), name_hint(a, names->item[i], layer_name_at, g));
	}
	if (n < names->n)
		return;
	for (int i = 0; i < g->noutput; i++)
		g->output[i]->noutput = 0;
	g->noutput = 0;
	for (int i = 0; i < n; i++)
		graph_output(g, out[i]);
	graph_sweep(g);
}

Graph *model_load(const Options *o, Arena *a, Diag *d)
{
	Graph *g = load(o, a, d);
	if (g)
		weights_look(g, o->model, o->strict_weights, d);
	if (g && o->outputs.n)
		choose_outputs(g, o->model, &o->outputs, a, d);
	if (g && diag_errors(d)) {
		graph_free(g);
		return NULL;
	}
	return g;
}

static const char *pass_name_at(const void *table, int i)
{
	(void)table;
	return i < pipeline_inference.length ? pipeline_inference.pass[i].name : NULL;
}

static void check_pass_names(const List *l, const char *option, bool must_be_optional, Diag *d)
{
	Arena *a = arena_new();
	for (int i = 0; i < l->n; i++) {
		const Pass *p = pass_find(&pipeline_inference, l->item[i]);
		const char *hint = p ? "" : name_hint(a, l->item[i], pass_name_at, NULL);
		if (!p)
			diag_error(d, DIAG_REJECT, (Loc){0}, "%s: no pass is called '%s'%s", option, diag_quote(a, l->item[i]),
			           *hint ? hint : "; see dssdc passes");
		else if (must_be_optional && !p->optional)
			diag_error(d, DIAG_REJECT, (Loc){0}, "%s: pass %s is needed to make code", option, l->item[i]);
	}
	arena_free(a);
}

bool model_check_options(const Options *o, Diag *d)
{
	int before = diag_errors(d);
	check_pass_names(&o->disable, "--disable-pass", true, d);
	check_pass_names(&o->print_before, "--print-ir-before", false, d);
	check_pass_names(&o->print_after, "--print-ir-after", false, d);
	List stop = {(const char *[]){o->stop_after, NULL}, o->stop_after != NULL};
	check_pass_names(&stop, "--stop-after", false, d);
	return diag_errors(d) == before;
}

static const PlanTable *read_plans(const char *path, Arena *a, Diag *d)
{
	enum { LIMIT = 64 << 20 };
	size_t size;
	const char *text = file_text(path, LIMIT, &size, a, d);
	return text ? plan_table_read(arena_strdup(a, path), text, size, kernel_by_name, a, d) : NULL;
}

bool model_run_passes(Graph *g, const Target *t, const Options *o, Diag *d)
{
	return model_run_passes_watched(g, t, o, NULL, d);
}

bool model_run_passes_watched(Graph *g, const Target *t, const Options *o, struct PassHistory *h, Diag *d)
{
	if (weights_are_missing(g)) {
		weights_missing_report(o->model, d);
		return false;
	}
	if (o->dump_dir && !dump_folder_make(o->dump_dir, d))
		return false;
	const Samples *samples = o->calibrate ? calibrate_read(g, o->calibrate, g->arena, d) : NULL;
	const PlanTable *plans = o->plans && o->level > 0 ? read_plans(o->plans, g->arena, d) : NULL;
	if (diag_errors(d))
		return false;
	const PipelineOptions p = {
	    .optimize = o->level > 0,
	    .disable = o->disable.item,
	    .print_before = o->print_before.item,
	    .print_after = o->print_after.item,
	    .print_after_all = o->print_after_all,
	    .dump = o->dump_dir ? dump_graph : NULL,
	    .dump_context = o->dump_dir,
	    .stop_after = o->stop_after,
	    .time_passes = o->time_passes,
	    .verify_each = o->verify_each,
	    .samples = samples,
	    .plans = plans,
	    .history = h,
	    .out = stderr,
	};
	return pipeline_run(&pipeline_inference, g, t, &p, d);
}
