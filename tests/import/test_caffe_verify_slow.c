/* test_caffe_verify_slow.c -- networks with every Caffe layer, compiled: each layer of the program against the evaluator. */
#include "tests/shell.h"

static void programs_compute_what_the_evaluators_do(void **state)
{
	/* Made-up weights on whole pixels saturate the scores of ssd, so that only double tells them apart. */
	static const char *const net[] = {
	    "functions --random-weights=1", "windows --random-weights=1",           "norms --random-weights=1",
	    "v1 --random-weights=1",        "ssd --random-weights=1 --divisor=200", "small"};
	static const char *const target[] = {"c99", "native"};
	(void)state;
	for (int i = 0; i < 6; i++)
		for (int t = 0; t < 2; t++) {
			int n = (int)strcspn(net[i], " ");
			must(DSSDC " verify '" SOURCE_DIR "/tests/import/caffe/%.*s.prototxt'%s --quiet --target=%s", n, net[i], net[i] + n,
			     target[t]);
			assert_has(out, " 0 differ");
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(programs_compute_what_the_evaluators_do),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
