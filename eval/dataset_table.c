/* dataset_table.c -- a data set as a table of text: one photograph a line, columns separated by tabs. */
#include "eval/dataset_forms.h"
#include "base/files.h"
#include "ir/text.h"

#include <stdlib.h>
#include <string.h>

enum { TABLE_LIMIT = 1 << 30, MAX_COLUMNS = 16 };

typedef struct Reader {
	const char *path, *folder;
	Gathered gathered;
	Arena *a;
	Diag *d;
	int line;
} Reader;

/* CLASS XMIN YMIN XMAX YMAX */
static void read_object(Reader *r, char *text, int photo)
{
	const Loc loc = {.file = r->path, .line = r->line, .col = 1};
	char *last = text + strlen(text), *at = text + strcspn(text, " ");
	double v[4];
	bool good = at > text;
	const char *class = arena_strndup(r->a, text, (size_t)(at - text));
	for (int i = 0; i < 4 && good; i++) {
		char *end;
		v[i] = strtod(at, &end);
		good = end > at && (*end == ' ' || !*end) && v[i] >= 0 && v[i] <= 1e6;
		at = end;
	}
	if (!good || at[strspn(at, " ")] || at > last) {
		diag_error(r->d, DIAG_REJECT, loc, "'%s' is no object: CLASS XMIN YMIN XMAX YMAX", diag_quote(r->a, text));
		return;
	}
	if (v[2] < v[0] || v[3] < v[1]) {
		diag_error(r->d, DIAG_REJECT, loc, "the box of '%s' is inside out", diag_quote(r->a, text));
		return;
	}
	Object o = {.box = {v[0] - 1, v[1] - 1, v[2] - v[0] + 1, v[3] - v[1] + 1}};
	o.area = o.box.w * o.box.h;
	gather_object(&r->gathered, (Found){photo, class, o}, r->a);
}

static bool has_split(char *const *column, int n, const char *split)
{
	for (int i = 1; i + 1 < n; i++)
		if (!strcmp(column[i], split))
			return true;
	return false;
}

static void read_line(Reader *r, char *line, const char *split)
{
	char *column[MAX_COLUMNS];
	int n = 0;
	for (char *at = line; at && n < MAX_COLUMNS; n++) {
		column[n] = at;
		at = strchr(at, '\t');
		if (at)
			*at++ = 0;
	}
	if (n < 2) {
		diag_error(r->d, DIAG_REJECT, (Loc){.file = r->path, .line = r->line, .col = 1},
		           "a photograph and its objects are separated by a tab");
		return;
	}
	if (!file_is_beneath(column[0])) {
		diag_error(r->d, DIAG_REJECT, (Loc){.file = r->path, .line = r->line, .col = 1},
		           "'%s' is no path below the folder of the photographs", diag_quote(r->a, column[0]));
		return;
	}
	if (split && !has_split(column, n, split))
		return;
	int id = r->gathered.nphoto;
	int photo = gather_photo(&r->gathered, (Photo){.path = arena_printf(r->a, "%s/%s", r->folder, column[0]), .id = id}, r->a);
	for (char *at = column[n - 1]; *at;) {
		size_t length = strcspn(at, ";");
		char *next = at + length + (at[length] != 0);
		at[length] = 0;
		if (*at)
			read_object(r, at, photo);
		at = next;
	}
}

/* The photographs are in JPEGImages beside the table, else where the table is. */
static const char *standard_folder(const char *path, Arena *a)
{
	const char *folder = file_beside(a, path, "JPEGImages");
	return file_is_folder(folder) ? folder : file_beside(a, path, ".");
}

Dataset *dataset_read_table(const char *path, const DatasetOptions *o, Arena *a, Diag *d)
{
	size_t size;
	int before = diag_errors(d);
	char *text = file_text(path, TABLE_LIMIT, &size, a, d);
	if (!text)
		return NULL;
	if (strlen(text) != size) {
		diag_error(d, DIAG_REJECT, (Loc){.file = path, .offset = (int64_t)strlen(text)}, "a NUL byte: this is no table");
		return NULL;
	}
	Reader r = {.path = path, .folder = o->photos ? o->photos : standard_folder(path, a), .a = a, .d = d, .line = 1};
	TextLocale locale = text_locale_begin();
	for (char *at = text; *at; r.line++) {
		size_t n = strcspn(at, "\n");
		char *next = at + n + (at[n] != 0);
		at[n && at[n - 1] == '\r' ? n - 1 : n] = 0;
		if (*at && *at != '#')
			read_line(&r, at, o->split);
		at = next;
	}
	text_locale_end(locale);
	return diag_errors(d) == before ? dataset_finish(&r.gathered, NULL, 0, a) : NULL;
}
