/* progress.c -- the text stays on its line with the cursor at the start, so that a message written next covers it. */
#include "compiler/progress.h"

#include <stdio.h>
#include <unistd.h>

void progress(const Options *o, const char *doing)
{
	if (o->quiet || o->verbose || !isatty(STDERR_FILENO))
		return;
	if (doing)
		fprintf(stderr, "\r\033[K%s ...\r", doing);
	else
		fputs("\r\033[K", stderr);
	fflush(stderr);
}

FILE *progress_listing(const Options *o)
{
	progress(o, NULL);
	return o->verbose || (!o->quiet && isatty(STDERR_FILENO)) ? stderr : NULL;
}
