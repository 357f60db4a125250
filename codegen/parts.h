/* parts.h -- helper functions of emitted code, of which a source gets those that it uses. */
#ifndef CODEGEN_PARTS_H
#define CODEGEN_PARTS_H

#include "codegen/template.h"
#include "ir/target.h"

typedef struct Parts Parts;

/* Of the target's language. In CUDA the functions of C are there too, for the device. */
Parts *parts_new(Arena *a, const char *model_name, const Target *t);
/* "relu", or "relu_16": of vectors. A function without a vector form is made from the scalar one, lane by lane. */
void parts_want(Parts *p, const char *name);
void parts_print(Parts *p, FILE *out, TextFacts *facts); /* facts: as template_expand() adds to them */

#endif
