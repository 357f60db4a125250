/* narrow.c -- maps between layers, and the weights that meet them, become floats of 16 bits where the target computes
 * with such; biases too where the target wants that and none is large. Sums stay f32, and so do the graph's inputs and what
 * is returned or detected from. Where the precision names two types, each map gets the one that rounds it less, as measured
 * on samples of the input.
 *
 *     %2 = conv2d %1 w : f32[1,64,40,40]      =>      %5 = reorder %1 : f16[1,3,80,80]
 *                                                     %2 = conv2d %5 w' : f16[1,64,40,40]       (w' = w rounded)
 *
 * A map is narrow when each node that makes or reads it has a kernel for that; maps that share memory are so together.
 * Relies on: a kernel rounds once, when it stores; layouts are not chosen yet. */
#include "passes/pass.h"

#include <math.h>

typedef struct Narrower {
	PassContext *c;
	Graph *g;
	bool *wide;  /* by id of a root: stays f32 */
	DType *type; /* by id of a root, or of an input: what it is if it is narrow */
	Arena *ask;  /* of one question at a time */
} Narrower;

static bool is_map(const Value *v)
{
	return v && !value_is_constant(v) && v->type.rank == 4 && v->type.dim[0] == 1 && v->type.dtype == DT_F32;
}

/* Narrow, unless a node that it meets says no. */
static bool is_narrow(const Narrower *s, const Value *v)
{
	return is_map(v) && !s->wide[value_root(v)->id];
}

static void find_wide(Narrower *s)
{
	for (int i = 0; i < s->g->nvalue; i++) {
		const Value *v = s->g->value[i];
		if (!is_map(v) || v->noutput || value_is_input(v))
			s->wide[value_root(v)->id] = true;
	}
}

/* The node has a kernel when its narrow maps are narrow. An input of the graph counts as what it will be turned into. */
static bool serves(const Narrower *s, const Node *n)
{
	Node *q = node_supposed(n, s->ask);
	for (int i = 0; i < n->nin + n->nout; i++) {
		const Value *v = node_slot(n, i);
		if (v && (is_narrow(s, v) || (is_map(v) && value_is_input(v) && is_narrow(s, n->out[0]))))
			node_slot(q, i)->type.dtype = s->type[value_root(v)->id];
	}
	const bool found = target_kernel(s->c->target, q, s->c->plans, s->c->optimize) != NULL;
	arena_reset(s->ask);
	return found;
}

/* True when a node made some map wide that was not. */
static bool spread_wide(Narrower *s)
{
	bool changed = false;
	for (int i = 0; i < s->g->nnode; i++) {
		Node *n = s->g->node[i];
		if (node_is_elided(n) || serves(s, n))
			continue;
		for (int k = 0; k < n->nin + n->nout; k++)
			if (is_narrow(s, node_slot(n, k)))
				changed = s->wide[value_root(node_slot(n, k))->id] = true;
	}
	return changed;
}

static void narrow_maps(const Narrower *s)
{
	bool *narrow = arena_new_array(s->c->scratch, bool, s->g->next_id);
	for (int i = 0; i < s->g->nvalue; i++)
		narrow[s->g->value[i]->id] = is_narrow(s, s->g->value[i]);
	for (int i = 0; i < s->g->nvalue; i++)
		if (narrow[s->g->value[i]->id])
			s->g->value[i]->type.dtype = s->type[value_root(s->g->value[i])->id];
}

/* The input in the narrow type: made once, before its first reader. */
static Value *narrow_input(const Narrower *s, Node *n, Value *v)
{
	for (int i = 0; i < v->nuse; i++)
		if (v->use[i]->op == OP_reorder)
			return v->use[i]->out[0];
	Node *r = graph_node_before(s->g, n, OP_reorder, arena_printf(s->c->scratch, "%s.narrow", n->name), 1, &v, 1);
	r->out[0]->type = v->type;
	r->out[0]->type.dtype = s->type[v->id];
	return r->out[0];
}

static void narrow_constant(const Narrower *s, Node *n, int k, DType t)
{
	Value *w = n->in[k], *rounded = NULL;
	for (int i = 0; i < s->g->nvalue && !rounded; i++) { /* what several layers share stays shared */
		Value *v = s->g->value[i];
		if (value_is_constant(v) && v->data->kind == BLOB_ROUNDED && v->data->part[0] == w->data && v->type.dtype == t)
			rounded = v;
	}
	node_set_input(s->g, n, k, rounded ? rounded : graph_constant(s->g, w->name, blob_rounded(s->g, w->data, t)));
}

/* Of a dense convolution with one result of type t. Not where rounding the bias could be seen: a large one takes away most of
 * what the sum was. */
static bool has_small_bias(const Narrower *s, const Node *n, DType t)
{
	enum { SMALL = 4 };
	const Value *b = node_bias(n);
	if (n->op != OP_conv2d || n->u.conv2d.group != 1 || n->nout != 1 || n->out[0]->type.dtype != t)
		return false;
	if (!b || !value_is_constant(b) || b->type.dtype != DT_F32 || b->data->kind == BLOB_ELIDED)
		return false;
	const float *x = blob_read_f32(b->data, s->c->scratch);
	for (int64_t i = 0; i < type_count(&b->type); i++)
		if (!(x[i] > -SMALL && x[i] < SMALL))
			return false;
	return true;
}

static void narrow_constants(const Narrower *s, Node *n)
{
	const DType t = n->in[CONV_X]->type.dtype;
	if ((n->op != OP_conv2d && n->op != OP_deconv2d) || dtype_size(t) != 2)
		return;
	if (value_is_constant(n->in[CONV_WEIGHT]) && n->in[CONV_WEIGHT]->type.dtype != t)
		narrow_constant(s, n, CONV_WEIGHT, t);
	if (s->c->target->narrow_biases && has_small_bias(s, n, t))
		narrow_constant(s, n, CONV_BIAS, t);
}

/* ---- two types to choose from ---- */

enum { CHOICES = 2 };

typedef struct Measure {
	DType choice[CHOICES];
	double (*error)[CHOICES]; /* by id of a root: sum of squares of what rounding changes; infinite out of range */
} Measure;

static void measure(Measure *m, const Value *v, const double *x)
{
	enum { HEADROOM = 4 }; /* other inputs may be larger */
	double *error = m->error[value_root(v)->id];
	for (int64_t i = 0; is_map(v) && i < type_count(&v->type); i++)
		for (int k = 0; k < CHOICES; k++) {
			double d = number_round(m->choice[k], x[i]) - x[i];
			error[k] += isfinite(number_round(m->choice[k], HEADROOM * x[i])) ? d * d : INFINITY;
		}
}

static void measure_result(void *context, const Node *n, int out, const Tensor *t)
{
	measure(context, n->out[out], t->data);
}

static void measure_sample(const Narrower *s, Measure *m, const double *const *input, Arena *a)
{
	Tensor *out = arena_new_array(a, Tensor, s->g->noutput + 1);
	for (int i = 0; i < s->g->ninput; i++)
		measure(m, s->g->input[i], input[i]);
	eval_graph(s->g, input, out, measure_result, m, a);
}

static void choose_types(const Narrower *s)
{
	const Precision *p = &s->c->target->chosen;
	const Samples *samples = s->c->samples;
	Measure m = {.choice = {p->map, p->alternative}};
	m.error = arena_alloc(s->c->scratch, sizeof *m.error * (size_t)s->g->next_id);
	for (int k = 0; k < (samples ? samples->n : 1); k++) {
		Arena *a = arena_new();
		const double **noise = arena_new_array(a, const double *, s->g->ninput + 1);
		for (int i = 0; !samples && i < s->g->ninput; i++)
			noise[i] = graph_noise(s->g, s->g->input[i], 1 + (uint64_t)i, a);
		measure_sample(s, &m, samples ? samples->sample[k] : noise, a);
		arena_free(a);
	}
	for (int i = 1; i < s->g->next_id; i++)
		s->type[i] = m.error[i][1] < m.error[i][0] ? p->alternative : p->map;
}

void pass_narrow(PassContext *c, Graph *g)
{
	if (dtype_size(c->target->chosen.map) != 2)
		return;
	Narrower s = {.c = c, .g = g, .wide = arena_new_array(c->scratch, bool, g->next_id), .ask = arena_new()};
	s.type = arena_new_array(c->scratch, DType, g->next_id);
	for (int i = 0; i < g->next_id; i++)
		s.type[i] = c->target->chosen.map;
	if (c->target->chosen.alternative != DT_NONE)
		choose_types(&s);
	find_wide(&s);
	while (spread_wide(&s))
		;
	arena_free(s.ask);
	narrow_maps(&s);
	for (int i = 0; i < g->nnode; i++) {
		Node *n = g->node[i];
		for (int k = 0; k < n->nin; k++)
			if (n->op != OP_reorder && value_is_input(n->in[k]) && is_map(n->in[k]) && dtype_size(n->out[0]->type.dtype) == 2)
				node_set_input(g, n, k, narrow_input(&s, n, n->in[k]));
		narrow_constants(&s, n);
	}
}
