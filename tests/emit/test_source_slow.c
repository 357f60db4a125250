/* test_source_slow.c -- names of a model in what is emitted, looked at by dssdc check too; runs that are killed at many moments. */
#include "tests/emit/source.h"

static void names_stay_in_comments(void **state)
{
	(void)state;
	check_names("");
}

static void a_kill_leaves_old_or_new(void **state)
{
	(void)state;
	check_kills(24);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_stay_in_comments),
	    cmocka_unit_test(a_kill_leaves_old_or_new),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
