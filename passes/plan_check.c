/* plan_check.c -- a second opinion on the memory plan, in its own words and without the planner's code.
 *
 * Walks the nodes as the program will run and keeps, for each value, whether it is still wanted. When a node writes a
 * range of bytes (a result or scratch), no other wanted value may own a byte of it. O(nodes * values). */
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
	if (v->data || owner->noutput)
		return (Range){0, 0};
	int64_t size = dtype_size(v->type.dtype), begin = owner->offset + size * value_root_offset(v);
	int64_t end = begin + size * type_storage(&v->type), whole = owner->offset + size * type_storage(&owner->type);
	return (Range){begin, end < whole ? end : whole}; /* channels of a larger block end with its last pixel */
}

static bool share_a_byte(Range a, Range b)
{
	return a.begin < b.end && b.begin < a.end;
}

/* The last step that reads the value, itself or through values that live in the same memory. */
static int last_reader(const Graph *g, const Value *v, const int *position)
{
	int last = -1;
	for (int i = 0; i < g->nvalue; i++) {
		const Value *w = g->value[i];
		bool same_memory = w == v;
		for (const Value *b = w; b->base && !same_memory; b = b->base)
			same_memory = b->base == v;
		for (const Value *b = v; b->base && !same_memory; b = b->base)
			same_memory = b->base == w;
		for (int u = 0; same_memory && u < w->nuse; u++)
			for (int n = 0; n < g->nnode; n++)
				if (g->node[n] == w->use[u] && position[n] > last)
					last = position[n];
	}
	return last;
}

static bool related(const Value *a, const Value *b)
{
	while (a->base)
		a = a->base;
	while (b->base)
		b = b->base;
	return a == b;
}

static void check_write(const Graph *g, int step, Range r, const Value *written, const int *born, const int *last)
{
	if (r.begin < 0 || r.end > g->arena_size)
		bug("node '%s' writes outside the arena", g->node[step]->name);
	for (int i = 0; i < g->nvalue; i++) {
		const Value *v = g->value[i];
		if (v == written || (written && related(v, written)) || born[v->id] > step || last[v->id] < step)
			continue;
		if (share_a_byte(r, bytes_of(v)))
			bug("memory plan: node '%s' overwrites %%%d, which is still read", g->node[step]->name, v->id);
	}
}

void plan_check(const Graph *g)
{
	Arena *a = arena_new();
	int *born = arena_new_array(a, int, g->next_id), *last = arena_new_array(a, int, g->next_id);
	int *position = arena_new_array(a, int, g->nnode + 1);
	for (int i = 0; i < g->nnode; i++)
		position[i] = i;
	for (int i = 0; i < g->nvalue; i++) {
		const Value *v = g->value[i];
		born[v->id] = v->def ? node_index(g, v->def) : -1;
		last[v->id] = last_reader(g, v, position);
	}
	for (int i = 0; i < g->nnode; i++) {
		const Node *n = g->node[i];
		for (int k = 0; k < n->nout; k++)
			check_write(g, i, bytes_of(n->out[k]), n->out[k], born, last);
		if (n->scratch_size) {
			Range scratch = {n->scratch_offset, n->scratch_offset + n->scratch_size};
			check_write(g, i, scratch, NULL, born, last);
			for (int k = 0; k < n->nout; k++)
				if (share_a_byte(scratch, bytes_of(n->out[k])))
					bug("memory plan: scratch of '%s' overlaps its result", n->name);
		}
	}
	arena_free(a);
}
