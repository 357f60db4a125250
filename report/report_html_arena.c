/* report_html_arena.c -- the arena over time: a rectangle for each buffer, from the node that makes it to the last that
 * reads it, at its address; above them the bytes that live at each step. */
#include "report/report_html.h"

enum { WIDTH = 980, HEIGHT = 420, CURVE = 110, LEFT = 96, TOP = 14 };

typedef struct Buffer {
	const Value *value; /* null: scratch of node */
	const Node *node;
	int first, last;
	int64_t offset, size;
} Buffer;

static void touch(Buffer *b, int *n, int *index, Value *v, int step)
{
	const Value *root = value_root(v);
	if (root->data || root->offset < 0)
		return;
	if (!index[root->id]) {
		b[*n] = (Buffer){root, root->def, step, step, root->offset, dtype_size(root->type.dtype) * type_storage(&root->type)};
		index[root->id] = ++*n;
	}
	Buffer *at = &b[index[root->id] - 1];
	at->first = step < at->first ? step : at->first;
	at->last = step > at->last ? step : at->last;
}

static Buffer *buffers(const Graph *g, int *n, Arena *a)
{
	Buffer *b = arena_new_array(a, Buffer, g->nvalue + g->nnode + 1);
	int *index = arena_new_array(a, int, g->next_id);
	*n = 0;
	for (int i = 0; i < g->ninput; i++)
		touch(b, n, index, g->input[i], 0);
	for (int i = 0; i < g->nnode; i++) {
		const Node *node = g->node[i];
		for (int k = 0; k < node->nin; k++)
			if (node->in[k])
				touch(b, n, index, node->in[k], i);
		for (int k = 0; k < node->nout; k++)
			touch(b, n, index, node->out[k], i);
		if (node->scratch_size)
			b[(*n)++] = (Buffer){NULL, node, i, i, node->scratch_offset, node->scratch_size};
	}
	return b;
}

static void print_buffer(const ModelReport *r, const Buffer *b, double x_step, double y_step, FILE *out)
{
	double height = y_step * (double)b->size, y = TOP + CURVE + HEIGHT - y_step * (double)(b->offset + b->size);
	double x = LEFT + x_step * b->first, width = x_step * (b->last - b->first + 1);
	fprintf(out, "<g><title>");
	const char *name = b->node ? report_name(r, b->node->name) : "input";
	html_text(out, name);
	fprintf(out, "%s: %lld bytes at %lld, steps %d to %d</title>", b->value ? "" : " (scratch)", (long long)b->size,
	        (long long)b->offset, b->first + 1, b->last + 1);
	fprintf(out, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" class=\"box %s%s\"/>", x, y, width, height,
	        html_kind(b->node), b->value ? "" : " pale");
	if (height > 13 && width > 7.5 * html_width(name)) {
		fprintf(out, "<text class=\"on\" x=\"%.2f\" y=\"%.2f\">", x + 3, y + height / 2 + 4);
		html_text(out, name);
		fputs("</text>", out);
	}
	fputs("</g>\n", out);
}

static void print_curve(const Buffer *b, int n, const Graph *g, double x_step, FILE *out)
{
	double scale = g->arena_size ? (CURVE - 16) / (double)g->arena_size : 0;
	fprintf(out, "<path class=\"live\" d=\"M%d %d", LEFT, TOP + CURVE - 8);
	for (int step = 0; step < g->nnode; step++) {
		int64_t live = 0;
		for (int i = 0; i < n; i++)
			live += b[i].first <= step && step <= b[i].last ? b[i].size : 0;
		double y = TOP + CURVE - 8 - scale * (double)live;
		fprintf(out, "L%.2f %.2fL%.2f %.2f", LEFT + x_step * step, y, LEFT + x_step * (step + 1), y);
	}
	fprintf(out, "L%d %dZ\"/>\n", LEFT + WIDTH, TOP + CURVE - 8);
	double bound = TOP + CURVE - 8 - scale * (double)g->arena_bound;
	fprintf(out,
	        "<path class=\"bound\" d=\"M%d %.2fH%d\"/><text x=\"%d\" y=\"%.2f\" "
	        "text-anchor=\"end\">lower bound</text>\n",
	        LEFT, bound, LEFT + WIDTH, LEFT - 6, bound + 4);
	fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">live bytes</text>\n", LEFT - 6, TOP + CURVE - 20);
}

static void print_axis(const Graph *g, double y_step, FILE *out)
{
	for (int i = 0; i <= 4; i++) {
		double bytes = (double)g->arena_size * i / 4, y = TOP + CURVE + HEIGHT - y_step * bytes;
		fprintf(out, "<path class=\"axis\" d=\"M%d %.2fH%d\"/><text x=\"%d\" y=\"%.2f\" text-anchor=\"end\">%.1f MB</text>\n", LEFT,
		        y, LEFT + WIDTH, LEFT - 6, y + 4, bytes * 1e-6);
	}
	fprintf(out, "<text x=\"%d\" y=\"%d\">node 1</text><text x=\"%d\" y=\"%d\" text-anchor=\"end\">node %d</text>\n", LEFT,
	        TOP + CURVE + HEIGHT + 16, LEFT + WIDTH, TOP + CURVE + HEIGHT + 16, g->nnode);
}

void html_arena(const ModelReport *r, FILE *out)
{
	const Graph *g = r->emitted;
	fputs("<h2>The arena over time</h2>\n<p>Each rectangle is a buffer: left and right the nodes between which it lives, up "
	      "and down its addresses. Pale ones are scratch. Above: the bytes that live while each node runs.</p>\n",
	      out);
	if (!g->arena_size || !g->nnode) {
		fputs("<p>Nothing is planned yet.</p>\n", out);
		return;
	}
	Arena *a = arena_new();
	int n;
	const Buffer *b = buffers(g, &n, a);
	double x_step = (double)WIDTH / g->nnode, y_step = HEIGHT / (double)g->arena_size;
	html_picture(out, "the arena over time", LEFT + WIDTH + 10, TOP + CURVE + HEIGHT + 24);
	print_axis(g, y_step, out);
	print_curve(b, n, g, x_step, out);
	for (int i = 0; i < n; i++)
		print_buffer(r, &b[i], x_step, y_step, out);
	html_picture_end(out);
	arena_free(a);
}
