/* model_kind.h -- what a model file is: by its content, and where that does not tell, by its name's ending. */
#ifndef COMPILER_MODEL_KIND_H
#define COMPILER_MODEL_KIND_H

#include "ir/arena.h"
#include "ir/diag.h"

typedef enum ModelKind { MODEL_NONE, MODEL_CARD, MODEL_IR, MODEL_CAFFE, MODEL_ONNX } ModelKind;

/* MODEL_NONE after an error was reported: files of other systems are called by their names, with the way in. "-" is standard input:
 * it becomes a file that can be read twice, at its beginning. */
ModelKind model_kind(const char *path, Arena *a, Diag *d);

#endif
