/* test_golden.c -- the exact text that is emitted for four small graphs on each target: NAME.TARGET.c or .cu, NAME.h (of
 * CUDA NAME.TARGET.h). A change
 * of the emitter or of a template shows here as a diff to read; DSSDC_GOLDEN_UPDATE=1 in the environment accepts it. */
#include "tests/shell.h"

#include "codegen/codegen.h"

static const char *const graphs[] = {"conv", "block", "branches", "detector"};

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

static void compare_file(const char *target, const char *graph, const char *suffix, const char *kept_suffix)
{
	char made[128], kept[512];
	snprintf(made, sizeof made, "%s/%s%s", target, graph, suffix);
	snprintf(kept, sizeof kept, SOURCE_DIR "/tests/golden/%s%s", graph, kept_suffix);
	compare(made, kept);
}

static void the_text_is_the_kept_one(void **state)
{
	const char *graph = *state;
	for (int i = 0; targets[i]; i++) {
		const char *name = targets[i]->name, *suffix = strcmp(targets[i]->language, "c") ? ".cu" : ".c";
		char kept[64];
		must(DSSDC " compile --no-check '" SOURCE_DIR "/tests/golden/%s.ir' --emit=c --target=%s -o %s/%s%s", graph, name, name, graph, suffix);
		snprintf(kept, sizeof kept, ".%s%s", name, suffix);
		compare_file(name, graph, suffix, kept);
		snprintf(kept, sizeof kept, ".%s.h", name);
		if (!strcmp(suffix, ".cu"))
			compare_file(name, graph, ".h", kept);
	}
	compare_file("c99", graph, ".h", ".h");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_prestate(the_text_is_the_kept_one, (void *)graphs[0]),
	    cmocka_unit_test_prestate(the_text_is_the_kept_one, (void *)graphs[1]),
	    cmocka_unit_test_prestate(the_text_is_the_kept_one, (void *)graphs[2]),
	    cmocka_unit_test_prestate(the_text_is_the_kept_one, (void *)graphs[3]),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
