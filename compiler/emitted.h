/* emitted.h -- emitted source in a folder, and what is done with it before anybody builds on it. */
#ifndef COMPILER_EMITTED_H
#define COMPILER_EMITTED_H

#include "codegen/codegen.h"
#include "compiler/options.h"

enum { MOST_EMITTED = 6 };

typedef struct Emitted { /* which files there are: NAME<suffix>, the source last */
	const char *suffix[MOST_EMITTED];
	int n;
} Emitted;

/* emit_source() into dir: all files, or none and false after an error was reported. shown: the folder that messages name
 * instead of dir, or null. e: gets the list, or null. */
bool emitted_write(const Graph *g, const Target *t, const EmitOptions *o, const char *dir, const char *shown, Emitted *e, Diag *d);

/* The source NAME.c or NAME.cu in dir, held to the rules of dssdc check. Findings, which are faults of dssdc, are reported; true
 * when there are none, or --no-check says so. A checker that is not there is said; with --check it is an error. */
bool emitted_check(const Options *o, Graph *g, const Target *t, const EmitOptions *emit, const char *dir, const char *shown, Arena *a,
                   Diag *d);

#endif
