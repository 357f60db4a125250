/* parse_cuda.h -- parses a CUDA source and applies the rules. */
#ifndef CHECK_PARSE_CUDA_H
#define CHECK_PARSE_CUDA_H

#include "check/context.h"

/* Findings of the host's pass and of the device's, each once. more: arguments for the compiler, null-terminated, or null.
 * False after an error was reported. */
bool check_cuda(Rules *r, const char *path, const char *const *more, Diag *d);

#endif
