/* test_cards.c -- the graph of every card after every pass: dump, read, dump is the same text, byte by byte. */
#include "codegen/codegen.h"
#include "toolchain/build.h"
#include "compiler/dump.h"
#include "import/import.h"
#include "ir/cleanup.h"
#include "passes/pass.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <glob.h>
#include <stdlib.h>
#include <string.h>

static char *read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	*size = (size_t)ftell(f);
	rewind(f);
	char *text = malloc(*size + 1);
	assert_int_equal(fread(text, 1, *size, f), *size);
	fclose(f);
	return text;
}

static void check_dump(const char *card, const char *path)
{
	Diag d = {.out = stderr};
	size_t size, again_size;
	char *text = read_file(path, &size), *again = NULL;
	Graph *g = graph_parse(path, text, size, kernel_by_name, &d);
	if (!g)
		fail_msg("%s: %s is refused", card, strrchr(path, '/') + 1);
	graph_check(g);
	FILE *f = open_memstream(&again, &again_size);
	graph_print(g, f, (PrintOptions){0});
	fclose(f);
	if (size != again_size || memcmp(text, again, size))
		fail_msg("%s: %s reads back as another text", card, strrchr(path, '/') + 1);
	graph_free(g);
	free(text);
	free(again);
}

static void check_card(const char *card, int divisor, const char *target)
{
	Arena *a = arena_new();
	Diag d = {.out = stderr};
	const ImportOptions import = {.random = true, .seed = 1, .width_divisor = divisor, .threshold = -1, .nms = -1};
	const int work = work_dir_make(&d);
	assert_true(work >= 0);
	const char *dir = cleanup_folder_path(work);
	const PipelineOptions options = {.optimize = true, .dump = dump_graph, .dump_context = dir};
	Graph *g = import_card(card, &import, &d);
	assert_non_null(g);
	assert_true(pipeline_run(&pipeline_inference, g, target_find(target), &options, &d));
	graph_free(g);
	glob_t dumps;
	assert_int_equal(glob(arena_printf(a, "%s/*.ir", dir), 0, NULL, &dumps), 0);
	assert_int_equal(dumps.gl_pathc, pipeline_inference.length + 1);
	for (size_t i = 0; i < dumps.gl_pathc; i++)
		check_dump(card, dumps.gl_pathv[i]);
	globfree(&dumps);
	cleanup_folder_remove(work);
	arena_free(a);
}

static void check_cards(int divisor, const char *target)
{
	glob_t cards;
	assert_int_equal(glob(SOURCE_DIR "/models/[ds]*.json" /* the cards */, 0, NULL, &cards), 0);
	assert_int_equal(cards.gl_pathc, 13);
	for (size_t i = 0; i < cards.gl_pathc; i++)
		check_card(cards.gl_pathv[i], divisor, target);
	globfree(&cards);
}

static void test_narrow(void **state)
{
	(void)state;
	check_cards(8, "native");
	check_cards(8, "c99");
}

static void test_full(void **state)
{
	(void)state;
	check_cards(0, "native");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_narrow), cmocka_unit_test(test_full)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
