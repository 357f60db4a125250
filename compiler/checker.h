/* checker.h -- finds the module that checks emitted code. */
#ifndef COMPILER_CHECKER_H
#define COMPILER_CHECKER_H

#include "check/check.h"

/* dssdc-check.so beside the program, or in ../lib/dssdc. Null when it is not there, or cannot be loaded because libclang is
 * missing: then *why says so, in a. It stays loaded. */
const Checker *checker_load(const char **why, Arena *a);

void checker_report(const CheckResult *r, Diag *d); /* each finding as a message */

#endif
