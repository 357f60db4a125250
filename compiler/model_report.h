/* model_report.h -- what dssdc inspect prints, and dssdc compile with a report's name for --emit. */
#ifndef COMPILER_MODEL_REPORT_H
#define COMPILER_MODEL_REPORT_H

#include "compiler/options.h"

/* --emit=text|ir|json|dot|html|plans to -o or standard output. Returns the exit status. */
int model_report(const Options *o, const char *kind, Arena *a, Diag *d);

#endif
