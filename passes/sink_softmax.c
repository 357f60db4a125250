/* sink_softmax.c -- the softmax moves into detect, which computes it only for boxes that can pass the threshold.
 *
 *     %2 = reshape %1 dim=0,-1,21        =>      %5 = detect %loc %1 %prior softmax=1
 *     %3 = softmax %2 axis=2
 *     %4 = reshape %3 dim=0,-1
 *     %5 = detect %loc %4 %prior
 *
 * Relies on: the softmax runs over the last axis, of length classes, and nobody else reads it; what stands between it
 * and detect only changes the shape. */
#include "passes/pass.h"

/* v through reshapes, each with one reader */
static Value *behind_reshapes(Value *v)
{
	while (v->def && v->def->op == OP_reshape && value_has_one_use(v))
		v = v->def->in[0];
	return v;
}

void pass_sink_softmax(PassContext *c, Graph *g)
{
	(void)c;
	for (int i = 0; i < g->nnode; i++) {
		Node *detect = g->node[i];
		if (detect->op != OP_detect || detect->u.detect.softmax)
			continue;
		Value *scores = behind_reshapes(detect->in[1]);
		const Node *softmax = scores->def;
		if (!softmax || softmax->op != OP_softmax || !value_has_one_use(scores))
			continue;
		const Type *t = &scores->type;
		if (softmax->u.softmax.axis != t->rank - 1 || t->dim[t->rank - 1] != detect->u.detect.classes)
			continue;
		Value *logits = behind_reshapes(softmax->in[0]);
		if (type_count(&logits->type) != type_count(&detect->in[1]->type) || logits->type.rank != 2)
			logits = softmax->in[0];
		node_set_input(g, detect, 1, logits);
		detect->u.detect.softmax = true;
	}
}
