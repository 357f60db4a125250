/* commands.h -- one function a command; each returns the exit status. */
#ifndef COMPILER_COMMANDS_H
#define COMPILER_COMMANDS_H

#include "compiler/options.h"

int command_compile(const Options *o, Arena *a, Diag *d);
int command_inspect(const Options *o, Arena *a, Diag *d);
int command_verify(const Options *o, Arena *a, Diag *d);
int command_import(const Options *o, Arena *a, Diag *d);
int command_eval(const Options *o, Arena *a, Diag *d);
int command_priors(const Options *o, Arena *a, Diag *d);
int command_check(const Options *o, Arena *a, Diag *d);
int command_passes(void);
int command_targets(void);
int command_ops(void);

const char *tool_version(void); /* "dssdc 0.1.0" */

#endif
