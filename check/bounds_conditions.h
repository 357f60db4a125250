/* bounds_conditions.h -- comparisons, and the facts that hold where they are true and where they are false. */
#ifndef CHECK_BOUNDS_CONDITIONS_H
#define CHECK_BOUNDS_CONDITIONS_H

#include "check/bounds_state.h"

Value condition_any(State *s); /* 0 or 1 */
Value condition_compare(State *s, enum CX_BinaryOperatorKind op, Value a, Value b);
Value condition_within(State *s, Value x, Value end); /* 0 <= x && x < end */
/* The x of (unsigned)x < end, where end is a constant that fits into an int: it asks for 0 <= x too. Null: n is no such comparison. */
const Ast *condition_range_operand(const Ast *n);
Value condition_opposite(State *s, Value v);

void condition_assume(State *s, Value c, bool holds);
bool condition_decides(Value a, bool is_and, Value *v);           /* a && ... or a || ... is known from a alone: then it is v */
Value condition_combine(State *s, bool is_and, Value a, Value b); /* a && b, or a || b */

#endif
