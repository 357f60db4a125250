/* bounds_access.h -- reads and writes of memory, each with the proof that it stays inside its region. */
#ifndef CHECK_BOUNDS_ACCESS_H
#define CHECK_BOUNDS_ACCESS_H

#include "check/bounds_state.h"

/* A finding unless [pointer, pointer + size) is proved to be inside the pointer's region. what: the text's subject. */
void access_prove(State *s, const Ast *at, Value pointer, Linear size, const char *what);
Value access_load(State *s, const Ast *at, Value pointer, CXType type);
void access_store(State *s, const Ast *at, Value pointer, CXType type, Value v);
void access_join_content(State *s, int slot, Value v); /* v is written to some element of the array */

#endif
