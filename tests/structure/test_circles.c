/* test_circles.c -- files that use each other in a circle can only be understood together: no circle has more than CIRCLE files,
 * where NAME.c and NAME.h count as one.
 *
 * The graph is read off the text. A file has an edge to each file that defines an external function which it names in a function, a
 * table or a macro; a header has an edge to each header that it includes. A definition begins at column 0 and is not static; comments
 * and strings are blanked first. Names that a macro builds with ## are not seen. A circle is a strongly connected component.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CIRCLE = 7, FILES = 1024, DEFINITIONS = 8192, PATH = 256, NAME = 96 };

static const char *const folders[] = {"ir",           "passes",       "codegen",     "base",   "import",    "import/formats",
                                      "import/cards", "import/caffe", "import/onnx", "report", "toolchain", "verify",
                                      "eval",         "check",        "compiler"};

typedef struct Source {
	char path[PATH];
	char *text; /* blanked: same length, same lines */
	int node;
} Source;

typedef struct Definition {
	char name[NAME];
	int node;
	bool is_static;
} Definition;

typedef struct Graph {
	Source *file; /* [FILES] */
	int nfile;
	char (*name)[PATH]; /* [n]: of a node, the path of its files without .c and .h */
	int n;
	Definition *definition; /* [DEFINITIONS], by name once all files are in */
	int ndefinition;
	bool *edge, *reaches; /* [n][n] */
} Graph;

/* ---- text ---- */

static bool in_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static size_t length_of_name(const char *s)
{
	size_t n = 0;
	while (in_name(s[n]))
		n++;
	return n;
}

/* The end of the comment, string or character that begins at s; s itself: none does. */
static char *end_of_blank(char *s)
{
	if (s[0] == '/' && (s[1] == '*' || s[1] == '/')) {
		char *end = strstr(s + 2, s[1] == '*' ? "*/" : "\n");
		return end ? end + (s[1] == '*' ? 2 : 0) : s + strlen(s);
	}
	if (*s != '"' && *s != '\'')
		return s;
	char *end = s + 1;
	while (*end && *end != '\n' && *end != *s)
		end += *end == '\\' && end[1] ? 2 : 1;
	return *end == *s ? end + 1 : end;
}

/* Lines of #include keep their quoted names. */
static void blank(char *text)
{
	bool at_line = true;
	for (char *s = text; *s;) {
		if (at_line && !strncmp(s, "#include", 8))
			s += strcspn(s, "\n");
		char *end = end_of_blank(s);
		at_line = *s == '\n';
		if (end == s && *s)
			s++;
		for (; s < end; s++)
			if (*s != '\n')
				*s = ' ';
	}
}

/* ---- definitions ---- */

static void add_definition(Graph *g, const char *name, size_t length, bool is_static)
{
	assert_true(g->ndefinition < DEFINITIONS && length < NAME);
	Definition *d = &g->definition[g->ndefinition++];
	*d = (Definition){.node = g->file[g->nfile - 1].node, .is_static = is_static};
	memcpy(d->name, name, length);
}

/* At a line that begins with a name: a function's definition has a parenthesis before anything else, and a brace before the next
 * semicolon. */
static void find_definition(Graph *g, const char *line)
{
	const char *open = line + strcspn(line, "(;{=#");
	if (!isalpha((unsigned char)*line) || *open != '(' || open[strcspn(open, ";{")] != '{' || !strncmp(line, "typedef", 7))
		return;
	const char *name = open;
	while (name > line && in_name(name[-1]))
		name--;
	if (name > line && name < open)
		add_definition(g, name, (size_t)(open - name), !strncmp(line, "static ", 7));
}

static int node_of(Graph *g, const char *path)
{
	char name[PATH];
	snprintf(name, sizeof name, "%.*s", (int)(strrchr(path, '.') - path), path);
	for (int i = 0; i < g->n; i++)
		if (!strcmp(g->name[i], name))
			return i;
	memcpy(g->name[g->n], name, sizeof name);
	return g->n++;
}

static void add_source(Graph *g, const char *path, char *text)
{
	assert_true(g->nfile < FILES && strlen(path) < PATH);
	Source *f = &g->file[g->nfile++];
	strcpy(f->path, path);
	f->text = text;
	f->node = node_of(g, path);
	blank(text);
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
		find_definition(g, line);
}

static int compare_definitions(const void *a, const void *b)
{
	const Definition *x = a, *y = b;
	const int by_name = strcmp(x->name, y->name);
	return by_name ? by_name : x->node - y->node;
}

/* ---- edges ---- */

static int compare_name(const void *key, const void *definition)
{
	return strcmp(key, ((const Definition *)definition)->name);
}

/* To the files that define an external function of the name, unless this file has a function of the same name. */
static void add_uses(Graph *g, int node, const char *at, size_t length)
{
	char name[NAME] = {0};
	if (length >= NAME)
		return;
	memcpy(name, at, length);
	const Definition *first = bsearch(name, g->definition, (size_t)g->ndefinition, sizeof *first, compare_name);
	const Definition *end = g->definition + g->ndefinition;
	if (!first)
		return;
	while (first > g->definition && !strcmp(first[-1].name, name))
		first--;
	for (const Definition *d = first; d < end && !strcmp(d->name, name); d++)
		if (d->node == node)
			return;
	for (const Definition *d = first; d < end && !strcmp(d->name, name); d++)
		if (!d->is_static)
			g->edge[node * g->n + d->node] = true;
}

static void add_include(Graph *g, int node, const char *quoted)
{
	const size_t length = strcspn(quoted, "\"\n");
	for (int i = 0; i < g->nfile; i++)
		if (g->file[i].node != node && strlen(g->file[i].path) == length && !strncmp(g->file[i].path, quoted, length))
			g->edge[node * g->n + g->file[i].node] = true;
}

/* Prototypes are outside of braces, and name nothing that is used. A member's name is not a function's. */
static void add_edges(Graph *g, const Source *file)
{
	int depth = 0;
	bool in_macro = false;
	const char *text = file->text;
	const bool is_header = !strcmp(strrchr(file->path, '.'), ".h");
	for (const char *s = text; *s;) {
		const bool at_line = s == text || s[-1] == '\n';
		if (at_line && !strncmp(s, "#include \"", 10)) {
			if (is_header)
				add_include(g, file->node, s + 10);
			s += strcspn(s, "\n");
			continue;
		}
		if (at_line)
			in_macro = *s == '#' || (in_macro && s > text + 1 && s[-2] == '\\');
		if (!in_macro)
			depth += (*s == '{') - (*s == '}');
		if (!in_name(*s)) {
			s++;
			continue;
		}
		const size_t length = length_of_name(s);
		const bool is_member = s > text && (s[-1] == '.' || (s > text + 1 && s[-1] == '>' && s[-2] == '-'));
		if ((depth > 0 || in_macro) && !is_member)
			add_uses(g, file->node, s, length);
		s += length;
	}
}

static void mark_reached(Graph *g, int from, int at)
{
	for (int to = 0; to < g->n; to++)
		if (g->edge[at * g->n + to] && !g->reaches[from * g->n + to]) {
			g->reaches[from * g->n + to] = true;
			mark_reached(g, from, to);
		}
}

/* After the last file. */
static void connect(Graph *g)
{
	g->edge = calloc((size_t)(g->n * g->n), sizeof *g->edge);
	g->reaches = calloc((size_t)(g->n * g->n), sizeof *g->reaches);
	assert_true(g->edge && g->reaches);
	qsort(g->definition, (size_t)g->ndefinition, sizeof *g->definition, compare_definitions);
	for (int i = 0; i < g->nfile; i++)
		add_edges(g, &g->file[i]);
	for (int i = 0; i < g->n; i++)
		mark_reached(g, i, i);
}

static void open_graph(Graph *g)
{
	*g = (Graph){0};
	g->file = calloc(FILES, sizeof *g->file);
	g->name = calloc(FILES, sizeof *g->name);
	g->definition = calloc(DEFINITIONS, sizeof *g->definition);
	assert_true(g->file && g->definition && g->name);
}

static void close_graph(Graph *g)
{
	for (int i = 0; i < g->nfile; i++)
		free(g->file[i].text);
	free(g->file);
	free(g->name);
	free(g->definition);
	free(g->edge);
	free(g->reaches);
}

/* ---- circles ---- */

static bool in_circle(const Graph *g, int a, int b)
{
	return a == b || (g->reaches[a * g->n + b] && g->reaches[b * g->n + a]);
}

static int size_of_circle(const Graph *g, int node)
{
	int size = 0;
	for (int i = 0; i < g->n; i++)
		size += in_circle(g, node, i);
	return size;
}

static bool is_first_of_circle(const Graph *g, int node)
{
	for (int i = 0; i < node; i++)
		if (in_circle(g, node, i))
			return false;
	return true;
}

static void print_circle(const Graph *g, int node)
{
	print_message("%d files use each other in a circle:\n", size_of_circle(g, node));
	for (int i = 0; i < g->n; i++) {
		if (!in_circle(g, node, i))
			continue;
		print_message("  %s uses", g->name[i]);
		for (int k = 0; k < g->n; k++)
			if (k != i && in_circle(g, node, k) && g->edge[i * g->n + k])
				print_message(" %s", g->name[k]);
		print_message("\n");
	}
}

/* ---- the tree ---- */

static char *read_source(const char *path)
{
	char whole[2048];
	snprintf(whole, sizeof whole, SOURCE_DIR "/%s", path);
	FILE *in = fopen(whole, "r");
	assert_non_null(in);
	assert_int_equal(fseek(in, 0, SEEK_END), 0);
	const long size = ftell(in);
	rewind(in);
	char *text = calloc((size_t)size + 1, 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, (size_t)size, in), (size_t)size);
	fclose(in);
	return text;
}

static void add_folder(Graph *g, const char *folder)
{
	char path[1024];
	snprintf(path, sizeof path, SOURCE_DIR "/%s", folder);
	DIR *d = opendir(path);
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));) {
		const char *dot = strrchr(e->d_name, '.');
		if (!dot || (strcmp(dot, ".c") && strcmp(dot, ".h")))
			continue;
		assert_true((size_t)snprintf(path, sizeof path, "%s/%s", folder, e->d_name) < PATH);
		add_source(g, path, read_source(path));
	}
	closedir(d);
}

static void open_tree(Graph *g)
{
	open_graph(g);
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		add_folder(g, folders[i]);
	assert_true(g->nfile > 300 && g->ndefinition > 1000);
}

/* The tree walker's header is for its own files, and for the one that starts it: the others are leaves. */
static void leaves_do_not_walk(void **state)
{
	static const char walker[] = "check/walk_", start[] = "check/bounds.c";
	(void)state;
	Graph g;
	int wrong = 0, files = 0;
	open_tree(&g);
	for (int i = 0; i < g.nfile; i++) {
		const char *path = g.file[i].path;
		if (!strstr(g.file[i].text, "#include \"check/walk.h\""))
			continue;
		files++;
		if (!strncmp(path, walker, strlen(walker)) || !strcmp(path, start))
			continue;
		print_message("%s includes check/walk.h\n", path);
		wrong++;
	}
	close_graph(&g);
	assert_true(files > 2);
	assert_int_equal(wrong, 0);
}

static void circles_are_small(void **state)
{
	(void)state;
	Graph g;
	int wrong = 0, largest = 0;
	open_tree(&g);
	connect(&g);
	for (int i = 0; i < g.n; i++) {
		const int size = is_first_of_circle(&g, i) ? size_of_circle(&g, i) : 0;
		largest = size > largest ? size : largest;
		if (size > CIRCLE) {
			print_circle(&g, i);
			wrong++;
		}
	}
	close_graph(&g);
	assert_true(largest > 1); /* a walker of trees is one */
	assert_int_equal(wrong, 0);
}

/* ---- the graph itself ---- */

static void add_text(Graph *g, const char *path, const char *text)
{
	char *copy = calloc(strlen(text) + 1, 1);
	assert_non_null(copy);
	strcpy(copy, text);
	add_source(g, path, copy);
}

static void circles_are_found(void **state)
{
	(void)state;
	Graph g;
	open_graph(&g);
	add_text(&g, "a.c", "int a(int x)\n{\n\treturn b(x);\n}\n");
	add_text(&g, "b.c", "int b(int x)\n{\n\treturn x;\n}\n");
	add_text(&g, "b.h", "#include \"c.h\"\nint a(int x);\n");
	add_text(&g, "c.h", "static inline int once(int x)\n{\n\treturn d(x);\n}\n");
	add_text(&g, "d.c", "int d(int x)\n{\n\treturn x;\n}\nstatic int (*table[])(int) = {\n    a,\n};\nint e(int x);\n");
	add_text(&g, "e.c",
	         "#include \"b.h\"\nint e(int x)\n{\n\treturn x /* a(x) */ + y.a + \"a(1)\"[0] + '\\'' + helper(x);\n}\n"
	         "static int helper(int x)\n{\n\treturn x;\n}\n");
	add_text(&g, "f.c", "int helper(int x)\n{\n\treturn e(x);\n}\n");
	connect(&g);
	assert_int_equal(g.n, 6);
	for (int i = 0; i < 4; i++) /* a uses b, b.h includes c.h, c uses d, d uses a */
		assert_int_equal(size_of_circle(&g, i), 4);
	for (int i = 4; i < 6; i++) /* e has a helper of its own, and names a() in nothing that is compiled */
		assert_int_equal(size_of_circle(&g, i), 1);
	close_graph(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(circles_are_found),
	    cmocka_unit_test(circles_are_small),
	    cmocka_unit_test(leaves_do_not_walk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
