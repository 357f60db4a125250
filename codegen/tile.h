/* tile.h -- the register tile of a convolution: th x tw pixels by tv vectors of channels. */
#ifndef CODEGEN_TILE_H
#define CODEGEN_TILE_H

#include "ir/target.h"

typedef struct Tile {
	int th, tw, tv;
} Tile;

/* What a compiler packs into vectors of its own where the target has none: it looks for neighbours in memory that are
 * stored together. */
typedef enum Packing { PACK_NOTHING, PACK_PIXELS, PACK_CHANNELS } Packing;

typedef struct TileWork { /* what is to be covered, once for each of the outputs */
	int64_t rows, cols;
	int64_t vectors[MAX_OUT]; /* of channels */
	int nout;
	int64_t depth; /* products in a sum */
	Packing pack;  /* looked at when the target has vectors of one */
} TileWork;

/* The cheapest tile by estimate: registers, waste at the edges, loads, weights that fall out of the cache. */
Tile tile_choose(const Target *t, const TileWork *w);

/* Checks a tile that comes from a plans file: null when templates can be made of it, else a message that names the limit. */
const char *tile_refuse(const TileWork *w, Tile tile);

int64_t tile_count(int64_t size, int64_t tile); /* tiles that cover size; the last may overlap */

#endif
