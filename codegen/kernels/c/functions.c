/* functions.c -- what emitted code calls instead of libm, and the scalar functions of ir/functions.def.
 *
 * Each function is a part: a comment line `part: NAME needs: OTHERS` (OTHERS stand earlier in this file), then the
 * function net_NAME, up to the next such line. The emitted file gets the parts that are used, in this order. The rows
 * of functions.def with one argument share the signature (x, alpha, beta), so that an epilogue needs a name and nothing
 * else; kernels call net_expf(x) and net_sqrtf(x).
 *
 * No part has undefined behaviour for any argument, NaN and infinities included. Floats become integers by adding a
 * constant that shifts the fraction out and reading the bits: a cast would be undefined for NaN.
 *
 * Accuracy (tests/kernels/test_functions.c): expf 1 ulp, also in denormals; sqrtf 1 ulp; tanh 2 ulp.
 */
#ifndef DSSDC
#define NET_FUNCTIONS
#include <stdint.h>
#include <string.h>
#endif

/* part: bits needs: */
static inline int32_t net_bits(float x)
{
	int32_t i;

	memcpy(&i, &x, sizeof i);
	return i;
}

/* part: from_bits needs: */
static inline float net_from_bits(uint32_t i)
{
	float x;

	memcpy(&x, &i, sizeof x);
	return x;
}

/* part: index needs: */
/* i, or the nearest of 0 .. n - 1: every index that depends on data passes here. */
static inline int32_t net_index(int32_t i, int32_t n)
{
	i = i < n ? i : n - 1;
	return i > 0 ? i : 0;
}

/* part: to_int needs: bits */
/* The nearest integer, ties to even, of x within +-4194303; beyond that the nearer bound; NaN: the upper bound. */
static inline int32_t net_to_int(float x)
{
	x = x < 4194303.0f ? x : 4194303.0f;
	x = x > -4194303.0f ? x : -4194303.0f;
	return net_bits(x + 12582912.0f) - 0x4b400000;
}

/* part: expf needs: bits from_bits */
/* e^x = 2^n e^r with |r| <= log(2) / 2. 2^n is applied in two halves: n reaches 128, and -150 for denormals. The
 * polynomial is the one of Cephes' expf. NaN gives NaN: n is then a meaningless number, but one in range. */
static inline float net_expf(float x)
{
	int32_t n, half;
	float r, p;

	x = x > 89.0f ? 89.0f : x;
	x = x < -104.0f ? -104.0f : x;
	n = net_bits(x * 1.44269504f + 12582912.0f) - 0x4b400000;
	r = x - (float)n * 0.693359375f;
	r = r + (float)n * 2.12194440e-4f;
	p = 1.9875691500e-4f;
	p = p * r + 1.3981999507e-3f;
	p = p * r + 8.3334519073e-3f;
	p = p * r + 4.1665795894e-2f;
	p = p * r + 1.6666665459e-1f;
	p = p * r + 5.0000001201e-1f;
	p = p * r * r + r + 1.0f;
	half = n / 2;
	p = p * net_from_bits((uint32_t)(half + 127) << 23);
	return p * net_from_bits((uint32_t)(n - half + 127) << 23);
}

/* part: sqrtf needs: bits from_bits */
/* Halving the exponent in the bits is 4 % off; three Newton steps bring that below rounding. Denormals are scaled. */
static inline float net_sqrtf(float x)
{
	float y, scale = 1.0f;

	if (x < 0.0f)
		return net_from_bits(0x7fc00000u);
	if (!(x > 0.0f) || x > 3.40282347e+38f)
		return x;
	if (x < 1.17549435e-38f) {
		x = x * 16777216.0f;
		scale = 0.000244140625f;
	}
	y = net_from_bits(0x1fbd1df5u + ((uint32_t)net_bits(x) >> 1));
	y = 0.5f * (y + x / y);
	y = 0.5f * (y + x / y);
	y = 0.5f * (y + x / y);
	return y * scale;
}

/* part: identity needs: */
static inline float net_identity(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return x;
}

/* part: relu needs: */
static inline float net_relu(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return x > 0.0f ? x : 0.0f;
}

/* part: relu6 needs: */
static inline float net_relu6(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	x = x > 0.0f ? x : 0.0f;
	return x < 6.0f ? x : 6.0f;
}

/* part: leaky needs: */
static inline float net_leaky(float x, float alpha, float beta)
{
	(void)beta;
	return x > 0.0f ? x : alpha * x;
}

/* part: elu needs: expf */
static inline float net_elu(float x, float alpha, float beta)
{
	(void)beta;
	return x > 0.0f ? x : alpha * (net_expf(x) - 1.0f);
}

/* part: clip needs: */
static inline float net_clip(float x, float alpha, float beta)
{
	x = x > alpha ? x : alpha;
	return x < beta ? x : beta;
}

/* part: sigmoid needs: expf */
static inline float net_sigmoid(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return 1.0f / (1.0f + net_expf(-x));
}

/* part: hsigmoid needs: */
static inline float net_hsigmoid(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	x = x > -3.0f ? x : -3.0f;
	x = x < 3.0f ? x : 3.0f;
	return (x + 3.0f) / 6.0f;
}

/* part: hswish needs: */
static inline float net_hswish(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	if (!(x > -3.0f))
		return 0.0f;
	return x < 3.0f ? x * (x + 3.0f) / 6.0f : x;
}

/* part: swish needs: expf */
static inline float net_swish(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return x / (1.0f + net_expf(-x));
}

/* part: tanh needs: expf */
/* Near 0 the quotient would cancel: there Cephes' polynomial. */
static inline float net_tanh(float x, float alpha, float beta)
{
	float size = x < 0.0f ? -x : x;
	float z = x * x;
	float p;

	(void)alpha;
	(void)beta;
	if (size > 0.625f) {
		p = 1.0f - 2.0f / (net_expf(2.0f * size) + 1.0f);
		return x < 0.0f ? -p : p;
	}
	p = -5.70498872745e-3f;
	p = p * z + 2.06390887954e-2f;
	p = p * z - 5.37397155531e-2f;
	p = p * z + 1.33314422036e-1f;
	p = p * z - 3.33332819422e-1f;
	return p * z * x + x;
}

/* part: exp needs: expf */
static inline float net_exp(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return net_expf(x);
}

/* part: sqrt needs: sqrtf */
static inline float net_sqrt(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return net_sqrtf(x);
}

/* part: abs needs: bits from_bits */
static inline float net_abs(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return net_from_bits((uint32_t)net_bits(x) & 0x7fffffffu);
}

/* part: neg needs: */
static inline float net_neg(float x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return -x;
}

/* part: affine needs: */
static inline float net_affine(float x, float alpha, float beta)
{
	return alpha * x + beta;
}

/* part: add needs: */
static inline float net_add(float x, float y)
{
	return x + y;
}

/* part: sub needs: */
static inline float net_sub(float x, float y)
{
	return x - y;
}

/* part: mul needs: */
static inline float net_mul(float x, float y)
{
	return x * y;
}

/* part: div needs: */
static inline float net_div(float x, float y)
{
	return x / y;
}

/* part: max needs: */
static inline float net_max(float x, float y)
{
	return x > y ? x : y;
}

/* part: min needs: */
static inline float net_min(float x, float y)
{
	return x < y ? x : y;
}

/* part: better needs: */
/* The order of detections: falling score, then rising rank. */
static inline int net_better(float score, float rank, float other_score, float other_rank)
{
	if (score > other_score)
		return 1;
	return !(score < other_score) && rank < other_rank;
}

/* part: heap_sink needs: index better */
/* A heap of n entries with the worst at its root, as two arrays. Puts an entry at the root, in place of what was
 * there. 31 levels hold any heap. */
static inline void net_heap_sink(float *score, float *rank, int32_t n, float new_score, float new_rank)
{
	int32_t at = 0;

	for (int32_t level = 0; level < 31; level++) {
		int32_t child = 2 * at + 1;
		if (child >= n)
			break;
		if (child + 1 < n && net_better(score[child], rank[child], score[child + 1], rank[child + 1]))
			child++;
		if (net_better(score[child], rank[child], new_score, new_rank))
			break;
		score[at] = score[child];
		rank[at] = rank[child];
		at = net_index(child, n);
	}
	score[at] = new_score;
	rank[at] = new_rank;
}

/* part: heap_push needs: index better heap_sink */
/* Adds an entry, or, in a full heap, replaces the worst one if the new one is better. Returns the new size. */
static inline int32_t net_heap_push(float *score, float *rank, int32_t n, int32_t capacity, float new_score,
                                    float new_rank)
{
	int32_t at = net_index(n, capacity);

	if (n >= capacity) {
		if (net_better(new_score, new_rank, score[0], rank[0]))
			net_heap_sink(score, rank, capacity, new_score, new_rank);
		return capacity;
	}
	for (int32_t level = 0; level < 31; level++) {
		int32_t parent = (at - 1) / 2;
		if (at < 1 || net_better(new_score, new_rank, score[parent], rank[parent]))
			break;
		score[at] = score[parent];
		rank[at] = rank[parent];
		at = net_index(parent, capacity);
	}
	score[at] = new_score;
	rank[at] = new_rank;
	return n + 1;
}

/* part: heap_pop needs: heap_sink */
/* Moves the worst of n >= 1 entries to place n - 1, behind a heap of n - 1. Done for n, n - 1, ..., 2 it sorts. */
static inline void net_heap_pop(float *score, float *rank, int32_t n)
{
	const float worst_score = score[0], worst_rank = rank[0];

	net_heap_sink(score, rank, n - 1, score[n - 1], rank[n - 1]);
	score[n - 1] = worst_score;
	rank[n - 1] = worst_rank;
}

/* part: box_size needs: */
static inline float net_box_size(const float *b)
{
	return b[2] < b[0] || b[3] < b[1] ? 0.0f : (b[2] - b[0]) * (b[3] - b[1]);
}

/* part: overlap needs: max min box_size */
/* Intersection over union of two boxes {x0, y0, x1, y1}. */
static inline float net_overlap(const float *a, const float *b)
{
	const float w = net_min(a[2], b[2]) - net_max(a[0], b[0]);
	const float h = net_min(a[3], b[3]) - net_max(a[1], b[1]);

	if (!(w > 0.0f) || !(h > 0.0f))
		return 0.0f;
	return w * h / (net_box_size(a) + net_box_size(b) - w * h);
}

/* part: is_box needs: */
/* All four corners are numbers, and none is infinite. */
static inline int net_is_box(const float *b)
{
	int good = 1;

	for (int k = 0; k < 4; k++)
		good = good && b[k] >= -3.402823466e38f && b[k] <= 3.402823466e38f;
	return good;
}

/* part: corners needs: */
/* Two opposite corners y, x, y, x, or (center) the centre x, y and width, height, as {x0, y0, x1, y1}. */
static inline void net_corners(int center, const float *in, float *out)
{
	out[0] = center ? in[0] - 0.5f * in[2] : in[1] < in[3] ? in[1] : in[3];
	out[1] = center ? in[1] - 0.5f * in[3] : in[0] < in[2] ? in[0] : in[2];
	out[2] = center ? in[0] + 0.5f * in[2] : in[1] < in[3] ? in[3] : in[1];
	out[3] = center ? in[1] + 0.5f * in[3] : in[0] < in[2] ? in[2] : in[0];
}

/* part: decode needs: expf */
/* Default box p, its variances v and prediction l to box b, four floats each. code as BoxCode: 1 corner, 2 center
 * size, 3 corner size. */
static inline void net_decode(int code, const float *p, const float *v, const float *l, float *b)
{
	const float w = p[2] - p[0], h = p[3] - p[1];

	if (code == 2) {
		const float x = 0.5f * (p[0] + p[2]) + v[0] * l[0] * w;
		const float y = 0.5f * (p[1] + p[3]) + v[1] * l[1] * h;
		const float half_w = 0.5f * w * net_expf(v[2] * l[2]);
		const float half_h = 0.5f * h * net_expf(v[3] * l[3]);
		b[0] = x - half_w;
		b[1] = y - half_h;
		b[2] = x + half_w;
		b[3] = y + half_h;
		return;
	}
	b[0] = p[0] + v[0] * l[0] * (code == 1 ? 1.0f : w);
	b[1] = p[1] + v[1] * l[1] * (code == 1 ? 1.0f : h);
	b[2] = p[2] + v[2] * l[2] * (code == 1 ? 1.0f : w);
	b[3] = p[3] + v[3] * l[3] * (code == 1 ? 1.0f : h);
}
