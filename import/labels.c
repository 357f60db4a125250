/* labels.c -- class names, one a line. */
#include "import/labels.h"
#include "base/files.h"
#include "import/import.h"

#include <string.h>

enum { LABEL_LIMIT = 255 };

static bool label_is_good(const char *s, size_t n, Loc loc, Diag *d)
{
	if (n > LABEL_LIMIT) {
		diag_error(d, DIAG_LIMIT, loc, "a class name of %zu bytes; the limit is %d", n, LABEL_LIMIT);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f) {
			diag_error(d, DIAG_REJECT, loc, "control byte 0x%02x in a class name", (unsigned char)s[i]);
			return false;
		}
	return true;
}

static bool is_background(const char *s, size_t n)
{
	return (n == 10 && !memcmp(s, "background", 10)) || (n == 14 && !memcmp(s, "__background__", 14));
}

void labels_read(Graph *g, const char *file, const char *text, size_t size, Diag *d)
{
	const char *end = text + size;
	int room = 2;
	for (const char *p = text; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
		room++;
	g->label = arena_new_array(g->arena, const char *, room);
	int line = 1;
	for (const char *p = text; p < end; line++) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((stop ? stop : end) - p), next = n + 1;
		if (n && p[n - 1] == '\r')
			n--;
		Loc loc = {.file = file, .line = line, .col = 1};
		if (g->nlabel == 0 && !is_background(p, n))
			g->label[g->nlabel++] = "background";
		if (n == 0)
			diag_error(d, DIAG_REJECT, loc, "an empty class name");
		else if (label_is_good(p, n, loc, d))
			g->label[g->nlabel++] = arena_strndup(g->arena, p, n);
		p += next;
	}
}

bool import_labels(Graph *g, const char *path, Diag *d)
{
	int before = diag_errors(d);
	size_t size = 0;
	const char *text = file_text(path, LABELS_LIMIT, &size, g->arena, d);
	g->nlabel = 0;
	if (text)
		labels_read(g, arena_strdup(g->arena, path), text, size, d);
	return diag_errors(d) == before;
}
