/* test_functions.c -- the emitted functions against libm in double, over the whole range of float, and the rows of
 * functions.def against ir's func_apply(). */
#include "codegen/kernels/c/functions.c"
#include "codegen/kernels/c/functions_double.c"
#include "codegen/kernels/c/functions_integer.c"
#include "codegen/kernels/c/functions_math.c"
#include "ir/ir.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { STEP = 997 }; /* between the bit patterns that are tried: 4.3 million values */

/* Distance in units of the last place of the float nearest to what is right. */
static double ulps(float got, double right)
{
	if (isnan(right))
		return isnan(got) ? 0 : INFINITY;
	float near = (float)right;
	if (isinf(near) || isinf(got))
		return (double)near == (double)got ? 0 : INFINITY;
	float size = fabsf(near);
	double unit = size < FLT_MIN ? 0x1p-149 : ldexp(1, ilogbf(size) - 23);
	return fabs((double)got - right) / unit;
}

static double worst(float (*f)(float), double (*right)(double), uint64_t step)
{
	double most = 0;
	for (uint64_t bits = 0; bits < 0x100000000u; bits += step) {
		float x = net_from_bits((uint32_t)bits);
		double e = ulps(f(x), right((double)x));
		if (e > most)
			most = e;
	}
	return most;
}

static float row_tanh(float x)
{
	return net_tanh(x, 0, 0);
}

static void test_accuracy(void **state)
{
	(void)state;
	double e = worst(net_expf, exp, STEP), s = worst(net_sqrtf, sqrt, STEP), t = worst(row_tanh, tanh, STEP);
	print_message("largest error: expf %.3f, sqrtf %.3f, tanh %.3f ulp\n", e, s, t);
	assert_true(e <= 1.0);
	assert_true(s <= 1.0);
	assert_true(t <= 2.0);
}

/* Where exp() is used most, every float. */
static void test_exp_dense(void **state)
{
	(void)state;
	double most = 0;
	for (uint32_t bits = 0x3f000000; bits < 0x3f000000 + 0x1000000; bits++) {
		float x = -net_from_bits(bits);
		double e = ulps(net_expf(x), exp((double)x));
		most = e > most ? e : most;
	}
	assert_true(most <= 1.0);
}

static void test_special(void **state)
{
	(void)state;
	assert_true(isnan(net_expf(NAN)));
	assert_true(isnan(net_expf(-NAN)));
	assert_true(net_expf(INFINITY) == INFINITY);
	assert_true(net_expf(-INFINITY) == 0);
	assert_true(net_expf(88.72283f) < INFINITY);
	assert_true(net_expf(88.7229f) == INFINITY);
	assert_true(net_expf(0) == 1);
	assert_true(net_expf(-103.9f) > 0);
	assert_true(net_expf(-104.1f) == 0);
	assert_true(isnan(net_sqrtf(-1)));
	assert_true(isnan(net_sqrtf(NAN)));
	assert_true(net_sqrtf(INFINITY) == INFINITY);
	assert_true(net_sqrtf(0) == 0);
	for (int i = 0; i < 2000; i++)
		assert_true(net_sqrtf((float)(i * i)) == (float)i);
}

static void test_to_int(void **state)
{
	(void)state;
	for (int i = -4194303; i <= 4194303; i += 7)
		assert_int_equal(net_to_int((float)i), i);
	assert_int_equal(net_to_int(0.5f), 0);
	assert_int_equal(net_to_int(1.5f), 2);
	assert_int_equal(net_to_int(-2.5f), -2);
	assert_int_equal(net_to_int(2047.4999f), 2047);
	assert_int_equal(net_to_int(INFINITY), 4194303);
	assert_int_equal(net_to_int(-INFINITY), -4194303);
	assert_int_equal(net_to_int(NAN), 4194303);
	assert_int_equal(net_index(-5, 3), 0);
	assert_int_equal(net_index(3, 3), 2);
	assert_int_equal(net_index(1, 3), 1);
}

#define ROW(name)                           \
	static float row_##name(float x)    \
	{                                   \
		return net_##name(x, 0, 0); \
	}
/* clang-format off */
ROW(log) ROW(sin) ROW(cos) ROW(tan) ROW(asin) ROW(acos) ROW(atan) ROW(sinh) ROW(cosh) ROW(asinh) ROW(acosh) ROW(atanh) ROW(erf)
ROW(softplus) ROW(floor) ROW(ceil) ROW(round)

static double right_softplus(double x)
{
	return (x > 0 ? x : 0) + log1p(exp(-fabs(x)));
}
/* clang-format on */

/* Those that go through double are rounded once, whatever the size of the argument. */
static void test_math(void **state)
{
	static const struct {
		const char *name;
		float (*f)(float);
		double (*right)(double), most; /* ulp */
	} rows[] = {
	    {"log", row_log, log, 1},
	    {"sin", row_sin, sin, 1},
	    {"cos", row_cos, cos, 1},
	    {"tan", row_tan, tan, 1},
	    {"asin", row_asin, asin, 1},
	    {"acos", row_acos, acos, 1},
	    {"atan", row_atan, atan, 1},
	    {"sinh", row_sinh, sinh, 1},
	    {"cosh", row_cosh, cosh, 1},
	    {"asinh", row_asinh, asinh, 1},
	    {"acosh", row_acosh, acosh, 1},
	    {"atanh", row_atanh, atanh, 1},
	    {"erf", row_erf, erf, 4},
	    {"floor", row_floor, floor, 0},
	    {"ceil", row_ceil, ceil, 0},
	    {"round", row_round, nearbyint, 0},
	    {"softplus", row_softplus, right_softplus, 1},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		double e = worst(rows[i].f, rows[i].right, 61 * STEP);
		print_message("%s %.3f ", rows[i].name, e);
		if (!(e <= rows[i].most))
			fail_msg("%s: %g ulp", rows[i].name, e);
	}
	print_message("ulp\n");
}

/* Pairs of floats of every size; what is exact must be exact. */
static void test_two(void **state)
{
	uint32_t bits = 1;
	double most = 0;
	(void)state;
	for (int i = 0; i < 100000; i++) {
		float v[2];
		for (int k = 0; k < 2; k++) {
			bits = bits * 1664525u + 1013904223u;
			v[k] = i % 2 ? net_from_bits(bits) : (float)((int32_t)bits >> 8) / (float)(1 << (bits >> 28));
		}
		double x = (double)v[0], y = (double)v[1], rest = fmod(x, y);
		double e = ulps(net_pow(v[0], v[1]), pow(x, y));
		most = e > most ? e : most;
		assert_true(ulps(net_fmod(v[0], v[1]), rest) == 0);
		assert_true(isnan(rest) || net_d_fmod(x * 1e200, y * 1e-100) == fmod(x * 1e200, y * 1e-100));
	}
	print_message("pow %.3f ulp\n", most);
	assert_true(most <= 1);
}

/* Accurate to a few 1e-15. */
static void test_double(void **state)
{
	(void)state;
	for (int i = -7000; i < 7000; i++) {
		double x = i / 10.0 + 1e-3, e = net_d_exp(x, 0, 0) / exp(x) - 1, l = net_d_log(exp(x), 0, 0) - log(exp(x));
		assert_true(fabs(e) < 4e-15 * (1 + fabs(x) / 50));
		assert_true(fabs(l) <= 4e-16 * fabs(x) + 1e-16);
		assert_true(fabs(net_d_sqrt(fabs(x), 0, 0) - sqrt(fabs(x))) <= 4e-16 * sqrt(fabs(x)));
		assert_true(fabs(net_d_tanh(x / 100, 0, 0) - tanh(x / 100)) <= 1e-10);
	}
	assert_true(net_d_exp(-INFINITY, 0, 0) == 0 && net_d_exp(INFINITY, 0, 0) == INFINITY && isnan(net_d_exp(NAN, 0, 0)));
	assert_true(net_d_log(0, 0, 0) == -INFINITY && isnan(net_d_log(-1, 0, 0)) && net_d_log(INFINITY, 0, 0) == INFINITY);
	assert_true(fabs(net_d_log(5e-324, 0, 0) - log(5e-324)) < 1e-12);
}

static void test_conversions(void **state)
{
	(void)state;
	for (uint32_t h = 0; h < 0x10000; h++) {
		float f = net_from_f16((uint16_t)h), b = net_from_bf16((uint16_t)h);
		assert_true(isnan(f) ? isnan(f16_to_float((uint16_t)h)) : f == f16_to_float((uint16_t)h));
		assert_true(isnan(b) ? isnan(bf16_to_float((uint16_t)h)) : b == bf16_to_float((uint16_t)h));
	}
	for (uint64_t bits = 0; bits < 0x100000000u; bits += 16 * STEP) {
		float x = net_from_bits((uint32_t)bits);
		assert_int_equal(net_to_f16(x), f16_from_double((double)x));
		assert_int_equal(net_to_bf16(x), bf16_from_double((double)x));
		assert_int_equal(net_to_integer((double)x, INT8_MIN, INT8_MAX), int_from_double((double)x, DT_I8));
		assert_int_equal(net_to_integer((double)x, INT64_MIN, INT64_MAX), int_from_double((double)x, DT_I64));
		assert_int_equal(net_to_integer((double)x, 0, UINT32_MAX), int_from_double((double)x, DT_U32));
		assert_int_equal(net_to_u64((double)x), int_from_double((double)x, DT_U64));
	}
	assert_int_equal(net_place(-1, 5), 4);
	assert_int_equal(net_place(-6, 5), 0);
	assert_int_equal(net_place(INT64_MAX, 5), 4);
	assert_int_equal(net_place(INT64_MIN, 5), 0);
}

typedef int64_t Binary(int64_t, int64_t);

/* The emitted functions of integers against func_apply_int(), for the types that tell them apart. */
static void test_integers(void **state)
{
	static const int64_t at[] = {0, 1, -1, 2, -2, 3, 7, -8, 63, 64, 127, -128, 255, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
	static const struct {
		Func f;
		Binary *i, *u;
	} rows[] = {
	    {FN_add, net_i_add, net_i_add},
	    {FN_sub, net_i_sub, net_i_sub},
	    {FN_mul, net_i_mul, net_i_mul},
	    {FN_div, net_i_div, net_u_div},
	    {FN_mod, net_i_mod, net_u_mod},
	    {FN_fmod, net_i_fmod, net_u_fmod},
	    {FN_max, net_i_max, net_u_max},
	    {FN_min, net_i_min, net_u_min},
	    {FN_pow, net_i_pow, net_u_pow},
	    {FN_and, net_i_and, net_i_and},
	    {FN_or, net_i_or, net_i_or},
	    {FN_xor, net_i_xor, net_i_xor},
	    {FN_less, net_i_less, net_u_less},
	    {FN_greater, net_i_greater, net_u_greater},
	    {FN_equal, net_i_equal, net_i_equal},
	    {FN_less_equal, net_i_less_equal, net_u_less_equal},
	    {FN_greater_equal, net_i_greater_equal, net_u_greater_equal},
	    {FN_shift_left, net_i_shift_left, net_i_shift_left},
	    {FN_shift_right, net_i_shift_right, net_u_shift_right},
	};
	enum { N = sizeof at / sizeof *at };
	(void)state;
	for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
		for (int x = 0; x < N; x++)
			for (int y = 0; y < N; y++) {
				if (rows[r].f != FN_shift_right || at[x] >= 0)
					assert_int_equal(rows[r].i(at[x], at[y]), func_apply_int(rows[r].f, DT_I64, at[x], at[y], 0, 0));
				assert_int_equal(rows[r].u(at[x], at[y]), func_apply_int(rows[r].f, DT_U64, at[x], at[y], 0, 0));
			}
	for (int x = 0; x < N; x++) {
		assert_int_equal(net_i_abs(at[x], 0, 0), func_apply_int(FN_abs, DT_I64, at[x], 0, 0, 0));
		assert_int_equal(net_i_sign(at[x], 0, 0), func_apply_int(FN_sign, DT_I64, at[x], 0, 0, 0));
		assert_int_equal(net_u_sign(at[x], 0, 0), func_apply_int(FN_sign, DT_U64, at[x], 0, 0, 0));
		assert_int_equal(net_i_not(at[x], 0, 0), func_apply_int(FN_not, DT_I64, at[x], 0, 0, 0));
		assert_int_equal(net_i_clip(at[x], -5, 100), func_apply_int(FN_clip, DT_I64, at[x], 0, -5, 100));
	}
}

/* FN rows become calls of the function of the same name; arity picks the second argument. */
#define CALL_1(name, x, y, a, b) net_##name(x, a, b)
#define CALL_2(name, x, y, a, b) net_##name(x, y)
static float apply(Func f, float x, float y, float a, float b)
{
	switch (f) {
#define CALL_3(name, x, y, a, b) (x > 0 || x < 0 ? y : a)
#define BITS(name, arity, expr, doc)
#define FN(name, arity, expr, doc) \
	case FN_##name:            \
		return CALL_##arity(name, x, y, a, b);
#include "ir/functions.def"
	default:
		return NAN;
	}
}

static void check_row(Func f, float x, float y, float a, float b)
{
	double right = func_apply(f, (double)x, (double)y, (double)a, (double)b);
	float got = apply(f, x, y, a, b);
	double limit = 4e-7 * (1 + fabs(right)) + 1e-37;
	if (isnan(right) ? !isnan(got) : fabs((double)got - right) > limit && (double)got != right && (float)right != got)
		fail_msg("%s(%.9g, %.9g): %.9g, not %.9g", func_name(f), (double)x, (double)y, (double)got, right);
}

static void test_rows(void **state)
{
	(void)state;
	static const float at[] = {0,    -0.0f, 1e-30f, -1e-30f, 0.1f,   -0.1f, 0.6f,   -0.7f,  1,        -1,
	                           2.5f, -2.9f, 3,      -3,      5.9f,   6,     7.5f,   -20,    30,       -87.5f,
	                           88,   -100,  100,    1e10f,   -1e10f, 1e38f, -1e38f, 1e-40f, INFINITY, -INFINITY};
	enum { N = sizeof at / sizeof *at };
	for (int f = FN_NONE + 1; f < FN_COUNT; f++)
		for (int i = 0; i < N; i++)
			for (int k = 0; k < N; k++)
				if (func_kind((Func)f) != FUNC_BITS)
					check_row((Func)f, at[i], at[k], 0.25f, 1.5f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_accuracy), cmocka_unit_test(test_exp_dense), cmocka_unit_test(test_special),
	    cmocka_unit_test(test_to_int),   cmocka_unit_test(test_rows),      cmocka_unit_test(test_math),
	    cmocka_unit_test(test_two),      cmocka_unit_test(test_double),    cmocka_unit_test(test_conversions),
	    cmocka_unit_test(test_integers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
