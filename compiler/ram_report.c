/* ram_report.c -- the lives of buffers once more, as plan_memory sees them: from the node that makes a buffer, or a part of it, to the
 * last that reads it; results of the graph are the caller's. */
#include "compiler/ram_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SHOWN = 6 };

typedef struct Buffer {
	const char *layer, *what;
	int first, last; /* nodes; -1: before the first */
	int64_t size;
} Buffer;

typedef struct Lives {
	Buffer *buffer;
	int n;
	int *of; /* by value id: 1 + its buffer */
} Lives;

static int64_t rounded(int64_t size, const Target *t)
{
	return (size + t->alignment - 1) / t->alignment * t->alignment;
}

static void touch(Lives *l, Value *v, int step, const Target *t)
{
	const Value *root = value_root(v);
	if (root->base || root->data || root->noutput)
		return;
	if (!l->of[root->id]) {
		const int64_t size = type_storage(&root->type) * dtype_size(root->type.dtype);
		const char *layer = value_is_result(root) ? root->def->name : root->name;
		l->buffer[l->n] =
		    (Buffer){layer ? layer : "", value_is_result(root) ? "result of" : "input", step, step, rounded(size ? size : 1, t)};
		l->of[root->id] = ++l->n;
	}
	Buffer *b = &l->buffer[l->of[root->id] - 1];
	b->first = step < b->first ? step : b->first;
	b->last = step > b->last ? step : b->last;
}

static Lives lives_of(const Graph *g, const Target *t, Arena *a)
{
	Lives l = {arena_new_array(a, Buffer, g->nvalue + g->nnode + 1), 0, arena_new_array(a, int, g->next_id + 1)};
	for (int i = 0; i < g->ninput; i++)
		touch(&l, g->input[i], -1, t);
	for (int i = 0; i < g->nnode; i++) {
		const Node *n = g->node[i];
		for (int k = 0; k < n->nin; k++)
			if (n->in[k])
				touch(&l, n->in[k], i, t);
		for (int k = 0; k < n->nout; k++)
			touch(&l, n->out[k], i, t);
		if (n->scratch_size)
			l.buffer[l.n++] = (Buffer){n->name ? n->name : "", "scratch of", i, i, rounded(n->scratch_size, t)};
	}
	return l;
}

static int64_t alive_at(const Lives *l, int step)
{
	int64_t sum = 0;
	for (int i = 0; i < l->n; i++)
		if (l->buffer[i].first <= step && step <= l->buffer[i].last)
			sum += l->buffer[i].size;
	return sum;
}

static int larger_first(const void *a, const void *b)
{
	const Buffer *x = a, *y = b;
	return x->size != y->size ? (x->size < y->size) - (x->size > y->size) : strcmp(x->layer, y->layer);
}

/* "result of 'conv1' 1000, input 'data' 500 and 3 smaller ones 20" */
static const char *list_of(Lives *l, int step, Arena *a)
{
	const char *text = "";
	int live = 0;
	int64_t rest = 0;
	qsort(l->buffer, (size_t)l->n, sizeof *l->buffer, larger_first);
	for (int i = 0; i < l->n; i++) {
		const Buffer *b = &l->buffer[i];
		if (b->first > step || step > b->last)
			continue;
		if (live++ < MOST_SHOWN)
			text =
			    arena_printf(a, "%s%s%s '%s' %" PRId64, text, live > 1 ? ", " : "", b->what, diag_quote(a, b->layer), b->size);
		else
			rest += b->size;
	}
	return live > MOST_SHOWN ? arena_printf(a, "%s and %d smaller ones %" PRId64, text, live - MOST_SHOWN, rest) : text;
}

static void say_what_helps(const Graph *g, const Target *t, const Options *o, int64_t largest, int64_t limit, Arena *a, Diag *d)
{
	const bool device = target_is_gpu(t);
	const char *help = "";
	if (device && t->batch > 1)
		help = arena_printf(a, "%s; a smaller --batch than %d", help, t->batch);
	if (device && !strcmp(t->chosen.name, "f32"))
		help = arena_printf(a, "%s; --precision=f16, which stores results between layers in half the bytes", help);
	if (g->arena_size > g->arena_bound && largest <= limit)
		help = arena_printf(a, "%s; --max-ram=%" PRId64 " is enough for the largest set, but not for the plan that was found", help,
		                    largest);
	diag_note(d, (Loc){.file = o->model, .offset = -1},
	          "these buffers shrink with the model's input and with the channels of these layers%s; "
	          "--arena=caller changes whose memory it is, not how much",
	          help);
}

void ram_report(const Graph *g, const Target *t, const Options *o, int64_t limit, Arena *a, Diag *d)
{
	Lives l = lives_of(g, t, a);
	int step = -1;
	int64_t largest = 0;
	for (int i = 0; i < g->nnode; i++) {
		const int64_t alive = alive_at(&l, i);
		if (alive > largest) {
			largest = alive;
			step = i;
		}
	}
	if (!largest)
		return;
	const Node *n = step >= 0 ? g->node[step] : NULL;
	diag_note(d, (Loc){.file = o->model, .offset = -1},
	          "%" PRId64 " bytes are buffers%s, the rest belongs to no layer; most are alive at step %d of %d, layer '%s'%s%s: %" PRId64
	          " bytes, which no plan can go below: %s",
	          g->arena_size * (t->batch > 1 ? t->batch : 1), t->batch > 1 ? " (of all images of a batch)" : "", step + 1, g->nnode,
	          n && n->name ? diag_quote(a, n->name) : "", n && n->kernel ? ", kernel " : "", n && n->kernel ? n->kernel->name : "",
	          largest, list_of(&l, step, a));
	say_what_helps(g, t, o, largest, limit, a, d);
}
