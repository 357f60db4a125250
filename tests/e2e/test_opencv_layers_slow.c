/* test_opencv_layers_slow.c -- layers of Caffe and its forks, one network each, against OpenCV's DNN module
 * (opencv_layers.py). Needs Debian's python3-opencv, which serves Debian's own python3 only; skips without it. */
#include "tests/e2e/reference.h"

#include <sys/wait.h>

enum { MISSING = 77 };

static void layers_give_what_opencv_gives(void **state)
{
	(void)state;
	char command[4096];
	snprintf(command, sizeof command, "/usr/bin/python3 -B '%s/tests/e2e/opencv_layers.py' '%s/dssdc' '%s' 2>&1", SOURCE_DIR, BUILD_DIR,
	         work_dir());
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
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(layers_give_what_opencv_gives),
	};
	return cmocka_run_group_tests(tests, NULL, work_dir_clean);
}
