/* command_inspect.c -- dssdc inspect: a model as a table, or in a form that is asked for. */
#include "compiler/commands.h"
#include "compiler/model_report.h"
#include "report/report.h"

int command_inspect(const Options *o, Arena *a, Diag *d)
{
	const char *of_output = report_kind_of(o->output);
	if (!o->emit && !report_ending_fits(o->output, d))
		return diag_exit_code(d);
	return model_report(o, o->emit ? o->emit : of_output ? of_output : "text", a, d);
}
