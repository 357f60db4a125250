/* needs_boxes.h -- may an executable be made of the model? */
#ifndef COMPILER_NEEDS_BOXES_H
#define COMPILER_NEEDS_BOXES_H

#include "compiler/options.h"
#include "ir/ir.h"

/* False after an error: the model gives no boxes for a photograph. The message says what it takes and gives. */
bool gives_boxes(const Graph *g, const Options *o, Arena *a, Diag *d);

#endif
