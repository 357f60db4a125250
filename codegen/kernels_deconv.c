/* kernels_deconv.c -- row of the tuned transposed convolution. A stride s splits it into s x s phases, each an ordinary
 * convolution whose taps are every s-th of the window. */
#include "codegen/kernels_map.h"
#include "codegen/rows.h"
#include "codegen/tile.h"

#include <string.h>

typedef struct Phase { /* of one axis: results q * stride + phase - pad for q in first..last, inputs q - tap */
	int taps;
	int64_t first, last;
} Phase;

typedef struct Axis {
	int stride, pad;
	int64_t kernel, in, out;
} Axis;

static Axis axis_of(const Node *n, int i)
{
	const Deconv *c = &n->u.deconv2d;
	return (Axis){c->stride[i], c->pad[i], n->in[CONV_WEIGHT]->type.dim[2 + i], n->in[CONV_X]->type.dim[2 + i],
	              n->out[0]->type.dim[2 + i]};
}

static Phase phase_of(Axis a, int phase)
{
	Phase p = {.taps = (int)((a.kernel - phase + a.stride - 1) / a.stride), .first = (a.pad - phase + a.stride - 1) / a.stride};
	int64_t last = a.out - 1 + a.pad - phase;
	p.last = last < 0 ? p.first - 1 : last / a.stride;
	return p;
}

void deconv_phase_sizes(const Node *n, int axis, int64_t *least, int64_t *most)
{
	const Axis a = axis_of(n, axis);
	*least = a.out;
	*most = 0;
	for (int i = 0; i < a.stride; i++) {
		Phase p = phase_of(a, i);
		int64_t size = p.last - p.first + 1;
		*least = size < *least ? size : *least;
		*most = size > *most ? size : *most;
	}
}

void deconv_tile_halo(const Target *t, const Node *n, int i, int halo[4])
{
	(void)t;
	for (int k = 0; i == 0 && k < 2; k++) {
		Axis a = axis_of(n, k);
		for (int j = 0; j < a.stride; j++) {
			Phase p = phase_of(a, j);
			int before = (int)(p.taps - 1 - p.first), after = (int)(p.last - (a.in - 1));
			halo[k] = p.taps && before > halo[k] ? before : halo[k];
			halo[2 + k] = p.taps && after > halo[2 + k] ? after : halo[2 + k];
		}
	}
}

bool deconv_tile_accepts(const Target *t, const Node *n)
{
	const Deconv *c = &n->u.deconv2d;
	const Value *x = n->in[CONV_X];
	int halo[4] = {0};
	if (c->group != 1 || !conv_has_constants(n) || !(is_map_of(x, t->vector) || is_map_of(x, 1)) || !is_map_of(n->out[0], t->vector) ||
	    !conv_serves_epilogue(t, n, 0))
		return false;
	for (int k = 0; k < 2; k++) {
		int64_t least, most;
		deconv_phase_sizes(n, k, &least, &most);
		if (least < 1)
			return false;
	}
	deconv_tile_halo(t, n, 0, halo);
	return halo_is_within(halo, x);
}

typedef struct DeconvPlan {
	Tile tile;
	int64_t tile_rows, tile_cols, vectors, panels;
	int64_t biases;     /* vectors of a panel: 1 or 9 for each vector of channels */
	int64_t panel_size; /* floats */
} DeconvPlan;

enum { TH, TW, TV }; /* Node.plan */

static int64_t deconv_vectors(const Target *t, const Node *n)
{
	return tile_count(n->in[CONV_WEIGHT]->type.dim[1], t->vector);
}

static TileWork deconv_work(const Target *t, const Node *n)
{
	const int64_t *w = n->in[CONV_WEIGHT]->type.dim;
	const int *stride = n->u.deconv2d.stride;
	int64_t most;
	TileWork work = {.nout = 1, .vectors = {deconv_vectors(t, n)}, .pack = PACK_PIXELS};
	deconv_phase_sizes(n, 0, &work.rows, &most);
	deconv_phase_sizes(n, 1, &work.cols, &most);
	work.depth = w[0] * tile_count(w[2], stride[0]) * tile_count(w[3], stride[1]);
	return work;
}

void deconv_tile_choose(const Target *t, const Node *n, int plan[MAX_PLAN])
{
	const TileWork work = deconv_work(t, n);
	const Tile tile = tile_choose(t, &work);
	plan[TH] = tile.th;
	plan[TW] = tile.tw;
	plan[TV] = tile.tv;
}

const char *deconv_tile_refuse(const Target *t, const Node *n, const int plan[MAX_PLAN])
{
	const TileWork work = deconv_work(t, n);
	return tile_refuse(&work, (Tile){plan[TH], plan[TW], plan[TV]});
}

static DeconvPlan deconv_plan(const Target *t, const Node *n)
{
	const int64_t *w = n->in[CONV_WEIGHT]->type.dim;
	DeconvPlan p = {.vectors = deconv_vectors(t, n), .biases = n->u.deconv2d.border_bias ? 9 : 1};
	int64_t least, most_rows, most_cols;
	deconv_phase_sizes(n, 0, &least, &most_rows);
	deconv_phase_sizes(n, 1, &least, &most_cols);
	p.tile = (Tile){n->plan[TH], n->plan[TW], n->plan[TV]};
	p.tile_rows = tile_count(most_rows, p.tile.th);
	p.tile_cols = tile_count(most_cols, p.tile.tw);
	p.panels = tile_count(p.vectors, p.tile.tv);
	p.panel_size = p.tile.tv * t->vector * (p.biases + w[0] * w[2] * w[3]);
	return p;
}

void deconv_tile_bind(const Target *t, const Node *n, Bindings *b)
{
	const Deconv *c = &n->u.deconv2d;
	const Type *x = &n->in[CONV_X]->type, *y = &n->out[0]->type;
	const int64_t *w = n->in[CONV_WEIGHT]->type.dim;
	int block = x->layout.block;
	DeconvPlan p = deconv_plan(t, n);
	bind_vector(b, t->vector);
	bind_int(b, "PANELS", p.panels);
	bind_int(b, "PANEL", p.panel_size);
	bind_int(b, "NV", p.vectors);
	bind_int(b, "TILE_ROWS", p.tile_rows);
	bind_int(b, "TILE_COLS", p.tile_cols);
	bind_int(b, "TH", p.tile.th);
	bind_int(b, "TW", p.tile.tw);
	bind_int(b, "TV", p.tile.tv);
	bind_int(b, "YH", y->dim[2]);
	bind_int(b, "YW", y->dim[3]);
	bind_int(b, "XC", x->dim[1]);
	bind_int(b, "XB", block);
	bind_int(b, "XCB", tile_count(x->dim[1], block));
	bind_int(b, "XROW", layout_cols(x) * block);
	bind_int(b, "XMAP", layout_rows(x) * layout_cols(x) * block);
	bind_int(b, "XAT", (x->layout.halo[0] * layout_cols(x) + x->layout.halo[1]) * block);
	bind_int(b, "KH", w[2]);
	bind_int(b, "KW", w[3]);
	bind_int(b, "SH", c->stride[0]);
	bind_int(b, "SW", c->stride[1]);
	bind_int(b, "PT", c->pad[0]);
	bind_int(b, "PL", c->pad[1]);
	bind_int(b, "TAPS_Y", tile_count(w[2], c->stride[0]));
	bind_int(b, "TAPS_X", tile_count(w[3], c->stride[1]));
	bind_int(b, "BORDER", c->border_bias ? c->border : 0);
	bind_steps(b, "Y", "", n->out[0], t->vector);
	if (node_epilogue_operand(n, 0))
		bind_steps(b, "E", "", node_epilogue_operand(n, 0), t->vector);
	bind_epilogue(b, n, 0, "", t->vector);
	bind_repeat(b, "pp", p.tile.th * p.tile.tw);
	bind_repeat(b, "vv", p.tile.tv);
}

int64_t deconv_tile_size(const Target *t, const Node *n)
{
	DeconvPlan p = deconv_plan(t, n);
	return 4 * p.panels * p.panel_size;
}

/* The taps of phase (py, px), channels first.. of the result. Returns what follows them. */
static float *pack_phase(const Node *n, const float *w, int py, int px, int64_t first, int64_t lanes, float *out)
{
	const int64_t *dim = n->in[CONV_WEIGHT]->type.dim;
	const int *stride = n->u.deconv2d.stride;
	int64_t block = n->in[CONV_X]->type.layout.block, used = dim[1] - first < lanes ? dim[1] - first : lanes;
	for (int64_t c = 0; c < dim[0]; c += block)
		for (int64_t ky = py; ky < dim[2]; ky += stride[0])
			for (int64_t kx = px; kx < dim[3]; kx += stride[1])
				for (int64_t k = c; k < c + block && k < dim[0]; k++, out += lanes)
					for (int64_t i = 0; i < used; i++)
						out[i] = w[((k * dim[1] + first + i) * dim[2] + ky) * dim[3] + kx];
	return out;
}

void deconv_tile_pack(const Target *t, const Node *n, void *out, Arena *scratch)
{
	DeconvPlan p = deconv_plan(t, n);
	const Deconv *c = &n->u.deconv2d;
	int64_t channels = n->in[CONV_WEIGHT]->type.dim[1], lanes = p.tile.tv * t->vector;
	const float *w = blob_read_f32(n->in[CONV_WEIGHT]->data, scratch);
	const float *bias = node_bias(n) ? blob_read_f32(node_bias(n)->data, scratch) : NULL;
	float *to = out;
	memset(out, 0, 4 * (size_t)(p.panels * p.panel_size));
	for (int64_t panel = 0; panel < p.panels; panel++) {
		int64_t v = panel * p.tile.tv < p.vectors - p.tile.tv ? panel * p.tile.tv : p.vectors - p.tile.tv;
		int64_t first = v * t->vector;
		for (int64_t k = 0; k < p.biases; k++, to += lanes)
			for (int64_t i = 0; bias && i < lanes && first + i < channels; i++)
				to[i] = bias[k * channels + first + i];
		for (int py = 0; py < c->stride[0]; py++)
			for (int px = 0; px < c->stride[1]; px++)
				to = pack_phase(n, w, py, px, first, lanes, to);
	}
}
