/* help.h -- what the program says of itself: help, the manual page, completion; all of it from the same tables. */
#ifndef COMPILER_HELP_H
#define COMPILER_HELP_H

#include <stdio.h>

typedef struct HelpExit {
	int status;
	const char *meaning;
} HelpExit;

extern const char help_about[], help_model[], help_example[];
extern const HelpExit help_exit[]; /* one without a meaning ends them */

void manual_print(FILE *out);     /* dssdc(1), as roff */
void completion_print(FILE *out); /* a script for bash */

#endif
