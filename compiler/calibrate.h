/* calibrate.h -- photographs as samples of a network's input, for passes that measure. */
#ifndef COMPILER_CALIBRATE_H
#define COMPILER_CALIBRATE_H

#include "passes/pass.h"

/* The first photographs of a folder by name, at most 16, as the graph's preprocessing leaves them. Null after an error. */
const Samples *calibrate_read(const Graph *g, const char *dir, Arena *a, Diag *d);

#endif
