/* test_golden.c -- the exact text that is emitted for small graphs on each target, or on one: NAME.TARGET.c or .cu, NAME.h (of
 * CUDA NAME.TARGET.h). A change of
 * the emitter or of a template shows here as a diff to read; DSSDC_GOLDEN_UPDATE=1 in the environment accepts it. */
#include "tests/shell.h"

#include "codegen/codegen.h"

static const struct {
	const char *name;
	const char *only;  /* target, or null: all */
	bool needs_cudnn;  /* for target cuda; else the text is that of cuda-standalone */
} graphs[] = {{"conv", NULL, true}, {"block", NULL, true}, {"branches", "cuda-standalone", false}, {"detector", NULL, false}};
enum { GRAPHS = sizeof graphs / sizeof *graphs };

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

static void compare_graph(const char *graph, const char *only, bool needs_cudnn)
{
	for (int i = 0; targets[i]; i++) {
		if (only && strcmp(only, targets[i]->name))
			continue;
		const char *name = targets[i]->name, *suffix = strcmp(targets[i]->language, "c") ? ".cu" : ".c";
		const bool alike = !needs_cudnn && !strcmp(name, "cuda");
		char kept[64];
		must(DSSDC " compile --no-check '" SOURCE_DIR "/tests/golden/%s.ir' --emit=c --target=%s -o %s/%s%s", graph, name, name, graph, suffix);
		if (alike)
			must("sed -i 's/--target=cuda /--target=cuda-standalone /' %s/%s%s", name, graph, suffix);
		snprintf(kept, sizeof kept, ".%s%s", alike ? "cuda-standalone" : name, suffix);
		compare_file(name, graph, suffix, kept);
		snprintf(kept, sizeof kept, ".%s.h", alike ? "cuda-standalone" : name);
		if (!strcmp(suffix, ".cu"))
			compare_file(name, graph, ".h", kept);
	}
	if (!only)
		compare_file("c99", graph, ".h", ".h");
}

static void the_text_is_the_kept_one(void **state)
{
	(void)state;
	for (int i = 0; i < GRAPHS; i++)
		compare_graph(graphs[i].name, graphs[i].only, graphs[i].needs_cudnn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_text_is_the_kept_one),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
