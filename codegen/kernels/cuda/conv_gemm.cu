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
#ifndef DSSDC
#include "codegen/kernels/cuda/alone_gemm.cuh"
#endif

struct KERNEL_maps { /* what the epilogue meets */
	YT0 *y0;
#if ELT0
	const ET0 *e0;
#endif
#if NOUT == 2
	YT1 *y1;
#if ELT1
	const ET1 *e1;
#endif
#endif
};

struct KERNEL_phase {
	int y, x, top, left; /* which; the first q of rows and columns */
	int taps_y, taps_x;
};

struct KERNEL_pixel {
	int image, row, column; /* of q */
	int y, x;               /* of the result */
	bool inside;
};

struct KERNEL_source { /* what a thread copies of the input: for each of its rows of a tile, its first tap; y < 0, and
                          with every tap, beyond the pixels */
	int at[BM * CHUNKS / THREADS], y[BM * CHUNKS / THREADS], x[BM * CHUNKS / THREADS];
};

static __device__ inline KERNEL_phase KERNEL_phase_of(int phase)
{
#if DECONV
	const int y = phase / SW, x = phase % SW;

	return {y, x, (PT - y + SH - 1) / SH, (PL - x + SW - 1) / SW, (KH - y + SH - 1) / SH, (KW - x + SW - 1) / SW};
#else
	(void)phase;
	return {0, 0, 0, 0, KH, KW};
#endif
}

static __device__ inline KERNEL_pixel KERNEL_pixel_of(int m, const KERNEL_phase &phase)
{
#if IMAGES > 1
	const int image = m / (ROWS * COLS), i = m % (ROWS * COLS);
#else
	const int image = 0, i = m;
#endif
	const int row = phase.top + i / COLS, column = phase.left + i % COLS;
#if DECONV
	const int y = row * SH + phase.y - PT, x = column * SW + phase.x - PL;

	return {image, row, column, y, x, m < PIXELS && y < YH && x < YW};
#else
	return {image, row, column, row, column, m < PIXELS};
#endif
}

static __device__ inline KERNEL_source KERNEL_source_of(int m, const KERNEL_phase &phase)
{
	constexpr int rows = THREADS / CHUNKS, count = BM * CHUNKS / THREADS;
	KERNEL_source s;

#pragma unroll
	for (int i = 0; i < count; i++) {
		const KERNEL_pixel pixel = KERNEL_pixel_of(m + (int)threadIdx.x / CHUNKS + i * rows, phase);
#if DECONV
		const int y = pixel.inside ? pixel.row : -1, x = pixel.inside ? pixel.column : phase.left;
#else
		const int y = pixel.inside ? pixel.row * SH - PT : -KH * DH, x = pixel.column * SW - PL;
#endif

		s.at[i] = y * XROW + x * XSTEP + XFIRST;
#if IMAGES > 1
		s.at[i] += net_image_chunks(pixel.inside ? pixel.image : 0);
#endif
		s.y[i] = y;
		s.x[i] = x;
	}
	return s;
}

/* Tile k of the depth, on its way into a piece of the ring. */
static __device__ inline void KERNEL_copy(unsigned char *to, const uint4 *x, const uint4 *w, const KERNEL_source &s, const KERNEL_phase &phase, int k)
{
	constexpr int a_count = BM * CHUNKS / THREADS, b_count = BN * CHUNKS / THREADS;
	const int thread = (int)threadIdx.x, taps = phase.taps_y * phase.taps_x;
#if XCHUNKS % CHUNKS == 0
	const int tap = k % taps, chunk = k / taps * CHUNKS + thread % CHUNKS;
	const bool used = true;
#else
	const int place = k * CHUNKS + thread % CHUNKS, tap = place / XCHUNKS, chunk = place % XCHUNKS;
	const bool used = tap < taps;
#endif
#if DECONV
	const int dy = -(tap / phase.taps_x), dx = -(tap % phase.taps_x);
#else
	const int dy = tap / KW * DH, dx = tap % KW * DW;
#endif
	const int step = dy * XROW + dx * XSTEP + chunk;
	unsigned char *const a = to + 16 * net_swizzle<CHUNKS>(thread / CHUNKS, thread % CHUNKS);
	unsigned char *const b = to + 16 * (BM * CHUNKS + thread);

#pragma unroll
	for (int i = 0; i < a_count; i++) {
#if PADDED
		const bool inside = (unsigned)(s.y[i] + dy) < XH && (unsigned)(s.x[i] + dx) < XW;
#elif PIXELS % BM || DECONV
		const bool inside = s.y[i] + dy >= 0;
#else
		const bool inside = true;
#endif

		net_copy16<(KH * KW > 1)>(a + 16 * THREADS * i, x + (s.at[i] + step), used && inside);
	}
#pragma unroll
	for (int i = 0; i < b_count; i++)
		net_copy16<false>(b + 16 * THREADS * i, w + k * (BN * CHUNKS) + i * THREADS, true);
}

/* The sums of tiles first .. end - 1 of the depth. x, w: the first chunks. */
static __device__ inline void KERNEL_sum(float (&sum)[WM / 16][WN / 8][4], unsigned char *ring, const uint4 *x, const uint4 *w, const KERNEL_source &s, const KERNEL_phase &phase, int first, int end)
{
	constexpr int piece = (BM + BN) * CHUNKS * 16, across = BN / WN, group = BM / WM * across;
	const int warp = (int)threadIdx.x / 32;
	const int a_at = warp % group / across * WM * CHUNKS * 16, b_at = (BM + warp % across * WN) * CHUNKS * 16;
	int full = 0, empty = STAGES - 1;

	for (int i = 0; i < STAGES - 1; i++) {
		if (first + i < end)
			KERNEL_copy(ring + i * piece, x, w, s, phase, first + i);
		net_copies_end();
	}
#pragma unroll 1
	for (int k = first; k < end; k++) {
		net_copies_arrived<STAGES - 2>();
		__syncthreads();
		if (k + STAGES - 1 < end)
			KERNEL_copy(ring + empty * piece, x, w, s, phase, k + STAGES - 1);
		net_copies_end();
		net_products<WM / 16, WN / 8, CHUNKS, WK>(FACTORS(), sum, ring + full * piece + a_at, ring + full * piece + b_at, warp / group);
		empty = full;
		full = full + 1 < STAGES ? full + 1 : 0;
	}
	net_copies_arrived<0>();
	__syncthreads();
}

#if WK > 1
/* The sums of all groups of warps, in order, in those of the first. */
static __device__ inline void KERNEL_join_groups(float (&sum)[WM / 16][WN / 8][4], float4 *shared)
{
	constexpr int rows = WM / 16, columns = WN / 8, step = BM * BN / 4;
	const int group = (int)threadIdx.x / (THREADS / WK);
	float4 *const at = shared + (int)threadIdx.x % (THREADS / WK) / 32 * (32 * rows * columns) + (int)threadIdx.x % 32;

#pragma unroll
	for (int i = 0; i < rows * columns; i++)
		if (group > 0) {
			const float *const r = sum[i / columns][i % columns];

			at[(group - 1) * step + 32 * i] = make_float4(r[0], r[1], r[2], r[3]);
		}
	__syncthreads();
#pragma unroll
	for (int i = 0; i < rows * columns; i++)
#pragma unroll
		for (int k = 0; k < WK - 1; k++)
			if (group == 0) {
				const float4 r = at[k * step + 32 * i];
				float *const to = sum[i / columns][i % columns];

				to[0] += r.x;
				to[1] += r.y;
				to[2] += r.z;
				to[3] += r.w;
			}
}

#endif
#if SPLITS > 1
/* Leaves this block's sums in scratch; in the last block of the tile, true and the sums of all, in order. */
static __device__ inline bool KERNEL_join_splits(float (&sum)[WM / 16][WN / 8][4], float4 *scratch, unsigned int *ticket)
{
	constexpr int rows = WM / 16, columns = WN / 8, step = BM * BN / 4;
	const bool first = (int)threadIdx.x < THREADS / WK; /* group */
	float4 *const at = scratch + (int)threadIdx.x / 32 * (32 * rows * columns) + (int)threadIdx.x % 32;

#pragma unroll
	for (int i = 0; i < rows * columns; i++)
		if (first) {
			float *const r = sum[i / columns][i % columns];

			at[(int)blockIdx.z * step + 32 * i] = make_float4(r[0], r[1], r[2], r[3]);
			r[0] = r[1] = r[2] = r[3] = 0.0f;
		}
	if (!net_last_block(ticket, SPLITS))
		return false;
#pragma unroll 2
	for (int k = 0; k < SPLITS && first; k++)
#pragma unroll
		for (int i = 0; i < rows * columns; i++) {
			const float4 r = at[k * step + 32 * i];
			float *const to = sum[i / columns][i % columns];

			to[0] += r.x;
			to[1] += r.y;
			to[2] += r.z;
			to[3] += r.w;
		}
	return true;
}

#endif
static __device__ inline float KERNEL_finish0(float r, float e)
{
	(void)e;
#if ELT0
	r = r OP0 e;
#endif
#if ACT0ON
	r = ACT0(r, ALPHA0, BETA0);
#endif
	return r;
}

#if NOUT == 2
static __device__ inline float KERNEL_finish1(float r, float e)
{
	(void)e;
#if ELT1
	r = r OP1 e;
#endif
#if ACT1ON
	r = ACT1(r, ALPHA1, BETA1);
#endif
	return r;
}

#endif
/* The biases of a pixel. */
static __device__ inline const float *KERNEL_bias(const float *bias, const KERNEL_pixel &pixel)
{
#if BORDER
	return bias + (3 * ((pixel.y >= BORDER) + (pixel.y >= YH - BORDER)) + (pixel.x >= BORDER) + (pixel.x >= YW - BORDER)) * (TILES_N * BN);
#else
	(void)pixel;
	return bias;
#endif
}

/* 16 rows of a warp's sums, row by row in shared memory. */
static __device__ inline void KERNEL_stage(const float (&sum)[WN / 8][4], float *staged)
{
	constexpr int columns = WN / 8, pitch = WN + 8;
	const int lane = (int)threadIdx.x % 32;
	float *const at = staged + lane / 4 * pitch + lane % 4 * 2;

	__syncwarp(); /* the rows before are read */
#pragma unroll
	for (int i = 0; i < columns; i++) {
		*reinterpret_cast<float2 *>(at + 8 * i) = make_float2(sum[i][0], sum[i][1]);
		*reinterpret_cast<float2 *>(at + 8 * i + 8 * pitch) = make_float2(sum[i][2], sum[i][3]);
	}
	__syncwarp();
}

#if SCALAR
/* Lanes beside each other store channels beside each other, of any number and place. */
static __device__ inline void KERNEL_put(float r, const KERNEL_maps &maps, const KERNEL_pixel &pixel, int column)
{
#if NOUT == 2
	if (column >= FIRST1) {
		const int c = column - FIRST1;
		YT1 *const y = net_at_image(maps.y1, pixel.image) + ((pixel.y * YW + pixel.x) * YB1 + c);

		if (c < C1)
#if ELT1
			net_put(y, KERNEL_finish1(r, net_float(net_at_image(maps.e1, pixel.image)[EAT1 + pixel.y * EROW1 + pixel.x * EB1 + c])));
#else
			net_put(y, KERNEL_finish1(r, 0.0f));
#endif
#if YB1 > C1
		else if (c < (C1 + 7) / 8 * 8)
			net_put(y, 0.0f);
#endif
		return;
	}
#endif
	YT0 *const y = net_at_image(maps.y0, pixel.image) + ((pixel.y * YW + pixel.x) * YB0 + column);

	if (column < C0)
#if ELT0
		net_put(y, KERNEL_finish0(r, net_float(net_at_image(maps.e0, pixel.image)[EAT0 + pixel.y * EROW0 + pixel.x * EB0 + column])));
#else
		net_put(y, KERNEL_finish0(r, 0.0f));
#endif
#if YB0 > C0
	else if (column < (C0 + 7) / 8 * 8)
		net_put(y, 0.0f);
#endif
}

/* A warp's results: staged is its own piece of shared memory, m and n its first row and column. */
static __device__ inline void KERNEL_store(const float (&sum)[WM / 16][WN / 8][4], float *staged, const float *bias, const KERNEL_maps &maps, const KERNEL_phase &phase, int m, int n)
{
	constexpr int slices = WM / 16, passes = WN / 2, pitch = WN + 8;
	const int lane = (int)threadIdx.x % 32;

#pragma unroll
	for (int slice = 0; slice < slices; slice++) {
		KERNEL_stage(sum[slice], staged);
#pragma unroll 4
		for (int i = 0; i < passes; i++) {
			const int row = (32 * i + lane) / WN, column = (32 * i + lane) % WN;
			const KERNEL_pixel pixel = KERNEL_pixel_of(m + 16 * slice + row, phase);

			if (pixel.inside && n + column < N)
				KERNEL_put(staged[row * pitch + column] + KERNEL_bias(bias, pixel)[n + column], maps, pixel, n + column);
		}
	}
}

#else
#if ELT0
static __device__ inline net_eight<ET0> KERNEL_operand0(const KERNEL_maps &maps, const KERNEL_pixel &pixel, int column)
{
	if (!pixel.inside || column >= C0)
		return {};
	return net_load8(net_at_image(maps.e0, pixel.image) + (EAT0 + pixel.y * EROW0 + pixel.x * EB0 + column));
}

#endif
/* Eight channels of a pixel. Those that fill up the last eight become zeros. */
static __device__ inline void KERNEL_put0(float (&r)[8], const float (&e)[8], const KERNEL_maps &maps, const KERNEL_pixel &pixel, int column)
{
#pragma unroll
	for (int i = 0; i < 8; i++) {
		r[i] = KERNEL_finish0(r[i], e[i]);
#if C0 % 8
		r[i] = column + i < C0 ? r[i] : 0.0f;
#endif
	}
	net_store8(net_at_image(maps.y0, pixel.image) + ((pixel.y * YW + pixel.x) * YB0 + column), r);
}

#if NOUT == 2
static __device__ inline void KERNEL_put1(float (&r)[8], const KERNEL_maps &maps, const KERNEL_pixel &pixel, int column)
{
	const int c = column - FIRST1;
	float e[8] = {};

#if ELT1
	net_spread(e, net_load8(net_at_image(maps.e1, pixel.image) + (EAT1 + pixel.y * EROW1 + pixel.x * EB1 + c)));
#endif
#pragma unroll
	for (int i = 0; i < 8; i++) {
		r[i] = KERNEL_finish1(r[i], e[i]);
#if C1 % 8
		r[i] = c + i < C1 ? r[i] : 0.0f;
#endif
	}
	net_store8(net_at_image(maps.y1, pixel.image) + ((pixel.y * YW + pixel.x) * YB1 + c), r);
}

#endif
/* A warp's results: staged is its own piece of shared memory, m and n its first row and column. The operand is fetched
 * some slices ahead. */
static __device__ inline void KERNEL_store(const float (&sum)[WM / 16][WN / 8][4], float *staged, const float *bias, const KERNEL_maps &maps, const KERNEL_phase &phase, int m, int n)
{
	constexpr int slices = WM / 16, across = WN / 8, down = 32 / across, passes = 16 / down, pitch = WN + 8;
	const int lane = (int)threadIdx.x % 32, row = lane / across, column = n + lane % across * 8;
#if ELT0
	constexpr int ahead = sizeof(ET0) == 2 || slices < 2 ? slices : 2;
	net_eight<ET0> held[ahead][passes];

#pragma unroll
	for (int i = 0; i < ahead * passes; i++)
		held[i / passes][i % passes] = KERNEL_operand0(maps, KERNEL_pixel_of(m + i * down + row, phase), column);
#endif
#pragma unroll
	for (int slice = 0; slice < slices; slice++) {
		KERNEL_stage(sum[slice], staged);
#pragma unroll
		for (int i = 0; i < passes; i++) {
			const KERNEL_pixel pixel = KERNEL_pixel_of(m + 16 * slice + down * i + row, phase);
			float r[8], b[8], e[8] = {};

#if ELT0
			net_spread(e, held[slice % ahead][i]);
			if (slice + ahead < slices)
				held[slice % ahead][i] = KERNEL_operand0(maps, KERNEL_pixel_of(m + 16 * (slice + ahead) + down * i + row, phase), column);
#endif
			if (!pixel.inside || column >= N)
				continue;
			net_load_eight(staged + (down * i + row) * pitch + lane % across * 8, r);
			net_load_eight(KERNEL_bias(bias, pixel) + column, b);
#pragma unroll
			for (int k = 0; k < 8; k++)
				r[k] += b[k];
#if NOUT == 2
			if (column >= FIRST1) {
				KERNEL_put1(r, maps, pixel, column);
				continue;
			}
#endif
			KERNEL_put0(r, e, maps, pixel, column);
		}
	}
}

#endif
static __global__ void __launch_bounds__(THREADS, net_resident(BLOCKS, SHARED)) KERNEL_device(const XT *__restrict__ x, const unsigned char *__restrict__ w,
#if SPLITS > 1
                                                                                              float4 *scratch, unsigned int *tickets,
#endif
                                                                                              const KERNEL_maps maps)
{
	extern __shared__ __align__(16) unsigned char net_shared[];
	constexpr int across = BN / WN, group = BM / WM * across, biases = (BORDER > 0 ? 9 : 1) * 4 * TILES_N * BN;
	const int tile = (int)blockIdx.x, warp = (int)threadIdx.x / 32;
#if N_FIRST
	const int tile_m = tile / TILES_N, tile_n = tile % TILES_N;
#else
	const int tile_m = tile % TILES_M, tile_n = tile / TILES_M;
#endif
	const KERNEL_phase phase = KERNEL_phase_of((int)blockIdx.y);
	const int depth = (phase.taps_y * phase.taps_x * XCHUNKS + CHUNKS - 1) / CHUNKS;
	const uint4 *const xc = reinterpret_cast<const uint4 *>(x);
	const uint4 *const wc = net_at<const uint4>(w, biases) + ((size_t)((int)blockIdx.y * TILES_N + tile_n) * (DEPTH * BN * CHUNKS) + threadIdx.x);
	const KERNEL_source s = KERNEL_source_of(tile_m * BM, phase);
	float *const staged = reinterpret_cast<float *>(net_shared) + (WK - 1) * BM * BN + warp % group * (16 * (WN + 8));
	const int first = depth * (int)blockIdx.z / SPLITS, end = depth * ((int)blockIdx.z + 1) / SPLITS;
	float sum[WM / 16][WN / 8][4] = {};

#if EARLY
	if (tile_m == 0 && threadIdx.x == 0)
		net_fetch(wc + first * (BN * CHUNKS), (unsigned)((end - first) * (BN * CHUNKS * 16)));
	net_begin();
#endif
	KERNEL_sum(sum, net_shared, xc, wc, s, phase, first, end);
#if WK > 1
	KERNEL_join_groups(sum, reinterpret_cast<float4 *>(net_shared));
#endif
#if SPLITS > 1
	const int ticket = (int)blockIdx.y * (TILES_M * TILES_N) + tile;

	if (!KERNEL_join_splits(sum, scratch + (size_t)ticket * (SPLITS * BM * BN / 4), tickets + ticket))
		return;
#endif
	if (warp < group)
		KERNEL_store(sum, staged, net_at<const float>(w, 0), maps, phase, tile_m * BM + warp / across * WM, tile_n * BN + warp % across * WN);
}

static void KERNEL(net_queue *q, const XT *x,
#if ELT0
                   const ET0 *e0,
#endif
#if ELT1
                   const ET1 *e1,
#endif
                   const unsigned char *w, YT0 *y0
#if NOUT == 2
                   , YT1 *y1
#endif
#if SPLITS > 1
                   , unsigned char *scratch
#endif
)
{
	KERNEL_maps maps = {};

	maps.y0 = y0;
#if ELT0
	maps.e0 = e0;
#endif
#if NOUT == 2
	maps.y1 = y1;
#endif
#if ELT1
	maps.e1 = e1;
#endif
#if SPLITS > 1
	net_launch(q, KERNEL_device, dim3(TILES_M * TILES_N, PHASES, SPLITS), THREADS, SHARED, x, w, net_at<float4>(scratch, 0), q->tickets, maps);
#else
	net_launch(q, KERNEL_device, dim3(TILES_M * TILES_N, PHASES, 1), THREADS, SHARED, x, w, maps);
#endif
}
