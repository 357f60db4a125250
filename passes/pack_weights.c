/* pack_weights.c -- where each node's constants are in the weights file.
 *
 *     %2 = conv2d %1 w b           =>        %2 = conv2d %1 w b ; weights=4096+37376
 *
 * One region a node, in execution order, so that reading ahead warms the next layer. The order inside is the
 * kernel's; the bytes are made when the file is written (kernel->pack). */
#include "passes/pass.h"

static int64_t plain_size(const Node *n)
{
	int64_t floats = 0;
	if (n->kernel->constants != CONSTANTS_JOINED)
		return kernel_constant_place(n, n->nin);
	for (int i = 0; i < n->nin; i++)
		if (value_is_constant(n->in[i]))
			floats += type_count(&n->in[i]->type);
	return floats * 4;
}

static bool has_constants(const Node *n)
{
	for (int i = 0; i < n->nin; i++)
		if (value_is_constant(n->in[i]))
			return true;
	return false;
}

/* Constants without elements still are arguments of the kernel: they point at one number that nobody reads. */
static int64_t size_of(const Target *t, const Node *n)
{
	const int64_t size = n->kernel->packed_size ? n->kernel->packed_size(t, n) : plain_size(n);
	return size || !has_constants(n) ? size : (int64_t)sizeof(float);
}

void pass_pack_weights(PassContext *c, Graph *g)
{
	int64_t at = 0, alignment = c->target->alignment;
	for (int i = 0; i < g->nnode; i++) {
		Node *n = g->node[i];
		if (!n->kernel)
			continue;
		n->weights_size = size_of(c->target, n);
		n->weights_offset = n->weights_size ? at : 0;
		at += (n->weights_size + alignment - 1) / alignment * alignment;
	}
	g->weights_size = at;
}
