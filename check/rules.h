/* rules.h -- the rules of emitted code, applied to a file. */
#ifndef CHECK_RULES_H
#define CHECK_RULES_H

#include "check/context.h"

void rules_apply(Rules *r); /* all rules of rules.def that hold for r->language, at all nodes of r->file */

/* check_<function>() of each row of rules.def: looks at the node n, adds what it finds to r->result. */
#define RULE(number, function, languages, rule, reason, serves) void check_##function(Rules *r, const Ast *n);
#include "check/rules.def"

#endif
