/* emitted.c -- a set of outputs for emit_source(), and the checker, run by compile. */
#include "compiler/emitted.h"
#include "compiler/checker.h"
#include "base/output_set.h"
#include "base/progress.h"

#include <string.h>

/* ---- writing ---- */

typedef struct Context {
	OutputSet *set;
	const char *dir, *shown, *file;
	Emitted *list;
	Arena *a;
} Context;

static const char *file_stem(const EmitOptions *o)
{
	return o->file ? o->file : o->name;
}

static FILE *open_file(void *context, const char *suffix, Diag *d)
{
	const Context *c = context;
	(void)d; /* the set has it */
	FILE *f = output_set_open(c->set, arena_printf(c->a, "%s/%s%s", c->dir, c->file, suffix));
	if (f)
		output_set_call(c->set, arena_printf(c->a, "%s/%s%s", c->shown, c->file, suffix));
	if (c->list->n == MOST_EMITTED)
		bug("more than %d emitted files", MOST_EMITTED);
	c->list->suffix[c->list->n++] = suffix;
	return f;
}

bool emitted_write(const Graph *g, const Target *t, const EmitOptions *o, const char *dir, const char *shown, Emitted *e, Diag *d)
{
	Arena *a = arena_new();
	Emitted list = {.n = 0};
	Context c = {output_set_new(a, d), dir, shown ? shown : dir, file_stem(o), &list, a};
	const EmitFiles files = {&c, open_file};
	const bool good = emit_source(g, t, o, &files, d) && output_set_commit(c.set);
	if (!good)
		output_set_drop(c.set);
	arena_free(a);
	if (e)
		*e = list;
	return good;
}

/* ---- the rules ---- */

/* Messages name the file that will be there. */
static void rename_findings(CheckResult *r, const char *path, const char *shown)
{
	for (int i = 0; i < r->n; i++)
		if (r->finding[i].loc.file && !strcmp(r->finding[i].loc.file, path))
			r->finding[i].loc.file = shown;
}

static const Checker *load(const Options *o, Arena *a, Diag *d)
{
	const char *why;
	const Checker *c = o->no_check ? NULL : checker_load(&why, a);
	if (o->no_check || c)
		return c;
	if (o->check)
		diag_error(d, DIAG_UNSUPPORTED, (Loc){0}, "cannot check the source, as --check asks for: %s", why);
	else
		diag_note(d, (Loc){0}, "the source is not checked: %s (--check makes this an error, --no-check says that it is meant)",
		          why);
	return NULL;
}

bool emitted_check(const Options *o, Graph *g, const Target *t, const EmitOptions *emit, const char *dir, const char *shown, Arena *a,
                   Diag *d)
{
	const char *path = arena_printf(a, "%s/%s%s", dir, file_stem(emit), t->suffix);
	const int before = diag_errors(d);
	const Checker *c = load(o, a, d);
	const CheckOptions how = {0};
	CheckResult r;
	if (!c)
		return diag_errors(d) == before;
	progress(options_progress(o), "checking the source");
	if (!c->file(path, &how, &r, a, d))
		return false;
	shown = arena_printf(a, "%s/%s%s", shown ? shown : dir, file_stem(emit), t->suffix);
	rename_findings(&r, path, shown);
	checker_report(&r, d);
	if (!source_ignores_names(g, t, emit))
		diag_error(d, DIAG_DIFFERENCE, (Loc){.file = shown, .offset = -1}, "E25: a layer's name stands outside of comments");
	if (diag_errors(d) == before)
		return true;
	diag_note(d, (Loc){0},
	          "the source does not keep the rules of emitted code (dssdc check --rules): a fault of dssdc, please report it; "
	          "--no-check goes on without");
	return false;
}
