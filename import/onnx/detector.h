/* detector.h -- the tail of an SSD that was exported to ONNX becomes one detect.
 *
 *     boxes = decode(loc, constants)                  =>   detections = detect loc scores priors
 *     i = nms boxes scores
 *     return i, or what gather finds at i
 *
 * The program that is emitted then takes pixels and gives boxes, as one made from a card. Exporters write the decoding
 * in many ways; what it computes decides (terms.h): centre + slope * loc and size * exp(rate * loc) are a default box
 * and its variances, the boxes being fractions of the image. Offsets and boxes may be x first or y first: the order of the
 * default boxes tells (grid.h), or the user is asked.
 *
 * All that is between decoding and suppression is part of those terms: boxes that are scaled, shifted or have their
 * columns in other places make other terms, and the network stays as it is. Scores may only be moved there. After
 * suppression the model must return indices of the boxes that stay, or boxes, scores and classes picked by them, which is
 * proved (returned.h). A class 0 that suppression does not see is the background. Rows are by falling score then, not by
 * class, and when more boxes stay than the model states rows for, the best are given. Everything else stays as it is, and
 * is no error.
 */
#ifndef IMPORT_ONNX_DETECTOR_H
#define IMPORT_ONNX_DETECTOR_H

#include "ir/ir.h"

/* A note says what was recognised. order: "xy" or "yx" of the boxes that suppression is given, "plain": nothing is looked
 * for; null: as the default boxes tell. */
void onnx_detector(Graph *g, const char *order, Diag *d);

#endif
