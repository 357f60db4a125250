/* emit_text.c -- strings of the model in C text, and the expressions for places in memory. */
#include "codegen/emit.h"
#include "codegen/kernels_cuda.h"
#include "ir/diag.h"

#include <string.h>

const char *c_comment(Arena *a, const char *s)
{
	char *out = arena_strdup(a, s);
	for (char *p = out; *p; p++) {
		bool ends = (p[0] == '*' && p[1] == '/') || (p[0] == '/' && p[1] == '*') || (p[0] == '?' && p[1] == '?');
		if (*p < 0x20 || *p > 0x7e || *p == '\\' || ends)
			*p = '_';
	}
	return out;
}

const char *c_string(Arena *a, const char *s)
{
	char *out = arena_alloc(a, 4 * strlen(s) + 1), *o = out;
	for (const unsigned char *p = (const unsigned char *)s; *p; p++) {
		if (*p < 0x20 || *p > 0x7e || *p == '"' || *p == '\\' || *p == '?')
			o += sprintf(o, "\\%03o", *p); /* three digits: the next character cannot join */
		else
			*o++ = (char)*p;
	}
	return out;
}

int value_output_index(const Graph *g, const Value *v)
{
	for (int i = 0; i < g->noutput; i++)
		if (g->output[i] == v)
			return i;
	return -1;
}

static const char *plus(Arena *a, const char *base, int64_t offset)
{
	return offset ? arena_printf(a, "%s + %lld", base, (long long)offset) : arena_strdup(a, base);
}

const char *value_pointer(const Emission *e, const Value *v)
{
	const Value *root = value_root(v);
	int64_t offset = value_root_offset(v);
	if (value_is_input(root))
		for (int i = 0; i < e->graph->ninput; i++)
			if (e->graph->input[i] == root)
				return plus(e->arena, arena_printf(e->arena, "in%d", i), offset);
	int out = value_output_index(e->graph, root);
	if (out >= 0)
		return plus(e->arena, arena_printf(e->arena, "out%d", out), offset);
	if (root->offset < 0 || root->offset % 4)
		bug("value %%%d has no place in the arena", root->id);
	if (root->type.dtype != DT_F32)
		return arena_printf(e->arena, "%s_at(arena, %lld)", e->options->name,
		                    (long long)(root->offset + offset * dtype_size(root->type.dtype)));
	return plus(e->arena, "arena", root->offset / 4 + offset);
}

bool value_is_cast(const Emission *e, const Value *v)
{
	const Value *root = value_root(v);
	return root->type.dtype != DT_F32 && !value_is_input(root) && value_output_index(e->graph, root) < 0;
}

const char *weights_pointer(const Emission *e)
{
	const bool loaded = e->options->weights == WEIGHTS_FILE && !e->device;
	return arena_printf(e->arena, loaded ? "%s_memory.weights" : "%s_weights", e->options->name);
}

const char *constant_pointer(const Emission *e, const Node *n, int i)
{
	int64_t at = n->weights_offset + kernel_constant_place(n, i);
	const char *weights = weights_pointer(e);
	if (kernel_constant_dtype(n, i) == DT_F32)
		return plus(e->arena, weights, at / 4);
	return arena_printf(e->arena, "%s_const_at(%s, %lld)", e->options->name, weights, (long long)at);
}

const char *cuda_type(DType t)
{
	return t == DT_F16 ? "__half" : t == DT_BF16 ? "__nv_bfloat16" : c_type(t);
}

const char *c_type(DType t)
{
	static const char *const name[DT_COUNT] = {
	    [DT_F32] = "float",   [DT_F64] = "double",   [DT_F16] = "uint16_t",  [DT_BF16] = "uint16_t", [DT_I8] = "int8_t",
	    [DT_U8] = "uint8_t",  [DT_I16] = "int16_t",  [DT_U16] = "uint16_t",  [DT_I32] = "int32_t",   [DT_U32] = "uint32_t",
	    [DT_I64] = "int64_t", [DT_U64] = "uint64_t", [DT_BOOL] = "uint8_t"};
	return name[t];
}
