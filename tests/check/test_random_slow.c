/* test_random_slow.c -- what is emitted for random graphs keeps the rules of dssdc check: every kind of kernel, every target, with
 * and without optional passes. No graph of them may give a finding. */
#include "tests/full.h"
#include "tests/random/random.h"
#include "tests/check/checker.h"

enum { GRAPHS = 330, PART = 90, PROGRAMS = 3, BATCH = 30 };

static void random_programs_keep_the_rules(void **state)
{
	(void)state;
	if (!can_check())
		skip();
	Arena *a = arena_new();
	const int graphs = full_or(GRAPHS, PART);
	int files = 0;
	for (int first = 1; first <= graphs; first += BATCH) {
		must("rm -rf out && mkdir out");
		for (int i = 0; i < BATCH * PROGRAMS; i++)
			assert_non_null(random_emit((uint64_t)(first + i / PROGRAMS), i % PROGRAMS, "out", a));
		must(DSSDC " check --quiet out/*.c");
		files += BATCH * PROGRAMS;
	}
	print_message("figure: %d C files of random graphs, false alarms 0\n", files);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(random_programs_keep_the_rules)};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
