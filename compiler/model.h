/* model.h -- MODEL on the command line to a graph, and through the pipeline. */
#ifndef COMPILER_MODEL_H
#define COMPILER_MODEL_H

#include "compiler/options.h"
#include "ir/ir.h"
#include "passes/pass.h"

/* MODEL as it is imported, whatever its kind. Null after errors were reported. */
Graph *model_load(const Options *o, Arena *a, Diag *d);

/* The names of passes on the command line, before anything is read. False after errors. */
bool model_check_options(const Options *o, Diag *d);

/* The pipeline with the options that concern it. False after errors. */
bool model_run_passes(Graph *g, const Target *t, const Options *o, Diag *d);
/* The same; the graph's figures after each pass go to h, unless it is null. */
bool model_run_passes_watched(Graph *g, const Target *t, const Options *o, struct PassHistory *h, Diag *d);

#endif
