/* test_style.c -- habits of the tree that a machine can hold: functions of at most 60 lines, files of at most 720, no
 * variables that outlive a call, and comments that name files which exist.
 *
 * Read are the .c and .h files of the rooms and of tests/. Kernel templates (codegen/kernels) are left out: their functions are
 * what is emitted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { FUNCTION_LINES = 60, FILE_LINES = 720, MOST_NAMES = 2048, NAME = 64 };

static const char *const rooms[] = {"ir",           "passes",       "codegen",     "base",   "import",    "import/formats",
                                    "import/cards", "import/caffe", "import/onnx", "report", "toolchain", "verify",
                                    "eval",         "check",        "compiler",    "runtime"};
static const char *const test_folders[] = {"check", "cli",    "cuda",   "e2e",     "emit",      "eval",   "faults",
                                           "fuzz",  "golden", "import", "install", "kernels",   "models", "onnx",
                                           "ops",   "passes", "random", "runtime", "structure", "text"};

/* Names in comments that are no files of the tree: headers of the system, and examples. */
static const char *const elsewhere[] = {"unistd.h", "stddef.h", "stdint.h", "string.h", "immintrin.h", "zlib.h", "nnet.c"};

/* Tables that a signal handler, or the loader of a module, needs. */
static const char *const may_keep[] = {"ir/cleanup.c"};

typedef struct Tree {
	char name[MOST_NAMES][NAME]; /* of every file, without its folder */
	int n, wrong, nfile;
} Tree;

static bool has_ending(const char *s, const char *ending)
{
	const size_t n = strlen(s), e = strlen(ending);
	return n > e && !strcmp(s + n - e, ending);
}

static bool in_list(const char *s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(s, list[i]))
			return true;
	return false;
}

/* look(tree, folder, file) for the files of a folder below the root. */
static void each_file(Tree *t, const char *folder, void (*look)(Tree *t, const char *folder, const char *file))
{
	char path[1024];
	snprintf(path, sizeof path, SOURCE_DIR "/%s", folder);
	DIR *d = opendir(path);
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));)
		if (e->d_name[0] != '.')
			look(t, folder, e->d_name);
	closedir(d);
}

static void keep_name(Tree *t, const char *folder, const char *file)
{
	(void)folder;
	assert_true(t->n < MOST_NAMES && strlen(file) < NAME);
	strcpy(t->name[t->n++], file);
}

static bool is_file(const Tree *t, const char *name)
{
	for (int i = 0; i < t->n; i++)
		if (!strcmp(t->name[i], name))
			return true;
	return in_list(name, elsewhere, sizeof elsewhere / sizeof *elsewhere);
}

static void each_folder(Tree *t, bool tests_too, void (*look)(Tree *t, const char *folder, const char *file))
{
	for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++)
		each_file(t, rooms[i], look);
	for (size_t i = 0; tests_too && i < sizeof test_folders / sizeof *test_folders; i++) {
		char folder[128];
		snprintf(folder, sizeof folder, "tests/%s", test_folders[i]);
		each_file(t, folder, look);
	}
}

static FILE *open_source(const char *folder, const char *file)
{
	char path[1024];
	if (!has_ending(file, ".c") && !has_ending(file, ".h"))
		return NULL;
	snprintf(path, sizeof path, SOURCE_DIR "/%s/%s", folder, file);
	FILE *in = fopen(path, "r");
	assert_non_null(in);
	return in;
}

/* ---- lengths ---- */

static void look_at_lengths(Tree *t, const char *folder, const char *file)
{
	char line[4096];
	int lines = 0, opened = 0;
	FILE *in = strcmp(folder, "tests/golden") || !strcmp(file, "test_golden.c") ? open_source(folder, file) : NULL;
	if (!in)
		return;
	t->nfile++;
	while (fgets(line, sizeof line, in)) {
		lines++;
		if (!strcmp(line, "{\n"))
			opened = lines - 1; /* the head counts */
		else if (!strcmp(line, "}\n") && opened && lines - opened + 1 > FUNCTION_LINES) {
			printf("%s/%s:%d: a function of %d lines; %d are allowed\n", folder, file, opened, lines - opened + 1,
			       FUNCTION_LINES);
			t->wrong++;
		}
	}
	fclose(in);
	if (lines > FILE_LINES) {
		printf("%s/%s: %d lines; %d are allowed\n", folder, file, lines, FILE_LINES);
		t->wrong++;
	}
}

static void functions_and_files_are_short(void **state)
{
	static Tree t;
	(void)state;
	each_folder(&t, true, look_at_lengths);
	assert_true(t.nfile > 300);
	assert_int_equal(t.wrong, 0);
}

/* ---- variables ---- */

/* A definition at the left margin of something that is neither a function nor constant. */
static bool is_variable(const char *line)
{
	static const char *const others[] = {"typedef ", "extern ", "enum ", "struct ", "union ",        "return",
	                                     "#",        "}",       "/*",    " *",      "__extension__", "_Static_assert"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (!strncmp(line, others[i], strlen(others[i])))
			return false;
	if (!isalpha((unsigned char)line[0]) || strchr(line, '(') || strstr(line, "const "))
		return false;
	return strchr(line, ';') || strchr(line, '=') || !strcmp(line, "static struct {\n");
}

static void look_at_variables(Tree *t, const char *folder, const char *file)
{
	char line[4096], path[512];
	FILE *in = has_ending(file, ".c") ? open_source(folder, file) : NULL;
	snprintf(path, sizeof path, "%s/%s", folder, file);
	if (!in)
		return;
	t->nfile++;
	for (int n = 1; fgets(line, sizeof line, in); n++) {
		const bool local = line[0] == '\t' && strstr(line, "\tstatic ") && !strstr(line, "const ") && !strstr(line, "constexpr ");
		if ((is_variable(line) || local) && !in_list(path, may_keep, sizeof may_keep / sizeof *may_keep)) {
			printf("%s:%d: a variable that outlives a call: %s", path, n, line);
			t->wrong++;
		}
	}
	fclose(in);
}

static void nothing_outlives_a_call(void **state)
{
	static Tree t;
	(void)state;
	each_folder(&t, false, look_at_variables);
	assert_true(t.nfile > 200);
	assert_int_equal(t.wrong, 0);
}

/* ---- names in comments ---- */

/* A name of at least four letters that ends in .c, .h or .def; short ones are examples ("x.c"). Returns its length. */
static size_t file_name(const char *s)
{
	size_t n = 0;
	while (islower((unsigned char)s[n]) || isdigit((unsigned char)s[n]) || s[n] == '_')
		n++;
	static const char *const endings[] = {".c", ".h", ".def"};
	for (size_t i = 0; n >= 4 && i < 3; i++) {
		const size_t e = strlen(endings[i]);
		if (!strncmp(s + n, endings[i], e) && !isalnum((unsigned char)s[n + e]) && s[n + e] != '_' && s[n + e] != '-')
			return n + e;
	}
	return 0;
}

static void look_at_names(Tree *t, const char *folder, const char *file)
{
	char line[4096], name[NAME];
	bool comment = false;
	FILE *in = open_source(folder, file);
	if (!in)
		return;
	t->nfile++;
	for (int n = 1; fgets(line, sizeof line, in); n++)
		for (const char *s = line; *s; s++) {
			if (!strncmp(s, "/*", 2) || !strncmp(s, "*/", 2))
				comment = s[0] == '/';
			const bool begins = s == line || (!isalnum((unsigned char)s[-1]) && !strchr("_.<-*%", s[-1]));
			const size_t length = comment && begins ? file_name(s) : 0;
			if (!length || length >= NAME)
				continue;
			snprintf(name, sizeof name, "%.*s", (int)length, s);
			if (is_file(t, name))
				continue;
			printf("%s/%s:%d: a comment names %s, which is not there\n", folder, file, n, name);
			t->wrong++;
		}
	fclose(in);
}

static void comments_name_files_that_exist(void **state)
{
	static Tree t;
	(void)state;
	each_folder(&t, true, keep_name);
	each_file(&t, "codegen/kernels/c", keep_name);
	each_file(&t, "codegen/kernels/cuda", keep_name);
	each_file(&t, "check/cuda", keep_name);
	each_file(&t, "tests", keep_name);
	each_folder(&t, false, look_at_names);
	assert_true(t.nfile > 200);
	assert_int_equal(t.wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(functions_and_files_are_short),
	    cmocka_unit_test(nothing_outlives_a_call),
	    cmocka_unit_test(comments_name_files_that_exist),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
