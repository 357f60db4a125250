/* kernels_conv.c -- rows of the tuned convolutions: conv_tile, depthwise.
 *
 * Maps come in blocks of the target's vector, or of one channel (few channels, or a target without vectors); results go
 * to blocks of the vector or to one block of all channels (heads, which the detection reads pixel by pixel). */
#include "codegen/kernels_map.h"
#include "codegen/rows.h"
#include "codegen/tile.h"

#include <string.h>

/* ---- what the rows share ---- */

/* Pixels below and right of the map that the last window reaches. */
static int reach(int64_t out, int64_t in, int stride, int dilation, int64_t kernel, int pad)
{
	int64_t last = (out - 1) * stride + (kernel - 1) * dilation - pad;
	return (int)(last > in - 1 ? last - (in - 1) : 0);
}

void conv_window_halo(const Node *n, int halo[4])
{
	const Conv *c = &n->u.conv2d;
	const Type *x = &n->in[CONV_X]->type, *w = &n->in[CONV_WEIGHT]->type, *y = &n->out[0]->type;
	halo[0] = c->pad[0];
	halo[1] = c->pad[1];
	halo[2] = reach(y->dim[2], x->dim[2], c->stride[0], c->dilation[0], w->dim[2], c->pad[0]);
	halo[3] = reach(y->dim[3], x->dim[3], c->stride[1], c->dilation[1], w->dim[3], c->pad[1]);
}

/* An epilogue that the tuned templates can run: sum or product with a map of the result's block. */
bool conv_serves_epilogue(const Target *t, const Node *n, int k)
{
	const Value *e = node_epilogue_operand(n, k), *y = n->out[k];
	Func elt = node_epilogue(n)[k].elt;
	if (elt == FN_NONE)
		return true;
	return e && !value_is_constant(e) && (elt == FN_add || elt == FN_mul) && is_map_of(e, y->type.layout.block) &&
	       type_same_shape(&e->type, &y->type) && (y->type.layout.block == t->vector || y->type.dim[1] % t->vector == 0);
}

void conv_halo(const Target *t, const Node *n, int i, int halo[4])
{
	(void)t;
	if (i == 0)
		conv_window_halo(n, halo);
}

/* ---- conv_tile ---- */

enum { TH, TW, TV, PANELS_FIRST }; /* Node.plan */

typedef struct TilePlan {
	Tile tile;
	bool flat;          /* the map as one row */
	int64_t rows, cols; /* of the result, or 1 and all pixels */
	int64_t depth;      /* products in a sum */
	int64_t vectors[MAX_OUT], panels[MAX_OUT];
} TilePlan;

static bool is_dense(const Value *v)
{
	return !v || halo_is_zero(v);
}

static bool is_flat(const Node *n)
{
	const Conv *c = &n->u.conv2d;
	const int64_t *w = n->in[CONV_WEIGHT]->type.dim;
	bool flat = w[2] == 1 && w[3] == 1 && c->stride[0] == 1 && c->stride[1] == 1 && is_dense(n->in[CONV_X]);
	for (int i = 0; i < 4; i++)
		flat = flat && !c->pad[i];
	for (int k = 0; k < n->nout; k++)
		flat = flat && is_dense(n->out[k]) && is_dense(node_epilogue_operand(n, k));
	return flat;
}

/* Whatever the tile is. */
static TilePlan tile_cover(const Target *t, const Node *n)
{
	const Type *y = &n->out[0]->type;
	const int64_t *w = n->in[CONV_WEIGHT]->type.dim;
	TilePlan p = {.flat = is_flat(n), .depth = w[1] * w[2] * w[3]};
	p.rows = p.flat ? 1 : y->dim[2];
	p.cols = p.flat ? y->dim[2] * y->dim[3] : y->dim[3];
	for (int k = 0; k < n->nout; k++)
		p.vectors[k] = tile_count(n->out[k]->type.dim[1], t->vector);
	return p;
}

static int64_t tile_panels(TilePlan *p, const Node *n, Tile tile)
{
	int64_t panels = 0;
	p->tile = tile;
	for (int k = 0; k < n->nout; k++)
		panels += p->panels[k] = tile_count(p->vectors[k], tile.tv);
	return panels;
}

static TilePlan tile_plan(const Target *t, const Node *n)
{
	TilePlan p = tile_cover(t, n);
	tile_panels(&p, n, (Tile){n->plan[TH], n->plan[TW], n->plan[TV]});
	return p;
}

static TileWork tile_work(const Node *n, const TilePlan *p)
{
	TileWork work = {.rows = p->rows, .cols = p->cols, .nout = n->nout, .depth = p->depth};
	work.pack = n->out[0]->type.layout.block > 1 ? PACK_CHANNELS : n->u.conv2d.stride[1] == 1 ? PACK_PIXELS : PACK_NOTHING;
	memcpy(work.vectors, p->vectors, sizeof work.vectors);
	return work;
}

void conv_tile_choose(const Target *t, const Node *n, int plan[MAX_PLAN])
{
	TilePlan p = tile_cover(t, n);
	const TileWork work = tile_work(n, &p);
	const Tile tile = tile_choose(t, &work);
	const int64_t panels = tile_panels(&p, n, tile);
	/* what is walked again and again should be the smaller of map and weights, or what the cache holds */
	int64_t map_bytes = 4 * type_storage(&n->in[CONV_X]->type), weight_bytes = 4 * panels * tile.tv * t->vector * p.depth;
	plan[TH] = tile.th;
	plan[TW] = tile.tw;
	plan[TV] = tile.tv;
	plan[PANELS_FIRST] = map_bytes <= t->cache_bytes / 2 || weight_bytes > t->cache_bytes / 2;
}

const char *conv_tile_refuse(const Target *t, const Node *n, const int plan[MAX_PLAN])
{
	const TilePlan p = tile_cover(t, n);
	const TileWork work = tile_work(n, &p);
	const char *wrong = tile_refuse(&work, (Tile){plan[TH], plan[TW], plan[TV]});
	return wrong ? wrong : plan[PANELS_FIRST] > 1 ? "panels_first is 0 or 1" : NULL;
}

bool conv_tile_accepts(const Target *t, const Node *n)
{
	const Conv *c = &n->u.conv2d;
	const Value *x = n->in[CONV_X];
	int halo[4];
	if (c->group != 1 || !conv_has_constants(n) || !(is_map_of(x, t->vector) || is_map_of(x, 1)))
		return false;
	for (int k = 0; k < n->nout; k++) {
		const Value *y = n->out[k];
		bool all_channels = is_map_of(y, (int)y->type.dim[1]);
		if (!(is_map_of(y, t->vector) || all_channels) || !conv_serves_epilogue(t, n, k))
			return false;
	}
	conv_window_halo(n, halo);
	return halo_is_within(halo, x);
}

static int64_t panel_floats(const Target *t, const TilePlan *p)
{
	return p->tile.tv * t->vector * (1 + p->depth);
}

/* Steps of result k and of its operand. */
static void bind_result(Bindings *b, const Target *t, const Node *n, int k, const TilePlan *p)
{
	Arena *a = bindings_arena(b);
	const char *s = arena_printf(a, "%d", k);
	const Value *y = n->out[k], *e = node_epilogue_operand(n, k);
	int64_t tail = y->type.dim[1] % t->vector;
	bind_int(b, arena_printf(a, "PANELS%d", k), p->panels[k]);
	bind_int(b, arena_printf(a, "NV%d", k), p->vectors[k]);
	bind_int(b, arena_printf(a, "TAIL%d", k), y->type.layout.block == t->vector || !tail ? t->vector : tail);
	bind_steps(b, "Y", s, y, t->vector);
	if (y->type.layout.block != t->vector && tail)
		bind_part(b, arena_printf(a, "store_part_%d", t->vector));
	if (e)
		bind_steps(b, "E", s, e, t->vector);
	bind_epilogue(b, n, k, s, t->vector);
}

void conv_tile_bind(const Target *t, const Node *n, Bindings *b)
{
	const Conv *c = &n->u.conv2d;
	const Value *x = n->in[CONV_X];
	const Layout *l = &x->type.layout;
	TilePlan p = tile_plan(t, n);
	bind_vector(b, t->vector);
	bind_int(b, "NOUT", n->nout);
	bind_int(b, "PANELS", p.panels[0] + p.panels[1]);
	bind_int(b, "PANEL", panel_floats(t, &p));
	bind_int(b, "PANEL_FIRST", n->plan[PANELS_FIRST]);
	bind_int(b, "TILE_ROWS", tile_count(p.rows, p.tile.th));
	bind_int(b, "TILE_COLS", tile_count(p.cols, p.tile.tw));
	bind_int(b, "TH", p.tile.th);
	bind_int(b, "TW", p.tile.tw);
	bind_int(b, "TV", p.tile.tv);
	bool channels = n->out[0]->type.layout.block > 1; /* the neighbours that tile_choose() had in mind */
	bind_int(b, "SUM_P", channels ? p.tile.tv : 1);
	bind_int(b, "SUM_V", channels ? 1 : p.tile.th * p.tile.tw);
	bind_int(b, "YH", p.rows);
	bind_int(b, "YW", p.cols);
	bind_int(b, "XC", x->type.dim[1]);
	bind_int(b, "XB", l->block);
	bind_int(b, "XCB", tile_count(x->type.dim[1], l->block));
	bind_int(b, "XROW", layout_cols(&x->type) * l->block);
	bind_int(b, "XMAP", layout_rows(&x->type) * layout_cols(&x->type) * l->block);
	bind_int(b, "XAT", ((l->halo[0] - c->pad[0]) * layout_cols(&x->type) + l->halo[1] - c->pad[1]) * l->block);
	bind_int(b, "KH", n->in[CONV_WEIGHT]->type.dim[2]);
	bind_int(b, "KW", n->in[CONV_WEIGHT]->type.dim[3]);
	bind_int(b, "SH", c->stride[0]);
	bind_int(b, "SW", c->stride[1]);
	bind_int(b, "DH", c->dilation[0]);
	bind_int(b, "DW", c->dilation[1]);
	bind_result(b, t, n, 0, &p);
	if (n->nout > 1)
		bind_result(b, t, n, 1, &p);
	else
		bind_int(b, "ELT1", 0);
	bind_repeat(b, "pp", p.tile.th * p.tile.tw);
	bind_repeat(b, "vv", p.tile.tv);
}

int64_t conv_tile_size(const Target *t, const Node *n)
{
	TilePlan p = tile_plan(t, n);
	return 4 * (p.panels[0] + p.panels[1]) * panel_floats(t, &p);
}

/* One panel: channels first..first+lanes-1 of the weights, of which those from end on are zero. */
static void pack_panel(float *out, const float *w, const float *bias, const int64_t *dim, int64_t first, int64_t end, int64_t lanes,
                       int64_t block)
{
	int64_t taps = dim[2] * dim[3], depth = dim[1] * taps;
	int64_t used = end - first < lanes ? end - first : lanes;
	memset(out, 0, sizeof *out * (size_t)(lanes * (1 + depth)));
	for (int64_t i = 0; bias && i < used; i++)
		out[i] = bias[first + i];
	out += lanes;
	for (int64_t c = 0; c < dim[1]; c += block) {
		int64_t width = dim[1] - c < block ? dim[1] - c : block;
		for (int64_t tap = 0; tap < taps; tap++)
			for (int64_t k = 0; k < width; k++, out += lanes)
				for (int64_t i = 0; i < used; i++)
					out[i] = w[(first + i) * depth + (c + k) * taps + tap];
	}
}

void conv_tile_pack(const Target *t, const Node *n, void *out, Arena *scratch)
{
	TilePlan p = tile_plan(t, n);
	const float *w = blob_read_f32(n->in[CONV_WEIGHT]->data, scratch);
	const float *bias = node_bias(n) ? blob_read_f32(node_bias(n)->data, scratch) : NULL;
	float *panel = out;
	int64_t begin = 0;
	for (int k = 0; k < n->nout; k++) {
		int64_t end = begin + n->out[k]->type.dim[1];
		for (int64_t i = 0; i < p.panels[k]; i++) {
			int64_t v = i * p.tile.tv < p.vectors[k] - p.tile.tv ? i * p.tile.tv : p.vectors[k] - p.tile.tv;
			pack_panel(panel, w, bias, n->in[CONV_WEIGHT]->type.dim, begin + v * t->vector, end, p.tile.tv * t->vector,
			           n->in[CONV_X]->type.layout.block);
			panel += panel_floats(t, &p);
		}
		begin = end;
	}
}

/* ---- depthwise ---- */

bool depthwise_accepts(const Target *t, const Node *n)
{
	const Conv *c = &n->u.conv2d;
	const Value *x = n->in[CONV_X];
	int halo[4];
	if (n->nout != 1 || c->group != x->type.dim[1] || c->group != n->out[0]->type.dim[1] || !conv_has_constants(n))
		return false;
	conv_window_halo(n, halo);
	return is_map_of(x, t->vector) && is_map_of(n->out[0], t->vector) && conv_serves_epilogue(t, n, 0) &&
	       n->in[CONV_WEIGHT]->type.dim[3] <= 7 && halo_is_within(halo, x);
}

enum { PIXELS, MOST_PIXELS = 8 }; /* Node.plan: of a row, summed together */

/* The sums, one row of weights and one of inputs stay in registers. */
void depthwise_choose(const Target *t, const Node *n, int plan[MAX_PLAN])
{
	int64_t width = n->out[0]->type.dim[3];
	int most = t->registers > 16 ? MOST_PIXELS : 4;
	double least = 1e30;
	plan[PIXELS] = width <= most ? (int)width : 1;
	for (int i = 2; i <= most && width > most; i++) {
		double cost = (double)tile_count(width, i) * (i + 1.5);
		if (cost < least) {
			least = cost;
			plan[PIXELS] = i;
		}
	}
}

const char *depthwise_refuse(const Target *t, const Node *n, const int plan[MAX_PLAN])
{
	(void)t;
	return plan[PIXELS] < 1 || plan[PIXELS] > MOST_PIXELS || plan[PIXELS] > n->out[0]->type.dim[3]
	           ? "pixels is 1 to 8, and no more than a row has"
	           : NULL;
}

void depthwise_bind(const Target *t, const Node *n, Bindings *b)
{
	const Conv *c = &n->u.conv2d;
	const Type *x = &n->in[CONV_X]->type, *y = &n->out[0]->type;
	const int *halo = x->layout.halo;
	const int64_t *w = n->in[CONV_WEIGHT]->type.dim;
	const int pixels = n->plan[PIXELS];
	bind_vector(b, t->vector);
	bind_int(b, "BLOCKS", tile_count(x->dim[1], t->vector));
	bind_int(b, "PANEL", t->vector * (1 + w[2] * w[3]));
	bind_int(b, "YH", y->dim[2]);
	bind_int(b, "YW", y->dim[3]);
	bind_int(b, "TW", pixels);
	bind_int(b, "TILE_COLS", tile_count(y->dim[3], pixels));
	bind_int(b, "XROW", layout_cols(x) * t->vector);
	bind_int(b, "XMAP", layout_rows(x) * layout_cols(x) * t->vector);
	bind_int(b, "XAT", ((halo[0] - c->pad[0]) * layout_cols(x) + halo[1] - c->pad[1]) * t->vector);
	bind_int(b, "KH", w[2]);
	bind_int(b, "KW", w[3]);
	bind_int(b, "SH", c->stride[0]);
	bind_int(b, "SW", c->stride[1]);
	bind_int(b, "DH", c->dilation[0]);
	bind_int(b, "DW", c->dilation[1]);
	bind_steps(b, "Y", "", n->out[0], t->vector);
	if (node_epilogue_operand(n, 0))
		bind_steps(b, "E", "", node_epilogue_operand(n, 0), t->vector);
	bind_epilogue(b, n, 0, "", t->vector);
	bind_repeat(b, "pp", pixels);
	bind_repeat(b, "kx", (int)w[3]);
}

int64_t depthwise_size(const Target *t, const Node *n)
{
	const int64_t *w = n->in[CONV_WEIGHT]->type.dim;
	return 4 * tile_count(w[0], t->vector) * t->vector * (1 + w[2] * w[3]);
}

/* For each vector of channels: bias, then the taps. */
void depthwise_pack(const Target *t, const Node *n, void *out, Arena *scratch)
{
	const int64_t *dim = n->in[CONV_WEIGHT]->type.dim;
	const float *w = blob_read_f32(n->in[CONV_WEIGHT]->data, scratch);
	const float *bias = node_bias(n) ? blob_read_f32(node_bias(n)->data, scratch) : NULL;
	int64_t taps = dim[2] * dim[3];
	float *to = out;
	for (int64_t first = 0; first < dim[0]; first += t->vector)
		for (int64_t k = -1; k < taps; k++)
			for (int64_t c = first; c < first + t->vector; c++)
				*to++ = c >= dim[0] ? 0 : k >= 0 ? w[c * taps + k] : bias ? bias[c] : 0;
}
