/* functions_integer.c -- element types, their conversions, indices, and the scalar functions of integers.
 *
 * Parts as in functions.c. Integers of every type are computed as int64_t, u64 as its bits (u_ where that differs from
 * i_), and narrowed when they are stored. Nothing overflows: sums and products are those of unsigned numbers. x / 0, x mod
 * 0 and shifts by the width or more are 0.
 */
#ifndef DSSDC
#ifndef NET_FUNCTIONS
#include "codegen/kernels/c/functions.c"
#include "codegen/kernels/c/functions_double.c"
#endif
#endif

/* part: alias needs: */
/* The arena is an array of floats in which other types are stored too. */
#if defined(__GNUC__)
#define NET_ALIAS __attribute__((may_alias))
#else
#define NET_ALIAS
#endif

/* part: type_i16 needs: alias */
typedef int16_t net_i16 NET_ALIAS;

/* part: type_u16 needs: alias */
typedef uint16_t net_u16 NET_ALIAS;

/* part: type_i32 needs: alias */
typedef int32_t net_i32 NET_ALIAS;

/* part: type_u32 needs: alias */
typedef uint32_t net_u32 NET_ALIAS;

/* part: type_i64 needs: alias */
typedef int64_t net_i64 NET_ALIAS;

/* part: type_u64 needs: alias */
typedef uint64_t net_u64 NET_ALIAS;

/* part: type_f64 needs: alias */
typedef double net_f64 NET_ALIAS;

/* part: at needs: */
/* The place of what is no float. */
static inline void *net_at(float *arena, size_t bytes)
{
	return (unsigned char *)arena + bytes;
}

/* part: const_at needs: */
static inline const void *net_const_at(const float *weights, size_t bytes)
{
	return (const unsigned char *)weights + bytes;
}

/* part: place needs: */
/* An index that depends on data: negative ones count from the end, what is outside becomes the nearest of 0 .. n - 1. */
static inline int32_t net_place(int64_t i, int32_t n)
{
	i = i < 0 ? i + n : i;
	i = i < n ? i : n - 1;
	return i > 0 ? (int32_t)i : 0;
}

/* part: limit needs: */
static inline int64_t net_limit(int64_t x, int64_t least, int64_t most)
{
	x = x > least ? x : least;
	return x < most ? x : most;
}

/* part: to_integer needs: d_bits d_from_bits */
/* Towards zero, then the nearest of least .. most; NaN: 0, or the nearest to it. What is cast is below 2^63 by its bits,
 * where NaN is a large number like others. */
static inline int64_t net_to_integer(double x, int64_t least, int64_t most)
{
	const int64_t bits = net_d_bits(x), size = bits & 0x7fffffffffffffff;
	int64_t i;

	if (size > 0x7ff0000000000000)
		i = 0;
	else if (size >= 0x43e0000000000000)
		i = bits < 0 ? -INT64_C(9223372036854775807) - 1 : INT64_C(9223372036854775807);
	else {
		i = (int64_t)net_d_from_bits((uint64_t)size);
		i = bits < 0 ? -i : i;
	}
	i = i > least ? i : least;
	return i < most ? i : most;
}

/* part: to_u64 needs: d_bits d_from_bits */
/* The bits of the u64 nearest to x, rounded towards zero; NaN: 0. What is cast is below 2^64 by its bits. */
static inline int64_t net_to_u64(double x)
{
	const int64_t bits = net_d_bits(x);

	if (bits < 0 || bits > 0x7ff0000000000000)
		return 0;
	return bits >= 0x43f0000000000000 ? -1 : (int64_t)(uint64_t)net_d_from_bits((uint64_t)bits);
}

/* part: from_f16 needs: from_bits */
static inline float net_from_f16(uint16_t h)
{
	const uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 0x3ff;

	if (exponent == 0)
		return net_from_bits(sign | 0x3f800000u) * (float)fraction * 5.9604644775390625e-8f;
	return net_from_bits(sign | (exponent == 31 ? 0x7f800000u : (exponent + 112) << 23) | fraction << 13);
}

/* part: to_f16 needs: bits from_bits */
/* The nearest, ties to even. */
static inline uint16_t net_to_f16(float x)
{
	const uint32_t bits = (uint32_t)net_bits(x), sign = bits >> 16 & 0x8000, size = bits & 0x7fffffff;

	if (size > 0x7f800000)
		return 0x7e00;
	if (size >= 0x477ff000)
		return (uint16_t)(sign | 0x7c00);
	if (size < 0x38800000) /* denormal: a sum whose last bit is that of f16 */
		return (uint16_t)(sign | ((uint32_t)net_bits(net_from_bits(size) + 0.5f) - 0x3f000000));
	return (uint16_t)(sign | ((size - 0x38000000 + 0xfff + (size >> 13 & 1)) >> 13));
}

/* part: from_bf16 needs: from_bits */
static inline float net_from_bf16(uint16_t h)
{
	return net_from_bits((uint32_t)h << 16);
}

/* part: to_bf16 needs: bits */
/* The nearest, ties to even. */
static inline uint16_t net_to_bf16(float x)
{
	const uint32_t bits = (uint32_t)net_bits(x);

	if ((bits & 0x7fffffff) > 0x7f800000)
		return 0x7fc0;
	return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/* part: i_identity needs: */
static inline int64_t net_i_identity(int64_t x, int64_t alpha, int64_t beta)
{
	(void)alpha;
	(void)beta;
	return x;
}

/* part: i_relu needs: */
static inline int64_t net_i_relu(int64_t x, int64_t alpha, int64_t beta)
{
	(void)alpha;
	(void)beta;
	return x > 0 ? x : 0;
}

/* part: i_abs needs: */
static inline int64_t net_i_abs(int64_t x, int64_t alpha, int64_t beta)
{
	(void)alpha;
	(void)beta;
	return x < 0 ? (int64_t)(0 - (uint64_t)x) : x;
}

/* part: i_neg needs: */
static inline int64_t net_i_neg(int64_t x, int64_t alpha, int64_t beta)
{
	(void)alpha;
	(void)beta;
	return (int64_t)(0 - (uint64_t)x);
}

/* part: i_square needs: */
static inline int64_t net_i_square(int64_t x, int64_t alpha, int64_t beta)
{
	(void)alpha;
	(void)beta;
	return (int64_t)((uint64_t)x * (uint64_t)x);
}

/* part: i_sign needs: */
static inline int64_t net_i_sign(int64_t x, int64_t alpha, int64_t beta)
{
	(void)alpha;
	(void)beta;
	return (x > 0) - (x < 0);
}

/* part: i_not needs: */
static inline int64_t net_i_not(int64_t x, int64_t alpha, int64_t beta)
{
	(void)alpha;
	(void)beta;
	return ~x;
}

/* part: i_not_bool needs: */
static inline int64_t net_i_not_bool(int64_t x, int64_t alpha, int64_t beta)
{
	(void)alpha;
	(void)beta;
	return x == 0;
}

/* part: i_clip needs: */
static inline int64_t net_i_clip(int64_t x, int64_t alpha, int64_t beta)
{
	x = x > alpha ? x : alpha;
	return x < beta ? x : beta;
}

/* part: i_isnan needs: */
static inline int64_t net_i_isnan(int64_t x, int64_t alpha, int64_t beta)
{
	(void)alpha;
	(void)beta;
	(void)x;
	return 0;
}

/* part: i_isinf needs: */
static inline int64_t net_i_isinf(int64_t x, int64_t alpha, int64_t beta)
{
	(void)alpha;
	(void)beta;
	(void)x;
	return 0;
}

/* part: i_add needs: */
static inline int64_t net_i_add(int64_t x, int64_t y)
{
	return (int64_t)((uint64_t)x + (uint64_t)y);
}

/* part: i_sub needs: */
static inline int64_t net_i_sub(int64_t x, int64_t y)
{
	return (int64_t)((uint64_t)x - (uint64_t)y);
}

/* part: i_mul needs: */
static inline int64_t net_i_mul(int64_t x, int64_t y)
{
	return (int64_t)((uint64_t)x * (uint64_t)y);
}

/* part: i_max needs: */
static inline int64_t net_i_max(int64_t x, int64_t y)
{
	return x > y ? x : y;
}

/* part: i_min needs: */
static inline int64_t net_i_min(int64_t x, int64_t y)
{
	return x < y ? x : y;
}

/* part: i_and needs: */
static inline int64_t net_i_and(int64_t x, int64_t y)
{
	return x & y;
}

/* part: i_or needs: */
static inline int64_t net_i_or(int64_t x, int64_t y)
{
	return x | y;
}

/* part: i_xor needs: */
static inline int64_t net_i_xor(int64_t x, int64_t y)
{
	return x ^ y;
}

/* part: i_shift_left needs: */
static inline int64_t net_i_shift_left(int64_t x, int64_t y)
{
	return y < 0 || y > 63 ? 0 : (int64_t)((uint64_t)x << y);
}

/* part: i_shift_right needs: */
static inline int64_t net_i_shift_right(int64_t x, int64_t y)
{
	return y < 0 || y > 63 ? 0 : x >= 0 ? (int64_t)((uint64_t)x >> y) : ~(int64_t)((uint64_t)~x >> y);
}

/* part: i_equal needs: */
static inline int64_t net_i_equal(int64_t x, int64_t y)
{
	return x == y;
}

/* part: i_less needs: */
static inline int64_t net_i_less(int64_t x, int64_t y)
{
	return x < y;
}

/* part: i_less_equal needs: */
static inline int64_t net_i_less_equal(int64_t x, int64_t y)
{
	return x <= y;
}

/* part: i_greater needs: */
static inline int64_t net_i_greater(int64_t x, int64_t y)
{
	return x > y;
}

/* part: i_greater_equal needs: */
static inline int64_t net_i_greater_equal(int64_t x, int64_t y)
{
	return x >= y;
}

/* part: i_prelu needs: */
static inline int64_t net_i_prelu(int64_t x, int64_t y)
{
	return x > 0 ? x : (int64_t)((uint64_t)x * (uint64_t)y);
}

/* part: i_div needs: */
/* One quotient for each sign, so that each is seen to be neither by 0 nor by -1, whose quotient of the least number is none. */
static inline int64_t net_i_div(int64_t x, int64_t y)
{
	if (y > 0)
		return x / y;
	if (y < -1)
		return x / y;
	return y < 0 ? (int64_t)(0 - (uint64_t)x) : 0;
}

/* part: i_fmod needs: */
static inline int64_t net_i_fmod(int64_t x, int64_t y)
{
	if (y > 0)
		return x % y;
	if (y < -1)
		return x % y;
	return 0;
}

/* part: i_mod needs: i_fmod */
static inline int64_t net_i_mod(int64_t x, int64_t y)
{
	const int64_t rest = net_i_fmod(x, y);

	return (rest < 0 && y > 0) || (rest > 0 && y < 0) ? rest + y : rest;
}

/* part: u_pow needs: */
static inline int64_t net_u_pow(int64_t x, int64_t y)
{
	uint64_t result = 1, factor = (uint64_t)x, left = (uint64_t)y;

	for (int i = 0; i < 64; i++) {
		result = left >> i & 1 ? result * factor : result;
		factor = factor * factor;
	}
	return (int64_t)result;
}

/* part: i_pow needs: u_pow */
static inline int64_t net_i_pow(int64_t x, int64_t y)
{
	if (y >= 0)
		return net_u_pow(x, y);
	return x == 1 || (x == -1 && !(y & 1)) ? 1 : x == -1 ? -1 : 0;
}

/* part: u_prelu needs: */
static inline int64_t net_u_prelu(int64_t x, int64_t y)
{
	(void)y; /* no x is below 0 */
	return x;
}

/* part: u_div needs: */
static inline int64_t net_u_div(int64_t x, int64_t y)
{
	const uint64_t by = (uint64_t)y;

	return by > 0 ? (int64_t)((uint64_t)x / by) : 0;
}

/* part: u_fmod needs: */
static inline int64_t net_u_fmod(int64_t x, int64_t y)
{
	const uint64_t by = (uint64_t)y;

	return by > 0 ? (int64_t)((uint64_t)x % by) : 0;
}

/* part: u_mod needs: */
static inline int64_t net_u_mod(int64_t x, int64_t y)
{
	const uint64_t by = (uint64_t)y;

	return by > 0 ? (int64_t)((uint64_t)x % by) : 0;
}

/* part: u_max needs: */
static inline int64_t net_u_max(int64_t x, int64_t y)
{
	return (uint64_t)x > (uint64_t)y ? x : y;
}

/* part: u_min needs: */
static inline int64_t net_u_min(int64_t x, int64_t y)
{
	return (uint64_t)x < (uint64_t)y ? x : y;
}

/* part: u_shift_right needs: */
static inline int64_t net_u_shift_right(int64_t x, int64_t y)
{
	return y < 0 || y > 63 ? 0 : (int64_t)((uint64_t)x >> y);
}

/* part: u_less needs: */
static inline int64_t net_u_less(int64_t x, int64_t y)
{
	return (uint64_t)x < (uint64_t)y;
}

/* part: u_less_equal needs: */
static inline int64_t net_u_less_equal(int64_t x, int64_t y)
{
	return (uint64_t)x <= (uint64_t)y;
}

/* part: u_greater needs: */
static inline int64_t net_u_greater(int64_t x, int64_t y)
{
	return (uint64_t)x > (uint64_t)y;
}

/* part: u_greater_equal needs: */
static inline int64_t net_u_greater_equal(int64_t x, int64_t y)
{
	return (uint64_t)x >= (uint64_t)y;
}

/* part: u_sign needs: */
static inline int64_t net_u_sign(int64_t x, int64_t alpha, int64_t beta)
{
	(void)alpha;
	(void)beta;
	return x != 0;
}

/* part: u_clip needs: */
static inline int64_t net_u_clip(int64_t x, int64_t alpha, int64_t beta)
{
	x = (uint64_t)x > (uint64_t)alpha ? x : alpha;
	return (uint64_t)x < (uint64_t)beta ? x : beta;
}

/* part: d_to_f16 needs: to_f16 */
static inline uint16_t net_d_to_f16(double x)
{
	return net_to_f16((float)x);
}

/* part: d_to_bf16 needs: to_bf16 */
static inline uint16_t net_d_to_bf16(double x)
{
	return net_to_bf16((float)x);
}

/* part: i_to_f16 needs: to_f16 */
static inline uint16_t net_i_to_f16(int64_t x)
{
	return net_to_f16((float)x);
}

/* part: i_to_bf16 needs: to_bf16 */
static inline uint16_t net_i_to_bf16(int64_t x)
{
	return net_to_bf16((float)x);
}

/* part: u_to_f16 needs: to_f16 */
static inline uint16_t net_u_to_f16(int64_t x)
{
	return net_to_f16((float)(uint64_t)x);
}

/* part: u_to_bf16 needs: to_bf16 */
static inline uint16_t net_u_to_bf16(int64_t x)
{
	return net_to_bf16((float)(uint64_t)x);
}
