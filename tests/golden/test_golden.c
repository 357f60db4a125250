/* test_golden.c -- the exact text that is emitted for three small graphs on each target: NAME.TARGET.c, NAME.h. A change
 * of the emitter or of a template shows here as a diff to read; DSSDC_GOLDEN_UPDATE=1 in the environment accepts it. */
#include "tests/shell.h"

#include "codegen/codegen.h"

static const char *const graphs[] = {"conv", "block", "detector"};

/* Where the texts part, as diff shows it. */
static void compare(const char *made, const char *kept)
{
	if (getenv("DSSDC_GOLDEN_UPDATE")) {
		must("cp '%s' '%s'", made, kept);
		return;
	}
	if (sh("diff -U1 '%s' '%s'", kept, made))
		fail_msg("%.4000s\nDSSDC_GOLDEN_UPDATE=1 accepts the new text", out);
}

static void the_text_is_the_kept_one(void **state)
{
	const char *graph = *state;
	for (int i = 0; targets[i]; i++) {
		char made[128], kept[512];
		must(DSSDC " compile '" SOURCE_DIR "/tests/golden/%s.ir' --emit=c --target=%s -o %s/%s.c", graph, targets[i]->name,
		     targets[i]->name, graph);
		snprintf(made, sizeof made, "%s/%s.c", targets[i]->name, graph);
		snprintf(kept, sizeof kept, SOURCE_DIR "/tests/golden/%s.%s.c", graph, targets[i]->name);
		compare(made, kept);
	}
	char made[128], kept[512];
	snprintf(made, sizeof made, "c99/%s.h", graph);
	snprintf(kept, sizeof kept, SOURCE_DIR "/tests/golden/%s.h", graph);
	compare(made, kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_prestate(the_text_is_the_kept_one, (void *)graphs[0]),
	    cmocka_unit_test_prestate(the_text_is_the_kept_one, (void *)graphs[1]),
	    cmocka_unit_test_prestate(the_text_is_the_kept_one, (void *)graphs[2]),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
