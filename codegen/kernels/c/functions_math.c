/* functions_math.c -- the scalar functions of f32 that go through double, and others that no detector needs.
 *
 * Parts as in functions.c. What is computed in double is rounded once, so it is within 1 ulp, but for erf and gelu, which
 * are within 3e-7.
 */
#ifndef DSSDC
#ifndef NET_FUNCTIONS
#include "codegen/kernels/c/functions.c"
#include "codegen/kernels/c/functions_double.c"
#endif
#endif

/* part: square needs: */
static inline float net_square(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return x * x;
}

/* part: sign needs: */
static inline float net_sign(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x;
}

/* part: reciprocal needs: */
static inline float net_reciprocal(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return 1.0f / x;
}

/* part: log needs: d_logd */
static inline float net_log(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return (float)net_d_logd((double)x);
}

/* part: floor needs: d_floord */
static inline float net_floor(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return (float)net_d_floord((double)x);
}

/* part: ceil needs: d_ceild */
static inline float net_ceil(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return (float)net_d_ceild((double)x);
}

/* part: round needs: d_roundd */
static inline float net_round(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return (float)net_d_roundd((double)x);
}

/* part: erf needs: d_erfd */
static inline float net_erf(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return (float)net_d_erfd((double)x);
}

/* part: softplus needs: d_softplusd */
static inline float net_softplus(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return (float)net_d_softplusd((double)x);
}

/* part: atan needs: d_atand */
static inline float net_atan(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return (float)net_d_atand((double)x);
}

/* part: sin needs: d_sind */
static inline float net_sin(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return (float)net_d_sind((double)x, 0);
}

/* part: cos needs: d_sind */
static inline float net_cos(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return (float)net_d_sind((double)x, 1);
}

/* part: tan needs: d_sind */
static inline float net_tan(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return (float)(net_d_sind((double)x, 0) / net_d_sind((double)x, 1));
}

/* part: asin needs: d_atand d_sqrtd */
static inline float net_asin(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return (float)net_d_atand((double)x / net_d_sqrtd((1.0 - (double)x) * (1.0 + (double)x)));
}

/* part: acos needs: d_atand d_sqrtd */
static inline float net_acos(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return (float)(2.0 * net_d_atand(net_d_sqrtd((1.0 - (double)x) / (1.0 + (double)x))));
}

/* part: sinh needs: d_expd */
static inline float net_sinh(float x, float alpha, float beta)
{
	const double v = (double)x, z = v * v;

	(void)alpha;
	(void)beta;
	if (z < 0.01)
		return (float)(v * (1.0 + z / 6.0 * (1.0 + z / 20.0 * (1.0 + z / 42.0))));
	return (float)(0.5 * (net_d_expd(v) - net_d_expd(-v)));
}

/* part: cosh needs: d_expd */
static inline float net_cosh(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return (float)(0.5 * (net_d_expd((double)x) + net_d_expd(-(double)x)));
}

/* part: asinh needs: d_logd d_sqrtd */
static inline float net_asinh(float x, float alpha, float beta)
{
	const double v = x < 0.0f ? -(double)x : (double)x, z = v * v;
	const double r = v < 0.01 ? v * (1.0 - z * (1.0 / 6.0 - z * (3.0 / 40.0))) : net_d_logd(v + net_d_sqrtd(z + 1.0));

	(void)alpha;
	(void)beta;
	return (float)(x < 0.0f ? -r : r);
}

/* part: acosh needs: d_log1pd d_sqrtd */
static inline float net_acosh(float x, float alpha, float beta)
{
	const double v = (double)x - 1.0;

	(void)alpha;
	(void)beta;
	return (float)net_d_log1pd(v + net_d_sqrtd(v < 0.0 ? v : v * (v + 2.0)));
}

/* part: atanh needs: d_log1pd */
static inline float net_atanh(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return (float)(0.5 * (net_d_log1pd((double)x) - net_d_log1pd(-(double)x)));
}

/* part: gelu needs: d_erfd */
static inline float net_gelu(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return (float)(0.5 * (double)x * (1.0 + net_d_erfd((double)x * 0.70710678118654752)));
}

/* part: gelu_tanh needs: d_tanhd */
static inline float net_gelu_tanh(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return (float)(0.5 * (double)x * (1.0 + net_d_tanhd(0.79788456080286536 * ((double)x + 0.044715 * (double)x * (double)x * (double)x))));
}

/* part: softsign needs: */
static inline float net_softsign(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return x / (1.0f + (x < 0.0f ? -x : x));
}

/* part: mish needs: d_tanhd d_softplusd */
static inline float net_mish(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return (float)((double)x * net_d_tanhd(net_d_softplusd((double)x)));
}

/* part: selu needs: expf */
static inline float net_selu(float x, float alpha, float beta)
{
	return beta * (x > 0.0f ? x : alpha * (net_expf(x) - 1.0f));
}

/* part: celu needs: expf */
static inline float net_celu(float x, float alpha, float beta)
{
	(void)beta;
	return x > 0.0f ? x : alpha * (net_expf(x / alpha) - 1.0f);
}

/* part: thresholded needs: */
static inline float net_thresholded(float x, float alpha, float beta)
{
	(void)beta;
	return x > alpha ? x : 0.0f;
}

/* part: shrink needs: */
static inline float net_shrink(float x, float alpha, float beta)
{
	return x < -alpha ? x + beta : x > alpha ? x - beta : 0.0f;
}

/* part: pow needs: d_powd */
static inline float net_pow(float x, float y)
{
	return (float)net_d_powd((double)x, (double)y);
}

/* part: fmod needs: d_fmodd */
static inline float net_fmod(float x, float y)
{
	return (float)net_d_fmodd((double)x, (double)y);
}

/* part: mod needs: d_mod */
static inline float net_mod(float x, float y)
{
	return (float)net_d_mod((double)x, (double)y);
}

/* part: prelu needs: */
static inline float net_prelu(float x, float y)
{
	return x > 0.0f ? x : x * y;
}

/* part: equal needs: */
static inline int net_equal(float x, float y)
{
	return x >= y && x <= y;
}

/* part: less needs: */
static inline int net_less(float x, float y)
{
	return x < y;
}

/* part: less_equal needs: */
static inline int net_less_equal(float x, float y)
{
	return x <= y;
}

/* part: greater needs: */
static inline int net_greater(float x, float y)
{
	return x > y;
}

/* part: greater_equal needs: */
static inline int net_greater_equal(float x, float y)
{
	return x >= y;
}

/* part: isnan needs: */
static inline int net_isnan(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return !(x <= 0) && !(x > 0);
}

/* part: isinf needs: */
static inline int net_isinf(float x, float alpha, float beta)
{
	return (x > 3.40282347e+38f && beta > 0) || (x < -3.40282347e+38f && alpha > 0);
}
