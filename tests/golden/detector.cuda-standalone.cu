/* detector.cu -- made by dssdc 0.1.0; do not edit. The generated code is yours.
 *
 * model    detector, hash 6221b8556af6cf11
 * options  detector.ir --target=cuda-standalone -O1 --arena=static --weights-form=incbin
 * profile  cuda
 * weights  9472 bytes, hash d122d535947cce4c
 * arena    2816 bytes; the largest set of live buffers is 2816
 * macs     6048
 * numbers  f32, sums f32; a * b + c rounded once: fast; 0 layers by Winograd's transforms
 * ram      14160 bytes: detector_device_weights 9472 + detector_device_memory 4608 + detector_own 80
 * flash    9937 bytes: detector_weights 9472 + detector_weights_head 16 + detector_labels 24 + strings 345 + mark 16
 *          + text 64
 * device   14080 bytes: detector_device_weights 9472 + detector_device_memory 4608
 * opened   1280 bytes at most: pinned 1280
 * defines  detector_detect detector_detect_batch detector_detect_device detector_detect_batch_device detector_run
 *          detector_open detector_close detector_device_error detector_labels detector_strerror detector_version
 *          detector_weights detector_weights_head
 * uses     cudaFreeHost cudaFuncSetAttribute cudaGetErrorName cudaGetLastError cudaGetSymbolAddress cudaGraphDestroy
 *          cudaGraphExecDestroy cudaGraphExecKernelNodeSetParams cudaGraphGetRootNodes cudaGraphInstantiate
 *          cudaGraphKernelNodeGetParams cudaGraphLaunch cudaGraphUpload cudaHostAlloc cudaLaunchKernelEx
 *          cudaMemcpyAsync cudaMemsetAsync cudaStreamBeginCapture cudaStreamCreateWithFlags cudaStreamDestroy
 *          cudaStreamEndCapture cudaStreamIsCapturing cudaStreamSynchronize memcpy memset
 * needs    detector.h, and detector.weights through -I. A makefile must name it as a dependency: -MD does not list what
 *          the assembler reads, -Wa,--MD,FILE does. With -flto the assembler runs at the link: gcc's link
 *          needs -Wa,-IFOLDER too, clang needs -fno-lto for this file
 *
 * node  layer                        kernel               result                 MMAC arena offset
 *    1  pool.reorder                 reorder_any_1        3x8x8                 0.000            0
 *    2  pool                         pool_any_1           3x4x4                 0.000         2048
 *    3  loc+conf                     conv_gemm_1          8x4x4                 0.006         1024
 *    4  loc.permute                  in place             4x4x8                 0.000         1024
 *    5  loc.flatten                  in place             128                   0.000         1024
 *    6  conf.permute                 in place             4x4x6                 0.000            0
 *    7  conf.rows                    in place             32x3                  0.000            0
 *    8  detect.logits                copy_any_1           96                    0.000         1536
 *    9  detect                       detect_cuda_1        5x6                   0.000     caller's
 */
#include "detector.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <string.h>

#define DETECTOR_QUEUES 1 /* streams of one run */

/* Device memory, in bytes: an arena for each image, then what all share. */
#define DETECTOR_IMAGE_STRIDE 2816
#define DETECTOR_CALLS_AT 2816
#define DETECTOR_RESULTS_AT 3072
#define DETECTOR_TICKETS_AT 3328
#define DETECTOR_TICKETS 2 /* of one queue */
#define DETECTOR_PIXELS_AT 3584
#define DETECTOR_PIXELS_SIZE 1024 /* of one image */
/* Pinned memory of the host: results, then pixels. */
#define DETECTOR_PINNED_PIXELS 256
#define DETECTOR_PINNED_SIZE 1280

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error detector.weights is in little-endian byte order; for this machine compile the model with --weights-form=array
#endif

#if !defined(__CUDA_ARCH__) /* the host's part of the file */
/* An error about .org says that detector.weights has not 9536 bytes: it is not the file that was written with this source. */
__asm__(".pushsection .rodata\n"
	".balign 16\n"
	".globl detector_weights_head\n"
	".hidden detector_weights_head\n"
	".type detector_weights_head, %object\n"
	".size detector_weights_head, 16\n"
	"detector_weights_head:\n"
	".incbin \"detector.weights\", 0, 16\n"
	".balign 256\n"
	".globl detector_weights\n"
	".hidden detector_weights\n"
	".type detector_weights, %object\n"
	".size detector_weights, 9472\n"
	"detector_weights:\n"
	".incbin \"detector.weights\", 64\n"
	".Ldetector_weights_end:\n"
	".org detector_weights + 9472\n"
	".org .Ldetector_weights_end\n"
	".popsection\n");
#endif
extern "C" const unsigned char detector_weights[DETECTOR_WEIGHTS_SIZE];
extern "C" const unsigned char detector_weights_head[16];
static __device__ __align__(256) unsigned char detector_device_weights[DETECTOR_WEIGHTS_SIZE];
static __device__ __align__(256) unsigned char detector_device_memory[DETECTOR_ARENA_SIZE];

static __device__ inline int32_t detector_bits(float x)
{
	...
}

static __device__ inline float detector_from_bits(uint32_t i)
{
	...
}

/* i, or the nearest of 0 .. n - 1: every index that depends on data passes here. */
static __device__ inline int32_t detector_index(int32_t i, int32_t n)
{
	...
}

/* e^x = 2^n e^r with |r| <= log(2) / 2. 2^n is applied in two halves: n reaches 128, and -150 for denormals. The
 * polynomial is the one of Cephes' expf. NaN gives NaN: n is then a meaningless number, but one in range. */
static __device__ inline float detector_expf(float x)
{
	...
}

static __device__ inline float detector_clip(float x, float alpha, float beta)
{
	...
}

static __device__ inline float detector_max(float x, float y)
{
	...
}

static __device__ inline float detector_min(float x, float y)
{
	...
}

static __device__ inline float detector_box_size(const float *b)
{
	...
}

/* Intersection over union of two boxes {x0, y0, x1, y1}. */
static __device__ inline float detector_overlap(const float *a, const float *b)
{
	...
}

/* All four corners are numbers, and none is infinite. */
static __device__ inline int detector_is_box(const float *b)
{
	...
}

/* Default box p, its variances v and prediction l to box b, four floats each. code as BoxCode: 1 corner, 2 center
 * size, 3 corner size. */
static __device__ inline void detector_decode(int code, const float *p, const float *v, const float *l, float *b)
{
	...
}
/* tickets: DETECTOR_TICKETS counters in device memory, zero between kernels: which block of a group is the last one. */
typedef struct {
	cudaStream_t stream;
	cudaError_t status;
	unsigned char *memory; /* of the device */
	unsigned int *tickets;
	struct detector_library *library; /* cuDNN's plans; null where there are none */
	int number;                  /* from 0; see part queues */
} detector_queue;

/* shared: bytes of dynamic shared memory. */
template <typename... P, typename... A>
static void detector_launch(detector_queue *q, void (*kernel)(P...), dim3 grid, int threads, int shared, A... arguments)
{
	...
}

/* Places in the arena and in the weights: the one cast from bytes. */
template <typename T> static __host__ __device__ inline T *detector_at(unsigned char *memory, size_t bytes)
{
	...
}

template <typename T> static __host__ __device__ inline const T *detector_at(const unsigned char *memory, size_t bytes)
{
	...
}

/* The same place for another image of the batch. */
template <typename T> static __device__ inline T *detector_at_image(T *p, int image)
{
	...
}

/* The same as a number of chunks of 16 bytes. */
[[maybe_unused]] static __device__ inline int detector_image_chunks(int image)
{
	...
}

/* Elements of maps as the floats that are computed with, and back: nearest, ties to even. A program has some of the types. */
[[maybe_unused]] static __device__ inline float detector_float(float x)
{
	...
}

[[maybe_unused]] static __device__ inline float detector_float(__half x)
{
	...
}

[[maybe_unused]] static __device__ inline float detector_float(__nv_bfloat16 x)
{
	...
}

[[maybe_unused]] static __device__ inline void detector_put(float *p, float x)
{
	...
}

[[maybe_unused]] static __device__ inline void detector_put(__half *p, float x)
{
	...
}

[[maybe_unused]] static __device__ inline void detector_put(__nv_bfloat16 *p, float x)
{
	...
}

/* Eight neighbours in memory at a multiple of 16 bytes, as floats, and back. */
[[maybe_unused]] static __device__ inline void detector_load_eight(const float *p, float *v)
{
	...
}

template <typename T> static __device__ inline void detector_load_eight(const T *p, float *v)
{
	...
}

[[maybe_unused]] static __device__ inline void detector_store_eight(float *p, const float *v)
{
	...
}

template <typename T> static __device__ inline void detector_store_eight(T *p, const float *v)
{
	...
}
/* 16 bytes from device memory to shared memory, or zeros. It may be under way until detector_copies_arrived<n>(), which lets
 * those before the last n detector_copies_end() arrive; a barrier then shows them to the block. CACHED: the block will read
 * them again. */
template <bool CACHED> static __device__ inline void detector_copy16(unsigned char *to, const uint4 *from, bool inside)
{
	...
}

[[maybe_unused]] static __device__ inline void detector_copies_end()
{
	...
}

template <int LEFT> static __device__ inline void detector_copies_arrived()
{
	...
}

/* Where a chunk of a row is in its tile. */
template <int ROW_CHUNKS> static __device__ inline int detector_swizzle(int row, int chunk)
{
	...
}

/* What is multiplied: f32 as it is, f32 rounded to 10 bits of fraction, f16, bf16. */
struct detector_f32_factors {
	enum { IN_CHUNK = 4 };
};
struct detector_tf32_factors {
	enum { IN_CHUNK = 4 };
};
struct detector_f16_factors {
	enum { IN_CHUNK = 8 };
};
struct detector_bf16_factors {
	enum { IN_CHUNK = 8 };
};

/* The nearest of 10 bits of fraction, ties away from zero. */
[[maybe_unused]] static __device__ inline unsigned int detector_tf32(unsigned int bits)
{
	...
}

/* The numbers of a chunk. */
[[maybe_unused]] static __device__ inline void detector_unpack(detector_f32_factors, const uint4 &c, float *x)
{
	...
}

[[maybe_unused]] static __device__ inline void detector_unpack(detector_tf32_factors, const uint4 &c, float *x)
{
	...
}

[[maybe_unused]] static __device__ inline void detector_unpack(detector_f16_factors, const uint4 &c, float *x)
{
	...
}

[[maybe_unused]] static __device__ inline void detector_unpack(detector_bf16_factors, const uint4 &c, float *x)
{
	...
}

/* Adds the products of one tile of k to a warp's sums. a, b: the warp's first rows in the tiles, at a multiple of 8. Of
 * the tile's steps it takes FIRST, FIRST + EVERY, ... */
template <int MI, int NI, int ROW_CHUNKS, int EVERY, typename F>
static __device__ inline void detector_products(F factors, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	...
}

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 750
/* Four pieces of 8 rows by one chunk; lanes 8i to 8i + 7 point at the chunks of piece i. */
[[maybe_unused]] static __device__ inline void detector_ldmatrix(unsigned int (&piece)[4], unsigned int at)
{
	...
}

[[maybe_unused]] static __device__ inline void detector_mma(detector_f16_factors, float (&c)[4], const unsigned int (&a)[4], unsigned int b0, unsigned int b1)
{
	...
}

#if __CUDA_ARCH__ >= 800
[[maybe_unused]] static __device__ inline void detector_mma(detector_bf16_factors, float (&c)[4], const unsigned int (&a)[4], unsigned int b0, unsigned int b1)
{
	...
}

[[maybe_unused]] static __device__ inline void detector_mma(detector_tf32_factors, float (&c)[4], const unsigned int (&a)[4], unsigned int b0, unsigned int b1)
{
	...
}
#endif

/* Pieces of a step: of a, rows 16i.. as its two halves, chunk by chunk; of b, columns 16j.. as chunk by chunk of its
 * halves. */
template <int MI, int NI, int ROW_CHUNKS, bool TF32>
static __device__ inline void detector_pieces(unsigned int (&a)[MI][4], unsigned int (&b)[NI / 2][4], unsigned int a_at, unsigned int b_at, int step)
{
	...
}

/* The same by the matrix units: while they work on one step, the pieces of the next are fetched. */
template <int MI, int NI, int ROW_CHUNKS, int EVERY, bool TF32, typename F>
static __device__ inline void detector_unit_products(F factors, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	...
}

template <int MI, int NI, int ROW_CHUNKS, int EVERY>
static __device__ inline void detector_products(detector_f16_factors f, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	...
}

#if __CUDA_ARCH__ >= 800
template <int MI, int NI, int ROW_CHUNKS, int EVERY>
static __device__ inline void detector_products(detector_bf16_factors f, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	...
}

template <int MI, int NI, int ROW_CHUNKS, int EVERY>
static __device__ inline void detector_products(detector_tf32_factors f, float (&sum)[MI][NI][4], const unsigned char *a, const unsigned char *b, int first)
{
	...
}
#endif
#endif

/* Eight neighbours of a map, at a multiple of 16 bytes, as they are; as floats; and stored. */
template <typename T> struct detector_eight {
	uint4 word[sizeof(T) / 2];
};

template <typename T> static __device__ inline detector_eight<T> detector_load8(const T *p)
{
	...
}

[[maybe_unused]] static __device__ inline void detector_spread(float (&to)[8], const detector_eight<float> &x)
{
	...
}

[[maybe_unused]] static __device__ inline void detector_spread(float (&to)[8], const detector_eight<__half> &x)
{
	...
}

[[maybe_unused]] static __device__ inline void detector_spread(float (&to)[8], const detector_eight<__nv_bfloat16> &x)
{
	...
}

/* Two numbers in a word, the first in the low half. */
[[maybe_unused]] static __device__ inline unsigned int detector_pair(const __half *, float low, float high)
{
	...
}

[[maybe_unused]] static __device__ inline unsigned int detector_pair(const __nv_bfloat16 *, float low, float high)
{
	...
}

template <typename T> static __device__ inline void detector_store8(T *p, const float (&x)[8])
{
	...
}

[[maybe_unused]] static __device__ inline void detector_store8(float *p, const float (&x)[8])
{
	...
}

/* Of so many blocks, those whose rings fit into a multiprocessor: registers need not be spared for more. */
static constexpr int detector_resident(int blocks, int ring)
{
	...
}
/* What is asked for one image. All zero: nothing, an image that a batch lacks. */
typedef struct {
	const uint8_t *pixels;                 /* of the device; null: the input tensor is there already */
	detector_result *out;                       /* memory that the device can write; null: no results wanted */
	int32_t width, height, stride, format; /* of the image; stride in bytes, format as detector_format */
	int32_t max;                           /* detections wanted */
	int32_t clip;                          /* 1: boxes in pixels, clipped to the image; 0: as fractions of it */
	int32_t pairs;                         /* 1: pixels are the samples that detector_gather() took from the image */
} detector_call;

/* Kernel parameters have 4 KB. */
typedef struct {
	detector_call image[DETECTOR_BATCH];
} detector_calls;

static_assert(sizeof(detector_calls) <= 4096 - 2 * sizeof(void *), "a kernel takes the calls by value, and two pointers");

/* A detection's place in the order of detections as one number: falling score, then rising rank, below 2^22. Less is
 * better; no key is detector_no_key, and no two detections of a list have the same. A score of -0 counts as 0. */
static const uint64_t detector_no_key = ~(uint64_t)0;

static __device__ inline uint64_t detector_key(float score, uint32_t rank)
{
	...
}

static __device__ inline float detector_key_score(uint64_t key)
{
	...
}

static __device__ inline uint32_t detector_key_rank(uint64_t key)
{
	...
}

/* The sum of x over the lanes before this one. */
static __device__ inline uint32_t detector_before(uint32_t x)
{
	...
}

/* The best keys of many, by all threads of a block: detector_cut() says how far the best ones reach, detector_take() collects
 * those, detector_sort() sorts them. A source has detector_source(source, i), the key number i, or detector_no_key where there is none. */
typedef struct {
	const uint64_t *key;
} detector_keys;

static __device__ inline uint64_t detector_source(const detector_keys &keys, int i)
{
	...
}

typedef struct {
	uint32_t bin[2048];
	uint32_t warp[32];
	uint32_t chosen, before, taken;
} detector_sorting;

/* Which bin holds the key number want, from 1, and how many are in the bins before it. */
template <int THREADS> static __device__ void detector_choose_bin(detector_sorting *s, uint32_t want)
{
	...
}

static __device__ inline int detector_bit_length(uint64_t x)
{
	...
}

/* A key such that at least want and at most room keys are at most it; there are at least want >= 1. Each round cuts a
 * range of keys in 2048 bins and goes on with one of them: after the first, which may be the one below low, at most 6 of
 * them come down to a key a bin, and keys are distinct. low and high: where most keys are; none is beyond high. */
template <int THREADS, typename Source>
static __device__ uint64_t detector_cut(const Source source, int count, uint32_t want, uint32_t room, uint64_t low, uint64_t high,
                                   detector_sorting *s)
{
	...
}

/* Puts the keys up to last together, in any order; returns how many. There are at most room. to may be where the source
 * reads, if the source reads place i for i. */
template <int THREADS, typename Source>
static __device__ int detector_take(const Source source, int count, uint64_t last, uint32_t room, uint64_t *to, detector_sorting *s)
{
	...
}

/* Sorts n keys in place, rising: bitonic, each merge beginning with mirrored partners, so that the lesser key always
 * goes to the lesser place and n may be any number. Partners at most 32 apart belong to one warp. */
template <int THREADS> static __device__ void detector_sort(uint64_t *keys, int n)
{
	...
}
/* reorder_any.cu -- op reorder: any memory layout and float type to any other. Channels that fill up become 0.
 *
 * ints: of the maps p = X, Y: pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see bind_cuda_map()), COUNT BLOCKS; words: XT YT.
 *
 * parts: queue image number
 */

static __global__ void __launch_bounds__(256) detector_reorder_any_1_device(const float *__restrict__ x, float *__restrict__ y)
{
	enum { XC = 3, XROWS = 8, XCOLS = 8, XTOP = 0, XLEFT = 0, XB = 1, YH = 8, YW = 8,
	       YROWS = 8, YCOLS = 8, YTOP = 0, YLEFT = 0, YB = 8, YL = 8, COUNT = 512 };
	...
}

static void detector_reorder_any_1(detector_queue *q, const float x[192], float y[512])
{
	enum { BLOCKS = 2 };
	...
}

/* pool_any.cu -- op pool2d on maps in any layout. Windows are cut at the padded map, maxima and sums at the map.
 *
 * ints: of the maps p = X, Y: pC pH pW pROWS pCOLS pTOP pLEFT pB pCB pL (see bind_cuda_map()), KH KW, SH SW, DH DW (dilation),
 * PT PL PB PR (padding), AVERAGE, COUNT_PADDING (0, 1: an average divides by the window with its padding), COUNT BLOCKS; words:
 * XT YT.
 *
 * parts: queue image number
 */

static __global__ void __launch_bounds__(256) detector_pool_any_1_device(const float *__restrict__ x, float *__restrict__ y)
{
	enum { XH = 8, XW = 8, XROWS = 8, XCOLS = 8, XTOP = 0, XLEFT = 0, XB = 8, YC = 3, YH = 4,
	       YW = 4, YROWS = 4, YCOLS = 4, YTOP = 0, YLEFT = 0, YB = 8, YL = 8, COUNT = 128,
	       KH = 2, KW = 2, SH = 2, SW = 2, DH = 1, DW = 1, PT = 0, PL = 0 };
	...
}

static void detector_pool_any_1(detector_queue *q, const float x[512], float y[128])
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

struct detector_conv_gemm_1_maps { /* what the epilogue meets */
	float *y0;
	float *y1;
};

struct detector_conv_gemm_1_phase {
	int y, x, top, left; /* which; the first q of rows and columns */
	int taps_y, taps_x;
};

struct detector_conv_gemm_1_pixel {
	int image, row, column; /* of q */
	int y, x;               /* of the result */
	bool inside;
};

struct detector_conv_gemm_1_source { /* what a thread copies of the input: for each of its rows of a tile, its first tap; y < 0, and
                          with every tap, beyond the pixels */
	int at[16 * 8 / 128], y[16 * 8 / 128], x[16 * 8 / 128];
};

static __device__ inline detector_conv_gemm_1_phase detector_conv_gemm_1_phase_of(int phase)
{
	enum { KH = 3, KW = 3 };
	...
}

static __device__ inline detector_conv_gemm_1_pixel detector_conv_gemm_1_pixel_of(int m, const detector_conv_gemm_1_phase &phase)
{
	enum { COLS = 4, PIXELS = 16 };
	...
}

static __device__ inline detector_conv_gemm_1_source detector_conv_gemm_1_source_of(int m, const detector_conv_gemm_1_phase &phase)
{
	enum { XSTEP = 2, XROW = 8, XFIRST = 0, KH = 3, SH = 1, SW = 1, DH = 1, PT = 1, PL = 1,
	       BM = 16, CHUNKS = 8, THREADS = 128 };
	...
}

/* Tile k of the depth, on its way into a piece of the ring. */
static __device__ inline void detector_conv_gemm_1_copy(unsigned char *to, const uint4 *x, const uint4 *w, const detector_conv_gemm_1_source &s, const detector_conv_gemm_1_phase &phase, int k)
{
	enum { XH = 4, XW = 4, XCHUNKS = 1, XSTEP = 2, XROW = 8, KH = 3, KW = 3, DH = 1, DW = 1,
	       BM = 16, BN = 32, CHUNKS = 8, THREADS = 128 };
	...
}

/* The sums of tiles first .. end - 1 of the depth. x, w: the first chunks. */
static __device__ inline void detector_conv_gemm_1_sum(float (&sum)[16 / 16][32 / 8][4], unsigned char *ring, const uint4 *x, const uint4 *w, const detector_conv_gemm_1_source &s, const detector_conv_gemm_1_phase &phase, int first, int end)
{
	enum { BM = 16, BN = 32, CHUNKS = 8, STAGES = 8, WM = 16, WN = 32, WK = 4 };
	...
}

/* The sums of all groups of warps, in order, in those of the first. */
static __device__ inline void detector_conv_gemm_1_join_groups(float (&sum)[16 / 16][32 / 8][4], float4 *shared)
{
	enum { BM = 16, BN = 32, WM = 16, WN = 32, WK = 4, THREADS = 128 };
	...
}

static __device__ inline float detector_conv_gemm_1_finish0(float r, float e)
{
	...
}

static __device__ inline float detector_conv_gemm_1_finish1(float r, float e)
{
	...
}

/* The biases of a pixel. */
static __device__ inline const float *detector_conv_gemm_1_bias(const float *bias, const detector_conv_gemm_1_pixel &pixel)
{
	...
}

/* 16 rows of a warp's sums, row by row in shared memory. */
static __device__ inline void detector_conv_gemm_1_stage(const float (&sum)[32 / 8][4], float *staged)
{
	enum { WN = 32 };
	...
}

/* Lanes beside each other store channels beside each other, of any number and place. */
static __device__ inline void detector_conv_gemm_1_put(float r, const detector_conv_gemm_1_maps &maps, const detector_conv_gemm_1_pixel &pixel, int column)
{
	enum { YW = 4, FIRST1 = 8, C0 = 8, YB0 = 8, C1 = 6, YB1 = 6 };
	...
}

/* A warp's results: staged is its own piece of shared memory, m and n its first row and column. */
static __device__ inline void detector_conv_gemm_1_store(const float (&sum)[16 / 16][32 / 8][4], float *staged, const float *bias, const detector_conv_gemm_1_maps &maps, const detector_conv_gemm_1_phase &phase, int m, int n)
{
	enum { WM = 16, WN = 32, N = 16 };
	...
}

static __global__ void __launch_bounds__(128, detector_resident(1, 49152)) detector_conv_gemm_1_device(const float *__restrict__ x, const unsigned char *__restrict__ w,
                                                                                              const detector_conv_gemm_1_maps maps)
{
	enum { XCHUNKS = 1, BM = 16, BN = 32, CHUNKS = 8, WM = 16, WN = 32, WK = 4, TILES_M = 1,
	       TILES_N = 1, DEPTH = 2, SPLITS = 1, BORDER = 0 };
	...
}

static void detector_conv_gemm_1(detector_queue *q, const float x[128],
                   const unsigned char w[8320], float y0[128]
                   , float y1[96]
)
{
	enum { PHASES = 1, THREADS = 128, SHARED = 49152, TILES_M = 1, TILES_N = 1 };
	...
}

/* copy_any.cu -- op reshape that was not elided: the same elements elsewhere. ints: COUNT BLOCKS.
 *
 * parts: queue image
 */

static __global__ void __launch_bounds__(256) detector_copy_any_1_device(const float *__restrict__ x, float *__restrict__ y)
{
	enum { COUNT = 96 };
	...
}

static void detector_copy_any_1(detector_queue *q, const float x[96], float y[96])
{
	enum { BLOCKS = 1 };
	...
}

/* detect.cu -- op detect: default boxes, predictions and scores to the detections of each image, as c/detect.c.
 *
 * detector_detect_cuda_1_scores: a thread for each box makes its scores. For each list a bit says whether the box enters it; where it
 * does, its score is kept. A list is a class, or the one list of AGNOSTIC.
 * detector_detect_cuda_1_lists: a block for each list makes keys (detector_key) of its boxes, sorts the TOP_K best, decodes and thins them by
 * overlap. 32 candidates at a time meet the kept ones and each other, all warps sharing the pairs; then each warp goes
 * through the bits. The last block of an image to be done, which a ticket tells, takes the KEEP_TOP_K best of all lists.
 *
 * Keys are distinct, so what comes out does not depend on the order in which threads and blocks put things together.
 * Keys are sorted in shared memory if SHARED_KEYS are enough, else in scratch.
 *
 * NaN scores never pass, and a box that is not finite is none.
 *
 * parts: queue at image call key before index best expf overlap is_box decode clip
 * ints: those of c/detect.c; GROUPS of 32 boxes; KEPT of a list, at most (both at least 1); THREADS SCORE_THREADS of a
 * block; STAGED (0, 1: rows of scores are brought to shared memory), STRIDE between them; SHARED_KEYS; TOP_ROOM KEEP_ROOM
 * (at most so many keys are sorted instead of selected), TOP_LARGE KEEP_LARGE (0, 1: SHARED_KEYS may be too few);
 * SHARED_KEPT (0, 1) ADAPTIVE (0, 1: ETA < 1); places in scratch, bytes: BOXES_AT KEYS_AT LARGE_AT BEST_AT SCORES_AT
 * PASSES_AT RANKS_AT; TICKETS = 2 for each image: blocks done, keys
 * floats: as in c/detect.c
 */

/* 32 candidates among those that are decoded, and what is known of them. */
typedef struct {
	float4 candidate[512];
	uint32_t covers[32]; /* by each, the later ones that it suppresses */
	uint32_t dead[2];    /* suppressed by kept ones; for rounds in turn */
} detector_detect_cuda_1_round;

typedef struct {
	uint64_t key[3072];
	union {
		detector_sorting sorting;
		detector_detect_cuda_1_round round;
	} u;
	float4 kept[5];
	uint32_t count, at;
} detector_detect_cuda_1_block;

/* ---- scores ---- */

/* Whether a class beside the background can pass; then the largest logit and the sum of the exponentials. */
static __device__ inline bool detector_detect_cuda_1_softmax(const float *row, float *largest, float *total)
{
	enum { CLASSES = 3, BACKGROUND = 0 };
	...
}

/* Of a group of 32 boxes, one for each lane, those that enter a list. passes, scores: of the image. */
static __device__ inline void detector_detect_cuda_1_note(bool enters, float score, int list, int group, uint32_t *passes, float *scores)
{
	enum { BOXES = 32, GROUPS = 1 };
	...
}

/* Such a group into all lists. row: the lane's. */
static __device__ inline void detector_detect_cuda_1_enter(const float *row, bool wanted, int group, uint32_t *passes, float *scores)
{
	enum { CLASSES = 3, BACKGROUND = 0, LISTS = 3, GROUPS = 1 };
	...
}

static __global__ void __launch_bounds__(128) detector_detect_cuda_1_scores(const float *__restrict__ score, unsigned char *scratch)
{
	enum { BOXES = 32, CLASSES = 3, GROUPS = 1, SCORE_THREADS = 128, STRIDE = 3,
	       SCORES_AT = 368, PASSES_AT = 752 };
	...
}

/* ---- lists ---- */

/* The boxes that enter a list: a bit and, where it is set, a score for each. */
typedef struct {
	const uint32_t *passes;
	const float *scores;
} detector_detect_cuda_1_entered;

static __device__ inline uint64_t detector_source(const detector_detect_cuda_1_entered &entered, int i)
{
	...
}

/* How many boxes enter the list. If they are few enough their keys are in s->key, in any order. */
static __device__ inline int detector_detect_cuda_1_collect(detector_detect_cuda_1_block *s, const detector_detect_cuda_1_entered &entered)
{
	enum { BOXES = 32, GROUPS = 1, THREADS = 512, SHARED_KEYS = 3072 };
	...
}

/* The best of n keys in sorted, sorted: s->key or, for many, other memory. Returns how many. */
static __device__ inline int detector_detect_cuda_1_best(detector_detect_cuda_1_block *s, uint64_t *sorted, int n, const detector_detect_cuda_1_entered &entered)
{
	enum { BOXES = 32, TOP_K = 8, THREADS = 512, SHARED_KEYS = 3072, TOP_ROOM = 512,
	       TOP_LARGE = 0 };
	...
}

static __device__ inline float4 detector_detect_cuda_1_box(const float *loc, const float *prior, int box, int list)
{
	enum { BOXES = 32, CODE = 2, VARIANCE_ENCODED = 0 };
	...
}

static __device__ inline bool detector_detect_cuda_1_is_box(float4 a)
{
	...
}

static __device__ inline float detector_detect_cuda_1_overlap(float4 a, float4 b)
{
	...
}

/* Which of this round's candidates, one for each lane, the kept boxes suppress, and which each other. */
static __device__ inline void detector_detect_cuda_1_compare(detector_detect_cuda_1_round *r, const float4 *candidate, const float4 *kept, int nkept, int turn)
{
	enum { THREADS = 512 };
	...
}

/* Which of this round's n candidates stay: bits. */
static __device__ inline uint32_t detector_detect_cuda_1_choose(detector_detect_cuda_1_round *r, int n, int nkept, int turn)
{
	enum { KEPT = 5 };
	...
}

/* Of n sorted keys those whose boxes stay, in place: rank is then the place in boxes, of which the list begins at
 * list * KEPT. Returns how many. ranks: their default boxes. */
static __device__ inline int detector_detect_cuda_1_thin(detector_detect_cuda_1_block *s, uint64_t *sorted, int n, int list, const float *loc,
                                         const float *prior, float4 *boxes, uint32_t *ranks)
{
	enum { BOXES = 32, KEPT = 5, THREADS = 512 };
	...
}

/* ---- results ---- */

static __device__ inline int detector_detect_cuda_1_label(const float *score, int rank, const uint32_t *ranks)
{
	enum { KEPT = 5 };
	...
}

static __device__ inline void detector_detect_cuda_1_write(detector_detection *to, uint64_t key, int label, float4 box, const detector_call *call)
{
	...
}

/* The best of the n keys of all lists, by one block for each image; at best, which has room keys. */
static __device__ inline void detector_detect_cuda_1_merge(detector_detect_cuda_1_block *s, uint64_t *best, uint32_t room, int n, const float *score,
                                           unsigned char *memory, const detector_call *call)
{
	enum { KEEP_TOP_K = 5, LISTS = 3, KEPT = 5, THREADS = 512, BOXES_AT = 0, KEYS_AT = 240,
	       RANKS_AT = 768 };
	...
}

/* Puts the kept keys of this block's list with those of the others. True in the last block, *total then being how many
 * there are. */
static __device__ inline bool detector_detect_cuda_1_hand_in(detector_detect_cuda_1_block *s, const uint64_t *kept, int n, uint64_t *keys,
                                             unsigned int *tickets, int *total)
{
	enum { LISTS = 3, KEPT = 5, THREADS = 512 };
	...
}

/* A list that n boxes enter, whose best are sorted at `sorted`. */
static __device__ inline void detector_detect_cuda_1_list(detector_detect_cuda_1_block *s, uint64_t *sorted, int n, const detector_detect_cuda_1_entered &entered,
                                          const float *loc, const float *score, const float *prior,
                                          unsigned char *memory, const detector_call *call, unsigned int *tickets)
{
	enum { KEPT = 5, KEEP_ROOM = 512, BOXES_AT = 0, KEYS_AT = 240, RANKS_AT = 768 };
	...
}

static __global__ void __launch_bounds__(512, 2) detector_detect_cuda_1_lists(const float *__restrict__ loc,
                                                                 const float *__restrict__ score,
                                                                 const float *__restrict__ prior, unsigned char *scratch,
                                                                 const detector_call *calls, unsigned int *tickets)
{
	enum { BOXES = 32, BACKGROUND = 0, TOP_K = 8, AGNOSTIC = 0, GROUPS = 1, SCORES_AT = 368,
	       PASSES_AT = 752 };
	...
}

/* loc [BOXES][4], or [BOXES][CLASSES][4] with PER_CLASS; score [BOXES][CLASSES], prior [2][BOXES][4]: corners, variances.
 * Results: as each call wants. */
static void detector_detect_cuda_1(detector_queue *q, const float loc[128], const float score[96], const float prior[256], unsigned char scratch[832],
                   const detector_call calls[DETECTOR_BATCH])
{
	enum { LISTS = 3, GROUPS = 1, THREADS = 512, SCORE_THREADS = 128 };
	...
}

/* preprocess.cu -- the first kernel of a run: keeps the calls for the last one, and makes pixels of any size the input
 * tensor, bit for bit as c/preprocess.c does: bilinear resize in OpenCV's 8-bit arithmetic, then (x - MEAN) / DIVISOR for
 * each channel. A call without pixels is only kept: the tensor is there already, or the image is not wanted.
 *
 * A block makes 32 x 8 pixels of the tensor. Its first threads find the samples and weights of its columns and rows: the
 * arithmetic is in double, which many devices do slowly. Products are rounded before they are added to.
 *
 * Of an image that is too large to be sent whole, the host sends the samples that are read, pairs of rows by pairs of
 * columns: detector_gather(). They have their own places and the image's weights.
 *
 * parts: queue image call
 * from the header: DETECTOR_INPUT_WIDTH, DETECTOR_INPUT_HEIGHT (1 to 32767)
 * ints: CHANNELS (1, 3; 0: there are never pixels) BGR (0, 1: channel 0 is blue)
 * floats: MEAN0 MEAN1 MEAN2 DIVISOR0 DIVISOR1 DIVISOR2, in the order of the tensor's channels
 */

/* The two samples of an output, in memory, and their weights of 2048. */
typedef struct {
	int32_t first, second, first_weight, second_weight;
} detector_tap;

/* The sample left of output d of N, or above it, over n samples; -1 outside. */
static __host__ __device__ inline int32_t detector_sample_before(int32_t d, int32_t N, int32_t n)
{
	...
}

/* The nearest sample of the image. */
static __host__ __device__ inline int32_t detector_sample_in(int32_t i, int32_t n)
{
	...
}

/* The integer nearest to 2048 f, ties to even; f is 0 to 1. */
static __device__ inline int32_t detector_weight_of(float f)
{
	...
}

static __device__ inline detector_tap detector_tap_of(int32_t d, int32_t N, int32_t n, int32_t pairs)
{
	...
}

/* Beside the image the nearest column has the whole weight. */
static __device__ inline detector_tap detector_column_of(int32_t x, int32_t width, int32_t pairs)
{
	...
}

/* One sample. offset: bytes from a pixel's start to the colours, red first. */
static __device__ inline int32_t detector_sample(const uint8_t *pixel, const int32_t *offset, int channel)
{
	...
}

static __device__ inline float detector_resized(const uint8_t *const *pixel, const int32_t *offset, int channel,
                                           const detector_tap *column, const detector_tap *row)
{
	...
}

/* One pixel of the tensor. */
static __device__ inline void detector_resize(const detector_call *call, const detector_tap *column, const detector_tap *row, float *to)
{
	...
}

/* The samples that the resize reads, [2 * DETECTOR_INPUT_HEIGHT][2 * DETECTOR_INPUT_WIDTH] pixels without gaps. */
static void detector_gather(const uint8_t *pixels, int width, int height, int stride, int bytes_per_pixel, uint8_t *to)
{
	...
}

static __global__ void __launch_bounds__(256) detector_preprocess_device(const detector_calls calls, float *input, detector_call *kept)
{
	...
}

/* input: of image 0; kept: one for each image. */
static void detector_preprocess(detector_queue *q, const detector_calls *calls, float input[192], detector_call kept[1])
{
	...
}

/* The network: every launch of one run, on the queue's stream. Arrays in the heads of kernels are those of one image. */
static void detector_enqueue(detector_queue *q, unsigned char *arena, const unsigned char *weights, const detector_calls *given)
{
	detector_call *const calls = detector_at<detector_call>(arena, DETECTOR_CALLS_AT);

	detector_preprocess(q, given, detector_at<float>(arena, 2048), calls);
	detector_reorder_any_1(q, detector_at<const float>(arena, 2048), detector_at<float>(arena, 0)); /* 1 pool.reorder */
	detector_pool_any_1(q, detector_at<const float>(arena, 0), detector_at<float>(arena, 2048)); /* 2 pool */
	detector_conv_gemm_1(q, detector_at<const float>(arena, 2048), weights + 0, detector_at<float>(arena, 1024), detector_at<float>(arena, 0)); /* 3 loc+conf */
	detector_copy_any_1(q, detector_at<const float>(arena, 0), detector_at<float>(arena, 1536)); /* 8 detect.logits */
	detector_detect_cuda_1(q, detector_at<const float>(arena, 1024), detector_at<const float>(arena, 1536), detector_at<const float>(weights, 8448), arena + 0, calls); /* 9 detect */
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

/* entry.cu -- the functions of the header: memory, one CUDA graph, calls.
 *
 * detector_open() copies the weights to the device, records every launch of a run in a CUDA graph and instantiates it. A run
 * sets the parameters of the graph's first kernel, which keeps them in device memory for the last one, and launches the
 * graph: nothing is allocated, nothing waits but the end of a call that hands results to the host. A stream that is
 * being captured gets plain launches instead, so that the caller's graph contains ours.
 *
 * parts: queue at
 * from the source: DETECTOR_QUEUES, of several DETECTOR_EVENTS; DETECTOR_TICKETS_AT, for a detector DETECTOR_CALLS_AT DETECTOR_RESULTS_AT, for pixels
 * DETECTOR_PIXELS_AT DETECTOR_PIXELS_SIZE; detector_device_weights, detector_device_memory, detector_enqueue, detector_preprocess
 * ints: DETECTOR PIXELS CALLER WEIGHTS LOADED LINKED TRACE LIBRARY (0, 1; see codegen/emit_cuda.c) QUEUES INPUT_AT INPUT_BYTES (the input
 * tensor of one image) ; words: TENSORS MISSING COPY_INPUTS COPY_OUTPUTS (of a network without detections)
 */
static_assert(sizeof(detector_call) * DETECTOR_BATCH <= DETECTOR_RESULTS_AT - DETECTOR_CALLS_AT, "the calls have their place");
static_assert(sizeof(detector_result) * DETECTOR_BATCH <= DETECTOR_TICKETS_AT - DETECTOR_RESULTS_AT, "the results have their place");

static detector_context detector_own; /* of the calls without a context */

/* What a caller is told of a CUDA status; the status itself stays for detector_device_error(). */
static int detector_told(detector_context *c, cudaError_t status)
{
	...
}

/* Every launch of a run on a stream. */
static cudaError_t detector_launch_all(const detector_context *c, const detector_calls *calls, cudaStream_t stream)
{
	...
}

/* The launches as a graph, once. */
static cudaError_t detector_record(detector_context *c)
{
	...
}

static cudaError_t detector_prepare(detector_context *c)
{
	...
}

void detector_close(void)
{
	detector_context *const c = &detector_own;

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

int detector_open(void)
{
	detector_context *const c = &detector_own;
	void *memory = NULL;
	cudaError_t status;

	if (c->ready)
		return DETECTOR_OK;
	if (!detector_weights_fit())
		return DETECTOR_EWEIGHTS;
	status = cudaGetSymbolAddress(&memory, detector_device_memory);
	if (status != cudaSuccess)
		return detector_told(c, status);
	c->memory = static_cast<unsigned char *>(memory);
	status = detector_prepare(c);
	if (status != cudaSuccess) {
		detector_close();
		return detector_told(c, status);
	}
	c->ready = 1;
	return DETECTOR_OK;
}

/* DETECTOR_OK when a run can start on c. */
static int detector_ready(const detector_context *c)
{
	...
}

/* One run on a stream; results are where the calls say when the stream gets there. */
static cudaError_t detector_start(detector_context *c, detector_calls *calls, cudaStream_t stream)
{
	...
}

/* Where the detections of image i of n go. */
static detector_detection *detector_row(detector_detection *out, int i, int n, int max)
{
	...
}

/* A run whose results go to the host: out[i * max] and counts[i] for image i of n. */
static int detector_finish(detector_context *c, detector_calls *calls, int n, detector_detection *out, int max, int *counts)
{
	...
}

static detector_result *detector_results(const detector_context *c, int image)
{
	...
}

static int detector_pixel_bytes(detector_format format)
{
	...
}

static int detector_is_image(const detector_image *i)
{
	...
}

/* An image of the host into the device's memory, whole or as the samples that the resize reads. */
static cudaError_t detector_upload(detector_context *c, int i, const detector_image *from, detector_call *call)
{
	...
}

static detector_call detector_call_of(const detector_image *from, detector_result *out, int max)
{
	...
}

int detector_detect_batch(const detector_image *images, int n, detector_detection *out, int max, int *counts)
{
	detector_context *const c = &detector_own;
	const int ready = detector_ready(c);
	cudaError_t status = cudaSuccess;
	detector_calls calls = {};

	if (ready != DETECTOR_OK)
		return ready;
	if (!images || n < 1 || n > DETECTOR_BATCH || !counts || max < 0 || (!out && max != 0))
		return DETECTOR_EINVAL;
	for (int i = 0; i < n; i++)
		if (!detector_is_image(&images[i]))
			return DETECTOR_EINVAL;
	for (int i = 0; i < n && status == cudaSuccess; i++) {
		calls.image[i] = detector_call_of(&images[i], detector_results(c, i), max < DETECTOR_MAX_DETECTIONS ? max : DETECTOR_MAX_DETECTIONS);
		status = detector_upload(c, i, &images[i], &calls.image[i]);
	}
	return status == cudaSuccess ? detector_finish(c, &calls, n, out, max, counts) : detector_told(c, status);
}

int detector_detect(const uint8_t *pixels, int width, int height, int stride, detector_format format, detector_detection *out, int max)
{
	const detector_image image = {pixels, width, height, stride, format};
	int count = 0;
	const int done = detector_detect_batch(&image, 1, out, max, &count);

	return done < 0 ? done : count;
}

int detector_detect_batch_device(const detector_image *images, int n, detector_result *out, cudaStream_t stream)
{
	detector_context *const c = &detector_own;
	const int ready = detector_ready(c);
	detector_calls calls = {};

	if (ready != DETECTOR_OK)
		return ready;
	if (!images || n < 1 || n > DETECTOR_BATCH || !out)
		return DETECTOR_EINVAL;
	for (int i = 0; i < n; i++) {
		if (!detector_is_image(&images[i]))
			return DETECTOR_EINVAL;
		calls.image[i] = detector_call_of(&images[i], out + i, DETECTOR_MAX_DETECTIONS);
	}
	return detector_told(c, detector_start(c, &calls, stream));
}

int detector_detect_device(const uint8_t *pixels, int width, int height, int stride, detector_format format, detector_result *out,
                      cudaStream_t stream)
{
	const detector_image image = {pixels, width, height, stride, format};

	return detector_detect_batch_device(&image, 1, out, stream);
}

int detector_run(const float *input, detector_detection *out, int max)
{
	detector_context *const c = &detector_own;
	const int ready = detector_ready(c);
	int count = 0, done;
	cudaError_t status;
	detector_calls calls = {};

	if (ready != DETECTOR_OK)
		return ready;
	if (!input || max < 0 || (!out && max != 0))
		return DETECTOR_EINVAL;
	calls.image[0].max = max < DETECTOR_MAX_DETECTIONS ? max : DETECTOR_MAX_DETECTIONS;
	calls.image[0].out = detector_results(c, 0);
	status = cudaMemcpyAsync(c->memory + 2048, input, 768, cudaMemcpyHostToDevice, c->stream);
	if (status != cudaSuccess)
		return detector_told(c, status);
	done = detector_finish(c, &calls, 1, out, max, &count);
	return done < 0 ? done : count;
}

const char *detector_device_error(void)
{
	const detector_context *const c = &detector_own;
	return cudaGetErrorName((cudaError_t)c->status);
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

static_assert(sizeof(detector_context) == 80, "as the head says");
