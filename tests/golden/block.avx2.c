/* block.c -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * model    block, hash 3260f7cb00fc03ba
 * options  block.ir --target=avx2 -O1 --arena=static --weights-form=incbin
 * profile  native
 * flags    -mavx2 -mfma -ffp-contract=fast
 * weights  1728 bytes, hash e343d458f1d8e8af
 * arena    7552 bytes; the largest set of live buffers is 7552
 * macs     14400
 * numbers  f32, sums f32; a * b + c rounded once: fast; 0 layers by Winograd's transforms
 * ram      7552 bytes: block_memory 7552 (arena 7552)
 * flash    2154 bytes: block_weights 1728 + block_weights_head 16 + strings 330 + mark 16 + text 64
 * defines  block_run block_strerror block_version block_weights block_weights_head
 * uses     memcpy memset
 * needs    block.h, and block.weights through -I. A makefile must name it as a dependency: -MD does not list what
 *          the assembler reads, -Wa,--MD,FILE does. With -flto the assembler runs at the link: gcc's link
 *          needs -Wa,-IFOLDER too, clang needs -fno-lto for this file
 *
 * node  layer                        kernel               result                 MMAC arena offset
 *    1  expand.reorder               reorder_1            8x6x6                 0.000         4096
 *    2  expand                       conv_tile_1          16x6x6                0.005            0
 *    3  depthwise                    depthwise_1          16x6x6                0.005         4096
 *    4  project.reorder              reorder_2            16x6x6                0.000            0
 *    5  project                      conv_plain_1         8x6x6                 0.005     caller's
 */
#if defined(__GNUC__) && !(defined(__AVX2__) && defined(__FMA__))
#error compile block.c with -mavx2 -mfma -ffp-contract=fast
#endif

#include "block.h"

#include <string.h>

#if defined(__GNUC__)
#define BLOCK_ALIGN __attribute__((aligned(64)))
#define BLOCK_NOINLINE __attribute__((noinline))
#else
#define BLOCK_ALIGN
#define BLOCK_NOINLINE
#endif

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error block.weights is in little-endian byte order; for this machine compile the model with --weights-form=array
#endif

__asm__(".pushsection .rodata\n"
	".balign 16\n"
	".globl block_weights_head\n"
	".hidden block_weights_head\n"
	".type block_weights_head, %object\n"
	".size block_weights_head, 16\n"
	"block_weights_head:\n"
	".incbin \"block.weights\", 0, 16\n"
	".balign 64\n"
	".globl block_weights\n"
	".hidden block_weights\n"
	".type block_weights, %object\n"
	".size block_weights, 1728\n"
	"block_weights:\n"
	".incbin \"block.weights\", 64\n"
	".if . - block_weights - 1728\n"
	".error \"block.weights has not 1792 bytes: it is not the file that was written with this source\"\n"
	".endif\n"
	".popsection\n");
extern const float block_weights[BLOCK_WEIGHTS_SIZE / 4];
extern const unsigned char block_weights_head[16];

static struct {
	float arena[BLOCK_ARENA_SIZE / 4]; /* what flows between layers */
} BLOCK_ALIGN block_memory;

typedef float block_vec_8 __attribute__((vector_size(4 * 8)));
typedef int block_mask_8 __attribute__((vector_size(4 * 8)));

static inline block_vec_8 block_load_8(const float *p)
{
	block_vec_8 v;

	memcpy(&v, p, sizeof v);
	return v;
}

static inline void block_store_8(float *p, block_vec_8 v)
{
	memcpy(p, &v, sizeof v);
}

/* a where the mask is set, else b */
static inline block_vec_8 block_select_8(block_mask_8 mask, block_vec_8 a, block_vec_8 b)
{
	return (block_vec_8)((mask & (block_mask_8)a) | (~mask & (block_mask_8)b));
}

static inline block_vec_8 block_relu6_8(block_vec_8 x, float alpha, float beta)
{
	const block_vec_8 six = (block_vec_8){0} + 6.0f;

	(void)alpha;
	(void)beta;
	x = (block_vec_8)((x > 0.0f) & (block_mask_8)x);
	return block_select_8(x < six, x, six);
}

/* reorder.c -- op reorder: any memory layout to any other. Rows that look alike in both are copied whole; otherwise
 * channels that only fill a block become 0.
 *
 * ints: YC YH YW, XROWS XCOLS XTOP XLEFT XB, YROWS YCOLS YTOP YLEFT YB YCB (see Layout in the compiler's ir.h).
 */

static void block_reorder_1(const float x[288], float y[288])
{
	enum { XROWS = 6, XCOLS = 6, XTOP = 0, XLEFT = 0, XB = 1, YC = 8, YH = 6, YW = 6,
	       YROWS = 6, YCOLS = 6, YTOP = 0, YLEFT = 0, YB = 8, YCB = 1 };
	for (int c = 0; c < YCB * YB; c++)
		for (int r = 0; r < YH; r++)
			for (int i = 0; i < YW; i++) {
				const int from = ((c / XB * XROWS + r + XTOP) * XCOLS + i + XLEFT) * XB + c % XB;
				const int to = ((c / YB * YROWS + r + YTOP) * YCOLS + i + YLEFT) * YB + c % YB;
				y[to] = c < YC ? x[from] : 0.0f;
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

static void block_conv_tile_1(const float x[288],
	const float w[144], float y0[1024])
{
	enum { VL = 8, PANELS = 1, PANEL = 144, TILE_ROWS = 6, TILE_COLS = 1, TH = 1, TW = 6,
	       TV = 2, YH = 6, YW = 6, XB = 8, XCB = 1, XROW = 48, XMAP = 288, XAT = 0, KH = 1,
	       KW = 1, SH = 1, SW = 1, DH = 1, DW = 1, NV0 = 2, YV0 = 512, YR0 = 64, YP0 = 8,
	       YAT0 = 72 };
	for (int panel = 0; panel < PANELS; panel++)
		for (int ty = 0; ty < TILE_ROWS; ty++)
			for (int tx = 0; tx < TILE_COLS; tx++) {
				const int oy = ty * TH < YH - TH ? ty * TH : YH - TH;
				const int ox = tx * TW < YW - TW ? tx * TW : YW - TW;
				const float *const xp = x + (XAT + oy * SH * XROW + ox * SW * XB);
				const float *wp = w + panel * PANEL;
				block_vec_8 a_0_0 = block_load_8(wp + 0 * VL);
				block_vec_8 a_0_1 = block_load_8(wp + 1 * VL);
				block_vec_8 a_1_0 = block_load_8(wp + 0 * VL);
				block_vec_8 a_1_1 = block_load_8(wp + 1 * VL);
				block_vec_8 a_2_0 = block_load_8(wp + 0 * VL);
				block_vec_8 a_2_1 = block_load_8(wp + 1 * VL);
				block_vec_8 a_3_0 = block_load_8(wp + 0 * VL);
				block_vec_8 a_3_1 = block_load_8(wp + 1 * VL);
				block_vec_8 a_4_0 = block_load_8(wp + 0 * VL);
				block_vec_8 a_4_1 = block_load_8(wp + 1 * VL);
				block_vec_8 a_5_0 = block_load_8(wp + 0 * VL);
				block_vec_8 a_5_1 = block_load_8(wp + 1 * VL);

				wp += TV * VL;
				for (int block = 0; block < XCB; block++)
					for (int ky = 0; ky < KH; ky++)
						for (int kx = 0; kx < KW; kx++) {
							const float *const xk = xp + (block * XMAP + ky * DH * XROW + kx * DW * XB);

							for (int lane = 0; lane < XB; lane++) {
								const block_vec_8 w_0 = block_load_8(wp + 0 * VL);
								const block_vec_8 w_1 = block_load_8(wp + 1 * VL);
								const float x_0 = xk[lane + 0 / TW * SH * XROW + 0 % TW * SW * XB];
								const float x_1 = xk[lane + 1 / TW * SH * XROW + 1 % TW * SW * XB];
								const float x_2 = xk[lane + 2 / TW * SH * XROW + 2 % TW * SW * XB];
								const float x_3 = xk[lane + 3 / TW * SH * XROW + 3 % TW * SW * XB];
								const float x_4 = xk[lane + 4 / TW * SH * XROW + 4 % TW * SW * XB];
								const float x_5 = xk[lane + 5 / TW * SH * XROW + 5 % TW * SW * XB];
								a_0_0 += x_0 * w_0;
								a_0_1 += x_0 * w_1;
								a_1_0 += x_1 * w_0;
								a_1_1 += x_1 * w_1;
								a_2_0 += x_2 * w_0;
								a_2_1 += x_2 * w_1;
								a_3_0 += x_3 * w_0;
								a_3_1 += x_3 * w_1;
								a_4_0 += x_4 * w_0;
								a_4_1 += x_4 * w_1;
								a_5_0 += x_5 * w_0;
								a_5_1 += x_5 * w_1;
								wp += TV * VL;
							}
						}

				{
					const int v = panel * TV < NV0 - TV ? panel * TV : NV0 - TV;
					float *const yp = y0 + (YAT0 + v * YV0 + oy * YR0 + ox * YP0);
					a_0_0 = block_relu6_8(a_0_0, 0.0f, 0.0f);
					a_0_1 = block_relu6_8(a_0_1, 0.0f, 0.0f);
					a_1_0 = block_relu6_8(a_1_0, 0.0f, 0.0f);
					a_1_1 = block_relu6_8(a_1_1, 0.0f, 0.0f);
					a_2_0 = block_relu6_8(a_2_0, 0.0f, 0.0f);
					a_2_1 = block_relu6_8(a_2_1, 0.0f, 0.0f);
					a_3_0 = block_relu6_8(a_3_0, 0.0f, 0.0f);
					a_3_1 = block_relu6_8(a_3_1, 0.0f, 0.0f);
					a_4_0 = block_relu6_8(a_4_0, 0.0f, 0.0f);
					a_4_1 = block_relu6_8(a_4_1, 0.0f, 0.0f);
					a_5_0 = block_relu6_8(a_5_0, 0.0f, 0.0f);
					a_5_1 = block_relu6_8(a_5_1, 0.0f, 0.0f);
					block_store_8(yp + 0 * YV0 + 0 / TW * YR0 + 0 % TW * YP0, a_0_0);
					block_store_8(yp + 1 * YV0 + 0 / TW * YR0 + 0 % TW * YP0, a_0_1);
					block_store_8(yp + 0 * YV0 + 1 / TW * YR0 + 1 % TW * YP0, a_1_0);
					block_store_8(yp + 1 * YV0 + 1 / TW * YR0 + 1 % TW * YP0, a_1_1);
					block_store_8(yp + 0 * YV0 + 2 / TW * YR0 + 2 % TW * YP0, a_2_0);
					block_store_8(yp + 1 * YV0 + 2 / TW * YR0 + 2 % TW * YP0, a_2_1);
					block_store_8(yp + 0 * YV0 + 3 / TW * YR0 + 3 % TW * YP0, a_3_0);
					block_store_8(yp + 1 * YV0 + 3 / TW * YR0 + 3 % TW * YP0, a_3_1);
					block_store_8(yp + 0 * YV0 + 4 / TW * YR0 + 4 % TW * YP0, a_4_0);
					block_store_8(yp + 1 * YV0 + 4 / TW * YR0 + 4 % TW * YP0, a_4_1);
					block_store_8(yp + 0 * YV0 + 5 / TW * YR0 + 5 % TW * YP0, a_5_0);
					block_store_8(yp + 1 * YV0 + 5 / TW * YR0 + 5 % TW * YP0, a_5_1);
				}
			}
}

/* halo.c -- writes zeros around a map, where convolutions and pools with padding read.
 *
 * ints: YCB (channel blocks) YB (floats in a block) YROWS YCOLS (in memory) TOP = YTOP, LEFT = YLEFT, BOTTOM, RIGHT.
 */

static void block_halo_1(float y[1024])
{
	enum { YROWS = 8, YCOLS = 8, YTOP = 1, YLEFT = 1, YB = 8, YCB = 2, BOTTOM = 1, RIGHT = 1 };
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

/* depthwise.c -- op conv2d with as many groups as channels: a vector of channels at a time, TW pixels of a row summed
 * in registers. The last tile of a row overlaps its neighbour. Taps of a row that two pixels share are loaded once: the
 * compiler sees equal addresses.
 *
 * repeats: pp (pixel of the tile), kx (tap of a row). ints: BLOCKS (vectors of channels), PANEL (floats of one in w), YH
 * YW, TW, TILE_COLS, XROW (floats from row to row) XMAP (from block to block) XAT (to the first tap of pixel 0), KH KW,
 * SH SW (stride), DH DW (dilation), YV YR YP (floats from vector to vector, row, pixel) YAT (to pixel 0), EV ER EP EAT
 * (of the operand), ELT ACTON; words: OP, ACT, ALPHA, BETA. w, for each vector: bias [VL], then [KH][KW][VL].
 */

static void block_depthwise_1(const float x[1024],
	const float w[160], float y[576])
{
	enum { VL = 8, BLOCKS = 2, PANEL = 80, YH = 6, YW = 6, TW = 3, TILE_COLS = 2, XROW = 64,
	       XMAP = 512, XAT = 0, KH = 3, KW = 3, SH = 1, SW = 1, DH = 1, DW = 1, YV = 288,
	       YR = 48, YP = 8, YAT = 0 };
	for (int block = 0; block < BLOCKS; block++)
		for (int oy = 0; oy < YH; oy++)
			for (int tx = 0; tx < TILE_COLS; tx++) {
				const int ox = tx * TW < YW - TW ? tx * TW : YW - TW;
				const float *const xp = x + (XAT + block * XMAP + oy * SH * XROW + ox * SW * VL);
				float *const yp = y + (YAT + block * YV + oy * YR + ox * YP);
				block_vec_8 a_0 = block_load_8(w + block * PANEL);
				block_vec_8 a_1 = block_load_8(w + block * PANEL);
				block_vec_8 a_2 = block_load_8(w + block * PANEL);

				for (int ky = 0; ky < KH; ky++) {
					const float *const xk = xp + ky * DH * XROW;
					const float *const wk = w + (block * PANEL + (1 + ky * KW) * VL);
					const block_vec_8 w_0 = block_load_8(wk + 0 * VL);
					const block_vec_8 w_1 = block_load_8(wk + 1 * VL);
					const block_vec_8 w_2 = block_load_8(wk + 2 * VL);

					a_0 += block_load_8(xk + (0 * SW + 0 * DW) * VL) * w_0;
					a_0 += block_load_8(xk + (0 * SW + 1 * DW) * VL) * w_1;
					a_0 += block_load_8(xk + (0 * SW + 2 * DW) * VL) * w_2;
					a_1 += block_load_8(xk + (1 * SW + 0 * DW) * VL) * w_0;
					a_1 += block_load_8(xk + (1 * SW + 1 * DW) * VL) * w_1;
					a_1 += block_load_8(xk + (1 * SW + 2 * DW) * VL) * w_2;
					a_2 += block_load_8(xk + (2 * SW + 0 * DW) * VL) * w_0;
					a_2 += block_load_8(xk + (2 * SW + 1 * DW) * VL) * w_1;
					a_2 += block_load_8(xk + (2 * SW + 2 * DW) * VL) * w_2;
				}
				a_0 = block_relu6_8(a_0, 0.0f, 0.0f);
				a_1 = block_relu6_8(a_1, 0.0f, 0.0f);
				a_2 = block_relu6_8(a_2, 0.0f, 0.0f);
				block_store_8(yp + 0 * YP, a_0);
				block_store_8(yp + 1 * YP, a_1);
				block_store_8(yp + 2 * YP, a_2);
			}
}

static void block_reorder_2(const float x[576], float y[576])
{
	enum { XROWS = 6, XCOLS = 6, XTOP = 0, XLEFT = 0, XB = 8, YC = 16, YH = 6, YW = 6,
	       YROWS = 6, YCOLS = 6, YTOP = 0, YLEFT = 0, YB = 1, YCB = 16 };
	for (int c = 0; c < YCB * YB; c++)
		for (int r = 0; r < YH; r++)
			for (int i = 0; i < YW; i++) {
				const int from = ((c / XB * XROWS + r + XTOP) * XCOLS + i + XLEFT) * XB + c % XB;
				const int to = ((c / YB * YROWS + r + YTOP) * YCOLS + i + YLEFT) * YB + c % YB;
				y[to] = c < YC ? x[from] : 0.0f;
			}
}

/* conv_plain.c -- op conv2d, as its definition says: any window, stride, dilation, group, plain NCHW; the result in
 * any block of channels. One result, or two that share out the channels. The slow, obviously right one.
 *
 * ints: XN XC XH XW, YC YH YW YB YCB, CO (channels of both results), KH KW, SH SW (stride), DH DW (dilation), PT PL (padding),
 * CIG COG (channels of a group, in and out), NOUT (1, 2), BIAS ELT ACTON (0, 1); words: OP, ACT, ALPHA, BETA; of the
 * second result: ZB ZCB, ELT1 ACT1ON, OP1, ACT1, ALPHA1, BETA1. w: [CO][CIG][KH][KW].
 */

static void block_conv_plain_1(const float x[576], const float w[128],
	const float e[288],
	float y[288]
	)
{
	enum { XN = 1, XC = 16, XH = 6, XW = 6, YC = 8, YH = 6, YW = 6, YB = 1, YCB = 8, KH = 1,
	       KW = 1, SH = 1, SW = 1, DH = 1, DW = 1, PT = 0, PL = 0, CO = 8, CIG = 16, COG = 8 };
	for (int m = 0; m < XN * CO; m++)
		for (int oy = 0; oy < YH; oy++)
			for (int ox = 0; ox < YW; ox++) {
				const int n = m / CO;
				const int co = m % CO;
				float sum = 0.0f;
				for (int ci = 0; ci < CIG; ci++)
					for (int ky = 0; ky < KH; ky++)
						for (int kx = 0; kx < KW; kx++) {
							const int iy = oy * SH + ky * DH - PT;
							const int ix = ox * SW + kx * DW - PL;
							const int c = n * XC + co / COG * CIG + ci;
							if (iy >= 0 && iy < XH && ix >= 0 && ix < XW)
								sum += x[(c * XH + iy) * XW + ix] * w[((co * CIG + ci) * KH + ky) * KW + kx];
						}
				sum = sum + e[((n * YC + co) * YH + oy) * YW + ox];
				y[(((n * YCB + co / YB) * YH + oy) * YW + ox) * YB + co % YB] = sum;
			}
}

/* The network. Every pointer is to the first element in memory, halo included. */
static int block_infer(const float *in0, float *arena, float *out0)
{
	block_reorder_1(in0, arena + 1024); /* 1 expand.reorder */
	block_halo_1(arena);
	block_conv_tile_1(arena + 1024, block_weights, arena); /* 2 expand */
	block_depthwise_1(arena, block_weights + 144, arena + 1024); /* 3 depthwise */
	block_reorder_2(arena + 1024, arena); /* 4 project.reorder */
	block_conv_plain_1(arena, block_weights + 304, in0, out0); /* 5 project */
	return BLOCK_OK;
}

/* cpu.c -- does this CPU have what the program was compiled for? Asked before anything else runs.
 *
 * ints: AVX2 FMA AVX512F AVX512VL AVX512DQ AVX512BW (0, 1: needed)
 */
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

static int block_cpu_serves(void)
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
static int block_cpu_serves(void)
{
	return 1;
}
#endif

/* Are the weights that were linked those that this source was written with? Their head has their hash. */
static int block_weights_fit(void)
{
	static const unsigned char mark[16] = {'D', 'S', 'S', 'D', 'C', 'W', '1', 0, 0xaf, 0xe8, 0xd8, 0xf1, 0x58, 0xd4, 0x43, 0xe3};
	int fit = 1;

	for (int i = 0; i < 16; i++)
		if (block_weights_head[i] != mark[i])
			fit = 0;
	return fit;
}

int block_run(const float *in0, float *out0)
{
	if (!block_cpu_serves())
		return BLOCK_ECPU;
	if (!block_weights_fit())
		return BLOCK_EWEIGHTS;
	if (!in0 || !out0)
		return BLOCK_EINVAL;
	return block_infer(in0, block_memory.arena, out0);
}

const char *block_strerror(int error)
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

const char *block_version(void)
{
	return "dssdc 0.1.0";
}
