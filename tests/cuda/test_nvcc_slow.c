/* test_nvcc_slow.c -- the sources of the full networks compile with nvcc, each in less than a minute of processor time. */
#include "tests/cuda/nvcc_case.h"
#include "tests/full.h"

/* The sources of the full networks: thousands of kernels would be a fault of the emitter. */
static void every_network(void **state)
{
	static const char *const cards[] = {/* the largest of each backbone first */ "dssd513_coco",
	                                    "ssd512_coco",
	                                    "ssd300_voc",
	                                    "ssd300_coco",
	                                    "ssd512_voc",
	                                    "ssd321_voc",
	                                    "ssd321_coco",
	                                    "dssd321_voc",
	                                    "dssd321_coco",
	                                    "ssd513_voc",
	                                    "ssd513_coco",
	                                    "dssd513_voc"};
	const int count = full_or(sizeof cards / sizeof *cards, 2);
	(void)state;
	if (!has_nvcc())
		skip();
	for (int i = 0; i < count; i++) {
		must(DSSDC
		     " compile --no-check '" SOURCE_DIR
		     "/models/%s.json' --random-weights=1 --target=cuda-standalone --precision=bf16 --weights-form=file --emit=c -o net.cu",
		     cards[i]);
		must("rm -f net.weights");
		double seconds = compile("net", "90a", cards[i]);
		print_message("%-44s %.1f s\n", cards[i], seconds);
		assert_true(seconds < 60);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_network)};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
