/* context.h -- what each rule is given: the file, the model's name, the manifest, and where findings go. */
#ifndef CHECK_CONTEXT_H
#define CHECK_CONTEXT_H

#include "check/ast.h"
#include "check/result.h"

typedef struct Rules {
	const AstFile *file;
	const char *prefix;            /* of the model: the file's name without its ending */
	const char *upper;             /* the same in capitals: of macros */
	const char *rule;              /* the rule that is applied */
	const struct Promise *promise; /* the manifest beside the file; or null */
	int language;                  /* IN_C or IN_CUDA */
	bool is_device;                /* in CUDA: this pass has the code of a device */
	CheckResult *result;
	Arena *arena;           /* of findings */
	int nassembly;          /* blocks of assembly beside the functions, so far */
	const Ast **definition; /* [nfunction]: by number, less 1 */
	bool *reaches;          /* [nfunction][nfunction]: by number, less 1: the first can call the second */
} Rules;

#endif
