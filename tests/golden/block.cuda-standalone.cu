/* block.cu -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * model    block, hash 5c1a44dc5b5de989
 * options  block.ir --target=cuda-standalone -O1 --arena=static --weights-form=incbin
 * profile  cuda
 * weights  5632 bytes, hash 9f46e2e2a842e600
 * arena    5888 bytes; the largest set of live buffers is 5888
 * macs     14400
 * numbers  f32, sums f32; a * b + c rounded once: fast; 0 layers by Winograd's transforms
 * ram      12880 bytes: block_device_weights 5632 + block_device_memory 7168 + block_own 80
 * flash    6054 bytes: block_weights 5632 + block_weights_head 16 + strings 326 + mark 16 + text 64
 * device   12800 bytes: block_device_weights 5632 + block_device_memory 7168
 * defines  block_run block_open block_close block_device_error block_strerror block_version block_weights
 *          block_weights_head
 * uses     cudaFreeHost cudaFuncSetAttribute cudaGetErrorName cudaGetLastError cudaGetSymbolAddress cudaGraphDestroy
 *          cudaGraphExecDestroy cudaGraphGetRootNodes cudaGraphInstantiate cudaGraphLaunch cudaGraphUpload
 *          cudaLaunchKernelEx cudaMemcpyAsync cudaMemsetAsync cudaStreamBeginCapture cudaStreamCreateWithFlags
 *          cudaStreamDestroy cudaStreamEndCapture cudaStreamSynchronize memcpy memset
 * needs    block.h, and block.weights through -I. A makefile must name it as a dependency: -MD does not list what
 *          the assembler reads, -Wa,--MD,FILE does. With -flto the assembler runs at the link: gcc's link
 *          needs -Wa,-IFOLDER too, clang needs -fno-lto for this file
 *
 * node  layer                        kernel               result                 MMAC arena offset
 *    1  expand.reorder               reorder_any_1        8x6x6                 0.000         4608
 *    2  expand                       conv_gemm_1          16x6x6                0.005            0
 *    3  depthwise                    depthwise_vector_1   16x6x6                0.005         2304
 *    4  project                      conv_any_1           8x6x6                 0.005     caller's
 */
#include "block.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <string.h>

#define BLOCK_QUEUES 1 /* streams of one run */

/* Device memory, in bytes: an arena for each image, then what all share. */
#define BLOCK_IMAGE_STRIDE 7168
#define BLOCK_TICKETS_AT 7168
#define BLOCK_TICKETS 0 /* of one queue */

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error block.weights is in little-endian byte order; for this machine compile the model with --weights-form=array
#endif

#if !defined(__CUDA_ARCH__) /* the host's part of the file */
/* An error about .org says that block.weights has not 5696 bytes: it is not the file that was written with this source. */
__asm__(".pushsection .rodata\n"
	".balign 16\n"
	".globl block_weights_head\n"
	".hidden block_weights_head\n"
	".type block_weights_head, %object\n"
	".size block_weights_head, 16\n"
	"block_weights_head:\n"
	".incbin \"block.weights\", 0, 16\n"
	".balign 256\n"
	".globl block_weights\n"
	".hidden block_weights\n"
	".type block_weights, %object\n"
	".size block_weights, 5632\n"
	"block_weights:\n"
	".incbin \"block.weights\", 64\n"
	".Lblock_weights_end:\n"
	".org block_weights + 5632\n"
	".org .Lblock_weights_end\n"
	".popsection\n");
#endif
extern "C" const unsigned char block_weights[BLOCK_WEIGHTS_SIZE];
extern "C" const unsigned char block_weights_head[16];
static __device__ __align__(256) unsigned char block_device_weights[BLOCK_WEIGHTS_SIZE];
static __device__ __align__(256) unsigned char block_device_memory[BLOCK_ARENA_SIZE];

static __device__ inline float block_relu6(float x, float alpha, float beta)
{
	...
}

/* tickets: BLOCK_TICKETS counters in device memory, zero between kernels: which block of a group is the last one. */
typedef struct {
	cudaStream_t stream;
	cudaError_t status;
	unsigned char *memory; /* of the device */
	unsigned int *tickets;
	struct block_library *library; /* cuDNN's plans; null where there are none */
	int number;                  /* from 0; see part queues */
} block_queue;

/* shared: bytes of dynamic shared memory. */
template <typename... P, typename... A>
static void block_launch(block_queue *q, void (*kernel)(P...), dim3 grid, int threads, int shared, A... arguments)
{
	...
}

/* Places in the arena and in the weights: the one cast from bytes. */
template <typename T> static __host__ __device__ inline T *block_at(unsigned char *memory, size_t bytes)
{
	...
}

template <typename T> static __host__ __device__ inline const T *block_at(const unsigned char *memory, size_t bytes)
{
	...
}

/* The same place for another image of the batch. */
template <typename T> static __device__ inline T *block_at_image(T *p, int image)
{
	...
}

/* The same as a number of chunks of 16 bytes. */
[[maybe_unused]] static __device__ inline int block_image_chunks(int image)
{
	...
}

/* Elements of maps as the floats that are computed with, and back: nearest, ties to even. A program has some of the types. */
[[maybe_unused]] static __device__ inline float block_float(float x)
{
	...
}

[[maybe_unused]] static __device__ inline float block_float(__half x)
{
	...
}

[[maybe_unused]] static __device__ inline float block_float(__nv_bfloat16 x)
{
	...
}

[[maybe_unused]] static __device__ inline void block_put(float *p, float x)
{
	...
}

[[maybe_unused]] static __device__ inline void block_put(__half *p, float x)
{
	...
}

[[maybe_unused]] static __device__ inline void block_put(__nv_bfloat16 *p, float x)
{
	...
}

/* Eight neighbours in memory at a multiple of 16 bytes, as floats, and back. */
[[maybe_unused]] static __device__ inline void block_load_eight(const float *p, float *v)
{
	...
}

template <typename T> static __device__ inline void block_load_eight(const T *p, float *v)
{
	...
}

[[maybe_unused]] static __device__ inline void block_store_eight(float *p, const float *v)
{
	...
}

template <typename T> static __device__ inline void block_store_eight(T *p, const float *v)
{
	...
}
/* 16 bytes from device memory to shared memory, or zeros. It may be under way until block_copies_arrived<n>(), which lets
 * those before the last n block_copies_end() arrive; a barrier then shows them to the block. CACHED: the block will read
 * them again. */
template <bool CACHED> static __device__ inline void block_copy16(unsigned char *to, const uint4 *from, bool inside)
{
	...
}

[[maybe_unused]] static __device__ inline void block_copies_end()
{
	...
}

template <int LEFT> static __device__ inline void block_copies_arrived()
{
	...
}

/* Where a chunk of a row is in its tile. */
template <int ROW_CHUNKS> static __device__ inline int block_swizzle(int row, int chunk)
{
	...
}

/* What is multiplied: f32 as it is, f32 rounded to 10 bits of fraction, f16, bf16. */
struct block_f32_factors {
	enum { IN_CHUNK = 4 };
};
struct block_tf32_factors {
	enum { IN_CHUNK = 4 };
};
struct block_f16_factors {
	enum { IN_CHUNK = 8 };
};
struct block_bf16_factors {
	enum { IN_CHUNK = 8 };
};

/* The nearest of 10 bits of fraction, ties away from zero. */
[[maybe_unused]] static __device__ inline unsigned int block_tf32(unsigned int bits)
{
	...
}

/* The numbers of a chunk. */
[[maybe_unused]] static __device__ inline void block_unpack(block_f32_factors, const uint4 &c, float *x)
{
	...
}

[[maybe_unused]] static __device__ inline void block_unpack(block_tf32_factors, const uint4 &c, float *x)
{
	...
}

[[maybe_unused]] static __device__ inline void block_unpack(block_f16_factors, const uint4 &c, float *x)
{
	...
}

[[maybe_unused]] static __device__ inline void block_unpack(block_bf16_factors, const uint4 &c, float *x)
{
	...
}

/* Adds the products of one tile of k to a warp's sums. a, b: the warp's first rows in the tiles, at a multiple of 8. Of
 * the tile's steps it takes FIRST, FIRST + EVERY, ... */
template <int MI, int NI, int ROW_CHUNKS, int EVERY, typename F>
static __device__ inline void block_products(F factors, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	...
}

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 750
/* Four pieces of 8 rows by one chunk; lanes 8i to 8i + 7 point at the chunks of piece i. */
[[maybe_unused]] static __device__ inline void block_ldmatrix(unsigned int (&piece)[4], unsigned int at)
{
	...
}

[[maybe_unused]] static __device__ inline void block_mma(block_f16_factors, float (&c)[4], const unsigned int (&a)[4], unsigned int b0, unsigned int b1)
{
	...
}

#if __CUDA_ARCH__ >= 800
[[maybe_unused]] static __device__ inline void block_mma(block_bf16_factors, float (&c)[4], const unsigned int (&a)[4], unsigned int b0, unsigned int b1)
{
	...
}

[[maybe_unused]] static __device__ inline void block_mma(block_tf32_factors, float (&c)[4], const unsigned int (&a)[4], unsigned int b0, unsigned int b1)
{
	...
}
#endif

/* Pieces of a step: of a, rows 16i.. as its two halves, chunk by chunk; of b, columns 16j.. as chunk by chunk of its
 * halves. */
template <int MI, int NI, int ROW_CHUNKS, bool TF32>
static __device__ inline void block_pieces(unsigned int (&a)[MI][4], unsigned int (&b)[NI / 2][4], unsigned int a_at, unsigned int b_at, int step)
{
	...
}

/* The same by the matrix units: while they work on one step, the pieces of the next are fetched. */
template <int MI, int NI, int ROW_CHUNKS, int EVERY, bool TF32, typename F>
static __device__ inline void block_unit_products(F factors, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	...
}

template <int MI, int NI, int ROW_CHUNKS, int EVERY>
static __device__ inline void block_products(block_f16_factors f, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	...
}

#if __CUDA_ARCH__ >= 800
template <int MI, int NI, int ROW_CHUNKS, int EVERY>
static __device__ inline void block_products(block_bf16_factors f, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	...
}

template <int MI, int NI, int ROW_CHUNKS, int EVERY>
static __device__ inline void block_products(block_tf32_factors f, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	...
}
#endif
#endif

/* Eight neighbours of a map, at a multiple of 16 bytes, as they are; as floats; and stored. */
template <typename T> struct block_eight {
	uint4 word[sizeof(T) / 2];
};

template <typename T> static __device__ inline block_eight<T> block_load8(const T *p)
{
	...
}

[[maybe_unused]] static __device__ inline void block_spread(float (&to)[8], const block_eight<float> &x)
{
	...
}

[[maybe_unused]] static __device__ inline void block_spread(float (&to)[8], const block_eight<__half> &x)
{
	...
}

[[maybe_unused]] static __device__ inline void block_spread(float (&to)[8], const block_eight<__nv_bfloat16> &x)
{
	...
}

/* Two numbers in a word, the first in the low half. */
[[maybe_unused]] static __device__ inline unsigned int block_pair(const __half *, float low, float high)
{
	...
}

[[maybe_unused]] static __device__ inline unsigned int block_pair(const __nv_bfloat16 *, float low, float high)
{
	...
}

template <typename T> static __device__ inline void block_store8(T *p, const float (&x)[8])
{
	...
}

[[maybe_unused]] static __device__ inline void block_store8(float *p, const float (&x)[8])
{
	...
}

/* Of so many blocks, those whose rings fit into a multiprocessor: registers need not be spared for more. */
static constexpr int block_resident(int blocks, int ring)
{
	...
}
/* reorder_any.cu -- op reorder: any memory layout and float type to any other. Channels that fill up become 0.
 *
 * ints: of the maps p = X, Y: pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see bind_cuda_map()), COUNT BLOCKS; words: XT YT.
 *
 * parts: queue image number
 */

static __global__ void __launch_bounds__(256) block_reorder_any_1_device(const float *__restrict__ x, float *__restrict__ y)
{
	enum { XC = 8, XROWS = 6, XCOLS = 6, XTOP = 0, XLEFT = 0, XB = 1, YH = 6, YW = 6,
	       YROWS = 6, YCOLS = 6, YTOP = 0, YLEFT = 0, YB = 8, YL = 8, COUNT = 288 };
	...
}

static void block_reorder_any_1(block_queue *q, const float x[288], float y[288])
{
	enum { BLOCKS = 2 };
	...
}

/* conv_gemm.cu -- ops conv2d and deconv2d, group 1, as a product of matrices: pixels by (taps by channels) by channels.
 *
 * A block sums a tile of BM pixels by BN channels. Tiles of the two factors pass through a ring of STAGES pieces of shared
 * memory: while one is multiplied, the next ones are under way. The windows are gathered by the copies themselves, chunk
 * by chunk of 16 bytes, zeros where a window hangs over the map; so there is no halo. Pixels of all images count as one
 * list. WK groups of warps share out the depth of each tile and their sums are joined at the end. Where tiles are too few
 * to keep the device busy, SPLITS blocks share out the depth of one tile; the last to arrive adds their parts in order.
 *
 * A transposed convolution falls into SH by SW phases (see c/deconv_tile.c), each a small convolution of its own: row
 * q * SH + phase - PT of the result collects rows q - t of the input. All phases count ROWS by COLS pixels; those beyond
 * the result are left out.
 *
 * parts: queue at image number copy16 swizzle products held_eight resident
 * ints: DECONV (0, 1), IMAGES, ROWS COLS (pixels of a phase), PIXELS (of all images), PADDED (0: windows stay in the map);
 * XH XW, XCHUNKS (chunks of a pixel's channels), XSTEP XROW (chunks from pixel to pixel, row to row) XFIRST (to pixel 0);
 * KH KW, SH SW (stride), DH DW (dilation), PT PL (padding), PHASES; YH YW; BM BN, CHUNKS (of a row of a tile), STAGES,
 * WM WN (a warp's part of the tile), WK, THREADS, BLOCKS (at least, on a multiprocessor), SHARED (bytes), TILES_M TILES_N,
 * N_FIRST (order of tiles), DEPTH (tiles of k, of the largest phase), SPLITS, TICKETS; N (columns: each result's channels
 * up to a multiple of 8), NOUT (results that share the columns), BORDER (0, or rows and columns that count as first and
 * last: then nine biases), SCALAR (1: results are not stored by eights); for result k: Ck (channels) FIRSTk (column of
 * the first) YBk (step from pixel to pixel), EBk EROWk EATk (of the operand: steps, and place of pixel 0), ELTk ACTkON;
 * words: XT, FACTORS (see gemm.cu), YTk ETk, OPk, ACTk, ALPHAk, BETAk. w: biases as float, TILES_N * BN, once or 9 times;
 * then for each phase, tile of columns and tile of k: BN rows of CHUNKS chunks, permuted as in shared memory. Order of k:
 * chunks, then taps; but where XCHUNKS is a multiple of CHUNKS, all taps of CHUNKS chunks before the next ones.
 */

struct block_conv_gemm_1_maps { /* what the epilogue meets */
	float *y0;
};

struct block_conv_gemm_1_phase {
	int y, x, top, left; /* which; the first q of rows and columns */
	int taps_y, taps_x;
};

struct block_conv_gemm_1_pixel {
	int image, row, column; /* of q */
	int y, x;               /* of the result */
	bool inside;
};

struct block_conv_gemm_1_source { /* what a thread copies of the input: for each of its rows of a tile, its first tap; y < 0, and
                          with every tap, beyond the pixels */
	int at[16 * 8 / 128], y[16 * 8 / 128], x[16 * 8 / 128];
};

static __device__ inline block_conv_gemm_1_phase block_conv_gemm_1_phase_of(int phase)
{
	enum { KH = 1, KW = 1 };
	...
}

static __device__ inline block_conv_gemm_1_pixel block_conv_gemm_1_pixel_of(int m, const block_conv_gemm_1_phase &phase)
{
	enum { COLS = 6, PIXELS = 36 };
	...
}

static __device__ inline block_conv_gemm_1_source block_conv_gemm_1_source_of(int m, const block_conv_gemm_1_phase &phase)
{
	enum { XSTEP = 2, XROW = 12, XFIRST = 0, KH = 1, SH = 1, SW = 1, DH = 1, PT = 0, PL = 0,
	       BM = 16, CHUNKS = 8, THREADS = 128 };
	...
}

/* Tile k of the depth, on its way into a piece of the ring. */
static __device__ inline void block_conv_gemm_1_copy(unsigned char *to, const uint4 *x, const uint4 *w, const block_conv_gemm_1_source &s, const block_conv_gemm_1_phase &phase, int k)
{
	enum { XCHUNKS = 2, XSTEP = 2, XROW = 12, KH = 1, KW = 1, DH = 1, DW = 1, BM = 16,
	       BN = 32, CHUNKS = 8, THREADS = 128 };
	...
}

/* The sums of tiles first .. end - 1 of the depth. x, w: the first chunks. */
static __device__ inline void block_conv_gemm_1_sum(float (&sum)[16 / 16][32 / 8][4], unsigned char *ring, const uint4 *x, const uint4 *w, const block_conv_gemm_1_source &s, const block_conv_gemm_1_phase &phase, int first, int end)
{
	enum { BM = 16, BN = 32, CHUNKS = 8, STAGES = 8, WM = 16, WN = 32, WK = 4 };
	...
}

/* The sums of all groups of warps, in order, in those of the first. */
static __device__ inline void block_conv_gemm_1_join_groups(float (&sum)[16 / 16][32 / 8][4], float4 *shared)
{
	enum { BM = 16, BN = 32, WM = 16, WN = 32, WK = 4, THREADS = 128 };
	...
}

static __device__ inline float block_conv_gemm_1_finish0(float r, float e)
{
	...
}

/* The biases of a pixel. */
static __device__ inline const float *block_conv_gemm_1_bias(const float *bias, const block_conv_gemm_1_pixel &pixel)
{
	...
}

/* 16 rows of a warp's sums, row by row in shared memory. */
static __device__ inline void block_conv_gemm_1_stage(const float (&sum)[32 / 8][4], float *staged)
{
	enum { WN = 32 };
	...
}

/* Eight channels of a pixel. Those that fill up the last eight become zeros. */
static __device__ inline void block_conv_gemm_1_put0(float (&r)[8], const float (&e)[8], const block_conv_gemm_1_maps &maps, const block_conv_gemm_1_pixel &pixel, int column)
{
	enum { YW = 6, YB0 = 16 };
	...
}

/* A warp's results: staged is its own piece of shared memory, m and n its first row and column. The operand is fetched
 * some slices ahead. */
static __device__ inline void block_conv_gemm_1_store(const float (&sum)[16 / 16][32 / 8][4], float *staged, const float *bias, const block_conv_gemm_1_maps &maps, const block_conv_gemm_1_phase &phase, int m, int n)
{
	enum { WM = 16, WN = 32, N = 16 };
	...
}

static __global__ void __launch_bounds__(128, block_resident(1, 49152)) block_conv_gemm_1_device(const float *__restrict__ x, const unsigned char *__restrict__ w,
                                                                                              const block_conv_gemm_1_maps maps)
{
	enum { XCHUNKS = 2, BM = 16, BN = 32, CHUNKS = 8, WM = 16, WN = 32, WK = 4, TILES_M = 3,
	       TILES_N = 1, DEPTH = 1, SPLITS = 1, BORDER = 0 };
	...
}

static void block_conv_gemm_1(block_queue *q, const float x[288],
                   const unsigned char w[4224], float y0[576]
)
{
	enum { PHASES = 1, THREADS = 128, SHARED = 49152, TILES_M = 3, TILES_N = 1 };
	...
}

/* depthwise_vector.cu -- op conv2d with as many groups as channels, all channels of a pixel in one block: a thread sums eight
 * channels of a pixel, which are 16 or 32 bytes in memory.
 *
 * ints: of the maps p = X, Y, E: pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see bind_cuda_map()), KH KW, SH SW (stride), DH DW
 * (dilation), PT PL (padding), ELT ACTON (0, 1), COUNT (threads) BLOCKS; words: XT YT ET, OP ACT ALPHA BETA. w: floats, bias [YL],
 * then [KH][KW][YL], zeros where channels only fill up.
 *
 * parts: queue at image number eight
 */

static __global__ void __launch_bounds__(256) block_depthwise_vector_1_device(const float *__restrict__ x,
                                                            const float *__restrict__ w, float *__restrict__ y)
{
	enum { XH = 6, XW = 6, XB = 16, YC = 16, YW = 6, YB = 16, YL = 16, KH = 3, KW = 3, SH = 1,
	       SW = 1, DH = 1, DW = 1, PT = 1, PL = 1, COUNT = 72 };
	...
}

static void block_depthwise_vector_1(block_queue *q, const float x[576],
                   const unsigned char w[640], float y[576])
{
	enum { BLOCKS = 1 };
	...
}

/* conv_any.cu -- op conv2d, as its definition says: any window, stride, dilation, group; maps in any layout. One result, or
 * two that share out the channels. The slow, obviously right one: a thread for each element.
 *
 * ints: of the maps p = X, Y, Z (second result), E, E1 (operands): pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see
 * bind_cuda_map()), KH KW, SH SW (stride), DH DW (dilation), PT PL (padding), CIG COG (channels of a group, in and out), NOUT (1,
 * 2), FIRST (elements of the first result), COUNT BLOCKS, BIAS ELT ACTON ELT1 ACT1ON (0, 1); words: XT YT ZT ET E1T, OP ACT ALPHA
 * BETA, OP1 ACT1 ALPHA1 BETA1. w: [channels of both results][CIG][KH][KW].
 *
 * parts: queue image number
 */

/* Channel co of the result at a pixel. */
static __device__ inline float block_conv_any_1_sum(const float *__restrict__ x, const float *__restrict__ w,
                                          int co, int oy, int ox)
{
	enum { XH = 6, XW = 6, XROWS = 6, XCOLS = 6, XTOP = 0, XLEFT = 0, XB = 16, KH = 1, KW = 1,
	       SH = 1, SW = 1, DH = 1, DW = 1, PT = 0, PL = 0, CIG = 16, COG = 8 };
	...
}

static __global__ void __launch_bounds__(256) block_conv_any_1_device(const float *__restrict__ x, const float *__restrict__ w,
                                                            const float *__restrict__ e,
                                                            float *__restrict__ y)
{
	enum { YC = 8, YH = 6, YW = 6, YROWS = 6, YCOLS = 6, YTOP = 0, YLEFT = 0, YB = 1, YL = 1,
	       EROWS = 6, ECOLS = 6, ETOP = 0, ELEFT = 0, EB = 8, COUNT = 288 };
	...
}

static void block_conv_any_1(block_queue *q, const float x[576], const float w[128],
                   const float e[288],
                   float y[288]
                   )
{
	enum { BLOCKS = 2 };
	...
}

/* The network: every launch of one run, on the queue's stream. Arrays in the heads of kernels are those of one image. */
static void block_enqueue(block_queue *q, unsigned char *arena, const unsigned char *weights)
{
	block_reorder_any_1(q, block_at<const float>(arena, 0), block_at<float>(arena, 4608)); /* 1 expand.reorder */
	block_conv_gemm_1(q, block_at<const float>(arena, 4608), weights + 0, block_at<float>(arena, 0)); /* 2 expand */
	block_depthwise_vector_1(q, block_at<const float>(arena, 0), weights + 4352, block_at<float>(arena, 2304)); /* 3 depthwise */
	block_conv_any_1(q, block_at<const float>(arena, 2304), block_at<const float>(weights, 5120), block_at<const float>(arena, 4608), block_at<float>(arena, 5888)); /* 4 project */
}

/* Are the weights that were linked those that this source was written with? Their head has their hash. */
static int block_weights_fit(void)
{
	...
}

/* entry.cu -- the functions of the header: memory, one CUDA graph, calls.
 *
 * block_open() copies the weights to the device, records every launch of a run in a CUDA graph and instantiates it. A run
 * sets the parameters of the graph's first kernel, which keeps them in device memory for the last one, and launches the
 * graph: nothing is allocated, nothing waits but the end of a call that hands results to the host. A stream that is
 * being captured gets plain launches instead, so that the caller's graph contains ours.
 *
 * parts: queue at
 * from the source: BLOCK_QUEUES, of several BLOCK_EVENTS; BLOCK_TICKETS_AT, for a detector BLOCK_CALLS_AT BLOCK_RESULTS_AT, for pixels
 * BLOCK_PIXELS_AT BLOCK_PIXELS_SIZE; block_device_weights, block_device_memory, block_enqueue, block_preprocess
 * ints: DETECTOR PIXELS CALLER WEIGHTS LOADED LINKED TRACE LIBRARY (0, 1; see codegen/emit_cuda.c) QUEUES INPUT_AT INPUT_BYTES (the input
 * tensor of one image) ; words: TENSORS MISSING COPY_INPUTS COPY_OUTPUTS (of a network without detections)
 */
static block_context block_own; /* of the calls without a context */

/* What a caller is told of a CUDA status; the status itself stays for block_device_error(). */
static int block_told(block_context *c, cudaError_t status)
{
	...
}

/* Every launch of a run on a stream. */
static cudaError_t block_launch_all(const block_context *c, cudaStream_t stream)
{
	...
}

/* The launches as a graph, once. */
static cudaError_t block_record(block_context *c)
{
	...
}

static cudaError_t block_prepare(block_context *c)
{
	...
}

void block_close(void)
{
	block_context *const c = &block_own;

	if (c->graph)
		(void)cudaGraphExecDestroy(c->graph);
	if (c->recorded)
		(void)cudaGraphDestroy(c->recorded);
	if (c->pinned)
		(void)cudaFreeHost(c->pinned);
	if (c->stream)
		(void)cudaStreamDestroy(c->stream);
	c->graph = NULL;
	c->recorded = NULL;
	c->first = NULL;
	c->pinned = NULL;
	c->stream = NULL;
	c->ready = 0;
}

int block_open(void)
{
	block_context *const c = &block_own;
	void *memory = NULL;
	cudaError_t status;

	if (c->ready)
		return BLOCK_OK;
	if (!block_weights_fit())
		return BLOCK_EWEIGHTS;
	status = cudaGetSymbolAddress(&memory, block_device_memory);
	if (status != cudaSuccess)
		return block_told(c, status);
	c->memory = static_cast<unsigned char *>(memory);
	status = block_prepare(c);
	if (status != cudaSuccess) {
		block_close();
		return block_told(c, status);
	}
	c->ready = 1;
	return BLOCK_OK;
}

/* BLOCK_OK when a run can start on c. */
static int block_ready(const block_context *c)
{
	...
}

static void block_copy(block_context *c, void *to, const void *from, size_t size, cudaMemcpyKind kind)
{
	...
}

int block_run(const float *in0, float *out0)
{
	block_context *const c = &block_own;
	const int ready = block_ready(c);
	cudaError_t status;

	if (ready != BLOCK_OK)
		return ready;
	if (!in0 || !out0)
		return BLOCK_EINVAL;
	c->status = (int)cudaSuccess;
	block_copy(c, c->memory + 0, in0, 1152, cudaMemcpyHostToDevice);

	status = (cudaError_t)c->status;
	if (status == cudaSuccess)
		status = cudaGraphLaunch(c->graph, c->stream);
	c->status = (int)status;
	block_copy(c, out0, c->memory + 5888, 1152, cudaMemcpyDeviceToHost);

	status = (cudaError_t)c->status;
	if (status == cudaSuccess)
		status = cudaStreamSynchronize(c->stream);
	return block_told(c, status);
}

const char *block_device_error(void)
{
	const block_context *const c = &block_own;
	return cudaGetErrorName((cudaError_t)c->status);
}

const char *block_strerror(int error)
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

const char *block_version(void)
{
	return "dssdc 0.1.0";
}

static_assert(sizeof(block_context) == 80, "as the head says");
