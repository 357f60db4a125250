/* test_examples_slow.c -- the programs of examples/ that embed a detector, each by the script that a reader would run, where it is
 * installed and from another folder; once in the source tree. Nothing may be written where they are installed. */
#include "tests/install/installed.h"

#define RUN(example, photo) "mkdir -p away && cd away && ../" PREFIX "/share/dssdc/examples/" example "/run.sh " photo
#define FILES "find " PREFIX " -printf '%%p %%s %%T@\\n' | LC_ALL=C sort"

static int begin(void **state)
{
	if (install_begin(state))
		return 1;
	must("mkdir away && cp '" SOURCE_DIR "'/examples/photos/*.png away && " FILES " >files && chmod -R a-w " PREFIX);
	return 0;
}

static int end(void **state)
{
	must("chmod -R u+w " PREFIX);
	return work_end(state);
}

static void nothing_is_written_there(void **state)
{
	(void)state;
	must(FILES " | cmp - files");
}

static void freestanding_c_finds_the_cat(void **state)
{
	(void)state;
	must(RUN("02_embed_c", ""));
	assert_has(out, "\ncat          0.9");
	assert_lacks(out, "person");
	assert_has(out, "detect.o leaves to the linker: mem");
	must("cd away && DSSDC=" DSSDC " '" SOURCE_DIR "/examples/02_embed_c/run.sh' astronaut.png");
	assert_has(out, "\nperson       ");
}

static void python_finds_what_is_there(void **state)
{
	(void)state;
	must(RUN("04_python", "chelsea.png coffee.png"));
	if (strstr(out, "this example needs")) {
		printf("%s", out);
		skip();
	}
	assert_has(out, "chelsea.png\ncat          0.9");
	assert_has(out, "coffee.png\ndiningtable  0.9");
}

/* One thing wrong at a time, each with a word about it. */
static void cuda_says_what_it_needs(void **state)
{
	(void)state;
	must("export NVCC=no-such-compiler; " RUN("05_cuda", ""));
	assert_string_equal(out, "no nvcc: this example needs the CUDA toolkit\n");
}

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
	    cmocka_unit_test(freestanding_c_finds_the_cat), cmocka_unit_test(python_finds_what_is_there),
	    cmocka_unit_test(cuda_says_what_it_needs),      cmocka_unit_test(nothing_is_written_there),
	    cmocka_unit_test(python_reports_failures),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
