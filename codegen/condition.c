/* condition.c -- a precedence climber. Templates are ours: what cannot be read is a fault of ours. */
#include "codegen/condition.h"
#include "ir/diag.h"

#include <ctype.h>
#include <string.h>

typedef struct Reader {
	const char *p, *end;
	NumberOf *number_of;
	void *context;
} Reader;

static const struct {
	const char *text;
	int precedence;
} operators[] = {
    {"||", 1}, {"&&", 2}, {"==", 3}, {"!=", 3}, {"<=", 4}, {">=", 4}, {"<", 4}, {">", 4}, {"+", 5}, {"-", 5}, {"*", 6}, {"/", 6}, {"%", 6},
};
enum { NOPERATORS = sizeof operators / sizeof *operators };

static int64_t binary(Reader *r, int least);

static void skip_space(Reader *r)
{
	while (r->p < r->end && isspace((unsigned char)*r->p))
		r->p++;
}

static int64_t unary(Reader *r)
{
	skip_space(r);
	if (r->p == r->end)
		bug("a condition ends too early");
	if (*r->p == '!' || *r->p == '-') {
		bool negate = *r->p++ == '!';
		int64_t x = unary(r);
		return negate ? !x : -x;
	}
	if (*r->p == '(') {
		r->p++;
		int64_t x = binary(r, 1);
		skip_space(r);
		if (r->p == r->end || *r->p != ')')
			bug("a condition lacks ')'");
		r->p++;
		return x;
	}
	const char *word = r->p;
	while (r->p < r->end && (isalnum((unsigned char)*r->p) || *r->p == '_'))
		r->p++;
	if (r->p == word)
		bug("'%c' in a condition", *r->p);
	if (!isdigit((unsigned char)*word))
		return r->number_of(r->context, word, (size_t)(r->p - word));
	int64_t x = 0;
	for (; word < r->p; word++)
		x = 10 * x + (*word - '0');
	return x;
}

static int64_t apply(int op, int64_t a, int64_t b)
{
	switch (op) {
	case 0:
		return a || b;
	case 1:
		return a && b;
	case 2:
		return a == b;
	case 3:
		return a != b;
	case 4:
		return a <= b;
	case 5:
		return a >= b;
	case 6:
		return a < b;
	case 7:
		return a > b;
	case 8:
		return a + b;
	case 9:
		return a - b;
	case 10:
		return a * b;
	default:
		if (!b)
			bug("a condition divides by zero");
		return op == 11 ? a / b : a % b;
	}
}

static int64_t binary(Reader *r, int least)
{
	int64_t x = unary(r);
	for (;;) {
		skip_space(r);
		int op = 0;
		while (op < NOPERATORS && !((size_t)(r->end - r->p) >= strlen(operators[op].text) &&
		                            !strncmp(r->p, operators[op].text, strlen(operators[op].text))))
			op++;
		if (op == NOPERATORS || operators[op].precedence < least)
			return x;
		r->p += strlen(operators[op].text);
		x = apply(op, x, binary(r, operators[op].precedence + 1));
	}
}

int64_t condition_value(const char *s, size_t n, NumberOf *number_of, void *context)
{
	Reader r = {s, s + n, number_of, context};
	int64_t x = binary(&r, 1);
	skip_space(&r);
	if (r.p != r.end)
		bug("a condition has text after its end: '%.*s'", (int)(r.end - r.p), r.p);
	return x;
}
