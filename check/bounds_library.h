/* bounds_library.h -- functions that are known by their names: the library's, and those of the emitted source that compute places. */
#ifndef CHECK_BOUNDS_LIBRARY_H
#define CHECK_BOUNDS_LIBRARY_H

#include "check/bounds_state.h"

/* The result of a call with n arguments; false: the function is not known by its name. */
bool library_call(State *s, const Ast *call, const Value *argument, int n, Value *v);

#endif
