/* bounds_linear.c -- proofs of lower bounds: since fact >= 0, a - c * fact >= low proves a >= low, for any c > 0. A search picks facts
 * that eliminate one symbol after another; intervals bound the rest. */
#include "check/bounds_linear.h"

#include <string.h>

enum {
	QUOTIENTS = 64,  /* the last ones, which a division is compared with */
	DEPTH = 8,       /* facts that one proof may use */
	STEPS = 10000,   /* expressions that one proof may try */
	SHARED_FACTS = 8 /* at a symbol, beside those that define it */
};

static void *grown(Knowledge *k, void *p, int n, int *capacity, size_t size)
{
	if (n < *capacity)
		return p;
	int more = *capacity ? 2 * *capacity : 64;
	p = arena_grow(k->arena, p, size * (size_t)*capacity, size * (size_t)more);
	*capacity = more;
	return p;
}

Linear linear_constant(int64_t c)
{
	return (Linear){.constant = c};
}

static Linear of_symbol(int symbol)
{
	Linear a = {.n = 1};
	a.term[0] = (Term){symbol, 1};
	return a;
}

Linear linear_symbol(Knowledge *k, int64_t low, int64_t high)
{
	if (low == high)
		return linear_constant(low);
	k->symbol = grown(k, k->symbol, k->nsymbol, &k->symbol_capacity, sizeof *k->symbol);
	k->symbol[k->nsymbol] = (Symbol){.low = low, .high = high};
	return of_symbol(k->nsymbol++);
}

bool linear_is_constant(const Linear *a, int64_t *value)
{
	if (a->n == 0 && value)
		*value = a->constant;
	return a->n == 0;
}

bool linear_equal(const Linear *a, const Linear *b)
{
	if (a->constant != b->constant || a->n != b->n)
		return false;
	for (int i = 0; i < a->n; i++)
		if (a->term[i].symbol != b->term[i].symbol || a->term[i].by != b->term[i].by)
			return false;
	return true;
}

/* ---- arithmetic ---- */

static bool fits(Wide v)
{
	return v > -LINEAR_MOST && v < LINEAR_MOST;
}

/* by_a * a + by_b * b; false: it overflows, or has too many terms. */
static bool combine(const Linear *a, int64_t by_a, const Linear *b, int64_t by_b, Linear *sum)
{
	Linear r = {0};
	int i = 0, j = 0;
	Wide c = (Wide)a->constant * by_a + (Wide)b->constant * by_b;
	if (!fits(c))
		return false;
	r.constant = (int64_t)c;
	while (i < a->n || j < b->n) {
		int symbol = j == b->n || (i < a->n && a->term[i].symbol < b->term[j].symbol) ? a->term[i].symbol : b->term[j].symbol;
		Wide by = 0;
		if (i < a->n && a->term[i].symbol == symbol)
			by += (Wide)a->term[i++].by * by_a;
		if (j < b->n && b->term[j].symbol == symbol)
			by += (Wide)b->term[j++].by * by_b;
		if (by == 0)
			continue;
		if (!fits(by) || r.n == LINEAR_TERMS)
			return false;
		r.term[r.n++] = (Term){symbol, (int64_t)by};
	}
	*sum = r;
	return true;
}

static int64_t saturate(Wide v)
{
	return v >= LINEAR_MOST ? LINEAR_MOST : v <= -LINEAR_MOST ? -LINEAR_MOST : (int64_t)v;
}

int64_t linear_product(int64_t a, int64_t b)
{
	return saturate((Wide)a * b);
}

/* by * bound; no bound stays no bound. */
static Wide times(int64_t by, int64_t bound)
{
	const Wide none = (Wide)LINEAR_MOST * LINEAR_MOST;
	if (bound >= LINEAR_MOST || bound <= -LINEAR_MOST)
		return (by > 0) == (bound > 0) ? none : -none;
	return (Wide)by * bound;
}

/* The lower bound that the intervals of the symbols give. */
static int64_t interval_low(const Knowledge *k, const Linear *a)
{
	Wide low = a->constant;
	for (int i = 0; i < a->n; i++) {
		const Symbol *s = &k->symbol[a->term[i].symbol];
		low += times(a->term[i].by, a->term[i].by > 0 ? s->low : s->high);
	}
	return saturate(low);
}

Linear linear_add(Knowledge *k, Linear a, Linear b, int64_t by_b)
{
	Linear r;
	if (combine(&a, 1, &b, by_b, &r))
		return r;
	Wide low = (Wide)linear_low(k, a) + times(by_b, by_b > 0 ? linear_low(k, b) : linear_high(k, b));
	Wide high = (Wide)linear_high(k, a) + times(by_b, by_b > 0 ? linear_high(k, b) : linear_low(k, b));
	return linear_symbol(k, saturate(low), saturate(high));
}

Linear linear_scale(Knowledge *k, Linear a, int64_t by)
{
	return by == 0 ? linear_constant(0) : linear_add(k, linear_constant(0), a, by);
}

Linear linear_multiply(Knowledge *k, Linear a, Linear b)
{
	if (a.n == 0)
		return linear_scale(k, b, a.constant);
	if (b.n == 0)
		return linear_scale(k, a, b.constant);
	const int64_t x[2] = {linear_low(k, a), linear_high(k, a)}, y[2] = {linear_low(k, b), linear_high(k, b)};
	int64_t low = LINEAR_MOST, high = -LINEAR_MOST;
	for (int i = 0; i < 4; i++) {
		int64_t p = linear_product(x[i / 2], y[i % 2]);
		low = p < low ? p : low;
		high = p > high ? p : high;
	}
	return linear_symbol(k, low, high);
}

/* ---- bounds ---- */

/* *rest = *scale * a - c * fact, where c > 0 eliminates the symbol of a's term i; false: no such c, or an overflow. */
static bool take_away(const Linear *a, int i, const Linear *fact, Linear *rest, int64_t *scale)
{
	for (int j = 0; j < fact->n; j++) {
		if (fact->term[j].symbol != a->term[i].symbol)
			continue;
		int64_t c = a->term[i].by, d = fact->term[j].by;
		if ((c > 0) != (d > 0))
			return false;
		c = c > 0 ? c : -c;
		d = d > 0 ? d : -d;
		if (c % d == 0) {
			c /= d;
			d = 1;
		}
		*scale = d;
		return combine(a, d, fact, -c, rest);
	}
	return false;
}

static int64_t floor_divide(int64_t a, int64_t by)
{
	return a / by - (a % by < 0);
}

static int64_t low_of(const Knowledge *k, const Linear *a, int depth, int64_t enough, int *steps);

/* The best lower bound of a by a fact that eliminates its term i. */
static int64_t low_by_facts(const Knowledge *k, const Linear *a, int i, int depth, int64_t enough, int *steps)
{
	const Fact *own = k->symbol[a->term[i].symbol].fact;
	int64_t best = -LINEAR_MOST;
	for (int f = k->nfact - 1; (f >= 0 || own) && best < enough && *steps > 0;) {
		const Linear *fact = own ? &own->sum : &k->fact[f];
		Linear rest;
		int64_t scale, bound;
		if (own)
			own = own->next;
		else
			f--;
		if (!take_away(a, i, fact, &rest, &scale))
			continue;
		--*steps;
		bound = low_of(k, &rest, depth - 1, enough >= LINEAR_MOST / scale ? LINEAR_MOST : enough * scale, steps);
		if (bound > -LINEAR_MOST)
			bound = -floor_divide(-bound, scale); /* rounded up, since a is an integer */
		best = bound > best ? bound : best;
	}
	return best;
}

/* The best lower bound of a by `depth` facts; the search stops at `enough`. The newest symbol is eliminated first, by a fact or by its
 * interval: facts that define a symbol are about older ones, and no order is tried twice. */
static int64_t low_of(const Knowledge *k, const Linear *a, int depth, int64_t enough, int *steps)
{
	int64_t best = interval_low(k, a);
	Linear left = *a;
	while (left.n > 0 && best < enough && depth > 0) {
		const int64_t bound = low_by_facts(k, &left, left.n - 1, depth, enough, steps);
		const Term t = left.term[--left.n];
		const Symbol *s = &k->symbol[t.symbol];
		const Wide constant = left.constant + times(t.by, t.by > 0 ? s->low : s->high);
		best = bound > best ? bound : best;
		if (!fits(constant))
			break;
		left.constant = (int64_t)constant;
	}
	return best;
}

int64_t linear_low(const Knowledge *k, Linear a)
{
	int steps = STEPS;
	return a.n == 0 ? a.constant : low_of(k, &a, 2, LINEAR_MOST, &steps);
}

int64_t linear_high(const Knowledge *k, Linear a)
{
	Linear zero = {0}, minus;
	return combine(&zero, 1, &a, -1, &minus) ? -linear_low(k, minus) : LINEAR_MOST;
}

bool linear_not_negative(const Knowledge *k, Linear a)
{
	int steps = STEPS;
	for (int depth = 0; depth <= DEPTH; depth++) /* short proofs first */
		if (low_of(k, &a, depth, 0, &steps) >= 0)
			return true;
	return false;
}

static int64_t common_divisor(int64_t a, int64_t b)
{
	b = b < 0 ? -b : b;
	while (b) {
		const int64_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

/* The greatest common divisor of the factors; 0: there are no terms. */
static int64_t common_factor(const Linear *a)
{
	int64_t common = 0;
	for (int i = 0; i < a->n && common != 1; i++)
		common = common_divisor(common, a->term[i].by);
	return common;
}

/* The constant may be rounded down to a multiple of the common factor of the terms. */
static void tighten(Linear *fact)
{
	const int64_t common = common_factor(fact);
	if (common > 1)
		fact->constant = floor_divide(fact->constant, common) * common;
}

static void push_fact(Knowledge *k, Linear not_negative)
{
	tighten(&not_negative);
	k->fact = grown(k, k->fact, k->nfact, &k->fact_capacity, sizeof *k->fact);
	k->fact[k->nfact++] = not_negative;
}

/* A bound of a dividend gives one of the quotient, an integer: linear arithmetic alone does not prove that one. */
static void bound_quotients(Knowledge *k, const Linear *fact)
{
	for (int i = k->nquotient - 1; i >= 0 && i > k->nquotient - 4 * QUOTIENTS; i--) {
		const Quotient *q = &k->quotient[i];
		Linear sum;
		if (q->divided.n != fact->n || q->divided.term[0].symbol != fact->term[0].symbol)
			continue;
		if (combine(fact, 1, &q->divided, 1, &sum) && sum.n == 0 && sum.constant >= 0) /* divided <= constant */
			push_fact(k, linear_add(k, linear_constant(sum.constant / q->by), q->quotient, -1));
		else if (combine(fact, 1, &q->divided, -1, &sum) && sum.n == 0 && sum.constant <= 0) /* divided >= -constant */
			push_fact(k, linear_add(k, q->quotient, linear_constant(-sum.constant / q->by), -1));
	}
}

void linear_assume(Knowledge *k, Linear not_negative)
{
	if (not_negative.n == 0)
		return;
	push_fact(k, not_negative);
	bound_quotients(k, &not_negative);
}

static void add_fact(Knowledge *k, int symbol, const Linear *sum)
{
	Symbol *s = &k->symbol[symbol];
	Fact *f = arena_new_one(k->arena, Fact);
	*f = (Fact){*sum, s->fact};
	s->fact = f;
	s->nfact++;
}

void linear_define(Knowledge *k, Linear symbol, Linear not_negative)
{
	if (symbol.n != 1 || not_negative.n == 0)
		return;
	const int own = symbol.term[0].symbol;
	add_fact(k, own, &not_negative);
	for (int i = 0; i < 2 && not_negative.n == 2; i++)
		if (not_negative.term[i].symbol != own && k->symbol[not_negative.term[i].symbol].nfact < SHARED_FACTS)
			add_fact(k, not_negative.term[i].symbol, &not_negative);
}

/* ---- division ---- */

/* a = by * whole + rest; true: 0 <= rest < by is proved. */
static bool divides_apart(const Knowledge *k, const Linear *a, int64_t by, Linear *whole, Linear *rest)
{
	*whole = (Linear){.constant = floor_divide(a->constant, by)};
	*rest = (Linear){.constant = a->constant - whole->constant * by};
	for (int i = 0; i < a->n; i++) {
		Term t = a->term[i];
		if (t.by % by == 0)
			whole->term[whole->n++] = (Term){t.symbol, t.by / by};
		else
			rest->term[rest->n++] = t;
	}
	Linear above = linear_constant(by - 1), over;
	return linear_not_negative(k, *rest) && combine(&above, 1, rest, -1, &over) && linear_not_negative(k, over);
}

static const Quotient *find_quotient(const Knowledge *k, const Linear *a, int64_t by)
{
	for (int i = k->nquotient - 1; i >= 0 && i > k->nquotient - QUOTIENTS; i--)
		if (k->quotient[i].by == by && linear_equal(&k->quotient[i].divided, a))
			return &k->quotient[i];
	return NULL;
}

/* Fresh symbols with a = by * quotient + rest. */
static Quotient new_quotient(Knowledge *k, Linear a, int64_t by)
{
	const int64_t low = linear_low(k, a), high = linear_high(k, a);
	Quotient q = {.divided = a, .by = by};
	q.quotient = linear_symbol(k, low <= -LINEAR_MOST ? low : low / by, high >= LINEAR_MOST ? high : high / by);
	const int64_t common = common_divisor(common_divisor(common_factor(&a), a.constant), by); /* divides the rest too */
	q.rest = linear_symbol(k, low >= 0 ? 0 : common - by, high <= 0 ? 0 : by - common);
	Linear over = linear_add(k, a, linear_add(k, linear_scale(k, q.quotient, by), q.rest, 1), -1);
	Linear under = linear_scale(k, over, -1);
	linear_define(k, q.quotient, over);
	linear_define(k, q.quotient, under);
	linear_define(k, q.rest, over);
	linear_define(k, q.rest, under);
	return q;
}

void linear_divide(Knowledge *k, Linear a, int64_t by, Linear *quotient, Linear *rest)
{
	Linear whole, left;
	bool not_negative = linear_not_negative(k, a);
	if (not_negative && divides_apart(k, &a, by, &whole, &left)) {
		if (quotient)
			*quotient = whole;
		if (rest)
			*rest = left;
		return;
	}
	const Quotient *known = find_quotient(k, &a, by);
	if (!known) {
		Quotient q = new_quotient(k, a, by);
		k->quotient = grown(k, k->quotient, k->nquotient, &k->quotient_capacity, sizeof *k->quotient);
		k->quotient[k->nquotient++] = q;
		known = &k->quotient[k->nquotient - 1];
	}
	if (quotient)
		*quotient = known->quotient;
	if (rest)
		*rest = known->rest;
}
