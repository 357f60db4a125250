/* compose.h -- the weights of two convolutions as those of one. */
#ifndef PASSES_COMPOSE_H
#define PASSES_COMPOSE_H

#include "ir/arena.h"

#include <stdint.h>

enum { COMPOSE_TAPS = 4 }; /* most of the deconvolution along an axis */

typedef struct Composer Composer;

Composer *composer_new(Arena *a); /* its buffers are in a and serve one pair after another */

/* deconv [Ci][Cm][kh][kw] with extents d, then conv [Co][Cm][3][3] with extents c, as out [Ci][Co][kh+2][kw+2]. */
void compose(Composer *m, const int64_t d[4], const int64_t c[4], const float *deconv, const float *conv, float *out);

#endif
