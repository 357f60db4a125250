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

enum { PACK_WIDTH = 4 };

/* One row of one register: wider tiles are packed less well (measured with gcc 12). */
static bool is_packed(const Target *t, const TileWork *w, Tile c)
{
	if (t->vector > 1 || c.th > 1)
		return false;
	return (w->pack == PACK_PIXELS && c.tw == PACK_WIDTH) || (w->pack == PACK_CHANNELS && c.tv % PACK_WIDTH == 0);
}

static bool fits(const Target *t, const TileWork *w, Tile c)
{
	int sums = c.th * c.tw * c.tv, packed = w->pack == PACK_PIXELS ? c.tw : c.tv;
	if (is_packed(t, w, c))
		return (sums + packed) / PACK_WIDTH + 2 <= t->registers;
	int spare = t->registers > 16 ? 1 : 2; /* one broadcast; without three-operand instructions one copy */
	return sums + c.tv + spare <= t->registers;
}

/* One step of the sum. */
static double step_cost(const Target *t, const TileWork *w, Tile c)
{
	double pixels = c.th * c.tw, sums = pixels * c.tv;
	if (is_packed(t, w, c)) { /* separate multiply and add, two instructions a broadcast: three in a unit of time */
		double packed = w->pack == PACK_PIXELS ? pixels : c.tv, spread = w->pack == PACK_PIXELS ? c.tv : pixels;
		double issue = (2 * sums / PACK_WIDTH + 2 * spread + packed / PACK_WIDTH) / 3;
		return (issue > 6 ? issue : 6) + 0.5;
	}
	double step = sums > 5 ? sums : 5;
	double panel_bytes = 4.0 * (double)w->depth * c.tv * t->vector;
	double fetch = panel_bytes > 0.6 * (double)t->cache_bytes ? 4.0 * c.tv * t->vector / 10 : 0;
	step = step > fetch ? step : fetch;
	return step + 0.15 * (pixels + c.tv) + 0.5;
}

static double cost_of(const Target *t, const TileWork *w, Tile c)
{
	double sums = c.th * c.tw * c.tv;
	double tiles = (double)(tile_count(w->rows, c.th) * tile_count(w->cols, c.tw)), panels = 0;
	for (int k = 0; k < w->nout; k++)
		panels += (double)tile_count(w->vectors[k], c.tv);
	return tiles * panels * ((double)w->depth * step_cost(t, w, c) + 4 * sums + 10);
}

static int64_t least_vectors(const TileWork *w)
{
	int64_t least = w->vectors[0];
	for (int k = 1; k < w->nout; k++)
		least = w->vectors[k] < least ? w->vectors[k] : least;
	return least;
}

const char *tile_refuse(const TileWork *w, Tile c)
{
	if (c.th < 1 || c.th > MAX_ROWS || c.th > w->rows)
		return "th is 1 to 8, and no more than there are rows";
	if (c.tw < 1 || c.tw > MAX_COLS || c.tw > w->cols)
		return "the columns of a tile are 1 to 28, and no more than there are";
	if (c.tv < 1 || c.tv > MAX_VECTORS || c.tv > least_vectors(w))
		return "tv is 1 to 8, and no more than there are vectors of channels";
	return NULL;
}

Tile tile_choose(const Target *t, const TileWork *w)
{
	Tile best = {1, 1, 1};
	double least = cost_of(t, w, best);
	const int64_t most = least_vectors(w);
	for (int th = 1; th <= w->rows && th <= MAX_ROWS; th++)
		for (int tw = 1; tw <= w->cols && tw <= MAX_COLS; tw++)
			for (int tv = 1; tv <= most && tv <= MAX_VECTORS; tv++) {
				Tile c = {th, tw, tv};
				if (!fits(t, w, c))
					continue;
				double cost = cost_of(t, w, c);
				if (cost < least) {
					least = cost;
					best = c;
				}
			}
	return best;
}
