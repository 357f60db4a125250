/* commands.h -- one function a command; each returns the exit status. */
#ifndef COMPILER_COMMANDS_H
#define COMPILER_COMMANDS_H

#include "compiler/options.h"

#define COMMAND(name, word, operands, operand, help) int command_##name(const Options *o, Arena *a, Diag *d);
#include "compiler/commands.def"

const char *tool_version(void); /* "dssdc 0.1.0" */

#endif
