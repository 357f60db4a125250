/* test_names_slow.c -- names that are words, macros, headers or functions of somebody else: each is refused, or what is made under it
 * compiles and links. */
#include "tests/full.h"
#include "tests/shell.h"

#define NET "'" SOURCE_DIR "/tests/golden/detector.ir' --target=c99 --no-check --quiet"

static const char *const names[] = {
    /* keywords of C and C++ */
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "auto",
    "bitand",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "char8_t",
    "class",
    "compl",
    "concept",
    "const",
    "constexpr",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "else",
    "enum",
    "explicit",
    "export",
    "extern",
    "false",
    "float",
    "for",
    "friend",
    "goto",
    "if",
    "inline",
    "int",
    "long",
    "main",
    "mutable",
    "namespace",
    "new",
    "noexcept",
    "not",
    "nullptr",
    "operator",
    "or",
    "private",
    "register",
    "restrict",
    "return",
    "short",
    "signed",
    "sizeof",
    "static",
    "static_assert",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "typeof",
    "union",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
    /* macros and types of C and POSIX, in small letters and in capitals */
    "errno",
    "null",
    "NULL",
    "eof",
    "EOF",
    "bufsiz",
    "BUFSIZ",
    "rand_max",
    "RAND_MAX",
    "stdin",
    "stdout",
    "stderr",
    "assert",
    "complex",
    "imaginary",
    "noreturn",
    "offsetof",
    "va_list",
    "va_arg",
    "va_start",
    "size_t",
    "ptrdiff_t",
    "int32_t",
    "uint8_t",
    "ssize_t",
    "pid_t",
    "off_t",
    "time_t",
    "clock_t",
    "int8_max",
    "INT_MAX",
    "char_bit",
    "dbl_max",
    "nan",
    "NAN",
    "infinity",
    "huge_val",
    "math_errhandling",
    "isnan",
    "signbit",
    "setjmp",
    "sigsetjmp",
    "sig_dfl",
    "SIGINT",
    "seek_set",
    "exit_success",
    "EXIT_FAILURE",
    "clocks_per_sec",
    "lc_all",
    "mb_cur_max",
    "wint_t",
    "weof",
    "tmp_max",
    "path_max",
    "NAME_MAX",
    "iov_max",
    "s_isreg",
    "o_rdonly",
    "O_CREAT",
    "einval",
    "EINVAL",
    "enomem",
    "linux",
    "unix",
    "i386",
    "environ",
    "major",
    "minor",
    "makedev",
    "st_atime",
    "sa_handler",
    "si_pid",
    "ip",
    "udp",
    "tcp",
    /* what one of our endings makes a word of somebody else */
    "m",
    "M",
    "x",
    "X",
    "r",
    "w",
    "f",
    "z",
    "l",
    "e",
    "E",
    "i",
    "I",
    "n",
    "s",
    "t",
    "u",
    "d",
    "p",
    "q",
    "sched",
    "msg",
    "cmsg",
    "jcs",
    "png",
    "PNG",
    "jpeg",
    "jpeglib",
    "zlib",
    "zconf",
    "atomic",
    "iconv",
    "sem",
    "shm",
    "mq",
    "fts",
    "gai",
    "gnu_get_libc",
    "argp_program",
    "pidfd",
    "net",
    "NET",
    "cuda",
    "cudnn",
    "dim3",
    "warpsize",
    "thread",
    "block",
    "grid",
    "half",
    "host",
    "device",
    "global",
    "shared",
    "constant",
    /* headers */
    "stdint",
    "stddef",
    "stdbool",
    "stdio",
    "stdlib",
    "string",
    "strings",
    "ctype",
    "math",
    "float_h",
    "limits",
    "locale",
    "signal",
    "time",
    "wchar",
    "threads",
    "stdatomic",
    "stdnoreturn",
    "tgmath",
    "fenv",
    "inttypes",
    "iso646",
    "uchar",
    "features",
    "endian",
    "alloca",
    "unistd",
    "fcntl",
    "poll",
    "pthread",
    "semaphore",
    "spawn",
    "dirent",
    "dlfcn",
    "glob",
    "regex",
    "termios",
    "syslog",
    "netdb",
    "pwd",
    "grp",
    "memory",
    "malloc",
    "error",
    "err",
    "search",
    "link",
    "elf",
    "wait",
    "cpuid",
    "immintrin",
    "arm_neon",
    "cuda_runtime",
    "cuda_fp16",
    "vector_types",
    "new_net",
    "Stdint",
    "STRING",
    /* files of the runtime and of the work folder, words of the emitted source */
    "image",
    "draw",
    "report",
    "options",
    "font",
    "found",
    "orientation",
    "read_jpeg",
    "read_png",
    "image_write",
    "runtime",
    "product",
    "stack",
    "model",
    "MODEL",
    "weights",
    "weights_head",
    "arena",
    "memory_pool",
    "label",
    "labels",
    "detect",
    "detection",
    "run",
    "load",
    "version",
    "strerror",
    "format",
    "input",
    "output",
    "pixels",
    "max",
    "score",
    "dssdc",
    "DSSDC",
    "det",
    "Det",
    "a__b",
    "a_",
    "Z9",
};
enum { NAMES = sizeof names / sizeof *names };

static const char before_and_after[] =
    "#define _GNU_SOURCE\n#include <assert.h>\n#include <ctype.h>\n#include <errno.h>\n#include <fcntl.h>\n#include <fenv.h>\n#include "
    "<float.h>\n"
    "#include <inttypes.h>\n#include <iso646.h>\n#include <limits.h>\n#include <locale.h>\n#include <math.h>\n#include <poll.h>\n#include "
    "<pthread.h>\n"
    "#include <sched.h>\n#include <semaphore.h>\n#include <setjmp.h>\n#include <signal.h>\n#include <stdarg.h>\n#include "
    "<stdbool.h>\n#include <stddef.h>\n"
    "#include <stdint.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <strings.h>\n#include "
    "<sys/mman.h>\n#include <sys/socket.h>\n"
    "#include <sys/stat.h>\n#include <sys/time.h>\n#include <sys/types.h>\n#include <sys/un.h>\n#include <sys/wait.h>\n#include "
    "<time.h>\n#include <unistd.h>\n"
    "#include <wchar.h>\n#include <dirent.h>\n#include <termios.h>\n#include <jpeglib.h>\n#include <png.h>\n#include <zlib.h>\n";

static bool header_is_there(const char *folder, const char *name)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s.h", folder, name);
	return exists(path);
}

/* All headers that there are in one file, system headers before or behind them, and every source: their folder is in the way of
 * the system's headers. */
static void names_compile(void **state)
{
	(void)state;
	assert_true(NAMES >= 300);
	must("mkdir all");
	FILE *f = fopen("ours.h", "w");
	assert_non_null(f);
	int accepted = 0;
	for (int i = 0; i < NAMES; i++) {
		const int status = sh(DSSDC " compile " NET " --emit=c --name=%s -o all/", names[i]);
		if (status == 2)
			assert_true(strstr(err, " is free") != NULL);
		else
			assert_int_equal(status, 0);
		accepted += !status;
		if (!status && header_is_there("all", names[i]))
			fprintf(f, "#include \"%s.h\"\n", names[i]);
	}
	fclose(f);
	assert_true(accepted > 200);
	write_text("system.h", before_and_after);
	write_text("1.c", "#include \"system.h\"\n#include \"ours.h\"\n");
	write_text("2.c", "#include \"ours.h\"\n#include \"system.h\"\n");
	for (int order = 1; order <= 2; order++) {
		must("cc -std=gnu99 -Wall -fsyntax-only -I. -Iall %d.c", order);
		must("cc -std=gnu11 -Wall -fsyntax-only -I. -Iall %d.c", order);
		must("c++ -std=gnu++17 -Wall -fsyntax-only -I. -Iall -x c++ %d.c", order);
	}
	must("cc -std=c99 -Wall -Wextra -Wpedantic -fsyntax-only -Iall all/*.c");
}

/* Both can be used in one source file and linked into one program. */
static void capitals_tell_apart(void **state)
{
	(void)state;
	must(DSSDC " compile " NET " --emit=c -o two/det.c && " DSSDC " compile " NET " --emit=c -o two/Det.c && " DSSDC " compile " NET
	           " --emit=c -o two/DET.c");
	must(DSSDC " compile '" SOURCE_DIR "/tests/cuda/tiny.ir' --random-weights=1 --no-check --emit=c -o noted/DET.c");
	assert_has(err, "note: macros begin with Model_DET_: those of a model with this name in small letters begin with DET_");
	write_text("both.c", "#include \"det.h\"\n#include \"Det.h\"\n#include \"DET.h\"\nint main(void) { return !det_version() || "
	                     "!DET_version() || DET_OK != Model_DET_OK || !Det_version() || det_strerror(DET_EINVAL)[0] != "
	                     "Det_strerror(Det_EINVAL)[0]; }\n");
	must("cc -O0 -std=c99 -Itwo both.c two/det.c two/Det.c two/DET.c -lm -o both && ./both");
}

/* The suspicious ones; -o takes them all. */
static void executables_have_any_name(void **state)
{
	(void)state;
	static const char *const list[] = {"image",   "errno",  "true",   "null",    "png",         "stdint", "2fast",       "x-y",
	                                   "bool",    "draw",   "report", "options", "font",        "found",  "orientation", "false",
	                                   "NULL",    "eof",    "EOF",    "bufsiz",  "rand_max",    "string", "stack",       "product",
	                                   "runtime", "model",  "int",    "main",    "x",           "m",      "jpeg",        "linux",
	                                   "stdin",   "assert", "a b",    "net",     "image_write", "r",      "Z",           "'"};
	const int n = full_or(sizeof list / sizeof *list, 8);
	for (int i = 0; i < n; i++) {
		must(DSSDC " compile " NET " --cflags=-O0 -o \"exe/%s\" || mkdir exe && " DSSDC " compile " NET
		           " --cflags=-O0 -o \"exe/%s\"",
		     list[i], list[i]);
		assert_string_equal(err, "");
		must("\"exe/%s\" --version && \"exe/%s\" --help", list[i], list[i]);
	}
}

static const char caller[] =
    "#include \"q.h\"\n#include <stdio.h>\nint main(void)\n{\n\tstatic float in[Q_INPUT_SIZE];\n\tq_detection found[9];\n"
    "\tprintf(\"%d\\n\", q_run(in, found, 9));\n\treturn 0;\n}\n";

/* libq.a has q.h and q_; with -flto the weights are there when somebody links, with link-time optimisation and without. */
static void products_link_with_lto(void **state)
{
	(void)state;
	static const struct {
		const char *kind, *file;
	} rows[] = {{"lib", "libq.a"}, {"obj", "q.o"}, {"shared", "libq.so"}};
	write_text("caller.c", caller);
	must("mkdir lto && " DSSDC " compile " NET " -o lto/libq.a && cc -Ilto caller.c lto/libq.a -lm -o plain && ./plain");
	char want[16];
	snprintf(want, sizeof want, "%.8s", out);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		must("rm -rf lto && mkdir lto && " DSSDC " compile " NET " --cflags=-flto -o lto/%s", rows[i].file);
		assert_string_equal(err, "");
		assert_true(exists("lto/q.h"));
		must(DSSDC " compile " NET " --cflags=-flto --emit=%s -o lto/%s", rows[i].kind, rows[i].file);
		for (int lto = 0; lto < 2; lto++) {
			must("cc -O2 %s -Ilto caller.c ./lto/%s -lm -o with && ./with", lto ? "-flto" : "", rows[i].file);
			assert_string_equal(out, want);
		}
	}
	must(DSSDC " compile " NET " --cflags=-flto -o lto/exe && lto/exe --version");
	assert_string_equal(err, "");
	must("rm -rf lto && " DSSDC " compile " NET
	     " --emit=c --weights-form=object -o lto/q.c && cc -O2 -flto -Ilto caller.c lto/q.c lto/q_weights.S -lm -o with && ./with");
	must("cc -O2 -flto -Ilto -Wa,-Ilto caller.c lto/q.c lto/q_weights.S -lm -o with && ./with");
	assert_string_equal(out, want);
}

/* Whatever lies in the current folder, a product has the weights that it was compiled with. */
static void stale_weights_are_not_taken(void **state)
{
	(void)state;
	static const char *const files[] = {"q.o", "libq.a", "libq.so", "q"};
	must("mkdir stale && cd stale && " DSSDC " compile " NET
	     " --emit=c -o q.c && cp q.weights model.weights && cp q.weights verified.weights && printf '\\377' | dd "
	     "of=q.weights bs=1 seek=70 conv=notrunc 2>/dev/null && cp q.weights model.weights && mkdir clean");
	for (int i = 0; i < 4; i++)
		must("cd stale/clean && " DSSDC " compile " NET " -o %s && cd .. && " DSSDC " compile " NET " -o %s && cmp %s clean/%s",
		     files[i], files[i], files[i], files[i]);
	must("mkdir \"stale/a 'b\" && cd stale && TMPDIR=\"a 'b\" " DSSDC " compile " NET " -o libq.a && cmp libq.a clean/libq.a");
}

/* A source under another file name, and under a name with capitals, keeps the rules of emitted code. */
static void names_are_checked(void **state)
{
	(void)state;
	must("command -v clang-19");
	static const char *const options[] = {"-o checked/x-y.c", "-o checked/other.c --name=Net", "-o checked/x.c",
	                                      "-o checked/g.cu --name=Both", "-o checked/2fast.c"};
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		must(DSSDC " compile '" SOURCE_DIR "/tests/golden/detector.ir' --check %s", options[i]);
	must(DSSDC " check checked/x-y.c checked/other.c checked/x.c checked/g.cu checked/2fast.c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_compile),
	    cmocka_unit_test(capitals_tell_apart),
	    cmocka_unit_test(executables_have_any_name),
	    cmocka_unit_test(products_link_with_lto),
	    cmocka_unit_test(stale_weights_are_not_taken),
	    cmocka_unit_test(names_are_checked),
	};
	return cmocka_run_group_tests(tests, work_begin, work_end);
}
