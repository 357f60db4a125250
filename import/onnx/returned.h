/* returned.h -- whether what a model returns after its suppression is detections, and nothing else.
 *
 * A model may do anything with the boxes that stay before it returns them. Here is proved that it does nothing that detect
 * would not do too; where that is not proved, the network stays plain operations. Two things together are the proof:
 *
 * - operations between suppression and the outputs only move numbers (reshape, permute, slice, take, concat, the gathers,
 *   casts that hold every number) and add a number to indices. So no box or score can change its value, and what goes
 *   where depends on indices alone;
 * - the evaluator is given boxes and scores that are all distinct and made-up indices of chosen boxes, several times. In
 *   each output every column must then be, in every row: one of the four numbers of the row's own box, the row's own score,
 *   or its own batch, class or box index, as it is or plus 1. Numbers of a box are in the order of its columns, or with
 *   those of x and y exchanged.
 *
 * An index that is shifted and then picks, a row of another box, columns that change places, scores or boxes that are scaled
 * are therefore all found.
 */
#ifndef IMPORT_ONNX_RETURNED_H
#define IMPORT_ONNX_RETURNED_H

#include "ir/ir.h"

/* nms: the graph's only one, of one image. */
bool returned_detections(const Graph *g, const Node *nms);

#endif
