/* walk.h -- the tree walker of E21, an abstract interpreter: expressions, statements, loops, calls and objects are walked by functions
 * that call each other. Everything else of E21 is in bounds_*.[ch], which know nothing of the walker.
 */
#ifndef CHECK_WALK_H
#define CHECK_WALK_H

#include "check/bounds_iterations.h"
#include "check/bounds_state.h"

/* ---- walk_expressions.c ---- */

Value walk_expression(State *s, const Ast *n);

/* ---- walk_objects.c ---- */

void walk_declaration(State *s, const Ast *variable);
Value walk_variable(State *s, const Ast *variable);
Value walk_place(State *s, const Ast *n); /* the result of & */
Value walk_read(State *s, const Ast *n);
void walk_assign(State *s, const Ast *n, Value v); /* writes v to the object that n names */
Value walk_list(State *s, const Ast *list);        /* { a, b, c } of a structure */

/* ---- walk_calls.c ---- */

Value walk_call(State *s, const Ast *call);
Value walk_function(State *s, const Ast *function, const Ast *call, const Value *argument, int n); /* call: null of an entry point */

/* ---- walk_statements.c, walk_loops.c ---- */

/* False: no path goes on after the statement. */
bool walk_statement(State *s, const Ast *n);
bool walk_for(State *s, const Ast *n);

/* ---- walk_invariants.c ---- */

/* Walks the body once. The state becomes the join of the exits to the next iteration; false: there are none. */
bool walk_body(State *s, For *l, Loop *loop, Linear iteration);
void find_invariant(State *s, For *l);  /* how each variable changes; speculative */
void widen_invariant(State *s, For *l); /* of variables that change in no simple way; speculative */
/* Walks all iterations at once from the invariant, and makes findings. False: it did not hold of some variables, which have any
 * value now; findings were taken back. */
bool confirm_invariant(State *s, For *l, Loop *loop);

#endif
