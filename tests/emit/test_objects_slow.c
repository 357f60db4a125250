/* test_objects_slow.c -- the emitted source under two compilers: no warning, nothing needed but memcpy and memset, every
 * external name the model's, no more memory than the header says, a bounded stack. */
#include "tests/emit/parallel.h"

#define WARNINGS "-std=c99 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"

typedef struct Variant {
	const char *name, *options;
	bool quickly; /* the forms: not every optimisation over again */
} Variant;

#define FORM(form, arena) {"f_" #form "_" #arena, SMALL " --target=c99 --weights-form=" #form " --arena=" #arena, true}

static const Variant variants[] = {
    {"c99_1", SMALL " --target=c99", false},
    {"c99_0", SMALL " --target=c99 -O0", false},
    {"vector4_1", SMALL " --target=vector4", false},
    {"vector4_0", SMALL " --target=vector4 -O0", false},
    {"avx2_1", SMALL " --target=avx2", false},
    {"avx512_1", SMALL " --target=avx512", false},
    {"tensors", SMALL " --target=c99 --output-tensor=mbox_loc --output-tensor=mbox_conf", false},
    FORM(array, static),
    FORM(object, static),
    FORM(file, static),
    FORM(incbin, caller),
    FORM(array, caller),
    FORM(object, caller),
    FORM(file, caller),
    {"trained", CARD " --target=c99", true},
    {"trained_native", CARD " --target=native", true},
};
enum { NVARIANTS = sizeof variants / sizeof *variants };

/* What the target's compiler flags are, as dssdc gives them; where its --verbose says so. */
static const char *flags_of(const Variant *v)
{
	if (strstr(v->options, "avx2") ||
	    (strstr(v->options, "native") && !__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma")))
		return "-mavx2 -mfma";
	if (strstr(v->options, "avx512") || (strstr(v->options, "native") && __builtin_cpu_supports("avx512dq")))
		return "-mavx512f -mavx512vl -mavx512dq -mavx512bw -mavx2 -mfma";
	return "";
}

/* NAME.c, NAME.gcc.o, NAME.clang.o (where there is one), NAME.su and so on: all checks read these. */
static int make_all(void **state)
{
	Jobs j = {.n = 0};
	if (work_begin(state))
		return 1;
	for (int i = 0; i < NVARIANTS; i++)
		must(DSSDC " compile %s --emit=c -o v_%s.c", variants[i].options, variants[i].name);
	for (int i = 0; i < NVARIANTS; i++) {
		const Variant *v = &variants[i];
		const char *flags = flags_of(v), *n = v->name;
		job(&j, "gcc " WARNINGS " %s -O%d -fno-pie -fstack-usage -c v_%s.c -o v_%s.gcc.o", flags, v->quickly ? 1 : 2, n, n);
		if (have("clang-19"))
			job(&j, "clang-19 " WARNINGS " %s -O%d -ffreestanding -fno-pie -c v_%s.c -o v_%s.clang.o", flags,
			    v->quickly ? 1 : 2, n, n);
		if (have("clang-19") && strstr(n, "_0")) /* chains of copies */
			job(&j, "clang-19 -std=c99 -O2 -fno-pie -c v_%s.c -o v_%s.hosted.o", n, n);
		job(&j,
		    "g++ -x c++ -fsyntax-only -Wall -Wextra -Wpedantic -Werror v_%s.h && "
		    "g++ -std=c++98 -x c++ -fsyntax-only -Wall -Wextra -Wpedantic -Wno-long-long -Werror v_%s.h",
		    n, n);
	}
	job(&j, "gcc " WARNINGS " -O2 -ffreestanding -c v_c99_1.c -o free.gcc.o");
	job(&j, "gcc " WARNINGS " -c v_f_array_static_weights.c && gcc -c v_f_object_static_weights.S");
	job(&j, "gcc -std=c99 -c v_c99_1.c -Wa,--MD,dep.d -o dep.o && grep -q 'v_c99_1.weights' dep.d");
	jobs_run(&j);
	return 0;
}

static void headers_and_sources_compile_without_a_warning(void **state)
{
	(void)state;
	for (int i = 0; i < NVARIANTS; i++) {
		char path[64];
		snprintf(path, sizeof path, "v_%s.gcc.o", variants[i].name);
		assert_true(exists(path));
	}
	if (!have("clang-19"))
		print_message("    no clang-19: gcc only\n");
}

/* Every object that was made, one a line, in out. */
static void for_each_object(void (*check)(const char *path))
{
	char *save;
	must("ls *.o");
	char *list = strdup(out);
	int n = 0;
	for (char *p = strtok_r(list, "\n", &save); p; p = strtok_r(NULL, "\n", &save), n++)
		check(p);
	free(list);
	assert_true(n >= NVARIANTS + 4);
}

static void check_needs(const char *path)
{
	const char *form = strstr(path, "array") || strstr(path, "object") ? " U v_f_[a-z]*_[a-z]*_weights\\(_head\\)\\?$" : " U nothing$";
	if (strstr(path, "_weights.o"))
		form = "^$";
	sh("nm -u %s | grep -v ' U memcpy$' | grep -v ' U memset$' | grep -v '%s'", path, form);
	if (*out)
		fail_msg("%s needs %s", path, out);
}

static void nothing_is_needed_but_memcpy_and_memset(void **state)
{
	(void)state;
	for_each_object(check_needs);
}

static void check_names(const char *path)
{
	sh("nm -g --defined-only %s | grep -v ' v_'", path);
	if (*out)
		fail_msg("%s defines %s", path, out);
	must("nm -g --defined-only %s | grep -q ' v_'", path);
}

static void every_external_name_is_the_models(void **state)
{
	(void)state;
	for_each_object(check_names);
}

static long number_behind(const char *text, const char *what)
{
	const char *p = strstr(text, what);
	if (!p)
		fail_msg("no '%s' in %.200s", what, text);
	return strtol(p + strlen(what), NULL, 10);
}

/* A macro of the header. */
static long constant_of(const char *name, const char *macro)
{
	char path[64], word[96];
	size_t size;
	snprintf(path, sizeof path, "v_%s.h", name);
	snprintf(word, sizeof word, "_%s ", macro);
	char *h = read_file(path, &size);
	long x = strstr(h, word) ? number_behind(h, word) : 0;
	free(h);
	return x;
}

static void memory_is_what_the_header_says(void **state)
{
	(void)state;
	for (int i = 0; i < NVARIANTS; i++) {
		const Variant *v = &variants[i];
		bool caller = strstr(v->options, "caller"), file = strstr(v->options, "=file"), pixels = strcmp(v->name, "tensors") != 0;
		must("size -A v_%s.gcc.o", v->name);
		long want = caller ? 0 : constant_of(v->name, "ARENA_SIZE") + (pixels ? 40 * constant_of(v->name, "INPUT_WIDTH") : 0);
		want += file ? (long)sizeof(void *) : 0;
		long bss = number_behind(out, "\n.bss"), data = number_behind(out, "\n.data");
		assert_int_equal(data, 0);
		if (bss < want || bss > want + 64)
			fail_msg("%s: .bss %ld, the header says %ld", v->name, bss, want);
		struct stat st;
		char path[64];
		snprintf(path, sizeof path, "v_%s.weights", v->name);
		if (!strstr(v->options, "array")) {
			assert_int_equal(stat(path, &st), 0);
			assert_int_equal(st.st_size, constant_of(v->name, "WEIGHTS_SIZE") + 64);
		}
	}
}

static void the_stack_is_bounded(void **state)
{
	(void)state;
	for (int i = 0; i < NVARIANTS; i++) {
		const bool portable = strstr(variants[i].options, "c99") != NULL;
		must("cat v_%s.gcc.su", variants[i].name);
		char *save;
		int n = 0;
		for (char *line = strtok_r(out, "\n", &save); line; line = strtok_r(NULL, "\n", &save), n++) {
			const char *tab = strchr(line, '\t');
			assert_non_null(tab);
			if (strtol(tab, NULL, 10) > (portable ? 4096 : 16384) || (strstr(tab, "dynamic") && !strstr(tab, "bounded")))
				fail_msg("%s", line);
		}
		assert_true(n > 4);
	}
}

/* Rule E10. What carries the model's name stands outside of functions. */
static void no_local_array_over_256_bytes(void **state)
{
	(void)state;
	for (int i = 0; i < NVARIANTS; i++) {
		if (variants[i].quickly)
			continue;
		sh("LC_ALL=C.UTF-8 gcc -std=c99 %s -fsyntax-only -Wlarger-than=256 v_%s.c", flags_of(&variants[i]), variants[i].name);
		char *save;
		for (char *line = strtok_r(err, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
			if (strstr(line, "warning: size of") && !strstr(line, "\342\200\230v_"))
				fail_msg("%s: %s", variants[i].name, line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(headers_and_sources_compile_without_a_warning),
	    cmocka_unit_test(nothing_is_needed_but_memcpy_and_memset),
	    cmocka_unit_test(every_external_name_is_the_models),
	    cmocka_unit_test(memory_is_what_the_header_says),
	    cmocka_unit_test(the_stack_is_bounded),
	    cmocka_unit_test(no_local_array_over_256_bytes),
	};
	return cmocka_run_group_tests(tests, make_all, work_end);
}
