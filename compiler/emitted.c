/* emitted.c -- the checker, run by compile. */
#include "compiler/emitted.h"
#include "compiler/checker.h"
#include "compiler/progress.h"

bool emitted_check(const Options *o, Graph *g, const Target *t, const EmitOptions *emit, const char *dir, Arena *a, Diag *d)
{
	const char *why, *path = arena_printf(a, "%s/%s%s", dir, emit->name, t->suffix);
	const Checker *c = o->no_check ? NULL : checker_load(&why, a);
	const CheckOptions how = {0};
	const int before = diag_errors(d);
	CheckResult r;
	if (!c)
		return true;
	progress(o, "checking the source");
	if (!c->file(path, &how, &r, a, d))
		return false;
	checker_report(&r, d);
	if (!source_ignores_names(g, t, emit))
		diag_error(d, DIAG_DIFFERENCE, (Loc){.file = path, .offset = -1}, "E25: a layer's name stands outside of comments");
	if (diag_errors(d) == before)
		return true;
	diag_note(d, (Loc){0}, "the source does not keep the rules of emitted code (dssdc check --rules): a fault of dssdc, please report it; "
	                       "--no-check goes on without");
	return false;
}
