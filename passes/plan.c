/* plan.c -- a portfolio of orders, each placed lowest-fit; then a search; the best wins.
 *
 * Placing buffers one after another, each at the lowest offset where it fits, reaches the optimum for some order (sort
 * an optimal plan by offset: each buffer lands no higher than there). So the search is over orders: a few sorts, then, from
 * each, moves that bring the buffers at the top of the plan forward. It ends at the lower bound or after a fixed number of
 * tries. Up to nine buffers all orders are tried, cut off where they cannot win.
 */
#include "passes/plan.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { EXHAUSTIVE = 9, TRIES = 2000, SORTS = 7 };

static int64_t live_at(const Interval *in, int n, int step)
{
	int64_t sum = 0;
	for (int k = 0; k < n; k++)
		if (in[k].first <= step && step <= in[k].last)
			sum += in[k].size;
	return sum;
}

static int peak_step(const Interval *in, int n, int64_t bound)
{
	for (int i = 0; i < n; i++)
		if (live_at(in, n, in[i].first) == bound)
			return in[i].first;
	return 0;
}

typedef struct Planner {
	Interval *in;
	int n;
	int *order, *saved_order; /* saved: the plan at hand of improve() */
	int64_t *best_offset, *saved_offset, best, bound;
	int peak;               /* a step at which most bytes live */
	int *placed;            /* indices in rising offset: scratch of place_one */
	unsigned char *overlap; /* [n][n]: live at the same time, or must be apart */
} Planner;

int64_t plan_lower_bound(const Interval *in, int n)
{
	int64_t bound = 0;
	for (int i = 0; i < n; i++) { /* the largest set begins where some buffer begins */
		int64_t sum = live_at(in, n, in[i].first);
		bound = sum > bound ? sum : bound;
	}
	return bound;
}

/* Lowest offset for i among the nplaced buffers, which are sorted by offset; inserts it. Returns its end. */
static int64_t place_one(Planner *p, int i, int nplaced)
{
	int64_t at = 0;
	for (int k = 0; k < nplaced; k++) {
		const Interval *other = &p->in[p->placed[k]];
		if (!p->overlap[(size_t)i * (size_t)p->n + (size_t)p->placed[k]])
			continue;
		if (other->offset >= at + p->in[i].size)
			break;
		if (other->offset + other->size > at)
			at = other->offset + other->size;
	}
	p->in[i].offset = at;
	int k = nplaced;
	for (; k > 0 && p->in[p->placed[k - 1]].offset > at; k--)
		p->placed[k] = p->placed[k - 1];
	p->placed[k] = i;
	return at + p->in[i].size;
}

static void keep_best(Planner *p, int64_t size)
{
	if (size >= p->best)
		return;
	p->best = size;
	for (int i = 0; i < p->n; i++)
		p->best_offset[i] = p->in[i].offset;
}

/* The size of the plan; once it is above the limit, of the part that was placed. */
static int64_t place_all(Planner *p, int64_t limit)
{
	int64_t size = 0;
	for (int k = 0; k < p->n && size <= limit; k++) {
		int64_t end = place_one(p, p->order[k], k);
		size = end > size ? end : size;
	}
	if (size <= limit)
		keep_best(p, size);
	return size;
}

/* ---- the sorts ---- */

typedef struct Key {
	int64_t a, b, c;
	int index;
} Key;

static int compare_keys(const void *x, const void *y)
{
	const Key *p = x, *q = y;
	if (p->a != q->a)
		return p->a > q->a ? -1 : 1;
	if (p->b != q->b)
		return p->b > q->b ? -1 : 1;
	if (p->c != q->c)
		return p->c > q->c ? -1 : 1;
	return p->index - q->index;
}

static void sort_by(Planner *p, int what, Key *keys)
{
	for (int i = 0; i < p->n; i++) {
		const Interval *v = &p->in[i];
		int64_t life = v->last - v->first + 1, first = -v->first;
		int64_t crowd = 0;
		for (int k = 0; what == 3 && k < p->n; k++)
			crowd += p->overlap[(size_t)i * (size_t)p->n + (size_t)k] ? p->in[k].size : 0;
		const bool at_peak = v->first <= p->peak && p->peak <= v->last;
		const int64_t key[SORTS][3] = {
		    {v->size, life, first},           {first, v->size, life},    {life, v->size, first},   {crowd, v->size, first},
		    {v->size * life, v->size, first}, {v->last, v->size, first}, {at_peak, life, v->size},
		};
		keys[i] = (Key){key[what][0], key[what][1], key[what][2], i};
	}
	qsort(keys, (size_t)p->n, sizeof *keys, compare_keys);
	for (int i = 0; i < p->n; i++)
		p->order[i] = keys[i].index;
}

/* ---- the searches ---- */

/* All orders whose part so far is below the best. True when the lower bound is reached. */
static bool try_orders(Planner *p, int depth, int64_t size, unsigned used)
{
	if (size >= p->best)
		return false;
	if (depth == p->n) {
		keep_best(p, size);
		return p->best <= p->bound;
	}
	int placed[EXHAUSTIVE];
	memcpy(placed, p->placed, sizeof *placed * (size_t)depth);
	for (int i = 0; i < p->n; i++) {
		if (used & 1u << i)
			continue;
		p->order[depth] = i;
		int64_t end = place_one(p, i, depth);
		if (try_orders(p, depth + 1, end > size ? end : size, used | 1u << i))
			return true;
		memcpy(p->placed, placed, sizeof *placed * (size_t)depth);
	}
	return false;
}

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void save(Planner *p)
{
	memcpy(p->saved_order, p->order, sizeof *p->order * (size_t)p->n);
	for (int i = 0; i < p->n; i++)
		p->saved_offset[i] = p->in[i].offset;
}

/* A buffer that reaches the top of the plan at hand, or now and then any one, is placed earlier. */
static void improve(Planner *p, uint32_t random)
{
	int64_t current = place_all(p, INT64_MAX);
	save(p);
	for (int t = 0; t < TRIES && p->best > p->bound; t++) {
		int from = (int)(next_random(&random) % (unsigned)p->n);
		if (next_random(&random) % 4)
			for (int k = 0; k < p->n; k++) {
				int at = (from + k) % p->n, i = p->order[at];
				if (p->saved_offset[i] + p->in[i].size >= current) {
					from = at;
					break;
				}
			}
		int to = (int)(next_random(&random) % (unsigned)(from + 1)), moved = p->order[from];
		memmove(p->order + to + 1, p->order + to, sizeof *p->order * (size_t)(from - to));
		p->order[to] = moved;
		int64_t size = place_all(p, current);
		if (size <= current) {
			current = size;
			save(p);
		} else {
			memcpy(p->order, p->saved_order, sizeof *p->order * (size_t)p->n);
		}
	}
}

int64_t plan_intervals(Interval *in, int n, const unsigned char *apart, Arena *scratch)
{
	if (!n)
		return 0;
	Planner p = {.in = in, .n = n, .best = INT64_MAX, .bound = plan_lower_bound(in, n)};
	p.peak = peak_step(in, n, p.bound);
	p.order = arena_new_array(scratch, int, n);
	p.saved_order = arena_new_array(scratch, int, n);
	p.best_offset = arena_new_array(scratch, int64_t, n);
	p.saved_offset = arena_new_array(scratch, int64_t, n);
	p.placed = arena_new_array(scratch, int, n);
	p.overlap = arena_new_array(scratch, unsigned char, n *n);
	for (int i = 0; i < n; i++)
		for (int k = 0; k < n; k++)
			p.overlap[i * n + k] = (in[i].first <= in[k].last && in[k].first <= in[i].last) || (apart && apart[i * n + k]);
	Key *keys = arena_new_array(scratch, Key, n);
	for (int what = 0; what < SORTS && p.best > p.bound; what++) {
		sort_by(&p, what, keys);
		place_all(&p, INT64_MAX);
	}
	if (p.best > p.bound && n <= EXHAUSTIVE)
		try_orders(&p, 0, 0, 0);
	for (int what = 0; what < SORTS && n > EXHAUSTIVE && p.best > p.bound; what++) { /* from each of the sorts */
		sort_by(&p, what, keys);
		improve(&p, 0x2545f491u + (uint32_t)what);
	}
	for (int i = 0; i < n; i++)
		in[i].offset = p.best_offset[i];
	return p.best;
}
