/* vector.c -- vectors of N floats: loads, stores and the functions of an epilogue.
 *
 * GNU vector extensions, which gcc and clang compile for every CPU; N = 1 is a plain float and needs none. Parts as in
 * functions.c, their names end in _N. Loads and stores take any address.
 */
#ifndef DSSDC
#define VL 4
#define VEC net_vec_N
#include "codegen/kernels/c/alone.h"
#endif

/* part: vec_N needs: */
#if VL > 1
typedef float net_vec_N __attribute__((vector_size(4 * VL)));
typedef int net_mask_N __attribute__((vector_size(4 * VL)));

#endif
/* part: load_N needs: vec_N */
static inline VEC net_load_N(const float *p)
{
#if VL > 1
	VEC v;

	memcpy(&v, p, sizeof v);
	return v;
#else
	return *p;
#endif
}

/* part: store_N needs: vec_N */
static inline void net_store_N(float *p, VEC v)
{
#if VL > 1
	memcpy(p, &v, sizeof v);
#else
	*p = v;
#endif
}

/* part: store_part_N needs: vec_N */
/* The first n floats of v; n is a constant where it is called, so that this becomes a store or two. */
static inline void net_store_part_N(float *p, VEC v, int n)
{
	memcpy(p, &v, sizeof *p * (size_t)n);
}

/* part: identity_N needs: vec_N */
static inline VEC net_identity_N(VEC x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return x;
}

/* part: select_N needs: vec_N */
/* a where the mask is set, else b */
static inline VEC net_select_N(net_mask_N mask, VEC a, VEC b)
{
	return (VEC)((mask & (net_mask_N)a) | (~mask & (net_mask_N)b));
}

/* part: relu_N needs: vec_N */
static inline VEC net_relu_N(VEC x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return (VEC)((x > 0.0f) & (net_mask_N)x);
}

/* part: relu6_N needs: select_N */
static inline VEC net_relu6_N(VEC x, float alpha, float beta)
{
	const VEC six = (VEC){0} + 6.0f;

	(void)alpha;
	(void)beta;
	x = (VEC)((x > 0.0f) & (net_mask_N)x);
	return net_select_N(x < six, x, six);
}

/* part: leaky_N needs: select_N */
static inline VEC net_leaky_N(VEC x, float alpha, float beta)
{
	(void)beta;
	return net_select_N(x > 0.0f, x, alpha * x);
}

/* part: clip_N needs: select_N */
static inline VEC net_clip_N(VEC x, float alpha, float beta)
{
	const VEC low = (VEC){0} + alpha, high = (VEC){0} + beta;

	x = net_select_N(x > low, x, low);
	return net_select_N(x < high, x, high);
}

/* part: abs_N needs: vec_N */
static inline VEC net_abs_N(VEC x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return (VEC)((net_mask_N)x & 0x7fffffff);
}

/* part: neg_N needs: vec_N */
static inline VEC net_neg_N(VEC x, float alpha, float beta)
{
	(void)alpha;
	(void)beta;
	return -x;
}

/* part: affine_N needs: vec_N */
static inline VEC net_affine_N(VEC x, float alpha, float beta)
{
	return alpha * x + beta;
}

/* part: add_N needs: vec_N */
static inline VEC net_add_N(VEC x, VEC y)
{
	return x + y;
}

/* part: sub_N needs: vec_N */
static inline VEC net_sub_N(VEC x, VEC y)
{
	return x - y;
}

/* part: mul_N needs: vec_N */
static inline VEC net_mul_N(VEC x, VEC y)
{
	return x * y;
}

/* part: div_N needs: vec_N */
static inline VEC net_div_N(VEC x, VEC y)
{
	return x / y;
}

/* part: max_N needs: select_N */
static inline VEC net_max_N(VEC x, VEC y)
{
	return net_select_N(x > y, x, y);
}

/* part: min_N needs: select_N */
static inline VEC net_min_N(VEC x, VEC y)
{
	return net_select_N(x < y, x, y);
}
