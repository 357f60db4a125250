/* choose_layout.c -- maps get the channel block of the target's vectors, and the zero halo that their readers need.
 *
 *     %2 = conv2d ... : f32[1,64,40,40]      =>      %2 = conv2d ... : f32[1,64,40,40]{c16 halo=1,1,1,1}
 *     %3 = conv2d %2 ... pad=1,1,1,1                 %3 = conv2d %2 ... pad=1,1,1,1
 *
 * A node is flexible when the target has a kernel for it on blocked maps. Values
 * between flexible nodes are blocked; reorder nodes are where a flexible and an inflexible node meet, and after
 * inputs of the graph. Maps that share memory (elide_concat) get one layout.
 * Relies on: kernels name the halo that they need (Kernel.halo) and take any larger one. */
#include "passes/pass.h"

#include <string.h>

typedef struct Chooser {
	PassContext *c;
	Graph *g;
	bool *flexible; /* by index of the node */
	bool *plain;    /* by id of a root: stays plain */
	int (*halo)[4]; /* by id of a root: the largest that a reader needs */
	bool *fixed;    /* by id: the layout is not ours to choose */
} Chooser;

static bool is_map(const Value *v)
{
	return v && !value_is_constant(v) && v->type.rank == 4 && v->type.dim[0] == 1 && dtype_in(v->type.dtype, DTYPES_TO_FLOAT32);
}

/* Few channels are not worth a block of their own, unless all go into one. */
static int block_for(const Target *t, const Value *v)
{
	const Value *root = value_root(v);
	if (t->channels_last)
		return (int)target_channels(t, root);
	return 2 * root->type.dim[1] < t->vector ? 1 : t->vector;
}

static bool is_channel_part(const Value *v)
{
	return v->base && v->base_axis == 1 && v->type.rank == 4 && v->base->type.rank == 4;
}

/* Before any layout was chosen. */
static bool is_fixed(const Value *v)
{
	return !is_map(v) || value_is_input(v) || v->noutput || v->type.layout.block != 1;
}

static void find_fixed(Chooser *s)
{
	for (int i = 0; i < s->g->nvalue; i++) {
		Value *v = s->g->value[i];
		s->fixed[v->id] = s->fixed[v->id] || is_fixed(v);
		if (v->base && !is_channel_part(v)) /* what shares memory through a reshape is dense on both sides */
			s->fixed[v->id] = s->fixed[v->base->id] = true;
	}
	for (int i = s->g->nvalue - 1; i >= 0; i--) { /* parts of a fixed whole */
		Value *v = s->g->value[i];
		if (is_channel_part(v) && s->fixed[value_root(v)->id])
			s->fixed[v->id] = true;
	}
}

/* The halo that a kernel needs around input i. */
static void needed_halo(const Target *t, const Kernel *k, const Node *n, int i, int halo[4])
{
	memset(halo, 0, 4 * sizeof *halo);
	if (k->halo && is_map(n->in[i]))
		k->halo(t, n, i, halo);
}

/* More than any row needs around input i, so that only rows that take any larger halo accept it. */
static void ample_halo(const Target *t, const Node *n, int i, int halo[4])
{
	for (int h = 0; h < 4; h++)
		halo[h] = 1;
	for (const Kernel *k = t->kernel; k->name; k++) {
		int needed[4];
		if (k->op != n->op)
			continue;
		needed_halo(t, k, n, i, needed);
		for (int h = 0; h < 4; h++)
			halo[h] = needed[h] >= halo[h] ? needed[h] + 1 : halo[h];
	}
}

/* The kernel that would run the node on blocked maps, or null. fixed: by id, or null: is_fixed(). */
static const Kernel *blocked_kernel(const PassContext *c, bool tuned, const bool *fixed, const Node *n)
{
	Node *q = node_supposed(n, c->scratch);
	const Target *t = c->target;
	for (int i = 0; i < n->nin + n->nout; i++) {
		const Value *v = node_slot(n, i);
		const bool result = i >= n->nin;
		if (!is_map(v) || (result && (fixed ? fixed[v->id] : is_fixed(v))))
			continue;
		Layout *l = &node_slot(q, i)->type.layout;
		*l = (Layout){.block = block_for(t, v)};
		if (!result)
			ample_halo(t, n, i, l->halo);
	}
	return target_kernel(t, q, c->plans, tuned);
}

bool layout_serves(const PassContext *c, const Node *n)
{
	return blocked_kernel(c, true, NULL, n) != NULL;
}

static bool has_map(const Node *n)
{
	bool any = false;
	for (int i = 0; i < n->nin; i++)
		any = any || is_map(n->in[i]);
	return any;
}

/* A root is plain when one of those who write into it is not flexible; then its other writers are not either. */
static bool spread_plain(Chooser *s)
{
	bool changed = false;
	for (int i = 0; i < s->g->nnode; i++) {
		Node *n = s->g->node[i];
		for (int k = 0; k < n->nout; k++) {
			const Value *v = n->out[k];
			if (s->fixed[v->id] || (n->op == OP_concat && value_root(v) == v && n->in[0]->base == v))
				continue; /* an elided concat writes nothing */
			bool *plain = &s->plain[value_root(v)->id];
			if (!s->flexible[i] && !*plain)
				changed = *plain = true;
			else if (s->flexible[i] && *plain)
				s->flexible[i] = false, changed = true;
		}
	}
	return changed;
}

/* kernel: by index of the node; null: it is not flexible. */
static void collect_halos(Chooser *s, const Kernel *const *kernel)
{
	for (int i = 0; i < s->g->nnode; i++) {
		const Node *n = s->g->node[i];
		for (int k = 0; s->flexible[i] && k < n->nin; k++) {
			int needed[4];
			if (!is_map(n->in[k]))
				continue;
			int *halo = s->halo[value_root(n->in[k])->id];
			needed_halo(s->c->target, kernel[i], n, k, needed);
			for (int h = 0; h < 4; h++)
				halo[h] = needed[h] > halo[h] ? needed[h] : halo[h];
		}
	}
}

static Layout blocked_layout(const Chooser *s, const Value *v)
{
	Layout l = {.block = block_for(s->c->target, v)};
	memcpy(l.halo, s->halo[value_root(v)->id], sizeof l.halo);
	return l;
}

static void set_layouts(Chooser *s)
{
	for (int i = 0; i < s->g->nvalue; i++) {
		Value *v = s->g->value[i];
		if (is_map(v) && value_is_result(v) && !s->fixed[v->id] && !s->plain[value_root(v)->id])
			v->type.layout = blocked_layout(s, v);
	}
}

/* v in another layout: an existing reorder of it, or a new one before n. */
static Value *reordered(Chooser *s, Node *n, Value *v, Layout l)
{
	for (int u = 0; u < v->nuse; u++)
		if (v->use[u]->op == OP_reorder && v->use[u]->out[0]->type.dtype == v->type.dtype &&
		    !memcmp(&v->use[u]->out[0]->type.layout, &l, sizeof l))
			return v->use[u]->out[0];
	Node *r = graph_node_before(s->g, n, OP_reorder, arena_printf(s->c->scratch, "%s.reorder", n->name), 1, &v, 1);
	r->out[0]->type = v->type;
	r->out[0]->type.layout = l;
	return r->out[0];
}

static void insert_reorders(Chooser *s, Node *n, bool flexible)
{
	for (int k = 0; k < n->nin && n->op != OP_reorder; k++) { /* a reorder takes any layout */
		Value *v = n->in[k];
		if (!is_map(v))
			continue;
		Layout want = flexible ? blocked_layout(s, v) : (Layout){.block = 1};
		if (flexible && v->type.layout.block == want.block && !memcmp(v->type.layout.halo, want.halo, sizeof want.halo))
			continue;
		bool nhwc = v->type.layout.block != 1 && s->fixed[v->id];
		if (!flexible && (v->type.layout.block == 1 || nhwc) && !memcmp(v->type.layout.halo, want.halo, sizeof want.halo))
			continue;
		node_set_input(s->g, n, k, reordered(s, n, v, want));
	}
}

static bool is_elided_concat(const Node *n)
{
	return n->op == OP_concat && n->in[0]->base == n->out[0];
}

void pass_choose_layout(PassContext *c, Graph *g)
{
	Chooser s = {.c = c, .g = g};
	s.flexible = arena_new_array(c->scratch, bool, g->nnode);
	s.plain = arena_new_array(c->scratch, bool, g->next_id);
	s.fixed = arena_new_array(c->scratch, bool, g->next_id);
	s.halo = arena_alloc(c->scratch, sizeof *s.halo * (size_t)g->next_id);
	int count = g->nnode;
	const Kernel **kernel = arena_new_array(c->scratch, const Kernel *, count + 1);
	Node **node = arena_new_array(c->scratch, Node *, count + 1);
	memcpy(node, g->node, sizeof *node * (size_t)count);
	find_fixed(&s);
	for (int i = 0; i < count; i++) {
		if (has_map(node[i]) && node[i]->op != OP_prior)
			kernel[i] = blocked_kernel(c, c->optimize, s.fixed, node[i]);
		s.flexible[i] = kernel[i] != NULL;
	}
	while (spread_plain(&s))
		;
	collect_halos(&s, kernel);
	set_layouts(&s);
	for (int i = 0; i < count; i++)
		if (!is_elided_concat(node[i]))
			insert_reorders(&s, node[i], s.flexible[i]);
}
