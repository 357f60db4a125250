/* report_html_graph.c -- the emitted graph, a row for each node in execution order. An edge to the next node runs down
 * the spine; one that skips nodes runs through a lane at the left, as short ones as near to the spine as there is room. */
#include "report/report_html.h"

#include <stdlib.h>

enum { ROW = 17, LANE = 9, MAX_LANES = 40, TEXT_WIDTH = 900, NAME_COLUMNS = 38 };

typedef struct Edge {
	int from, to, lane;
} Edge;

static int by_length(const void *x, const void *y)
{
	const Edge *a = x, *b = y;
	int la = a->to - a->from, lb = b->to - b->from;
	return la != lb ? la - lb : a->from - b->from;
}

static bool lane_is_free(const Edge *e, int n, int lane, const Edge *want)
{
	for (int i = 0; i < n; i++)
		if (e[i].lane == lane && e[i].from < want->to && want->from < e[i].to && e[i].from != want->from)
			return false;
	return true;
}

/* Edges that skip nodes, with their lanes; returns how many lanes there are. */
static int find_edges(const Graph *g, Edge *e, int *n)
{
	*n = 0;
	for (int i = 0; i < g->nnode; i++)
		for (int k = 0; k < g->node[i]->nin; k++) {
			const Value *v = g->node[i]->in[k];
			int from = value_is_result(v) ? node_index(g, v->def) : -1;
			if (from >= 0 && i - from > 1)
				e[(*n)++] = (Edge){from, i, -1};
		}
	qsort(e, (size_t)*n, sizeof *e, by_length);
	int lanes = 0;
	for (int i = 0; i < *n; i++) {
		int lane = 0;
		while (lane < MAX_LANES - 1 && !lane_is_free(e, i, lane, &e[i]))
			lane++;
		e[i].lane = lane;
		lanes = lane + 1 > lanes ? lane + 1 : lanes;
	}
	return lanes;
}

static int middle(int row)
{
	return row * ROW + ROW / 2 + 20;
}

static bool follows(const Graph *g, int i)
{
	const Node *n = g->node[i];
	for (int k = 0; i && k < n->nin; k++)
		if (n->in[k] && n->in[k]->def == g->node[i - 1])
			return true;
	return false;
}

/* Shapes of all results; after a map, how it is stored where that is not row after row. */
static void print_results(const ModelReport *r, const Node *n, FILE *out)
{
	for (int i = 0; i < n->nout; i++) {
		const Type *t = &n->out[i]->type;
		fprintf(out, "%s%s", i ? ", " : "", report_shape(t, HTML_TIMES, r->arena));
		if (t->rank == 4 && (t->layout.block > 1 || t->layout.halo[0]))
			fprintf(out, "  c%d%s", t->layout.block, t->layout.halo[0] ? " +halo" : "");
	}
}

static void print_row(const ModelReport *r, int i, int x, double most, FILE *out)
{
	const Graph *g = r->emitted;
	const Node *n = g->node[i];
	int y = middle(i);
	double macs = (double)node_macs(n);
	fprintf(out, "<g class=\"row\"><title>");
	html_text(out, report_name(r, n->name));
	fprintf(out, "</title><rect class=\"hit\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>", x + 8, y - ROW / 2, TEXT_WIDTH, ROW);
	if (follows(g, i))
		fprintf(out, "<path class=\"edge\" d=\"M%d %dV%d\"/>", x, middle(i - 1) + 4, y - 4);
	fprintf(out, "<circle cx=\"%d\" cy=\"%d\" r=\"4\" class=\"%s\"/><text x=\"%d\" y=\"%d\">", x, y, html_kind(n), x + 14, y + 4);
	html_short_text(out, report_name(r, n->name), NAME_COLUMNS);
	fprintf(out, "</text><text x=\"%d\" y=\"%d\">%s</text><text x=\"%d\" y=\"%d\">", x + 300, y + 4,
	        n->kernel                                                          ? n->kernel->name
	        : n->op == OP_concat || n->op == OP_reshape || n->op == OP_permute ? "in place"
	                                                                           : op_info[n->op].name,
	        x + 420, y + 4);
	print_results(r, n, out);
	fputs("</text>", out);
	if (macs > 0)
		fprintf(out, "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"9\" class=\"%s\"/><text x=\"%.1f\" y=\"%d\">%.2f MMAC</text>",
		        x + 600, y - 5, 180 * macs / most, html_kind(n), x + 606 + 180 * macs / most, y + 4, macs * 1e-6);
	fputs("</g>\n", out);
}

void html_graph(const ModelReport *r, FILE *out)
{
	const Graph *g = r->emitted;
	Arena *a = arena_new();
	int most_edges = 1, n;
	double most = 1;
	for (int i = 0; i < g->nnode; i++) {
		most_edges += g->node[i]->nin;
		double macs = (double)node_macs(g->node[i]);
		most = macs > most ? macs : most;
	}
	Edge *e = arena_new_array(a, Edge, most_edges);
	int lanes = find_edges(g, e, &n), x = 12 + lanes * LANE;
	fprintf(out, "<h2>The graph as emitted</h2>\n<p>%d nodes in execution order, after all passes.</p>\n", g->nnode);
	html_picture(out, "the graph as emitted", x + TEXT_WIDTH, middle(g->nnode));
	for (int i = 0; i < n; i++) {
		int lane = x - (e[i].lane + 1) * LANE, y0 = middle(e[i].from), y1 = middle(e[i].to);
		fprintf(out, "<path class=\"edge\" d=\"M%d %dQ%d %d %d %dV%dQ%d %d %d %d\"/>\n", x, y0, lane, y0, lane, y0 + ROW / 2,
		        y1 - ROW / 2, lane, y1, x, y1);
	}
	for (int i = 0; i < g->nnode; i++)
		print_row(r, i, x, most, out);
	html_picture_end(out);
	arena_free(a);
}
