/* elide_reshape.c -- reshapes and permutes that need not move anything share the memory of their input.
 *
 *     %2 = conv2d ... : f32[1,32,40,40]               =>   %2 = conv2d ... : f32[1,32,40,40]{c32}
 *     %3 = permute %2 order=0,2,3,1                        %3 = permute %2 ... ; base=%2
 *     %4 = reshape %3 dim=0,-1                             %4 = reshape %3 ... ; base=%3
 *
 * A reshape of a plain value keeps every float where it is. A permute to NHWC does when its input is already written
 * so: a map whose only reader is the permute gets the layout with all channels in one block.
 * Relies on: constants, inputs and outputs of the graph keep their own memory; a kernel that writes NHWC exists for
 * the producer (convolutions). */
#include "passes/pass.h"

static bool is_movable(const Value *v)
{
	return value_is_result(v) && !v->noutput;
}

bool permute_is_to_nhwc(const Node *n)
{
	static const int order[4] = {0, 2, 3, 1};
	if (n->op != OP_permute || n->u.permute.n != 4)
		return false;
	for (int i = 0; i < 4; i++)
		if (n->u.permute.order[i] != order[i])
			return false;
	return true;
}

/* The permute's input can be written as NHWC by the node that makes it. */
static bool can_be_nhwc(const PassContext *c, const Node *permute)
{
	const Value *x = permute->in[0];
	if (!value_is_result(x) || !value_has_one_use(x) || x->type.dim[0] != 1 || x->type.layout.block != 1)
		return false;
	Node *q = node_supposed(x->def, c->scratch);
	for (int k = 0; k < q->nout; k++)
		if (x->def->out[k] == x)
			q->out[k]->type.layout.block = (int)x->type.dim[1];
	return target_kernel(c->target, q, c->plans, true) ||
	       layout_serves(c, q); /* as maps are now, or as choose_layout may lay them out */
}

void pass_elide_reshape(PassContext *c, Graph *g)
{
	for (int i = 0; i < g->nnode; i++) {
		Node *n = g->node[i];
		if (n->op != OP_reshape && n->op != OP_permute)
			continue;
		Value *x = n->in[0], *y = n->out[0];
		if (!is_movable(x) || !is_movable(y) || y->base)
			continue;
		if (n->op == OP_permute) {
			if (!permute_is_to_nhwc(n) || !can_be_nhwc(c, n))
				continue;
			x->type.layout.block = (int)x->type.dim[1];
		} else if (!type_is_dense(&x->type)) {
			continue;
		}
		y->base = x;
		y->base_axis = -1;
	}
}
