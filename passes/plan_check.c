/* plan_check.c -- a second opinion on the memory plan, in its own words and without the planner's code.
 *
 * When a node writes a range of bytes (a result or scratch), each other value that owns a byte of it must be made only
 * after that node, or be made and read before it, whatever the queues of the program do. O(nodes^3) in bytes, which is
 * little for what a detector has. */
#include "passes/pass.h"

typedef struct Range {
	int64_t begin, end;
} Range;

/* Bytes in the arena of a value that is not the caller's and not a constant; empty for others. */
static Range bytes_of(const Value *v)
{
	const Value *owner = v;
	while (owner->base)
		owner = owner->base;
	if (value_is_constant(v) || owner->noutput)
		return (Range){0, 0};
	int64_t size = dtype_size(v->type.dtype), begin = owner->offset + size * value_root_offset(v);
	int64_t end = begin + size * type_storage(&v->type), whole = owner->offset + size * type_storage(&owner->type);
	return (Range){begin, end < whole ? end : whole}; /* channels of a larger block end with its last pixel */
}

static bool share_a_byte(Range a, Range b)
{
	return a.begin < a.end && b.begin < b.end && a.begin < b.end && b.begin < a.end;
}

/* [i][k]: node k begins only when node i is done: it reads what i made, or is after it on its queue. */
static unsigned char *reach_of(const Graph *g, Arena *a)
{
	const int n = g->nnode;
	unsigned char *reach = arena_new_array(a, unsigned char, n *n);
	for (int k = 0; k < n; k++)
		for (int i = k - 1; i >= 0; i--) {
			const Node *from = g->node[i], *to = g->node[k];
			bool direct = from->kernel && to->kernel && from->queue == to->queue;
			for (int j = 0; j < to->nin; j++)
				direct |= to->in[j] && to->in[j]->def == from;
			if (!direct)
				continue;
			reach[i * n + k] = 1;
			for (int h = 0; h < i; h++)
				reach[h * n + k] |= reach[h * n + i];
		}
	return reach;
}

/* Node i is done before node k begins. What has no kernel is done with what it reads. */
static bool done_before(const Graph *g, int i, int k, const unsigned char *reach)
{
	const Node *n = g->node[i];
	if (n->kernel || reach[i * g->nnode + k])
		return reach[i * g->nnode + k];
	for (int j = 0; j < n->nin; j++)
		if (value_is_result(n->in[j]) && !done_before(g, node_index(g, n->in[j]->def), k, reach))
			return false;
	return true;
}

static bool inside(const Value *v, const Value *of)
{
	for (; v; v = v->base)
		if (v == of)
			return true;
	return false;
}

/* Every node that reads the value, itself or through values that live in the same memory, is done before node i begins. */
static bool read_before(const Graph *g, const Value *v, int i, const unsigned char *reach)
{
	for (int k = 0; k < g->nnode; k++)
		for (int j = 0; j < g->node[k]->nin; j++) {
			const Value *w = g->node[k]->in[j];
			if (w && (inside(w, v) || inside(v, w)) && !done_before(g, k, i, reach))
				return false;
		}
	return true;
}

static bool related(const Value *a, const Value *b)
{
	while (a->base)
		a = a->base;
	while (b->base)
		b = b->base;
	return a == b;
}

static void check_write(const Graph *g, int i, Range r, const Value *written, const unsigned char *reach)
{
	if (r.begin < 0 || r.end > g->arena_size)
		bug("node '%s' writes outside the arena", g->node[i]->name);
	for (int k = 0; k < g->nvalue; k++) {
		const Value *v = g->value[k];
		if (v == written || (written && related(v, written)) || !share_a_byte(r, bytes_of(v)))
			continue;
		const int born = v->def ? node_index(g, v->def) : -1;
		const bool later = born >= 0 && reach[i * g->nnode + born];
		const bool over = (born < 0 || done_before(g, born, i, reach)) && read_before(g, v, i, reach);
		if (!later && !over)
			bug("memory plan: node '%s' overwrites %%%d, which is still read", g->node[i]->name, v->id);
	}
}

static void check_scratch(const Graph *g, int i, const unsigned char *reach)
{
	const Node *n = g->node[i];
	const Range r = {n->scratch_offset, n->scratch_offset + n->scratch_size};
	check_write(g, i, r, NULL, reach);
	for (int k = 0; k < g->nnode; k++) {
		const Node *m = g->node[k];
		const Range other = {m->scratch_offset, m->scratch_offset + m->scratch_size};
		if (k != i && m->scratch_size && share_a_byte(r, other) && !reach[i * g->nnode + k] && !reach[k * g->nnode + i])
			bug("memory plan: '%s' and '%s' may run at the same time with one scratch", n->name, m->name);
	}
}

void plan_check(const Graph *g)
{
	Arena *a = arena_new();
	const unsigned char *reach = reach_of(g, a);
	for (int i = 0; i < g->nnode; i++) {
		const Node *n = g->node[i];
		for (int k = 0; n->kernel && k < n->nout; k++)
			check_write(g, i, bytes_of(n->out[k]), n->out[k], reach);
		if (n->scratch_size)
			check_scratch(g, i, reach);
	}
	arena_free(a);
}
