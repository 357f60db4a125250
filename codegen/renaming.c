/* renaming.c -- names of layers come from a file that anybody may have written: they may be in comments and nowhere else.
 * So the source is made twice, with the layers' names and with others, and must be the same but for comments.
 */
#include "codegen/emission.h"
#include "ir/diag.h"

#include <stdlib.h>
#include <string.h>

/* Takes comments and space out, in place. Strings stay: labels are not renamed. */
static void strip(char *text)
{
	char *to = text;
	for (const char *s = text; *s;) {
		if (s[0] == '/' && s[1] == '*') {
			const char *end = strstr(s + 2, "*/");
			s = end ? end + 2 : s + strlen(s);
		} else if (*s == '"' || *s == '\'') {
			const char quote = *s;
			do {
				if (*s == '\\' && s[1])
					*to++ = *s++;
				*to++ = *s++;
			} while (*s && *s != quote);
			if (*s)
				*to++ = *s++;
		} else if (*s == ' ' || *s == '\t' || *s == '\n') {
			s++;
		} else {
			*to++ = *s++;
		}
	}
	*to = 0;
}

static void swap_names(Graph *g, const char **other)
{
	int k = 0;
	for (int i = 0; i < g->nnode; i++) {
		Node *n = g->node[i];
		const char *name = n->name;
		n->name = other[k];
		other[k++] = name;
		for (int o = 0; o < n->nout; o++) {
			name = n->out[o]->name;
			n->out[o]->name = other[k];
			other[k++] = name;
		}
	}
}

bool source_ignores_names(Graph *g, const Target *t, const EmitOptions *o)
{
	Arena *a = arena_new();
	int n = 0;
	for (int i = 0; i < g->nnode; i++)
		n += 1 + g->node[i]->nout;
	const char **other = arena_new_array(a, const char *, n + 1);
	for (int i = 0; i < n; i++)
		other[i] = arena_printf(a, "renamed %d", i);
	char *given = source_text(g, t, o), *renamed;
	swap_names(g, other);
	renamed = source_text(g, t, o);
	swap_names(g, other);
	strip(given);
	strip(renamed);
	const bool same = !strcmp(given, renamed);
	free(given);
	free(renamed);
	arena_free(a);
	return same;
}
