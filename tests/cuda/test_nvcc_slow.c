/* test_nvcc_slow.c -- the sources of the full networks compile with nvcc, each in less than a minute: that is measured, so it
 * runs alone. */
#include "tests/cuda/nvcc_case.h"

/* The sources of the full networks: thousands of kernels would be a fault of the emitter. */
static void every_network(void **state)
{
	static const char *const cards[] = {"ssd300_voc",  "ssd300_coco",  "ssd512_voc",   "ssd512_coco", "ssd321_voc", "ssd321_coco",
	                                    "dssd321_voc", "dssd321_coco", "ssd513_voc", "ssd513_coco", "dssd513_voc", "dssd513_coco"};
	(void)state;
	if (!has_nvcc())
		skip();
	for (size_t i = 0; i < sizeof cards / sizeof *cards; i++) {
		must(DSSDC " compile --no-check '" SOURCE_DIR "/models/%s.json' --random-weights=1 --target=cuda-standalone --precision=bf16 --weights-form=file --emit=c -o net.cu", cards[i]);
		must("rm -f net.weights");
		double seconds = compile("net", "sm_90a", cards[i]);
		print_message("%-44s %.1f s\n", cards[i], seconds);
		assert_true(seconds < 60);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_network)};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
