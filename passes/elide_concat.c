/* elide_concat.c -- producers write straight into the concatenation.
 *
 *     %3 = concat %1 %2 axis=1       =>       %1 = conv2d ... ; base=%3@1:0
 *                                             %2 = conv2d ... ; base=%3@1:256
 *                                             %3 = concat %1 %2 axis=1          (no code)
 *
 * Relies on: everything before the axis has one element, so that each input is one run of the result; and each input
 * (or the value whose memory it shares) is made by a node, is in no other concatenation and is no output. Inputs with
 * channels must begin at whole blocks of the target's layout. */
#include "passes/pass.h"

/* The value that owns the memory of v, if v is all of it; else null. */
static Value *whole_owner(Value *v)
{
	while (v->base) {
		if (v->base_axis >= 0)
			return NULL;
		v = v->base;
	}
	return v;
}

static bool is_one_run(const Type *y, int axis)
{
	for (int i = 0; i < axis; i++)
		if (y->dim[i] != 1)
			return false;
	return true;
}

static bool fits(const Target *t, const Node *n, int i, int64_t at)
{
	Value *v = n->in[i], *owner = whole_owner(v);
	if (!value_is_result(owner) || owner->noutput || v->noutput || owner == n->out[0])
		return false;
	for (int k = 0; k < i; k++)
		if (whole_owner(n->in[k]) == owner)
			return false; /* twice the same value */
	bool map = n->out[0]->type.rank == 4 && n->u.concat.axis == 1;
	return !map || (at % t->vector == 0 && owner == v);
}

void pass_elide_concat(PassContext *c, Graph *g)
{
	for (int i = 0; i < g->nnode; i++) {
		Node *n = g->node[i];
		int axis = n->u.concat.axis;
		if (n->op != OP_concat || !is_one_run(&n->out[0]->type, axis) || n->out[0]->base)
			continue;
		bool good = true;
		int64_t at = 0;
		for (int k = 0; k < n->nin; k++) {
			good = good && fits(c->target, n, k, at);
			at += n->in[k]->type.dim[axis];
		}
		at = 0;
		for (int k = 0; good && k < n->nin; k++) {
			Value *owner = whole_owner(n->in[k]);
			owner->base = n->out[0];
			owner->base_axis = axis;
			owner->base_at = at;
			at += n->in[k]->type.dim[axis];
		}
	}
}
