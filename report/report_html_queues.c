/* report_html_queues.c -- what runs at the same time: a row for each queue, a box for each kernel as far to the right as
 * others must be done before it, a line where a kernel waits for one of another queue. */
#include "report/report_html.h"
#include "ir/order.h"

enum { WIDTH = 980, LEFT = 96, TOP = 8, ROW = 40, BOX = 22 };

typedef struct Picture {
	const ModelReport *r;
	const Order *order;
	int *depth; /* of each node */
	double step;
} Picture;

static double left_of(const Picture *p, int i)
{
	return LEFT + p->step * (p->depth[i] - 1);
}

static double middle_of(const Picture *p, int i)
{
	return TOP + ROW * p->r->emitted->node[i]->queue + BOX / 2.0;
}

static void print_waits(const Picture *p, int i, FILE *out)
{
	int before[MAX_QUEUES];
	for (int k = order_waits(p->order, i, before) - 1; k >= 0; k--)
		if (before[k] >= 0)
			fprintf(out, "<path class=\"wait\" d=\"M%.2f %.2fL%.2f %.2f\"/>\n", left_of(p, before[k]) + p->step,
			        middle_of(p, before[k]), left_of(p, i), middle_of(p, i));
}

static void print_kernel(const Picture *p, int i, FILE *out)
{
	const Node *n = p->r->emitted->node[i];
	fputs("<g><title>", out);
	html_text(out, report_name(p->r, n->name));
	fprintf(out, ": %s on queue %d, behind %d others</title>", n->kernel->name, n->queue, p->depth[i] - 1);
	fprintf(out, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%d\" class=\"box %s\"/></g>\n", left_of(p, i),
	        middle_of(p, i) - BOX / 2.0, p->step, BOX, html_kind(n));
}

void html_queues(const ModelReport *r, FILE *out)
{
	const Graph *g = r->emitted;
	Arena *a = arena_new();
	Picture p = {r, order_new(g, a), arena_new_array(a, int, g->nnode), 0};
	const int chain = order_chain(p.order, p.depth);
	int queues = 1;
	for (int i = 0; i < g->nnode; i++)
		queues = g->node[i]->queue >= queues ? g->node[i]->queue + 1 : queues;
	if (queues > 1) {
		p.step = (double)WIDTH / chain;
		fputs("<h2>What runs at the same time</h2>\n<p>A row for each queue, a box for each kernel: as far to the right as others "
		      "must be done before it begins. Lines: it waits for a kernel of another queue.</p>\n",
		      out);
		html_picture(out, "what runs at the same time", LEFT + WIDTH + 10, TOP + ROW * queues);
		for (int q = 0; q < queues; q++)
			fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">queue %d</text>\n", LEFT - 6, TOP + ROW * q + BOX / 2 + 4,
			        q);
		for (int i = 0; i < g->nnode; i++)
			if (g->node[i]->kernel)
				print_waits(&p, i, out);
		for (int i = 0; i < g->nnode; i++)
			if (g->node[i]->kernel)
				print_kernel(&p, i, out);
		html_picture_end(out);
	}
	arena_free(a);
}
