/* bounds_conditions.c -- comparisons, and what is known where they hold and where they do not. */
#include "check/bounds.h"

#include <string.h>

static Value truth(State *s, const Condition *c)
{
	Value v = value_integer(linear_symbol(&s->k, 0, 1));
	Condition *copy = arena_new_one(s->arena, Condition);
	*copy = *c;
	v.when = copy;
	return v;
}

static Value decided(int yes)
{
	return value_integer(linear_constant(yes));
}

/* Decided by what is known, which may be a long way: what was asked is kept as a fact of its own. */
static Value decided_by(State *s, int yes, Linear holds)
{
	Value v = decided(yes);
	if (holds.n == 0)
		return v;
	Condition *c = arena_new_one(s->arena, Condition);
	c->yes[0] = c->no[0] = holds;
	c->nyes = yes;
	c->nno = !yes;
	v.when = c;
	return v;
}

/* not_negative >= 0 is the question, with the answers it may have. */
static Value ask(State *s, Linear not_negative)
{
	Linear otherwise = linear_add(&s->k, linear_constant(-1), not_negative, -1);
	if (linear_not_negative(&s->k, not_negative))
		return decided_by(s, 1, not_negative);
	if (linear_not_negative(&s->k, otherwise))
		return decided_by(s, 0, otherwise);
	Condition c = {.nyes = 1, .nno = 1};
	c.yes[0] = not_negative;
	c.no[0] = otherwise;
	return truth(s, &c);
}

Value condition_opposite(State *s, Value v)
{
	if (v.kind != VALUE_INTEGER)
		return value_integer(linear_symbol(&s->k, 0, 1));
	if (v.x.n == 0)
		return decided(v.x.constant == 0);
	Condition c = {0};
	if (v.when) {
		c.nyes = v.when->nno;
		c.nno = v.when->nyes;
		memcpy(c.yes, v.when->no, sizeof c.yes);
		memcpy(c.no, v.when->yes, sizeof c.no);
	}
	return truth(s, &c);
}

static Value ask_equal(State *s, Linear difference)
{
	Linear minus = linear_scale(&s->k, difference, -1), one = linear_constant(1);
	if (difference.n == 0)
		return decided(difference.constant == 0);
	if (linear_not_negative(&s->k, linear_add(&s->k, difference, one, -1)) || linear_not_negative(&s->k, linear_add(&s->k, minus, one, -1)))
		return decided(0);
	Condition c = {.nyes = 2, .equal = difference, .is_equal = true};
	c.yes[0] = difference;
	c.yes[1] = minus;
	if (linear_not_negative(&s->k, difference)) { /* at an end: not equal is one side */
		c.nno = 1;
		c.no[0] = linear_add(&s->k, difference, one, -1);
	} else if (linear_not_negative(&s->k, minus)) {
		c.nno = 1;
		c.no[0] = linear_add(&s->k, minus, one, -1);
	}
	return truth(s, &c);
}

Value condition_compare(State *s, enum CX_BinaryOperatorKind op, Value a, Value b)
{
	if (a.kind != VALUE_INTEGER || b.kind != VALUE_INTEGER)
		return value_integer(linear_symbol(&s->k, 0, 1));
	Linear up = linear_add(&s->k, b.x, a.x, -1), one = linear_constant(1); /* b - a */
	switch (op) {
	case CX_BO_LT:
		return ask(s, linear_add(&s->k, up, one, -1));
	case CX_BO_LE:
		return ask(s, up);
	case CX_BO_GT:
		return ask(s, linear_add(&s->k, linear_scale(&s->k, up, -1), one, -1));
	case CX_BO_GE:
		return ask(s, linear_scale(&s->k, up, -1));
	case CX_BO_EQ:
		return ask_equal(s, up);
	default:
		return condition_opposite(s, ask_equal(s, up));
	}
}

Value condition_within(State *s, Value x, Value end)
{
	Linear below = linear_add(&s->k, linear_add(&s->k, end.x, x.x, -1), linear_constant(1), -1);
	if (linear_not_negative(&s->k, x.x))
		return ask(s, below);
	Condition c = {.nyes = 2};
	c.yes[0] = x.x;
	c.yes[1] = below;
	return truth(s, &c);
}

static void append(Linear *to, int *n, const Linear *from, int more)
{
	for (int i = 0; i < more && *n < CONDITION_FACTS; i++)
		to[(*n)++] = from[i];
}

/* a && b, or a || b: the second is looked at where the first did not decide. */
Value condition_join(State *s, const Ast *n, bool is_and)
{
	static const Condition none = {0};
	Value a = walk_expression(s, ast_child(n, 0));
	int64_t known;
	if (a.kind == VALUE_INTEGER && linear_is_constant(&a.x, &known) && (known != 0) != is_and)
		return decided(!is_and);
	const Condition *first = a.when ? a.when : &none;
	const int mark = s->k.nfact;
	state_assume(s, is_and ? first->yes : first->no, is_and ? first->nyes : first->nno);
	Value b = walk_expression(s, ast_child(n, 1));
	s->k.nfact = mark;
	const bool first_decided = a.kind == VALUE_INTEGER && a.x.n == 0;
	if (b.kind == VALUE_INTEGER && linear_is_constant(&b.x, &known)) {
		if ((known != 0) != is_and)
			return decided(!is_and);
		if (first_decided || !b.when)
			return first_decided ? decided(is_and) : a.kind == VALUE_INTEGER ? a : value_integer(linear_symbol(&s->k, 0, 1));
	}
	if (first_decided)
		return b;
	const Condition *second = b.when ? b.when : &none;
	Condition c = {0};
	if (is_and) {
		append(c.yes, &c.nyes, first->yes, first->nyes);
		append(c.yes, &c.nyes, second->yes, second->nyes);
	} else {
		append(c.no, &c.nno, first->no, first->nno);
		append(c.no, &c.nno, second->no, second->nno);
	}
	return truth(s, &c);
}
