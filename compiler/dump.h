/* dump.h -- --dump-dir: the graph after each pass, in DIR/001-import.ir, 002-infer_types.ir, ... */
#ifndef COMPILER_DUMP_H
#define COMPILER_DUMP_H

#include "ir/ir.h"

bool dump_folder_make(const char *dir, Diag *d); /* false after an error was reported */
/* For PipelineOptions: the context is the name of the folder. Each file appears when it is complete. */
void dump_graph(const void *dir, const Graph *g, int number, const char *pass, Diag *d);

#endif
