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

/* An error about .org says that block.weights has not 1792 bytes: it is not the file that was written with this source. */
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
	".Lblock_weights_end:\n"
	".org block_weights + 1728\n"
	".org .Lblock_weights_end\n"
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
	...
}

static inline void block_store_8(float *p, block_vec_8 v)
{
	...
}

/* a where the mask is set, else b */
static inline block_vec_8 block_select_8(block_mask_8 mask, block_vec_8 a, block_vec_8 b)
{
	...
}

static inline block_vec_8 block_relu6_8(block_vec_8 x, float alpha, float beta)
{
	...
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

static void block_conv_tile_1(const float x[288],
	const float w[144], float y0[1024])
{
	enum { VL = 8, PANELS = 1, PANEL = 144, TILE_ROWS = 6, TILE_COLS = 1, TH = 1, TW = 6,
	       TV = 2, YH = 6, YW = 6, XB = 8, XCB = 1, XROW = 48, XMAP = 288, XAT = 0, KH = 1,
	       KW = 1, SH = 1, SW = 1, DH = 1, DW = 1, NV0 = 2, YV0 = 512, YR0 = 64, YP0 = 8,
	       YAT0 = 72 };
	...
}

/* halo.c -- writes zeros around a map, where convolutions and pools with padding read.
 *
 * ints: YCB (channel blocks) YB (floats in a block) YROWS YCOLS (in memory) TOP = YTOP, LEFT = YLEFT, BOTTOM, RIGHT.
 */

static void block_halo_1(float y[1024])
{
	enum { YROWS = 8, YCOLS = 8, YTOP = 1, YLEFT = 1, YB = 8, YCB = 2, BOTTOM = 1, RIGHT = 1 };
	...
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
	...
}

static void block_reorder_2(const float x[576], float y[576])
{
	enum { XROWS = 6, XCOLS = 6, XTOP = 0, XLEFT = 0, XB = 8, YC = 16, YH = 6, YW = 6,
	       YROWS = 6, YCOLS = 6, YTOP = 0, YLEFT = 0, YB = 1, YCB = 16 };
	...
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
	...
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
	...
}
#else
static int block_cpu_serves(void)
{
	...
}
#endif

/* Are the weights that were linked those that this source was written with? Their head has their hash. */
static int block_weights_fit(void)
{
	...
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
