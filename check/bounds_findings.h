/* bounds_findings.h -- findings of E21, each with the calls that lead to it. */
#ifndef CHECK_BOUNDS_FINDINGS_H
#define CHECK_BOUNDS_FINDINGS_H

#include "check/bounds_state.h"

/* One finding at each place, on whichever path is walked first; none while the walk is speculative. */
void bounds_find(State *s, const Ast *at, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Takes back the findings, and the visits of functions, that were made since there were nfinding and ncall of them. */
void bounds_forget(State *s, int nfinding, int ncall);

#endif
