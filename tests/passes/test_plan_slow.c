/* test_plan_slow.c -- the memory plan on many sets, and on whole cards for c99. */
#include "tests/passes/plan_sets.h"

static void test_random_sets(void **state)
{
	(void)state;
	check_random_sets(10000);
}

static void test_small_sets_are_optimal(void **state)
{
	(void)state;
	check_small_sets(7, 200000);
}

static void test_cards(void **state)
{
	(void)state;
	check_cards("c99", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random_sets),
	    cmocka_unit_test(test_small_sets_are_optimal),
	    cmocka_unit_test(test_cards),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
