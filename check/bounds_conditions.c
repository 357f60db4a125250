/* bounds_conditions.c -- comparisons: decided by a proof, or a fresh symbol with the facts that hold for either outcome. */
#include "check/bounds_conditions.h"

#include <string.h>

Value condition_any(State *s)
{
	return value_integer(linear_symbol(&s->k, 0, 1));
}

static Value truth(State *s, const Condition *c)
{
	Value v = condition_any(s);
	Condition *copy = arena_new_one(s->arena, Condition);
	*copy = *c;
	v.when = copy;
	return v;
}

static Value decided(int yes)
{
	return value_integer(linear_constant(yes));
}

/* A condition that takes a proof, which may be long: the result is kept as a fact. */
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

/* Is not_negative >= 0? */
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
		return condition_any(s);
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

/* Is difference == 0? */
static Value ask_equal(State *s, Linear difference)
{
	Linear minus = linear_scale(&s->k, difference, -1), one = linear_constant(1);
	if (difference.n == 0)
		return decided(difference.constant == 0);
	if (linear_not_negative(&s->k, linear_add(&s->k, difference, one, -1)) ||
	    linear_not_negative(&s->k, linear_add(&s->k, minus, one, -1)))
		return decided(0);
	Condition c = {.nyes = 2, .equal = difference, .is_equal = true};
	c.yes[0] = difference;
	c.yes[1] = minus;
	if (linear_not_negative(&s->k, difference)) { /* then != is > */
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
		return condition_any(s);
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

const Ast *condition_range_operand(const Ast *n)
{
	int64_t end;
	const Ast *left = ast_bare(ast_child(n, 0)), *x = left->child;
	if (n->op.binary != CX_BO_LT || !ast_constant(ast_child(n, 1), &end) || end < 0 || end > INT32_MAX)
		return NULL;
	if (left->type.kind != CXType_UInt || (left->kind != CXCursor_CStyleCastExpr && left->kind != CXCursor_CXXFunctionalCastExpr))
		return NULL;
	while (x && x->next)
		x = x->next;
	return x && ast_bare(x)->type.kind == CXType_Int ? ast_bare(x) : NULL;
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

void condition_assume(State *s, Value c, bool holds)
{
	if (c.when)
		state_assume(s, holds ? c.when->yes : c.when->no, holds ? c.when->nyes : c.when->nno);
}

/* ---- && and || ---- */

static void append(Linear *to, int *n, const Linear *from, int more)
{
	for (int i = 0; i < more && *n < CONDITION_FACTS; i++)
		to[(*n)++] = from[i];
}

bool condition_decides(Value a, bool is_and, Value *v)
{
	int64_t known;
	if (a.kind != VALUE_INTEGER || !linear_is_constant(&a.x, &known) || (known != 0) == is_and)
		return false;
	*v = decided(!is_and);
	return true;
}

Value condition_combine(State *s, bool is_and, Value a, Value b)
{
	static const Condition none = {0};
	const Condition *first = a.when ? a.when : &none, *second = b.when ? b.when : &none;
	const bool first_decided = a.kind == VALUE_INTEGER && a.x.n == 0;
	Value v;
	if (condition_decides(b, is_and, &v))
		return v;
	if (b.kind == VALUE_INTEGER && b.x.n == 0 && (first_decided || !b.when))
		return first_decided ? decided(is_and) : a.kind == VALUE_INTEGER ? a : condition_any(s);
	if (first_decided)
		return b;
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
