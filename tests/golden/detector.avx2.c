/* detector.c -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * model    detector, hash 60843f7abd021064
 * options  detector.ir --target=avx2 -O1 --arena=static --weights-form=incbin
 * profile  native
 * flags    -mavx2 -mfma -ffp-contract=fast
 * weights  2816 bytes, hash 1ce49aefb20e07bd
 * arena    1344 bytes; the largest set of live buffers is 1344
 * macs     6048
 * numbers  f32, sums f32; a * b + c rounded once: fast; 0 layers by Winograd's transforms
 * ram      1664 bytes: detector_memory 1664 (arena 1344, lines 320)
 * flash    3321 bytes: detector_weights 2816 + detector_weights_head 16 + detector_labels 24 + strings 349 + one 16
 *          + formats 20 + mark 16 + text 64
 * defines  detector_detect detector_run detector_labels detector_strerror detector_version detector_weights
 *          detector_weights_head
 * uses     memcpy memset
 * needs    detector.h, and detector.weights through -I. A makefile must name it as a dependency: -MD does not list what
 *          the assembler reads, -Wa,--MD,FILE does. With -flto the assembler runs at the link: gcc's link
 *          needs -Wa,-IFOLDER too, clang needs -fno-lto for this file
 *
 * node  layer                        kernel               result                 MMAC arena offset
 *    1  pool                         pool_plain_1         3x4x4                 0.000          960
 *    2  loc+conf.reorder             reorder_1            3x4x4                 0.000          512
 *    3  loc+conf                     conv_tile_1          8x4x4                 0.006            0
 *    4  loc.permute                  in place             4x4x8                 0.000            0
 *    5  loc.flatten                  in place             128                   0.000            0
 *    6  conf.permute                 in place             4x4x6                 0.000          960
 *    7  conf.rows                    in place             32x3                  0.000          960
 *    8  detect.logits                copy_1               96                    0.000          512
 *    9  detect                       detect_1             5x6                   0.000     caller's
 */
#if defined(__GNUC__) && !(defined(__AVX2__) && defined(__FMA__))
#error compile detector.c with -mavx2 -mfma -ffp-contract=fast
#endif

#include "detector.h"

#include <string.h>

#if defined(__GNUC__)
#define DETECTOR_ALIGN __attribute__((aligned(64)))
#define DETECTOR_NOINLINE __attribute__((noinline))
#else
#define DETECTOR_ALIGN
#define DETECTOR_NOINLINE
#endif

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error detector.weights is in little-endian byte order; for this machine compile the model with --weights-form=array
#endif

/* An error about .org says that detector.weights has not 2880 bytes: it is not the file that was written with this source. */
__asm__(".pushsection .rodata\n"
	".balign 16\n"
	".globl detector_weights_head\n"
	".hidden detector_weights_head\n"
	".type detector_weights_head, %object\n"
	".size detector_weights_head, 16\n"
	"detector_weights_head:\n"
	".incbin \"detector.weights\", 0, 16\n"
	".balign 64\n"
	".globl detector_weights\n"
	".hidden detector_weights\n"
	".type detector_weights, %object\n"
	".size detector_weights, 2816\n"
	"detector_weights:\n"
	".incbin \"detector.weights\", 64\n"
	".Ldetector_weights_end:\n"
	".org detector_weights + 2816\n"
	".org .Ldetector_weights_end\n"
	".popsection\n");
extern const float detector_weights[DETECTOR_WEIGHTS_SIZE / 4];
extern const unsigned char detector_weights_head[16];

static struct {
	float arena[DETECTOR_ARENA_SIZE / 4]; /* what flows between layers */
	int32_t lines[10 * DETECTOR_INPUT_WIDTH]; /* of the resize */
} DETECTOR_ALIGN detector_memory;

static inline int32_t detector_bits(float x)
{
	int32_t i;

	memcpy(&i, &x, sizeof i);
	return i;
}

static inline float detector_from_bits(uint32_t i)
{
	float x;

	memcpy(&x, &i, sizeof x);
	return x;
}

/* i, or the nearest of 0 .. n - 1: every index that depends on data passes here. */
static inline int32_t detector_index(int32_t i, int32_t n)
{
	i = i < n ? i : n - 1;
	return i > 0 ? i : 0;
}

/* The nearest integer, ties to even, of x within +-4194303; beyond that the nearer bound; NaN: the upper bound. */
static inline int32_t detector_to_int(float x)
{
	x = x < 4194303.0f ? x : 4194303.0f;
	x = x > -4194303.0f ? x : -4194303.0f;
	return detector_bits(x + 12582912.0f) - 0x4b400000;
}

/* e^x = 2^n e^r with |r| <= log(2) / 2. 2^n is applied in two halves: n reaches 128, and -150 for denormals. The
 * polynomial is the one of Cephes' expf. NaN gives NaN: n is then a meaningless number, but one in range. */
static inline float detector_expf(float x)
{
	int32_t n, half;
	float r, p;

	x = x > 89.0f ? 89.0f : x;
	x = x < -104.0f ? -104.0f : x;
	n = detector_bits(x * 1.44269504f + 12582912.0f) - 0x4b400000;
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
	p = p * detector_from_bits((uint32_t)(half + 127) << 23);
	return p * detector_from_bits((uint32_t)(n - half + 127) << 23);
}

static inline float detector_clip(float x, float alpha, float beta)
{
	x = x > alpha ? x : alpha;
	return x < beta ? x : beta;
}

static inline float detector_max(float x, float y)
{
	return x > y ? x : y;
}

static inline float detector_min(float x, float y)
{
	return x < y ? x : y;
}

/* The order of detections: falling score, then rising rank. */
static inline int detector_better(float score, float rank, float other_score, float other_rank)
{
	if (score > other_score)
		return 1;
	return !(score < other_score) && rank < other_rank;
}

/* A heap of n entries with the worst at its root, as two arrays. Puts an entry at the root, in place of what was
 * there. 31 levels hold any heap. */
static inline void detector_heap_sink(float *score, float *rank, int32_t n, float new_score, float new_rank)
{
	int32_t at = 0;

	for (int32_t level = 0; level < 31; level++) {
		int32_t child = 2 * at + 1;
		if (child >= n)
			break;
		if (child + 1 < n && detector_better(score[child], rank[child], score[child + 1], rank[child + 1]))
			child++;
		if (detector_better(score[child], rank[child], new_score, new_rank))
			break;
		score[at] = score[child];
		rank[at] = rank[child];
		at = detector_index(child, n);
	}
	score[at] = new_score;
	rank[at] = new_rank;
}

/* Adds an entry, or, in a full heap, replaces the worst one if the new one is better. Returns the new size. */
static inline int32_t detector_heap_push(float *score, float *rank, int32_t n, int32_t capacity, float new_score,
                                    float new_rank)
{
	int32_t at = detector_index(n, capacity);

	if (n >= capacity) {
		if (detector_better(new_score, new_rank, score[0], rank[0]))
			detector_heap_sink(score, rank, capacity, new_score, new_rank);
		return capacity;
	}
	for (int32_t level = 0; level < 31; level++) {
		int32_t parent = (at - 1) / 2;
		if (at < 1 || detector_better(new_score, new_rank, score[parent], rank[parent]))
			break;
		score[at] = score[parent];
		rank[at] = rank[parent];
		at = detector_index(parent, capacity);
	}
	score[at] = new_score;
	rank[at] = new_rank;
	return n + 1;
}

/* Moves the worst of n >= 1 entries to place n - 1, behind a heap of n - 1. Done for n, n - 1, ..., 2 it sorts. */
static inline void detector_heap_pop(float *score, float *rank, int32_t n)
{
	const float worst_score = score[0], worst_rank = rank[0];

	detector_heap_sink(score, rank, n - 1, score[n - 1], rank[n - 1]);
	score[n - 1] = worst_score;
	rank[n - 1] = worst_rank;
}

static inline float detector_box_size(const float *b)
{
	return b[2] < b[0] || b[3] < b[1] ? 0.0f : (b[2] - b[0]) * (b[3] - b[1]);
}

/* Intersection over union of two boxes {x0, y0, x1, y1}. */
static inline float detector_overlap(const float *a, const float *b)
{
	const float w = detector_min(a[2], b[2]) - detector_max(a[0], b[0]);
	const float h = detector_min(a[3], b[3]) - detector_max(a[1], b[1]);

	if (!(w > 0.0f) || !(h > 0.0f))
		return 0.0f;
	return w * h / (detector_box_size(a) + detector_box_size(b) - w * h);
}

/* All four corners are numbers, and none is infinite. */
static inline int detector_is_box(const float *b)
{
	int good = 1;

	for (int k = 0; k < 4; k++)
		good = good && b[k] >= -3.402823466e38f && b[k] <= 3.402823466e38f;
	return good;
}

/* Default box p, its variances v and prediction l to box b, four floats each. code as BoxCode: 1 corner, 2 center
 * size, 3 corner size. */
static inline void detector_decode(int code, const float *p, const float *v, const float *l, float *b)
{
	const float w = p[2] - p[0], h = p[3] - p[1];

	if (code == 2) {
		const float x = 0.5f * (p[0] + p[2]) + v[0] * l[0] * w;
		const float y = 0.5f * (p[1] + p[3]) + v[1] * l[1] * h;
		const float half_w = 0.5f * w * detector_expf(v[2] * l[2]);
		const float half_h = 0.5f * h * detector_expf(v[3] * l[3]);
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
typedef float detector_vec_8 __attribute__((vector_size(4 * 8)));
typedef int detector_mask_8 __attribute__((vector_size(4 * 8)));

static inline detector_vec_8 detector_load_8(const float *p)
{
	detector_vec_8 v;

	memcpy(&v, p, sizeof v);
	return v;
}

static inline void detector_store_8(float *p, detector_vec_8 v)
{
	memcpy(p, &v, sizeof v);
}

/* The first n floats of v; n is a constant where it is called, so that this becomes a store or two. */
static inline void detector_store_part_8(float *p, detector_vec_8 v, int n)
{
	memcpy(p, &v, sizeof *p * (size_t)n);
}

/* pool_plain.c -- op pool2d on plain NCHW. Windows are cut at the padded map, maxima and sums at the map.
 *
 * ints: PLANES, XH XW, YH YW, KH KW, SH SW, DH DW (dilation), PT PL PB PR (padding), AVERAGE, COUNT_PADDING (0, 1: an average divides by the
 * window with its padding); words: T (element type), LEAST (of it).
 */

static void detector_pool_plain_1(const float x[192], float y[48])
{
	enum { PLANES = 3, XH = 8, XW = 8, YH = 4, YW = 4, DH = 1, DW = 1, KH = 2, KW = 2, SH = 2,
	       SW = 2, PT = 0, PL = 0 };
	for (int c = 0; c < PLANES; c++)
		for (int oy = 0; oy < YH; oy++)
			for (int ox = 0; ox < YW; ox++) {
				float result = -3.4028235e+38f;
				int count = 0;
				for (int ky = 0; ky < KH; ky++)
					for (int kx = 0; kx < KW; kx++) {
						const int iy = oy * SH + ky * DH - PT;
						const int ix = ox * SW + kx * DW - PL;
						const int inside = iy >= 0 && iy < XH && ix >= 0 && ix < XW;
						count += inside;
						if (inside) {
							const float v = x[(c * XH + iy) * XW + ix];
							result = v > result ? v : result;
						}
					}
				(void)count;
				y[(c * YH + oy) * YW + ox] = result;
			}
}

/* reorder.c -- op reorder: any memory layout to any other. Rows that look alike in both are copied whole; otherwise
 * channels that only fill a block become 0.
 *
 * ints: YC YH YW, XROWS XCOLS XTOP XLEFT XB, YROWS YCOLS YTOP YLEFT YB YCB (see Layout in the compiler's ir.h).
 */

static void detector_reorder_1(const float x[48], float y[108])
{
	enum { XROWS = 4, XCOLS = 4, XTOP = 0, XLEFT = 0, XB = 1, YH = 4, YW = 4, YROWS = 6,
	       YCOLS = 6, YTOP = 1, YLEFT = 1, YB = 1, YCB = 3 };
	for (int c = 0; c < YCB; c++)
		for (int r = 0; r < YH; r++)
			memcpy(y + ((c * YROWS + r + YTOP) * YCOLS + YLEFT) * YB, x + ((c * XROWS + r + XTOP) * XCOLS + XLEFT) * XB,
			       YW * YB * sizeof *y);
}

/* halo.c -- writes zeros around a map, where convolutions and pools with padding read.
 *
 * ints: YCB (channel blocks) YB (floats in a block) YROWS YCOLS (in memory) TOP = YTOP, LEFT = YLEFT, BOTTOM, RIGHT.
 */

static void detector_halo_1(float y[108])
{
	enum { YROWS = 6, YCOLS = 6, YTOP = 1, YLEFT = 1, YB = 1, YCB = 3, BOTTOM = 1, RIGHT = 1 };
	for (int c = 0; c < YCB; c++) {
		float *const map = y + c * (YROWS * YCOLS * YB);
		for (int i = 0; i < YTOP * YCOLS * YB; i++)
			map[i] = 0.0f;
		for (int i = (YROWS - BOTTOM) * YCOLS * YB; i < YROWS * YCOLS * YB; i++)
			map[i] = 0.0f;
		for (int r = YTOP; r < YROWS - BOTTOM; r++) {
			for (int i = 0; i < YLEFT * YB; i++)
				map[r * (YCOLS * YB) + i] = 0.0f;
			for (int i = (YCOLS - RIGHT) * YB; i < YCOLS * YB; i++)
				map[r * (YCOLS * YB) + i] = 0.0f;
		}
	}
}

/* conv_tile.c -- op conv2d, group 1: any window, stride and dilation.
 *
 * TH x TW pixels by TV vectors of channels are summed in registers, over all input channels and taps; then the epilogue
 * runs on them and they are stored. The last tile of a row, column or output overlaps its neighbour. The bias is where
 * the sums begin. A dense 1x1 convolution comes with its map as one long row.
 *
 * With vectors of one, compilers make their own: of sums that begin alike, are stored side by side and meet no branch. So
 * the bias is added last, the tile is stored in one piece, and the activation waits until the map is complete.
 *
 * repeats: pp (pixel of the tile, row by row), vv (vector of channels). ints: NOUT (outputs that share the channels),
 * PANELS (TV vectors each, of all outputs) PANEL (floats of one in w), TILE_ROWS TILE_COLS, TH TW TV, SUM_P SUM_V (floats
 * in a tile's piece from pixel to pixel, vector to vector), YH YW, XC XB XCB, XROW (floats from row to row) XMAP (from
 * block to block) XAT (to the first tap of pixel 0), KH KW, SH SW (stride), DH DW (dilation), PANEL_FIRST (loop order). For
 * output k: PANELSk, NVk (vectors), TAILk (channels in the last one), YVk YRk YPk (floats from vector to vector, row,
 * pixel) YATk (to pixel 0), EVk ERk EPk EATk (of the operand), ELTk ACTkON; words: OPk, ACTk, ALPHAk, BETAk. w, for each
 * panel: bias [TV][VL], then [XC / XB][KH][KW][XB][TV][VL].
 */

static void detector_conv_tile_1(const float x[108],
	const float w[448], float y0[128], float y1[96])
{
	enum { VL = 8, PANELS = 2, PANEL = 224, TILE_ROWS = 2, TILE_COLS = 1, TH = 2, TW = 4,
	       TV = 1, YH = 4, YW = 4, XB = 1, XCB = 3, XROW = 6, XMAP = 36, XAT = 0, KH = 3,
	       KW = 3, SH = 1, SW = 1, DH = 1, DW = 1, PANELS0 = 1, NV0 = 1, YV0 = 128, YR0 = 32,
	       YP0 = 8, YAT0 = 0, NV1 = 1, TAIL1 = 6, YV1 = 8, YR1 = 24, YP1 = 6, YAT1 = 0 };
	for (int panel = 0; panel < PANELS; panel++)
		for (int ty = 0; ty < TILE_ROWS; ty++)
			for (int tx = 0; tx < TILE_COLS; tx++) {
				const int oy = ty * TH < YH - TH ? ty * TH : YH - TH;
				const int ox = tx * TW < YW - TW ? tx * TW : YW - TW;
				const float *const xp = x + (XAT + oy * SH * XROW + ox * SW * XB);
				const float *wp = w + panel * PANEL;
				detector_vec_8 a_0_0 = detector_load_8(wp + 0 * VL);
				detector_vec_8 a_1_0 = detector_load_8(wp + 0 * VL);
				detector_vec_8 a_2_0 = detector_load_8(wp + 0 * VL);
				detector_vec_8 a_3_0 = detector_load_8(wp + 0 * VL);
				detector_vec_8 a_4_0 = detector_load_8(wp + 0 * VL);
				detector_vec_8 a_5_0 = detector_load_8(wp + 0 * VL);
				detector_vec_8 a_6_0 = detector_load_8(wp + 0 * VL);
				detector_vec_8 a_7_0 = detector_load_8(wp + 0 * VL);

				wp += TV * VL;
				for (int block = 0; block < XCB; block++)
					for (int ky = 0; ky < KH; ky++)
						for (int kx = 0; kx < KW; kx++) {
							const float *const xk = xp + (block * XMAP + ky * DH * XROW + kx * DW * XB);

							for (int lane = 0; lane < XB; lane++) {
								const detector_vec_8 w_0 = detector_load_8(wp + 0 * VL);
								const float x_0 = xk[lane + 0 / TW * SH * XROW + 0 % TW * SW * XB];
								const float x_1 = xk[lane + 1 / TW * SH * XROW + 1 % TW * SW * XB];
								const float x_2 = xk[lane + 2 / TW * SH * XROW + 2 % TW * SW * XB];
								const float x_3 = xk[lane + 3 / TW * SH * XROW + 3 % TW * SW * XB];
								const float x_4 = xk[lane + 4 / TW * SH * XROW + 4 % TW * SW * XB];
								const float x_5 = xk[lane + 5 / TW * SH * XROW + 5 % TW * SW * XB];
								const float x_6 = xk[lane + 6 / TW * SH * XROW + 6 % TW * SW * XB];
								const float x_7 = xk[lane + 7 / TW * SH * XROW + 7 % TW * SW * XB];
								a_0_0 += x_0 * w_0;
								a_1_0 += x_1 * w_0;
								a_2_0 += x_2 * w_0;
								a_3_0 += x_3 * w_0;
								a_4_0 += x_4 * w_0;
								a_5_0 += x_5 * w_0;
								a_6_0 += x_6 * w_0;
								a_7_0 += x_7 * w_0;
								wp += TV * VL;
							}
						}

				if (panel < PANELS0) {
					const int v = panel * TV < NV0 - TV ? panel * TV : NV0 - TV;
					float *const yp = y0 + (YAT0 + v * YV0 + oy * YR0 + ox * YP0);
					detector_store_8(yp + 0 * YV0 + 0 / TW * YR0 + 0 % TW * YP0, a_0_0);
					detector_store_8(yp + 0 * YV0 + 1 / TW * YR0 + 1 % TW * YP0, a_1_0);
					detector_store_8(yp + 0 * YV0 + 2 / TW * YR0 + 2 % TW * YP0, a_2_0);
					detector_store_8(yp + 0 * YV0 + 3 / TW * YR0 + 3 % TW * YP0, a_3_0);
					detector_store_8(yp + 0 * YV0 + 4 / TW * YR0 + 4 % TW * YP0, a_4_0);
					detector_store_8(yp + 0 * YV0 + 5 / TW * YR0 + 5 % TW * YP0, a_5_0);
					detector_store_8(yp + 0 * YV0 + 6 / TW * YR0 + 6 % TW * YP0, a_6_0);
					detector_store_8(yp + 0 * YV0 + 7 / TW * YR0 + 7 % TW * YP0, a_7_0);
				}
				if (panel >= PANELS0) {
					const int first = (panel - PANELS0) * TV;
					const int v = first < NV1 - TV ? first : NV1 - TV;
					float *const yp = y1 + (YAT1 + v * YV1 + oy * YR1 + ox * YP1);
					if (v + TV < NV1) {
						detector_store_8(yp + 0 * YV1 + 0 / TW * YR1 + 0 % TW * YP1, a_0_0);
						detector_store_8(yp + 0 * YV1 + 1 / TW * YR1 + 1 % TW * YP1, a_1_0);
						detector_store_8(yp + 0 * YV1 + 2 / TW * YR1 + 2 % TW * YP1, a_2_0);
						detector_store_8(yp + 0 * YV1 + 3 / TW * YR1 + 3 % TW * YP1, a_3_0);
						detector_store_8(yp + 0 * YV1 + 4 / TW * YR1 + 4 % TW * YP1, a_4_0);
						detector_store_8(yp + 0 * YV1 + 5 / TW * YR1 + 5 % TW * YP1, a_5_0);
						detector_store_8(yp + 0 * YV1 + 6 / TW * YR1 + 6 % TW * YP1, a_6_0);
						detector_store_8(yp + 0 * YV1 + 7 / TW * YR1 + 7 % TW * YP1, a_7_0);
					} else {
						detector_store_part_8(yp + 0 * YV1 + 0 / TW * YR1 + 0 % TW * YP1, a_0_0, 0 < TV - 1 ? VL : TAIL1);
						detector_store_part_8(yp + 0 * YV1 + 1 / TW * YR1 + 1 % TW * YP1, a_1_0, 0 < TV - 1 ? VL : TAIL1);
						detector_store_part_8(yp + 0 * YV1 + 2 / TW * YR1 + 2 % TW * YP1, a_2_0, 0 < TV - 1 ? VL : TAIL1);
						detector_store_part_8(yp + 0 * YV1 + 3 / TW * YR1 + 3 % TW * YP1, a_3_0, 0 < TV - 1 ? VL : TAIL1);
						detector_store_part_8(yp + 0 * YV1 + 4 / TW * YR1 + 4 % TW * YP1, a_4_0, 0 < TV - 1 ? VL : TAIL1);
						detector_store_part_8(yp + 0 * YV1 + 5 / TW * YR1 + 5 % TW * YP1, a_5_0, 0 < TV - 1 ? VL : TAIL1);
						detector_store_part_8(yp + 0 * YV1 + 6 / TW * YR1 + 6 % TW * YP1, a_6_0, 0 < TV - 1 ? VL : TAIL1);
						detector_store_part_8(yp + 0 * YV1 + 7 / TW * YR1 + 7 % TW * YP1, a_7_0, 0 < TV - 1 ? VL : TAIL1);
					}
				}
			}
}

/* copy.c -- op reshape that was not elided: the same elements elsewhere. ints: COUNT; words: T (element type). */

static DETECTOR_NOINLINE void detector_copy_1(const float x[96], float y[96])
{
	enum { COUNT = 96 };
	memcpy(y, x, COUNT * sizeof *y);
}

/* detect.c -- op detect: default boxes, predictions and scores to detections.
 *
 * One pass over the boxes fills, for each class, a heap of its TOP_K best boxes. Each class is then sorted and
 * thinned by overlap; what stays enters one more heap, of the best KEEP_TOP_K of all. Only boxes that get that far
 * are decoded. Entries are (score, rank), better is a higher score or, at the same score, a lower rank: the default
 * box within a class, class * TOP_K + place in the end. So equal scores leave in the order class, default box.
 *
 * AGNOSTIC: one list in place of those of the classes (LISTS is 1, else CLASSES); a box enters it with its best class.
 *
 * With logits a row is skipped without any exp() when no class can pass: a class passes only if its logit, less the
 * largest one, is above log(THRESHOLD), hence above CUT when the background's is taken away. Differences are compared, as CUT would be
 * lost in a sum with a large logit; a difference that is NaN (of two infinities) counts as above. NaN scores never pass, and a
 * box that is not finite is none.
 *
 * parts: index to_int expf heap_push heap_pop overlap is_box decode
 * ints: BOXES CLASSES (with background) BACKGROUND (-1: none) TOP_K KEEP_TOP_K (both at least 1) KEEP_PER_CLASS (0: any
 * number) SOFTMAX (0, 1: scores are logits) PER_CLASS (0, 1) AGNOSTIC (0, 1) LISTS CODE (BoxCode of ir/ir.h) VARIANCE_ENCODED (0, 1)
 * ADAPTIVE (0, 1: ETA < 1, by which NMS is multiplied after each box that stays, down to 0.5),
 * Y_FIRST (0, 1: loc and prior are y, x, y, x)
 * floats: THRESHOLD, NMS, ETA, CUT = log(THRESHOLD) - 0.001, or -3e38f where THRESHOLD <= 0
 * scratch: floats, 2 * LISTS * TOP_K + LISTS + 4 * TOP_K + 2 * KEEP_TOP_K. It holds ranks as floats:
 * BOXES and LISTS * TOP_K must be below 2^22.
 */

/* loc [BOXES][4], or [BOXES][CLASSES][4] with PER_CLASS; score [BOXES][CLASSES], prior [2][BOXES][4]: corners, variances.
 * Returns how many detections were written, at most max, boxes as fractions of the image, unclipped. */
static int detector_detect_1(const float loc[128], const float score[96], const float prior[256], float scratch[93], detector_detection *out, int max)
{
	enum { BOXES = 32, CLASSES = 3, BACKGROUND = 0, TOP_K = 8, KEEP_TOP_K = 5, LISTS = 3,
	       CODE = 2, VARIANCE_ENCODED = 0 };
	static const float one[4] = {1.0f, 1.0f, 1.0f, 1.0f};
	float *const heap = scratch;
	float *const heap_box = heap + LISTS * TOP_K;
	float *const count = heap_box + LISTS * TOP_K;
	float *const kept = count + LISTS;
	float *const best = kept + 4 * TOP_K;
	float *const best_at = best + KEEP_TOP_K;
	const int32_t limit = max < KEEP_TOP_K ? max : KEEP_TOP_K;
	int32_t nbest = 0;

	if (limit < 1)
		return 0;
	for (int32_t c = 0; c < LISTS; c++)
		count[c] = 0.0f;
	for (int32_t i = 0; i < BOXES; i++) {
		const float *const row = score + i * CLASSES;
		const float base = row[BACKGROUND < 0 ? 0 : BACKGROUND];
		float top = row[0], sum = 0.0f;
		int32_t above = 0;
		for (int32_t c = 0; c < CLASSES; c++)
			above += !(row[c] - base <= -1.2049729f);
		if (above < 2 && BACKGROUND >= 0)
			continue; /* at most the background itself */
		for (int32_t c = 1; c < CLASSES; c++)
			top = row[c] > top ? row[c] : top;
		for (int32_t c = 0; c < CLASSES; c++)
			sum += detector_expf(row[c] - top);
		for (int32_t c = 0; c < CLASSES; c++) {
			const float p = row[c] - top > -1.2049729f ? detector_expf(row[c] - top) / sum : -3e38f;
			if (c != BACKGROUND && p > 0.3f)
				count[c] = (float)detector_heap_push(heap + c * TOP_K, heap_box + c * TOP_K,
				                                detector_to_int(count[c]), TOP_K, p, (float)i);
		}
	}

	for (int32_t c = 0; c < LISTS; c++) {
		float *const rank = heap_box + c * TOP_K;
		const int32_t n = detector_to_int(count[c]);
		int32_t nkept = 0;
		for (int32_t left = TOP_K; left > 1; left--)
			if (left <= n)
				detector_heap_pop(heap + c * TOP_K, rank, left);
		for (int32_t k = 0; k < TOP_K; k++) {
			if (k >= n || (nbest >= limit && !(heap[c * TOP_K + k] > best[0])))
				break; /* nothing that follows can enter */
			const int32_t i = detector_index(detector_to_int(rank[k]), BOXES);
			float *const b = kept + 4 * detector_index(nkept, TOP_K);
			int keep;
			const float *const own = loc + 4 * i;
			detector_decode(CODE, prior + 4 * i, VARIANCE_ENCODED ? one : prior + 4 * (BOXES + i), own, b);
			keep = detector_is_box(b);
			for (int32_t j = 0; j < TOP_K; j++) {
				if (j >= nkept || !keep)
					break;
				keep = detector_overlap(kept + 4 * j, b) <= 0.45f;
			}
			if (!keep)
				continue;
			nkept++;
			nbest = detector_heap_push(best, best_at, nbest, limit, heap[c * TOP_K + k], (float)(c * TOP_K + k));
		}
	}

	for (int32_t left = KEEP_TOP_K; left > 1; left--)
		if (left <= nbest)
			detector_heap_pop(best, best_at, left);
	for (int32_t k = 0; k < KEEP_TOP_K; k++) {
		if (k >= nbest || k >= limit)
			break;
		const int32_t at = detector_index(detector_to_int(best_at[k]), LISTS * TOP_K);
		const int32_t i = detector_index(detector_to_int(heap_box[at]), BOXES);
		const float *const own = loc + 4 * i;
		detector_decode(CODE, prior + 4 * i, VARIANCE_ENCODED ? one : prior + 4 * (BOXES + i), own, kept);
		out[k].x0 = kept[0];
		out[k].y0 = kept[1];
		out[k].x1 = kept[2];
		out[k].y1 = kept[3];
		out[k].score = best[k];
		out[k].label = at / TOP_K;
	}
	return nbest;
}

/* preprocess.c -- pixels of any size to the input tensor: bilinear resize in OpenCV's 8-bit arithmetic, bit for bit,
 * then (x - MEAN) / DIVISOR for each channel.
 *
 * For output index d of N over n source samples: f = (d + 0.5) / (N / n) - 0.5 in double, rounded to float; the sample
 * to its left is i = floor(f), and the weights of i and i + 1 are the integers nearest to (1 - f + i) * 2048 and
 * (f - i) * 2048. Left and right of the image the nearest column has the whole weight; above and below only the row
 * numbers are clamped. Sums along a row are kept whole; a pixel is ((b0 * (h0 >> 4) >> 16) + (b1 * (h1 >> 4) >> 16)
 * + 2) >> 2. Each source row is summed once: two sums are held, row r in place r & 1.
 *
 * i comes from integers, floor(((2 d + 1) n - N) / 2 N). Where f was rounded up to the next integer, i is one less and
 * the second sample has the whole weight: the same value.
 *
 * Grey to colour repeats the sample; colour to grey weighs as OpenCV does (15 bits), before the resize.
 *
 * parts: index to_int
 * from the header: DETECTOR_INPUT_WIDTH, DETECTOR_INPUT_HEIGHT (1 to 32767)
 * ints: CHANNELS (1, 3) BGR (0, 1: channel 0 is blue); used in #if only
 * floats: MEAN0 MEAN1 MEAN2 DIVISOR0 DIVISOR1 DIVISOR2, in the order of the tensor's channels
 * scratch: int32_t, 10 * DETECTOR_INPUT_WIDTH of them
 */

/* The weights of the samples left and left + 1 for output d; scale is samples per output. They are within 0 .. 2048 as it
 * is: detector_index() only says so where it can be seen, and with it that no sum below overflows. */
static inline void detector_resize_weights(int32_t d, double scale, int32_t left, int32_t *first, int32_t *second)
{
	const float f = (float)(((double)d + 0.5) * scale - 0.5) - (float)left;

	*first = detector_index(detector_to_int((1.0f - f) * 2048.0f), 2049);
	*second = detector_index(detector_to_int(f * 2048.0f), 2049);
}

/* columns: for each output column the bytes from the row's start to its two samples, and their weights. */
static void detector_resize_columns(int32_t width, int32_t step, int32_t *columns)
{
	const double scale = 1.0 / ((double)DETECTOR_INPUT_WIDTH / (double)width);

	for (int32_t x = 0; x < DETECTOR_INPUT_WIDTH; x++) {
		int32_t left = ((2 * x + 1) * width + DETECTOR_INPUT_WIDTH) / (2 * DETECTOR_INPUT_WIDTH) - 1;
		int32_t *const c = columns + 4 * x;

		detector_resize_weights(x, scale, left, &c[2], &c[3]);
		if (left < 0 || left >= width - 1) {
			left = detector_index(left, width);
			c[2] = 2048;
			c[3] = 0;
		}
		c[0] = left * step;
		c[1] = detector_index(left + 1, width) * step;
	}
}

/* One source row as weighted sums of its samples: [CHANNELS][DETECTOR_INPUT_WIDTH]. offset: bytes from a pixel's start to
 * its sample for each channel of the tensor. */
static void detector_resize_row(const uint8_t *row, const uint8_t *offset, const int32_t *columns, int32_t *restrict sum)
{
	for (int32_t x = 0; x < DETECTOR_INPUT_WIDTH; x++) {
		const int32_t *const c = columns + 4 * x;
		const uint8_t *const p = row + c[0];
		const uint8_t *const q = row + c[1];
		sum[x] = p[offset[0]] * c[2] + q[offset[0]] * c[3];
		sum[DETECTOR_INPUT_WIDTH + x] = p[offset[1]] * c[2] + q[offset[1]] * c[3];
		sum[2 * DETECTOR_INPUT_WIDTH + x] = p[offset[2]] * c[2] + q[offset[2]] * c[3];
	}
}

static inline void detector_resize_blend(const int32_t *h0, const int32_t *h1, int32_t b0, int32_t b1, float mean,
                                    float divisor, float *restrict out)
{
	for (int32_t x = 0; x < DETECTOR_INPUT_WIDTH; x++) {
		const int32_t v = ((b0 * (h0[x] >> 4)) >> 16) + ((b1 * (h1[x] >> 4)) >> 16);
		out[x] = ((float)((v + 2) >> 2) - mean) / divisor;
	}
}

/* DETECTOR_EINVAL unless width and height are 1 to 32767 and stride, in bytes, holds a row. */
static int detector_preprocess(const uint8_t *pixels, int width, int height, int stride, detector_format format, int32_t scratch[80],
                          float input[192])
{
	/* For each format: bytes of a pixel, then where its red, green and blue are. */
	static const uint8_t formats[5][4] = {{3, 0, 1, 2}, {3, 2, 1, 0}, {4, 0, 1, 2}, {4, 2, 1, 0}, {1, 0, 0, 0}};
	const uint8_t *const f = formats[detector_index((int32_t)format, 5)];
	int32_t *const columns = scratch;
	int32_t *const sums = scratch + 4 * DETECTOR_INPUT_WIDTH; /* [2][3][DETECTOR_INPUT_WIDTH] */
	int32_t held[2] = {-1, -1};
	double scale;

	if (!pixels || (uint32_t)format > (uint32_t)DETECTOR_GRAY || width < 1 || width > 32767 || height < 1 ||
	    height > 32767 || stride < width * f[0])
		return DETECTOR_EINVAL;
	const uint8_t offset[3] = {f[3], f[2], f[1]};
	memset(sums, 0, 6 * DETECTOR_INPUT_WIDTH * sizeof *sums); /* what a sum may hold is then plain, whichever rows were summed */
	scale = 1.0 / ((double)DETECTOR_INPUT_HEIGHT / (double)height);
	detector_resize_columns(width, f[0], columns);
	for (int32_t y = 0; y < DETECTOR_INPUT_HEIGHT; y++) {
		const int32_t top = ((2 * y + 1) * height + DETECTOR_INPUT_HEIGHT) / (2 * DETECTOR_INPUT_HEIGHT) - 1;
		const int32_t row[2] = {detector_index(top, height), detector_index(top + 1, height)};
		const int32_t *h[2];
		int32_t b0, b1;

		detector_resize_weights(y, scale, top, &b0, &b1);
		for (int k = 0; k < 2; k++) {
			int32_t *const sum = sums + (row[k] & 1) * 3 * DETECTOR_INPUT_WIDTH;

			if (held[row[k] & 1] != row[k])
				detector_resize_row(pixels + (size_t)row[k] * (size_t)stride, offset, columns, sum);
			held[row[k] & 1] = row[k];
			h[k] = sum;
		}
		detector_resize_blend(h[0], h[1], b0, b1, 104.0f, 1.0f, input + y * DETECTOR_INPUT_WIDTH);
		detector_resize_blend(h[0] + DETECTOR_INPUT_WIDTH, h[1] + DETECTOR_INPUT_WIDTH, b0, b1, 117.0f, 1.0f,
		                 input + (DETECTOR_INPUT_HEIGHT + y) * DETECTOR_INPUT_WIDTH);
		detector_resize_blend(h[0] + 2 * DETECTOR_INPUT_WIDTH, h[1] + 2 * DETECTOR_INPUT_WIDTH, b0, b1, 123.0f, 1.0f,
		                 input + (2 * DETECTOR_INPUT_HEIGHT + y) * DETECTOR_INPUT_WIDTH);
	}
	return DETECTOR_OK;
}

/* The network. Every pointer is to the first element in memory, halo included. */
static int detector_infer(const float *in0, float *arena, detector_detection *out, int max)
{
	detector_pool_plain_1(in0, arena + 240); /* 1 pool */
	detector_halo_1(arena + 128);
	detector_reorder_1(arena + 240, arena + 128); /* 2 loc+conf.reorder */
	detector_conv_tile_1(arena + 128, detector_weights, arena, arena + 240); /* 3 loc+conf */
	detector_copy_1(arena + 240, arena + 128); /* 8 detect.logits */
	return detector_detect_1(arena, arena + 128, detector_weights + 448, arena + 224, out, max); /* 9 detect */
}

/* cpu.c -- does this CPU have what the program was compiled for? Asked before anything else runs.
 *
 * ints: AVX2 FMA AVX512F AVX512VL AVX512DQ AVX512BW (0, 1: needed)
 */
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

static int detector_cpu_serves(void)
{
	unsigned a = 0, b = 0, c = 0, d = 0, low = 0, high = 0, state;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1u << 27))
		return 0; /* the system does not save vector registers */
	if (!(c & 1u << 12))
		return 0;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	(void)high;
	state = 0x6;
	if ((low & state) != state || !__get_cpuid_count(7, 0, &a, &b, &c, &d))
		return 0;
	if (!(b & 1u << 5))
		return 0;
	return 1;
}
#else
static int detector_cpu_serves(void)
{
	return 1;
}
#endif

const char *const detector_labels[DETECTOR_NUM_CLASSES] = {
	"background",
	"cat",
	"dog",
};

/* Are the weights that were linked those that this source was written with? Their head has their hash. */
static int detector_weights_fit(void)
{
	static const unsigned char mark[16] = {'D', 'S', 'S', 'D', 'C', 'W', '1', 0, 0xbd, 0x07, 0x0e, 0xb2, 0xef, 0x9a, 0xe4, 0x1c};
	int fit = 1;

	for (int i = 0; i < 16; i++)
		if (detector_weights_head[i] != mark[i])
			fit = 0;
	return fit;
}

int detector_detect(const uint8_t *pixels, int width, int height, int stride, detector_format format,
	detector_detection *out, int max)
{
	if (!detector_cpu_serves())
		return DETECTOR_ECPU;
	if (!detector_weights_fit())
		return DETECTOR_EWEIGHTS;
	if (!pixels || (!out && max != 0) || max < 0)
		return DETECTOR_EINVAL;

	float *const memory = detector_memory.arena;
	float *const input = memory;
	int n = detector_preprocess(pixels, width, height, stride, format, detector_memory.lines, input);

	if (n < 0)
		return n;
	n = detector_infer(input, memory, out, max);
	for (int i = 0; i < DETECTOR_MAX_DETECTIONS; i++) {
		if (i >= n || i >= max)
			break;
		out[i].x0 = detector_clip(out[i].x0 * (float)width, 0.0f, (float)width);
		out[i].y0 = detector_clip(out[i].y0 * (float)height, 0.0f, (float)height);
		out[i].x1 = detector_clip(out[i].x1 * (float)width, 0.0f, (float)width);
		out[i].y1 = detector_clip(out[i].y1 * (float)height, 0.0f, (float)height);
	}
	return n;
}

int detector_run(const float *input, detector_detection *out, int max)
{
	if (!detector_cpu_serves())
		return DETECTOR_ECPU;
	if (!detector_weights_fit())
		return DETECTOR_EWEIGHTS;
	if (!input || (!out && max != 0) || max < 0)
		return DETECTOR_EINVAL;
	return detector_infer(input, detector_memory.arena, out, max);
}

const char *detector_strerror(int error)
{
	static const char *const text[] = {
		"done",
		"an argument is out of its range",
		"the CPU lacks a feature that this program was compiled for; needed: avx2 fma",
		"the weights are not those of this model, or not loaded",
		"the device refused",
		"the device has too little memory",
		"there is no device, or no driver for it",
		"the program was compiled for other devices",
	};

	return error <= 0 && error >= -7 ? text[-error] : "unknown error";
}

const char *detector_version(void)
{
	return "dssdc 0.1.0";
}
