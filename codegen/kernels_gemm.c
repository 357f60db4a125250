/* kernels_gemm.c -- rows of conv_gemm.cu: convolutions and transposed convolutions of one group as products of matrices.
 *
 * What a block sums, and how many blocks share one tile's depth, is chosen by estimated time (tile_time). The weights are
 * as the blocks read them: tile by tile, permuted as in shared memory. */
#include "codegen/kernels_cuda.h"
#include "codegen/kernels_map.h"
#include "codegen/rows.h"
#include "codegen/tile.h"
#include "ir/diag.h"

#include <string.h>

enum { CHUNK = 16 /* bytes */, EIGHT = 8, WARP = 32, L2_BYTES = 32 /* a clock, of one multiprocessor when all ask */ };

/* What is multiplied: names of gemm.cu, and products a clock of a multiprocessor (A100). */
typedef enum Factors { F32_FACTORS, TF32_FACTORS, F16_FACTORS, BF16_FACTORS } Factors;
static const struct {
	const char *word;
	int size; /* bytes */
	double rate;
} factor_info[] = {
    [F32_FACTORS] = {"net_f32_factors", 4, 100},
    [TF32_FACTORS] = {"net_tf32_factors", 4, 512},
    [F16_FACTORS] = {"net_f16_factors", 2, 1024},
    [BF16_FACTORS] = {"net_bf16_factors", 2, 1024},
};

/* A tile: pixels, columns, chunks of depth, pieces of the ring, a warp's part, groups of warps that share the depth.
 * The ring is at most 64 KB, which every device from sm_75 on has; blocks: on a multiprocessor, by registers. Pixels *
 * chunks and columns * chunks are multiples of the threads; the ring holds what conv_gemm.cu puts there at the end. */
typedef struct GemmTile {
	int bm, bn, chunks, stages, wm, wn, wk, blocks;
} GemmTile;

static const GemmTile tiles[] = {
    {128, 128, 4, 4, 64, 32, 1, 2}, {128, 64, 4, 5, 64, 32, 1, 3}, {64, 128, 4, 5, 64, 32, 1, 3},
    {64, 64, 8, 4, 32, 32, 1, 3},   {64, 32, 8, 5, 32, 32, 2, 3},  {32, 64, 8, 5, 32, 32, 2, 3},
    {32, 32, 8, 7, 32, 32, 4, 4},   {16, 64, 8, 6, 16, 32, 2, 3},  {16, 32, 8, 8, 16, 32, 4, 4},
};
enum { NTILES = sizeof tiles / sizeof *tiles, MOST_SPLITS = 16, MOST_SCRATCH = 16 << 20 };

enum { BM, BN, SPLITS }; /* Node.plan: the tile with so many pixels and columns, of which there is one; blocks that share a tile's depth */

typedef struct GemmPlan {
	bool deconv;
	Factors factors;
	int in_chunk; /* numbers of a chunk */
	int64_t stride[2];
	int64_t phases, rows, cols, pixels;
	int64_t xchunks, first1, columns, depth; /* depth in tiles: of the largest phase */
	int64_t tiles_m, tiles_n;
	GemmTile tile;
	int splits;
} GemmPlan;

static Factors factors_of(const Target *t, const Node *n)
{
	const DType x = n->in[CONV_X]->type.dtype;
	return x == DT_F16 ? F16_FACTORS : x == DT_BF16 ? BF16_FACTORS : t->chosen.short_products ? TF32_FACTORS : F32_FACTORS;
}

/* ---- the choice ---- */

static int tile_threads(const GemmTile *c)
{
	return c->bm / c->wm * (c->bn / c->wn) * c->wk * WARP;
}

static int64_t tile_ring(const GemmTile *c)
{
	return (int64_t)c->stages * (c->bm + c->bn) * c->chunks * CHUNK;
}

/* Clocks of a multiprocessor for one tile of k: products, bytes from the level-2 cache, reads of shared memory; the
 * slowest sets the pace. Windows that overlap come from the level-1 cache, in part. The matrix units' operands are read
 * 128 bytes a clock; plain multiply-adds read each lane's rows and columns of its own, four clocks a chunk. */
static double step_time(const GemmPlan *p, const GemmTile *c, bool overlaps)
{
	const double warps = tile_threads(c) / WARP, row = c->chunks * CHUNK;
	double products = (double)c->bm * c->bn * c->chunks * p->in_chunk / factor_info[p->factors].rate;
	double copies = (c->bm * (overlaps ? 0.5 : 1) + c->bn) * row / L2_BYTES;
	double reads = warps / c->wk * (p->factors == F32_FACTORS ? 4 * c->chunks * (c->wm / 8 + c->wn / 4) : (c->wm + c->wn) * row / 128);
	double most = products > copies ? products : copies;
	return most > reads ? most : reads;
}

/* Clocks of the busiest multiprocessor. A block alone waits for each tile's barrier, for its warps' steps one after
 * another, and for the ring to fill; several hide that from each other. Parts of a split tile are written, counted, and
 * read again by one block. */
static double tile_time(const Target *t, const GemmPlan *p, const GemmTile *c, int splits, bool overlaps)
{
	enum { BARRIER_LATENCY = 100, STEP_LATENCY = 60, BLOCK_LATENCY = 1500, SPLIT_LATENCY = 1500 };
	const int64_t m = tile_count(p->pixels, c->bm), n = tile_count(p->columns, c->bn), blocks = m * n * p->phases * splits;
	const int64_t busiest = tile_count(blocks, t->cores), rounds = tile_count(busiest, c->blocks);
	const double steps = (double)tile_count(tile_count(p->depth, c->chunks), splits);
	double busy = (double)busiest * steps * step_time(p, c, overlaps),
	       waiting = (double)rounds * steps * (BARRIER_LATENCY + STEP_LATENCY * c->chunks / 2 / c->wk);
	double joining = splits > 1 ? SPLIT_LATENCY + (double)(busiest + splits) * c->bm * c->bn * 4 / L2_BYTES : 0;
	return (busy > waiting ? busy : waiting) + (double)rounds * BLOCK_LATENCY + joining;
}

static int64_t scratch_bytes(const GemmPlan *p, const GemmTile *c, int splits)
{
	return splits > 1 ? p->phases * tile_count(p->pixels, c->bm) * tile_count(p->columns, c->bn) * splits * c->bm * c->bn * 4 : 0;
}

/* Everything but the tile; depth is in chunks. */
typedef struct GemmCover {
	GemmPlan plan;
	int64_t taps;
} GemmCover;

static GemmCover gemm_cover(const Target *t, const Node *n)
{
	const int64_t *w = n->in[CONV_WEIGHT]->type.dim, *y = n->out[0]->type.dim;
	GemmPlan p = {.deconv = n->op == OP_deconv2d, .factors = factors_of(t, n), .phases = 1};
	const int *stride = p.deconv ? n->u.deconv2d.stride : n->u.conv2d.stride;
	int64_t size[2], least, taps = 1;
	for (int i = 0; i < 2; i++) {
		p.stride[i] = stride[i];
		size[i] = y[2 + i];
		if (p.deconv)
			deconv_phase_sizes(n, i, &least, &size[i]);
		taps *= p.deconv ? tile_count(w[2 + i], stride[i]) : w[2 + i];
		p.phases *= p.deconv ? stride[i] : 1;
	}
	p.rows = size[0];
	p.cols = size[1];
	p.pixels = t->batch * p.rows * p.cols;
	p.in_chunk = CHUNK / factor_info[p.factors].size;
	p.xchunks = tile_count(n->in[CONV_X]->type.dim[1], p.in_chunk);
	p.first1 = target_channels(t, n->out[0]);
	p.columns = p.first1 + (n->nout > 1 ? target_channels(t, n->out[1]) : 0);
	p.depth = taps * p.xchunks;
	return (GemmCover){p, taps};
}

void conv_gemm_choose(const Target *t, const Node *n, int plan[MAX_PLAN])
{
	const GemmCover cover = gemm_cover(t, n);
	const GemmPlan *p = &cover.plan;
	double least = 0;
	for (int i = 0; i < NTILES; i++) {
		const GemmTile *c = &tiles[i];
		const bool overlaps = cover.taps > 1 && p->xchunks % c->chunks == 0;
		for (int splits = 1; splits <= MOST_SPLITS && splits <= tile_count(p->depth, c->chunks); splits++) {
			if (t->batch * scratch_bytes(p, c, splits) > MOST_SCRATCH) /* each image's arena has as much */
				break;
			double time = tile_time(t, p, c, splits, overlaps);
			if (i + splits > 1 && time >= least)
				continue;
			least = time;
			plan[BM] = c->bm;
			plan[BN] = c->bn;
			plan[SPLITS] = splits;
		}
	}
}

/* Null: there is none. */
static const GemmTile *find_tile(const int plan[MAX_PLAN])
{
	for (int i = 0; i < NTILES; i++)
		if (tiles[i].bm == plan[BM] && tiles[i].bn == plan[BN])
			return &tiles[i];
	return NULL;
}

const char *conv_gemm_refuse(const Target *t, const Node *n, const int plan[MAX_PLAN])
{
	const GemmPlan p = gemm_cover(t, n).plan;
	const GemmTile *c = find_tile(plan);
	if (!c)
		return "bm,bn is 128,128, 128,64, 64,128, 64,64, 64,32, 32,64, 32,32, 16,64 or 16,32";
	if (plan[SPLITS] < 1 || plan[SPLITS] > MOST_SPLITS || plan[SPLITS] > tile_count(p.depth, c->chunks))
		return "splits is 1 to 16, and no more than there are tiles of depth";
	return t->batch * scratch_bytes(&p, c, plan[SPLITS]) > MOST_SCRATCH ? "so many splits need more than 16 MB of scratch" : NULL;
}

static GemmPlan gemm_plan(const Target *t, const Node *n)
{
	GemmPlan p = gemm_cover(t, n).plan;
	const GemmTile *tile = find_tile(n->plan);
	if (!tile)
		bug("no tile of %d by %d", n->plan[BM], n->plan[BN]);
	p.tile = *tile;
	p.splits = n->plan[SPLITS];
	p.depth = tile_count(p.depth, p.tile.chunks);
	p.tiles_m = tile_count(p.pixels, p.tile.bm);
	p.tiles_n = tile_count(p.columns, p.tile.bn);
	return p;
}

/* ---- what is accepted ---- */

static bool is_one_block(const Value *v)
{
	return is_cuda_map(v) && v->type.layout.block >= v->type.dim[1];
}

/* Channels can be read and written by eights, 16 bytes at a time. */
static bool is_by_eights(const Value *v)
{
	return v->type.layout.block % EIGHT == 0 && value_root_offset(v) * dtype_size(v->type.dtype) % CHUNK == 0;
}

static bool same_dims(const Value *a, const Value *b)
{
	return a->type.rank == b->type.rank && !memcmp(a->type.dim, b->type.dim, sizeof *a->type.dim * (size_t)a->type.rank);
}

static bool serves_result(const Node *n, int k)
{
	const Value *y = n->out[k], *e = node_epilogue_operand(n, k);
	return is_one_block(y) && (is_by_eights(y) || y->type.layout.block == y->type.dim[1]) && halo_is_zero(y) &&
	       cuda_serves_epilogue(n, k) && (!e || (is_one_block(e) && same_dims(e, y)));
}

bool conv_gemm_accepts(const Target *t, const Node *n)
{
	const int group = n->op == OP_deconv2d ? n->u.deconv2d.group : n->u.conv2d.group;
	(void)t;
	return group == 1 && conv_has_constants(n) && is_one_block(n->in[CONV_X]) && is_by_eights(n->in[CONV_X]) && serves_result(n, 0) &&
	       (n->nout == 1 || serves_result(n, 1));
}

/* ---- the numbers ---- */

static void bind_result(Bindings *b, const Node *n, int k)
{
	Arena *a = bindings_arena(b);
	const char *s = arena_printf(a, "%d", k);
	const Value *e = node_epilogue_operand(n, k);
	bind_int(b, arena_printf(a, "C%d", k), n->out[k]->type.dim[1]);
	bind_int(b, arena_printf(a, "YB%d", k), n->out[k]->type.layout.block);
	bind_cuda_type(b, arena_printf(a, "YT%d", k), n->out[k]->type.dtype);
	bind_epilogue(b, n, k, s, 1);
	if (!e)
		return;
	const Layout *l = &e->type.layout;
	const int64_t row = layout_cols(&e->type) * l->block;
	bind_cuda_type(b, arena_printf(a, "ET%d", k), e->type.dtype);
	bind_int(b, arena_printf(a, "EB%d", k), l->block);
	bind_int(b, arena_printf(a, "EROW%d", k), row);
	bind_int(b, arena_printf(a, "EAT%d", k), l->halo[0] * row + l->halo[1] * l->block);
}

static bool needs_scalars(const Node *n)
{
	bool scalar = false;
	for (int k = 0; k < n->nout; k++)
		scalar = scalar || !is_by_eights(n->out[k]) || (node_epilogue_operand(n, k) && !is_by_eights(node_epilogue_operand(n, k)));
	return scalar;
}

static bool is_padded(const Target *t, const Node *n)
{
	int halo[4] = {0};
	if (n->op == OP_deconv2d)
		deconv_tile_halo(t, n, 0, halo);
	else
		conv_window_halo(n, halo);
	return halo[0] || halo[1] || halo[2] || halo[3];
}

static void bind_tile(Bindings *b, const GemmPlan *p)
{
	const GemmTile *c = &p->tile;
	bind_int(b, "BM", c->bm);
	bind_int(b, "BN", c->bn);
	bind_int(b, "CHUNKS", c->chunks);
	bind_int(b, "STAGES", c->stages);
	bind_int(b, "WM", c->wm);
	bind_int(b, "WN", c->wn);
	bind_int(b, "WK", c->wk);
	bind_int(b, "THREADS", tile_threads(c));
	bind_int(b, "BLOCKS", p->factors == F32_FACTORS ? 1 : c->blocks);
	bind_int(b, "SHARED", tile_ring(c));
	bind_int(b, "TILES_M", p->tiles_m);
	bind_int(b, "TILES_N", p->tiles_n);
	bind_int(b, "DEPTH", p->depth);
	bind_int(b, "SPLITS", p->splits);
	bind_int(b, "TICKETS", p->splits > 1 ? p->phases * p->tiles_m * p->tiles_n : 0);
	if (p->splits > 1)
		bind_part(b, "last_block");
}

static void bind_input(Bindings *b, const Node *n, const GemmPlan *p)
{
	const Type *x = &n->in[CONV_X]->type;
	const int64_t step = x->layout.block / p->in_chunk, row = layout_cols(x) * step;
	bind_int(b, "XH", x->dim[2]);
	bind_int(b, "XW", x->dim[3]);
	bind_int(b, "XCHUNKS", p->xchunks);
	bind_int(b, "XSTEP", step);
	bind_int(b, "XROW", row);
	bind_int(b, "XFIRST", x->layout.halo[0] * row + x->layout.halo[1] * step);
	bind_cuda_window(b, n);
}

void conv_gemm_bind(const Target *t, const Node *n, Bindings *b)
{
	const GemmPlan p = gemm_plan(t, n);
	const Type *y = &n->out[0]->type;
	const int64_t map_bytes = type_storage(&n->in[CONV_X]->type) * dtype_size(n->in[CONV_X]->type.dtype);
	bind_cuda_type(b, "XT", n->in[CONV_X]->type.dtype);
	bind_word(b, "FACTORS", factor_info[p.factors].word);
	bind_int(b, "DECONV", p.deconv);
	bind_int(b, "IMAGES", t->batch);
	bind_int(b, "ROWS", p.rows);
	bind_int(b, "COLS", p.cols);
	bind_int(b, "PIXELS", p.pixels);
	bind_int(b, "PHASES", p.phases);
	bind_int(b, "PADDED", is_padded(t, n));
	bind_input(b, n, &p);
	bind_tile(b, &p);
	/* the larger of map and weights is read once, by blocks beside each other */
	bind_int(b, "N_FIRST", map_bytes * t->batch >= conv_gemm_size(t, n));
	bind_int(b, "YH", y->dim[2]);
	bind_int(b, "YW", y->dim[3]);
	bind_int(b, "N", p.columns);
	bind_int(b, "NOUT", n->nout);
	bind_int(b, "FIRST1", p.first1);
	bind_int(b, "BORDER", p.deconv && n->u.deconv2d.border_bias ? n->u.deconv2d.border : 0);
	bind_int(b, "SCALAR", needs_scalars(n));
	bind_result(b, n, 0);
	if (n->nout > 1)
		bind_result(b, n, 1);
	else
		bind_int(b, "ELT1", 0);
}

int64_t conv_gemm_scratch(const Target *t, const Node *n)
{
	const GemmPlan p = gemm_plan(t, n);
	return scratch_bytes(&p, &p.tile, p.splits);
}

/* ---- the weights ---- */

static int64_t bias_count(const Node *n)
{
	return n->op == OP_deconv2d && n->u.deconv2d.border_bias ? 9 : 1;
}

int64_t conv_gemm_size(const Target *t, const Node *n)
{
	const GemmPlan p = gemm_plan(t, n);
	return p.tiles_n * p.tile.bn * (4 * bias_count(n) + p.phases * p.depth * p.tile.chunks * CHUNK);
}

/* The output channel of a column; -1: one that fills up. */
static int64_t column_channel(const Node *n, const GemmPlan *p, int64_t column)
{
	const int64_t c0 = n->out[0]->type.dim[1];
	if (column < c0)
		return column;
	return n->nout > 1 && column >= p->first1 && column - p->first1 < n->out[1]->type.dim[1] ? c0 + column - p->first1 : -1;
}

static void pack_biases(const Node *n, const GemmPlan *p, float *out, Arena *scratch)
{
	const int64_t columns = p->tiles_n * p->tile.bn, count = bias_count(n);
	const float *bias = node_bias(n) ? blob_read_f32(node_bias(n)->data, scratch) : NULL;
	if (!bias)
		return;
	const int64_t channels = type_count(&n->in[CONV_BIAS]->type) / count;
	for (int64_t k = 0; k < count; k++)
		for (int64_t i = 0; i < columns; i++)
			if (column_channel(n, p, i) >= 0)
				out[k * columns + i] = bias[k * channels + column_channel(n, p, i)];
}

/* The nearest of 10 bits of fraction, ties to even. */
static float tf32_round(float x)
{
	uint32_t bits;
	memcpy(&bits, &x, sizeof bits);
	if ((bits & 0x7f800000u) == 0x7f800000u)
		return x;
	bits = (bits + 0xfff + (bits >> 13 & 1)) & 0xffffe000u;
	memcpy(&x, &bits, sizeof bits);
	return x;
}

static void store_factor(Factors f, float x, unsigned char *out)
{
	uint16_t half = f == F16_FACTORS ? f16_from_double((double)x) : bf16_from_double((double)x);
	x = f == TF32_FACTORS ? tf32_round(x) : x;
	if (factor_info[f].size == 2)
		memcpy(out, &half, sizeof half);
	else
		memcpy(out, &x, sizeof x);
}

typedef struct Taps { /* of a phase: where its window begins, steps, and how many */
	int64_t first[2], step[2], count[2];
} Taps;

static Taps taps_of(const Node *n, const GemmPlan *p, int64_t phase)
{
	const int64_t *w = n->in[CONV_WEIGHT]->type.dim;
	Taps t;
	for (int i = 0; i < 2; i++) {
		t.first[i] = !p->deconv ? 0 : i ? phase % p->stride[1] : phase / p->stride[1];
		t.step[i] = p->deconv ? p->stride[i] : 1;
		t.count[i] = tile_count(w[2 + i] - t.first[i], t.step[i]);
		if (w[2 + i] <= t.first[i])
			t.count[i] = 0;
	}
	return t;
}

/* The weights of one output channel in a chunk of a tap. */
static void pack_chunk(const Node *n, const GemmPlan *p, const float *w, int64_t channel, int64_t ky, int64_t kx, int64_t chunk,
                       unsigned char *out)
{
	const int64_t *dim = n->in[CONV_WEIGHT]->type.dim, in = p->deconv ? dim[0] : dim[1];
	for (int64_t i = 0; i < p->in_chunk && chunk * p->in_chunk + i < in; i++) {
		const int64_t c = chunk * p->in_chunk + i, pair = p->deconv ? c * dim[1] + channel : channel * dim[1] + c;
		store_factor(p->factors, w[(pair * dim[2] + ky) * dim[3] + kx], out + i * factor_info[p->factors].size);
	}
}

/* One tile: its columns by its chunks of depth k. */
static void pack_tile(const Node *n, const GemmPlan *p, const float *w, const Taps *t, int64_t column, int64_t k, unsigned char *out)
{
	const int chunks = p->tile.chunks;
	const int64_t taps = t->count[0] * t->count[1];
	for (int row = 0; row < p->tile.bn; row++)
		for (int j = 0; j < chunks; j++) {
			const bool taps_inside = p->xchunks % chunks == 0;
			const int64_t place = k * chunks + j, tap = taps_inside ? k % taps : place / p->xchunks;
			const int64_t chunk = taps_inside ? k / taps * chunks + j : place % p->xchunks;
			const int64_t channel = column_channel(n, p, column + row);
			const int at = row * chunks + (j ^ (chunks == 8 ? row & 7 : row >> 1 & 3)); /* net_swizzle */
			if (tap < taps && channel >= 0)
				pack_chunk(n, p, w, channel, t->first[0] + tap / t->count[1] * t->step[0],
				           t->first[1] + tap % t->count[1] * t->step[1], chunk, out + at * CHUNK);
		}
}

void conv_gemm_pack(const Target *t, const Node *n, void *out, Arena *scratch)
{
	const GemmPlan p = gemm_plan(t, n);
	const float *w = blob_read_f32(n->in[CONV_WEIGHT]->data, scratch);
	const int64_t tile = (int64_t)p.tile.bn * p.tile.chunks * CHUNK, biases = 4 * bias_count(n) * p.tiles_n * p.tile.bn;
	memset(out, 0, (size_t)conv_gemm_size(t, n));
	pack_biases(n, &p, out, scratch);
	unsigned char *at = (unsigned char *)out + biases;
	for (int64_t phase = 0; phase < p.phases; phase++) {
		const Taps taps = taps_of(n, &p, phase);
		const int64_t depth = tile_count(taps.count[0] * taps.count[1] * p.xchunks, p.tile.chunks);
		for (int64_t i = 0; i < p.tiles_n; i++, at += p.depth * tile)
			for (int64_t k = 0; k < depth; k++)
				pack_tile(n, &p, w, &taps, i * p.tile.bn, k, at + k * tile);
	}
}
