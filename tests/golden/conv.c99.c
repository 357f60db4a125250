/* conv.c -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * model    conv, hash a6746c9378200734
 * options  conv.ir --target=c99 -O1 --arena=static --weights-form=incbin
 * profile  c99
 * weights  576 bytes, hash 0172bc647c891b4a
 * arena    1024 bytes; the largest set of live buffers is 1024
 * macs     1116
 * numbers  f32, sums f32; a * b + c rounded once: as the compiler does by itself; 0 layers by Winograd's transforms
 * ram      1024 bytes: conv_memory 1024 (arena 1024)
 * flash    998 bytes: conv_weights 576 + conv_weights_head 16 + strings 326 + mark 16 + text 64
 * defines  conv_run conv_strerror conv_version conv_weights conv_weights_head
 * uses     memcpy memset
 * needs    conv.h, and conv.weights through -I. A makefile must name it as a dependency: -MD does not list what
 *          the assembler reads, -Wa,--MD,FILE does. With -flto the assembler runs at the link: gcc's link
 *          needs -Wa,-IFOLDER too, clang needs -fno-lto for this file
 *
 * node  layer                        kernel               result                 MMAC arena offset
 *    1  a.reorder                    reorder_1            3x5x6                 0.000            0
 *    2  a                            conv_tile_1          4x3x3                 0.001          640
 *    3  b                            conv_tile_2          4x3x3                 0.000     caller's
 */
#include "conv.h"

#include <string.h>

#if defined(__GNUC__)
#define CONV_ALIGN __attribute__((aligned(64)))
#define CONV_NOINLINE __attribute__((noinline))
#else
#define CONV_ALIGN
#define CONV_NOINLINE
#endif

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error conv.weights is in little-endian byte order; for this machine compile the model with --weights-form=array
#endif

/* An error about .org says that conv.weights has not 640 bytes: it is not the file that was written with this source. */
__asm__(".pushsection .rodata\n"
	".balign 16\n"
	".globl conv_weights_head\n"
	".hidden conv_weights_head\n"
	".type conv_weights_head, %object\n"
	".size conv_weights_head, 16\n"
	"conv_weights_head:\n"
	".incbin \"conv.weights\", 0, 16\n"
	".balign 64\n"
	".globl conv_weights\n"
	".hidden conv_weights\n"
	".type conv_weights, %object\n"
	".size conv_weights, 576\n"
	"conv_weights:\n"
	".incbin \"conv.weights\", 64\n"
	".Lconv_weights_end:\n"
	".org conv_weights + 576\n"
	".org .Lconv_weights_end\n"
	".popsection\n");
extern const float conv_weights[CONV_WEIGHTS_SIZE / 4];
extern const unsigned char conv_weights_head[16];

static struct {
	float arena[CONV_ARENA_SIZE / 4]; /* what flows between layers */
} CONV_ALIGN conv_memory;

static inline float conv_relu(float x, float alpha, float beta)
{
	...
}

static inline float conv_load_1(const float *p)
{
	...
}

static inline void conv_store_1(float *p, float v)
{
	...
}

/* reorder.c -- op reorder: any memory layout to any other. Rows that look alike in both are copied whole; otherwise
 * channels that only fill a block become 0.
 *
 * ints: YC YH YW, XROWS XCOLS XTOP XLEFT XB, YROWS YCOLS YTOP YLEFT YB YCB (see Layout in the compiler's ir.h).
 */

static void conv_reorder_1(const float x[90], float y[147])
{
	enum { XROWS = 5, XCOLS = 6, XTOP = 0, XLEFT = 0, XB = 1, YH = 5, YW = 6, YROWS = 7,
	       YCOLS = 7, YTOP = 1, YLEFT = 1, YB = 1, YCB = 3 };
	...
}

/* halo.c -- writes zeros around a map, where convolutions and pools with padding read.
 *
 * ints: YCB (channel blocks) YB (floats in a block) YROWS YCOLS (in memory) TOP = YTOP, LEFT = YLEFT, BOTTOM, RIGHT.
 */

static void conv_halo_1(float y[147])
{
	enum { YROWS = 7, YCOLS = 7, YTOP = 1, YLEFT = 1, YB = 1, YCB = 3, BOTTOM = 1 };
	...
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

static void conv_conv_tile_1(const float x[147],
	const float w[112], float y0[36])
{
	enum { VL = 1, PANELS = 4, PANEL = 28, TILE_ROWS = 1, TILE_COLS = 1, TH = 3, TW = 3,
	       TV = 1, SUM_P = 1, SUM_V = 9, YH = 3, YW = 3, XB = 1, XCB = 3, XROW = 7, XMAP = 49,
	       XAT = 0, KH = 3, KW = 3, SH = 2, SW = 2, DH = 1, DW = 1, NV0 = 4, YV0 = 9, YR0 = 3,
	       YP0 = 1, YAT0 = 0 };
	...
}

static void conv_conv_tile_2(const float x[36],
	const float e0[36],
	const float w[20], float y0[36])
{
	enum { VL = 1, PANELS = 1, PANEL = 20, TILE_ROWS = 1, TILE_COLS = 3, TH = 1, TW = 4,
	       TV = 4, SUM_P = 1, SUM_V = 4, YH = 1, YW = 9, XB = 1, XCB = 4, XROW = 3, XMAP = 9,
	       XAT = 0, KH = 1, KW = 1, SH = 1, SW = 1, DH = 1, DW = 1, NV0 = 4, YV0 = 9, YR0 = 3,
	       YP0 = 1, YAT0 = 0, EV0 = 9, ER0 = 3, EP0 = 1, EAT0 = 0 };
	...
}

/* The network. Every pointer is to the first element in memory, halo included. */
static int conv_infer(const float *in0, float *arena, float *out0)
{
	conv_halo_1(arena);
	conv_reorder_1(in0, arena); /* 1 a.reorder */
	conv_conv_tile_1(arena, conv_weights, arena + 160); /* 2 a */
	conv_conv_tile_2(arena + 160, arena + 160, conv_weights + 112, out0); /* 3 b */
	return CONV_OK;
}

/* Are the weights that were linked those that this source was written with? Their head has their hash. */
static int conv_weights_fit(void)
{
	...
}

int conv_run(const float *in0, float *out0)
{
	if (!conv_weights_fit())
		return CONV_EWEIGHTS;
	if (!in0 || !out0)
		return CONV_EINVAL;
	return conv_infer(in0, conv_memory.arena, out0);
}

const char *conv_strerror(int error)
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

const char *conv_version(void)
{
	return "dssdc 0.1.0";
}
