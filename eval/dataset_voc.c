/* dataset_voc.c -- PASCAL VOC: one XML file a photograph, read by expat.
 *
 * Of an object only its own <bndbox> counts, not those of its <part>s. An annotation names its photograph; where it
 * does not, the photograph is called as the annotation is.
 */
#include "eval/dataset_forms.h"
#include "base/files.h"
#include "ir/cleanup.h"
#include "ir/text.h"

#include <dirent.h>
#include <errno.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>

enum { XML_LIMIT = 16 << 20, SPLIT_LIMIT = 256 << 20, MAX_DEPTH = 16, MAX_TEXT = 1024 };

typedef struct Annotation { /* of the file that is being read */
	XML_Parser parser;
	const char *path;
	char element[MAX_DEPTH + 1][32]; /* open elements; longer names are cut, which makes them unknown */
	int depth;
	char text[MAX_TEXT]; /* of the innermost element */
	size_t length;
	const char *filename;
	double width, height;
	const char *class;
	double edge[4];
	bool has_edge[4], difficult;
	long object_line;
	Gathered *gathered;
	int photo;
	Arena *a;
	Diag *d;
} Annotation;

static Loc here(const Annotation *x)
{
	return (Loc){
	    .file = x->path, .line = (int)XML_GetCurrentLineNumber(x->parser), .col = (int)XML_GetCurrentColumnNumber(x->parser) + 1};
}

static bool inside(const Annotation *x, int depth, const char *name)
{
	return x->depth >= depth && !strcmp(x->element[depth], name);
}

static void on_start(void *context, const XML_Char *name, const XML_Char **attribute)
{
	Annotation *x = context;
	(void)attribute;
	if (x->depth < MAX_DEPTH)
		snprintf(x->element[++x->depth], sizeof x->element[0], "%s", name);
	else
		XML_StopParser(x->parser, XML_FALSE);
	x->length = 0;
	if (x->depth == 2 && inside(x, 2, "object")) {
		x->class = NULL;
		x->difficult = false;
		memset(x->has_edge, 0, sizeof x->has_edge);
	}
}

static void on_text(void *context, const XML_Char *text, int n)
{
	Annotation *x = context;
	for (int i = 0; i < n && x->length + 1 < MAX_TEXT; i++)
		x->text[x->length++] = text[i];
}

/* The element's text without blanks around it. */
static const char *content(Annotation *x)
{
	x->text[x->length] = 0;
	char *begin = x->text + strspn(x->text, " \t\r\n"), *end = x->text + x->length;
	while (end > begin && strchr(" \t\r\n", end[-1]))
		*--end = 0;
	return begin;
}

static double number(Annotation *x)
{
	const char *s = content(x);
	char *end;
	double v = strtod(s, &end);
	if (end != s && !*end && v >= -1e6 && v <= 1e6)
		return v;
	diag_error(x->d, DIAG_REJECT, here(x), "<%s> holds '%s', not a number of pixels", x->element[x->depth], diag_quote(x->a, s));
	return 0;
}

static void end_object(Annotation *x)
{
	const double *e = x->edge;
	bool whole = x->class && *x->class && x->has_edge[0] && x->has_edge[1] && x->has_edge[2] && x->has_edge[3];
	if (!whole || e[2] < e[0] || e[3] < e[1]) {
		diag_error(x->d, DIAG_REJECT, here(x), "an <object> needs <name> and <bndbox> with xmin <= xmax and ymin <= ymax");
		return;
	}
	Object o = {.box = {e[0] - 1, e[1] - 1, e[2] - e[0] + 1, e[3] - e[1] + 1}, .ignored = x->difficult};
	o.area = o.box.w * o.box.h;
	gather_object(x->gathered, (Found){x->photo, x->class, o}, x->a);
}

static void on_end(void *context, const XML_Char *name)
{
	static const char *const edges[] = {"xmin", "ymin", "xmax", "ymax"};
	Annotation *x = context;
	if (x->depth == 2 && !strcmp(name, "filename"))
		x->filename = arena_strdup(x->a, content(x));
	if (x->depth == 3 && inside(x, 2, "size") && !strcmp(name, "width"))
		x->width = number(x);
	if (x->depth == 3 && inside(x, 2, "size") && !strcmp(name, "height"))
		x->height = number(x);
	if (x->depth == 3 && inside(x, 2, "object") && !strcmp(name, "name"))
		x->class = arena_strdup(x->a, content(x));
	if (x->depth == 3 && inside(x, 2, "object") && !strcmp(name, "difficult"))
		x->difficult = number(x) != 0;
	for (int i = 0; i < 4; i++)
		if (x->depth == 4 && inside(x, 2, "object") && inside(x, 3, "bndbox") && !strcmp(name, edges[i])) {
			x->edge[i] = number(x);
			x->has_edge[i] = true;
		}
	if (x->depth == 2 && !strcmp(name, "object"))
		end_object(x);
	x->depth--;
	x->length = 0;
}

static void read_annotation(const char *path, const char *photos, const char *stem, Gathered *g, Arena *a, Diag *d)
{
	size_t size;
	char *text = file_text(path, XML_LIMIT, &size, a, d);
	if (!text)
		return;
	Annotation *x = arena_new_one(a, Annotation);
	*x = (Annotation){.parser = XML_ParserCreate(NULL), .path = path, .gathered = g, .a = a, .d = d};
	if (!x->parser)
		stop_out_of_memory();
	x->photo = gather_photo(g, (Photo){.id = g->nphoto}, a);
	XML_SetUserData(x->parser, x);
	XML_SetElementHandler(x->parser, on_start, on_end);
	XML_SetCharacterDataHandler(x->parser, on_text);
	const bool good = XML_Parse(x->parser, text, (int)size, 1) == XML_STATUS_OK;
	if (!good && XML_GetErrorCode(x->parser) == XML_ERROR_NO_MEMORY)
		stop_out_of_memory();
	if (!good)
		diag_error(d, DIAG_REJECT, here(x), "%s", XML_ErrorString(XML_GetErrorCode(x->parser)));
	Photo *p = &g->photo[x->photo];
	p->width = (int)x->width;
	p->height = (int)x->height;
	const char *name = x->filename && *x->filename && file_is_beneath(x->filename) ? x->filename : arena_printf(a, "%s.jpg", stem);
	p->path = arena_printf(a, "%s/%s", photos, name);
	XML_ParserFree(x->parser);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The stems of NAME.xml in a folder, sorted. */
static const char **annotation_names(const char *folder, int *n, Arena *a, Diag *d)
{
	DIR *dir = opendir(folder);
	const char **name = NULL;
	int capacity = 0;
	*n = 0;
	if (!dir) {
		diag_error(d, DIAG_IO, (Loc){.file = folder, .offset = -1}, "cannot read the folder");
		return NULL;
	}
	errno = 0;
	for (const struct dirent *e; (e = readdir(dir)); errno = 0) {
		size_t length = strlen(e->d_name);
		if (length < 5 || strcmp(e->d_name + length - 4, ".xml"))
			continue;
		if (*n == capacity) {
			capacity = capacity ? 2 * capacity : 256;
			name = arena_grow(a, name, sizeof *name * (size_t)*n, sizeof *name * (size_t)capacity);
		}
		name[(*n)++] = arena_strndup(a, e->d_name, length - 4);
	}
	if (errno)
		diag_error(d, file_error_class(errno), (Loc){.file = folder, .offset = -1}, "cannot read the folder: %s", strerror(errno));
	closedir(dir);
	qsort(name, (size_t)*n, sizeof *name, compare_names);
	return name;
}

/* ImageSets/Main/SPLIT.txt: a stem a line; what follows a blank belongs to a class's own list and is not read. */
static const char **split_names(const char *path, const char *split, int *n, Arena *a, Diag *d)
{
	const char *file = arena_printf(a, "%s/ImageSets/Main/%s.txt", path, split);
	size_t size;
	char *text = file_is_beneath(split) ? file_text(file, SPLIT_LIMIT, &size, a, d) : NULL;
	if (!text) {
		if (!file_is_beneath(split))
			diag_error(d, DIAG_REJECT, (Loc){0}, "--split: '%s' is no name of a list in ImageSets/Main", diag_quote(a, split));
		return NULL;
	}
	int lines = 1;
	for (const char *s = text; *s; s++)
		lines += *s == '\n';
	const char **name = arena_new_array(a, const char *, lines);
	*n = 0;
	for (char *s = strtok(text, "\n"); s; s = strtok(NULL, "\n")) {
		s[strcspn(s, " \t\r")] = 0;
		if (*s && file_is_beneath(s))
			name[(*n)++] = s;
		else if (*s)
			diag_error(d, DIAG_REJECT, (Loc){.file = file, .offset = -1}, "'%s' is no name of a photograph", diag_quote(a, s));
	}
	return name;
}

Dataset *dataset_read_voc(const char *path, const DatasetOptions *o, Arena *a, Diag *d)
{
	int n = 0, before = diag_errors(d);
	const char *annotations = arena_printf(a, "%s/Annotations", path), *photos = arena_printf(a, "%s/JPEGImages", path);
	annotations = file_is_folder(annotations) ? annotations : path;
	photos = o->photos ? o->photos : file_is_folder(photos) ? photos : path;
	const char **name = o->split ? split_names(path, o->split, &n, a, d) : annotation_names(annotations, &n, a, d);
	Gathered g = {0};
	TextLocale locale = text_locale_begin();
	for (int i = 0; i < n; i++)
		read_annotation(arena_printf(a, "%s/%s.xml", annotations, name[i]), photos, name[i], &g, a, d);
	text_locale_end(locale);
	return diag_errors(d) == before ? dataset_finish(&g, NULL, 0, a) : NULL;
}
