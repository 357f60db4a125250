/* report_html_tables.c -- weights and work, as tables: of the nodes that are emitted, and of the layers as the
 * network's authors count them. */
#include "report/report_html.h"

static void print_name(const ModelReport *r, const char *name, FILE *out)
{
	fputs("<td class=\"name\">", out);
	html_text(out, report_name(r, name));
	fputs("</td>", out);
}

static void print_number(int64_t value, FILE *out)
{
	fputs("<td class=\"n\">", out);
	html_number(out, value);
	fputs("</td>", out);
}

static void print_bar(const Node *n, double share, FILE *out)
{
	fprintf(out,
	        "<td><svg width=\"120\" height=\"14\" aria-hidden=\"true\"><rect class=\"%s\" y=\"3\" width=\"%.1f\" "
	        "height=\"9\"/></svg></td></tr>\n",
	        html_kind(n), 120 * share);
}

static int64_t result_bytes(const Node *n)
{
	int64_t bytes = 0;
	for (int k = 0; k < n->nout; k++)
		bytes += dtype_size(n->out[k]->type.dtype) * type_storage(&n->out[k]->type);
	return bytes;
}

void html_nodes(const ModelReport *r, FILE *out)
{
	static const HtmlColumn columns[] = {{"", true},
	                                     {"node", false},
	                                     {"kernel", false},
	                                     {"result", false},
	                                     {"result, bytes", true},
	                                     {"weights, bytes", true},
	                                     {"scratch, bytes", true},
	                                     {"MMAC", true},
	                                     {"", false}};
	const Graph *g = r->emitted;
	int64_t most = 1;
	for (int i = 0; i < g->nnode; i++)
		most = node_macs(g->node[i]) > most ? node_macs(g->node[i]) : most;
	fputs("<h2>Weights and work of each node</h2>\n<p>The nodes as emitted, in execution order.</p>\n", out);
	html_table(out, "weights and work of each node", columns, sizeof columns / sizeof *columns);
	for (int i = 0; i < g->nnode; i++) {
		const Node *n = g->node[i];
		fprintf(out, "<tr><td class=\"n\">%d</td>", i + 1);
		print_name(r, n->name, out);
		fprintf(out, "<td>%s</td><td>", n->kernel ? n->kernel->name : op_info[n->op].name);
		fputs(report_shapes(n, HTML_TIMES, r->arena), out);
		fputs("</td>", out);
		print_number(result_bytes(n), out);
		print_number(n->weights_size, out);
		print_number(n->scratch_size, out);
		fprintf(out, "<td class=\"n\">%.3f</td>", 1e-6 * (double)node_macs(n));
		print_bar(n, (double)node_macs(n) / (double)most, out);
	}
	html_table_end(out);
}

void html_layers(const ModelReport *r, FILE *out)
{
	static const HtmlColumn columns[] = {{"", true},           {"layer", false}, {"op", false}, {"result", false},
	                                     {"parameters", true}, {"MMAC", true},   {"", false}};
	int64_t most = 1;
	for (int i = 0; i < r->nlayer; i++)
		most = r->layer[i].macs > most ? r->layer[i].macs : most;
	fputs("<h2>Layers as counted</h2>\n<p>The network after batch normalisation was folded, before anything was "
	      "merged: layers that "
	      "have parameters or multiply-accumulates.</p>\n",
	      out);
	html_table(out, "layers as counted", columns, sizeof columns / sizeof *columns);
	for (int i = 0; i < r->nlayer; i++) {
		const LayerCount *l = &r->layer[i];
		if (!l->macs && !l->parameters)
			continue;
		fprintf(out, "<tr><td class=\"n\">%d</td>", i + 1);
		print_name(r, l->node->name, out);
		fprintf(out, "<td>%s</td><td>", op_info[l->node->op].name);
		fputs(report_shapes(l->node, HTML_TIMES, r->arena), out);
		fputs("</td>", out);
		print_number(l->parameters, out);
		fprintf(out, "<td class=\"n\">%.3f</td>", 1e-6 * (double)l->macs);
		print_bar(l->node, (double)l->macs / (double)most, out);
	}
	html_table_end(out);
}
