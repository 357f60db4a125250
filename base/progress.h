/* progress.h -- a line on the terminal that names the present stage of a long run. */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdbool.h>
#include <stdio.h>

typedef struct Progress { /* what the user asked for */
	bool quiet, verbose;
} Progress;

/* One word of it, in place of the last; null: done. Nothing unless standard error is a terminal, nor with --quiet or
 * --verbose. */
void progress(Progress p, const char *doing);

/* The stream for the list of written files: standard error, where it is a terminal or --verbose was given; else null. The progress line
 * is erased first. */
FILE *progress_listing(Progress p);

#endif
