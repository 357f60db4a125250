/* figures.c -- counting a graph after a pass. The IR's text says how many statements a pass changed: whatever a pass
 * decides, a dump shows it. */
#include "passes/figures.h"
#include "ir/memory_text.h"
#include "ir/target.h"

#include <stdlib.h>
#include <string.h>

typedef struct Lines {
	const char **line; /* sorted */
	int n;
} Lines;

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Cuts text into its lines. */
static Lines lines_of(const char *text, Arena *a)
{
	Lines l = {NULL, 0};
	int most = 1;
	for (const char *p = text; *p; p++)
		most += *p == '\n';
	l.line = arena_new_array(a, const char *, most);
	for (char *p = arena_strdup(a, text); *p;) {
		char *end = p + strcspn(p, "\n");
		const bool last = !*end;
		*end = 0;
		l.line[l.n++] = p;
		p = last ? end : end + 1;
	}
	qsort(l.line, (size_t)l.n, sizeof *l.line, by_text);
	return l;
}

static int new_lines(const char *before, const char *after, Arena *a)
{
	const Lines old = lines_of(before, a), now = lines_of(after, a);
	int count = 0, k = 0;
	for (int i = 0; i < now.n; i++) {
		while (k < old.n && strcmp(old.line[k], now.line[i]) < 0)
			k++;
		if (k < old.n && !strcmp(old.line[k], now.line[i]))
			k++;
		else
			count++;
	}
	return count;
}

const char *graph_text(const Graph *g, Arena *a)
{
	MemoryText m;
	graph_print(g, memory_text_open(&m), (PrintOptions){0});
	char *text = memory_text_close(&m), *copy = arena_strndup(a, text, m.size);
	free(text);
	return copy;
}

static int64_t bytes_of(const Value *v)
{
	return dtype_size(v->type.dtype) * type_storage(&v->type);
}

static bool types_are_known(const Graph *g)
{
	for (int i = 0; i < g->nnode; i++)
		for (int k = 0; k < g->node[i]->nout; k++)
			if (g->node[i]->out[k]->type.dtype == DT_NONE)
				return false;
	return true;
}

static void count_bytes(PassFigures *f, const Graph *g)
{
	for (int i = 0; i < g->nvalue; i++)
		if (value_is_constant(g->value[i]) && g->value[i]->nuse)
			f->constants += bytes_of(g->value[i]);
	for (int i = 0; i < g->nnode; i++) {
		f->macs += node_macs(g->node[i]);
		for (int k = 0; k < g->node[i]->nout; k++)
			if (value_root(g->node[i]->out[k]) == g->node[i]->out[k])
				f->maps += bytes_of(g->node[i]->out[k]);
	}
}

void figures_add(PassHistory *h, const Graph *g, int row)
{
	if (!h || row > MAX_PASSES)
		return;
	PassFigures *f = &h->row[row];
	*f = (PassFigures){.ran = true, .nodes = g->nnode, .weights = g->weights_size, .arena = g->arena_size};
	for (int i = 0; i < g->nnode; i++)
		f->kernels += g->node[i]->kernel != NULL;
	if (types_are_known(g))
		count_bytes(f, g);
	else
		f->macs = f->constants = f->maps = -1;
	const char *text = graph_text(g, h->arena);
	f->changed = h->text ? new_lines(h->text, text, h->arena) : 0;
	h->text = text;
}
