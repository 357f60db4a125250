/* test_weights_slow.c -- weights that do not belong to the source: a file that was cut, one of another model, a machine with the
 * other byte order. Each is refused by the build or by the first call, in every form and with gcc and clang. */
#include "tests/shell.h"

#define TINY "'" SOURCE_DIR "/tests/cuda/tiny.ir'"

static const char *const compilers[] = {"gcc", "clang-19"};

/* The form, what is compiled beside NAME.c. */
static const struct {
	const char *form, *beside;
} forms[] = {{"incbin", ""}, {"object", "net_weights.S"}, {"array", "net_weights.c"}};
enum { FORMS = sizeof forms / sizeof *forms };

static int group_begin(void **state)
{
	if (work_begin(state))
		return 1;
	for (int seed = 1; seed <= 2; seed++)
		for (int i = 0; i < FORMS; i++)
			must(DSSDC " compile " TINY
			           " --random-weights=%d --target=c99 --emit=c --quiet --no-check --name=net --weights-form=%s -o %s%d/",
			     seed, forms[i].form, forms[i].form, seed);
	must(DSSDC " compile " TINY
	           " --random-weights=1 --target=c99 --emit=c --quiet --no-check --name=net --weights-form=file -o file1/");
	write_text("main.c", "#include \"net.h\"\n"
	                     "int main(void)\n"
	                     "{\n"
	                     "\tstatic float input[NET_INPUT_SIZE];\n"
	                     "\tstatic net_detection found[NET_MAX_DETECTIONS];\n"
	                     "\tconst int n = net_run(input, found, NET_MAX_DETECTIONS);\n"
	                     "\treturn n >= 0 ? 0 : -n;\n"
	                     "}\n");
	return 0;
}

/* Of the program in folder `dir`: 200 when it does not build, else its exit status, which is minus the status of net_run(). */
static int outcome(const char *compiler, const char *dir, const char *beside)
{
	if (sh("cd %s && %s -std=c99 -O1 -I. ../main.c net.c %s -o program", dir, compiler, beside))
		return 200;
	return sh("%s/program", dir);
}

static void right_weights_serve(void **state)
{
	(void)state;
	for (int c = 0; c < 2; c++)
		for (int i = 0; i < FORMS; i++) {
			char dir[32];
			snprintf(dir, sizeof dir, "%s1", forms[i].form);
			assert_int_equal(outcome(compilers[c], dir, forms[i].beside), 0);
		}
}

static void a_cut_file_does_not_build(void **state)
{
	static const char *const cuts[] = {"head -c -1", "head -c 64", "head -c 10", "head -c 0", "sed 's/^/x/'"};
	(void)state;
	for (int c = 0; c < 2; c++)
		for (int i = 0; i < 2; i++)
			for (size_t k = 0; k < sizeof cuts / sizeof *cuts; k++) {
				must("rm -rf cut && cp -r %s1 cut && %s %s1/net.weights >cut/net.weights", forms[i].form, cuts[k],
				     forms[i].form);
				assert_int_equal(outcome(compilers[c], "cut", forms[i].beside), 200);
				assert_has(err, k == 0 || k == 4 ? ".org" : "rror:"); /* gas begins it with a capital */
			}
}

static void weights_of_another_model_are_refused(void **state)
{
	enum { EWEIGHTS = 3 };
	(void)state;
	for (int i = 0; i < FORMS; i++) {
		must("rm -rf other && cp -r %s1 other && cp %s2/%s other/", forms[i].form, forms[i].form,
		     i == 2 ? "net_weights.c" : "net.weights");
		assert_int_equal(outcome("gcc", "other", forms[i].beside), EWEIGHTS);
	}
}

/* The machine's byte order is pretended; s390x itself is tried where its compiler and emulator are installed. */
static void the_other_byte_order_is_an_error(void **state)
{
	(void)state;
	static const char *const apart[] = {"incbin", "object", "file"};
	for (size_t i = 0; i < 3; i++) {
		assert_int_not_equal(
		    sh("gcc -std=c99 -fsyntax-only -w -U__BYTE_ORDER__ -D__BYTE_ORDER__=__ORDER_BIG_ENDIAN__ %s1/net.c", apart[i]), 0);
		assert_has(err, "--weights-form=array");
	}
	must("gcc -std=c99 -fsyntax-only -w -U__BYTE_ORDER__ -D__BYTE_ORDER__=__ORDER_BIG_ENDIAN__ array1/net.c array1/net_weights.c");
	if (sh("command -v s390x-linux-gnu-gcc && command -v qemu-s390x")) {
		print_message("no compiler or emulator for s390x: tried on this machine only\n");
		return;
	}
	must("cd array1 && s390x-linux-gnu-gcc -std=c99 -O1 -static -I. ../main.c net.c net_weights.c -o program && qemu-s390x ./program");
	assert_int_not_equal(sh("cd incbin1 && s390x-linux-gnu-gcc -std=c99 -O1 -static -I. ../main.c net.c -o program"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(right_weights_serve),
	    cmocka_unit_test(a_cut_file_does_not_build),
	    cmocka_unit_test(weights_of_another_model_are_refused),
	    cmocka_unit_test(the_other_byte_order_is_an_error),
	};
	return cmocka_run_group_tests(tests, group_begin, work_end);
}
