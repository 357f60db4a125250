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
	must("mkdir -p broken && echo 'static void *away(void *d, const void *s, unsigned long n) { (void)d; (void)s; (void)n; return d; "
	     "}' >broken/away.h");
	assert_int_equal(sh(DSSDC " verify move.ir -O0 --target=c99 --cflags='-include broken/away.h -Dmemcpy=away'"), 1);
	assert_has(err, "copied");
	assert_lacks(err, "layer 'first'");
	assert_lacks(err, "layer 'turn'");
	assert_has(out, "1 differ");
}

#define DETECTOR "'" SOURCE_DIR "/tests/golden/detector.ir'"

/* A detector is given pixels too. A compiler that makes wrong code there, and one whose code crashes: findings. */
static void verify_detects_from_pixels(void **state)
{
	(void)state;
	must(DSSDC " verify " DETECTOR " --target=c99");
	assert_has(out, "detect from pixels: 5 pictures, ");
	assert_has(out, "as from the evaluator's input");
	must("mkdir -p broken && printf '#include <stddef.h>\n#include <stdint.h>\n#include <string.h>\n#define size_t uint8_t\n' "
	     ">broken/narrow.h");
	assert_int_equal(sh(DSSDC " verify " DETECTOR " --target=c99 --cflags='-include broken/narrow.h'"), 1);
	assert_has(err, "detect from pixels: a picture of 640 x 427, BGRA, stride 2561: this layer is given another input");
	assert_lacks(err, "37 x 23");
	must("printf '#include <string.h>\nstatic inline void *gone(void) { *(volatile int *)0 = 1; return 0; }\n"
	     "#define memset(a, b, c) gone()\n' >broken/gone.h");
	assert_int_equal(sh(DSSDC " verify " DETECTOR " --target=c99 --cflags='-include broken/gone.h'"), 1);
	assert_has(err, "the emitted program ended by SIG");
	assert_has(err, "in NAME_detect() of a picture of 301 x 200, BGR, stride 908, before any layer was made");
	must("printf 'void _exit(int);\nstatic inline void *leave(void) { _exit(0); return 0; }\n#include <string.h>\n"
	     "#define memset(a, b, c) leave()\n' >broken/leave.h");
	assert_int_equal(sh(DSSDC " verify " DETECTOR " --target=c99 --cflags='-include broken/leave.h'"), 1);
	assert_has(err, "the emitted program ended the process in NAME_detect()");
}

/* Boxes that are decoded as the network does not mean them agree with the evaluator's; that they end before they begin is said. So is that
 * nothing was found at all. */
static void verify_looks_at_the_rows(void **state)
{
	(void)state;
	const char *corners = "s/code=center_size/code=corner/; s/variance=0.1,0.1,0.2,0.2/variance=9,9,9,9/";
	must("sed '%s' '" SOURCE_DIR "/tests/golden/detector.ir' >corners.ir && " DSSDC " verify corners.ir --target=c99", corners);
	assert_has(err, "corners.ir: warning: ");
	assert_has(err, " detections end before they begin (x1 < x0 or y1 < y0): the boxes are not decoded as the network means them\n");
	must(DSSDC " verify " DETECTOR " --target=c99");
	assert_string_equal(err, "");
	must(DSSDC " verify " DETECTOR " --target=c99 --threshold=1");
	assert_has(out, " 0 detections");
	assert_has(
	    err,
	    "note: no made-up picture has a score above the threshold, 1: from pixels, decoding and suppression were compared on nothing; "
	    "a lower one gives them boxes: try --threshold=0.05\n");
	must(DSSDC " verify " DETECTOR " --target=c99 --threshold=1 --quiet");
	assert_string_equal(err, "");
}

/* The emitted program runs in a process of its own, which prints too. */
static void readers_may_leave_verify(void **state)
{
	static const char *const printing[] = {"verify move.ir --target=c99", "verify move.ir --target=c99 --verbose 2>/dev/null",
	                                       "check made/move.c"};
	int end[2];
	(void)state;
	assert_int_equal(pipe(end), 0);
	assert_int_equal(close(end[0]), 0); /* nobody reads */
	assert_int_equal(dup2(end[1], 9), 9);
	must(DSSDC " compile move.ir --emit=c --no-check --quiet -o made/move.c");
	for (size_t i = 0; i < sizeof printing / sizeof *printing - !exists(BUILD_DIR "/dssdc-check.so"); i++) {
		must(DSSDC " %s >&9; echo $?", printing[i]);
		if (strcmp(out, "141\n") || *err)
			fail_msg("%s: %s%s", printing[i], out, err);
	}
	close(9);
	close(end[1]);
	assert_int_equal(sh(DSSDC " verify move.ir --target=c99 --verbose >/dev/full"), 5);
}

/* A .npy file of 24 floats: relu(i - 5.5), or the input i - 5.5; one of them off by `error`. */
static void write_reference(const char *path, bool relu, float error)
{
	static const char header[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3, 4), }";
	enum { LENGTH = 118 };
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	fputs("\x93NUMPY\x01", f);
	fputc(0, f);
	fputc(LENGTH, f);
	fputc(0, f);
	fprintf(f, "%-*s\n", LENGTH - 1, header);
	for (int i = 0; i < 24; i++) {
		float x = (float)i - 5.5f;
		x = relu && x < 0 ? 0 : x;
		x += i == 20 ? error : 0;
		fwrite(&x, sizeof x, 1, f);
	}
	fclose(f);
}

static void verify_compares_with_a_reference(void **state)
{
	(void)state;
	static const char named[] = "dssdc.ir 1\ngraph \"move\"\ninput %1 \"x\" : f32[1,2,3,4]\n"
	                            "%2 \"y\" = eltwise \"first\" %1 fn=relu\n%3 \"z\" = eltwise \"second\" %2 fn=neg\noutput %2 %3\n";
	write_text("named.ir", named);
	must("mkdir -p ref none");
	write_reference("ref/x.npy", false, 0);
	write_reference("ref/y.npy", true, 0);
	must(DSSDC " verify named.ir --target=c99 --ref=ref");
	assert_has(out, "3 layers compared on c99, 0 differ");
	write_reference("ref/y.npy", true, 0.01f);
	assert_int_equal(sh(DSSDC " verify named.ir --target=c99 --ref=ref"), 1);
	assert_has(err, "layer 'first': kernel eltwise_");
	assert_has(err, "differs from the reference by 0.0100002 (allowed 0.00175");
	must(DSSDC " verify named.ir --target=c99 --ref=ref --tolerance=0.001");
	must("rm ref/y.npy");
	assert_int_equal(sh(DSSDC " verify named.ir --target=c99 --ref=ref"), 2);
	assert_has(err, "none of its 1 .npy files is named like a result");
	assert_int_equal(sh(DSSDC " verify named.ir --target=c99 --ref=none"), 2);
	assert_has(err, "it lacks the input, 'x'");
	assert_int_equal(sh("CC=false " DSSDC " verify named.ir --target=c99 --ref=absent"), 5);
	assert_string_equal(err, "absent: error: cannot read the folder: No such file or directory [io]\n");
	assert_int_equal(sh("CC=false " DSSDC " verify named.ir --target=c99 --ref=named.ir"), 5);
	assert_string_equal(err, "named.ir: error: cannot read the folder: Not a directory [io]\n");
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
	must("! ls -d .dssdc-*");
}

/* A compiler for another CPU is made up by macros and a search path: what it is asked is what a true one is asked. */
static void a_failing_compiler_gets_advice(void **state)
{
	static const char other[] =
	    "note: './arm' makes code for another CPU than target avx2 is for (--target=c99 and vector4 are for any)";
	static const char lacks[] = "lacks headers or libraries of libjpeg, libpng or zlib (--pictures=pnm does without them)";
	(void)state;
	must("printf '#!/bin/sh\ncase \"$*\" in\n*-print-file-name=*) for w in \"$@\"; do :; done; echo ${w#*=};;\n"
	     "*\" -E \"*|-E*) exec gcc -U__x86_64__ -nostdinc -I. \"$@\";;\n*-mavx2*|*jpeg*) echo 'no!' >&2; exit 1;;\n*) exec gcc "
	     "\"$@\";;\nesac\n' >arm && chmod +x arm");
	assert_int_equal(sh("CC=./arm " DSSDC " compile move.ir --emit=obj --target=avx2 --no-check -o arm.o"), 5);
	assert_has(err, other);
	assert_lacks(err, lacks);
	assert_int_equal(sh("CC=./arm " DSSDC " compile " DETECTOR " --target=avx2 --no-check -o arm.exe"), 5);
	assert_has(err, other);
	assert_has(err, "any), and lacks headers");
	assert_int_equal(sh("CC=./arm " DSSDC " compile " DETECTOR " --target=c99 --no-check -o arm.exe"), 5);
	assert_has(err, "note: './arm' lacks headers");
	must("CC=./arm " DSSDC " compile " DETECTOR " --target=c99 --no-check --pictures=pnm -o arm.exe");
	assert_int_equal(sh(DSSDC " compile " DETECTOR " --target=c99 --no-check --cflags=--no-such-flag -o arm.exe"), 5);
	assert_lacks(err, "note: ");
	assert_int_equal(sh("CC=false " DSSDC " compile " DETECTOR " --no-check -o arm.exe"), 5);
	assert_lacks(err, "note: ");
}

static void verbose_shows_the_commands(void **state)
{
	(void)state;
	must("mkdir -p 'my tools' && printf '#!/bin/sh\nexec gcc \"$@\"\n' >'my tools/the cc' && chmod +x 'my tools/the cc'");
	must("CC=\"$PWD/my tools/the cc -pipe\" " DSSDC " compile move.ir --emit=obj -o move.o");
	must("CC='gcc -pipe' " DSSDC
	     " compile move.ir --emit=lib --verbose --weights-form=object --cflags='-DA=1 -DB=2' --cflags=-DC -o libmove.a");
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
	if (sh("script -qec true /dev/null")) {
		print_message("skipped: script(1) cannot make a terminal here: there may be no /dev/pts\n");
		skip();
	}
	must("script -qec \"" DSSDC " compile move.ir --emit=obj -o p.o\" /dev/null");
	assert_has(out, "compiling C ...\r");
	assert_has(out, "\033[K");
	assert_has(out, "\033[Kwrote p.h, p.o\r\n");
	must("script -qec \"" DSSDC " compile move.ir --emit=obj --quiet -o p.o\" /dev/null");
	assert_string_equal(out, "");
}

static void other_streams_get_no_progress(void **state)
{
	(void)state;
	must(DSSDC " compile move.ir --emit=obj --verbose -o made.o");
	assert_has(err, "\nwrote made.h, made.o\n");
	must(DSSDC " compile move.ir --emit=c --no-check --verbose -o d/made.c");
	assert_string_equal(err, "wrote d/made.h, d/made.manifest.json, d/made.c\n");
	must(DSSDC " compile move.ir --emit=obj -o p.o");
	assert_string_equal(err, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(verify_agrees),
	    cmocka_unit_test(verify_finds_the_guilty_layer),
	    cmocka_unit_test(verify_detects_from_pixels),
	    cmocka_unit_test(verify_looks_at_the_rows),
	    cmocka_unit_test(readers_may_leave_verify),
	    cmocka_unit_test(verify_compares_with_a_reference),
	    cmocka_unit_test(a_failing_compiler_is_reported),
	    cmocka_unit_test(a_failing_compiler_gets_advice),
	    cmocka_unit_test(verbose_shows_the_commands),
	    cmocka_unit_test(progress_is_for_terminals),
	    cmocka_unit_test(other_streams_get_no_progress),
	};
	return cmocka_run_group_tests(tests, begin, work_end);
}
