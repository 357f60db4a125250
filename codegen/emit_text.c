/* emit_text.c -- strings of the model in C text, and the expressions for places in memory. */
#include "codegen/emission.h"
#include "codegen/kernels_cuda.h"

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

static const char *plus(Arena *a, const char *base, int64_t offset)
{
	return offset ? arena_printf(a, "%s + %lld", base, (long long)offset) : arena_strdup(a, base);
}

/* Of all constants. */
static const char *weights_pointer(const Emission *e)
{
	const bool loaded = e->options->weights == WEIGHTS_FILE && !e->device;
	return arena_printf(e->arena, loaded ? "%s_memory.weights" : "%s_weights", e->options->name);
}

const char *c_argument(const Emission *e, const Argument *x)
{
	const char *m = e->options->name;
	const long long at = (long long)x->offset;
	const bool floats = x->dtype == DT_F32 || x->dtype == DT_NONE;
	switch (x->object) {
	case OBJECT_INPUT:
	case OBJECT_OUTPUT:
		return plus(e->arena, arena_printf(e->arena, "%s%d", x->object == OBJECT_INPUT ? "in" : "out", x->index),
		            at / dtype_size(x->dtype));
	case OBJECT_WEIGHTS:
		return floats ? plus(e->arena, weights_pointer(e), at / 4)
		              : arena_printf(e->arena, "%s_const_at(%s, %lld)", m, weights_pointer(e), at);
	case OBJECT_FOUND:
		return "out, max";
	case OBJECT_LINES:
		return arena_printf(e->arena, "%s_memory.lines", m);
	default:
		if (x->role == ROLE_SCRATCH)
			return arena_printf(e->arena, "arena + %lld", at / 4);
		return floats ? plus(e->arena, "arena", at / 4) : arena_printf(e->arena, "%s_at(arena, %lld)", m, at);
	}
}

const char *cuda_argument(const Emission *e, const Argument *x)
{
	const char *object = x->object == OBJECT_WEIGHTS ? "weights" : "arena",
	           *constant = x->role == ROLE_OPERAND || x->role == ROLE_WEIGHTS ? "const " : "";
	if (x->object == OBJECT_CALLS)
		return "calls";
	if (x->dtype == DT_NONE)
		return arena_printf(e->arena, "%s + %lld", object, (long long)x->offset);
	return arena_printf(e->arena, "%s_at<%s%s>(%s, %lld)", e->options->name, constant, cuda_type(x->dtype), object,
	                    (long long)x->offset);
}

const char *cuda_type(DType t)
{
	return t == DT_F16 ? "__half" : t == DT_BF16 ? "__nv_bfloat16" : c_type(t);
}

const char *c_type(DType t)
{
	static const char *const name[DT_COUNT] = {
	    [DT_F32] = "float",   [DT_F64] = "double",   [DT_F16] = "uint16_t", [DT_BF16] = "uint16_t", [DT_I8] = "int8_t",
	    [DT_U8] = "uint8_t",  [DT_I16] = "int16_t",  [DT_U16] = "uint16_t", [DT_I32] = "int32_t",   [DT_U32] = "uint32_t",
	    [DT_I64] = "int64_t", [DT_U64] = "uint64_t", [DT_BOOL] = "uint8_t"};
	return name[t];
}
