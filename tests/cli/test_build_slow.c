/* test_build_slow.c -- commands that call the C compiler: what they show, what happens when it fails, exit code 1. */
#include "tests/shell.h"

static int begin(void **state)
{
	if (work_begin(state))
		return 1;
	write_text("move.ir", "dssdc.ir 1\ngraph \"move\"\ninput %1 \"x\" : f32[1,2,3,4]\n"
	                      "%2 = eltwise \"first\" %1 fn=relu\n%3 = permute \"turn\" %2 order=0,2,3,1\n"
	                      "%4 = reshape \"copied\" %3 dim=1,24\noutput %4\n");
	return 0;
}

static void verify_agrees(void **state)
{
	(void)state;
	must(DSSDC " verify move.ir -O0 --target=c99");
	assert_has(out, " layers compared on c99, 0 differ");
	must(DSSDC " verify move.ir -O0 --target=c99 --verbose");
	assert_has(out, "copied");
	assert_has(err, "-std=c99");
}

/* A compiler that makes wrong code: verify names the layer. */
static void verify_finds_the_guilty_layer(void **state)
{
	(void)state;
	must("mkdir -p broken && echo 'static void *away(void *d, const void *s, unsigned long n) { (void)d; (void)s; (void)n; return d; }' >broken/away.h");
	assert_int_equal(sh(DSSDC " verify move.ir -O0 --target=c99 --cflags='-include broken/away.h -Dmemcpy=away'"), 1);
	assert_has(err, "copied");
	assert_lacks(err, "layer 'first'");
	assert_lacks(err, "layer 'turn'");
	assert_has(out, "1 differ");
}

static void a_failing_compiler_is_reported(void **state)
{
	(void)state;
	assert_int_equal(sh("CC=false " DSSDC " compile move.ir --emit=obj -o move.o"), 5);
	assert_has(err, "dssdc: error: 'false' failed; --verbose shows the command [io]");
	assert_int_equal(sh("CC=/no/such/cc " DSSDC " compile move.ir --emit=obj -o move.o"), 5);
	assert_has(err, "cannot run '/no/such/cc': No such file or directory");
	assert_int_equal(sh(DSSDC " compile move.ir --emit=obj --cflags=--no-such-flag -o move.o"), 5);
	assert_int_equal(sh("TMPDIR=/no/such/dir " DSSDC " compile move.ir --emit=obj -o move.o"), 5);
	assert_has(err, "cannot make a folder to work in");
	assert_false(exists("move.o"));
	assert_false(exists("move.h"));
	must("mkdir -p work && TMPDIR=$PWD/work " DSSDC " compile move.ir --emit=obj -o made.o");
	assert_folder("work", "");
	must("mkdir x.h");
	assert_int_equal(sh(DSSDC " compile move.ir --emit=obj -o x.o"), 5);
	assert_has(err, "x.h: error: cannot write: Is a directory");
	assert_false(exists("x.o"));
	assert_int_equal(sh("ls *.tmp"), 2);
}

static void verbose_shows_the_commands(void **state)
{
	(void)state;
	must("CC='gcc -pipe' " DSSDC " compile move.ir --emit=lib --verbose --weights-form=object --cflags='-DA=1 -DB=2' --cflags=-DC -o libmove.a");
	assert_has(err, "gcc -pipe -O2 -I");
	assert_has(err, " -DA=1 -DB=2 -DC -c ");
	assert_has(err, "\nar rcsD ");
	must(DSSDC " compile move.ir --emit=lib -o libmove.a");
	assert_string_equal(err, "");
	assert_string_equal(out, "");
}

static void progress_is_for_terminals(void **state)
{
	(void)state;
	must("command -v script");
	must("script -qec \"" DSSDC " compile move.ir --emit=obj -o p.o\" /dev/null");
	assert_has(out, "compiling C ...\r");
	assert_has(out, "\033[K");
	must("script -qec \"" DSSDC " compile move.ir --emit=obj --quiet -o p.o\" /dev/null");
	assert_string_equal(out, "");
	must(DSSDC " compile move.ir --emit=obj -o p.o");
	assert_string_equal(err, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(verify_agrees),
	    cmocka_unit_test(verify_finds_the_guilty_layer),
	    cmocka_unit_test(a_failing_compiler_is_reported),
	    cmocka_unit_test(verbose_shows_the_commands),
	    cmocka_unit_test(progress_is_for_terminals),
	};
	return cmocka_run_group_tests(tests, begin, work_end);
}
