/* progress.h -- what a long run is doing, for somebody who watches a terminal. */
#ifndef COMPILER_PROGRESS_H
#define COMPILER_PROGRESS_H

#include "compiler/options.h"

#include <stdio.h>

/* One word of it, in place of the last; null: done. Nothing unless standard error is a terminal, nor with --quiet or
 * --verbose. */
void progress(const Options *o, const char *doing);

/* Where it is said which files were written: standard error, on a terminal and with --verbose; else null. What was being done is wiped
 * away first. */
FILE *progress_listing(const Options *o);

#endif
