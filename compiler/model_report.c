/* model_report.c -- a model is loaded, counted, and printed in the form that --emit names. */
#include "compiler/model_report.h"
#include "base/output_set.h"
#include "compiler/commands.h"
#include "compiler/model.h"
#include "compiler/request.h"
#include "import/weights_missing.h"
#include "ir/plan_table.h"
#include "ir/text.h"
#include "report/report.h"

#include <string.h>

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

static bool make_report(ModelReport *r, const Options *o, Arena *a, Diag *d)
{
	const Target *t = request_resolve(o, "native", a, d);
	Graph *g = model_check_options(o, d) && t ? load(o, a, d) : NULL;
	if (!g)
		return false;
	if (!report_make(r, g, t, tool_version(), a, d) || !model_run_passes_watched(g, t, o, &r->history, d)) {
		report_free(r);
		return false;
	}
	report_count(r);
	return true;
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
    {"text", report_text}, {"ir", print_ir}, {"json", report_json}, {"dot", report_dot}, {"html", report_html}, {"plans", print_plans},
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

int model_report(const Options *o, const char *kind, Arena *a, Diag *d)
{
	size_t k = 0, n = sizeof kinds / sizeof *kinds;
	while (k < n && strcmp(kinds[k].name, kind))
		k++;
	if (k == n) {
		static const char *const all[] = {"exe", "c", "obj", "lib", "shared", "text", "ir", "json", "dot", "html", "plans", NULL};
		const char *near = name_hint(a, kind, name_in_list, o->command == COMPILE ? all : all + 5);
		diag_error(d, DIAG_REJECT, (Loc){0}, "--emit does not know '%s'%s", diag_quote(a, kind),
		           *near                   ? near
		           : o->command == COMPILE ? "; see dssdc compile --help"
		                                   : "; see dssdc inspect --help");
		return diag_exit_code(d);
	}
	ModelReport r;
	if (make_report(&r, o, a, d)) {
		write_report(&r, o->constants && !strcmp(kind, "ir") ? print_ir_whole : kinds[k].print, o, a, d);
		report_free(&r);
	}
	return diag_exit_code(d);
}
