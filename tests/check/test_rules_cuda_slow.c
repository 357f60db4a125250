/* test_rules_cuda_slow.c -- the faults in CUDA source and the kept texts that test_rules_cuda.c leaves out. */
#include "tests/check/test_rules_cuda.h"

static void every_other_fault_is_found(void **state)
{
	(void)state;
	if (!can_check())
		skip();
	check_faults(false);
}

static void emitted_code_keeps_the_rules(void **state)
{
	(void)state;
	if (!can_check())
		skip();
	check_golden("block", "cuda");
	check_golden("conv", "cuda-standalone");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_other_fault_is_found),
	    cmocka_unit_test(emitted_code_keeps_the_rules),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
