/* test_cmake_slow.c -- projects that find an installed dssdc: the example, and what dssdc_add_model() promises. */
#include "tests/install/installed.h"

#define CONFIGURE "cmake -S project -B build -Ddssdc_ROOT=\"$PWD/" PREFIX "\" "
#define BUILD "cmake --build build && ./build/program"

/* A program that prints what a small network finds in a picture of one colour, and the model's hash. */
static const char program[] = "#include \"tiny.h\"\n#include <stdio.h>\n"
                              "int main(void)\n{\n\tstatic unsigned char pixels[64 * 64 * 3];\n"
                              "\tstatic tiny_detection found[TINY_MAX_DETECTIONS];\n"
                              "\tint n = tiny_detect(pixels, 64, 64, 192, TINY_RGB, found, TINY_MAX_DETECTIONS);\n"
                              "\tfor (int i = 0; i < n && i < 5; i++)\n"
                              "\t\tprintf(\"%d %.4f %.1f\\n\", (int)found[i].label, found[i].score, found[i].x0);\n"
                              "\treturn n <= 0;\n}\n";

/* CMakeLists.txt around one call, and program.c. */
static void write_project(const char *languages, const char *call)
{
	char text[4096];
	must("rm -rf project build && mkdir project");
	snprintf(text, sizeof text,
	         "cmake_minimum_required(VERSION 3.20)\nproject(p LANGUAGES %s)\nfind_package(dssdc 0.1 REQUIRED)\n%s\n"
	         "add_executable(program program.c)\ntarget_link_libraries(program PRIVATE detector)\n",
	         languages, call);
	write_text("project/CMakeLists.txt", text);
	write_text("project/program.c", program);
}

static void the_example_works(void **state)
{
	(void)state;
	must("mkdir away && cp '" SOURCE_DIR "/examples/photos/chelsea.png' away/cat.png && cd away && ../" PREFIX
	     "/share/dssdc/examples/03_cmake/run.sh cat.png");
	assert_has(out, "\ncat          0.9");
	assert_lacks(out, "person");
}

/* Its line of the build: emitted again, compiled again, or nothing of the kind. */
static void rebuild(bool emitted, char *found, size_t size)
{
	must("cmake --build build");
	if (emitted != !!strstr(out, "dssdc: small.ir for c99") || emitted != !!strstr(out, "tiny.c.o"))
		fail_msg("emitted again: %s\n%s", emitted ? "it should be" : "it should not be", out);
	must("./build/program");
	snprintf(found, size, "%.500s", out);
}

static void what_changed_is_made_again(void **state)
{
	char first[512], again[512], other[512];
	(void)state;
	write_project("C", "dssdc_add_model(detector MODEL small.ir NAME tiny OPTIONS --threshold=0.02)");
	must(DSSDC " import " CARD " --width-divisor=8 --random-weights=1 -o project/small.ir");
	must(CONFIGURE);
	rebuild(true, first, sizeof first);
	assert_true(*first);
	rebuild(false, again, sizeof again);
	assert_string_equal(again, first);

	must("sleep 1; touch project/small.safetensors");
	rebuild(true, again, sizeof again);
	assert_string_equal(again, first);
	must("sleep 1; " DSSDC " import " CARD " --width-divisor=8 --random-weights=2 -o project/small.ir");
	rebuild(true, other, sizeof other);
	assert_string_not_equal(other, first);
	must("sleep 1; touch " PREFIX "/bin/dssdc");
	rebuild(true, again, sizeof again);
	assert_string_equal(again, other);

	/* The weights alone are enough to assemble the object anew. */
	must("sleep 1; touch build/detector.dssdc/tiny.weights && cmake --build build");
	assert_has(out, "tiny.c.o");
	rebuild(false, again, sizeof again);
}

static void every_form_of_weights_links(void **state)
{
	static const char *const forms[] = {"incbin", "array", "object"};
	char first[512] = "", call[512];
	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		snprintf(call, sizeof call,
		         "dssdc_add_model(detector MODEL \"%s/models/dssd321_mobilenet.json\" NAME tiny TARGET vector4\n"
		         "  OPTIONS --width-divisor=8 --random-weights=3 --threshold=0.02 --weights-form=%s)",
		         SOURCE_DIR, forms[i]);
		write_project("C CXX", call);
		must(CONFIGURE " && " BUILD " >found && cat found");
		must("cat found");
		if (!*first)
			snprintf(first, sizeof first, "%.500s", out);
		assert_true(*first);
		assert_string_equal(out, first);
	}
	must("cmake --build build --target clean && test ! -e build/detector.dssdc/tiny.c");
}

/* The flags of a target reach the compiler; a program links it into a shared library too. */
static void targets_bring_their_flags(void **state)
{
	(void)state;
	write_project("C", "dssdc_add_model(detector MODEL ${dssdc_MODELS}/dssd321_mobilenet.json NAME tiny TARGET avx2\n"
	                   "  OPTIONS --width-divisor=8 --random-weights=3)\n"
	                   "add_library(shared SHARED program.c)\ntarget_link_libraries(shared PRIVATE detector)");
	must(CONFIGURE "-DCMAKE_BUILD_TYPE=Debug && cmake --build build --target shared --verbose");
	assert_has(out, " -mavx2 -mfma -ffp-contract=fast ");
	assert_has(out, " -std=c99 ");
	assert_has(out, " -O2 ");
	assert_has(out, " -fPIC ");
	must("grep -rhE 'tiny.c: .*(dssd321_mobilenet.safetensors|voc.labels|dssd321_mobilenet.json|bin/dssdc)$' build/CMakeFiles | wc -l");
	assert_string_equal(out, "4\n"); /* what the card names is known */
}

/* CMake wraps what it says. */
static void unwrap(char *text)
{
	char *to = text;
	for (const char *s = text; *s; s++)
		if ((*s != ' ' && *s != '\n') || (to > text && to[-1] != ' '))
			*to++ = (char)(*s == '\n' ? ' ' : *s);
	*to = 0;
}

static void refuse(const char *languages, const char *call, const char *why)
{
	write_project(languages, call);
	assert_int_not_equal(sh(CONFIGURE), 0);
	unwrap(err);
	assert_has(err, why);
}

static void mistakes_are_told(void **state)
{
	(void)state;
	refuse("CXX", "dssdc_add_model(detector MODEL a.json)", "write project(... LANGUAGES C CXX)");
	refuse("C", "dssdc_add_model(detector)", "dssdc_add_model(target MODEL model");
	refuse("C", "dssdc_add_model(detector MODEL a.ir WEIGTHS b)", "WEIGTHS");
	refuse("C", "dssdc_add_model(detector MODEL a.ir TARGET avx3)", "unknown target 'avx3'; did you mean 'avx2'?");
	refuse("C", "dssdc_add_model(detector MODEL a.ir TARGET cuda)", "for GPUs see");
	write_project("C", "dssdc_add_model(detector MODEL a.ir)");
	must("sed -i 's/dssdc 0.1/dssdc 7.0/' project/CMakeLists.txt");
	assert_int_not_equal(sh(CONFIGURE), 0);
	unwrap(err);
	assert_has(err, "requested version \"7.0\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_example_works),           cmocka_unit_test(what_changed_is_made_again),
	    cmocka_unit_test(every_form_of_weights_links), cmocka_unit_test(targets_bring_their_flags),
	    cmocka_unit_test(mistakes_are_told),
	};
	return cmocka_run_group_tests(tests, install_begin, work_end);
}
