/* harness.h -- tensors to and from an emitted program that was loaded into this process, and the call of its NAME_run(). */
#ifndef VERIFY_HARNESS_H
#define VERIFY_HARNESS_H

#include "ir/ir.h"

typedef struct Detection { /* as in the emitted header */
	float x0, y0, x1, y1, score;
	int32_t label;
} Detection;

enum { HARNESS_TENSORS = 16 }; /* inputs and outputs of a program, at most */

/* Elements in logical order to an array as NAME_run() takes it; lives in a. */
void *harness_pack(const Type *t, const double *x, Arena *a);
/* The elements of a value as the program stores it, halo and channel blocks left out, in logical order; the caller frees them. */
double *harness_unpack(const Type *t, const void *data);

/* NAME_run() of g's program, with one pointer for each input and output. found: room for keep_top_k detections, of a graph that ends
 * in detect; else null. Returns what NAME_run() does. */
int harness_run(const Graph *g, void *run, void *const *in, void *const *out, Detection *found);

#endif
