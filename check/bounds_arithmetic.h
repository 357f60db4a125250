/* bounds_arithmetic.h -- operators on integers and pointers. */
#ifndef CHECK_BOUNDS_ARITHMETIC_H
#define CHECK_BOUNDS_ARITHMETIC_H

#include "check/bounds_state.h"

/* a op b; n: the expression, of whose operands the types count. op: no assignment, neither && nor ||. */
Value arithmetic_operate(State *s, const Ast *n, enum CX_BinaryOperatorKind op, Value a, Value b);
Value arithmetic_step(State *s, const Ast *n, Value old);                           /* ++ and --: the new value */
enum CX_BinaryOperatorKind arithmetic_of_assignment(enum CX_BinaryOperatorKind op); /* + for += */

#endif
