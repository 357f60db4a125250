/* test_resize_slow.c -- Resize by every mode and many scales against onnxruntime: resize_sweep.py. Needs a python with onnx and
 * onnxruntime: $DSSDC_PYTHON. */
#include "tests/shell.h"

static void as_onnxruntime(void **state)
{
	(void)state;
	const char *python = getenv("DSSDC_PYTHON");
	if (!python || sh("'%s' -c 'import onnx, onnxruntime' 2>/dev/null", python)) {
		print_message("no python with onnx and onnxruntime in DSSDC_PYTHON: the sweep of Resize is skipped\n");
		skip();
	}
	const int status = sh("'%s' '" SOURCE_DIR "/tests/onnx/resize_sweep.py' " DSSDC, python);
	print_message("%s", out);
	assert_int_equal(status, 0);
	assert_has(out, ", 0 differ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(as_onnxruntime)};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
