/* kernel_types.c -- bindings of element types: what a template computes in, loads, stores and calls. */
#include "codegen/kernel.h"
#include "ir/diag.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

Class class_of(DType t)
{
	if (dtype_is_float(t))
		return t == DT_F64 ? CLASS_DOUBLE : CLASS_FLOAT;
	return t == DT_U64 ? CLASS_U64 : CLASS_INT;
}

/* Types of one byte may point at anything; the others are typedefs that may. */
static const struct {
	const char *word, *part, *load, *load_part, *cast;
} types[DT_COUNT] = {
    [DT_F32] = {"float", NULL, "", NULL, "(float)"},
    [DT_F64] = {"net_f64", "type_f64", "", NULL, "(double)"},
    [DT_F16] = {"net_u16", "type_u16", "net_from_f16", "from_f16", NULL},
    [DT_BF16] = {"net_u16", "type_u16", "net_from_bf16", "from_bf16", NULL},
    [DT_I8] = {"int8_t", NULL, "", NULL, "(int8_t)"},
    [DT_U8] = {"uint8_t", NULL, "", NULL, "(uint8_t)"},
    [DT_BOOL] = {"uint8_t", NULL, "", NULL, "(uint8_t)"},
    [DT_I16] = {"net_i16", "type_i16", "", NULL, "(int16_t)"},
    [DT_U16] = {"net_u16", "type_u16", "", NULL, "(uint16_t)"},
    [DT_I32] = {"net_i32", "type_i32", "", NULL, "(int32_t)"},
    [DT_U32] = {"net_u32", "type_u32", "", NULL, "(uint32_t)"},
    [DT_I64] = {"net_i64", "type_i64", "", NULL, "(int64_t)"},
    [DT_U64] = {"net_u64", "type_u64", "(int64_t)", NULL, "(uint64_t)"},
};

static void want(Bindings *b, const char *part)
{
	if (part)
		bind_part(b, part);
}

void bind_type(Bindings *b, const char *word, DType t)
{
	want(b, types[t].part);
	bind_word(b, word, types[t].word);
}

void bind_load(Bindings *b, const char *class_word, const char *load_word, DType t)
{
	static const char *const names[] = {"float", "double", "int64_t", "int64_t"};
	if (class_word)
		bind_word(b, class_word, names[class_of(t)]);
	want(b, types[t].load_part);
	bind_word(b, load_word, types[t].load);
}

static const char *half_store(Bindings *b, Class c, DType t)
{
	static const char *const from[] = {"", "d_", "i_", "u_"};
	const char *part = arena_printf(bindings_arena(b), "%sto_%s", from[c], dtype_name(t));
	bind_part(b, part);
	return arena_printf(bindings_arena(b), "net_%s", part);
}

void bind_store(Bindings *b, const char *word, Class c, DType t)
{
	want(b, types[t].part);
	if (dtype_in(t, DTYPES_FLOAT16))
		bind_word(b, word, half_store(b, c, t));
	else if ((t == DT_F32 && c == CLASS_FLOAT) || (t == DT_F64 && c == CLASS_DOUBLE))
		bind_word(b, word, "");
	else if (c == CLASS_U64 && dtype_is_float(t))
		bind_word(b, word, arena_printf(bindings_arena(b), "%s(uint64_t)", types[t].cast));
	else
		bind_word(b, word, types[t].cast);
}

/* Functions of f64 that have an emitted form: functions_double.c. */
static const Func of_double[] = {
    FN_identity, FN_relu,       FN_abs,     FN_neg,     FN_square, FN_sign,  FN_reciprocal,    FN_exp,   FN_log,    FN_sqrt,
    FN_floor,    FN_ceil,       FN_round,   FN_sigmoid, FN_tanh,   FN_atan,  FN_softplus,      FN_clip,  FN_affine, FN_add,
    FN_sub,      FN_mul,        FN_div,     FN_max,     FN_min,    FN_fmod,  FN_pow,           FN_prelu, FN_mod,    FN_equal,
    FN_less,     FN_less_equal, FN_greater, FN_isnan,   FN_isinf,  FN_where, FN_greater_equal,
};

/* Those of u64 that differ from the ones of the same bits as i64. */
static const Func of_u64[] = {FN_div,        FN_fmod,    FN_mod,           FN_max,  FN_min,  FN_shift_right, FN_less,
                              FN_less_equal, FN_greater, FN_greater_equal, FN_sign, FN_clip, FN_pow,         FN_prelu};
/* Those that are another function of i64: every u64 is positive. */
static const struct {
	Func f, is;
} of_positive[] = {{FN_relu, FN_identity}, {FN_abs, FN_identity}};

static bool is_among(Func f, const Func *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == f)
			return true;
	return false;
}

bool class_has_function(Func f, Class c)
{
	if (f == FN_NONE)
		return true;
	if (c == CLASS_FLOAT)
		return func_kind(f) != FUNC_BITS;
	if (c == CLASS_DOUBLE)
		return is_among(f, of_double, sizeof of_double / sizeof *of_double);
	return func_kind(f) != FUNC_FLOAT;
}

void bind_class_function(Bindings *b, const char *word, Func f, Class c)
{
	static const char *const prefix[] = {"", "d_", "i_", "u_"};
	f = f == FN_NONE ? FN_identity : f;
	for (size_t i = 0; c == CLASS_U64 && i < sizeof of_positive / sizeof *of_positive; i++)
		if (of_positive[i].f == f)
			f = of_positive[i].is;
	if (c == CLASS_U64 && !is_among(f, of_u64, sizeof of_u64 / sizeof *of_u64))
		c = CLASS_INT;
	const char *part = arena_printf(bindings_arena(b), "%s%s", prefix[c], func_name(f));
	bind_part(b, part);
	bind_word(b, word, arena_printf(bindings_arena(b), "net_%s", part));
}

static const char *double_literal(Bindings *b, double v)
{
	char text[40];
	if (!isfinite(v)) {
		bind_part(b, "d_from_bits");
		return arena_printf(bindings_arena(b), "net_d_from_bits(UINT64_C(0x%s000000000000))",
		                    isnan(v) ? "7ff8"
		                    : v < 0  ? "fff0"
		                             : "7ff0");
	}
	snprintf(text, sizeof text, "%.17g", v);
	for (char *p = text; *p; p++)
		if (*p == ',')
			*p = '.';
	return arena_printf(bindings_arena(b), "%s%s", text, strpbrk(text, ".e") ? "" : ".0");
}

static const char *single_literal(Bindings *b, double v)
{
	float f = (float)v;
	if (isfinite(f))
		return float_literal(bindings_arena(b), f);
	bind_part(b, "from_bits");
	return isnan(f) ? "net_from_bits(0x7fc00000u)" : f < 0 ? "net_from_bits(0xff800000u)" : "net_from_bits(0x7f800000u)";
}

static const char *int_literal(Bindings *b, DType t, double v)
{
	int64_t i = int_from_double(v, t);
	if (i == INT64_MIN)
		return "(-INT64_C(9223372036854775807) - 1)";
	if (i > INT32_MIN && i <= INT32_MAX)
		return arena_printf(bindings_arena(b), "%" PRId64, i);
	return arena_printf(bindings_arena(b), "INT64_C(%" PRId64 ")", i);
}

void bind_class_number(Bindings *b, const char *word, DType t, double v)
{
	Class c = class_of(t);
	bind_word(b, word, c == CLASS_FLOAT ? single_literal(b, v) : c == CLASS_DOUBLE ? double_literal(b, v) : int_literal(b, t, v));
}

void bind_number(Bindings *b, const char *word, DType t, double v)
{
	if (dtype_in(t, DTYPES_FLOAT16))
		bind_word(b, word,
		          arena_printf(bindings_arena(b), "%u", (unsigned)(t == DT_F16 ? f16_from_double(v) : bf16_from_double(v))));
	else if (t == DT_U64)
		bind_word(b, word, arena_printf(bindings_arena(b), "UINT64_C(%" PRIu64 ")", (uint64_t)int_from_double(v, t)));
	else if (t == DT_U32)
		bind_word(b, word, arena_printf(bindings_arena(b), "%" PRId64 "u", int_from_double(v, t)));
	else
		bind_class_number(b, word, t, v);
}

/* ---- loops ---- */

int64_t type_step(const Type *t, int axis)
{
	int64_t step = 1;
	for (int i = axis + 1; i < t->rank; i++)
		step *= t->dim[i];
	return step;
}

int64_t type_outer(const Type *t, int axis)
{
	int64_t outer = 1;
	for (int i = 0; i < axis; i++)
		outer *= t->dim[i];
	return outer;
}

void bind_axis(Bindings *b, const Type *t, int axis)
{
	bind_int(b, "OUTER", type_outer(t, axis));
	bind_int(b, "LENGTH", t->dim[axis]);
	bind_int(b, "INNER", type_step(t, axis));
}

Loops loops_over(const Type *t)
{
	Loops l = {.rank = t->rank};
	for (int i = 0; i < t->rank; i++)
		l.count[i] = t->dim[i];
	return l;
}

void loops_broadcast(Loops *l, int operand, const Type *x)
{
	for (int i = 0; i < l->rank; i++) {
		int axis = i - (l->rank - x->rank);
		l->step[operand][i] = axis < 0 || x->dim[axis] == 1 ? 0 : type_step(x, axis);
	}
}

/* Loop i of n and the one inside it are one. */
static bool is_in_step(const Loops *l, int n, int i, int operands)
{
	for (int k = 0; k < operands; k++)
		if (l->step[k][n - 1] != l->step[k][i] * l->count[i])
			return false;
	return true;
}

void loops_simplify(Loops *l, int operands)
{
	int n = 0;
	for (int i = 0; i < l->rank; i++) {
		if (l->count[i] == 1)
			continue;
		bool joined = n && is_in_step(l, n, i, operands);
		int64_t outer = joined ? l->count[n - 1] : 1;
		n -= joined;
		l->count[n] = outer * l->count[i];
		for (int k = 0; k < operands; k++)
			l->step[k][n] = l->step[k][i];
		n++;
	}
	l->rank = n;
}

void bind_loops(Bindings *b, const char *index, const char *counts, const Loops *l, int operands, const char *const *steps)
{
	Arena *a = bindings_arena(b);
	for (int i = 0; i < l->rank; i++) {
		bind_int(b, arena_printf(a, "%s_%d", counts, i), l->count[i]);
		for (int k = 0; k < operands; k++)
			bind_int(b, arena_printf(a, "%s_%d", steps[k], i), l->step[k][i]);
	}
	bind_repeat(b, index, l->rank);
}
