/* test_golden.c -- the text that is emitted for small graphs on each target, or on one: NAME.TARGET.c or .cu, NAME.h (of CUDA
 * NAME.TARGET.h). Bodies of functions that come from templates are left out but for the numbers that are bound in them: what
 * is kept is what the emitter decides. A change of the emitter, or of which functions a program has, shows here as a diff to
 * read; DSSDC_GOLDEN_UPDATE=1 in the environment accepts it. */
#include "tests/shell.h"

#include "codegen/codegen.h"

#include <stdbool.h>

static const struct {
	const char *name;
	const char *only; /* target, or null: all */
	bool needs_cudnn; /* for target cuda; else the text is that of cuda-standalone */
} graphs[] = {{"conv", NULL, true}, {"block", NULL, true}, {"branches", "cuda-standalone", false}, {"detector", NULL, false}};
enum { GRAPHS = sizeof graphs / sizeof *graphs };

/* True for the first line of a static function whose body is a template's: all but the list of calls. */
static bool begins_template(const char *line)
{
	const char *bracket = strchr(line, '(');
	const bool is_static =
	    !strncmp(line, "static ", 7) || !strncmp(line, "template <", 10) || !strncmp(line, "[[maybe_unused]] static ", 24);
	return is_static && bracket && !strchr(line, '=') && !strchr(line, ';') && !strstr(line, "_infer(") && !strstr(line, "_enqueue(");
}

/* Leaves the bodies of functions out. The enum at the head of a body, which gives the bound numbers, stays. */
static void elide_bodies(const char *file)
{
	char line[4096], shorter[256];
	snprintf(shorter, sizeof shorter, "%s.short", file);
	FILE *in = fopen(file, "r"), *to = fopen(shorter, "w");
	bool head = false, body = false, numbers = false;
	assert_non_null(in);
	assert_non_null(to);
	while (fgets(line, sizeof line, in)) {
		const bool opens = !strcmp(line, "{\n"), closes = !strcmp(line, "}\n");
		numbers = body && (!strncmp(line, "\tenum { ", 8) || (numbers && !strncmp(line, "\t       ", 8)));
		if (body && closes)
			fputs("\t...\n", to);
		body = body && !closes;
		if (!body || numbers)
			fputs(line, to);
		body = body || (head && opens);
		head = begins_template(line) || (head && !opens && !closes);
	}
	fclose(in);
	fclose(to);
	must("mv '%s' '%s'", shorter, file);
}

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
		char made[128];
		const bool alike = !needs_cudnn && !strcmp(name, "cuda");
		char kept[64];
		must(DSSDC " compile --no-check '" SOURCE_DIR "/tests/golden/%s.ir' --emit=c --target=%s -o %s/%s%s", graph, name, name,
		     graph, suffix);
		snprintf(made, sizeof made, "%s/%s%s", name, graph, suffix);
		elide_bodies(made);
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
