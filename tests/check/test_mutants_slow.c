/* test_mutants_slow.c -- faults planted in emitted files, one at a time: the rule that is there for it finds
 * each of them. Of those in CUDA, which take seconds each, every second one outside of a full run. */
#include "tests/check/checker.h"
#include "tests/full.h"

static const struct {
	const char *rule, *file, *find, *replace;
	long add; /* when there is no replacement */
} mutant[] = {
#define MUTANT(rule, file, find, replace) {"error: " #rule ":", file, find, replace, 0},
#define NUMBER(rule, file, find, add) {"error: " #rule ":", file, find, NULL, add},
#include "tests/check/mutants.def"
};
enum { MUTANTS = sizeof mutant / sizeof *mutant };

static char text[1 << 22], changed[1 << 22];

/* The fault in place; false: the file has no such place. */
static bool plant(size_t i)
{
	const char *at = strstr(text, mutant[i].find);
	if (!at)
		return false;
	const size_t before = (size_t)(at - text), length = strlen(mutant[i].find);
	if (mutant[i].replace) {
		snprintf(changed, sizeof changed, "%.*s%s%s", (int)before, text, mutant[i].replace, at + length);
	} else {
		char *end;
		long number = strtol(at + length, &end, 10);
		if (end == at + length)
			return false;
		snprintf(changed, sizeof changed, "%.*s%ld%s", (int)(before + length), text, number + mutant[i].add, end);
	}
	return true;
}

static void every_mutant_is_found(void **state)
{
	static const struct {
		const char *folder, *model, *target;
	} files[] = {
	    /* a .cu of the small detector takes nine seconds to check */
	    {"c99", SMALL, "c99"},
	    {"avx2", SMALL, "avx2"},
	    {"cuda-standalone", "'" SOURCE_DIR "/tests/golden/detector.ir'", "cuda-standalone --early-launch"},
	    {"cuda", "'" SOURCE_DIR "/tests/golden/block.ir'", "cuda"},
	    {"branches", "'" SOURCE_DIR "/tests/golden/branches.ir'", "cuda-standalone"},
	};
	int survived = 0, planted = 0;
	(void)state;
	if (!can_check())
		skip();
	for (size_t k = 0; k < sizeof files / sizeof *files; k++)
		must(DSSDC " compile %s --emit=c --quiet --no-check --target=%s --name=net -o %s/", files[k].model, files[k].target,
		     files[k].folder);
	must(DSSDC " check */net.c */net.cu");
	for (size_t i = 0; i < MUTANTS; i++) {
		const char *slash = strchr(mutant[i].file, '/'), *dot = strrchr(mutant[i].file, '.');
		if (!full_run() && strstr(mutant[i].file, ".cu") && i % 2)
			continue;
		planted++;
		read_text(mutant[i].file, text, sizeof text);
		if (!plant(i))
			fail_msg("%s has no '%s'", mutant[i].file, mutant[i].find);
		must("rm -rf m && cp -r %.*s m", (int)(slash - mutant[i].file), mutant[i].file);
		write_text(dot[1] == 'h' ? "m/net.h" : dot[2] == 'u' ? "m/net.cu" : "m/net.c", changed);
		if (sh(DSSDC " check --quiet m/net.c%s", strstr(mutant[i].file, ".cu") ? "u" : "") == 1 && strstr(err, mutant[i].rule))
			continue;
		print_message("no %s in %s: '%s'\n", mutant[i].rule, mutant[i].file, mutant[i].find);
		survived++;
	}
	print_message("figure: mutants %d of %d\n", planted - survived, planted);
	assert_int_equal(survived, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_mutant_is_found)};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
