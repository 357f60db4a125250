/* emit_text.c -- strings of the model in C text, and the expressions for places in memory. */
#include "codegen/emit.h"
#include "ir/diag.h"

#include <string.h>

const char *c_comment(Arena *a, const char *s)
{
	char *out = arena_strdup(a, s);
	for (char *p = out; *p; p++) {
		bool ends = (p[0] == '*' && p[1] == '/') || (p[0] == '/' && p[1] == '*') || (p[0] == '?' && p[1] == '?');
		if (*p < 0x20 || *p > 0x7e || *p == '\\' || ends)
			*p = '_';
	}
	return out;
}

const char *c_string(Arena *a, const char *s)
{
	char *out = arena_alloc(a, 4 * strlen(s) + 1), *o = out;
	for (const unsigned char *p = (const unsigned char *)s; *p; p++) {
		if (*p < 0x20 || *p > 0x7e || *p == '"' || *p == '\\' || *p == '?')
			o += sprintf(o, "\\%03o", *p); /* three digits: the next character cannot join */
		else
			*o++ = (char)*p;
	}
	return out;
}

int value_output_index(const Graph *g, const Value *v)
{
	for (int i = 0; i < g->noutput; i++)
		if (g->output[i] == v)
			return i;
	return -1;
}

static const char *plus(Arena *a, const char *base, int64_t offset)
{
	return offset ? arena_printf(a, "%s + %lld", base, (long long)offset) : arena_strdup(a, base);
}

const char *value_pointer(const Emission *e, const Value *v)
{
	const Value *root = value_root((Value *)v);
	int64_t offset = value_root_offset(v);
	if (root->is_input)
		for (int i = 0; i < e->graph->ninput; i++)
			if (e->graph->input[i] == root)
				return plus(e->arena, arena_printf(e->arena, "in%d", i), offset);
	int out = value_output_index(e->graph, root);
	if (out >= 0)
		return plus(e->arena, arena_printf(e->arena, "out%d", out), offset);
	if (root->offset < 0 || root->offset % 4)
		bug("value %%%d has no place in the arena", root->id);
	return plus(e->arena, "arena", root->offset / 4 + offset);
}
