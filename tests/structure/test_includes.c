/* test_includes.c -- includes run one way, from room to room as the table says; the runtime includes only itself. And calls
 * that lose something without a word when memory or the disk is full have one place each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

typedef struct Folder {
	const char *name, *may_include; /* space-separated */
} Folder;

static const Folder folders[] = {
    {"ir", "ir"},
    {"passes", "ir passes"},
    {"codegen", "ir codegen"},
    {"codegen/kernels/c", "codegen/kernels/c"},
    {"codegen/kernels/cuda", "codegen/kernels/cuda codegen/kernels/c"}, /* C's functions serve the device too */
    {"runtime", "runtime"},
    {"base", "ir base"},
    {"import/formats", "ir base import import/formats"},
    {"import/cards", "ir base import import/formats import/cards"},
    {"import/caffe", "ir base import import/formats import/caffe"},
    {"import/onnx", "ir base import import/formats import/onnx"},
    {"import", "ir codegen base import import/formats import/cards"}, /* codegen: kernels by their names, in IR text */
    {"report", "ir passes base report"},
    {"toolchain", "ir codegen base toolchain"},
    {"verify", "ir base import/formats verify"},
    {"eval", "ir base eval"},
    {"check", "ir codegen base check"}, /* codegen: what an embedded file is */
    /* runtime: photographs for calibration are read as an executable reads them */
    {"compiler", "ir passes codegen runtime base import import/formats report toolchain verify eval check compiler"},
};

static int is_source(const char *name)
{
	const char *dot = strrchr(name, '.');
	static const char *const endings[] = {".c", ".h", ".def", ".cu", ".cuh"};
	for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++)
		if (!strcmp(dot, endings[i]))
			return 1;
	return 0;
}

/* The folder of an include written from the root, or null. */
static const char *included_folder(char *line)
{
	char *quote = strstr(line, "#include \"");
	if (!quote || quote != line)
		return NULL;
	quote += strlen("#include \"");
	quote[strcspn(quote, "\"")] = 0;
	char *slash = strrchr(quote, '/');
	if (slash)
		*slash = 0;
	return quote;
}

static int word_in(const char *word, const char *list)
{
	size_t n = strlen(word);
	for (const char *s = list; *s; s += strcspn(s, " "), s += *s == ' ')
		if (!strncmp(s, word, n) && (s[n] == ' ' || !s[n]))
			return 1;
	return 0;
}

static int wrong_includes(const Folder *f, const char *file)
{
	char path[1024], line[1024];
	snprintf(path, sizeof path, SOURCE_DIR "/%s/%s", f->name, file);
	FILE *in = fopen(path, "r");
	assert_non_null(in);
	int wrong = 0;
	while (fgets(line, sizeof line, in)) {
		const char *folder = included_folder(line);
		if (folder && !word_in(folder, f->may_include)) {
			printf("%s/%s includes from %s/\n", f->name, file, folder);
			wrong++;
		}
	}
	fclose(in);
	return wrong;
}

static void includes_run_one_way(void **state)
{
	(void)state;
	int wrong = 0, files = 0;
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		char path[1024];
		snprintf(path, sizeof path, SOURCE_DIR "/%s", folders[i].name);
		DIR *d = opendir(path);
		assert_non_null(d);
		for (struct dirent *e; (e = readdir(d));)
			if (is_source(e->d_name)) {
				wrong += wrong_includes(&folders[i], e->d_name);
				files++;
			}
		closedir(d);
	}
	assert_true(files > 80);
	assert_int_equal(wrong, 0);
}

/* The CPU that the compiler itself runs on, not what it makes code for. */
static int speaks_of_host(const char *line)
{
	return strstr(line, "__attribute__((target") || strstr(line, "__builtin_cpu_supports");
}

/* Targets are data: nothing in ir/ or passes/ says the name of one. */
static void passes_name_no_target(void **state)
{
	static const char *const names[] = {"\"c99\"", "\"avx512\"", "\"avx2\"", "\"vector4\"", "\"native\"", "cuda"};
	(void)state;
	for (int i = 0; i < 2; i++) {
		char path[1024], line[4096];
		snprintf(path, sizeof path, SOURCE_DIR "/%s", i ? "passes" : "ir");
		DIR *d = opendir(path);
		assert_non_null(d);
		for (struct dirent *e; (e = readdir(d));) {
			if (!is_source(e->d_name))
				continue;
			char file[2048];
			snprintf(file, sizeof file, "%s/%s", path, e->d_name);
			FILE *in = fopen(file, "r");
			assert_non_null(in);
			while (fgets(line, sizeof line, in))
				for (size_t k = 0; k < sizeof names / sizeof *names; k++)
					if (strstr(line, names[k]) && !speaks_of_host(line))
						fail_msg("%s names a target: %s", file, line);
			fclose(in);
		}
		closedir(d);
	}
}

typedef struct OnePlace {
	const char *call, *place; /* place: the only file that may have it; null: none may */
} OnePlace;

static const OnePlace one_place[] = {
    {"open_memstream", NULL}, /* has no error when memory runs out */
    {"fopencookie(", "ir/memory_text.c"},
    {"cJSON_", NULL}, /* formats/json.h reads, formats/json_write.h writes */
    {"posix_spawn", "base/spawn.c"},
    {"fork()", "base/spawn.c"},
    {"mkdtemp", NULL}, /* ir/cleanup.h */
    {"mkstemp", NULL},
    {"_exit(", "ir/cleanup.c"},
};

/* Lines of comments are left out. */
static int misplaced_calls(const Folder *f, const char *file, int *seen)
{
	char path[1024], line[4096];
	snprintf(path, sizeof path, "%s/%s", f->name, file);
	FILE *in;
	char whole[2048];
	snprintf(whole, sizeof whole, SOURCE_DIR "/%s", path);
	in = fopen(whole, "r");
	assert_non_null(in);
	int wrong = 0;
	while (fgets(line, sizeof line, in))
		for (size_t i = 0; i < sizeof one_place / sizeof *one_place; i++) {
			const char *at = strstr(line, one_place[i].call);
			if (!at || (at > line && (isalnum((unsigned char)at[-1]) || at[-1] == '_')) || line[0] == '/' ||
			    !strncmp(line, " *", 2))
				continue;
			*seen += one_place[i].place != NULL;
			if (one_place[i].place && !strcmp(one_place[i].place, path))
				continue;
			printf("%s calls %s\n", path, one_place[i].call);
			wrong++;
		}
	fclose(in);
	return wrong;
}

static void calls_have_one_place(void **state)
{
	(void)state;
	int wrong = 0, seen = 0;
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		char path[1024];
		if (!strncmp(folders[i].name, "runtime", 7) || strstr(folders[i].name, "kernels"))
			continue; /* parts of what is emitted */
		snprintf(path, sizeof path, SOURCE_DIR "/%s", folders[i].name);
		DIR *d = opendir(path);
		assert_non_null(d);
		for (struct dirent *e; (e = readdir(d));)
			if (is_source(e->d_name))
				wrong += misplaced_calls(&folders[i], e->d_name, &seen);
		closedir(d);
	}
	assert_true(seen > 3);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(includes_run_one_way),
	    cmocka_unit_test(passes_name_no_target),
	    cmocka_unit_test(calls_have_one_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
