/* choose_layout.c -- maps get the channel block of the target's vectors, and the zero halo that their readers want.
 *
 *     %2 = conv2d ... : f32[1,64,40,40]      =>      %2 = conv2d ... : f32[1,64,40,40]{c16 halo=1,1,1,1}
 *     %3 = conv2d %2 ... pad=1,1,1,1                 %3 = conv2d %2 ... pad=1,1,1,1
 *
 * A node is flexible when the target has a kernel for it on blocked maps (asked with the layouts in place). Values
 * between flexible nodes are blocked; reorder nodes stand where a flexible and an inflexible node meet, and behind
 * inputs of the graph. Maps that share memory (elide_concat) get one layout.
 * Relies on: kernels name the halo that they want (Kernel.halo) and take any larger one. */
#include "passes/pass.h"

#include <string.h>

typedef struct Chooser {
	PassContext *c;
	Graph *g;
	bool *flexible; /* by index of the node */
	bool *plain;    /* by id of a root: stays plain */
	int (*halo)[4]; /* by id of a root: largest wish */
	bool *fixed;    /* by id: the layout is not ours to choose */
} Chooser;

enum { LARGE = 64 }; /* a halo that satisfies everybody: for asking */

static bool is_map(const Value *v)
{
	const DType t = v ? v->type.dtype : DT_NONE;
	return v && !v->data && v->type.rank == 4 && v->type.dim[0] == 1 && (t == DT_F32 || t == DT_F16 || t == DT_BF16);
}

/* Few channels are not worth a block of their own, unless all go into one. */
static int block_for(const Target *t, const Value *v)
{
	const Value *root = value_root((Value *)v);
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
	return !is_map(v) || v->is_input || v->noutput || v->type.layout.block != 1;
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

/* The kernel that would run the node on blocked maps, and its wishes. fixed: by id, or null: is_fixed(). */
static const Kernel *ask(const Target *t, bool tuned, const bool *fixed, Node *n, int wish[][4])
{
	enum { MOST = 16 };
	Layout saved[MOST];
	if (n->nin + n->nout > MOST)
		return NULL;
	for (int i = 0; i < n->nin + n->nout; i++) {
		Value *v = i < n->nin ? n->in[i] : n->out[i - n->nin];
		if (!v)
			continue;
		saved[i] = v->type.layout;
		if (is_map(v) && !(i >= n->nin && (fixed ? fixed[v->id] : is_fixed(v)))) {
			v->type.layout = (Layout){.block = block_for(t, v)};
			for (int h = 0; i < n->nin && h < 4; h++)
				v->type.layout.halo[h] = LARGE;
		}
	}
	const Kernel *k = target_kernel(t, n, tuned);
	for (int i = 0; k && i < n->nin; i++) {
		memset(wish[i], 0, sizeof wish[i]);
		if (k->halo && is_map(n->in[i]))
			k->halo(t, n, i, wish[i]);
	}
	for (int i = n->nin + n->nout - 1; i >= 0; i--) { /* backwards: a value that is read twice gets its first layout */
		Value *v = i < n->nin ? n->in[i] : n->out[i - n->nin];
		if (v)
			v->type.layout = saved[i];
	}
	return k;
}

bool layout_serves(const Target *t, Node *n)
{
	int wish[16][4];
	return ask(t, true, NULL, n, wish) != NULL;
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
			if (s->fixed[v->id] || (n->op == OP_concat && value_root((Value *)v) == v && n->in[0]->base == v))
				continue; /* an elided concat writes nothing */
			bool *plain = &s->plain[value_root((Value *)v)->id];
			if (!s->flexible[i] && !*plain)
				changed = *plain = true;
			else if (s->flexible[i] && *plain)
				s->flexible[i] = false, changed = true;
		}
	}
	return changed;
}

static void collect_wishes(Chooser *s)
{
	int wish[16][4];
	for (int i = 0; i < s->g->nnode; i++) {
		Node *n = s->g->node[i];
		if (!s->flexible[i] || !ask(s->c->target, s->c->optimize, s->fixed, n, wish))
			continue;
		for (int k = 0; k < n->nin; k++) {
			if (!is_map(n->in[k]))
				continue;
			int *halo = s->halo[value_root(n->in[k])->id];
			for (int h = 0; h < 4; h++)
				halo[h] = wish[k][h] > halo[h] ? wish[k][h] : halo[h];
		}
	}
}

static Layout blocked_layout(const Chooser *s, const Value *v)
{
	Layout l = {.block = block_for(s->c->target, v)};
	memcpy(l.halo, s->halo[value_root((Value *)v)->id], sizeof l.halo);
	return l;
}

static void set_layouts(Chooser *s)
{
	for (int i = 0; i < s->g->nvalue; i++) {
		Value *v = s->g->value[i];
		if (is_map(v) && v->def && !s->fixed[v->id] && !s->plain[value_root(v)->id])
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
	int count = g->nnode, wish[16][4];
	Node **node = arena_new_array(c->scratch, Node *, count + 1);
	memcpy(node, g->node, sizeof *node * (size_t)count);
	find_fixed(&s);
	for (int i = 0; i < count; i++)
		s.flexible[i] = has_map(node[i]) && node[i]->op != OP_prior && ask(c->target, c->optimize, s.fixed, node[i], wish);
	while (spread_plain(&s))
		;
	collect_wishes(&s);
	set_layouts(&s);
	for (int i = 0; i < count; i++)
		if (!is_elided_concat(node[i]))
			insert_reorders(&s, node[i], s.flexible[i]);
}
