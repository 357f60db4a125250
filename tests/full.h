/* full.h -- long lists of cases: `tests/run.sh full` runs them whole, other runs take a part that stays the same. */
#ifndef TESTS_FULL_H
#define TESTS_FULL_H

#include <stdbool.h>
#include <stdlib.h>

/* DSSDC_TESTS_FULL is set. */
static inline bool full_run(void)
{
	return getenv("DSSDC_TESTS_FULL") != NULL;
}

/* So many of a list of independent, equal cases. */
static inline int full_or(int all, int part)
{
	return full_run() ? all : part;
}

#endif
