/* schedule.c -- which nodes may run at the same time: a queue for each, and the order in which they begin.
 *
 *     %3 = conv2d "skip" %1 ...        =>        %4 = conv2d "up" %2 ... ; kernel=conv_gemm
 *     %4 = conv2d "up" %2 ...                    %3 = conv2d "skip" %1 ... ; kernel=conv_gemm queue=1
 *
 * The side branches of a detector -- what a deconvolution module takes from the backbone, prediction modules, heads --
 * have time while the chain of small maps keeps a large chip idle. List scheduling by upward rank (HEFT: Topcuoglu,
 * Hariri, Wu, IEEE TPDS 13(3), 2002): nodes in falling order of the longest way from them to the end, each where it ends
 * first. Times are rough ones, from the target's rates; a queue counts as a machine of its own, which is true of small
 * kernels, and large ones lose nothing by sharing. Relies on: kernels are chosen. Targets with one queue stay as they are. */
#include "passes/pass.h"

enum { WAIT_NS = 1000 }; /* for a node of another queue */

typedef struct Step {
	Node *node;
	int64_t time, rank; /* ns: it takes; from its beginning to the end of the run */
	int64_t begin, end; /* ns, as planned */
	int queue;
} Step;

typedef struct Schedule {
	Step *step; /* in the order of the nodes */
	int n;
	int *maker;               /* by value id: 1 + its step, 0: none */
	int64_t free[MAX_QUEUES]; /* when a queue has done what it got so far */
} Schedule;

static int64_t value_bytes(const Value *v)
{
	return type_storage(&v->type) * dtype_size(v->type.dtype);
}

static int64_t time_of(const Target *t, const Node *n)
{
	int64_t bytes = 0;
	if (!n->kernel)
		return 0;
	for (int i = 0; i < n->nin; i++)
		if (n->in[i])
			bytes += (value_is_constant(n->in[i]) ? 1 : t->batch) * value_bytes(n->in[i]);
	for (int k = 0; k < n->nout; k++)
		bytes += t->batch * value_bytes(n->out[k]);
	const int64_t counting = t->batch * node_macs(n) / t->macs_per_ns, moving = bytes / t->bytes_per_ns;
	return t->kernel_ns + (counting > moving ? counting : moving);
}

static Step *maker_of(const Schedule *s, const Value *v)
{
	return v && s->maker[v->id] ? &s->step[s->maker[v->id] - 1] : NULL;
}

/* From the last node to the first: each gives its rank on to those that it reads from. */
static void rank_steps(Schedule *s)
{
	for (int i = s->n - 1; i >= 0; i--) {
		Step *p = &s->step[i];
		p->rank += p->time;
		for (int k = 0; k < p->node->nin; k++) {
			Step *from = maker_of(s, p->node->in[k]);
			if (from && p->rank > from->rank)
				from->rank = p->rank;
		}
	}
}

/* When the step could begin on a queue. */
static int64_t ready_on(const Schedule *s, const Step *p, int queue)
{
	int64_t ready = p->node->kernel ? s->free[queue] : 0;
	for (int k = 0; k < p->node->nin; k++) {
		const Step *from = maker_of(s, p->node->in[k]);
		const int64_t at = from ? from->end + (from->queue == queue || !p->node->kernel ? 0 : WAIT_NS) : 0;
		ready = at > ready ? at : ready;
	}
	return ready;
}

static void place(Schedule *s, Step *p, int queues)
{
	p->begin = INT64_MAX;
	for (int q = 0; q < (p->node->kernel ? queues : 1); q++) {
		const int64_t begin = ready_on(s, p, q);
		if (begin >= p->begin)
			continue;
		p->begin = begin;
		p->queue = q;
	}
	p->end = p->begin + p->time;
	if (p->node->kernel)
		s->free[p->queue] = p->end;
}

/* The one to place next: of those whose inputs are made, the one with the longest way to go. */
static Step *next_step(Schedule *s)
{
	Step *best = NULL;
	for (int i = 0; i < s->n; i++) {
		Step *p = &s->step[i];
		bool made = p->end < 0;
		for (int k = 0; k < p->node->nin && made; k++)
			made = !maker_of(s, p->node->in[k]) || maker_of(s, p->node->in[k])->end >= 0;
		if (made && (!best || p->rank > best->rank))
			best = p;
	}
	return best;
}

/* Nodes are in the order in which they begin; where that is the same, as before. */
static void reorder(const Schedule *s, Graph *g)
{
	for (int i = 0; i < s->n; i++) {
		const Step *first = NULL;
		for (int k = 0; k < s->n; k++)
			if (s->step[k].node->queue < 0 && (!first || s->step[k].begin < first->begin))
				first = &s->step[k];
		first->node->queue = first->queue;
		if (g->node[i] != first->node)
			node_move_before(g, first->node, g->node[i]);
	}
}

void pass_schedule(PassContext *c, Graph *g)
{
	const int n = g->nnode;
	if (c->target->queues < 2)
		return;
	Schedule s = {arena_new_array(c->scratch, Step, n), n, arena_new_array(c->scratch, int, g->next_id), {0}};
	for (int i = 0; i < n; i++) {
		s.step[i] = (Step){.node = g->node[i], .time = time_of(c->target, g->node[i]), .end = -1};
		for (int k = 0; k < g->node[i]->nout; k++)
			s.maker[g->node[i]->out[k]->id] = i + 1;
	}
	rank_steps(&s);
	for (int i = 0; i < n; i++) {
		Step *p = next_step(&s);
		place(&s, p, c->target->queues);
		p->node->queue = -1; /* not yet in its place */
	}
	reorder(&s, g);
}
