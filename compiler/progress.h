/* progress.h -- what a long run is doing, for somebody who watches a terminal. */
#ifndef COMPILER_PROGRESS_H
#define COMPILER_PROGRESS_H

#include "compiler/options.h"

#include <stdio.h>

/* One word of it, in place of the last; null: done. Nothing unless standard error is a terminal, nor with --quiet or
 * --verbose. */
void progress(const Options *o, const char *doing);

/* The stream for the list of written files: standard error, where it is a terminal or --verbose was given; else null. The progress line
 * is erased first. */
FILE *progress_listing(const Options *o);

#endif
