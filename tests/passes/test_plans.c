/* test_plans.c -- plans of kernels: facts that are printed and read back, rows of a table that are written, read and obeyed, and
 * what is said of rows that are wrong. */
#include "tests/import/tools.h"

#include "codegen/codegen.h"
#include "import/import.h"
#include "ir/plan_table.h"
#include "passes/pass.h"

#include <stdlib.h>

static const char *const target_names[] = {"c99", "vector4", "avx2", "avx512", "cuda-standalone"};
enum { TARGETS = sizeof target_names / sizeof *target_names };

/* The narrow trained card, behind the pipeline. Null after errors. */
static Graph *compiled(const Target *t, const PlanTable *plans, Diag *d)
{
	const ImportOptions import = {.threshold = -1, .nms = -1, .random = true, .seed = 1, .width_divisor = 8};
	const PipelineOptions options = {.optimize = true, .plans = plans};
	Graph *g = import_card("models/dssd321_mobilenet.json", &import, d);
	assert_non_null(g);
	if (pipeline_run(&pipeline_inference, g, t, &options, d))
		return g;
	graph_free(g);
	return NULL;
}

static char *text_of(const Graph *g, const Target *t)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	if (t)
		plan_table_print(out, g, t);
	else
		graph_print(g, out, (PrintOptions){0});
	fclose(out);
	return text;
}

static PlanTable *read_table(const char *text, Arena *a, Diag *d)
{
	return plan_table_read("p.plans", text, strlen(text), kernel_by_name, a, d);
}

/* Facts of a graph are read back from its text. */
static void dumps_keep_plans(void **state)
{
	(void)state;
	for (int i = 0; i < TARGETS; i++) {
		Diag d = {.out = stderr};
		Graph *g = compiled(target_find(target_names[i]), NULL, &d);
		char *once = text_of(g, NULL);
		Graph *again = graph_parse("dump", once, strlen(once), kernel_by_name, &d);
		assert_non_null(again);
		char *twice = text_of(again, NULL);
		assert_string_equal(once, twice);
		assert_non_null(strstr(once, " plan="));
		graph_free(again);
		graph_free(g);
		free(once);
		free(twice);
	}
}

/* A model's own rows change nothing. */
static void rows_of_a_model_give_the_model(void **state)
{
	(void)state;
	for (int i = 0; i < TARGETS; i++) {
		Diag d = {.out = stderr};
		Arena *a = arena_new();
		const Target *t = target_find(target_names[i]);
		Graph *g = compiled(t, NULL, &d);
		char *rows = text_of(g, t);
		Graph *again = compiled(t, read_table(rows, a, &d), &d);
		assert_non_null(again);
		char *want = text_of(g, NULL), *got = text_of(again, NULL);
		assert_string_equal(want, got);
		graph_free(again);
		graph_free(g);
		free(rows);
		free(want);
		free(got);
		arena_free(a);
	}
}

static const char row[] = "conv2d f32[1,72,21,21] f32[16,72,3,3] f32[16] -> f32[1,16,21,21] pad=1,1,1,1 act=relu target=avx2";

/* What the layer of that row became, printed; or the messages. */
static char *outcome(const char *plan)
{
	Messages m;
	Arena *a = arena_new();
	messages_open(&m);
	const PlanTable *table =
	    read_table(arena_printf(a, "dssdc plans 1\n\n# a comment\n%s : conv_plain\n   %s\t:  %s\n", row, row, plan), a, &m.diag);
	Graph *g = table ? compiled(target_find("avx2"), table, &m.diag) : NULL;
	char *text = g ? text_of(g, NULL) : strdup(messages_text(&m));
	graph_free(g);
	messages_free(&m);
	arena_free(a);
	return text;
}

static void assert_outcome(const char *plan, const char *part)
{
	char *text = outcome(plan);
	if (!strstr(text, part))
		fail_msg("%s: no \"%s\" in:\n%.3000s", plan, part, text);
	free(text);
}

/* Of two rows the later one counts; another kernel, or a number of a plan. */
static void rows_are_obeyed(void **state)
{
	(void)state;
	char *text = outcome("conv_tile th:1,tw:3,tv:2,panels_first:0");
	const char *node = strstr(text, "\"dm5.skip1\""), *fact = node ? strstr(node, " ; ") : NULL;
	assert_non_null(fact);
	static const char want[] = " ; kernel=conv_tile plan=th:1,tw:3,tv:2,panels_first:0 ";
	assert_memory_equal(fact, want, sizeof want - 1);
	free(text);
	assert_outcome("conv_plain", "kernel=conv_plain");
}

static void wrong_rows_are_named(void **state)
{
	(void)state;
	assert_outcome("conv_tile th:9,tw:3,tv:2,panels_first:0", "p.plans:5:4: error: layer 'dm5.skip1': th is 1 to 8");
	assert_outcome("conv_tile th:1,tw:0,tv:2,panels_first:0", "p.plans:5:4: error: layer 'dm5.skip1': the columns of a tile");
	assert_outcome("conv_tile th:1,tw:3,tv:3,panels_first:0", "layer 'dm5.skip1': tv is 1 to 8, and no more than there are");
	assert_outcome("conv_tile th:1,tw:3,tv:2,panels_first:2", "layer 'dm5.skip1': panels_first is 0 or 1");
	assert_outcome("conv_tile th:1,tw:3,tv:2", "p.plans:5:129: error: expected ',', found the end of the line");
	assert_outcome("conv_tile th:1,rows:3", "expected 'tw', found 'rows'");
	assert_outcome("conv_winograd band:99,tp:1,tv:1", "layer 'dm5.skip1': band is 1 to the number of rows of tiles");
	assert_outcome("conv_winograd band:1,tp:1,tv:17", "layer 'dm5.skip1': tv is too large: a panel has 128 channels at most");
	assert_outcome("depthwise pixels:4",
	               "p.plans:5:4: error: kernel depthwise cannot run layer 'dm5.skip1' as it is laid out on target 'avx2'");
	assert_outcome("conv_gemm bm:64,bn:32,splits:1", "kernel conv_gemm cannot run layer 'dm5.skip1'");
	assert_outcome("pool_map", "kernel pool_map cannot run layer 'dm5.skip1'");
	assert_outcome("conv_fast th:1", "p.plans:5:4: error: no kernel is called 'conv_fast': the row was written by another version");
	assert_outcome("", "expected a kernel's name");
	Messages m;
	Arena *a = arena_new();
	messages_open(&m);
	assert_null(read_table("dssdc plans 2\n", a, &m.diag));
	assert_null(read_table("", a, &m.diag));
	assert_null(read_table("dssdc plans 1\nconv2d : conv_tile\nnothing\n", a, &m.diag));
	assert_message(&m, "p.plans:1:1: error: this is no plans file, or one of another version");
	assert_message(&m, "p.plans:2:19: error: expected 'th'");
	assert_message(&m, "p.plans:3:1: error: expected a node's key, ' : ', a kernel and its plan");
	assert_int_equal(diag_errors(&m.diag), 4);
	messages_free(&m);
	arena_free(a);
}

/* Tiles of matrix products on GPUs: of a table, and splits within its limits. */
static void wrong_rows_of_gpus_are_named(void **state)
{
	static const struct {
		const char *plan, *message;
	} rows[] = {
	    {"conv_gemm bm:64,bn:48,splits:1", "bm,bn is 128,128, "},
	    {"conv_gemm bm:64,bn:32,splits:0", "splits is 1 to 16"},
	    {"conv_gemm bm:64,bn:32,splits:17", "splits is 1 to 16"},
	    {"conv_tile th:1,tw:1,tv:1,panels_first:0", "kernel conv_tile cannot run layer 'dm5.skip1'"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		Messages m;
		Arena *a = arena_new();
		messages_open(&m);
		const char *text = arena_printf(a, "dssdc plans 1\n%.*s target=cuda-standalone : %s\n",
		                                (int)(strstr(row, " target=") - row), row, rows[i].plan);
		assert_null(compiled(target_find("cuda-standalone"), read_table(text, a, &m.diag), &m.diag));
		assert_message(&m, rows[i].message);
		messages_free(&m);
		arena_free(a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(dumps_keep_plans),     cmocka_unit_test(rows_of_a_model_give_the_model), cmocka_unit_test(rows_are_obeyed),
	    cmocka_unit_test(wrong_rows_are_named), cmocka_unit_test(wrong_rows_of_gpus_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
