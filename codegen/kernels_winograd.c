/* kernels_winograd.c -- row of conv_winograd: F(4x4, 3x3) and F(2x2, 5x5), which share the transform of the inputs.
 *
 * A window g is transformed to G g G' with one row of G for each point p: factor * (1, p, p^2, ...), for infinity (0, ...,
 * 1). In double, once, when the weights are packed; they grow from 9 (25) to 36 numbers a window. Maps are worked on in
 * bands of tile rows, so that the transformed maps stay small; a band is wide enough to pay for reading the weights. */
#include "codegen/kernels_map.h"
#include "codegen/rows.h"
#include "codegen/tile.h"
#include "ir/diag.h"

#include <string.h>

enum { SIDE = 6, POSITIONS = SIDE * SIDE, MAX_WINDOW = 5, MAX_LANES = 128 };

enum { BAND, TP, TV }; /* Node.plan: tile rows of a band; the tile of the products: tiles by vectors of channels */

typedef struct WinogradPlan {
	int tile;                                      /* results on a side of a tile */
	int64_t phase_rows, phase_cols;                /* tiles of one phase of the dilation */
	int64_t tile_rows, tile_cols;                  /* of all phases */
	int64_t band, bands;                           /* tile rows of a band */
	int64_t tiles;                                 /* of a band */
	int64_t vectors[MAX_OUT], all_vectors, blocks; /* of channels, out and in */
	int64_t in_step, out_step;                     /* floats from position to position in scratch */
	Tile product;                                  /* tile of the matrix products: tw tiles by tv vectors */
	int64_t panels, groups, panel_floats;
} WinogradPlan;

static int dilation_of(const Node *n)
{
	return n->u.conv2d.dilation[0];
}

/* Pixels of the smallest phase. */
static int64_t least_phase(int64_t size, int dilation)
{
	return size / dilation;
}

/* Positions are written side by side: a step of whole pages would send them all to one set of the cache. */
static int64_t uneven(int64_t floats, int64_t vector)
{
	return floats * 4 % 4096 ? floats : floats + vector;
}

/* Tile rows of a band: enough tiles to pay for reading the weights once more, or a map that stays in the cache. */
static int64_t band_rows(const Target *t, const Node *n, const WinogradPlan *p)
{
	int64_t channels = n->in[CONV_X]->type.dim[1];
	int64_t weight_bytes = 4 * POSITIONS * channels * p->all_vectors * t->vector;
	int64_t tiles = weight_bytes > t->cache_bytes ? 64 : 24;
	int64_t band = tile_count(tiles, p->tile_cols);
	if (band >= p->tile_rows)
		return p->tile_rows;
	return tile_count(p->tile_rows, tile_count(p->tile_rows, band)); /* equal bands */
}

/* The tiles, whatever is chosen. */
static WinogradPlan winograd_cover(const Target *t, const Node *n)
{
	const Type *x = &n->in[CONV_X]->type, *y = &n->out[0]->type;
	int dilation = dilation_of(n);
	WinogradPlan p = {.tile = n->in[CONV_WEIGHT]->type.dim[2] == 3 ? 4 : 2, .blocks = tile_count(x->dim[1], t->vector)};
	p.phase_rows = tile_count(tile_count(y->dim[2], dilation), p.tile);
	p.phase_cols = tile_count(tile_count(y->dim[3], dilation), p.tile);
	p.tile_rows = dilation * p.phase_rows;
	p.tile_cols = dilation * p.phase_cols;
	for (int k = 0; k < n->nout; k++)
		p.all_vectors += p.vectors[k] = tile_count(n->out[k]->type.dim[1], t->vector);
	return p;
}

static WinogradPlan winograd_bands(WinogradPlan p, int64_t band)
{
	p.band = band;
	p.bands = tile_count(p.tile_rows, band);
	p.tiles = band * p.tile_cols;
	return p;
}

static WinogradPlan winograd_plan(const Target *t, const Node *n)
{
	const int64_t depth = n->in[CONV_X]->type.dim[1];
	WinogradPlan p = winograd_bands(winograd_cover(t, n), n->plan[BAND]);
	p.in_step = uneven(p.blocks * p.tiles * t->vector, t->vector);
	p.out_step = uneven(p.all_vectors * p.tiles * t->vector, t->vector);
	p.product = (Tile){1, n->plan[TP], n->plan[TV]};
	p.panels = tile_count(p.all_vectors, p.product.tv);
	p.groups = tile_count(p.tiles, p.product.tw);
	p.panel_floats = depth * p.product.tv * t->vector;
	return p;
}

static TileWork product_work(const Node *n, const WinogradPlan *p)
{
	return (TileWork){
	    .rows = 1, .cols = p->tiles, .vectors = {p->all_vectors}, .nout = 1, .depth = n->in[CONV_X]->type.dim[1], .pack = PACK_PIXELS};
}

void conv_winograd_choose(const Target *t, const Node *n, int plan[MAX_PLAN])
{
	WinogradPlan p = winograd_cover(t, n);
	p = winograd_bands(p, band_rows(t, n, &p));
	const TileWork work = product_work(n, &p);
	const Tile product = tile_choose(t, &work);
	plan[BAND] = (int)p.band;
	plan[TP] = product.tw;
	plan[TV] = product.tv;
}

const char *conv_winograd_refuse(const Target *t, const Node *n, const int plan[MAX_PLAN])
{
	WinogradPlan p = winograd_cover(t, n);
	if (plan[BAND] < 1 || plan[BAND] > p.tile_rows)
		return "band is 1 to the number of rows of tiles";
	if (plan[TV] * t->vector > MAX_LANES)
		return "tv is too large: a panel has 128 channels at most";
	p = winograd_bands(p, plan[BAND]);
	const TileWork work = product_work(n, &p);
	return tile_refuse(&work, (Tile){1, plan[TP], plan[TV]});
}

/* Estimated times in vector multiply-adds; weights come from memory at the stated rate. Tens of megabytes more of them
 * must earn their place: a program whose weights come near 2 GB cannot be linked. */
bool conv_winograd_pays(const Target *t, const Node *n)
{
	enum { BYTES_IN_A_STEP = 5, TRANSFORM = 120, LARGE = 24 << 20 };
	const double earned_per_byte = 1.2;
	const int64_t *w = n->in[CONV_WEIGHT]->type.dim, *y = n->out[0]->type.dim;
	const WinogradPlan cover = winograd_cover(t, n), p = winograd_bands(cover, band_rows(t, n, &cover));
	double tiles = (double)(p.bands * p.tiles), channels = (double)p.all_vectors * (double)w[1];
	double direct = (double)(y[2] * y[3] * w[2] * w[3]) * channels, product = POSITIONS * tiles * channels;
	double direct_bytes = 4.0 * (double)(w[2] * w[3] * t->vector) * channels, bytes = 4.0 * POSITIONS * t->vector * channels;
	double read = bytes / BYTES_IN_A_STEP, transforms = tiles * (double)(p.blocks + p.all_vectors) * TRANSFORM;
	double winograd = (product > read ? product : read) + transforms;
	double more = bytes - direct_bytes;
	return winograd < 0.7 * direct && (more < LARGE || direct - winograd > earned_per_byte * more);
}

static bool same_epilogues(const Node *n)
{
	const Epilogue *e = node_epilogue(n);
	return n->nout == 1 ||
	       (e[0].elt == FN_NONE && e[1].elt == FN_NONE && e[0].act == e[1].act && e[0].alpha == e[1].alpha && e[0].beta == e[1].beta);
}

bool conv_winograd_accepts(const Target *t, const Node *n)
{
	const Conv *c = &n->u.conv2d;
	const int64_t *w = n->in[CONV_WEIGHT]->type.dim, *y = n->out[0]->type.dim;
	int halo[4], dilation = dilation_of(n);
	bool window = w[2] == w[3] && (w[2] == 3 || w[2] == MAX_WINDOW);
	bool walk = c->group == 1 && c->stride[0] == 1 && c->stride[1] == 1 && c->dilation[0] == c->dilation[1];
	if (t->vector == 1 || !window || !walk || !conv_has_constants(n) || !same_epilogues(n) || !is_map_of(n->in[CONV_X], t->vector))
		return false;
	for (int k = 0; k < n->nout; k++)
		if (!(is_map_of(n->out[k], t->vector) || is_map_of(n->out[k], (int)n->out[k]->type.dim[1])) ||
		    !conv_serves_epilogue(t, n, k))
			return false;
	int64_t tile = w[2] == 3 ? 4 : 2;
	conv_window_halo(n, halo);
	return halo_is_within(halo, n->in[CONV_X]) && least_phase(y[2], dilation) >= tile && least_phase(y[3], dilation) >= tile;
}

static void bind_winograd_result(Bindings *b, const Target *t, const Node *n, int k, const WinogradPlan *p)
{
	(void)p;
	Arena *a = bindings_arena(b);
	const Value *y = n->out[k];
	int64_t tail = y->type.dim[1] % t->vector;
	bool part = tail && y->type.layout.block != t->vector;
	bind_int(b, arena_printf(a, "TAIL%d", k), part ? tail : t->vector);
	bind_steps(b, "Y", k ? "1" : "0", y, t->vector);
	if (part)
		bind_part(b, arena_printf(a, "store_part_%d", t->vector));
}

static void bind_tiles(Bindings *b, const Node *n, const WinogradPlan *p)
{
	bind_int(b, "TILE", p->tile);
	bind_int(b, "D", dilation_of(n));
	bind_int(b, "BANDS", p->bands);
	bind_int(b, "BAND", p->band);
	bind_int(b, "TILE_ROWS", p->tile_rows);
	bind_int(b, "TILE_COLS", p->tile_cols);
	bind_int(b, "PHASE_ROWS", p->phase_rows);
	bind_int(b, "PHASE_COLS", p->phase_cols);
	bind_int(b, "TILES", p->tiles);
	bind_int(b, "IN_STEP", p->in_step);
	bind_int(b, "OUT_STEP", p->out_step);
	bind_int(b, "PANELS", p->panels);
	bind_int(b, "GROUPS", p->groups);
	bind_int(b, "PANEL", p->panel_floats);
	bind_int(b, "TP", p->product.tw);
	bind_int(b, "TV", p->product.tv);
	bind_int(b, "NV", p->all_vectors);
	bind_int(b, "NV0", p->vectors[0]);
	bind_repeat(b, "pp", p->product.tw);
	bind_repeat(b, "vv", p->product.tv);
	bind_repeat(b, "ii", SIDE);
	bind_repeat(b, "rr", p->tile);
	bind_repeat(b, "cc", p->tile);
}

void conv_winograd_bind(const Target *t, const Node *n, Bindings *b)
{
	const Conv *c = &n->u.conv2d;
	const Type *x = &n->in[CONV_X]->type, *y = &n->out[0]->type;
	WinogradPlan p = winograd_plan(t, n);
	bind_vector(b, t->vector);
	bind_int(b, "NOUT", n->nout);
	bind_tiles(b, n, &p);
	bind_int(b, "XC", x->dim[1]);
	bind_int(b, "XCB", p.blocks);
	bind_int(b, "XROW", layout_cols(x) * t->vector);
	bind_int(b, "XMAP", layout_rows(x) * layout_cols(x) * t->vector);
	bind_int(b, "XAT", ((x->layout.halo[0] - c->pad[0]) * layout_cols(x) + x->layout.halo[1] - c->pad[1]) * t->vector);
	bind_int(b, "YH", y->dim[2]);
	bind_int(b, "YW", y->dim[3]);
	bind_winograd_result(b, t, n, 0, &p);
	if (n->nout > 1)
		bind_winograd_result(b, t, n, 1, &p);
	else
		bind_int(b, "TAIL1", t->vector);
	if (node_epilogue_operand(n, 0))
		bind_steps(b, "E", "0", node_epilogue_operand(n, 0), t->vector);
	bind_epilogue(b, n, 0, "", t->vector);
}

int64_t conv_winograd_scratch(const Target *t, const Node *n)
{
	WinogradPlan p = winograd_plan(t, n);
	return 4 * POSITIONS * (p.in_step + p.out_step);
}

int64_t conv_winograd_size(const Target *t, const Node *n)
{
	WinogradPlan p = winograd_plan(t, n);
	return 4 * (p.all_vectors * t->vector + POSITIONS * p.panels * p.panel_floats);
}

/* ---- the windows ---- */

/* Row i of G for windows of n. */
static void window_row(int i, int n, double row[MAX_WINDOW])
{
	static const double point[SIDE - 1] = {0, 1, -1, 2, -2}, factor[SIDE - 1] = {1.0 / 4, -1.0 / 6, -1.0 / 6, 1.0 / 24, 1.0 / 24};
	double power = 1;
	for (int k = 0; k < n; k++) {
		row[k] = i == SIDE - 1 ? k == n - 1 : factor[i] * power;
		if (i < SIDE - 1)
			power *= point[i];
	}
}

/* u[position][lane] = G g G' for the windows of all lanes, `step` floats from one position to the next. */
static void transform_windows(double G[SIDE][MAX_WINDOW], int n, double g[][MAX_LANES], int lanes, float *u, int64_t step)
{
	double half[SIDE][MAX_WINDOW][MAX_LANES];
	for (int i = 0; i < SIDE; i++)
		for (int k = 0; k < n; k++)
			for (int l = 0; l < lanes; l++) {
				double sum = 0;
				for (int j = 0; j < n; j++)
					sum += G[i][j] * g[j * n + k][l];
				half[i][k][l] = sum;
			}
	for (int i = 0; i < SIDE; i++)
		for (int j = 0; j < SIDE; j++)
			for (int l = 0; l < lanes; l++) {
				double sum = 0;
				for (int k = 0; k < n; k++)
					sum += half[i][k][l] * G[j][k];
				u[(i * SIDE + j) * step + l] = (float)sum;
			}
}

/* The channel in the weights of a lane of a vector, or -1 after the last. */
static int64_t channel_of(const Target *t, const Node *n, const WinogradPlan *p, int64_t vector, int64_t lane)
{
	int64_t begin = 0;
	int k = 0;
	for (; vector >= p->vectors[k]; k++) {
		vector -= p->vectors[k];
		begin += n->out[k]->type.dim[1];
	}
	int64_t c = vector * t->vector + lane;
	return c < n->out[k]->type.dim[1] ? begin + c : -1;
}

void conv_winograd_pack(const Target *t, const Node *n, void *out, Arena *scratch)
{
	WinogradPlan p = winograd_plan(t, n);
	int64_t channels = n->in[CONV_WEIGHT]->type.dim[1], lanes = p.product.tv * t->vector;
	int side = (int)n->in[CONV_WEIGHT]->type.dim[2];
	const float *w = blob_read_f32(n->in[CONV_WEIGHT]->data, scratch);
	const float *bias = node_bias(n) ? blob_read_f32(node_bias(n)->data, scratch) : NULL;
	float *to = out;
	double G[SIDE][MAX_WINDOW];
	for (int i = 0; i < SIDE; i++)
		window_row(i, side, G[i]);
	for (int64_t i = 0; i < p.all_vectors * t->vector; i++) {
		int64_t c = channel_of(t, n, &p, i / t->vector, i % t->vector);
		*to++ = bias && c >= 0 ? bias[c] : 0;
	}
	if (lanes > MAX_LANES)
		bug("a panel of %lld lanes", (long long)lanes);
	for (int64_t panel = 0; panel < p.panels; panel++) {
		int64_t v = panel * p.product.tv < p.all_vectors - p.product.tv ? panel * p.product.tv : p.all_vectors - p.product.tv;
		const float *from[MAX_LANES]; /* the window of channel 0 for each lane; null: no such result */
		for (int64_t i = 0; i < lanes; i++) {
			int64_t c = channel_of(t, n, &p, v + i / t->vector, i % t->vector);
			from[i] = c >= 0 ? w + c * channels * side * side : NULL;
		}
		for (int64_t k = 0; k < channels; k++) {
			double g[MAX_WINDOW * MAX_WINDOW][MAX_LANES];
			for (int64_t i = 0; i < lanes; i++)
				for (int tap = 0; tap < side * side; tap++)
					g[tap][i] = from[i] ? (double)from[i][k * side * side + tap] : 0;
			transform_windows(G, side, g, (int)lanes, to + panel * p.panel_floats + k * lanes, p.panels * p.panel_floats);
		}
	}
}
