/* weights_look.h -- weights that are no numbers: said when a model is read, because a network with one NaN gives no boxes. */
#ifndef IMPORT_WEIGHTS_LOOK_H
#define IMPORT_WEIGHTS_LOOK_H

#include "ir/ir.h"

/* A warning for each constant with NaN, for weights that are infinite, and for negative variances: names the tensor and counts.
 * strict: errors in their place. Constants of which only the hash is known are passed over. file: the model's, for messages. */
void weights_look(const Graph *g, const char *file, bool strict, Diag *d);

#endif
