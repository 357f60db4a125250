/* output.h -- files that appear under their name only when they are complete. */
#ifndef COMPILER_OUTPUT_H
#define COMPILER_OUTPUT_H

#include "ir/arena.h"
#include "ir/diag.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct Output {
	const char *path, *temporary;
	FILE *file;
} Output;

/* path null or "-": standard output. keep: null-terminated files that are never replaced, or null. False after an error. */
bool output_open(Output *o, const char *path, const char *const *keep, Arena *a, Diag *d);
/* good: everything was made; else the file goes away. False after an error, or when not good. */
bool output_close(Output *o, bool good, Diag *d);

#endif
