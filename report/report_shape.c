/* report_shape.c -- the shapes of a node's results as reports for people print them: 3x38x38, or 200x6, 4 for a node of
 * two results. */
#include "report/report.h"

#include "ir/text.h"

const char *report_shape(const Type *t, const char *times, Arena *a)
{
	const char *text = "";
	for (int i = t->rank > 1 && t->dim[0] == 1; i < t->rank; i++)
		text = arena_printf(a, "%s%s%lld", text, *text ? times : "", (long long)t->dim[i]);
	return *text ? text : "1"; /* a number without axes */
}

const char *report_shapes(const Node *n, const char *times, Arena *a)
{
	const char *text = "";
	for (int i = 0; i < n->nout; i++)
		text = arena_printf(a, "%s%s%s", text, *text ? ", " : "", report_shape(&n->out[i]->type, times, a));
	return text;
}
