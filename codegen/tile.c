/* tile.c -- chooses register tiles by estimated time.
 *
 * The unit is the time of one vector multiply-add. A step of the sum takes th * tw * tv of them, never less than their
 * latency; loads run beside them but cost a little, and when a panel of weights does not stay in the cache its bytes
 * set the pace. Every size is tried; sizes are small numbers. */
#include "codegen/tile.h"

enum { MAX_ROWS = 8, MAX_COLS = 28, MAX_VECTORS = 8 };

int64_t tile_count(int64_t size, int64_t tile)
{
	return (size + tile - 1) / tile;
}

static bool fits(const Target *t, Tile c)
{
	int sums = c.th * c.tw * c.tv;
	if (t->vector == 1) /* the compiler packs four scalars into a register */
		return sums <= 16;
	int spare = t->registers > 16 ? 1 : 2; /* one broadcast; without three-operand instructions one copy */
	return sums + c.tv + spare <= t->registers;
}

static double cost_of(const Target *t, const TileWork *w, Tile c)
{
	double pixels = c.th * c.tw, sums = pixels * c.tv;
	double step = sums > 5 ? sums : 5;
	double panel_bytes = 4.0 * (double)w->depth * c.tv * t->vector;
	double fetch = panel_bytes > 0.6 * (double)t->cache_bytes ? 4.0 * c.tv * t->vector / 10 : 0;
	step = step > fetch ? step : fetch;
	step += 0.15 * (pixels + c.tv) + 0.5;
	double tiles = (double)(tile_count(w->rows, c.th) * tile_count(w->cols, c.tw)), panels = 0;
	for (int k = 0; k < w->nout; k++)
		panels += (double)tile_count(w->vectors[k], c.tv);
	return tiles * panels * ((double)w->depth * step + 4 * sums + 10);
}

Tile tile_choose(const Target *t, const TileWork *w)
{
	Tile best = {1, 1, 1};
	double least = cost_of(t, w, best);
	int64_t most = w->vectors[0];
	for (int k = 1; k < w->nout; k++)
		most = w->vectors[k] < most ? w->vectors[k] : most;
	for (int th = 1; th <= w->rows && th <= (w->one_row ? 1 : MAX_ROWS); th++)
		for (int tw = 1; tw <= w->cols && tw <= MAX_COLS; tw++)
			for (int tv = 1; tv <= most && tv <= MAX_VECTORS; tv++) {
				Tile c = {th, tw, tv};
				if (!fits(t, c))
					continue;
				double cost = cost_of(t, w, c);
				if (cost < least) {
					least = cost;
					best = c;
				}
			}
	return best;
}
