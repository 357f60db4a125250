/* bounds_findings.c -- findings of E21. */
#include "check/bounds_findings.h"
#include "check/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void bounds_find(State *s, const Ast *at, const char *format, ...)
{
	char text[400];
	va_list args;
	if (s->speculative)
		return;
	for (int i = 0; i < s->rules->result->n; i++) { /* one finding at each place, whatever the path */
		const Finding *known = &s->rules->result->finding[i];
		if (known->loc.line == at->line && known->loc.col == at->col && !strcmp(known->rule, s->rules->rule))
			return;
	}
	va_start(args, format);
	size_t n = (size_t)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	const char *word = "called at line";
	for (const Frame *c = s->frame; c && c->call && n < sizeof text; c = c->caller, word = ",")
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s %d", *word == ',' ? "" : "; ", word, c->call->line);
	finding_at(s->rules, at, "%s", text);
}

void bounds_forget(State *s, int nfinding, int ncall)
{
	s->rules->result->n = nfinding;
	for (int i = 0; i <= s->rules->file->nfunction; i++)
		if (s->visited[i] > ncall)
			s->visited[i] = 0;
}
