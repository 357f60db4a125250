/* tiny.h -- the smallest network that has something to look at, in the work folder. */
#ifndef TESTS_CLI_TINY_H
#define TESTS_CLI_TINY_H

#include "tests/shell.h"

static const char tiny[] = "dssdc.ir 1\n"
                           "graph \"tiny\"\n"
                           "input %1 \"x\" : f32[1,2,4,4]\n"
                           "const %2 \"c.weight\" : f32[3,2,1,1] = 1 2 3 4 5 6\n"
                           "%3 = conv2d \"c\" %1 %2 : f32[1,3,4,4]\n"
                           "%4 = eltwise \"r\" %3 fn=relu : f32[1,3,4,4]\n"
                           "output %4\n";

static inline int begin(void **state)
{
	if (work_begin(state))
		return 1;
	write_text("tiny.ir", tiny);
	return 0;
}

static inline int count(const char *text, const char *word)
{
	int n = 0;
	for (const char *p = text; (p = strstr(p, word)); p += strlen(word))
		n++;
	return n;
}

#endif
