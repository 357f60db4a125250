/* kernels_detect.h -- sizes of a detect node, for its rows. */
#ifndef CODEGEN_KERNELS_DETECT_H
#define CODEGEN_KERNELS_DETECT_H

#include "ir/ir.h"

int64_t detect_boxes(const Node *n); /* default boxes */
int64_t detect_top_k(const Node *n); /* of each list, at most */
int64_t detect_lists(const Node *n); /* the classes, or one list for all */

#endif
