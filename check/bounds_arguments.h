/* bounds_arguments.h -- arguments of calls: what a parameter is bound to, and what a callee that is not walked may write. */
#ifndef CHECK_BOUNDS_ARGUMENTS_H
#define CHECK_BOUNDS_ARGUMENTS_H

#include "check/bounds_state.h"

/* The value of parameter p, the i-th, in a call with n arguments. call: null of an entry point. */
Value arguments_bind(State *s, const Ast *p, const Ast *call, const Value *argument, int i, int n);
bool arguments_are_arrays(const Ast *function);                           /* all of them: then one walk of the function serves all calls */
void arguments_forget(State *s, const Ast *first, const Value *argument); /* a callee that is not walked: expressions and their values */
void arguments_forget_globals(State *s);

#endif
