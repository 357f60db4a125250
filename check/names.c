/* names.c -- the model's name in the names of a source. */
#include "check/names.h"
#include "base/files.h"

#include <string.h>

const char *name_stem(const char *path, Arena *a)
{
	const char *base = path_base(path), *dot = strrchr(base, '.');
	return arena_strndup(a, base, dot ? (size_t)(dot - base) : strlen(base));
}

const char *name_capitals(const char *name, Arena *a)
{
	char *s = arena_strdup(a, name);
	for (char *c = s; *c; c++)
		*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
	return s;
}

/* The line " * names    net_, NET_" is in the head of an emitted file whose own name differs from the model's. */
void names_read(Rules *r, const char *text)
{
	static const char word[] = "\n * names    ";
	const char *at = strstr(text, word), *end = strstr(text, "*/");
	if (!at || !end || at > end)
		return;
	at += sizeof word - 1;
	const size_t n = strcspn(at, ",\n");
	if (n < 2 || at[n - 1] != '_' || strncmp(at + n, ", ", 2))
		return;
	const char *upper = at + n + 2;
	const size_t m = strcspn(upper, ",\n");
	if (m < 2 || upper[m - 1] != '_')
		return;
	r->prefix = arena_strndup(r->arena, at, n - 1);
	r->upper = arena_strndup(r->arena, upper, m - 1);
}

const char *name_plain(const Rules *r, const char *name)
{
	size_t n = strlen(r->prefix);
	return !strncmp(name, r->prefix, n) && name[n] == '_' ? name + n + 1 : name;
}

bool name_is(const Rules *r, const char *name, const char *plain)
{
	const char *s = name_plain(r, name);
	return s != name && !strcmp(s, plain);
}

bool name_in_list(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(name, *list))
			return true;
	return false;
}
