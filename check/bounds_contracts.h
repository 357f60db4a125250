/* bounds_contracts.h -- sizes that no declaration of the file gives: preconditions of the header on an entry point's arguments, and
 * invariants of the structures that NAME_load() and NAME_open() set up. An invariant is assumed where a member is read and proved
 * where it is written. */
#ifndef CHECK_BOUNDS_CONTRACTS_H
#define CHECK_BOUNDS_CONTRACTS_H

#include "check/bounds_state.h"

Region *contract_pixels(State *s);                                   /* the caller's pixels: the header asks the caller for their size */
Region *contract_object(State *s, const char *name, CXType pointer); /* in CUDA: one structure of the file's, or one array; or null */
Region *contract_weights(State *s);                                  /* weights that NAME_load() took in; null: the file has none */
/* The region that a pointer in a context or in a queue points at; null: no invariant speaks of this member. n: an expression. */
Region *contract_member(State *s, const Ast *n);
/* The region that an argument of an entry point points at; null: the header says nothing. */
Region *contract_argument(State *s, const Ast *function, const Ast *parameter);

/* A member is written: the invariant that is assumed where it is read must hold of v. */
void check_invariant(State *s, const Ast *at, const char *member, Value v);

#endif
