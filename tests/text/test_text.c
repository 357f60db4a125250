/* test_text.c -- the text form: what is read prints identically, and bad text gets its message.
 *
 * Every X.ir beside this file that has no X.err must parse, keep the rules of graph_check() and print as it stands;
 * for one with X.err, the first message is the content of X.err (DSSDC_UPDATE=1 writes them anew). Cut and
 * changed texts must end in a message or a legal graph.
 */
#include "ir/target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dirent.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER SOURCE_DIR "/tests/text/"

static const Kernel test_kernel = {.name = "test_conv"};

static const Kernel *kernel_by_name(const char *name)
{
	return strcmp(name, test_kernel.name) ? NULL : &test_kernel;
}

/* A file's bytes, NUL after them; null when there is none. */
static char *read_file(Arena *a, const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	char *text = NULL;
	*size = 0;
	if (!f)
		return NULL;
	for (size_t got = 1; got > 0; *size += got) {
		text = arena_grow(a, text, *size, *size + 4096 + 1);
		got = fread(text + *size, 1, 4096, f);
	}
	fclose(f);
	return text;
}

static char *print_graph(const Graph *g, bool constants)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	graph_print(g, f, (PrintOptions){.constants = constants});
	fclose(f);
	return text;
}

/* Messages are caught, file names cut to the part after the folder. */
static Graph *parse(const char *file, const char *text, size_t size, char **messages)
{
	size_t length;
	FILE *f = open_memstream(messages, &length);
	Diag d = {.out = f};
	Graph *g = graph_parse(file, text, size, kernel_by_name, &d);
	fclose(f);
	assert_true((g == NULL) == (diag_errors(&d) > 0));
	if (g)
		graph_check(g);
	return g;
}

static void check_good(const char *name, const char *text, size_t size)
{
	char *messages, *printed, *elided, *again;
	Graph *g = parse(name, text, size, &messages);
	if (!g)
		fail_msg("%s", messages);
	printed = print_graph(g, true);
	assert_string_equal(printed, text);
	elided = print_graph(g, false); /* without the constants it reads back too */
	graph_free(g);
	free(messages);
	g = parse(name, elided, strlen(elided), &messages);
	assert_non_null(g);
	again = print_graph(g, false);
	assert_string_equal(again, elided);
	graph_free(g);
	free(messages);
	free(printed);
	free(elided);
	free(again);
}

static void check_bad(const char *name, const char *err_path, const char *wanted, const char *text, size_t size)
{
	char *messages;
	Graph *g = parse(name, text, size, &messages);
	if (g)
		fail_msg("%s: accepted", name);
	char *newline = strchr(messages, '\n');
	assert_non_null(newline);
	newline[1] = 0;
	if (getenv("DSSDC_UPDATE")) {
		FILE *f = fopen(err_path, "wb");
		fputs(messages, f);
		fclose(f);
	} else {
		assert_string_equal(messages, wanted);
	}
	free(messages);
}

static void test_files(void **state)
{
	DIR *folder = opendir(FOLDER);
	int good = 0, bad = 0;
	(void)state;
	assert_non_null(folder);
	for (struct dirent *e; (e = readdir(folder));) {
		size_t length = strlen(e->d_name), size, err_size;
		if (length < 4 || strcmp(e->d_name + length - 3, ".ir"))
			continue;
		Arena *a = arena_new();
		const char *text = read_file(a, arena_printf(a, "%s%s", FOLDER, e->d_name), &size);
		const char *err_path = arena_printf(a, "%s%.*s.err", FOLDER, (int)length - 3, e->d_name);
		const char *err = read_file(a, err_path, &err_size);
		assert_non_null(text);
		if (err)
			check_bad(e->d_name, err_path, err, text, size);
		else
			check_good(e->d_name, text, size);
		*(err ? &bad : &good) += 1;
		arena_free(a);
	}
	closedir(folder);
	assert_true(good >= 2 && bad >= 20);
}

/* Whatever the bytes: a message, or a graph that prints and reads back to the same text. */
static void survives(const char *text, size_t size)
{
	char *messages, *printed, *again;
	Graph *g = parse("x", text, size, &messages);
	free(messages);
	if (!g)
		return;
	printed = print_graph(g, true);
	graph_free(g);
	g = parse("x", printed, strlen(printed), &messages);
	if (!g)
		fail_msg("%s%s", messages, printed);
	again = print_graph(g, true);
	assert_string_equal(again, printed);
	graph_free(g);
	free(messages);
	free(printed);
	free(again);
}

static void test_cut_and_changed(void **state)
{
	static const char *const files[] = {FOLDER "all_ops.ir", FOLDER "facts.ir"};
	static const char bytes[] = "\n \"%=,:;[]{}-0197#ax\\\xff";
	uint32_t seed = 1;
	(void)state;
	for (int i = 0; i < 2; i++) {
		Arena *a = arena_new();
		size_t size;
		char *text = read_file(a, files[i], &size);
		for (size_t n = 0; n < size; n += 3) {
			char *cut = malloc(n + 1); /* exact, so that a read past the end is seen */
			memcpy(cut, text, n);
			cut = realloc(cut, n ? n : 1);
			survives(cut, n);
			free(cut);
		}
		for (int k = 0; k < 2000; k++) {
			seed = seed * 1664525u + 1013904223u;
			size_t at = seed / 7 % size;
			char old = text[at];
			text[at] = bytes[(seed >> 24) % (sizeof bytes - 1)];
			survives(text, size);
			text[at] = old;
		}
		arena_free(a);
	}
}

/* Points stay points where the user's locale has commas. */
static void test_locale(void **state)
{
	static const char text[] = "dssdc.ir 1\ngraph \"g\"\ninput %1 : f32[2,2]\n"
	                           "%2 = pad \"p\" %1 value=0.5 : f32[2,2]\noutput %2\n";
	static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"};
	(void)state;
	for (int i = 0; i < 3; i++)
		if (setlocale(LC_ALL, names[i]))
			break;
	check_good("x", text, sizeof text - 1);
	setlocale(LC_ALL, "C");
}

/* All mistakes of a text in one run, and none that only follows from another. */
static void test_all_errors(void **state)
{
	static const char text[] = "dssdc.ir 1\ngraph \"g\"\ninput %1 : f32[2,2]\n%2 = nothing \"a\" %1\n"
	                           "%3 = eltwise \"b\" %2 fn=relu\n%4 = softmax \"c\" %1 axis=7\noutput %3 %4\n";
	Diag d = {0};
	(void)state;
	assert_null(graph_parse("x", text, sizeof text - 1, NULL, &d));
	assert_int_equal(diag_errors(&d), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_files),
	    cmocka_unit_test(test_cut_and_changed),
	    cmocka_unit_test(test_locale),
	    cmocka_unit_test(test_all_errors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
