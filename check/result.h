/* result.h -- what a check finds. */
#ifndef CHECK_RESULT_H
#define CHECK_RESULT_H

#include "ir/diag.h"

typedef enum Profile {
#define PROFILE(name, constant, help) PROFILE_##constant,
#include "check/profiles.def"
	PROFILE_COUNT
} Profile;

enum { IN_C = 1, IN_CUDA = 2 }; /* languages that a rule holds for; they add up */

typedef struct Finding {
	const char *rule; /* "E07" */
	Loc loc;
	const char *text;
} Finding;

typedef struct CheckResult {
	Profile profile;
	Finding *finding;
	int n, capacity;
} CheckResult;

#endif
