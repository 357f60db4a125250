/* test_random.c -- a few random graphs through the passes; no compiler in the loop. */
#include "tests/random/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_passes(void **state)
{
	(void)state;
	for (uint64_t seed = QUICK_FIRST; seed <= QUICK_LAST; seed++)
		assert_true(judge_passes(seed));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_passes)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
