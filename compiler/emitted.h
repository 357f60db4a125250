/* emitted.h -- what was just written is held to the rules of dssdc check before anybody builds on it. */
#ifndef COMPILER_EMITTED_H
#define COMPILER_EMITTED_H

#include "codegen/codegen.h"
#include "compiler/options.h"

/* The source NAME.c or NAME.cu in dir. Findings, which are faults of dssdc, are reported; true when there are none, or there is
 * no checker, or --no-check says so. */
bool emitted_check(const Options *o, Graph *g, const Target *t, const EmitOptions *emit, const char *dir, Arena *a, Diag *d);

#endif
