/* progress.c -- the text stays on its line with the cursor at the start, so that a message written next covers it. */
#include "base/progress.h"

#include <stdio.h>
#include <unistd.h>

void progress(Progress p, const char *doing)
{
	if (p.quiet || p.verbose || !isatty(STDERR_FILENO))
		return;
	if (doing)
		fprintf(stderr, "\r\033[K%s ...\r", doing);
	else
		fputs("\r\033[K", stderr);
	fflush(stderr);
}

FILE *progress_listing(Progress p)
{
	progress(p, NULL);
	return p.verbose || (!p.quiet && isatty(STDERR_FILENO)) ? stderr : NULL;
}
