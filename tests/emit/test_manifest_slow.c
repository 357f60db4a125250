/* test_manifest_slow.c -- NAME.manifest.json against what compilers make of the source: .bss and .data, external names, the
 * stack (measured as well), the same bytes everywhere. */
#include "toolchain/stack.h"
#include "tests/emit/parallel.h"
#include "tests/full.h"

#include <cjson/cJSON.h>

typedef struct Variant {
	const char *name, *options, *flags, *optimisation;
} Variant;

#define AVX2 "-mavx2 -mfma"
#define FORM(form, arena, o)                                                                                    \
	{"c_" #form "_" #arena, SMALL " --target=c99 --weights-form=" #form " --arena=" #arena, "", o},         \
	{                                                                                                       \
		"v_" #form "_" #arena, SMALL " --target=avx2 --weights-form=" #form " --arena=" #arena, AVX2, o \
	}

static const Variant variants[] = {
    FORM(incbin, static, "-O2"),
    FORM(array, static, "-O0"),
    FORM(object, static, "-O1"),
    FORM(file, static, "-O2"),
    FORM(incbin, caller, "-O1"),
    FORM(array, caller, "-O0"),
    FORM(object, caller, "-O0"),
    FORM(file, caller, "-O1"),
    {"tensors", SMALL " --target=c99 --weights-form=file --output-tensor=mbox_loc", "", "-O2"},
    {"plain", SMALL " --target=c99 --weights-form=file -O0", "", "-O0"},
};
enum { NVARIANTS = sizeof variants / sizeof *variants };
static const char *const compilers[] = {"gcc", "clang-19"};
static int ncompilers, nwhole; /* nwhole: those that make every variant; the others make the trained model only */

/* NAME.c, NAME.COMPILER.o as it comes (position-independent, where that is the standard) and NAME.COMPILER.fixed.o. */
static int make_all(void **state)
{
	Jobs j = {.n = 0};
	if (work_begin(state))
		return 1;
	ncompilers = have("clang-19") ? 2 : 1;
	nwhole = full_run() ? ncompilers : 1;
	for (int i = 0; i < NVARIANTS; i++)
		must(DSSDC " compile %s --emit=c -o %s.c", variants[i].options, variants[i].name);
	for (int i = 0; i < NVARIANTS; i++)
		for (int c = 0; c < nwhole; c++) {
			const Variant *v = &variants[i];
			job(&j, "%s -std=c99 %s %s -c %s.c -o %s.%s.o", compilers[c], v->optimisation, v->flags, v->name, v->name,
			    compilers[c]);
			if (!strcmp(v->optimisation, "-O1"))
				job(&j, "%s -std=c99 -fno-pie -fdata-sections %s %s -c %s.c -o %s.%s.fixed.o", compilers[c],
				    v->optimisation, v->flags, v->name, v->name, compilers[c]);
		}
	for (int c = 0; c < ncompilers; c++)
		job(&j, "CC=%s " DSSDC " compile " CARD " --quiet --target=c99 --emit=obj --name=t%d --manifest -o t%d.o", compilers[c], c,
		    c);
	jobs_run(&j);
	return 0;
}

static cJSON *manifest_of(const char *path)
{
	size_t size;
	char *text = read_file(path, &size);
	cJSON *o = cJSON_Parse(text);
	assert_non_null(o);
	free(text);
	return o;
}

static cJSON *member(const cJSON *o, const char *key)
{
	cJSON *x = cJSON_GetObjectItemCaseSensitive(o, key);
	if (!x)
		fail_msg("no key '%s'", key);
	return x;
}

static long bytes_of(const cJSON *o)
{
	assert_true(cJSON_IsNumber(member(o, "bytes")));
	return (long)member(o, "bytes")->valuedouble;
}

/* The sizes of all sections whose name begins so, as size -A printed them to out. */
static long sections(const char *name)
{
	long sum = 0;
	for (const char *p = strstr(out, name); p; p = strstr(p + 1, name))
		if (p[-1] == '\n' && strncmp(p, ".data.rel.ro", 12)) /* constant: the loader writes there, nobody else */
			sum += strtol(p + strcspn(p, " "), NULL, 10);
	return sum;
}

static void ram_is_that_of_the_object(void **state)
{
	(void)state;
	int objects = 0;
	for (int i = 0; i < NVARIANTS; i++) {
		char path[64];
		snprintf(path, sizeof path, "%s.manifest.json", variants[i].name);
		cJSON *m = manifest_of(path);
		const long want = bytes_of(member(m, "ram"));
		const bool caller = strstr(variants[i].options, "caller");
		assert_true(caller ? want <= 8 && bytes_of(member(m, "ram_caller")) > 0 : want > 1000);
		cJSON_Delete(m);
		for (int c = 0; c < 2 * nwhole; c++) {
			snprintf(path, sizeof path, "%s.%s.%so", variants[i].name, compilers[c / 2], c % 2 ? "fixed." : "");
			if (c % 2 && !exists(path))
				continue;
			must("size -A %s", path);
			if (sections(".bss") + sections(".data") != want)
				fail_msg("%s: %ld + %ld bytes, the manifest says %ld", path, sections(".bss"), sections(".data"), want);
			objects++;
		}
	}
	print_message("figure: RAM of the manifest is .bss + .data in %d objects of %d\n", objects, objects);
}

/* One a line, sorted. */
static void write_names(const cJSON *list, const char *path)
{
	const cJSON *x;
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	cJSON_ArrayForEach(x, list) fprintf(f, "%s\n", x->valuestring);
	fclose(f);
	must("LC_ALL=C sort -o %s %s", path, path);
}

static void names_are_those_of_the_object(void **state)
{
	(void)state;
	for (int i = 0; i < NVARIANTS; i++) {
		char path[64];
		snprintf(path, sizeof path, "%s.manifest.json", variants[i].name);
		cJSON *m = manifest_of(path), *symbols = member(m, "symbols");
		write_names(member(symbols, "defined"), "want.defined");
		write_names(member(symbols, "needed"), "want.needed");
		cJSON_Delete(m);
		for (int c = 0; c < nwhole; c++) {
			const char *n = variants[i].name;
			must("nm -g --defined-only %s.%s.o | awk '{ print $3 }' | LC_ALL=C sort | diff - want.defined", n, compilers[c]);
			must("nm -u %s.%s.o | awk '{ print $2 }' | LC_ALL=C sort | comm -23 - want.needed >more; ! test -s more", n,
			     compilers[c]);
		}
	}
}

/* Bytes of a symbol as nm -S printed it: "ADDRESS SIZE KIND NAME", the name perhaps mangled ("_ZL5d_own"). */
static long symbol_bytes(const char *text, const char *name)
{
	for (const char *p = text; (p = strstr(p, name)); p++) {
		const char *line = p, *end = p + strlen(name);
		if (*end != '\n')
			continue;
		while (line > text && line[-1] != '\n')
			line--;
		unsigned long address, size;
		if (sscanf(line, "%lx %lx", &address, &size) == 2)
			return (long)size;
	}
	fail_msg("no symbol %s in\n%.2000s", name, text);
	return 0;
}

/* GPUs: what nvcc makes of a detector. The runtime's own names begin with two underscores or are C++'s. */
static void names_and_objects_of_cuda(void **state)
{
	(void)state;
	static const struct {
		const char *target, *options;
	} rows[] = {{"cuda", ""}, {"cuda-standalone", "--weights-form=file"}, {"cuda", "--arena=caller --weights-form=array"}};
	if (!have("nvcc")) {
		print_message("skipped: no nvcc\n");
		skip();
	}
	for (int i = 0; i < 3; i++) {
		must(DSSDC " compile --no-check '" SOURCE_DIR "/tests/golden/detector.ir' --target=%s %s --emit=c -o d%d.cu",
		     rows[i].target, rows[i].options, i);
		if (sh("nvcc -O1 -std=c++17 -w -I. -gencode arch=compute_80,code=sm_80 -c d%d.cu -o d%d.o", i, i)) {
			assert_has(err, "cudnn.h");
			print_message("skipped: no cuDNN\n");
			continue;
		}
		char path[64];
		snprintf(path, sizeof path, "d%d.manifest.json", i);
		cJSON *m = manifest_of(path), *symbols = member(m, "symbols"), *object;
		write_names(member(symbols, "defined"), "want.defined");
		write_names(member(symbols, "needed"), "want.needed");
		must("nm -g --defined-only d%d.o | awk '$2 != \"V\" && $2 != \"W\" { print $3 }' | LC_ALL=C sort | diff - want.defined", i);
		must("nm -u d%d.o | awk '$2 !~ /^_/ && $2 != \"atexit\" { sub(/ExC$/, \"Ex\", $2); print $2 }' | LC_ALL=C sort | "
		     "comm -23 - want.needed >more; cat more >&2; ! test -s more",
		     i);
		must("nm -S d%d.o", i);
		cJSON_ArrayForEach(object, member(member(m, "ram"), "objects"))
		    assert_int_equal(symbol_bytes(out, member(object, "name")->valuestring), bytes_of(object));
		cJSON_Delete(m);
	}
}

/* The sum of the objects is the sum; what is constant is in the object. */
static void sums_are_sums(void **state)
{
	(void)state;
	static const char *const keys[] = {"ram", "ram_caller", "flash", "flash_caller", "device", "device_caller", "opened"};
	must(DSSDC " compile --no-check " SMALL " --target=cuda-standalone --emit=c -o gpu.cu");
	for (int i = 0; i <= NVARIANTS; i++) {
		char path[64];
		snprintf(path, sizeof path, "%s.manifest.json", i < NVARIANTS ? variants[i].name : "gpu");
		cJSON *m = manifest_of(path);
		assert_int_equal(member(m, "manifest")->valueint, 1);
		assert_true(cJSON_IsNull(member(m, "stack")));
		for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
			const cJSON *storage = member(m, keys[k]), *object;
			long sum = 0;
			cJSON_ArrayForEach(object, member(storage, "objects")) sum += bytes_of(object);
			assert_int_equal(sum, bytes_of(storage));
		}
		double macs = 0;
		const cJSON *layer;
		cJSON_ArrayForEach(layer, member(member(m, "macs"), "layers")) macs += member(layer, "macs")->valuedouble;
		assert_true(macs > 0 && macs == member(member(m, "macs"), "total")->valuedouble);
		cJSON_Delete(m);
	}
}

static void constants_are_in_the_object(void **state)
{
	(void)state;
	cJSON *m = manifest_of("c_incbin_static.manifest.json");
	const long flash = bytes_of(member(m, "flash")), weights = bytes_of(member(m, "weights"));
	cJSON_Delete(m);
	for (int c = 0; c < nwhole; c++) {
		must("size -A c_incbin_static.%s.o", compilers[c]);
		long made = sections(".rodata");
		for (const char *p = strstr(out, "\n.data.rel.ro"); p; p = strstr(p + 1, "\n.data.rel.ro"))
			made += strtol(p + 1 + strcspn(p + 1, " "), NULL, 10);
		/* what a compiler adds (numbers, vectors, copies of locals) and what it shares is small */
		if (flash <= weights || made < flash - 256 || made > flash + 2048)
			fail_msg("%s: %ld bytes of constants, the manifest says %ld", compilers[c], made, flash);
	}
}

/* ---- the stack ---- */

enum { MOST = 4096 }; /* bytes, of every entry of portable code */

static long claimed(const cJSON *stack, const char *name)
{
	const cJSON *e;
	cJSON_ArrayForEach(e, member(stack, "entries")) if (!strcmp(member(e, "name")->valuestring, name)) return bytes_of(e);
	fail_msg("no entry %s", name);
	return 0;
}

static void the_trained_model_takes_little_stack(void **state)
{
	(void)state;
	for (int c = 0; c < ncompilers; c++) {
		char path[64], name[32];
		snprintf(path, sizeof path, "t%d.o.manifest.json", c);
		cJSON *m = manifest_of(path), *stack = member(m, "stack"), *e;
		assert_string_equal(member(stack, "unknown")->valuestring, "");
		assert_has(member(stack, "compiler")->valuestring, c ? "clang version 19" : "GCC");
		assert_string_equal(member(stack, "flags")->valuestring, "-O2 -std=c99");
		cJSON_ArrayForEach(e, member(stack, "entries"))
		{
			if (bytes_of(e) > MOST)
				fail_msg("%s: %s takes %ld bytes", compilers[c], member(e, "name")->valuestring, bytes_of(e));
			print_message("figure: worst-case stack of %s, %s: %ld bytes\n", member(e, "name")->valuestring, compilers[c],
			              bytes_of(e));
		}
		snprintf(name, sizeof name, "t%d_detect", c);
		assert_true(bytes_of(stack) >= claimed(stack, name));
		cJSON_Delete(m);
	}
}

/* The claim is a bound, and no loose one. */
static void the_stack_is_measured(void **state)
{
	(void)state;
	for (int c = 0; c < ncompilers; c++) {
		enum { SLACK = 160 }; /* bytes: of the red zone and of a frame's end, that nobody writes to */
		char path[64];
		must("gcc -std=c99 -O1 -I. -DHEADER='\"t%d.h\"' -DNAME=t%d -DUPPER=T%d '" SOURCE_DIR "/tests/emit/stack_driver.c' t%d.o "
		     "-lpthread -Wl,-z,now -o deep%d && ./deep%d",
		     c, c, c, c, c, c);
		snprintf(path, sizeof path, "t%d.o.manifest.json", c);
		cJSON *m = manifest_of(path);
		for (int k = 0; k < 2; k++) {
			static const char *const what[] = {"detect", "run"};
			char name[32];
			snprintf(name, sizeof name, "t%d_%s", c, what[k]);
			const long claim = claimed(member(m, "stack"), name);
			const char *line = strstr(out, what[k]);
			assert_non_null(line);
			const long got = strtol(line + strlen(what[k]), NULL, 10);
			print_message("    %s: %s claims %ld, went %ld bytes deep\n", compilers[c], name, claim, got);
			if (got > claim || got < claim - SLACK)
				fail_msg("%s: %s claims %ld bytes, measured are %ld", compilers[c], name, claim, got);
		}
		cJSON_Delete(m);
	}
}

static const StackEntry *entry_of(const StackUse *u, const char *name)
{
	for (int i = 0; i < u->nentry; i++)
		if (!strcmp(u->entry[i].name, name))
			return &u->entry[i];
	return NULL;
}

/* gcc on x86-64 says it in two ways, by -fstack-usage and assembly, and by its call graph. Both count the same frames, with the return
 * address, and the same red zone. They differ where the table has one name for all clones of a function, of which the assembly's
 * reader takes the largest: so its number is never less, and here, where no clone has a brother, it is equal. */
static void both_ways_of_gcc_agree(void **state)
{
	Arena *a = arena_new();
	size_t size;
	(void)state;
	must("gcc -dumpmachine");
	if (strncmp(out, "x86_64", 6)) {
		printf("gcc does not compile for x86-64: its two ways are not compared\n");
		skip();
	}
	must(DSSDC " compile " CARD " --quiet --no-check --target=c99 --emit=c -o both.c && gcc -std=c99 -O2 -S -fstack-usage "
	           "-fcallgraph-info=su both.c -o both.s");
	char *assembly = read_file("both.s", &size), *usage = read_file("both.su", &size), *graph = read_file("both.ci", &size);
	const StackUse u = stack_read("both", assembly, usage, a), v = stack_read_graph(assembly, graph, a);
	assert_null(u.unknown);
	assert_null(v.unknown);
	assert_int_equal(u.nentry, v.nentry);
	for (int i = 0; i < u.nentry; i++) {
		assert_non_null(entry_of(&v, u.entry[i].name));
		assert_int_equal(u.entry[i].bytes, entry_of(&v, u.entry[i].name)->bytes);
	}
	for (int i = 0; u.outside[i] || v.outside[i]; i++)
		assert_string_equal(u.outside[i], v.outside[i]);
	free(assembly);
	free(usage);
	free(graph);
	arena_free(a);
}

/* Machines that gcc compiles for on this one, with the headers of their libc. */
static void other_machines_have_a_stack(void **state)
{
	static const struct {
		const char *compiler, *flags;
		int pointer_bytes;
	} rows[] = {
	    {"aarch64-linux-gnu-gcc", "", 8}, {"s390x-linux-gnu-gcc", "", 8},         {"arm-linux-gnueabihf-gcc", "", 4},
	    {"riscv64-linux-gnu-gcc", "", 8}, {"gcc", "-m32 -msse2 -mfpmath=sse", 4},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (sh("echo '#include <string.h>' | %s %s -x c -c - -o none.o", rows[i].compiler, rows[i].flags)) {
			printf("no %s %s: not asked for its stack\n", rows[i].compiler, rows[i].flags);
			continue;
		}
		must("CC=%s " DSSDC " compile " SMALL
		     " --quiet --no-check --target=c99 --weights-form=array --emit=obj --name=m --cflags='%s' --manifest=m.json -o m.o",
		     rows[i].compiler, *rows[i].flags ? rows[i].flags : "-O2");
		cJSON *m = manifest_of("m.json"), *stack = member(m, "stack");
		print_message("    %s %s: %s %ld bytes\n", rows[i].compiler, rows[i].flags, member(stack, "unknown")->valuestring,
		              bytes_of(stack));
		assert_string_equal(member(stack, "unknown")->valuestring, "");
		assert_true(bytes_of(stack) > 100 && bytes_of(stack) <= MOST);
		assert_int_equal(claimed(stack, "m_detect"), bytes_of(stack));
		assert_int_equal(member(m, "pointer_bytes")->valueint, rows[i].pointer_bytes);
		const cJSON *o;
		cJSON_ArrayForEach(o, member(member(m, "flash"), "objects")) if (!strcmp(member(o, "name")->valuestring, "m_labels"))
		    assert_int_equal(bytes_of(o), 21 * rows[i].pointer_bytes);
		cJSON_Delete(m);
	}
}

static void what_cannot_be_told_is_unknown(void **state)
{
	(void)state;
	write_text("move.ir", "dssdc.ir 1\ngraph \"move\"\ninput %1 \"x\" : f32[1,2,3,4]\n%2 = eltwise \"first\" %1 fn=relu\noutput %2\n");
	static const struct {
		const char *environment, *kind, *flags, *reason;
	} rows[] = {
	    {"CC=gcc", "obj", "-fstack-protector-all", "calls __stack_chk_fail, whose frame is not known"},
	    {"CC=gcc", "lib", "-flto",
	     "the compiler writes no frame sizes: it needs -S -fstack-usage"}, /* frames are decided at the link */
	    {"CC=./nostack", "obj", "", "the compiler writes no frame sizes: it needs -S -fstack-usage"},
	};
	write_text("nostack", "#!/bin/sh\ncase \"$*\" in *stack-usage*) exit 1;; esac\nexec gcc \"$@\"\n");
	must("chmod +x nostack");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		must("%s " DSSDC " compile move.ir --target=c99 --emit=%s --cflags='%s' --manifest=u.json -o u.%s", rows[i].environment,
		     rows[i].kind, *rows[i].flags ? rows[i].flags : "-O2", rows[i].kind);
		cJSON *m = manifest_of("u.json"), *stack = member(m, "stack");
		assert_true(cJSON_IsNull(member(stack, "bytes")));
		assert_has(member(stack, "unknown")->valuestring, rows[i].reason);
		cJSON_Delete(m);
	}
}

/* ---- files ---- */

static void the_same_bytes_from_different_folders(void **state)
{
	(void)state;
	static const char *const kinds[] = {"obj", "lib", "shared", "exe"};
	for (int i = 0; i < 2; i++)
		must("mkdir -p here%d/deep/tmp there%d && cd here%d/deep && cp " CARD " net.json && for k in obj lib shared exe; do "
		     "TMPDIR=$PWD/tmp CC=%s " DSSDC " compile net.json --labels='" SOURCE_DIR "/models/voc.labels' --width-divisor=8 "
		     "--random-weights=1 --target=c99 --cflags=\"-I$PWD/include -O1\" --name=net --emit=$k --manifest -o %s/there%d/$k; "
		     "done",
		     i, i, i, i ? "$(command -v gcc)" : "gcc", i ? work : "../..", i);
	for (int k = 0; k < 4; k++) {
		char path[2][64];
		for (int i = 0; i < 2; i++)
			snprintf(path[i], sizeof path[i], "there%d/%s.manifest.json", i, kinds[k]);
		assert_same_file(path[0], path[1]);
		size_t size;
		char *text = read_file(path[0], &size);
		assert_lacks(text, "/");
		free(text);
		cJSON *m = manifest_of(path[0]);
		assert_string_equal(member(member(m, "stack"), "flags")->valuestring,
		                    k == 2 ? "-O2 -std=c99 -fPIC -Iinclude -O1" : "-O2 -std=c99 -Iinclude -O1");
		assert_true(bytes_of(member(m, "stack")) > 0);
		cJSON_Delete(m);
	}
}

static void nothing_is_written_that_nobody_asked_for(void **state)
{
	(void)state;
	must("mkdir -p asked && " DSSDC " compile " SMALL " --target=c99 --cflags=-O0 --emit=obj -o asked/n.o");
	assert_folder("asked", "n.h n.o");
	must(DSSDC " compile " SMALL " --target=c99 --cflags=-O0 --emit=obj --manifest=asked/m.json -o asked/n.o");
	assert_folder("asked", "m.json n.h n.o");
	/* a manifest that cannot be written takes the rest with it */
	must("mkdir -p asked/folder.json && rm asked/n.*");
	assert_int_equal(sh(DSSDC " compile " SMALL " --target=c99 --cflags=-O0 --emit=obj --manifest=asked/folder.json -o asked/n.o"), 5);
	assert_folder("asked", "folder.json m.json");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ram_is_that_of_the_object),
	    cmocka_unit_test(names_are_those_of_the_object),
	    cmocka_unit_test(names_and_objects_of_cuda),
	    cmocka_unit_test(sums_are_sums),
	    cmocka_unit_test(constants_are_in_the_object),
	    cmocka_unit_test(the_trained_model_takes_little_stack),
	    cmocka_unit_test(the_stack_is_measured),
	    cmocka_unit_test(both_ways_of_gcc_agree),
	    cmocka_unit_test(other_machines_have_a_stack),
	    cmocka_unit_test(what_cannot_be_told_is_unknown),
	    cmocka_unit_test(the_same_bytes_from_different_folders),
	    cmocka_unit_test(nothing_is_written_that_nobody_asked_for),
	};
	return cmocka_run_group_tests(tests, make_all, work_end);
}
