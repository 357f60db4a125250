/* fuse_eltwise.c -- sums and products of two maps move into the epilogue of the convolution that is made last.
 *
 *     %2 = conv2d %1 w b                  =>      %4 = conv2d %1 w b - %3 elt=add act=relu
 *     %4 = eltwise %2 %3 fn=add act=relu
 *
 * Residual sums (the paper's section 3) and the product of the deconvolution module (section 3.3).
 * Relies on: the convolution's result goes nowhere else and the other map is already there when it runs. */
#include "passes/pass.h"

/* The convolution that makes input k, if the eltwise can join its epilogue; else null. */
static Node *fusable_producer(const Graph *g, const Node *n, int k)
{
	const Value *v = n->in[k], *other = n->in[1 - k];
	Node *p = v->def;
	if (!p || (p->op != OP_conv2d && p->op != OP_deconv2d) || p->nout != 1 || !value_has_one_use(v))
		return NULL;
	if (!type_same_shape(&v->type, &n->out[0]->type) || !type_same_shape(&v->type, &other->type) || value_is_constant(other))
		return NULL;
	if (value_is_result(other) && node_index(g, other->def) > node_index(g, p))
		return NULL;
	Epilogue *e = node_epilogue_edit(p);
	return e->elt == FN_NONE && e->act == FN_NONE ? p : NULL;
}

static void fuse(Graph *g, Node *n, Node *p, int k)
{
	Epilogue *e = node_epilogue_edit(p);
	*e = n->u.eltwise.epi[0];
	e->elt = n->u.eltwise.fn;
	while (p->nin < CONV_OTHER)
		node_set_input(g, p, p->nin, NULL);
	node_set_input(g, p, CONV_OTHER, n->in[1 - k]);
	value_replace(g, n->out[0], n->in[k]);
}

void pass_fuse_eltwise(PassContext *c, Graph *g)
{
	(void)c;
	for (int i = 0; i < g->nnode; i++) {
		Node *n = g->node[i];
		if (n->op != OP_eltwise || n->nin != 2 || n->in[0] == n->in[1])
			continue;
		if ((n->u.eltwise.fn != FN_add && n->u.eltwise.fn != FN_mul) || n->u.eltwise.coeff[0] != 1 || n->u.eltwise.coeff[1] != 1)
			continue;
		for (int k = 0; k < 2; k++) {
			Node *p = fusable_producer(g, n, k);
			if (p) {
				fuse(g, n, p, k);
				break;
			}
		}
	}
}
