/* test_opencv_slow.c -- three trained Caffe networks against OpenCV's DNN module (opencv.py, which says how they are
 * compared): layer by layer, and the boxes of their own photographs and of 200 of VOC2007. Needs ../shared/data (or
 * $DSSDC_SHARED/data) and Debian's python3-opencv, which serves Debian's own python3 only; skips without them. */
#include "tests/e2e/reference.h"

#include <sys/wait.h>

enum { MISSING = 77 };

static void networks_give_what_opencv_gives(void **state)
{
	(void)state;
	char command[4096];
	snprintf(command, sizeof command, "/usr/bin/python3 -B '%s/tests/e2e/opencv.py' '%s/dssdc' '%s' '%s'", SOURCE_DIR, BUILD_DIR,
	         data_dir(), work_dir());
	int status = system(command);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == MISSING || WEXITSTATUS(status) == 127) {
		print_message("skipped: /usr/bin/python3 has no cv2 (Debian: python3-opencv)\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	if (!data_dir()) {
		printf("skipped: no ../shared/data with trained Caffe networks\n0 passed, 0 failed, 1 skipped\n");
		return 0;
	}
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(networks_give_what_opencv_gives),
	};
	return cmocka_run_group_tests(tests, NULL, work_dir_clean);
}
