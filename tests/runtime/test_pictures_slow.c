/* test_pictures_slow.c -- --pictures=pnm: an executable without libjpeg, libpng and zlib, for this machine and, by
 * cross compilers, for others, which an emulator runs. */
#include "tests/shell.h"

#include "runtime/image.h"

#define PNM SMALL " --target=c99 --threshold=0.02 --no-check --pictures=pnm "

static int begin(void **state)
{
	static char why[IMAGE_WHY];
	Image image;
	if (work_begin(state) || !image_read(SOURCE_DIR "/examples/photos/chelsea.png", &image, why))
		return 1;
	const bool good = image_write("cat.ppm", &image, why);
	image_free(&image);
	return !good || system(DSSDC " compile " SMALL " --target=c99 --threshold=0.02 --no-check --quiet -o all >/dev/null");
}

/* Boxes in cat.ppm, of a program that is run by so many words. */
static void assert_finds_the_same(const char *program)
{
	static char want[sizeof out];
	must("./all cat.ppm --threshold=0.02");
	snprintf(want, sizeof want, "%s", out);
	assert_true(strlen(want) > 100);
	must("%s cat.ppm --threshold=0.02", program);
	assert_string_equal(out, want);
}

static void photographs_of_both_formats_are_equal(void **state)
{
	(void)state;
	must("./all '" SOURCE_DIR "/examples/photos/chelsea.png' --threshold=0.02 | tail -n +2 >png; ./all cat.ppm "
	     "--threshold=0.02 | tail -n +2 | cmp - png");
	must("./all cat.ppm --out boxes.ppm >found && head -c 2 boxes.ppm");
	assert_string_equal(out, "P6");
}

static void no_library_is_linked(void **state)
{
	(void)state;
	must(DSSDC " compile " PNM "--verbose -o bare 2>&1 | grep -cE -- '-ljpeg|-lpng|-lz|read_jpeg.c|write_png.c' || true");
	assert_string_equal(out, "0\n");
	must("nm bare | grep -cE ' (jpeg|png|inflate|deflate)_' || true");
	assert_string_equal(out, "0\n");
	assert_finds_the_same("./bare");
	must("./bare --help");
	assert_has(out, "Detects objects in photographs (PPM, PGM and PAM)");
	assert_has(out, "its detections (.ppm)");
	assert_int_equal(sh("./bare '" SOURCE_DIR "/examples/photos/chelsea.png'"), 5);
	assert_has(err, "chelsea.png: error: not a photograph that this program reads: PPM, PGM and PAM");
	assert_int_equal(sh("./bare cat.ppm --out x.png"), 2);
	assert_has(err, "x.png must end in .ppm");
	must("cp cat.ppm cat && ./bare cat --out-dir boxes >found && ls boxes");
	assert_string_equal(out, "cat.ppm\n");
}

static void cross(const char *compiler, const char *emulator, const char *library, const char *form)
{
	if (sh("command -v %s %s >/dev/null && test -d %s", compiler, emulator, library)) {
		printf("no %s, %s and %s: not cross compiled\n", compiler, emulator, library);
		skip();
	}
	must("CC=%s " DSSDC " compile " PNM "--weights-form=%s -o crossed", compiler, form);
	char program[256];
	snprintf(program, sizeof program, "%s -L %s ./crossed", emulator, library);
	assert_finds_the_same(program);
}

static void aarch64_runs_it(void **state)
{
	(void)state;
	cross("aarch64-linux-gnu-gcc", "qemu-aarch64", "/usr/aarch64-linux-gnu", "incbin");
}

/* The bytes of weights are in another order there. */
static void s390x_runs_it(void **state)
{
	(void)state;
	cross("s390x-linux-gnu-gcc", "qemu-s390x", "/usr/s390x-linux-gnu", "array");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(photographs_of_both_formats_are_equal),
	    cmocka_unit_test(no_library_is_linked),
	    cmocka_unit_test(aarch64_runs_it),
	    cmocka_unit_test(s390x_runs_it),
	};
	return cmocka_run_group_tests(tests, begin, work_end);
}
