/* bounds_join.h -- the join of exit states. */
#ifndef CHECK_BOUNDS_JOIN_H
#define CHECK_BOUNDS_JOIN_H

#include "check/bounds_state.h"

/* Undoes the state to the scope's entry, then sets it to the join of the exit states, a list. Gives the join of their return values. */
Value join_states(State *s, Scope *scope, ExitState *exits);

#endif
