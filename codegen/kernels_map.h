/* kernels_map.h -- what the rows on blocked maps with halos share. */
#ifndef CODEGEN_KERNELS_MAP_H
#define CODEGEN_KERNELS_MAP_H

#include "codegen/kernel.h"

/* A float map of one image in blocks of that many channels, with any halo. */
bool is_map_of(const Value *v, int block);

bool halo_is_zero(const Value *v);
bool halo_is_within(const int halo[4], const Value *v); /* v has at least that much */

/* How to walk a map in vectors of n channels: <p>V<s> floats from one vector to the next, <p>R<s> from row to row,
 * <p>P<s> from pixel to pixel, <p>AT<s> to the first pixel. The map's block is a multiple of n, or all channels. */
void bind_steps(Bindings *b, const char *p, const char *s, const Value *v, int n);

/* NEAREST, and positions over a common denominator: UNIT_Y UNIT_X, STEP_Y STEP_X (from output to output), FIRST_Y FIRST_X. */
void bind_resize(Bindings *b, const Node *n);

/* ---- kernels_deconv.c, for other transposed convolutions ---- */

/* Rows (axis 0) or columns (1) of the result's smallest phase and of its largest. */
void deconv_phase_sizes(const Node *n, int axis, int64_t *least, int64_t *most);

/* ---- kernels_conv.c, for other convolutions ---- */

void conv_window_halo(const Node *n, int halo[4]); /* the zeros that the windows read around the map */
bool conv_serves_epilogue(const Target *t, const Node *n, int k);

#endif
