/* infer_types.c -- dtype and shape of every value, from the inputs on.
 *
 *     %2 = conv2d %1 %w : ?        =>        %2 = conv2d %1 %w : f32[1,32,161,161]
 *
 * Importers that have already typed a value must agree; what cannot be right is reported for all nodes at once. */
#include "passes/pass.h"

static bool inputs_are_typed(const Node *n)
{
	for (int i = 0; i < n->nin; i++)
		if (n->in[i] && n->in[i]->type.dtype == DT_NONE)
			return false;
	return true;
}

void pass_infer_types(PassContext *c, Graph *g)
{
	for (int i = 0; i < g->nnode; i++)
		if (inputs_are_typed(g->node[i])) /* otherwise the cause is reported already */
			infer_node(g->node[i], c->diag);
}
