/* number.c -- numbers as each element type holds them, and the scalar functions on integers.
 *
 * Integers of every type are int64_t here, u64 as its bits. Sums and products wrap as unsigned numbers do, so nothing
 * overflows, and the caller takes the low bits (int_wrap). What C leaves undefined has a value: x / 0 and x mod 0 are
 * 0, as are shifts by the width or more.
 */
#include "ir/ir.h"

#include <math.h>
#include <string.h>

/* ---- ranges ---- */

static int bits_of(DType t)
{
	return 8 * dtype_size(t);
}

int64_t int_wrap(int64_t v, DType t)
{
	int unused = 64 - bits_of(t);
	if (t == DT_BOOL)
		return v != 0;
	if (!unused)
		return v;
	uint64_t low = (uint64_t)v & (UINT64_MAX >> unused);
	if (!dtype_is_unsigned(t) && low >> (63 - unused))
		low |= ~(UINT64_MAX >> unused);
	return (int64_t)low;
}

static int64_t least_of(DType t)
{
	return dtype_is_unsigned(t) ? 0 : INT64_MIN >> (64 - bits_of(t));
}

/* of u64 as its bits */
static int64_t most_of(DType t)
{
	if (t == DT_U64)
		return -1;
	return dtype_is_unsigned(t) ? (int64_t)(UINT64_MAX >> (64 - bits_of(t))) : INT64_MAX >> (64 - bits_of(t));
}

int64_t int_saturate(int64_t v, DType from, DType t)
{
	if (t == DT_BOOL)
		return v != 0;
	if (from == DT_U64 && v < 0) /* above INT64_MAX */
		return t == DT_U64 ? v : most_of(t);
	if (v < 0 && dtype_is_unsigned(t))
		return 0;
	if (t == DT_U64)
		return v;
	return v < least_of(t) ? least_of(t) : v > most_of(t) ? most_of(t) : v;
}

int64_t int_from_double(double v, DType t)
{
	if (t == DT_BOOL)
		return !(v == 0); /* NaN is true, as in C */
	if (isnan(v) || (v <= 0 && dtype_is_unsigned(t)))
		return 0;
	if (t == DT_U64)
		return v < 0x1p64 ? (int64_t)(uint64_t)v : -1;
	if (v >= 0x1p63)
		return most_of(t);
	return v < -0x1p63 ? least_of(t) : int_saturate((int64_t)v, DT_I64, t);
}

double int_to_double(int64_t v, DType t)
{
	return t == DT_U64 ? (double)(uint64_t)v : (double)v;
}

/* ---- 16-bit floats ---- */

float f16_to_float(uint16_t h)
{
	uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = (h >> 10) & 31, mantissa = h & 0x3ff, bits;
	if (exponent == 31) {
		bits = sign | 0x7f800000 | mantissa << 13;
	} else if (exponent) {
		bits = sign | (exponent + 112) << 23 | mantissa << 13;
	} else { /* zero or denormal: mantissa * 2^-24 is exact in f32 */
		float f = (float)mantissa * 0x1p-24f;
		memcpy(&bits, &f, sizeof bits);
		bits |= sign;
	}
	float f;
	memcpy(&f, &bits, sizeof f);
	return f;
}

float bf16_to_float(uint16_t h)
{
	uint32_t bits = (uint32_t)h << 16;
	float f;
	memcpy(&f, &bits, sizeof f);
	return f;
}

uint16_t f16_from_double(double v)
{
	uint16_t sign = signbit(v) ? 0x8000 : 0;
	double m = fabs(v);
	int exponent;
	if (isnan(v))
		return 0x7e00;
	if (m == 0)
		return sign;
	if (m >= 65520)
		return sign | 0x7c00;
	frexp(m, &exponent);                                  /* m < 2^exponent */
	int unit = exponent - 11 < -24 ? -24 : exponent - 11; /* exponent of the last bit */
	long scaled = lrint(ldexp(m, -unit));
	/* subnormals: scaled itself; others: 1024 <= scaled <= 2048 steps into the binade unit + 25 */
	return (uint16_t)(sign | (unit == -24 ? scaled : scaled + (unit + 24) * 1024L));
}

uint16_t bf16_from_double(double v)
{
	float f = (float)v;
	uint32_t bits;
	memcpy(&bits, &f, sizeof bits);
	if (isnan(f))
		return 0x7fc0;
	return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/* ---- any type ---- */

/* Integers: the low bytes; every machine that we serve is little-endian. */
void number_store(DType t, double v, void *out)
{
	const size_t size = (size_t)dtype_size(t);
	const float single = (float)v;
	if (t == DT_F32) {
		memcpy(out, &single, size);
	} else if (t == DT_F64) {
		memcpy(out, &v, size);
	} else if (dtype_is_float(t)) {
		const uint16_t half = t == DT_F16 ? f16_from_double(v) : bf16_from_double(v);
		memcpy(out, &half, size);
	} else {
		const int64_t i = int_from_double(v, t);
		memcpy(out, &i, size);
	}
}

double number_load(DType t, const void *in)
{
	const size_t size = (size_t)dtype_size(t);
	float single;
	double v;
	uint16_t half;
	int64_t i = 0;
	if (t == DT_F32) {
		memcpy(&single, in, size);
		return (double)single;
	}
	if (t == DT_F64) {
		memcpy(&v, in, size);
		return v;
	}
	if (dtype_is_float(t)) {
		memcpy(&half, in, size);
		return (double)(t == DT_F16 ? f16_to_float(half) : bf16_to_float(half));
	}
	memcpy(&i, in, size);
	return int_to_double(int_wrap(i, t), t);
}

double number_round(DType t, double v)
{
	if (t == DT_F32 || t == DT_F64)
		return v;
	if (t == DT_F16)
		return (double)f16_to_float(f16_from_double(v));
	if (t == DT_BF16)
		return (double)bf16_to_float(bf16_from_double(v));
	return int_to_double(int_from_double(v, t), t);
}

/* ---- functions ---- */

/* Quotient and remainder towards zero; both 0 for y = 0, and INT64_MIN / -1 wraps. */
static int64_t divide(bool is_unsigned, int64_t x, int64_t y, int64_t *rest)
{
	*rest = 0;
	if (!y)
		return 0;
	if (is_unsigned) {
		*rest = (int64_t)((uint64_t)x % (uint64_t)y);
		return (int64_t)((uint64_t)x / (uint64_t)y);
	}
	if (y == -1)
		return (int64_t)(0 - (uint64_t)x);
	*rest = x % y;
	return x / y;
}

static int64_t power(bool is_unsigned, int64_t x, int64_t y)
{
	uint64_t result = 1, factor = (uint64_t)x;
	if (y < 0 && !is_unsigned) /* 1 / x^-y, towards zero */
		return x == 1 ? 1 : x == -1 ? (y % 2 ? -1 : 1) : 0;
	for (uint64_t left = (uint64_t)y; left; left >>= 1, factor *= factor)
		if (left & 1)
			result *= factor;
	return (int64_t)result;
}

static int64_t shift_right(const DType t, int64_t x, int64_t y)
{
	if (y < 0 || y >= bits_of(t))
		return 0;
	if (t == DT_U64 || x >= 0)
		return (int64_t)((uint64_t)x >> y);
	return ~(int64_t)((uint64_t)~x >> y);
}

/* Comparisons, and functions of bits; *known is false for all others. */
static int64_t apply_bits(Func f, DType t, int64_t x, int64_t y, bool *known)
{
	const bool less = t == DT_U64 ? (uint64_t)x < (uint64_t)y : x < y;
	*known = true;
	switch (f) {
	case FN_isnan:
	case FN_isinf:
		return 0;
	case FN_equal:
		return x == y;
	case FN_less:
		return less;
	case FN_less_equal:
		return less || x == y;
	case FN_greater:
		return !less && x != y;
	case FN_greater_equal:
		return !less;
	case FN_not:
		return t == DT_BOOL ? !x : ~x;
	case FN_and:
		return x & y;
	case FN_or:
		return x | y;
	case FN_xor:
		return x ^ y;
	case FN_shift_left:
		return y < 0 || y >= bits_of(t) ? 0 : (int64_t)((uint64_t)x << y);
	case FN_shift_right:
		return shift_right(t, x, y);
	default:
		*known = false;
		return 0;
	}
}

int64_t func_apply_int(Func f, DType t, int64_t x, int64_t y, double alpha, double beta)
{
	const bool u = t == DT_U64;
	const uint64_t a = (uint64_t)x, b = (uint64_t)y;
	const bool less = u ? a < b : x < y;
	int64_t rest;
	switch (f) {
	case FN_NONE:
	case FN_identity:
		return x;
	case FN_relu:
		return u || x > 0 ? x : 0;
	case FN_clip:
		x = int_to_double(x, t) > alpha ? x : int_from_double(alpha, t);
		return int_to_double(x, t) < beta ? x : int_from_double(beta, t);
	case FN_abs:
		return u || x >= 0 ? x : (int64_t)(0 - a);
	case FN_neg:
		return (int64_t)(0 - a);
	case FN_add:
		return (int64_t)(a + b);
	case FN_sub:
		return (int64_t)(a - b);
	case FN_mul:
		return (int64_t)(a * b);
	case FN_div:
		return divide(u, x, y, &rest);
	case FN_fmod:
		return divide(u, x, y, &rest), rest;
	case FN_mod:
		divide(u, x, y, &rest);
		return !u && rest && (rest < 0) != (y < 0) ? rest + y : rest;
	case FN_max:
		return less ? y : x;
	case FN_min:
		return less ? x : y;
	case FN_square:
		return (int64_t)(a * a);
	case FN_sign:
		return !x ? 0 : u || x > 0 ? 1 : -1;
	case FN_pow:
		return power(u, x, y);
	case FN_prelu:
		return u || x > 0 ? x : (int64_t)(a * b);
	default:
		break;
	}
	bool known;
	const int64_t z = apply_bits(f, t, x, y, &known);
	if (!known)
		bug("'%s' is not a function of integers", func_name(f));
	return z;
}
