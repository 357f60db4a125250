/* branches.c -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * model    branches, hash 97d9db4d2f825efa
 * options  branches.ir --target=c99 -O1 --arena=static --weights-form=incbin
 * profile  c99
 * weights  0 bytes, hash 0000000000000000
 * arena    1472 bytes; the largest set of live buffers is 1472
 * macs     0
 * numbers  f32, sums f32; a * b + c rounded once: as the compiler does by itself; 0 layers by Winograd's transforms
 * ram      1472 bytes: branches_memory 1472 (arena 1472)
 * flash    390 bytes: strings 326 + text 64
 * defines  branches_run branches_strerror branches_version
 * uses     memcpy memset
 * needs    branches.h
 *
 * node  layer                        kernel               result                 MMAC arena offset
 *    1  trunk                        pool_map_1           8x3x3                 0.000         1152
 *    2  side                         pool_map_2           8x3x3                 0.000            0
 *    3  low                          pool_map_3           8x3x3                 0.000          320
 *    4  mix                          softmax_plain_1      8x3x3                 0.000          640
 *    5  join                         eltwise_map_1        8x3x3                 0.000     caller's
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

static inline float branches_max(float x, float y)
{
	return x > y ? x : y;
}

static inline float branches_load_1(const float *p)
{
	return *p;
}

static inline void branches_store_1(float *p, float v)
{
	*p = v;
}

/* pool_map.c -- op pool2d on blocked maps. Taps outside of the map are passed over: zeros of the halo are no inputs.
 *
 * ints: BLOCKS, XH XW, YH YW, KH KW, SH SW (stride), PT PL PB PR (padding), INSIDE (1: no window leaves the map), AVERAGE,
 * COUNT_PADDING (0, 1: an average divides by the window with its padding); of the maps, p = X, Y: pV pR pP (floats from
 * vector to vector, row, pixel) pAT (to pixel 0); words: MAX.
 */

static void branches_pool_map_1(const float x[288], float y[72])
{
	enum { BLOCKS = 8, YH = 3, YW = 3, XV = 36, XR = 6, XP = 1, XAT = 0, YV = 9, YR = 3,
	       YP = 1, YAT = 0, PT = 0, PL = 0, SH = 2, KH = 2, SW = 2, KW = 2 };
	for (int block = 0; block < BLOCKS; block++)
		for (int oy = 0; oy < YH; oy++)
			for (int ox = 0; ox < YW; ox++) {
				const float *const map = x + (XAT + block * XV);
				float r = (float){0} - 3.402823466e38f;

				for (int ky = 0; ky < KH; ky++)
					for (int kx = 0; kx < KW; kx++) {
						const int iy = oy * SH + ky - PT, ix = ox * SW + kx - PL;

						r = branches_max(branches_load_1(map + iy * XR + ix * XP), r);
					}
				branches_store_1(y + (YAT + block * YV + oy * YR + ox * YP), r);
			}
}

static void branches_pool_map_2(const float x[72], float y[72])
{
	enum { BLOCKS = 8, YH = 3, YW = 3, XV = 9, XR = 3, XP = 1, XAT = 0, YV = 9, YR = 3,
	       YP = 1, YAT = 0, PT = 1, PL = 1, SH = 1, KH = 3, XH = 3, SW = 1, KW = 3, XW = 3 };
	for (int block = 0; block < BLOCKS; block++)
		for (int oy = 0; oy < YH; oy++)
			for (int ox = 0; ox < YW; ox++) {
				const float *const map = x + (XAT + block * XV);
				float r = (float){0} - 3.402823466e38f;

				for (int ky = 0; ky < KH; ky++)
					for (int kx = 0; kx < KW; kx++) {
						const int iy = oy * SH + ky - PT, ix = ox * SW + kx - PL;
						const int inside = iy >= 0 && iy < XH && ix >= 0 && ix < XW;

						if (!inside)
							continue;
						r = branches_max(branches_load_1(map + iy * XR + ix * XP), r);
					}
				branches_store_1(y + (YAT + block * YV + oy * YR + ox * YP), r);
			}
}

static void branches_pool_map_3(const float x[72], float y[72])
{
	enum { BLOCKS = 8, YH = 3, YW = 3, XV = 9, XR = 3, XP = 1, XAT = 0, YV = 9, YR = 3,
	       YP = 1, YAT = 0, PT = 1, PL = 1, SH = 1, KH = 3, XH = 3, SW = 1, KW = 3, XW = 3 };
	for (int block = 0; block < BLOCKS; block++)
		for (int oy = 0; oy < YH; oy++)
			for (int ox = 0; ox < YW; ox++) {
				const float *const map = x + (XAT + block * XV);
				float r = {0};
				int count = 0;

				for (int ky = 0; ky < KH; ky++)
					for (int kx = 0; kx < KW; kx++) {
						const int iy = oy * SH + ky - PT, ix = ox * SW + kx - PL;
						const int inside = iy >= 0 && iy < XH && ix >= 0 && ix < XW;

						count += inside;
						if (!inside)
							continue;
						r += branches_load_1(map + iy * XR + ix * XP);
					}
				r = r * (count > 0 ? 1.0f / (float)count : 0.0f);
				branches_store_1(y + (YAT + block * YV + oy * YR + ox * YP), r);
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

/* eltwise_map.c -- op eltwise on blocked maps of one shape: act(fn(c0 * a, c1 * b)), each map with its own halo.
 *
 * ints: BLOCKS, YH YW, BINARY ACTON (0, 1); of each map, p = A (x), B (z), Y: pV pR pP (floats from vector to vector,
 * row, pixel) pAT (to pixel 0); words: FN, FNALPHA, FNBETA, COEFF0, COEFF1, ACT, ALPHA, BETA.
 */

static void branches_eltwise_map_1(const float x[72],
	const float z[72],
	float y[72])
{
	enum { BLOCKS = 8, YH = 3, YW = 3, AV = 9, AR = 3, AP = 1, AAT = 0, BV = 9, BR = 3,
	       BP = 1, BAT = 0, YV = 9, YR = 3, YP = 1, YAT = 0 };
	for (int block = 0; block < BLOCKS; block++)
		for (int oy = 0; oy < YH; oy++) {
			const float *const a = x + (AAT + block * AV + oy * AR);
			const float *const b = z + (BAT + block * BV + oy * BR);
			float *const row = y + (YAT + block * YV + oy * YR);

			for (int ox = 0; ox < YW; ox++) {
				float r = branches_mul(1.0f * branches_load_1(a + ox * AP), 1.0f * branches_load_1(b + ox * BP));
				branches_store_1(row + ox * YP, r);
			}
		}
}

/* The network. Every pointer is to the first element in memory, halo included. */
static int branches_infer(const float *in0, float *arena, float *out0)
{
	branches_pool_map_1(in0, arena + 288); /* 1 trunk */
	branches_pool_map_2(arena + 288, arena); /* 2 side */
	branches_pool_map_3(arena + 288, arena + 80); /* 3 low */
	branches_softmax_plain_1(arena + 80, arena + 160); /* 4 mix */
	branches_eltwise_map_1(arena, arena + 160, out0); /* 5 join */
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
