/* report_dot.c -- dssdc inspect --emit=dot: the emitted graph for Graphviz. */
#include "report/report.h"

/* Names in double quotes: what Graphviz would read as markup is left out. */
static void print_name(FILE *out, const char *s)
{
	for (; *s; s++)
		fputc(*s == '"' || *s == '\\' || (unsigned char)*s < 0x20 ? '_' : *s, out);
}

static void print_node(const ModelReport *r, int index, FILE *out)
{
	const Node *n = r->emitted->node[index];
	fprintf(out, "\tn%d [label=\"", index);
	print_name(out, report_name(r, n->name));
	fprintf(out, "\\n%s", op_info[n->op].name);
	for (int k = 0; k < n->nout; k++) {
		const Type *t = &n->out[k]->type;
		for (int i = 0; i < t->rank; i++)
			fprintf(out, "%s%lld", i ? "x" : "\\n", (long long)t->dim[i]);
	}
	fprintf(out, "\"%s];\n", n->kernel ? "" : ", style=dashed");
}

void report_dot(const ModelReport *r, FILE *out)
{
	const Graph *g = r->emitted;
	fputs("digraph model {\n\trankdir=TB;\n\tnode [shape=box, fontname=\"sans-serif\", fontsize=10];\n", out);
	for (int i = 0; i < g->ninput; i++)
		fprintf(out, "\tin%d [label=\"input %d\", shape=oval];\n", g->input[i]->id, i);
	for (int i = 0; i < g->nnode; i++)
		print_node(r, i, out);
	for (int i = 0; i < g->nnode; i++) {
		const Node *n = g->node[i];
		for (int k = 0; k < n->nin; k++) {
			if (!n->in[k] || value_is_constant(n->in[k]))
				continue;
			if (value_is_result(n->in[k]))
				fprintf(out, "\tn%d -> n%d;\n", node_index(g, n->in[k]->def), i);
			else
				fprintf(out, "\tin%d -> n%d;\n", n->in[k]->id, i);
		}
	}
	fputs("}\n", out);
}
