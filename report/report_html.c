/* report_html.c -- dssdc inspect --emit=html: one page that can be mailed: totals, the effect of each pass, the arena
 * over time, the graph, weights and work. Nothing is fetched; the one script sorts tables, and the page is whole
 * without it. It is made for phones as well: what is wider than the screen scrolls by itself. */
#include "report/report_html.h"

static void print_totals(const ModelReport *r, FILE *out)
{
	const struct {
		const char *name, *note;
		int64_t value;
	} rows[] = {
	    {"parameters", "batch normalisation is part of the convolutions, nothing else is merged", r->parameters},
	    {"multiply-accumulates", "of convolutions, deconvolutions, matrix products, as the parameters are counted", r->macs},
	    {"multiply-accumulates, emitted", "the same after all passes", report_emitted_macs(r)},
	    {"default boxes", "", r->boxes},
	    {"weights, bytes", "as the kernels read them", r->weights_bytes},
	    {"arena, bytes", "all activations and scratch", r->arena_bytes},
	    {"lower bound, bytes", "the largest set of buffers that live at once", r->arena_lower_bound_bytes},
	    {"kernels", "nodes that run", r->kernels},
	    {"longest chain", "kernels that must run one after another", r->chain},
	};
	const double bound = (double)r->arena_lower_bound_bytes;
	fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"totals\"><table><tbody>\n", out);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		fprintf(out, "<tr><td class=\"w\">%s <small>%s</small></td><td class=\"n\">", rows[i].name, rows[i].note);
		html_number(out, rows[i].value);
		fputs("</td></tr>\n", out);
	}
	fprintf(out,
	        "<tr><td class=\"w\">gap <small>between plan and lower bound</small></td><td class=\"n\">%.2f "
	        "%%</td></tr>\n"
	        "</tbody></table></div>\n",
	        bound > 0 ? 100 * ((double)r->arena_bytes - bound) / bound : 0);
}

static void print_head(const ModelReport *r, FILE *out)
{
	const char *name = report_name(r, r->emitted->name);
	fputs("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
	      "<meta name=\"color-scheme\" content=\"light dark\"><title>",
	      out);
	html_text(out, name);
	fprintf(out, " - dssdc inspect</title>\n<style>\n%s", html_style);
	html_kind_style(out);
	fputs("</style></head><body>\n<h1>", out);
	html_text(out, *name ? name : "network without a name");
	fprintf(out, "</h1>\n<p>%s, target %s: %s.</p>\n", r->tool, r->target->name, r->target->doc);
}

void report_html(const ModelReport *r, FILE *out)
{
	print_head(r, out);
	print_totals(r, out);
	html_legend(r, out);
	html_passes(r, out);
	html_arena(r, out);
	html_queues(r, out);
	html_graph(r, out);
	html_nodes(r, out);
	html_layers(r, out);
	fprintf(out, "<script>\n%s</script>\n</body></html>\n", html_script);
}
