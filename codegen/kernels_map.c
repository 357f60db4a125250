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
