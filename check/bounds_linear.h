/* linear.h -- whole numbers that are not known, but how they hang together is: sums of symbols with factors, the interval
 * of each symbol, and facts, sums that are not negative. With them a bound is proved or not; there is no third answer and
 * nothing is guessed. Arithmetic is exact: a sum that leaves 62 bits becomes a symbol of its own.
 */
#ifndef CHECK_BOUNDS_LINEAR_H
#define CHECK_BOUNDS_LINEAR_H

#include "ir/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum { LINEAR_TERMS = 10 };
#define LINEAR_MOST ((int64_t)1 << 62) /* stands for no bound */

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

typedef struct Fact { /* sum >= 0, known of one of its symbols since that was made */
	Linear sum;
	struct Fact *next;
} Fact;

typedef struct Symbol {
	int64_t low, high;
	Fact *fact;
	int nfact;
} Symbol;

typedef struct Quotient { /* divided = by * quotient + rest, found before */
	Linear divided;
	int64_t by;
	Linear quotient, rest;
} Quotient;

typedef struct Knowledge {
	Arena *arena; /* of all below */
	Symbol *symbol;
	int nsymbol, symbol_capacity;
	Linear *fact; /* those of the path: what was asked on the way here */
	int nfact, fact_capacity;
	Quotient *quotient;
	int nquotient, quotient_capacity;
} Knowledge;

Linear linear_constant(int64_t c);
Linear linear_symbol(Knowledge *k, int64_t low, int64_t high); /* a new one */
bool linear_is_constant(const Linear *a, int64_t *value);
int64_t linear_product(int64_t a, int64_t b); /* within +-LINEAR_MOST */
bool linear_equal(const Linear *a, const Linear *b);

Linear linear_add(Knowledge *k, Linear a, Linear b, int64_t by_b); /* a + by_b * b */
Linear linear_scale(Knowledge *k, Linear a, int64_t by);
Linear linear_multiply(Knowledge *k, Linear a, Linear b);
/* As C divides: towards 0. by > 0. Either result may be null. */
void linear_divide(Knowledge *k, Linear a, int64_t by, Linear *quotient, Linear *rest);

/* The bounds of a on this path; +-LINEAR_MOST where there is none. */
int64_t linear_low(const Knowledge *k, Linear a);
int64_t linear_high(const Knowledge *k, Linear a);
bool linear_not_negative(const Knowledge *k, Linear a); /* proved */

void linear_assume(Knowledge *k, Linear not_negative);              /* a fact of the path */
/* A fact of a symbol that was just made. One that it has with another symbol alone is found from there too, while those are
 * few. */
void linear_define(Knowledge *k, Linear symbol, Linear not_negative);

#endif
