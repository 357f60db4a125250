/* kernels_move.c -- row of reorder: any layout to any layout. */
#include "codegen/rows.h"

bool reorder_accepts(const Target *t, const Node *n)
{
	(void)t;
	return is_f32(n->in[0]) && n->in[0]->type.rank == 4 && n->in[0]->type.dim[0] == 1;
}

void reorder_bind(const Target *t, const Node *n, Bindings *b)
{
	(void)t;
	bind_map(b, "X", n->in[0]);
	bind_map(b, "Y", n->out[0]);
}
