/* plan_memory.c -- every buffer gets its place in one arena.
 *
 *     %2 = conv2d ... : f32[1,32,161,161]      =>      %2 = conv2d ... ; at=65536
 *
 * A buffer lives from the node that makes it (or a part of it, when others live inside it) to the last node that
 * reads it or a part of it; a node's scratch lives while the node runs; the input tensor from before the first node
 * on. Results of the graph are the caller's memory. Relies on: kernels never read what they have written, except
 * through memory that they own, so a node's inputs and outputs are distinct buffers. */
#include "ir/order.h"
#include "passes/pass.h"
#include "passes/plan.h"

typedef struct Touch { /* a step at which an interval is written or read */
	int interval, step;
} Touch;

typedef struct Planned {
	Interval *interval;
	Value **owner; /* null: scratch of node */
	Node **node;
	int n;
	int *index_of; /* by value id: 1 + its interval, 0: none */
	Touch *touch;
	int ntouch;
} Planned;

static bool is_planned(const Value *v)
{
	return !v->base && !value_is_constant(v) && !v->noutput;
}

static int64_t rounded(int64_t size, int64_t alignment)
{
	return (size + alignment - 1) / alignment * alignment;
}

/* At least one: what is empty has a place too. */
static int64_t bytes_of(const Value *v)
{
	int64_t size = type_storage(&v->type) * dtype_size(v->type.dtype);
	return size ? size : 1;
}

/* The value is touched at a step: its interval reaches there. */
static void touch(Planned *p, Value *v, int step, const Target *t)
{
	Value *root = v;
	while (root->base)
		root = root->base;
	if (!is_planned(root))
		return;
	int *index = &p->index_of[root->id];
	if (!*index) {
		p->interval[p->n] = (Interval){step, step, rounded(bytes_of(root), t->alignment), 0};
		p->owner[p->n] = root;
		*index = ++p->n;
	}
	Interval *in = &p->interval[*index - 1];
	in->first = step < in->first ? step : in->first;
	in->last = step > in->last ? step : in->last;
	p->touch[p->ntouch++] = (Touch){*index - 1, step};
}

/* On several queues a step that is after another does not always run after it: two buffers may share bytes where
 * all that touches the one is done before all that touches the other begins. */
static const unsigned char *buffers_apart(const Planned *p, const Graph *g, Arena *a)
{
	bool several = false;
	for (int i = 0; i < g->nnode; i++)
		several |= g->node[i]->queue > 0;
	if (!several)
		return NULL;
	const Order *order = order_new(g, a);
	unsigned char *late = arena_new_array(a, unsigned char, p->n * p->n); /* [i][k]: some touch of i is not before k's */
	for (int i = 0; i < p->ntouch; i++)
		for (int k = 0; k < p->ntouch; k++)
			if (!order_before(order, p->touch[i].step, p->touch[k].step))
				late[(size_t)p->touch[i].interval * (size_t)p->n + (size_t)p->touch[k].interval] = 1;
	unsigned char *apart = arena_new_array(a, unsigned char, p->n * p->n);
	for (int i = 0; i < p->n; i++)
		for (int k = 0; k < p->n; k++)
			apart[i * p->n + k] = late[i * p->n + k] && late[k * p->n + i];
	return apart;
}

void pass_plan_memory(PassContext *c, Graph *g)
{
	int most = g->nvalue + g->nnode, touches = most;
	for (int i = 0; i < g->nnode; i++)
		touches += g->node[i]->nin + g->node[i]->nout;
	Planned p = {.interval = arena_new_array(c->scratch, Interval, most),
	             .owner = arena_new_array(c->scratch, Value *, most),
	             .node = arena_new_array(c->scratch, Node *, most),
	             .index_of = arena_new_array(c->scratch, int, g->next_id),
	             .touch = arena_new_array(c->scratch, Touch, touches)};
	for (int i = 0; i < g->ninput; i++)
		touch(&p, g->input[i], -1, c->target);
	for (int i = 0; i < g->nnode; i++) {
		Node *n = g->node[i];
		for (int k = 0; k < n->nin; k++)
			if (n->in[k])
				touch(&p, n->in[k], i, c->target);
		for (int k = 0; k < n->nout; k++)
			touch(&p, n->out[k], i, c->target);
		n->scratch_size = n->kernel && n->kernel->scratch ? n->kernel->scratch(c->target, n) : 0;
		if (n->scratch_size) {
			p.interval[p.n] = (Interval){i, i, rounded(n->scratch_size, c->target->alignment), 0};
			p.touch[p.ntouch++] = (Touch){p.n, i};
			p.node[p.n++] = n;
		}
	}
	g->arena_size = plan_intervals(p.interval, p.n, buffers_apart(&p, g, c->scratch), c->scratch);
	g->arena_bound = plan_lower_bound(p.interval, p.n);
	for (int i = 0; i < p.n; i++) {
		if (p.owner[i])
			p.owner[i]->offset = p.interval[i].offset;
		else
			p.node[i]->scratch_offset = p.interval[i].offset;
	}
	plan_check(g);
}
