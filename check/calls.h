/* calls.h -- who calls whom in a file. */
#ifndef CHECK_CALLS_H
#define CHECK_CALLS_H

#include "check/context.h"

enum { CALLS_MOST = 16 }; /* overloads that one call may mean */

void calls_find(Rules *r); /* sets r->definition and r->reaches */

/* The definitions of this file that a call may mean: one, or none when the function is not of the file; inside a template,
 * where that hangs on a type, all of the name. Returns how many. */
int calls_of(const Rules *r, const Ast *call, const Ast *to[CALLS_MOST]);

/* What is called; in a template one of what may be. Null cursor: an object. */
CXCursor calls_target(const Ast *call);
const char *calls_name(const Ast *call); /* "" when nothing has a name */

#endif
