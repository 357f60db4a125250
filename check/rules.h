/* rules.h -- the rules of emitted code, and the file that they are applied to. */
#ifndef CHECK_RULES_H
#define CHECK_RULES_H

#include "check/ast.h"
#include "check/check.h"

typedef struct Rules {
	const AstFile *file;
	const char *prefix; /* of the model: the file's name without its ending */
	const char *upper;  /* the same in capitals: of macros */
	const char *rule;   /* the one that is applied */
	const struct Promise *promise; /* the manifest beside the file; or null */
	int language;       /* IN_C or IN_CUDA */
	bool is_device;     /* in CUDA: the code that devices run is looked at */
	CheckResult *result;
	Arena *arena;       /* of findings */
	int nassembly;      /* blocks of assembly beside the functions, so far */
	const Ast **definition; /* [nfunction]: by number, less 1 */
	bool *reaches;      /* [nfunction][nfunction]: by number, less 1: the first can call the second */
} Rules;

void rules_apply(Rules *r); /* all rules of rules.def that hold for r->language, at all nodes of r->file */

/* check_<function>() of each row of rules.def: looks at the node n, adds what it finds to r->result. */
#define RULE(number, function, languages, rule, reason, serves) void check_##function(Rules *r, const Ast *n);
#include "check/rules.def"

#endif
