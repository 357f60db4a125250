/* request.h -- --target and the options that choose among what a target offers. */
#ifndef COMPILER_REQUEST_H
#define COMPILER_REQUEST_H

#include "compiler/options.h"
#include "ir/target.h"

/* The target of that name; null after an error that names the nearest one. */
const Target *request_target(const char *name, Arena *a, Diag *d);

/* --target (standard: without the option) with --precision, --batch and --early-launch; null after errors. */
const Target *request_resolve(const Options *o, const char *standard, Arena *a, Diag *d);

#endif
