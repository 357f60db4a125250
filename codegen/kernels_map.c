/* kernels_map.c -- rows of kernels on blocked maps with halos that are no convolutions. */
#include "codegen/kernels_map.h"
#include "codegen/rows.h"

bool is_map_of(const Value *v, int block)
{
	return v && is_f32(v) && v->type.rank == 4 && v->type.dim[0] == 1 && v->type.layout.block == block;
}

bool halo_is_zero(const Value *v)
{
	const int *h = v->type.layout.halo;
	return !h[0] && !h[1] && !h[2] && !h[3];
}

bool halo_is_within(const int halo[4], const Value *v)
{
	for (int i = 0; i < 4; i++)
		if (halo[i] > v->type.layout.halo[i])
			return false;
	return true;
}

void bind_steps(Bindings *b, const char *p, const char *s, const Value *v, int n)
{
	Arena *a = bindings_arena(b);
	const Type *t = &v->type;
	int64_t block = t->layout.block, cols = layout_cols(t);
	bind_int(b, arena_printf(a, "%sV%s", p, s), block == n ? layout_rows(t) * cols * block : n);
	bind_int(b, arena_printf(a, "%sR%s", p, s), cols * block);
	bind_int(b, arena_printf(a, "%sP%s", p, s), block);
	bind_int(b, arena_printf(a, "%sAT%s", p, s), (t->layout.halo[0] * cols + t->layout.halo[1]) * block);
}

/* ---- eltwise_map ---- */

bool eltwise_map_accepts(const Target *t, const Node *n)
{
	if (n->nin > 2 || !is_map_of(n->out[0], t->vector))
		return false;
	for (int i = 0; i < n->nin; i++)
		if (!is_map_of(n->in[i], t->vector) || value_is_constant(n->in[i]) ||
		    !type_same_shape(&n->in[i]->type, &n->out[0]->type))
			return false;
	return true;
}

void eltwise_map_bind(const Target *t, const Node *n, Bindings *b)
{
	const Eltwise *e = &n->u.eltwise;
	const Type *y = &n->out[0]->type;
	bind_vector(b, t->vector);
	bind_int(b, "BLOCKS", (y->dim[1] + t->vector - 1) / t->vector);
	bind_int(b, "YH", y->dim[2]);
	bind_int(b, "YW", y->dim[3]);
	bind_int(b, "BINARY", n->nin > 1);
	bind_steps(b, "A", "", n->in[0], t->vector);
	if (n->nin > 1)
		bind_steps(b, "B", "", n->in[1], t->vector);
	bind_steps(b, "Y", "", n->out[0], t->vector);
	bind_function(b, "FN", e->fn == FN_NONE ? FN_identity : e->fn, t->vector);
	bind_float(b, "FNALPHA", e->alpha);
	bind_float(b, "FNBETA", e->beta);
	bind_float(b, "COEFF0", e->coeff[0]);
	bind_float(b, "COEFF1", e->coeff[1]);
	bind_epilogue(b, n, 0, "", t->vector);
}
