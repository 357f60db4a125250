/* test_examples_slow.c -- the programs of examples/ that embed a detector, each by the script that a reader would run. */
#include "tests/shell.h"

#define RUN(example, photo) "DSSDC=" DSSDC " '" SOURCE_DIR "/examples/" example "/run.sh' " photo

static void freestanding_c_finds_the_cat(void **state)
{
	(void)state;
	must(RUN("02_embed_c", ""));
	assert_has(out, "\ncat          0.9");
	assert_lacks(out, "person");
	assert_has(out, "detect.o leaves to the linker: mem");
	must(RUN("02_embed_c", "examples/photos/astronaut.png"));
	assert_has(out, "\nperson       ");
}

static void python_finds_what_is_there(void **state)
{
	(void)state;
	must(RUN("04_python", "examples/photos/chelsea.png examples/photos/coffee.png"));
	if (strstr(out, "this example needs")) {
		printf("%s", out);
		skip();
	}
	assert_has(out, "chelsea.png\ncat          0.9");
	assert_has(out, "coffee.png\ndiningtable  0.9");
}

/* One thing wrong at a time, each with a word about it. */
static void python_reports_failures(void **state)
{
	(void)state;
	if (sh("/usr/bin/python3 -c 'import numpy'"))
		skip();
	write_text("unreadable.jpg", "no picture");
	must(DSSDC " compile " SMALL " --emit=shared -o detect.so");
	assert_int_equal(sh("/usr/bin/python3 '" SOURCE_DIR "/examples/04_python/detect.py'"), 1);
	assert_has(err, "usage: detect.py");
	assert_int_not_equal(sh("/usr/bin/python3 '" SOURCE_DIR "/examples/04_python/detect.py' unreadable.jpg"), 0);
	assert_int_not_equal(sh("DETECT_LIBRARY=none.so /usr/bin/python3 '" SOURCE_DIR "/examples/04_python/detect.py' a.jpg"), 0);
	assert_has(err, "none.so");
	must("cat >wide.py <<'END'\nimport sys\nsys.path.insert(0, '" SOURCE_DIR "/examples/04_python')\n"
	     "import detect\nimport numpy\ndetector = detect.Detector('detect.so')\n"
	     "try:\n    detector(numpy.zeros((4, 40000, 3), numpy.uint8))\nexcept RuntimeError as e:\n    print(e)\nEND\n"
	     "PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 wide.py");
	assert_has(out, "an argument is out of its range");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(freestanding_c_finds_the_cat),
	    cmocka_unit_test(python_finds_what_is_there),
	    cmocka_unit_test(python_reports_failures),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
