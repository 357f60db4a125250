/* model_kind.h -- what a model file is: by its content, and where that does not tell, by its name's ending. */
#ifndef IMPORT_MODEL_KIND_H
#define IMPORT_MODEL_KIND_H

#include "ir/arena.h"
#include "ir/diag.h"

typedef enum ModelKind { MODEL_NONE, MODEL_CARD, MODEL_IR, MODEL_CAFFE, MODEL_ONNX } ModelKind;

/* MODEL_NONE after an error was reported: files of other systems are called by their names, with the way in. "-" is standard input:
 * it becomes a file that can be read twice, at its beginning. */
ModelKind model_kind(const char *path, Arena *a, Diag *d);

const char *model_kind_name(ModelKind kind); /* "a card", "an ONNX model"; null for MODEL_NONE */

/* The file is a model and no program, as far as can be seen without a word: a script is a program, whatever its text looks like. */
ModelKind model_kind_of_program(const char *path, Arena *a);

#endif
