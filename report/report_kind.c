/* report_kind.c -- which form of report a file's ending asks for. */
#include "report/report.h"

#include "base/files.h"

const char *report_kind_of(const char *file)
{
	static const struct {
		const char *ending, *kind;
	} rows[] = {
	    {".html", "html"}, {".htm", "html"}, {".json", "json"}, {".dot", "dot"},
	    {".gv", "dot"},    {".ir", "ir"},    {".txt", "text"},  {".plans", "plans"},
	};
	for (size_t i = 0; file && i < sizeof rows / sizeof *rows; i++)
		if (file_has_ending(file, rows[i].ending))
			return rows[i].kind;
	return NULL;
}

bool report_ending_fits(const char *file, Diag *d)
{
	if (!file || !file_has_ending(file, ".svg"))
		return true;
	diag_error(d, DIAG_REJECT, (Loc){0},
	           "-o: no report is an SVG picture: -o NAME.html has pictures; of -o NAME.dot, dot -Tsvg makes one");
	return false;
}
