/* test_program_slow.c -- emitted code in programs: every form of the weights and both arenas give the same bits, two
 * models in one program, threads, misuse, CPUs that lack something, what --emit=obj, lib, shared and exe make. */
#include "tests/emit/parallel.h"

#define DRIVER "'" SOURCE_DIR "/tests/emit/driver.c'"
#define PHOTO "'" SOURCE_DIR "/examples/photos/chelsea.png'"
#define OTHER "'" SOURCE_DIR "/models/ssd300_voc.json' --width-divisor=16 --random-weights=2"
#define CC "gcc -std=c99 -Wall -Wextra -O1 -I. -DHEADER='\"%s.h\"' -DNAME=%s -DUPPER=%s "

static const struct {
	const char *name, *upper, *form, *arena, *flags, *with;
} forms[] = {
    {"a0", "A0", "incbin", "static", "", ""},
    {"a1", "A1", "array", "static", "", "a1_weights.c"},
    {"a2", "A2", "object", "static", "", "a2_weights.S"},
    {"a3", "A3", "file", "static", "-DLOADED='\"a3.weights\"'", ""},
    {"a4", "A4", "incbin", "caller", "-DCALLER", ""},
    {"a5", "A5", "array", "caller", "-DCALLER", "a5_weights.c"},
    {"a6", "A6", "object", "caller", "-DCALLER", "a6_weights.S"},
    {"a7", "A7", "file", "caller", "-DCALLER -DLOADED='\"a7.weights\"'", ""},
};
enum { NFORMS = sizeof forms / sizeof *forms };

static int make_all(void **state)
{
	Jobs j = {.n = 0};
	if (work_begin(state))
		return 1;
	for (int i = 0; i < NFORMS; i++)
		must(DSSDC " compile " SMALL " --target=c99 --emit=c --weights-form=%s --arena=%s -o %s.c", forms[i].form, forms[i].arena,
		     forms[i].name);
	must(DSSDC " compile " OTHER " --target=c99 --emit=c -o b.c");
	must(DSSDC " compile " SMALL " --target=avx2 --emit=c -o v8.c && " DSSDC " compile " SMALL " --target=avx512 --emit=c -o v16.c");
	for (int i = 0; i < NFORMS; i++)
		job(&j, CC "%s " DRIVER " %s.c %s -lpthread -o %s", forms[i].name, forms[i].name, forms[i].upper, forms[i].flags,
		    forms[i].name, forms[i].with, forms[i].name);
	job(&j, CC DRIVER " b.c -o b", "b", "b", "B");
	job(&j, CC "-DCALLER -fsanitize=thread -g " DRIVER " a4.c -o tsan", "a4", "a4", "A4");
	job(&j, CC "-fsanitize=address,undefined -fno-sanitize-recover=undefined -g " DRIVER " a0.c -o asan", "a0", "a0", "A0");
	job(&j, CC "-mavx2 -mfma -c v8.c && " CC DRIVER " v8.o -o v8", "v8", "v8", "V8", "v8", "v8", "V8");
	job(&j, CC "-mavx512f -mavx512vl -mavx512dq -mavx512bw -mavx2 -mfma -c v16.c && " CC DRIVER " v16.o -o v16", "v16", "v16", "V16",
	    "v16", "v16", "V16");
	for (int i = 0; i < 3; i++) {
		static const char *const form[] = {"incbin", "array", "object"};
		job(&j, DSSDC " compile " SMALL " --name=p --emit=obj --target=c99 --weights-form=%s --cflags=-O1 -o obj%d/", form[i], i);
		job(&j, DSSDC " compile " SMALL " --name=p --emit=lib --target=c99 --weights-form=%s --cflags=-O1 -o lib%d/", form[i], i);
		job(&j, DSSDC " compile " SMALL " --name=p --emit=shared --target=c99 --weights-form=%s --cflags=-O1 -o so%d/", form[i], i);
	}
	job(&j, DSSDC " compile " SMALL " --name=p --emit=lib --target=c99 --weights-form=file --cflags=-O1 -o lib3/");
	job(&j, DSSDC " compile " SMALL " --target=avx2 --cflags=-O1 -o exe8");
	job(&j, DSSDC " compile " SMALL " --target=avx512 --cflags=-O1 -o exe16");
	job(&j, DSSDC " compile " SMALL " --weights-form=array --target=c99 --cflags=-O1 -o exe");
	job(&j,
	    "mkdir -p again && cd again && TMPDIR=$PWD " DSSDC " compile " SMALL " --weights-form=array --target=c99 --cflags=-O1 -o exe");
	jobs_run(&j);
	return 0;
}

static void every_form_gives_the_same_bits(void **state)
{
	(void)state;
	must("./a0 run >want");
	must("grep -c 0x want && test $(wc -l <want) -gt 50");
	for (int i = 1; i < NFORMS; i++)
		must("./%s run >got && cmp got want", forms[i].name);
	must("valgrind -q --error-exitcode=9 ./a4 max 2>&1 || ! command -v valgrind");
}

static void max_order_and_clipping(void **state)
{
	(void)state;
	must("./a0 max && ./a4 max");
}

static void misuse_returns_codes(void **state)
{
	(void)state;
	must("./a0 misuse && ./a4 misuse && ./a7 misuse");
}

static void changed_weights_are_refused(void **state)
{
	(void)state;
	must("./a3 weights >got && cmp got want && ./a7 weights >got && cmp got want");
	must("cp a3.weights kept; cp a7.weights a3.weights"); /* the same model: the arena is not part of it */
	must("./a3 run >got && cmp got want; cp kept a3.weights");
}

static void two_models_in_one_program(void **state)
{
	(void)state;
	must("./b run >want_b && ! cmp -s want want_b");
	write_text("two.c", "int a0_main(const char *); int b_main(const char *); int main(void) {\n"
	                    "return a0_main(\"run\") || b_main(\"run\") || a0_main(\"run\"); }\n");
	must(CC "-DNO_MAIN -c " DRIVER " -o drive_a.o", "a0", "a0", "A0");
	must(CC "-DNO_MAIN -c " DRIVER " -o drive_b.o", "b", "b", "B");
	must("gcc -std=c99 -O1 -I. -c a0.c && gcc -std=c99 -O1 -I. -c b.c && gcc two.c drive_a.o drive_b.o a0.o b.o -lpthread -o two");
	must("./two >got && cat want want_b want | cmp got -");
}

static void two_threads_with_an_arena_each(void **state)
{
	(void)state;
	must("./a4 threads");
	must("setarch -R ./tsan threads");
}

static void strange_inputs_are_defined(void **state)
{
	(void)state;
	must("ASAN_OPTIONS=detect_leaks=0 ./asan strange");
	must("ASAN_OPTIONS=detect_leaks=0 ./asan run >got && cmp got want");
	must("ASAN_OPTIONS=detect_leaks=0 ./asan misuse");
}

static void products_are_complete(void **state)
{
	(void)state;
	static const struct {
		const char *folder, *file, *flags;
	} products[] = {{"obj", "p.o", ""}, {"lib", "p.a", ""}, {"so", "p.so", "-Wl,-rpath,'$ORIGIN'"}};
	for (int k = 0; k < 3; k++)
		for (int i = 0; i < 3; i++) {
			char folder[16], names[32];
			snprintf(folder, sizeof folder, "%s%d", products[k].folder, i);
			snprintf(names, sizeof names, k == 1 ? "%s p.h" : "p.h %s", products[k].file);
			assert_folder(folder, names);
			must("gcc -std=c99 -I%s -DHEADER='\"p.h\"' -DNAME=p -DUPPER=P " DRIVER " %s/%s %s -lpthread -o %s/run", folder,
			     folder, products[k].file, products[k].flags, folder);
			must("%s/run run >got && cmp got want", folder);
			must("! nm -g --defined-only %s %s/%s | grep ' [A-Z] ' | grep -v ' p_'", k == 2 ? "-D" : "", folder,
			     products[k].file);
		}
	assert_folder("lib3", "p.a p.h p.weights");
	must("gcc -std=c99 -Ilib3 -DHEADER='\"p.h\"' -DNAME=p -DUPPER=P -DLOADED='\"lib3/p.weights\"' " DRIVER
	     " lib3/p.a -lpthread -o lib3/run");
	must("lib3/run run >got && cmp got want");
}

static void executables_carry_everything(void **state)
{
	(void)state;
	assert_same_file("exe", "again/exe");
	assert_folder("again", "exe");
	must("ldd ./exe | sed 's/ => .*//; s/ (.*//' | grep -v 'linux-vdso\\|libc.so.6\\|libm.so.6\\|ld-linux' >extra; ! test -s extra");
	must("mkdir -p moved && mv exe moved/detect && moved/detect --json " PHOTO " --threshold 0.05");
	assert_has(out, "\"width\":451,\"height\":300,\"detections\":[{\"class\":");
	must("moved/detect --version");
	assert_string_equal(out, "exe dssdc 0.1.0\n");
}

/* On a CPU that lacks what the code was compiled for. */
static void lesser_cpus_are_refused(void **state)
{
	(void)state;
	if (!have("qemu-x86_64")) {
		print_message("    no qemu-x86_64: skipped\n");
		skip();
	}
	static const struct {
		const char *cpu, *program, *exe, *missing;
	} rows[] = {
	    {"Nehalem", "v8", "exe8", "avx2"},
	    {"max,-fma", "v8", "exe8", "fma"},
	    {"max,-avx,-avx2", "v8", "exe8", "avx2"},
	    {"max", "v16", "exe16", "avx512f"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(sh("qemu-x86_64 -cpu %s ./%s " PHOTO, rows[i].cpu, rows[i].exe), 3);
		char want[160];
		snprintf(want, sizeof want, "%s: error: this CPU has no %s, which the program was compiled for\n", rows[i].exe,
		         rows[i].missing);
		assert_has(err, want);
		assert_string_equal(out, "");
		assert_int_equal(sh("qemu-x86_64 -cpu %s ./%s cpu", rows[i].cpu, rows[i].program), 3);
		assert_has(out, "the CPU lacks a feature that this program was compiled for; needed: avx");
	}
	assert_int_equal(sh("qemu-x86_64 -cpu max ./v8 cpu"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_form_gives_the_same_bits), cmocka_unit_test(max_order_and_clipping),
	    cmocka_unit_test(misuse_returns_codes),           cmocka_unit_test(changed_weights_are_refused),
	    cmocka_unit_test(two_models_in_one_program),      cmocka_unit_test(two_threads_with_an_arena_each),
	    cmocka_unit_test(strange_inputs_are_defined),     cmocka_unit_test(products_are_complete),
	    cmocka_unit_test(executables_carry_everything),   cmocka_unit_test(lesser_cpus_are_refused),
	};
	return cmocka_run_group_tests(tests, make_all, work_end);
}
