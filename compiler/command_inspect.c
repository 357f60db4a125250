/* command_inspect.c -- dssdc inspect: a model as a table, or in a form that is asked for. */
#include "compiler/commands.h"
#include "compiler/report/report.h"

int command_inspect(const Options *o, Arena *a, Diag *d)
{
	return report_emit(o, o->emit ? o->emit : "text", a, d);
}
