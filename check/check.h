/* check.h -- does a C or CUDA source keep the rules of emitted code? */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include "check/result.h"
#include "ir/arena.h"
#include "ir/diag.h"

#include <stdbool.h>

typedef struct CheckOptions {
	const char *profile;          /* a name of profiles.def; null: cuda for NAME.cu, else as the head of the file says, else c99 */
	const char *const *arguments; /* more for the compiler (-I, -D), null-terminated; or null */
} CheckOptions;

/* False when the file could not be checked at all; the error was reported. Findings live in a. */
bool check_file(const char *path, const CheckOptions *o, CheckResult *result, Arena *a, Diag *d);

/* The checker is a module that the program loads when it checks: the program runs without libclang. This is the one symbol that the
 * program looks up. */
typedef struct Checker {
	int version; /* CHECKER_VERSION: of the structs above */
	bool (*file)(const char *path, const CheckOptions *o, CheckResult *result, Arena *a, Diag *d);
} Checker;

enum { CHECKER_VERSION = 6 };
#define CHECKER_SYMBOL "dssdc_checker"
extern const Checker dssdc_checker;

#endif
