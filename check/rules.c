/* rules.c -- the table of rules, applied to a file. */
#include "check/rules.h"
#include "check/calls.h"

static const struct {
	const char *number;
	int languages;
	void (*look)(Rules *r, const Ast *n);
} rules[] = {
#define RULE(number, function, languages, rule, reason, serves) {#number, languages, check_##function},
#include "check/rules.def"
};

void rules_apply(Rules *r)
{
	calls_find(r);
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		r->rule = rules[i].number;
		for (const Ast *n = rules[i].languages & r->language ? r->file->root : NULL; n; n = ast_next(n, r->file->root))
			rules[i].look(r, n);
	}
}
