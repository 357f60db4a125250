/* fold_const.c -- what can be computed now is computed now, by the evaluator.
 *
 *     %9 = prior %5 ...            =>        const %9 : f32[1,2,51200]
 *     %12 = concat %9 %10 %11                const %12 : f32[1,2,68320]   (all default boxes, one constant)
 *
 * A prior depends on the shape of its feature map only, so it folds although its input is not constant. What the graph
 * returns is the caller's memory: a constant, an input or a value that is returned twice is copied there by a reshape
 * that changes nothing. Integers beyond 2^53 are left to the program: the evaluator would round them. */
#include "passes/pass.h"

#include <math.h>

static bool is_foldable(const Node *n)
{
	if (n->op == OP_prior)
		return true;
	for (int i = 0; i < n->nin; i++)
		if (n->in[i] && !value_is_constant(n->in[i]))
			return false;
	return n->op != OP_detect;
}

static Value *constant_from(Graph *g, const Value *like, const Tensor *t)
{
	return graph_constant(g, like->name ? like->name : like->def->name, blob_from_f64(g, &t->type, t->data));
}

/* The evaluator's doubles hold every number of the tensor. */
static bool is_exact(const Tensor *t)
{
	bool wide = t->type.dtype == DT_I64 || t->type.dtype == DT_U64;
	for (int64_t i = 0; wide && t->data && i < type_count(&t->type); i++)
		if (fabs(t->data[i]) >= 0x1p53)
			return false;
	return true;
}

static void fold(Graph *g, Node *n, Arena *scratch)
{
	bool exact = true;
	Tensor *in = arena_new_array(scratch, Tensor, n->nin + 1), out[MAX_OUT] = {0};
	for (int i = 0; i < n->nin; i++) {
		if (!n->in[i])
			continue;
		in[i].type = n->in[i]->type;
		if (value_is_constant(n->in[i]))
			in[i].data = blob_read_f64(n->in[i]->data, scratch);
		exact = exact && is_exact(&in[i]);
	}
	eval_node(n, in, out, scratch);
	for (int k = 0; k < n->nout; k++)
		exact = exact && is_exact(&out[k]);
	for (int k = 0; exact && k < n->nout; k++)
		value_replace(g, n->out[k], constant_from(g, n->out[k], &out[k]));
}

static bool is_returned_before(const Graph *g, int output)
{
	for (int i = 0; i < output; i++)
		if (g->output[i] == g->output[output])
			return true;
	return false;
}

static void copy_output(PassContext *c, Graph *g, int output)
{
	Value *v = g->output[output];
	const char *name = arena_printf(c->scratch, "output%d", output);
	Node *n = graph_node(g, OP_reshape, name, 1, &v, 1);
	n->u.reshape.n = v->type.rank;
	for (int i = 0; i < v->type.rank; i++)
		n->u.reshape.dim[i] = v->type.dim[i];
	infer_node(n, c->diag);
	v->noutput--;
	g->output[output] = node_out(n);
	node_out(n)->noutput++;
}

void pass_fold_const(PassContext *c, Graph *g)
{
	for (int i = 0; i < g->nnode; i++)
		if (is_foldable(g->node[i]))
			fold(g, g->node[i], c->scratch);
	for (int i = 0; i < g->noutput; i++)
		if (!value_is_result(g->output[i]) || is_returned_before(g, i))
			copy_output(c, g, i);
}
