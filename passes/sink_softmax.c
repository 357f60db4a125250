/* sink_softmax.c -- the softmax moves into detect, which computes it only for boxes that can pass the threshold.
 *
 *     %2 = reshape %1 dim=0,-1,21        =>      %5 = detect %loc %1 %prior softmax=1
 *     %3 = softmax %2 axis=2
 *     %4 = reshape %3 dim=0,-1
 *     %5 = detect %loc %4 %prior
 *
 * Relies on: the softmax runs over the last axis, of length classes, and nobody else reads it; what is between it
 * and detect only changes the shape. */
#include "passes/pass.h"

/* v through reshapes, each with one reader */
static Value *behind_reshapes(Value *v)
{
	while (v->def && v->def->op == OP_reshape && value_has_one_use(v))
		v = v->def->in[0];
	return v;
}

/* The logits as detect wants them, [1][boxes * classes]: what is there already before a reshape, or a new one. */
static Value *flat_logits(PassContext *c, Graph *g, Node *detect, Value *x)
{
	for (Value *v = x;; v = v->def->in[0]) {
		if (v->type.rank == 2)
			return v;
		if (!v->def || v->def->op != OP_reshape || !value_has_one_use(v))
			break;
	}
	Node *flat = graph_node_before(g, detect, OP_reshape, arena_printf(c->scratch, "%s.logits", detect->name), 1, &x, 1);
	flat->u.reshape.n = 2;
	flat->u.reshape.dim[0] = 1;
	flat->u.reshape.dim[1] = -1;
	infer_node(flat, c->diag);
	return node_out(flat);
}

void pass_sink_softmax(PassContext *c, Graph *g)
{
	for (int i = 0; i < g->nnode; i++) {
		Node *detect = g->node[i];
		if (detect->op != OP_detect || detect->u.detect.softmax)
			continue;
		Value *scores = behind_reshapes(detect->in[DETECT_CONF]);
		const Node *softmax = scores->def;
		if (!softmax || softmax->op != OP_softmax || !value_has_one_use(scores))
			continue;
		const Type *t = &scores->type;
		if (softmax->u.softmax.axis != t->rank - 1 || t->dim[t->rank - 1] != detect->u.detect.classes)
			continue;
		node_set_input(g, detect, DETECT_CONF, flat_logits(c, g, detect, softmax->in[0]));
		detect->u.detect.softmax = true;
	}
}
