/* bounds_linear.h -- Linear integer expressions over symbols with intervals, and facts e >= 0; proves bounds.
 *
 * A bound is proved or it is not: nothing is estimated. Arithmetic is exact: an expression that overflows 62 bits, or that has more
 * than LINEAR_TERMS terms, is replaced by a fresh symbol with the interval of the expression.
 */
#ifndef CHECK_BOUNDS_LINEAR_H
#define CHECK_BOUNDS_LINEAR_H

#include "ir/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum { LINEAR_TERMS = 10 };
#define LINEAR_MOST ((int64_t)1 << 62) /* +-LINEAR_MOST: no bound is known */

__extension__ typedef __int128 Wide;

typedef struct Term {
	int symbol;
	int64_t by; /* not 0 */
} Term;

typedef struct Linear { /* constant + the sum of by * symbol, in rising order of symbols */
	int64_t constant;
	int n;
	Term term[LINEAR_TERMS];
} Linear;

typedef struct Fact { /* sum >= 0: holds on all paths, and is listed at one of its symbols */
	Linear sum;
	struct Fact *next;
} Fact;

typedef struct Symbol {
	int64_t low, high;
	Fact *fact;
	int nfact;
} Symbol;

typedef struct Quotient { /* divided = by * quotient + rest; kept so that equal divisions have equal results */
	Linear divided;
	int64_t by;
	Linear quotient, rest;
} Quotient;

typedef struct Knowledge {
	Arena *arena; /* of all below */
	Symbol *symbol;
	int nsymbol, symbol_capacity;
	Linear *fact; /* each >= 0 on the current path, by the conditions on it */
	int nfact, fact_capacity;
	Quotient *quotient;
	int nquotient, quotient_capacity;
} Knowledge;

Linear linear_constant(int64_t c);
Linear linear_symbol(Knowledge *k, int64_t low, int64_t high); /* a fresh one; a constant if low == high */
bool linear_is_constant(const Linear *a, int64_t *value);
int64_t linear_product(int64_t a, int64_t b); /* saturates at +-LINEAR_MOST */
bool linear_equal(const Linear *a, const Linear *b);

Linear linear_add(Knowledge *k, Linear a, Linear b, int64_t by_b); /* a + by_b * b */
Linear linear_scale(Knowledge *k, Linear a, int64_t by);
Linear linear_multiply(Knowledge *k, Linear a, Linear b);
/* Rounds towards 0, as C does. by > 0. Either result may be null. */
void linear_divide(Knowledge *k, Linear a, int64_t by, Linear *quotient, Linear *rest);

/* Proved bounds of a on the current path; +-LINEAR_MOST: none was proved. */
int64_t linear_low(const Knowledge *k, Linear a);
int64_t linear_high(const Knowledge *k, Linear a);
bool linear_not_negative(const Knowledge *k, Linear a); /* a >= 0 is proved */

void linear_assume(Knowledge *k, Linear not_negative); /* not_negative >= 0 on the current path */
/* not_negative >= 0 defines a fresh symbol: it holds on all paths. A fact about two symbols is listed at the older one too, unless that
 * has many already. */
void linear_define(Knowledge *k, Linear symbol, Linear not_negative);

#endif
