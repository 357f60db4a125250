/* functions_double.c -- the functions of f64, and the series behind those of f32, in double.
 *
 * Parts as in functions.c. exp, log and the like are Taylor series after an exact reduction of the argument, accurate to
 * a few 1e-15 relative. What is only needed for f32 (d_sin, d_erf) says how far it goes.
 */
#ifndef DSSDC
#ifndef NET_FUNCTIONS
#include "codegen/kernels/c/functions.c"
#endif
#endif

/* part: d_isnan needs: */
static inline int net_d_isnan(double x, double alpha, double beta)
{
	(void)alpha;
	(void)beta;
	return !(x <= 0) && !(x > 0);
}

/* part: d_bits needs: */
static inline int64_t net_d_bits(double x)
{
	int64_t i;

	memcpy(&i, &x, sizeof i);
	return i;
}

/* part: d_from_bits needs: */
static inline double net_d_from_bits(uint64_t i)
{
	double x;

	memcpy(&x, &i, sizeof x);
	return x;
}

/* part: d_power_of_two needs: d_from_bits */
/* 2^n, -1022 <= n <= 1023 */
static inline double net_d_power_of_two(int32_t n)
{
	return net_d_from_bits((uint64_t)(n + 1023) << 52);
}

/* part: d_near needs: d_bits */
/* The nearest integer of x within +-1e9; beyond that the nearer bound; NaN: the upper bound. The number that is read from
 * the bits is within them as it is: the last two lines only say so where it can be seen. */
static inline int32_t net_d_near(double x)
{
	int64_t i;

	x = x < 1e9 ? x : 1e9;
	x = x > -1e9 ? x : -1e9;
	i = net_d_bits(x + 6755399441055744.0) - 0x4338000000000000;
	i = i < 1000000000 ? i : 1000000000;
	return (int32_t)(i > -1000000000 ? i : -1000000000);
}

/* part: d_expd needs: d_near d_power_of_two */
/* e^x = 2^n e^r with |r| <= log(2) / 2. 2^n is applied in two halves: n reaches 1024, and -1076 for denormals. */
static inline double net_d_expd(double x)
{
	int32_t n, half;
	double r, p = 1.0;

	x = x > 710.0 ? 710.0 : x;
	x = x < -746.0 ? -746.0 : x;
	if (!(x <= 710.0))
		return x;
	n = net_d_near(x * 1.4426950408889634);
	r = x - n * 0.6931471803691238;
	r = r - n * 1.9082149292705877e-10;
	for (int i = 14; i > 0; i--)
		p = 1.0 + p * r / i;
	half = n / 2;
	return p * net_d_power_of_two(half) * net_d_power_of_two(n - half);
}

/* part: d_logd needs: d_bits d_from_bits */
/* log(2^n m) = n log(2) + 2 atanh((m - 1) / (m + 1)), m from sqrt(1/2) to sqrt(2). -inf for 0, NaN below. */
static inline double net_d_logd(double x)
{
	int64_t bits;
	double n = 0.0, s, z, p = 0.0;

	if (!(x > 0.0))
		return net_d_from_bits(x < 0.0 || !(x <= 0.0) ? 0x7ff8000000000000u : 0xfff0000000000000u);
	if (x > 1.7976931348623157e308)
		return x;
	if (x < 2.2250738585072014e-308) {
		x = x * 18014398509481984.0;
		n = -54.0;
	}
	bits = net_d_bits(x) - 0x3fe6a09e667f3bcd;
	n = n + (double)(bits >> 52);
	x = net_d_from_bits((uint64_t)(bits & 0xfffffffffffff) + 0x3fe6a09e667f3bcdu);
	s = (x - 1.0) / (x + 1.0);
	z = s * s;
	for (int i = 23; i > 1; i -= 2)
		p = (p + 1.0 / i) * z;
	return n * 0.6931471803691238 + (n * 1.9082149292705877e-10 + 2.0 * (s + s * p));
}

/* part: d_log1pd needs: d_logd */
/* log(1 + x) */
static inline double net_d_log1pd(double x)
{
	const double size = x < 0.0 ? -x : x;

	return size < 1e-4 ? x * (1.0 - x * (0.5 - x * (1.0 / 3.0 - x * 0.25))) : net_d_logd(1.0 + x);
}

/* part: d_sqrtd needs: d_bits d_from_bits */
/* Halving the exponent in the bits is 4 % off; four Newton steps bring that below rounding. Denormals are scaled. */
static inline double net_d_sqrtd(double x)
{
	double y, scale = 1.0;

	if (x < 0.0)
		return net_d_from_bits(0x7ff8000000000000u);
	if (!(x > 0.0) || x > 1.7976931348623157e308)
		return x;
	if (x < 2.2250738585072014e-308) {
		x = x * 18014398509481984.0;
		scale = 7.450580596923828e-09;
	}
	y = net_d_from_bits(0x1ff7a3bea91d9b1bu + ((uint64_t)net_d_bits(x) >> 1));
	for (int i = 0; i < 4; i++)
		y = 0.5 * (y + x / y);
	return y * scale;
}

/* part: d_roundd needs: */
/* The nearest whole number, ties to even: beyond 2^52 there are no others. */
static inline double net_d_roundd(double x)
{
	if (x > 0.0 && x < 4503599627370496.0)
		return x + 4503599627370496.0 - 4503599627370496.0;
	if (x < 0.0 && x > -4503599627370496.0)
		return x - 4503599627370496.0 + 4503599627370496.0;
	return x;
}

/* part: d_floord needs: d_roundd */
static inline double net_d_floord(double x)
{
	const double near = net_d_roundd(x);

	return near > x ? near - 1.0 : near;
}

/* part: d_ceild needs: d_roundd */
static inline double net_d_ceild(double x)
{
	const double near = net_d_roundd(x);

	return near < x ? near + 1.0 : near;
}

/* part: d_fmodd needs: d_bits d_from_bits d_power_of_two */
/* Long division: each difference is exact, as rest < 2 part. */
static inline double net_d_fmodd(double x, double y)
{
	double rest = x < 0.0 ? -x : x, part, size = y < 0.0 ? -y : y;
	int32_t n, half;

	if (!(rest <= 1.7976931348623157e308) || !(size > 0.0))
		return net_d_from_bits(0x7ff8000000000000u);
	if (!(rest >= size))
		return x;
	n = (int32_t)(net_d_bits(rest) >> 52) - (int32_t)(net_d_bits(size) >> 52) + (size < 2.2250738585072014e-308 ? 53 : 1);
	half = n / 2;
	part = size * net_d_power_of_two(half) * net_d_power_of_two(n - half);
	for (int i = 0; i < 2200; i++) {
		if (part < size)
			break;
		rest = rest >= part ? rest - part : rest;
		part = 0.5 * part;
	}
	return x < 0.0 ? -rest : rest;
}

/* part: d_powd needs: d_isnan d_expd d_logd d_floord d_from_bits */
/* Below 0 only whole powers are numbers. NaN but for x = 1 or y = 0. */
static inline double net_d_powd(double x, double y)
{
	const double size = x < 0.0 ? -x : x, half = 0.5 * y;
	const int whole = !(net_d_floord(y) < y), odd = whole && net_d_floord(half) < half;
	double r;

	if (y >= 0.0 && y <= 0.0)
		return 1.0;
	if (x >= 1.0 && x <= 1.0)
		return 1.0;
	if (net_d_isnan(x, 0, 0) || net_d_isnan(y, 0, 0) || (x < 0.0 && !whole && size <= 1.7976931348623157e308))
		return net_d_from_bits(0x7ff8000000000000u);
	if (y > 1.7976931348623157e308 || y < -1.7976931348623157e308) {
		if (!(size < 1.0 || size > 1.0))
			return 1.0;
		return (size > 1.0) == (y > 0.0) ? net_d_from_bits(0x7ff0000000000000u) : 0.0;
	}
	if (!(size > 0.0))
		r = y < 0.0 ? net_d_from_bits(0x7ff0000000000000u) : 0.0;
	else if (size > 1.7976931348623157e308)
		r = y < 0.0 ? 0.0 : size;
	else
		r = net_d_expd(y * net_d_logd(size));
	return x < 0.0 && odd ? -r : r;
}

/* part: d_sind needs: d_near d_bits */
/* sin(x + quarter * pi / 2) of a float x: x = n pi / 2 + r with |r| <= pi / 4, then a series. Large x have 24 bits, and
 * the quarters come from their product with those 96 bits of 2 / pi that count (Payne and Hanek). */
static inline double net_d_sind(double x, int32_t quarter)
{
	static const uint32_t two_over_pi[8] = {0x00000000, 0xa2f9836e, 0x4e441529, 0xfc2757d1,
	                                        0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab};
	double r = x, p, z, size = x < 0.0 ? -x : x;
	int32_t n = 0;

	if (!(size <= 3.4028234663852886e38))
		return x - x;
	if (size < 100000.0) {
		n = net_d_near(x * 0.6366197723675814);
		r = x - n * 1.5707963267341256;
		r = r - n * 6.077100506303966e-11;
		r = r - n * 2.0222662487959506e-21;
	} else {
		const int64_t bits = net_d_bits(size);
		const int32_t e = (int32_t)(bits >> 52) - 1023 - 23;
		const uint64_t m = (uint64_t)(bits & 0xfffffffffffff) >> 29 | 0x800000u;
		const int32_t word = (e + 30) >> 5, shift = (e + 30) & 31;
		uint64_t high, low, product;
		high = ((uint64_t)two_over_pi[word & 7] << 32 | two_over_pi[(word + 1) & 7]) << shift;
		high = high | ((uint64_t)two_over_pi[(word + 2) & 7] << shift) >> 32;
		low = ((uint64_t)two_over_pi[(word + 2) & 7] << 32 | two_over_pi[(word + 3) & 7]) << shift >> 32;
		product = high * m + (low * m >> 32);
		n = (int32_t)((product + 0x2000000000000000u) >> 62);
		r = (double)(int64_t)(product - ((uint64_t)n << 62)) * 3.406121580086554e-19;
		r = x < 0.0 ? -r : r;
		n = x < 0.0 ? -n : n;
	}
	n = (n + quarter) & 3;
	z = r * r;
	p = 1.0;
	if (n & 1)
		for (int i = 16; i > 0; i -= 2)
			p = 1.0 - p * z / (i * (i - 1));
	else
		for (int i = 17; i > 1; i -= 2)
			p = 1.0 - p * z / (i * (i - 1));
	p = n & 1 ? p : p * r;
	return n & 2 ? -p : p;
}

/* part: d_atand needs: d_isnan */
/* Reduced to +-tan(pi / 8) through 1 / x and (x - 1) / (x + 1). */
static inline double net_d_atand(double x)
{
	double size = x < 0.0 ? -x : x, base = 0.0, z, p = 0.0, sign = 1.0;

	if (net_d_isnan(x, 0, 0))
		return x;
	if (size > 1.0) {
		base = 1.5707963267948966;
		size = 1.0 / size;
		sign = -1.0;
	}
	if (size > 0.414213562373095) {
		base = base + sign * 0.7853981633974483;
		size = (size - 1.0) / (size + 1.0);
	}
	z = size * size;
	for (int i = 41; i > 1; i -= 2)
		p = (1.0 / i - p) * z;
	p = base + sign * (size - size * p);
	return x < 0.0 ? -p : p;
}

/* part: d_erfd needs: d_expd */
/* Below 1 its series; above, Abramowitz and Stegun 7.1.26: 1.5e-7 absolute. */
static inline double net_d_erfd(double x)
{
	static const double term[13] = {1.0, -3.333333333333333e-01, 1.0e-01, -2.380952380952381e-02, 4.629629629629630e-03,
	                                -7.575757575757576e-04, 1.068376068376068e-04, -1.322751322751323e-05,
	                                1.458916900093371e-06, -1.450385222315047e-07, 1.312253296380281e-08,
	                                -1.089222103714857e-09, 8.350702795147240e-11};
	double size = x < 0.0 ? -x : x, p = 0.0, t;

	if (!(size > 1.0)) {
		for (int i = 12; i >= 0; i--)
			p = p * (x * x) + term[i];
		return p * x * 1.1283791670955126;
	}
	t = 1.0 / (1.0 + 0.3275911 * size);
	p = 1.061405429 * t - 1.453152027;
	p = p * t + 1.421413741;
	p = p * t - 0.284496736;
	p = p * t + 0.254829592;
	p = 1.0 - p * t * net_d_expd(-size * size);
	return x < 0.0 ? -p : p;
}

/* part: d_softplusd needs: d_expd d_log1pd */
static inline double net_d_softplusd(double x)
{
	return (x > 0.0 ? x : 0.0) + net_d_log1pd(net_d_expd(x > 0.0 ? -x : x));
}

/* part: d_tanhd needs: d_expd */
/* To 1e-12; the series where the quotient would cancel. */
static inline double net_d_tanhd(double x)
{
	const double size = x < 0.0 ? -x : x, z = x * x;
	double p;

	if (size < 0.05)
		return x * (1.0 - z * (1.0 / 3.0 - z * (2.0 / 15.0 - z * (17.0 / 315.0))));
	p = 1.0 - 2.0 / (net_d_expd(2.0 * size) + 1.0);
	return x < 0.0 ? -p : p;
}

/* part: d_identity needs: */
static inline double net_d_identity(double x, double alpha, double beta)
{
	(void)alpha;
	(void)beta;
	return x;
}

/* part: d_relu needs: */
static inline double net_d_relu(double x, double alpha, double beta)
{
	(void)alpha;
	(void)beta;
	return x > 0.0 ? x : 0.0;
}

/* part: d_abs needs: d_bits d_from_bits */
static inline double net_d_abs(double x, double alpha, double beta)
{
	(void)alpha;
	(void)beta;
	return net_d_from_bits((uint64_t)net_d_bits(x) & 0x7fffffffffffffffu);
}

/* part: d_neg needs: */
static inline double net_d_neg(double x, double alpha, double beta)
{
	(void)alpha;
	(void)beta;
	return -x;
}

/* part: d_square needs: */
static inline double net_d_square(double x, double alpha, double beta)
{
	(void)alpha;
	(void)beta;
	return x * x;
}

/* part: d_sign needs: */
static inline double net_d_sign(double x, double alpha, double beta)
{
	(void)alpha;
	(void)beta;
	return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x;
}

/* part: d_reciprocal needs: */
static inline double net_d_reciprocal(double x, double alpha, double beta)
{
	(void)alpha;
	(void)beta;
	return 1.0 / x;
}

/* part: d_exp needs: d_expd */
static inline double net_d_exp(double x, double alpha, double beta)
{
	(void)alpha;
	(void)beta;
	return net_d_expd(x);
}

/* part: d_log needs: d_logd */
static inline double net_d_log(double x, double alpha, double beta)
{
	(void)alpha;
	(void)beta;
	return net_d_logd(x);
}

/* part: d_sqrt needs: d_sqrtd */
static inline double net_d_sqrt(double x, double alpha, double beta)
{
	(void)alpha;
	(void)beta;
	return net_d_sqrtd(x);
}

/* part: d_floor needs: d_floord */
static inline double net_d_floor(double x, double alpha, double beta)
{
	(void)alpha;
	(void)beta;
	return net_d_floord(x);
}

/* part: d_ceil needs: d_ceild */
static inline double net_d_ceil(double x, double alpha, double beta)
{
	(void)alpha;
	(void)beta;
	return net_d_ceild(x);
}

/* part: d_round needs: d_roundd */
static inline double net_d_round(double x, double alpha, double beta)
{
	(void)alpha;
	(void)beta;
	return net_d_roundd(x);
}

/* part: d_sigmoid needs: d_expd */
static inline double net_d_sigmoid(double x, double alpha, double beta)
{
	(void)alpha;
	(void)beta;
	return 1.0 / (1.0 + net_d_expd(-x));
}

/* part: d_tanh needs: d_tanhd */
static inline double net_d_tanh(double x, double alpha, double beta)
{
	(void)alpha;
	(void)beta;
	return net_d_tanhd(x);
}

/* part: d_atan needs: d_atand */
static inline double net_d_atan(double x, double alpha, double beta)
{
	(void)alpha;
	(void)beta;
	return net_d_atand(x);
}

/* part: d_softplus needs: d_softplusd */
static inline double net_d_softplus(double x, double alpha, double beta)
{
	(void)alpha;
	(void)beta;
	return net_d_softplusd(x);
}

/* part: d_clip needs: */
static inline double net_d_clip(double x, double alpha, double beta)
{
	x = x > alpha ? x : alpha;
	return x < beta ? x : beta;
}

/* part: d_affine needs: */
static inline double net_d_affine(double x, double alpha, double beta)
{
	return alpha * x + beta;
}

/* part: d_add needs: */
static inline double net_d_add(double x, double y)
{
	return x + y;
}

/* part: d_sub needs: */
static inline double net_d_sub(double x, double y)
{
	return x - y;
}

/* part: d_mul needs: */
static inline double net_d_mul(double x, double y)
{
	return x * y;
}

/* part: d_div needs: */
static inline double net_d_div(double x, double y)
{
	return x / y;
}

/* part: d_max needs: */
static inline double net_d_max(double x, double y)
{
	return x > y ? x : y;
}

/* part: d_min needs: */
static inline double net_d_min(double x, double y)
{
	return x < y ? x : y;
}

/* part: d_fmod needs: d_fmodd */
static inline double net_d_fmod(double x, double y)
{
	return net_d_fmodd(x, y);
}

/* part: d_pow needs: d_powd */
static inline double net_d_pow(double x, double y)
{
	return net_d_powd(x, y);
}

/* part: d_prelu needs: */
static inline double net_d_prelu(double x, double y)
{
	return x > 0.0 ? x : x * y;
}

/* part: d_mod needs: d_fmodd */
static inline double net_d_mod(double x, double y)
{
	const double rest = net_d_fmodd(x, y);

	return (rest < 0.0 && y > 0.0) || (rest > 0.0 && y < 0.0) ? rest + y : rest;
}

/* part: d_equal needs: */
static inline int net_d_equal(double x, double y)
{
	return x >= y && x <= y;
}

/* part: d_less needs: */
static inline int net_d_less(double x, double y)
{
	return x < y;
}

/* part: d_less_equal needs: */
static inline int net_d_less_equal(double x, double y)
{
	return x <= y;
}

/* part: d_greater needs: */
static inline int net_d_greater(double x, double y)
{
	return x > y;
}

/* part: d_greater_equal needs: */
static inline int net_d_greater_equal(double x, double y)
{
	return x >= y;
}

/* part: d_isinf needs: */
static inline int net_d_isinf(double x, double alpha, double beta)
{
	return (x > 1.7976931348623157e308 && beta > 0) || (x < -1.7976931348623157e308 && alpha > 0);
}
