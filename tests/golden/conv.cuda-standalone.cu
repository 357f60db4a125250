/* conv.cu -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * model    conv, hash 5883e6c9120d7ffe
 * options  conv.ir --target=cuda-standalone -O1 --arena=static --weights-form=incbin
 * profile  cuda
 * weights  8704 bytes, hash ec8e2a31eaa2d6de
 * arena    1536 bytes; the largest set of live buffers is 1536
 * macs     1116
 * numbers  f32, sums f32; a * b + c rounded once: fast; 0 layers by Winograd's transforms
 * ram      10576 bytes: conv_device_weights 8704 + conv_device_memory 1792 + conv_own 80
 * flash    9126 bytes: conv_weights 8704 + conv_weights_head 16 + strings 326 + mark 16 + text 64
 * device   10496 bytes: conv_device_weights 8704 + conv_device_memory 1792
 * defines  conv_run conv_open conv_close conv_device_error conv_strerror conv_version conv_weights conv_weights_head
 * uses     cudaFreeHost cudaFuncSetAttribute cudaGetErrorName cudaGetLastError cudaGetSymbolAddress cudaGraphDestroy
 *          cudaGraphExecDestroy cudaGraphGetRootNodes cudaGraphInstantiate cudaGraphLaunch cudaGraphUpload
 *          cudaLaunchKernelEx cudaMemcpyAsync cudaMemsetAsync cudaStreamBeginCapture cudaStreamCreateWithFlags
 *          cudaStreamDestroy cudaStreamEndCapture cudaStreamSynchronize memcpy memset
 * needs    conv.h, and conv.weights through -I. A makefile must name it as a dependency: -MD does not list what
 *          the assembler reads, -Wa,--MD,FILE does. With -flto the assembler runs at the link: gcc's link
 *          needs -Wa,-IFOLDER too, clang needs -fno-lto for this file
 *
 * node  layer                        kernel               result                 MMAC arena offset
 *    1  a.reorder                    reorder_any_1        3x5x6                 0.000            0
 *    2  a                            conv_gemm_1          4x3x3                 0.001         1024
 *    3  b                            conv_any_1           4x3x3                 0.000     caller's
 */
#include "conv.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <string.h>

#define CONV_QUEUES 1 /* streams of one run */

/* Device memory, in bytes: an arena for each image, then what all share. */
#define CONV_IMAGE_STRIDE 1792
#define CONV_TICKETS_AT 1792
#define CONV_TICKETS 0 /* of one queue */

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error conv.weights is in little-endian byte order; for this machine compile the model with --weights-form=array
#endif

#if !defined(__CUDA_ARCH__) /* the host's part of the file */
/* An error about .org says that conv.weights has not 8768 bytes: it is not the file that was written with this source. */
__asm__(".pushsection .rodata\n"
	".balign 16\n"
	".globl conv_weights_head\n"
	".hidden conv_weights_head\n"
	".type conv_weights_head, %object\n"
	".size conv_weights_head, 16\n"
	"conv_weights_head:\n"
	".incbin \"conv.weights\", 0, 16\n"
	".balign 256\n"
	".globl conv_weights\n"
	".hidden conv_weights\n"
	".type conv_weights, %object\n"
	".size conv_weights, 8704\n"
	"conv_weights:\n"
	".incbin \"conv.weights\", 64\n"
	".Lconv_weights_end:\n"
	".org conv_weights + 8704\n"
	".org .Lconv_weights_end\n"
	".popsection\n");
#endif
extern "C" const unsigned char conv_weights[CONV_WEIGHTS_SIZE];
extern "C" const unsigned char conv_weights_head[16];
static __device__ __align__(256) unsigned char conv_device_weights[CONV_WEIGHTS_SIZE];
static __device__ __align__(256) unsigned char conv_device_memory[CONV_ARENA_SIZE];

static __device__ inline float conv_relu(float x, float alpha, float beta)
{
	...
}

/* tickets: CONV_TICKETS counters in device memory, zero between kernels: which block of a group is the last one. */
typedef struct {
	cudaStream_t stream;
	cudaError_t status;
	unsigned char *memory; /* of the device */
	unsigned int *tickets;
	struct conv_library *library; /* cuDNN's plans; null where there are none */
	int number;                  /* from 0; see part queues */
} conv_queue;

/* shared: bytes of dynamic shared memory. */
template <typename... P, typename... A>
static void conv_launch(conv_queue *q, void (*kernel)(P...), dim3 grid, int threads, int shared, A... arguments)
{
	...
}

/* Places in the arena and in the weights: the one cast from bytes. */
template <typename T> static __host__ __device__ inline T *conv_at(unsigned char *memory, size_t bytes)
{
	...
}

template <typename T> static __host__ __device__ inline const T *conv_at(const unsigned char *memory, size_t bytes)
{
	...
}

/* The same place for another image of the batch. */
template <typename T> static __device__ inline T *conv_at_image(T *p, int image)
{
	...
}

/* The same as a number of chunks of 16 bytes. */
[[maybe_unused]] static __device__ inline int conv_image_chunks(int image)
{
	...
}

/* Elements of maps as the floats that are computed with, and back: nearest, ties to even. A program has some of the types. */
[[maybe_unused]] static __device__ inline float conv_float(float x)
{
	...
}

[[maybe_unused]] static __device__ inline float conv_float(__half x)
{
	...
}

[[maybe_unused]] static __device__ inline float conv_float(__nv_bfloat16 x)
{
	...
}

[[maybe_unused]] static __device__ inline void conv_put(float *p, float x)
{
	...
}

[[maybe_unused]] static __device__ inline void conv_put(__half *p, float x)
{
	...
}

[[maybe_unused]] static __device__ inline void conv_put(__nv_bfloat16 *p, float x)
{
	...
}

/* Eight neighbours in memory at a multiple of 16 bytes, as floats, and back. */
[[maybe_unused]] static __device__ inline void conv_load_eight(const float *p, float *v)
{
	...
}

template <typename T> static __device__ inline void conv_load_eight(const T *p, float *v)
{
	...
}

[[maybe_unused]] static __device__ inline void conv_store_eight(float *p, const float *v)
{
	...
}

template <typename T> static __device__ inline void conv_store_eight(T *p, const float *v)
{
	...
}
/* 16 bytes from device memory to shared memory, or zeros. It may be under way until conv_copies_arrived<n>(), which lets
 * those before the last n conv_copies_end() arrive; a barrier then shows them to the block. CACHED: the block will read
 * them again. */
template <bool CACHED> static __device__ inline void conv_copy16(unsigned char *to, const uint4 *from, bool inside)
{
	...
}

[[maybe_unused]] static __device__ inline void conv_copies_end()
{
	...
}

template <int LEFT> static __device__ inline void conv_copies_arrived()
{
	...
}

/* Where a chunk of a row is in its tile. */
template <int ROW_CHUNKS> static __device__ inline int conv_swizzle(int row, int chunk)
{
	...
}

/* What is multiplied: f32 as it is, f32 rounded to 10 bits of fraction, f16, bf16. */
struct conv_f32_factors {
	enum { IN_CHUNK = 4 };
};
struct conv_tf32_factors {
	enum { IN_CHUNK = 4 };
};
struct conv_f16_factors {
	enum { IN_CHUNK = 8 };
};
struct conv_bf16_factors {
	enum { IN_CHUNK = 8 };
};

/* The nearest of 10 bits of fraction, ties away from zero. */
[[maybe_unused]] static __device__ inline unsigned int conv_tf32(unsigned int bits)
{
	...
}

/* The numbers of a chunk. */
[[maybe_unused]] static __device__ inline void conv_unpack(conv_f32_factors, const uint4 &c, float *x)
{
	...
}

[[maybe_unused]] static __device__ inline void conv_unpack(conv_tf32_factors, const uint4 &c, float *x)
{
	...
}

[[maybe_unused]] static __device__ inline void conv_unpack(conv_f16_factors, const uint4 &c, float *x)
{
	...
}

[[maybe_unused]] static __device__ inline void conv_unpack(conv_bf16_factors, const uint4 &c, float *x)
{
	...
}

/* Adds the products of one tile of k to a warp's sums. a, b: the warp's first rows in the tiles, at a multiple of 8. Of
 * the tile's steps it takes FIRST, FIRST + EVERY, ... */
template <int MI, int NI, int ROW_CHUNKS, int EVERY, typename F>
static __device__ inline void conv_products(F factors, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	...
}

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 750
/* Four pieces of 8 rows by one chunk; lanes 8i to 8i + 7 point at the chunks of piece i. */
[[maybe_unused]] static __device__ inline void conv_ldmatrix(unsigned int (&piece)[4], unsigned int at)
{
	...
}

[[maybe_unused]] static __device__ inline void conv_mma(conv_f16_factors, float (&c)[4], const unsigned int (&a)[4], unsigned int b0, unsigned int b1)
{
	...
}

#if __CUDA_ARCH__ >= 800
[[maybe_unused]] static __device__ inline void conv_mma(conv_bf16_factors, float (&c)[4], const unsigned int (&a)[4], unsigned int b0, unsigned int b1)
{
	...
}

[[maybe_unused]] static __device__ inline void conv_mma(conv_tf32_factors, float (&c)[4], const unsigned int (&a)[4], unsigned int b0, unsigned int b1)
{
	...
}
#endif

/* Pieces of a step: of a, rows 16i.. as its two halves, chunk by chunk; of b, columns 16j.. as chunk by chunk of its
 * halves. */
template <int MI, int NI, int ROW_CHUNKS, bool TF32>
static __device__ inline void conv_pieces(unsigned int (&a)[MI][4], unsigned int (&b)[NI / 2][4], unsigned int a_at, unsigned int b_at, int step)
{
	...
}

/* The same by the matrix units: while they work on one step, the pieces of the next are fetched. */
template <int MI, int NI, int ROW_CHUNKS, int EVERY, bool TF32, typename F>
static __device__ inline void conv_unit_products(F factors, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	...
}

template <int MI, int NI, int ROW_CHUNKS, int EVERY>
static __device__ inline void conv_products(conv_f16_factors f, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	...
}

#if __CUDA_ARCH__ >= 800
template <int MI, int NI, int ROW_CHUNKS, int EVERY>
static __device__ inline void conv_products(conv_bf16_factors f, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	...
}

template <int MI, int NI, int ROW_CHUNKS, int EVERY>
static __device__ inline void conv_products(conv_tf32_factors f, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	...
}
#endif
#endif

/* Eight neighbours of a map, at a multiple of 16 bytes, as they are; as floats; and stored. */
template <typename T> struct conv_eight {
	uint4 word[sizeof(T) / 2];
};

template <typename T> static __device__ inline conv_eight<T> conv_load8(const T *p)
{
	...
}

[[maybe_unused]] static __device__ inline void conv_spread(float (&to)[8], const conv_eight<float> &x)
{
	...
}

[[maybe_unused]] static __device__ inline void conv_spread(float (&to)[8], const conv_eight<__half> &x)
{
	...
}

[[maybe_unused]] static __device__ inline void conv_spread(float (&to)[8], const conv_eight<__nv_bfloat16> &x)
{
	...
}

/* Two numbers in a word, the first in the low half. */
[[maybe_unused]] static __device__ inline unsigned int conv_pair(const __half *, float low, float high)
{
	...
}

[[maybe_unused]] static __device__ inline unsigned int conv_pair(const __nv_bfloat16 *, float low, float high)
{
	...
}

template <typename T> static __device__ inline void conv_store8(T *p, const float (&x)[8])
{
	...
}

[[maybe_unused]] static __device__ inline void conv_store8(float *p, const float (&x)[8])
{
	...
}

/* Of so many blocks, those whose rings fit into a multiprocessor: registers need not be spared for more. */
static constexpr int conv_resident(int blocks, int ring)
{
	...
}
/* reorder_any.cu -- op reorder: any memory layout and float type to any other. Channels that fill up become 0.
 *
 * ints: of the maps p = X, Y: pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see bind_cuda_map()), COUNT BLOCKS; words: XT YT.
 *
 * parts: queue image number
 */

static __global__ void __launch_bounds__(256) conv_reorder_any_1_device(const float *__restrict__ x, float *__restrict__ y)
{
	enum { XC = 3, XROWS = 5, XCOLS = 6, XTOP = 0, XLEFT = 0, XB = 1, YH = 5, YW = 6,
	       YROWS = 5, YCOLS = 6, YTOP = 0, YLEFT = 0, YB = 8, YL = 8, COUNT = 240 };
	...
}

static void conv_reorder_any_1(conv_queue *q, const float x[90], float y[240])
{
	enum { BLOCKS = 1 };
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

struct conv_conv_gemm_1_maps { /* what the epilogue meets */
	float *y0;
};

struct conv_conv_gemm_1_phase {
	int y, x, top, left; /* which; the first q of rows and columns */
	int taps_y, taps_x;
};

struct conv_conv_gemm_1_pixel {
	int image, row, column; /* of q */
	int y, x;               /* of the result */
	bool inside;
};

struct conv_conv_gemm_1_source { /* what a thread copies of the input: for each of its rows of a tile, its first tap; y < 0, and
                          with every tap, beyond the pixels */
	int at[16 * 8 / 128], y[16 * 8 / 128], x[16 * 8 / 128];
};

static __device__ inline conv_conv_gemm_1_phase conv_conv_gemm_1_phase_of(int phase)
{
	enum { KH = 3, KW = 3 };
	...
}

static __device__ inline conv_conv_gemm_1_pixel conv_conv_gemm_1_pixel_of(int m, const conv_conv_gemm_1_phase &phase)
{
	enum { COLS = 3, PIXELS = 9 };
	...
}

static __device__ inline conv_conv_gemm_1_source conv_conv_gemm_1_source_of(int m, const conv_conv_gemm_1_phase &phase)
{
	enum { XSTEP = 2, XROW = 12, XFIRST = 0, KH = 3, SH = 2, SW = 2, DH = 1, PT = 1, PL = 1,
	       BM = 16, CHUNKS = 8, THREADS = 128 };
	...
}

/* Tile k of the depth, on its way into a piece of the ring. */
static __device__ inline void conv_conv_gemm_1_copy(unsigned char *to, const uint4 *x, const uint4 *w, const conv_conv_gemm_1_source &s, const conv_conv_gemm_1_phase &phase, int k)
{
	enum { XH = 5, XW = 6, XCHUNKS = 1, XSTEP = 2, XROW = 12, KH = 3, KW = 3, DH = 1, DW = 1,
	       BM = 16, BN = 32, CHUNKS = 8, THREADS = 128 };
	...
}

/* The sums of tiles first .. end - 1 of the depth. x, w: the first chunks. */
static __device__ inline void conv_conv_gemm_1_sum(float (&sum)[16 / 16][32 / 8][4], unsigned char *ring, const uint4 *x, const uint4 *w, const conv_conv_gemm_1_source &s, const conv_conv_gemm_1_phase &phase, int first, int end)
{
	enum { BM = 16, BN = 32, CHUNKS = 8, STAGES = 8, WM = 16, WN = 32, WK = 4 };
	...
}

/* The sums of all groups of warps, in order, in those of the first. */
static __device__ inline void conv_conv_gemm_1_join_groups(float (&sum)[16 / 16][32 / 8][4], float4 *shared)
{
	enum { BM = 16, BN = 32, WM = 16, WN = 32, WK = 4, THREADS = 128 };
	...
}

static __device__ inline float conv_conv_gemm_1_finish0(float r, float e)
{
	...
}

/* The biases of a pixel. */
static __device__ inline const float *conv_conv_gemm_1_bias(const float *bias, const conv_conv_gemm_1_pixel &pixel)
{
	...
}

/* 16 rows of a warp's sums, row by row in shared memory. */
static __device__ inline void conv_conv_gemm_1_stage(const float (&sum)[32 / 8][4], float *staged)
{
	enum { WN = 32 };
	...
}

/* Eight channels of a pixel. Those that fill up the last eight become zeros. */
static __device__ inline void conv_conv_gemm_1_put0(float (&r)[8], const float (&e)[8], const conv_conv_gemm_1_maps &maps, const conv_conv_gemm_1_pixel &pixel, int column)
{
	enum { YW = 3, C0 = 4, YB0 = 8 };
	...
}

/* A warp's results: staged is its own piece of shared memory, m and n its first row and column. The operand is fetched
 * some slices ahead. */
static __device__ inline void conv_conv_gemm_1_store(const float (&sum)[16 / 16][32 / 8][4], float *staged, const float *bias, const conv_conv_gemm_1_maps &maps, const conv_conv_gemm_1_phase &phase, int m, int n)
{
	enum { WM = 16, WN = 32, N = 8 };
	...
}

static __global__ void __launch_bounds__(128, conv_resident(1, 49152)) conv_conv_gemm_1_device(const float *__restrict__ x, const unsigned char *__restrict__ w,
                                                                                              const conv_conv_gemm_1_maps maps)
{
	enum { XCHUNKS = 1, BM = 16, BN = 32, CHUNKS = 8, WM = 16, WN = 32, WK = 4, TILES_M = 1,
	       TILES_N = 1, DEPTH = 2, SPLITS = 1, BORDER = 0 };
	...
}

static void conv_conv_gemm_1(conv_queue *q, const float x[240],
                   const unsigned char w[8320], float y0[72]
)
{
	enum { PHASES = 1, THREADS = 128, SHARED = 49152, TILES_M = 1, TILES_N = 1 };
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
static __device__ inline float conv_conv_any_1_sum(const float *__restrict__ x, const float *__restrict__ w,
                                          int co, int oy, int ox)
{
	enum { XH = 3, XW = 3, XROWS = 3, XCOLS = 3, XTOP = 0, XLEFT = 0, XB = 8, KH = 1, KW = 1,
	       SH = 1, SW = 1, DH = 1, DW = 1, PT = 0, PL = 0, CIG = 4, COG = 4 };
	...
}

static __global__ void __launch_bounds__(256) conv_conv_any_1_device(const float *__restrict__ x, const float *__restrict__ w,
                                                            const float *__restrict__ e,
                                                            float *__restrict__ y)
{
	enum { YC = 4, YH = 3, YW = 3, YROWS = 3, YCOLS = 3, YTOP = 0, YLEFT = 0, YB = 1, YL = 1,
	       EROWS = 3, ECOLS = 3, ETOP = 0, ELEFT = 0, EB = 8, COUNT = 36 };
	...
}

static void conv_conv_any_1(conv_queue *q, const float x[72], const float w[16],
                   const float e[72],
                   float y[36]
                   )
{
	enum { BLOCKS = 1 };
	...
}

/* The network: every launch of one run, on the queue's stream. Arrays in the heads of kernels are those of one image. */
static void conv_enqueue(conv_queue *q, unsigned char *arena, const unsigned char *weights)
{
	conv_reorder_any_1(q, conv_at<const float>(arena, 1024), conv_at<float>(arena, 0)); /* 1 a.reorder */
	conv_conv_gemm_1(q, conv_at<const float>(arena, 0), weights + 0, conv_at<float>(arena, 1024)); /* 2 a */
	conv_conv_any_1(q, conv_at<const float>(arena, 1024), conv_at<const float>(weights, 8448), conv_at<const float>(arena, 1024), conv_at<float>(arena, 1536)); /* 3 b */
}

/* Are the weights that were linked those that this source was written with? Their head has their hash. */
static int conv_weights_fit(void)
{
	...
}

/* entry.cu -- the functions of the header: memory, one CUDA graph, calls.
 *
 * conv_open() copies the weights to the device, records every launch of a run in a CUDA graph and instantiates it. A run
 * sets the parameters of the graph's first kernel, which keeps them in device memory for the last one, and launches the
 * graph: nothing is allocated, nothing waits but the end of a call that hands results to the host. A stream that is
 * being captured gets plain launches instead, so that the caller's graph contains ours.
 *
 * parts: queue at
 * from the source: CONV_QUEUES, of several CONV_EVENTS; CONV_TICKETS_AT, for a detector CONV_CALLS_AT CONV_RESULTS_AT, for pixels
 * CONV_PIXELS_AT CONV_PIXELS_SIZE; conv_device_weights, conv_device_memory, conv_enqueue, conv_preprocess
 * ints: DETECTOR PIXELS CALLER WEIGHTS LOADED LINKED TRACE LIBRARY (0, 1; see codegen/emit_cuda.c) QUEUES INPUT_AT INPUT_BYTES (the input
 * tensor of one image) ; words: TENSORS MISSING COPY_INPUTS COPY_OUTPUTS (of a network without detections)
 */
static conv_context conv_own; /* of the calls without a context */

/* What a caller is told of a CUDA status; the status itself stays for conv_device_error(). */
static int conv_told(conv_context *c, cudaError_t status)
{
	...
}

/* Every launch of a run on a stream. */
static cudaError_t conv_launch_all(const conv_context *c, cudaStream_t stream)
{
	...
}

/* The launches as a graph, once. */
static cudaError_t conv_record(conv_context *c)
{
	...
}

static cudaError_t conv_prepare(conv_context *c)
{
	...
}

void conv_close(void)
{
	conv_context *const c = &conv_own;

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

int conv_open(void)
{
	conv_context *const c = &conv_own;
	void *memory = NULL;
	cudaError_t status;

	if (c->ready)
		return CONV_OK;
	if (!conv_weights_fit())
		return CONV_EWEIGHTS;
	status = cudaGetSymbolAddress(&memory, conv_device_memory);
	if (status != cudaSuccess)
		return conv_told(c, status);
	c->memory = static_cast<unsigned char *>(memory);
	status = conv_prepare(c);
	if (status != cudaSuccess) {
		conv_close();
		return conv_told(c, status);
	}
	c->ready = 1;
	return CONV_OK;
}

/* CONV_OK when a run can start on c. */
static int conv_ready(const conv_context *c)
{
	...
}

static void conv_copy(conv_context *c, void *to, const void *from, size_t size, cudaMemcpyKind kind)
{
	...
}

int conv_run(const float *in0, float *out0)
{
	conv_context *const c = &conv_own;
	const int ready = conv_ready(c);
	cudaError_t status;

	if (ready != CONV_OK)
		return ready;
	if (!in0 || !out0)
		return CONV_EINVAL;
	c->status = (int)cudaSuccess;
	conv_copy(c, c->memory + 1024, in0, 360, cudaMemcpyHostToDevice);

	status = (cudaError_t)c->status;
	if (status == cudaSuccess)
		status = cudaGraphLaunch(c->graph, c->stream);
	c->status = (int)status;
	conv_copy(c, out0, c->memory + 1536, 144, cudaMemcpyDeviceToHost);

	status = (cudaError_t)c->status;
	if (status == cudaSuccess)
		status = cudaStreamSynchronize(c->stream);
	return conv_told(c, status);
}

const char *conv_device_error(void)
{
	const conv_context *const c = &conv_own;
	return cudaGetErrorName((cudaError_t)c->status);
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

static_assert(sizeof(conv_context) == 80, "as the head says");
