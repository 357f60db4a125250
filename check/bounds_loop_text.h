/* bounds_loop_text.h -- loops by their text: counter, step, comparison, and the variables that the body writes. */
#ifndef CHECK_BOUNDS_LOOP_TEXT_H
#define CHECK_BOUNDS_LOOP_TEXT_H

#include "check/ast.h"

bool loop_is_counter(const Ast *n, const Ast *counter);
bool loop_step(const Ast *n, const Ast *counter, int64_t *step); /* of ++, --, += and -=; false: it is not constant */
bool loop_compares(const Ast *n, const Ast *counter);
const Ast *loop_comparison(const Ast *condition, const Ast *counter); /* the comparison that bounds the counter; or null */
bool loop_ends_at_once(const Ast *condition);                         /* a template's argument may make it false */
bool loop_touches_elements(const Ast *body); /* of arrays in structures: each is a variable when its index is constant */

/* The variable from outside the body that n, a node in it, writes; or null. *memory: n may write through a pointer. */
const Ast *loop_written(const Ast *n, const Ast *body, bool *memory);

#endif
