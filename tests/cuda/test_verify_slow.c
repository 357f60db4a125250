/* test_verify_slow.c -- dssdc verify on targets of GPUs: each layer of the whole trained model, in every precision, computed by the
 * emitted kernels through tests/cuda/shim, against the evaluator; networks of other kinds with narrow channels. */
#include "tests/full.h"
#include "tests/shell.h"

static void each_layer_is_right(void **state)
{
	static const char *const cases[] = {
	    CARD " --target=cuda-standalone --precision=f16",
	    "'" SOURCE_DIR "/models/dssd321_voc.json' --random-weights=1 --width-divisor=8 --target=cuda --precision=f16",
	    "'" SOURCE_DIR
	    "/models/ssd300_voc.json' --random-weights=1 --width-divisor=8 --target=cuda-standalone --precision=bf16 --batch=3",
	    "'" SOURCE_DIR "/tests/cuda/tiny.ir' --random-weights=1 --target=cuda-standalone --precision=tf32",
	    "'" SOURCE_DIR "/tests/cuda/tiny.ir' --random-weights=1 --target=cuda-standalone --precision=mixed",
	    /* from here on: tests/run.sh full */
	    CARD " --target=cuda-standalone",
	    CARD " --target=cuda-standalone --precision=tf32",
	    CARD " --target=cuda-standalone --precision=bf16",
	    CARD " --target=cuda-standalone --precision=mixed",
	    CARD " --target=cuda --precision=f16",
	    "'" SOURCE_DIR "/models/ssd300_voc.json' --random-weights=1 --width-divisor=8 --target=cuda-standalone --precision=f16",
	    "'" SOURCE_DIR "/models/dssd321_voc.json' --random-weights=1 --width-divisor=8 --target=cuda-standalone --precision=bf16",
	    "'" SOURCE_DIR "/models/dssd321_voc.json' --random-weights=1 --width-divisor=8 --target=cuda-standalone -O0",
	    "'" SOURCE_DIR
	    "/models/dssd321_voc.json' --random-weights=1 --width-divisor=8 --target=cuda-standalone --precision=f16 --batch=3",
	};
	(void)state;
	const int count = full_or(sizeof cases / sizeof *cases, 5);
	for (int i = 0; i < count; i++) {
		if (strstr(cases[i], "--target=cuda ") &&
		    sh("echo '#include <cudnn.h>' | g++ -x c++ -E -I/usr/local/cuda/include - >/dev/null")) {
			print_message("no cudnn.h: target cuda was not verified\n");
			continue;
		}
		must("NVCC='" SOURCE_DIR "/tests/cuda/nvcc.sh' " DSSDC " verify %s", cases[i]);
		print_message("%s\n    %s", strrchr(cases[i], '/'), out);
		assert_non_null(strstr(out, " 0 differ"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_layer_is_right),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
