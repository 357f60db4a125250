/* kernel.c -- bindings that many kernel rows share. */
#include "codegen/kernel.h"

#include <string.h>

void bind_part(Bindings *b, const char *part)
{
	bindings_add_part(b, part);
}

static void bind_suffixed(Bindings *b, const char *p, const char *s, int64_t value)
{
	bind_int(b, arena_printf(bindings_arena(b), "%s%s", p, s), value);
}

void bind_map(Bindings *b, const char *p, const Value *v)
{
	const Type *t = &v->type;
	bind_suffixed(b, p, "C", t->dim[1]);
	bind_suffixed(b, p, "H", t->dim[2]);
	bind_suffixed(b, p, "W", t->dim[3]);
	bind_suffixed(b, p, "ROWS", layout_rows(t));
	bind_suffixed(b, p, "COLS", layout_cols(t));
	bind_suffixed(b, p, "TOP", t->layout.halo[0]);
	bind_suffixed(b, p, "LEFT", t->layout.halo[1]);
	bind_suffixed(b, p, "B", t->layout.block);
	bind_suffixed(b, p, "CB", (t->dim[1] + t->layout.block - 1) / t->layout.block);
}

void bind_vector(Bindings *b, int n)
{
	Arena *a = bindings_arena(b);
	bind_int(b, "VL", n);
	bind_segment(b, "N", n);
	bind_word(b, "VEC", n == 1 ? "float" : arena_printf(a, "net_vec_%d", n));
	bind_word(b, "LOAD", arena_printf(a, "net_load_%d", n));
	bind_word(b, "STORE", arena_printf(a, "net_store_%d", n));
	bind_word(b, "STORE_PART", arena_printf(a, "net_store_part_%d", n));
	bindings_add_part(b, arena_printf(a, "load_%d", n));
	bindings_add_part(b, arena_printf(a, "store_%d", n));
}

void bind_function(Bindings *b, const char *word, Func f, int vector)
{
	const char *name = func_name(f);
	if (vector > 1)
		name = arena_printf(bindings_arena(b), "%s_%d", name, vector);
	bindings_add_part(b, name);
	bind_word(b, word, arena_printf(bindings_arena(b), "net_%s", name));
}

void bind_epilogue(Bindings *b, const Node *n, int k, const char *s, int vector)
{
	Arena *a = bindings_arena(b);
	const Epilogue *e = &node_epilogue(n)[k];
	bind_int(b, arena_printf(a, "ELT%s", s), e->elt != FN_NONE);
	bind_int(b, arena_printf(a, "ACT%sON", s), e->act != FN_NONE);
	if (e->elt != FN_NONE)
		bind_word(b, arena_printf(a, "OP%s", s), e->elt == FN_mul ? "*" : "+");
	if (e->act == FN_NONE)
		return;
	bind_function(b, arena_printf(a, "ACT%s", s), e->act, vector);
	bind_float(b, arena_printf(a, "ALPHA%s", s), e->alpha);
	bind_float(b, arena_printf(a, "BETA%s", s), e->beta);
}

bool is_f32(const Value *v)
{
	return v->type.dtype == DT_F32;
}

bool is_linear(const Value *v)
{
	return v->type.layout.block == 1 && !layout_has_halo(&v->type.layout);
}

bool all_linear(const Node *n)
{
	for (int i = 0; i < n->nin; i++)
		if (n->in[i] && !is_linear(n->in[i]))
			return false;
	for (int i = 0; i < n->nout; i++)
		if (!is_linear(n->out[i]))
			return false;
	return true;
}

bool is_plain(const Value *v)
{
	return is_f32(v) && is_linear(v);
}

bool all_plain(const Node *n)
{
	for (int i = 0; i < n->nin; i++)
		if (n->in[i] && !value_is_constant(n->in[i]) && !is_plain(n->in[i]))
			return false;
	for (int i = 0; i < n->nout; i++)
		if (!is_plain(n->out[i]))
			return false;
	return true;
}
