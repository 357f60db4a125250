/* findings.h -- findings are collected in the result. */
#ifndef CHECK_FINDINGS_H
#define CHECK_FINDINGS_H

#include "check/context.h"

void finding_at(Rules *r, const Ast *at, const char *format, ...) __attribute__((format(printf, 3, 4))); /* of the rule that is applied */
void finding_add(Rules *r, const char *rule, Loc loc, const char *text); /* text must live as long as the result */

#endif
