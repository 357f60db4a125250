/* runner.c -- runs a pipeline. Everything that is the same for all passes is here and not in them: which ones run,
 * graph_check, the emptying of the scratch, dumps, times, verification. */
#include "passes/pass.h"
#include "passes/figures.h"

#include <string.h>
#include <time.h>

static bool listed(const char *const *list, const char *name)
{
	for (; list && *list; list++)
		if (!strcmp(*list, name))
			return true;
	return false;
}

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void dump(const Graph *g, const PipelineOptions *o, int number, const char *name, Diag *d)
{
	if (o->dump)
		o->dump(o->dump_context, g, number, name, d);
}

static void print_ir(const Graph *g, const PipelineOptions *o, const char *when, const char *pass)
{
	fprintf(o->out, "; ---- IR %s %s ----\n", when, pass);
	graph_print(g, o->out, (PrintOptions){0});
}

static void print_after(const Graph *g, const PipelineOptions *o, const char *pass, const char **last, Arena *texts)
{
	if (!o->print_after_all) {
		if (listed(o->print_after, pass))
			print_ir(g, o, "after", pass);
		return;
	}
	const char *now = graph_text(g, texts);
	if (*last && !strcmp(*last, now))
		fprintf(o->out, "; ---- IR after %s (unchanged) ----\n", pass);
	else
		fprintf(o->out, "; ---- IR after %s ----\n%s", pass, now);
	*last = now;
}

static void print_times(const Pipeline *p, const PipelineOptions *o, const double *spent)
{
	double total = 0;
	for (int i = 0; i < p->length; i++)
		total += spent[i];
	fprintf(o->out, "%10s %6s  pass\n", "ms", "share");
	for (int i = 0; i < p->length; i++)
		if (spent[i] >= 0)
			fprintf(o->out, "%10.3f %5.1f%%  %s\n", 1e3 * spent[i], total > 0 ? 100 * spent[i] / total : 0, p->pass[i].name);
	fprintf(o->out, "%10.3f %5.1f%%  all passes\n", 1e3 * total, 100.0);
}

static bool pass_runs(const Pass *p, const PipelineOptions *o)
{
	return !p->optional || (o->optimize && !listed(o->disable, p->name));
}

bool pipeline_run(const Pipeline *p, Graph *g, const Target *t, const PipelineOptions *o, Diag *d)
{
	PassContext c = {.target = t, .samples = o->samples, .plans = o->plans, .scratch = arena_new(), .diag = d, .optimize = o->optimize};
	Arena *texts = arena_new();
	const char *last = NULL;
	double spent[MAX_PASSES] = {0};
	VerifyState *verify = o->verify_each ? verify_begin(g) : NULL;
	bool good = true;
	if (p->length > MAX_PASSES)
		bug("pipeline '%s' has %d passes; at most %d fit", p->name, p->length, MAX_PASSES);
	if (o->history)
		o->history->pipeline = p;
	graph_check(g);
	dump(g, o, 1, "import", d);
	figures_add(o->history, g, 0);
	for (int i = 0; good && i < p->length; i++) {
		const Pass *pass = &p->pass[i];
		if (pass_runs(pass, o)) {
			if (listed(o->print_before, pass->name))
				print_ir(g, o, "before", pass->name);
			double start = seconds();
			pass->run(&c, g);
			graph_sweep(g);
			spent[i] = seconds() - start;
			graph_check(g);
			arena_reset(c.scratch);
			good = !diag_errors(d);
			if (good && verify)
				good = verify_step(verify, g, pass->name, d);
			print_after(g, o, pass->name, &last, texts);
			dump(g, o, i + 2, pass->name, d);
			figures_add(o->history, g, i + 1);
		} else {
			spent[i] = -1;
		}
		if (o->stop_after && !strcmp(o->stop_after, pass->name))
			break;
	}
	if (o->time_passes)
		print_times(p, o, spent);
	if (verify)
		verify_end(verify);
	arena_free(texts);
	arena_free(c.scratch);
	return good && !diag_errors(d);
}
