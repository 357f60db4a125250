/* fuse_act.c -- activations move into the epilogue of the node before.
 *
 *     %2 = conv2d %1 w b                =>        %3 = conv2d %1 w b act=relu
 *     %3 = eltwise %2 fn=relu
 *
 * Relies on: only the activation reads the value, so nobody sees it without. */
#include "passes/pass.h"

static int output_index(const Node *n, const Value *v)
{
	for (int k = 0; k < n->nout; k++)
		if (n->out[k] == v)
			return k;
	bug("value %%%d is not an output of '%s'", v->id, n->name);
}

static bool is_activation(const Node *n)
{
	const Eltwise *e = &n->u.eltwise;
	return n->op == OP_eltwise && n->nin == 1 && func_kind(e->fn) <= FUNC_ANY && e->coeff[0] == 1 && e->epi[0].act == FN_NONE &&
	       n->in[0]->type.dtype == DT_F32 && n->out[0]->type.dtype == DT_F32;
}

/* Its result is converted last. */
static bool is_cast(const Node *n)
{
	return n->op == OP_eltwise && n->u.eltwise.to != DT_NONE;
}

void pass_fuse_act(PassContext *c, Graph *g)
{
	(void)c;
	for (int i = 0; i < g->nnode; i++) {
		const Node *n = g->node[i];
		if (!is_activation(n) || !value_is_result(n->in[0]) || !value_has_one_use(n->in[0]))
			continue;
		Node *before = n->in[0]->def;
		Epilogue *e = node_epilogue_edit(before);
		if (!e)
			continue;
		e += output_index(before, n->in[0]);
		if (e->act != FN_NONE || is_cast(before))
			continue;
		e->act = n->u.eltwise.fn;
		e->alpha = n->u.eltwise.alpha;
		e->beta = n->u.eltwise.beta;
		value_replace(g, n->out[0], n->in[0]);
	}
}
