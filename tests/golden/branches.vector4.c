/* branches.c -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * model    branches, hash 1d28d05b2a11e224
 * options  branches.ir --target=vector4 -O1 --arena=static --weights-form=incbin
 * profile  native
 * weights  0 bytes, hash 0000000000000000
 * arena    2304 bytes; the largest set of live buffers is 2304
 * macs     0
 * numbers  f32, sums f32; a * b + c rounded once: as the compiler does by itself; 0 layers by Winograd's transforms
 * ram      2304 bytes: branches_memory 2304 (arena 2304)
 * flash    390 bytes: strings 326 + text 64
 * defines  branches_run branches_strerror branches_version
 * uses     memcpy memset
 * needs    branches.h
 *
 * node  layer                        kernel               result                 MMAC arena offset
 *    1  trunk.reorder                reorder_1            8x6x6                 0.000         1152
 *    2  trunk                        pool_map_1           8x3x3                 0.000          320
 *    3  side                         pool_map_2           8x3x3                 0.000            0
 *    4  low                          pool_map_3           8x3x3                 0.000          640
 *    5  mix.reorder                  reorder_2            8x3x3                 0.000          960
 *    6  mix                          softmax_plain_1      8x3x3                 0.000          320
 *    7  join.reorder                 reorder_2            8x3x3                 0.000          640
 *    8  join                         eltwise_plain_1      8x3x3                 0.000     caller's
 */
#include "branches.h"

#include <string.h>

#if defined(__GNUC__)
#define BRANCHES_ALIGN __attribute__((aligned(64)))
#define BRANCHES_NOINLINE __attribute__((noinline))
#else
#define BRANCHES_ALIGN
#define BRANCHES_NOINLINE
#endif

static struct {
	float arena[BRANCHES_ARENA_SIZE / 4]; /* what flows between layers */
} BRANCHES_ALIGN branches_memory;

static inline int32_t branches_bits(float x)
{
	int32_t i;

	memcpy(&i, &x, sizeof i);
	return i;
}

static inline float branches_from_bits(uint32_t i)
{
	float x;

	memcpy(&x, &i, sizeof x);
	return x;
}

/* e^x = 2^n e^r with |r| <= log(2) / 2. 2^n is applied in two halves: n reaches 128, and -150 for denormals. The
 * polynomial is the one of Cephes' expf. NaN gives NaN: n is then a meaningless number, but one in range. */
static inline float branches_expf(float x)
{
	int32_t n, half;
	float r, p;

	x = x > 89.0f ? 89.0f : x;
	x = x < -104.0f ? -104.0f : x;
	n = branches_bits(x * 1.44269504f + 12582912.0f) - 0x4b400000;
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
	p = p * branches_from_bits((uint32_t)(half + 127) << 23);
	return p * branches_from_bits((uint32_t)(n - half + 127) << 23);
}

static inline float branches_mul(float x, float y)
{
	return x * y;
}

typedef float branches_vec_4 __attribute__((vector_size(4 * 4)));
typedef int branches_mask_4 __attribute__((vector_size(4 * 4)));

static inline branches_vec_4 branches_load_4(const float *p)
{
	branches_vec_4 v;

	memcpy(&v, p, sizeof v);
	return v;
}

static inline void branches_store_4(float *p, branches_vec_4 v)
{
	memcpy(p, &v, sizeof v);
}

/* a where the mask is set, else b */
static inline branches_vec_4 branches_select_4(branches_mask_4 mask, branches_vec_4 a, branches_vec_4 b)
{
	return (branches_vec_4)((mask & (branches_mask_4)a) | (~mask & (branches_mask_4)b));
}

static inline branches_vec_4 branches_max_4(branches_vec_4 x, branches_vec_4 y)
{
	return branches_select_4(x > y, x, y);
}

/* reorder.c -- op reorder: any memory layout to any other. Rows that look alike in both are copied whole; otherwise
 * channels that only fill a block become 0.
 *
 * ints: YC YH YW, XROWS XCOLS XTOP XLEFT XB, YROWS YCOLS YTOP YLEFT YB YCB (see Layout in the compiler's ir.h).
 */

static void branches_reorder_1(const float x[288], float y[288])
{
	enum { XROWS = 6, XCOLS = 6, XTOP = 0, XLEFT = 0, XB = 1, YC = 8, YH = 6, YW = 6,
	       YROWS = 6, YCOLS = 6, YTOP = 0, YLEFT = 0, YB = 4, YCB = 2 };
	for (int c = 0; c < YCB * YB; c++)
		for (int r = 0; r < YH; r++)
			for (int i = 0; i < YW; i++) {
				const int from = ((c / XB * XROWS + r + XTOP) * XCOLS + i + XLEFT) * XB + c % XB;
				const int to = ((c / YB * YROWS + r + YTOP) * YCOLS + i + YLEFT) * YB + c % YB;
				y[to] = c < YC ? x[from] : 0.0f;
			}
}

/* pool_map.c -- op pool2d on blocked maps. Taps outside of the map are passed over: zeros of the halo are no inputs.
 *
 * ints: BLOCKS, XH XW, YH YW, KH KW, SH SW (stride), PT PL PB PR (padding), INSIDE (1: no window leaves the map), AVERAGE,
 * COUNT_PADDING (0, 1: an average divides by the window with its padding); of the maps, p = X, Y: pV pR pP (floats from
 * vector to vector, row, pixel) pAT (to pixel 0); words: MAX.
 */

static void branches_pool_map_1(const float x[288], float y[72])
{
	enum { BLOCKS = 2, YH = 3, YW = 3, XV = 144, XR = 24, XP = 4, XAT = 0, YV = 36, YR = 12,
	       YP = 4, YAT = 0, PT = 0, PL = 0, SH = 2, KH = 2, SW = 2, KW = 2 };
	for (int block = 0; block < BLOCKS; block++)
		for (int oy = 0; oy < YH; oy++)
			for (int ox = 0; ox < YW; ox++) {
				const float *const map = x + (XAT + block * XV);
				branches_vec_4 r = (branches_vec_4){0} - 3.402823466e38f;

				for (int ky = 0; ky < KH; ky++)
					for (int kx = 0; kx < KW; kx++) {
						const int iy = oy * SH + ky - PT, ix = ox * SW + kx - PL;

						r = branches_max_4(branches_load_4(map + iy * XR + ix * XP), r);
					}
				branches_store_4(y + (YAT + block * YV + oy * YR + ox * YP), r);
			}
}

static void branches_pool_map_2(const float x[72], float y[72])
{
	enum { BLOCKS = 2, YH = 3, YW = 3, XV = 36, XR = 12, XP = 4, XAT = 0, YV = 36, YR = 12,
	       YP = 4, YAT = 0, PT = 1, PL = 1, SH = 1, KH = 3, XH = 3, SW = 1, KW = 3, XW = 3 };
	for (int block = 0; block < BLOCKS; block++)
		for (int oy = 0; oy < YH; oy++)
			for (int ox = 0; ox < YW; ox++) {
				const float *const map = x + (XAT + block * XV);
				branches_vec_4 r = (branches_vec_4){0} - 3.402823466e38f;

				for (int ky = 0; ky < KH; ky++)
					for (int kx = 0; kx < KW; kx++) {
						const int iy = oy * SH + ky - PT, ix = ox * SW + kx - PL;
						const int inside = iy >= 0 && iy < XH && ix >= 0 && ix < XW;

						if (!inside)
							continue;
						r = branches_max_4(branches_load_4(map + iy * XR + ix * XP), r);
					}
				branches_store_4(y + (YAT + block * YV + oy * YR + ox * YP), r);
			}
}

static void branches_pool_map_3(const float x[72], float y[72])
{
	enum { BLOCKS = 2, YH = 3, YW = 3, XV = 36, XR = 12, XP = 4, XAT = 0, YV = 36, YR = 12,
	       YP = 4, YAT = 0, PT = 1, PL = 1, SH = 1, KH = 3, XH = 3, SW = 1, KW = 3, XW = 3 };
	for (int block = 0; block < BLOCKS; block++)
		for (int oy = 0; oy < YH; oy++)
			for (int ox = 0; ox < YW; ox++) {
				const float *const map = x + (XAT + block * XV);
				branches_vec_4 r = {0};
				int count = 0;

				for (int ky = 0; ky < KH; ky++)
					for (int kx = 0; kx < KW; kx++) {
						const int iy = oy * SH + ky - PT, ix = ox * SW + kx - PL;
						const int inside = iy >= 0 && iy < XH && ix >= 0 && ix < XW;

						count += inside;
						if (!inside)
							continue;
						r += branches_load_4(map + iy * XR + ix * XP);
					}
				r = r * (count > 0 ? 1.0f / (float)count : 0.0f);
				branches_store_4(y + (YAT + block * YV + oy * YR + ox * YP), r);
			}
}

static void branches_reorder_2(const float x[72], float y[72])
{
	enum { XROWS = 3, XCOLS = 3, XTOP = 0, XLEFT = 0, XB = 4, YC = 8, YH = 3, YW = 3,
	       YROWS = 3, YCOLS = 3, YTOP = 0, YLEFT = 0, YB = 1, YCB = 8 };
	for (int c = 0; c < YCB * YB; c++)
		for (int r = 0; r < YH; r++)
			for (int i = 0; i < YW; i++) {
				const int from = ((c / XB * XROWS + r + XTOP) * XCOLS + i + XLEFT) * XB + c % XB;
				const int to = ((c / YB * YROWS + r + YTOP) * YCOLS + i + YLEFT) * YB + c % YB;
				y[to] = c < YC ? x[from] : 0.0f;
			}
}

/* softmax_plain.c -- op softmax along one axis; the largest is subtracted first, so that exp stays finite.
 *
 * ints: OUTER LENGTH INNER (elements before the axis, on it, after it).
 *
 * parts: expf
 */

static void branches_softmax_plain_1(const float x[72], float y[72])
{
	enum { OUTER = 1, LENGTH = 8, INNER = 9 };
	for (int o = 0; o < OUTER; o++)
		for (int i = 0; i < INNER; i++) {
			const int at = o * LENGTH * INNER + i;
			float top = x[at], sum = 0.0f;
			for (int c = 1; c < LENGTH; c++)
				top = x[at + c * INNER] > top ? x[at + c * INNER] : top;
			for (int c = 0; c < LENGTH; c++) {
				const float p = branches_expf(x[at + c * INNER] - top);
				y[at + c * INNER] = p;
				sum += p;
			}
			for (int c = 0; c < LENGTH; c++)
				y[at + c * INNER] = y[at + c * INNER] / sum;
		}
}

/* eltwise_plain.c -- op eltwise: act(fn(c0 * a, c1 * b, c)) of one to three operands of any type, broadcast, and cast.
 *
 * ints: N_ii (loops over the result), A_ii B_ii C_ii (steps of the operands, 0 where they stretch), ARITY (1 to 3), COEFFS
 * ACTON (0, 1), WHERE (1: integers, 2: floats are the condition), CAST (0: STORE, 1: float to integer, 2: integer to the
 * nearest, 3: to bool, 4: float to bool, 5: float to u64); words: TX TZ TV TY (element types), A B C R (types of the
 * numbers), LOADX LOADZ LOADV STORE, FN, FNALPHA, FNBETA, COEFF0, COEFF1, LEAST, MOST, ACT, ALPHA, BETA.
 */

static void branches_eltwise_plain_1(const float x[72],
	const float z[72],
	float y[72])
{
	enum { N_0 = 72, A_0 = 1, B_0 = 1 };
	int at = 0;

	for (int i_0 = 0; i_0 < N_0; i_0++)
	{
		const float a = (x[
			i_0 * A_0 +
			0]);
		const float b = (z[
			i_0 * B_0 +
			0]);
		float r = branches_mul(a, b);
		y[at++] = (r);
	}
}

/* The network. Every pointer is to the first element in memory, halo included. */
static int branches_infer(const float *in0, float *arena, float *out0)
{
	branches_reorder_1(in0, arena + 288); /* 1 trunk.reorder */
	branches_pool_map_1(arena + 288, arena + 80); /* 2 trunk */
	branches_pool_map_2(arena + 80, arena); /* 3 side */
	branches_pool_map_3(arena + 80, arena + 160); /* 4 low */
	branches_reorder_2(arena + 160, arena + 240); /* 5 mix.reorder */
	branches_softmax_plain_1(arena + 240, arena + 80); /* 6 mix */
	branches_reorder_2(arena, arena + 160); /* 7 join.reorder */
	branches_eltwise_plain_1(arena + 160, arena + 80, out0); /* 8 join */
	return BRANCHES_OK;
}

int branches_run(const float *in0, float *out0)
{
	if (!in0 || !out0)
		return BRANCHES_EINVAL;
	return branches_infer(in0, branches_memory.arena, out0);
}

const char *branches_strerror(int error)
{
	static const char *const text[] = {
		"done",
		"an argument is out of its range",
		"the CPU lacks a feature that this program was compiled for; needed: none",
		"the weights are not those of this model, or not loaded",
		"the device refused",
		"the device has too little memory",
		"there is no device, or no driver for it",
		"the program was compiled for other devices",
	};

	return error <= 0 && error >= -7 ? text[-error] : "unknown error";
}

const char *branches_version(void)
{
	return "dssdc 0.1.0";
}
