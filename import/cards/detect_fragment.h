/* detect_fragment.h -- boxes for a network that ends before them, as a file in the words of the cards says.
 *
 * Many published detectors end in two tensors, offsets and scores, and leave the rest to a script: activations of the
 * scores, default boxes, decoding, non-maximum suppression, the pixels' preprocessing. A fragment (JSON, models/
 * *.detect.json, described in models/README.md) states these; the graph then ends in a detect as any other.
 */
#ifndef IMPORT_CARDS_DETECT_FRAGMENT_H
#define IMPORT_CARDS_DETECT_FRAGMENT_H

#include "ir/ir.h"

/* The graph returns detections, made of the results that the fragment names. False after errors were reported. */
bool detect_fragment_apply(Graph *g, const char *path, Diag *d);

#endif
