/* report_html_passes.c -- the effect of each pass: the graph's figures after it, with the difference to those before.
 * A figure that no pass changed so far, or that is not known yet, is a dash. */
#include "report/report_html.h"
#include "passes/pass.h"

/* A cell: the figure, and how it differs from the one before. before < 0: not known. */
static void print_figure(FILE *out, int64_t before, int64_t after)
{
	if (after < 0) {
		fputs("<td class=\"n\">\xe2\x80\x93</td>", out);
		return;
	}
	fputs("<td class=\"n\">", out);
	html_number(out, after);
	if (before >= 0 && before != after) {
		fprintf(out, " <small>(%s", after > before ? "+" : "\xe2\x88\x92");
		html_number(out, after > before ? after - before : before - after);
		fputs(")</small>", out);
	}
	fputs("</td>", out);
}

static void print_macs(FILE *out, int64_t before, int64_t after)
{
	if (after < 0) {
		fputs("<td class=\"n\">\xe2\x80\x93</td>", out);
		return;
	}
	fprintf(out, "<td class=\"n\">%.3f", 1e-6 * (double)after);
	if (before >= 0 && before != after)
		fprintf(out, " <small>(%s%.3f)</small>", after > before ? "+" : "\xe2\x88\x92",
		        1e-6 * (double)(after > before ? after - before : before - after));
	fputs("</td>", out);
}

/* Bytes of a plan that is not made yet are not 0 but unknown. */
static int64_t planned(int64_t bytes)
{
	return bytes ? bytes : -1;
}

static void print_row(FILE *out, int number, const char *name, const char *doc, const PassFigures *before, const PassFigures *f)
{
	fprintf(out, "<tr><td class=\"n\">%d</td><td>%s</td>", number, name);
	print_figure(out, before->nodes, f->nodes);
	print_figure(out, -1, number > 1 ? f->changed : -1);
	print_figure(out, number > 1 ? before->kernels : -1, f->kernels ? f->kernels : -1);
	print_macs(out, before->macs, f->macs);
	print_figure(out, before->constants, f->constants);
	print_figure(out, before->maps, f->maps);
	print_figure(out, planned(before->weights), planned(f->weights));
	print_figure(out, planned(before->arena), planned(f->arena));
	fputs("<td>", out);
	html_text(out, doc);
	fputs("</td></tr>\n", out);
}

void html_passes(const ModelReport *r, FILE *out)
{
	static const HtmlColumn columns[] = {{"", true},
	                                     {"pass", false},
	                                     {"nodes", true},
	                                     {"IR lines, new", true},
	                                     {"kernels", true},
	                                     {"MMAC", true},
	                                     {"constants, bytes", true},
	                                     {"maps, bytes", true},
	                                     {"weights, bytes", true},
	                                     {"arena, bytes", true},
	                                     {"the pass", false}};
	static const PassFigures unknown = {.nodes = -1, .kernels = -1, .macs = -1, .constants = -1, .maps = -1};
	const PassFigures *last = &r->history.row[0];
	fputs("<h2>The effect of each pass</h2>\n<p>The network after each pass; the difference to the row before is "
	      "in parentheses. New IR "
	      "lines: those of the network's text (dssdc inspect --emit=ir) that the pass wrote or changed. Constants: numbers of the "
	      "model that are in "
	      "use. Maps: results "
	      "of nodes that need memory, each counted whole; the plan lets them share the arena.</p>\n",
	      out);
	html_table(out, "effect of each pass", columns, sizeof columns / sizeof *columns);
	print_row(out, 1, "import", "the model as it was read", &unknown, last);
	const Pipeline *p = r->history.pipeline;
	for (int i = 0; i < p->length; i++) {
		const PassFigures *f = &r->history.row[i + 1];
		if (f->ran) {
			print_row(out, i + 2, p->pass[i].name, p->pass[i].doc, last, f);
			last = f;
			continue;
		}
		fprintf(out, "<tr class=\"off\"><td class=\"n\">%d</td><td>%s</td>", i + 2, p->pass[i].name);
		for (int k = 0; k < 8; k++)
			fputs("<td class=\"n\">\xe2\x80\x93</td>", out);
		fputs("<td>did not run</td></tr>\n", out);
	}
	html_table_end(out);
}
