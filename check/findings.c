/* findings.c -- findings are collected in the result. */
#include "check/findings.h"

#include <stdarg.h>
#include <stdio.h>

void finding_add(Rules *r, const char *rule, Loc loc, const char *text)
{
	CheckResult *c = r->result;
	if (c->n == c->capacity) {
		int capacity = c->capacity ? 2 * c->capacity : 64;
		c->finding = arena_grow(r->arena, c->finding, sizeof *c->finding * (size_t)c->n, sizeof *c->finding * (size_t)capacity);
		c->capacity = capacity;
	}
	c->finding[c->n++] = (Finding){rule, loc, text};
}

void finding_at(Rules *r, const Ast *at, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	for (char *s = text; *s; s++)
		*s = (char)((unsigned char)*s < ' ' ? '?' : *s);
	finding_add(r, r->rule, ast_loc(r->file, at), arena_strdup(r->arena, text));
}
