/* bounds_value.c -- abstract values: types and their ranges, conversions, offsets. */
#include "check/bounds_state.h"

Value value_integer(Linear x)
{
	return (Value){.kind = VALUE_INTEGER, .x = x};
}

/* The range of an integer type; false: 128 bits, or no integer. */
static bool type_range(CXType type, int64_t *low, int64_t *high)
{
	type = clang_getCanonicalType(type);
	if (type.kind == CXType_Bool) {
		*low = 0;
		*high = 1;
		return true;
	}
	const long long size = clang_Type_getSizeOf(type);
	if (!ast_is_integer(type) || size < 1 || size > 8)
		return false;
	CXType base =
	    type.kind == CXType_Enum ? clang_getCanonicalType(clang_getEnumDeclIntegerType(clang_getTypeDeclaration(type))) : type;
	const bool is_signed = base.kind >= CXType_Char_S;
	const int bits = (int)size * 8;
	*low = is_signed ? bits == 64 ? -LINEAR_MOST : -((int64_t)1 << (bits - 1)) : 0;
	*high = bits == 64 ? LINEAR_MOST : ((int64_t)1 << (is_signed ? bits - 1 : bits)) - 1;
	return true;
}

Value value_unknown(State *s, CXType type)
{
	int64_t low, high;
	type = clang_getCanonicalType(type);
	if (type_range(type, &low, &high))
		return value_integer(linear_symbol(&s->k, low, high));
	if (type.kind == CXType_Pointer)
		return (Value){.kind = VALUE_POINTER, .x = linear_symbol(&s->k, -LINEAR_MOST, LINEAR_MOST)};
	return (Value){.kind = VALUE_OPAQUE};
}

Value value_convert(State *s, Value v, CXType to)
{
	int64_t low, high;
	to = clang_getCanonicalType(to);
	if (!type_range(to, &low, &high))
		return v.kind == VALUE_INTEGER && to.kind != CXType_Pointer ? (Value){.kind = VALUE_OPAQUE} : v;
	if (v.kind != VALUE_INTEGER)
		return value_unknown(s, to);
	if (v.x.n == 0 && v.x.constant >= low && v.x.constant <= high)
		return v;
	if (s->speculative && (linear_low(&s->k, v.x) <= -LINEAR_MOST || linear_high(&s->k, v.x) >= LINEAR_MOST))
		return v; /* a probe of a loop: confirm_invariant() decides whether it wraps */
	if ((low <= -LINEAR_MOST || linear_low(&s->k, v.x) >= low) && (high >= LINEAR_MOST || linear_high(&s->k, v.x) <= high))
		return v;
	Linear under = linear_add(&s->k, v.x, linear_constant(low), -1), over = linear_add(&s->k, linear_constant(high), v.x, -1);
	if ((low <= -LINEAR_MOST || linear_not_negative(&s->k, under)) && (high >= LINEAR_MOST || linear_not_negative(&s->k, over)))
		return v;
	return value_unknown(s, to); /* it wraps */
}

Linear value_size(CXType type)
{
	const long long size = clang_Type_getSizeOf(type);
	return linear_constant(size > 0 ? size : 1);
}

Value value_move(State *s, Value p, Value by, CXType element, int sign)
{
	if (p.kind != VALUE_POINTER || by.kind != VALUE_INTEGER)
		return (Value){.kind = VALUE_POINTER, .x = linear_symbol(&s->k, -LINEAR_MOST, LINEAR_MOST)};
	const long long size = clang_Type_getSizeOf(element);
	p.x = linear_add(&s->k, p.x, by.x, sign * (size > 0 ? size : 1));
	return p;
}

Region *region_new(State *s, const char *name, Linear size)
{
	Region *r = arena_new_one(s->arena, Region);
	*r = (Region){.name = name, .size = size};
	return r;
}
