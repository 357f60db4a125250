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

static double worst(float (*f)(float), double (*right)(double))
{
	double most = 0;
	for (uint64_t bits = 0; bits < 0x100000000u; bits += STEP) {
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
	double e = worst(net_expf, exp), s = worst(net_sqrtf, sqrt), t = worst(row_tanh, tanh);
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
	if (isnan(right) ? !isnan(got)
	                 : fabs((double)got - right) > limit && (double)got != right && (float)right != got)
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
	    cmocka_unit_test(test_to_int),   cmocka_unit_test(test_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
