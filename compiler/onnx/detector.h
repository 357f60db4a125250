/* detector.h -- the tail of an SSD that was exported to ONNX becomes one detect.
 *
 *     boxes = decode(loc, constants)                  =>   detections = detect loc scores priors
 *     i = nms boxes scores
 *     return i, or what gather finds at i
 *
 * The program that is emitted then takes pixels and gives boxes, as one made from a card. Exporters write the decoding
 * in many ways; what it computes decides (terms.h): centre + slope * loc and size * exp(rate * loc) are a default box
 * and its variances. Boxes are fractions of the image; the two first numbers of an offset are taken to be x and y,
 * unless the columns of the boxes come in the other order, y first.
 *
 * What is returned must be the indices of the boxes that stay, or boxes, scores and classes picked by them. A class 0
 * that suppression does not see is the background. Rows are by falling score then, not by class, and when more boxes
 * stay than the model states rows for, the best are given. Everything else stays as it is, and is no error.
 */
#ifndef COMPILER_ONNX_DETECTOR_H
#define COMPILER_ONNX_DETECTOR_H

#include "ir/ir.h"

/* A note says what was recognised. */
void onnx_detector(Graph *g, Diag *d);

#endif
