/* test_random_slow.c -- sixty random graphs, in a full run two hundred: through the passes, and as emitted programs. */
#include "tests/full.h"
#include "tests/random/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { FIRST = 1000, COUNT = 200, PART = 60, BATCH = 20 };

static void test_passes(void **state)
{
	const uint64_t end = FIRST + (uint64_t)full_or(COUNT, PART);
	int failed = 0;
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++)
		if (seed < QUICK_FIRST || seed > QUICK_LAST)
			failed += !judge_passes(seed);
	for (uint64_t seed = FIRST; seed < end; seed++)
		failed += !judge_passes(seed);
	assert_int_equal(failed, 0);
}

static void test_programs(void **state)
{
	const uint64_t end = FIRST + (uint64_t)full_or(COUNT, PART);
	int failed = 0;
	(void)state;
	for (uint64_t seed = FIRST; seed < end; seed += BATCH)
		failed += judge_programs(seed, BATCH);
	assert_int_equal(failed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_passes), cmocka_unit_test(test_programs)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
