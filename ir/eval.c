/* eval.c -- runs a node, or a whole graph, in double.
 *
 * This is the specification of every op: the constant folder, the oracle of the kernel tests and the reference of
 * `dssdc verify`. Values are double throughout, in logical order, whatever the layout
 * says; placement (base, offset) does not matter. Results live until their last reader has run.
 */
#include "ir/eval.h"

#include <string.h>

static Evaluator *const evaluators[OP_COUNT] = {
#define OP(name, ...) [OP_##name] = eval_##name,
#include "ir/ops.def"
};

/* out = act(elt(out, other)) */
static void apply_epilogue(const Epilogue *e, const double *other, Tensor *out)
{
	if (e->elt == FN_NONE && e->act == FN_NONE)
		return;
	int64_t count = type_count(&out->type);
	for (int64_t i = 0; i < count; i++) {
		double v = out->data[i];
		if (e->elt != FN_NONE)
			v = func_apply(e->elt, v, other[i], 0, 0);
		out->data[i] = func_apply(e->act, v, 0, e->alpha, e->beta);
	}
}

/* f16 and bf16 as they can be held; f32 and f64 stay, integers were made in their range. */
static void round_numbers(Tensor *t)
{
	if (dtype_size(t->type.dtype) != 2 || !dtype_is_float(t->type.dtype))
		return;
	int64_t count = type_count(&t->type);
	for (int64_t i = 0; i < count; i++)
		t->data[i] = number_round(t->type.dtype, t->data[i]);
}

void eval_node(const Node *n, const Tensor *in, Tensor *out, Arena *a)
{
	for (int k = 0; k < n->nout; k++) {
		out[k].type = n->out[k]->type;
		out[k].type.layout = (Layout){.block = 1};
		out[k].data = arena_new_array(a, double, type_count(&out[k].type));
	}
	evaluators[n->op](n, in, out, a);
	const Epilogue *e = node_epilogue(n);
	for (int k = 0; e && k < n->nout; k++)
		apply_epilogue(&e[k], CONV_OTHER + k < n->nin ? in[CONV_OTHER + k].data : NULL, &out[k]);
	for (int k = 0; k < n->nout; k++)
		round_numbers(&out[k]);
}

/* ---- graphs ---- */

typedef struct Held { /* the results of one node, in an arena of their own */
	Arena *arena;
	int readers; /* uses of all its results that are still to come */
} Held;

typedef struct Slot { /* one value */
	Tensor t;
	Held *held; /* null: input or constant */
} Slot;

typedef struct Run {
	const Graph *g;
	Slot *slot; /* by index in g->value */
} Run;

static Slot *slot_of(const Run *r, const Value *v)
{
	int low = 0, high = r->g->nvalue;
	while (low < high) { /* values are sorted by id */
		int middle = low + (high - low) / 2;
		if (r->g->value[middle]->id < v->id)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == r->g->nvalue || r->g->value[low] != v)
		bug("value %%%d is not in the graph's list", v->id);
	return &r->slot[low];
}

static void release(Held *h)
{
	if (!h || --h->readers > 0)
		return;
	arena_free(h->arena);
	h->arena = NULL;
}

static Tensor plain_tensor(const Value *v, double *data)
{
	Tensor t = {v->type, data};
	t.type.layout = (Layout){.block = 1};
	return t;
}

/* A constant is read for one node and forgotten. */
static Tensor read_value(const Run *r, const Value *v, Arena *constants)
{
	return value_is_constant(v) ? plain_tensor(v, blob_read_f64(v->data, constants)) : slot_of(r, v)->t;
}

static void run_node(const Run *r, const Node *n, EvalSeen seen, void *context, Arena *constants)
{
	Tensor *in = arena_new_array(constants, Tensor, n->nin), out[MAX_OUT];
	for (int i = 0; i < n->nin; i++)
		if (n->in[i])
			in[i] = read_value(r, n->in[i], constants);
	Held *h = slot_of(r, n->out[0])->held;
	h->arena = arena_new();
	h->readers++; /* this function */
	eval_node(n, in, out, h->arena);
	for (int k = 0; k < n->nout; k++) {
		slot_of(r, n->out[k])->t = out[k];
		if (seen)
			seen(context, n, k, &out[k]);
	}
	for (int i = 0; i < n->nin; i++)
		if (value_is_result(n->in[i]))
			release(slot_of(r, n->in[i])->held);
	release(h);
}

static void count_readers(const Run *r, Arena *a)
{
	const Graph *g = r->g;
	for (int i = 0; i < g->nnode; i++) {
		Held *h = arena_new_one(a, Held);
		for (int k = 0; k < g->node[i]->nout; k++)
			slot_of(r, g->node[i]->out[k])->held = h;
	}
	for (int i = 0; i < g->nnode; i++)
		for (int k = 0; k < g->node[i]->nin; k++)
			if (value_is_result(g->node[i]->in[k]))
				slot_of(r, g->node[i]->in[k])->held->readers++;
	for (int i = 0; i < g->noutput; i++)
		if (value_is_result(g->output[i]))
			slot_of(r, g->output[i])->held->readers++;
}

void eval_graph(const Graph *g, const double *const *inputs, Tensor *outputs, EvalSeen seen, void *context, Arena *a)
{
	Arena *own = arena_new(), *constants = arena_new();
	Run r = {g, arena_new_array(own, Slot, g->nvalue)};
	for (int i = 0; i < g->ninput; i++)
		slot_of(&r, g->input[i])->t = plain_tensor(g->input[i], (double *)inputs[i]); /* only read */
	count_readers(&r, own);
	for (int i = 0; i < g->nnode; i++) {
		run_node(&r, g->node[i], seen, context, constants);
		arena_reset(constants);
	}
	for (int i = 0; i < g->noutput; i++) {
		outputs[i] = read_value(&r, g->output[i], constants);
		size_t size = sizeof *outputs->data * (size_t)type_count(&outputs[i].type);
		outputs[i].data = memcpy(arena_alloc(a, size), outputs[i].data, size);
		release(slot_of(&r, g->output[i])->held);
	}
	arena_free(constants);
	arena_free(own);
}
