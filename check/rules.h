/* rules.h -- what the rules work with. */
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

bool name_is(const Rules *r, const char *name, const char *plain); /* "net_launch" is "launch" of net.cu */
void rules_apply(Rules *r);
void finding_at(Rules *r, const Ast *at, const char *format, ...) __attribute__((format(printf, 3, 4)));
void finding_add(Rules *r, const char *rule, Loc loc, const char *text);

#endif
