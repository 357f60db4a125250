/* ram_report.h -- why a network needs the memory that it needs: the step at which most is alive, and which buffers those are. */
#ifndef COMPILER_RAM_REPORT_H
#define COMPILER_RAM_REPORT_H

#include "compiler/options.h"
#include "ir/ir.h"
#include "ir/target.h"

/* Notes after an error about --max-ram. limit: bytes that are allowed. g is planned. */
void ram_report(const Graph *g, const Target *t, const Options *o, int64_t limit, Arena *a, Diag *d);

#endif
