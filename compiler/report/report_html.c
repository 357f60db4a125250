/* report_html.c -- dssdc inspect --emit=html: one page that can be mailed: totals, the arena over time, the graph with
 * a row for each node. No scripts, nothing fetched. */
#include "compiler/report/report_html.h"
#include "compiler/commands.h"

static const char style[] =
    "body{font:14px/1.45 system-ui,sans-serif;margin:2em auto;max-width:1180px;padding:0 1em;color:#222;background:#fff}"
    "h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em}p{max-width:75ch}"
    "table{border-collapse:collapse}td,th{padding:1px 10px 1px 0;text-align:left;white-space:nowrap}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
    "table.sum td{padding:2px 24px 2px 0}svg{display:block;max-width:100%}"
    "svg text{font:11px system-ui,sans-serif;fill:#222}.row:hover rect.hit{fill:#eef3fa}";

static void print_totals(const ModelReport *r, FILE *out)
{
	const struct {
		const char *name, *note;
		int64_t value;
	} rows[] = {
	    {"parameters", "after fold_norm, before any merge", r->parameters},
	    {"multiply-accumulates", "of convolutions, deconvolutions, matrix products", r->macs},
	    {"default boxes", "", r->boxes},
	    {"weights, bytes", "as the kernels read them", r->weights_bytes},
	    {"arena, bytes", "all activations and scratch", r->arena_bytes},
	    {"lower bound, bytes", "the largest set of buffers that live at once", r->arena_lower_bound_bytes},
	    {"kernels", "nodes that run", r->kernels},
	    {"longest chain", "kernels that must run one after another", r->chain},
	};
	fputs("<table class=\"sum\">\n", out);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char digits[32], grouped[48];
		int n = snprintf(digits, sizeof digits, "%lld", (long long)rows[i].value), w = 0;
		for (int k = 0; k < n; k++) {
			if (k && (n - k) % 3 == 0)
				grouped[w++] = ',';
			grouped[w++] = digits[k];
		}
		grouped[w] = 0;
		fprintf(out, "<tr><td>%s</td><td class=\"n\">%s</td><td>%s</td></tr>\n", rows[i].name, grouped, rows[i].note);
	}
	double bound = (double)r->arena_lower_bound_bytes;
	fprintf(out, "<tr><td>gap</td><td class=\"n\">%.2f %%</td><td>between plan and lower bound</td></tr>\n</table>\n",
		bound > 0 ? 100 * ((double)r->arena_bytes - bound) / bound : 0);
}

static void print_layers(const ModelReport *r, FILE *out)
{
	int64_t most = 1;
	for (int i = 0; i < r->nlayer; i++)
		most = r->layer[i].macs > most ? r->layer[i].macs : most;
	fputs("<h2>Layers as counted</h2>\n<p>The network after batch normalisation was folded, before anything was merged.</p>\n"
	      "<table><tr><th class=\"n\"></th><th>layer</th><th>op</th><th>result</th><th class=\"n\">parameters</th>"
	      "<th class=\"n\">MMAC</th><th></th></tr>\n",
	      out);
	for (int i = 0; i < r->nlayer; i++) {
		const LayerCount *l = &r->layer[i];
		if (!l->macs && !l->parameters)
			continue;
		fprintf(out, "<tr><td class=\"n\">%d</td><td>", i + 1);
		html_text(out, report_name(r, l->node->name));
		fprintf(out, "</td><td>%s</td><td>", op_info[l->node->op].name);
		const Type *t = &l->node->out[0]->type;
		for (int k = t->rank > 1; k < t->rank; k++)
			fprintf(out, "%s%lld", k > 1 ? "&times;" : "", (long long)t->dim[k]);
		fprintf(out,
			"</td><td class=\"n\">%lld</td><td class=\"n\">%.3f</td><td><svg width=\"160\" height=\"9\">"
			"<rect width=\"%.1f\" height=\"9\" fill=\"%s\"/></svg></td></tr>\n",
			(long long)l->parameters, 1e-6 * (double)l->macs, 160.0 * (double)l->macs / (double)most, html_color(l->node));
	}
	fputs("</table>\n", out);
}

void report_html(const ModelReport *r, FILE *out)
{
	fputs("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>", out);
	html_text(out, report_name(r, r->emitted->name));
	fprintf(out, "</title><style>%s</style></head><body>\n<h1>", style);
	html_text(out, report_name(r, r->emitted->name));
	fprintf(out, "</h1>\n<p>%s, target %s: %s.</p>\n", tool_version(), r->target->name, r->target->doc);
	print_totals(r, out);
	html_arena(r, out);
	html_queues(r, out);
	html_graph(r, out);
	print_layers(r, out);
	fputs("</body></html>\n", out);
}
