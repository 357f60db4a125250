/* test_verify_each_slow.c -- every card (every third one outside of a full run), full input and widths divided by 8: the evaluator
 * before and after each pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codegen/codegen.h"
#include "import/import.h"
#include "passes/pass.h"
#include "tests/full.h"

static const char *const cards[] = {
    "ssd300_voc",  "ssd300_coco", "ssd512_voc",   "ssd512_coco", "ssd321_voc",   "ssd321_coco",       "ssd513_voc",
    "ssd513_coco", "dssd321_voc", "dssd321_coco", "dssd513_voc", "dssd513_coco", "dssd321_mobilenet",
};
enum { NCARDS = sizeof cards / sizeof *cards };

typedef struct Case {
	const char *card, *target;
} Case;

static void every_pass_keeps_the_results(void **state)
{
	const Case *c = *state;
	char path[1024];
	snprintf(path, sizeof path, SOURCE_DIR "/models/%s.json", c->card);
	Diag d = {.out = stderr};
	const ImportOptions o = {.random = true, .seed = 3, .width_divisor = 8, .threshold = -1, .nms = -1};
	Graph *g = import_card(path, &o, &d);
	assert_non_null(g);
	const PipelineOptions p = {.optimize = true, .verify_each = true, .out = stderr};
	assert_true(pipeline_run(&pipeline_inference, g, target_find(c->target), &p, &d));
	assert_int_equal(diag_errors(&d), 0);
	graph_free(g);
}

int main(void)
{
	static Case cases[2 * NCARDS];
	struct CMUnitTest tests[2 * NCARDS];
	int n = 0;
	for (int i = 0; i < NCARDS; i += full_run() ? 1 : 3) {
		cases[n] = (Case){cards[i], i % 2 ? "c99" : "native"}; /* layouts differ, and what is merged */
		tests[n] = (struct CMUnitTest){cards[i], every_pass_keeps_the_results, NULL, NULL, &cases[n]};
		n++;
	}
	for (int i = full_run() ? 0 : 8; i < NCARDS; i += 4) {
		cases[n] = (Case){cards[i], i % 2 ? "native" : "c99"};
		tests[n] = (struct CMUnitTest){cards[i], every_pass_keeps_the_results, NULL, NULL, &cases[n]};
		n++;
	}
	return _cmocka_run_group_tests("verify_each", tests, (size_t)n, NULL, NULL);
}
