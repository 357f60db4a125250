/* detector.c -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * model    detector, hash 93683d2b298c56fb
 * options  detector.ir --target=vector4 -O1 --arena=static --weights-form=incbin
 * profile  native
 * weights  2816 bytes, hash 5f05c5d3c997e658
 * arena    1792 bytes; the largest set of live buffers is 1792
 * macs     6048
 * numbers  f32, sums f32; a * b + c rounded once: as the compiler does by itself; 0 layers by Winograd's transforms
 * ram      2112 bytes: detector_memory 2112 (arena 1792, lines 320)
 * flash    3317 bytes: detector_weights 2816 + detector_weights_head 16 + detector_labels 24 + strings 345 + one 16
 *          + formats 20 + mark 16 + text 64
 * defines  detector_detect detector_run detector_labels detector_strerror detector_version detector_weights
 *          detector_weights_head
 * uses     memcpy memset
 * needs    detector.h, and detector.weights through -I. A makefile must name it as a dependency: -MD does not list what
 *          the assembler reads, -Wa,--MD,FILE does. With -flto the assembler runs at the link: gcc's link
 *          needs -Wa,-IFOLDER too, clang needs -fno-lto for this file
 *
 * node  layer                        kernel               result                 MMAC arena offset
 *    1  pool.reorder                 reorder_1            3x8x8                 0.000            0
 *    2  pool                         pool_map_1           3x4x4                 0.000         1024
 *    3  loc+conf                     conv_tile_1          8x4x4                 0.006            0
 *    4  loc.permute                  in place             4x4x8                 0.000            0
 *    5  loc.flatten                  in place             128                   0.000            0
 *    6  conf.permute                 in place             4x4x6                 0.000          512
 *    7  conf.rows                    in place             32x3                  0.000          512
 *    8  detect.logits                copy_1               96                    0.000          896
 *    9  detect                       detect_1             5x6                   0.000     caller's
 */
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
	...
}

static inline float detector_from_bits(uint32_t i)
{
	...
}

/* i, or the nearest of 0 .. n - 1: every index that depends on data passes here. */
static inline int32_t detector_index(int32_t i, int32_t n)
{
	...
}

/* The nearest integer, ties to even, of x within +-4194303; beyond that the nearer bound; NaN: the upper bound. */
static inline int32_t detector_to_int(float x)
{
	...
}

/* e^x = 2^n e^r with |r| <= log(2) / 2. 2^n is applied in two halves: n reaches 128, and -150 for denormals. The
 * polynomial is the one of Cephes' expf. NaN gives NaN: n is then a meaningless number, but one in range. */
static inline float detector_expf(float x)
{
	...
}

static inline float detector_clip(float x, float alpha, float beta)
{
	...
}

static inline float detector_max(float x, float y)
{
	...
}

static inline float detector_min(float x, float y)
{
	...
}

/* The order of detections: falling score, then rising rank. */
static inline int detector_better(float score, float rank, float other_score, float other_rank)
{
	...
}

/* A heap of n entries with the worst at its root, as two arrays. Puts an entry at the root, in place of what was
 * there. 31 levels hold any heap. */
static inline void detector_heap_sink(float *score, float *rank, int32_t n, float new_score, float new_rank)
{
	...
}

/* Adds an entry, or, in a full heap, replaces the worst one if the new one is better. Returns the new size. */
static inline int32_t detector_heap_push(float *score, float *rank, int32_t n, int32_t capacity, float new_score,
                                    float new_rank)
{
	...
}

/* Moves the worst of n >= 1 entries to place n - 1, behind a heap of n - 1. Done for n, n - 1, ..., 2 it sorts. */
static inline void detector_heap_pop(float *score, float *rank, int32_t n)
{
	...
}

static inline float detector_box_size(const float *b)
{
	...
}

/* Intersection over union of two boxes {x0, y0, x1, y1}. */
static inline float detector_overlap(const float *a, const float *b)
{
	...
}

/* All four corners are numbers, and none is infinite. */
static inline int detector_is_box(const float *b)
{
	...
}

/* Default box p, its variances v and prediction l to box b, four floats each. code as BoxCode: 1 corner, 2 center
 * size, 3 corner size. */
static inline void detector_decode(int code, const float *p, const float *v, const float *l, float *b)
{
	...
}
typedef float detector_vec_4 __attribute__((vector_size(4 * 4)));
typedef int detector_mask_4 __attribute__((vector_size(4 * 4)));

static inline detector_vec_4 detector_load_4(const float *p)
{
	...
}

static inline void detector_store_4(float *p, detector_vec_4 v)
{
	...
}

/* The first n floats of v; n is a constant where it is called, so that this becomes a store or two. */
static inline void detector_store_part_4(float *p, detector_vec_4 v, int n)
{
	...
}

/* a where the mask is set, else b */
static inline detector_vec_4 detector_select_4(detector_mask_4 mask, detector_vec_4 a, detector_vec_4 b)
{
	...
}

static inline detector_vec_4 detector_max_4(detector_vec_4 x, detector_vec_4 y)
{
	...
}

/* reorder.c -- op reorder: any memory layout to any other. Rows that look alike in both are copied whole; otherwise
 * channels that only fill a block become 0.
 *
 * ints: YC YH YW, XROWS XCOLS XTOP XLEFT XB, YROWS YCOLS YTOP YLEFT YB YCB (see Layout in the compiler's ir.h).
 */

static void detector_reorder_1(const float x[192], float y[256])
{
	enum { XROWS = 8, XCOLS = 8, XTOP = 0, XLEFT = 0, XB = 1, YC = 3, YH = 8, YW = 8,
	       YROWS = 8, YCOLS = 8, YTOP = 0, YLEFT = 0, YB = 4, YCB = 1 };
	...
}

/* pool_map.c -- op pool2d on blocked maps. Taps outside of the map are passed over: zeros of the halo are no inputs.
 *
 * ints: BLOCKS, XH XW, YH YW, KH KW, SH SW (stride), PT PL PB PR (padding), INSIDE (1: no window leaves the map), AVERAGE,
 * COUNT_PADDING (0, 1: an average divides by the window with its padding); of the maps, p = X, Y: pV pR pP (floats from
 * vector to vector, row, pixel) pAT (to pixel 0); words: MAX.
 */

static void detector_pool_map_1(const float x[256], float y[144])
{
	enum { BLOCKS = 1, YH = 4, YW = 4, XV = 256, XR = 32, XP = 4, XAT = 0, YV = 144, YR = 24,
	       YP = 4, YAT = 28, PT = 0, PL = 0, SH = 2, KH = 2, SW = 2, KW = 2 };
	...
}

/* halo.c -- writes zeros around a map, where convolutions and pools with padding read.
 *
 * ints: YCB (channel blocks) YB (floats in a block) YROWS YCOLS (in memory) TOP = YTOP, LEFT = YLEFT, BOTTOM, RIGHT.
 */

static void detector_halo_1(float y[144])
{
	enum { YROWS = 6, YCOLS = 6, YTOP = 1, YLEFT = 1, YB = 4, YCB = 1, BOTTOM = 1, RIGHT = 1 };
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

static void detector_conv_tile_1(const float x[144],
	const float w[448], float y0[128], float y1[96])
{
	enum { VL = 4, PANELS = 2, PANEL = 224, TILE_ROWS = 4, TILE_COLS = 1, TH = 1, TW = 4,
	       TV = 2, YH = 4, YW = 4, XC = 3, XB = 4, XCB = 1, XROW = 24, XMAP = 144, XAT = 0,
	       KH = 3, KW = 3, SH = 1, SW = 1, DH = 1, DW = 1, PANELS0 = 1, NV0 = 2, YV0 = 4,
	       YR0 = 32, YP0 = 8, YAT0 = 0, NV1 = 2, TAIL1 = 2, YV1 = 4, YR1 = 24, YP1 = 6,
	       YAT1 = 0 };
	...
}

/* copy.c -- op reshape that was not elided: the same elements elsewhere. ints: COUNT; words: T (element type). */

static DETECTOR_NOINLINE void detector_copy_1(const float x[96], float y[96])
{
	enum { COUNT = 96 };
	...
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
	...
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
	...
}

/* columns: for each output column the bytes from the row's start to its two samples, and their weights. */
static void detector_resize_columns(int32_t width, int32_t step, int32_t *columns)
{
	...
}

/* One source row as weighted sums of its samples: [CHANNELS][DETECTOR_INPUT_WIDTH]. offset: bytes from a pixel's start to
 * its sample for each channel of the tensor. */
static void detector_resize_row(const uint8_t *row, const uint8_t *offset, const int32_t *columns, int32_t *restrict sum)
{
	...
}

static inline void detector_resize_blend(const int32_t *h0, const int32_t *h1, int32_t b0, int32_t b1, float mean,
                                    float divisor, float *restrict out)
{
	...
}

/* DETECTOR_EINVAL unless width and height are 1 to 32767 and stride, in bytes, holds a row. */
static int detector_preprocess(const uint8_t *pixels, int width, int height, int stride, detector_format format, int32_t scratch[80],
                          float input[192])
{
	...
}

/* The network. Every pointer is to the first element in memory, halo included. */
static int detector_infer(const float *in0, float *arena, detector_detection *out, int max)
{
	detector_reorder_1(in0, arena); /* 1 pool.reorder */
	detector_halo_1(arena + 256);
	detector_pool_map_1(arena, arena + 256); /* 2 pool */
	detector_conv_tile_1(arena + 256, detector_weights, arena, arena + 128); /* 3 loc+conf */
	detector_copy_1(arena + 128, arena + 224); /* 8 detect.logits */
	return detector_detect_1(arena, arena + 224, detector_weights + 448, arena + 128, out, max); /* 9 detect */
}

const char *const detector_labels[DETECTOR_NUM_CLASSES] = {
	"background",
	"cat",
	"dog",
};

/* Are the weights that were linked those that this source was written with? Their head has their hash. */
static int detector_weights_fit(void)
{
	...
}

int detector_detect(const uint8_t *pixels, int width, int height, int stride, detector_format format,
	detector_detection *out, int max)
{
	if (!detector_weights_fit())
		return DETECTOR_EWEIGHTS;
	if (!pixels || (!out && max != 0) || max < 0)
		return DETECTOR_EINVAL;

	float *const memory = detector_memory.arena;
	float *const input = memory + 256;
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
		"the CPU lacks a feature that this program was compiled for; needed: none",
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
