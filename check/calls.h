/* calls.h -- the call graph of a file. */
#ifndef CHECK_CALLS_H
#define CHECK_CALLS_H

#include "check/context.h"

enum { CALLS_MOST = 16 }; /* overloads that one call may mean */

void calls_find(Rules *r); /* sets r->definition and r->reaches */

/* The definitions in this file that a call may mean: one, or none if the function is not of the file; inside a template, where a
 * type decides, all overloads. Returns how many. */
int calls_of(const Rules *r, const Ast *call, const Ast *to[CALLS_MOST]);

/* The declaration that is called; in a template one of the candidates. Null cursor: an object is called. */
CXCursor calls_target(const Ast *call);
const char *calls_name(const Ast *call); /* "": the callee has no name */

#endif
