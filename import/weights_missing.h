/* weights_missing.h -- a model whose weights are nowhere. */
#ifndef IMPORT_WEIGHTS_MISSING_H
#define IMPORT_WEIGHTS_MISSING_H

#include "ir/ir.h"

/* Some constant has neither numbers nor a file to read them from. */
bool weights_are_missing(const Graph *g);

/* The error, and a note that says which file was looked for. */
void weights_missing_report(const char *model, Diag *d);

#endif
