/* tile.h -- the register tile of a convolution: th x tw pixels by tv vectors of channels. */
#ifndef CODEGEN_TILE_H
#define CODEGEN_TILE_H

#include "ir/target.h"

typedef struct Tile {
	int th, tw, tv;
} Tile;

typedef struct TileWork { /* what is to be covered, once for each of the outputs */
	int64_t rows, cols;
	int64_t vectors[MAX_OUT]; /* of channels */
	int nout;
	int64_t depth;            /* products in a sum */
	bool one_row;             /* tiles of one row only */
} TileWork;

/* The cheapest tile by estimate: registers, waste at the edges, loads, weights that fall out of the cache. */
Tile tile_choose(const Target *t, const TileWork *w);

int64_t tile_count(int64_t size, int64_t tile); /* tiles that cover size; the last may overlap */

#endif
