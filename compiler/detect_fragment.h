/* detect_fragment.h -- boxes for a network that ends before them. */
#ifndef COMPILER_DETECT_FRAGMENT_H
#define COMPILER_DETECT_FRAGMENT_H

#include "ir/ir.h"

/* The graph returns detections, made of its results as the file says. False after errors were reported. */
bool detect_fragment_apply(Graph *g, const char *path, Diag *d);

#endif
