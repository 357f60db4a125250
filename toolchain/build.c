/* build.c -- calls $CC (or cc) and ar on what was emitted into a work folder; the runtime joins it there when an
 * executable is asked for. Results are copied to where they belong when all of them are there. */
#include "toolchain/build.h"
#include "codegen/codegen.h"
#include "codegen/embedded.h"
#include "toolchain/build_advice.h"
#include "toolchain/build_cuda.h"
#include "base/files.h"
#include "base/output_set.h"
#include "base/progress.h"
#include "toolchain/manifest_json.h"
#include "base/spawn.h"
#include "toolchain/stack.h"
#include "ir/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int work_dir_make(Diag *d)
{
	Arena *a = arena_new();
	const char *prefix = file_temporary_prefix(a);
	int row = cleanup_folder_new(prefix);
	if (row < 0)
		diag_error(d, file_error_class(errno), (Loc){.file = arena_printf(a, "%sXXXXXX", prefix), .offset = -1},
		           "cannot make a folder to work in: %s", strerror(errno));
	arena_free(a);
	return row;
}

static bool write_file(int folder, const EmbeddedFile *f, const char *path, Diag *d)
{
	FILE *out = file_create(folder, path_base(f->name));
	bool good = out && fwrite(f->text, 1, f->size, out) == f->size;
	int error = errno;
	if (out && fclose(out) && good) {
		error = errno;
		good = false;
	}
	if (!good)
		diag_error(d, file_error_class(error), (Loc){.file = path, .offset = -1}, "cannot write: %s", strerror(error));
	return good;
}

/* DIR/runtime/ as it is in the source tree. */
static bool write_runtime(const BuildRequest *r, Arena *a, Diag *d)
{
	const int row = cleanup_folder_inside(r->work, "runtime");
	if (row < 0) {
		diag_error(d, file_error_class(errno), (Loc){.file = r->dir, .offset = -1}, "cannot make the runtime's folder: %s",
		           strerror(errno));
		return false;
	}
	for (const EmbeddedFile *f = embedded_files; f->name; f++)
		if (!strncmp(f->name, "runtime/", 8) &&
		    !write_file(cleanup_folder_descriptor(row), f, arena_printf(a, "%s/%s", r->dir, f->name), d))
			return false;
	return true;
}

static const char *stem_of(const BuildRequest *r)
{
	return r->stem ? r->stem : r->name;
}

static void start(Command *c, const BuildRequest *r, Arena *a)
{
	command_add_program(c, "CC", "cc");
	command_add(c, "-O2");
	command_add(c, arena_printf(a, "-I%s", r->dir));
}

/* -flto, -flto=auto, -Xcompiler=-flto; the last word counts. */
static bool words_ask_for_lto(const Command *c)
{
	bool asks = false;
	for (int i = 0; i < c->n; i++)
		asks = strstr(c->argument[i], "-flto") || (asks && !strstr(c->argument[i], "-fno-lto"));
	return asks;
}

bool build_optimizes_at_link(const char *const *cflags, Arena *a)
{
	Command c = {.arena = a};
	command_add_program(&c, "CC", "cc");
	for (int i = 0; cflags && cflags[i]; i++)
		command_add_words(&c, cflags[i]);
	return words_ask_for_lto(&c);
}

static void add_user_flags(Command *c, const BuildRequest *r)
{
	for (int i = 0; r->cflags && r->cflags[i]; i++)
		command_add_words(c, r->cflags[i]);
}

/* One object takes in that of the weights, which a linker does in machine code only. An archive can be linked with -flto and
 * without: its objects have machine code too. */
static void add_lto_flags(Command *c, const BuildRequest *r, Arena *a)
{
	if (!build_optimizes_at_link(r->cflags, a))
		return;
	if (r->product == PRODUCT_OBJECT)
		command_add(c, "-fno-lto");
	if (r->product == PRODUCT_LIBRARY)
		command_add(c, "-ffat-lto-objects");
}

/* Flags of the compilation, beside -O2. */
static void add_flags(Command *c, const BuildRequest *r)
{
	command_add(c, "-std=c99");
	for (int i = 0; r->target->cflags[i]; i++)
		command_add(c, r->target->cflags[i]);
	if (r->product == PRODUCT_SHARED)
		command_add(c, "-fPIC");
	add_user_flags(c, r);
	add_lto_flags(c, r, c->arena);
}

/* STEM.c or STEM.S of the work folder to STEM.o; null after an error. */
static const char *compile_source(const BuildRequest *r, const char *stem, const char *suffix, Arena *a, Diag *d)
{
	const char *object = arena_printf(a, "%s/%s.o", r->dir, stem);
	Command c = {.arena = a, .temporary = r->dir};
	start(&c, r, a);
	add_flags(&c, r);
	command_add(&c, "-c");
	command_add(&c, arena_printf(a, "%s/%s%s", r->dir, stem, suffix));
	command_add(&c, "-o");
	command_add(&c, object);
	return command_run(&c, r->progress.verbose, d) ? object : NULL;
}

enum { MAX_OBJECTS = 2 };

/* The source, and NAME_weights.c or .S where the form of the weights has one. Null-terminated; null after an error. */
static const char **compile_sources(const BuildRequest *r, Arena *a, Diag *d)
{
	static const char *const suffixes[] = {".c", ".S"};
	const char **object = arena_new_array(a, const char *, MAX_OBJECTS + 1);
	const char *stem = arena_printf(a, "%s_weights", stem_of(r));
	int n = 0;
	object[n++] = target_is_gpu(r->target) ? cuda_compile(r, a, d) : compile_source(r, stem_of(r), ".c", a, d);
	for (int i = 0; object[0] && i < 2; i++)
		if (!access(arena_printf(a, "%s/%s%s", r->dir, stem, suffixes[i]), F_OK) &&
		    !(object[n++] = compile_source(r, stem, suffixes[i], a, d)))
			return NULL;
	return object[0] ? object : NULL;
}

/* ---- the compiler ---- */

typedef struct Compiler {
	int pointer_bytes; /* of its machine; 0: it does not say */
	bool call_graph;   /* gcc 10 or later: it writes its call graph */
	bool clang;
} Compiler;

static void read_macro(const char *line, int *pointer_bytes, int *gcc, bool *clang)
{
	char name[64];
	int value = 0;
	if (sscanf(line, "#define %63s %d", name, &value) < 1)
		return;
	if (!strcmp(name, "__SIZEOF_POINTER__"))
		*pointer_bytes = value;
	else if (!strcmp(name, "__GNUC__"))
		*gcc = value;
	else if (!strcmp(name, "__clang__"))
		*clang = true;
}

/* By the macros that it has before any source. A compiler that does not print them is no reason to fail. */
static Compiler ask_compiler(const BuildRequest *r, Arena *a, Diag *d)
{
	Compiler found = {0};
	if (target_is_gpu(r->target))
		return found;
	pid_t pid;
	FILE *in;
	Command c = {.arena = a, .temporary = r->dir};
	start(&c, r, a);
	add_flags(&c, r);
	command_add(&c, "-dM");
	command_add(&c, "-E");
	command_add(&c, "-x");
	command_add(&c, "c");
	command_add(&c, "/dev/null");
	if (!command_start(&c, &pid, &in, d))
		return found;
	char line[512];
	int gcc = 0;
	while (fgets(line, sizeof line, in))
		read_macro(line, &found.pointer_bytes, &gcc, &found.clang);
	if (ferror(in))
		diag_error(d, file_error_class(errno), (Loc){0}, "cannot read which macros '%s' has: %s", c.argument[0], strerror(errno));
	fclose(in);
	command_wait(pid);
	found.call_graph = gcc >= 10 && !found.clang;
	return found;
}

int build_pointer_bytes(const BuildRequest *r, Arena *a, Diag *d)
{
	return ask_compiler(r, a, d).pointer_bytes;
}

/* ---- the stack ---- */

/* A word without its folders: "-I/a/b" is "-Ib". */
static const char *without_folders(const char *word, Arena *a)
{
	const char *slash = strchr(word, '/');
	return slash ? arena_printf(a, "%.*s%s", (int)(slash - word), word, path_base(word)) : word;
}

static const char *flags_text(const BuildRequest *r, Arena *a)
{
	const char *text = "-O2";
	Command c = {.arena = a, .temporary = r->dir};
	add_flags(&c, r);
	for (int i = 0; i < c.n; i++)
		text = arena_printf(a, "%s %s", text, without_folders(c.argument[i], a));
	return text;
}

enum { STACK_TEXT = 1 << 29 };

/* The source compiled once more, to assembly, which is the object's: the flags are. A compiler that cannot do this is no
 * reason to fail: null then, as after an error, which is reported. */
static const char *compile_assembly(const BuildRequest *r, const Compiler *compiler, Arena *a, Diag *d)
{
	Command c = {.arena = a, .temporary = r->dir};
	start(&c, r, a);
	add_flags(&c, r);
	command_add(&c, "-S");
	command_add(&c, "-fstack-usage");
	if (compiler->call_graph)
		command_add(&c, "-fcallgraph-info=su");
	command_add(&c, arena_printf(a, "%s/%s.c", r->dir, stem_of(r)));
	command_add(&c, "-o");
	command_add(&c, arena_printf(a, "%s/stack.s", r->dir));
	if (!command_try(&c, r->progress.verbose, d))
		return NULL;
	size_t size;
	return file_text(arena_printf(a, "%s/stack.s", r->dir), STACK_TEXT, &size, a, d);
}

/* A file that the compiler may have written; null when it has not. */
static const char *optional_text(const BuildRequest *r, const char *name, Arena *a, Diag *d)
{
	const char *file = arena_printf(a, "%s/%s", r->dir, name);
	size_t size;
	return access(file, F_OK) ? NULL : file_text(file, STACK_TEXT, &size, a, d);
}

static StackUse stack_measure(const BuildRequest *r, Arena *a, Diag *d)
{
	if (target_is_gpu(r->target))
		return (StackUse){.unknown = "nvcc does not say it", .compiler = "nvcc", .flags = ""};
	StackUse use = {.unknown = "the compiler writes no frame sizes: it needs -S -fstack-usage", .compiler = ""};
	const int before = diag_errors(d);
	const Compiler compiler = ask_compiler(r, a, d);
	const char *assembly = diag_errors(d) == before ? compile_assembly(r, &compiler, a, d) : NULL;
	const char *graph = assembly ? optional_text(r, "stack.ci", a, d) : NULL,
	           *usage = assembly ? optional_text(r, "stack.su", a, d) : NULL;
	if (graph)
		use = stack_read_graph(assembly, graph, a);
	else if (usage)
		use = stack_read(r->name, assembly, usage, a);
	use.flags = flags_text(r, a);
	return use;
}

static bool complete_manifest(const BuildRequest *r, Arena *a, Diag *d)
{
	const int before = diag_errors(d);
	if (!r->manifest)
		return true;
	const StackUse use = stack_measure(r, a, d);
	return diag_errors(d) == before && manifest_json_add_stack(arena_printf(a, "%s/%s.manifest.json", r->dir, stem_of(r)), &use, a, d);
}

/* ---- products ---- */

static void add_features(Command *c, const BuildRequest *r, Arena *a)
{
	const char *features = "";
	for (int i = 0; r->target->features[i]; i++)
		features = arena_printf(a, "%s%s%s", features, i ? " " : "", r->target->features[i]);
	command_add(c, arena_printf(a, "-DDSSDC_CPU=\"%s\"", features));
}

/* A source of the runtime that is compiled: those that call libjpeg and libpng only where these are linked. */
static bool is_runtime_source(const BuildRequest *r, const char *name)
{
	static const char *const with_library[] = {"runtime/read_jpeg.c", "runtime/read_png.c", "runtime/write_jpeg.c",
	                                           "runtime/write_png.c"};
	for (size_t i = 0; r->only_pnm && i < sizeof with_library / sizeof *with_library; i++)
		if (!strcmp(name, with_library[i]))
			return false;
	return !strncmp(name, "runtime/", 8) && name[strlen(name) - 1] == 'c';
}

/* The definitions that tell runtime/main.c about the model. The model's name is pasted by ## or quoted, never expanded: it may be a
 * macro of the C library. */
static void add_runtime(Command *c, const BuildRequest *r, Arena *a)
{
	command_add(c, "-D_POSIX_C_SOURCE=200809L");
	command_add(c, arena_printf(a, "-DDSSDC_HEADER=\"%s.h\"", stem_of(r)));
	command_add(c, arena_printf(a, "-DMODEL(name)=%s_##name", r->name));
	command_add(c, arena_printf(a, "-DMODEL_CONSTANT(name)=%s_##name", capitals_of(r->name, a)));
	command_add(c, arena_printf(a, "-DDSSDC_NAME=\"%s\"", r->name));
	add_features(c, r, a);
	if (r->threshold > 0)
		command_add(c, arena_printf(a, "-DDSSDC_THRESHOLD=%.9e", r->threshold));
	if (r->only_pnm)
		command_add(c, "-DDSSDC_PNM");
	for (const EmbeddedFile *f = embedded_files; f->name; f++)
		if (is_runtime_source(r, f->name))
			command_add(c, arena_printf(a, "%s/%s", r->dir, f->name));
}

/* main() and what it needs around the model's objects; libjpeg, libpng and zlib become part of the file, unless
 * --pictures=pnm does without them. */
static bool link_executable(const BuildRequest *r, const char *const *object, const char *out, Arena *a, Diag *d)
{
	static const char *const libraries[] = {"-Wl,-Bstatic", "-ljpeg", "-lpng16", "-lz", "-Wl,-Bdynamic", "-lm", NULL};
	static const char *const pnm_libraries[] = {"-lm", NULL};
	Command c = {.arena = a, .temporary = r->dir};
	if (!write_runtime(r, a, d))
		return false;
	if (target_is_gpu(r->target)) { /* nvcc links, and main() is an object of its own */
		const char *runtime = arena_printf(a, "%s/runtime.o", r->dir);
		start(&c, r, a);
		command_add(&c, "-std=c99");
		command_add(&c, "-r");
		command_add(&c, "-nostdlib");
		add_runtime(&c, r, a);
		command_add(&c, "-o");
		command_add(&c, runtime);
		return command_run(&c, r->progress.verbose, d) && cuda_link(r, object, runtime, out, a, d);
	}
	start(&c, r, a);
	command_add(&c, "-std=c99");
	add_runtime(&c, r, a);
	command_add_all(&c, object);
	add_user_flags(&c, r);
	command_add_all(&c, r->only_pnm ? pnm_libraries : libraries);
	command_add(&c, "-o");
	command_add(&c, out);
	return command_run(&c, r->progress.verbose, d);
}

/* kind: -shared, or -r for one object of several. */
static bool link_objects(const BuildRequest *r, const char *kind, const char *const *object, const char *out, Arena *a, Diag *d)
{
	Command c = {.arena = a, .temporary = r->dir};
	start(&c, r, a);
	command_add(&c, kind);
	if (!strcmp(kind, "-r"))
		command_add(&c, "-nostdlib");
	command_add_all(&c, object);
	add_user_flags(&c, r);
	add_lto_flags(&c, r, a);
	command_add(&c, "-o");
	command_add(&c, out);
	return command_run(&c, r->progress.verbose, d);
}

static bool make_archive(const BuildRequest *r, const char *const *object, const char *out, Arena *a, Diag *d)
{
	Command c = {.arena = a, .temporary = r->dir};
	command_add(&c, "ar");
	command_add(&c, "rcsD"); /* no date, no owner: equal inputs give equal bytes */
	command_add(&c, out);
	command_add_all(&c, object);
	return command_run(&c, r->progress.verbose, d);
}

/* The product as a file of the work folder; null after an error. */
static const char *make_product(const BuildRequest *r, Arena *a, Diag *d)
{
	const char *const *object = compile_sources(r, a, d);
	const char *out = arena_printf(a, "%s/product", r->dir);
	bool good = false;
	if (!object)
		return NULL;
	switch (r->product) {
	case PRODUCT_OBJECT:
		if (!object[1])
			return object[0];
		good = link_objects(r, "-r", object, out, a, d);
		break;
	case PRODUCT_LIBRARY:
		good = make_archive(r, object, out, a, d);
		break;
	case PRODUCT_SHARED:
		good = target_is_gpu(r->target) ? cuda_link(r, object, NULL, out, a, d) : link_objects(r, "-shared", object, out, a, d);
		break;
	case PRODUCT_EXECUTABLE:
		good = link_executable(r, object, out, a, d);
		break;
	}
	return good ? out : NULL;
}

/* ---- delivery ---- */

static bool deliver_beside(const BuildRequest *r, const char *suffix, OutputSet *set, Arena *a)
{
	return output_set_take(set, arena_printf(a, "%s/%s%s", r->dir, stem_of(r), suffix),
	                       arena_printf(a, "%s/%s%s", r->beside, stem_of(r), suffix));
}

/* The product last: when it is there, everything is. */
static bool deliver(const BuildRequest *r, const char *product, Arena *a, Diag *d)
{
	OutputSet *set = output_set_new(a, d);
	output_set_tell(set, progress_listing(r->progress));
	bool good = !r->beside || deliver_beside(r, ".h", set, a);
	good = good && (!r->beside || !r->loads_weights || deliver_beside(r, ".weights", set, a));
	good = good && (!r->manifest || output_set_take(set, arena_printf(a, "%s/%s.manifest.json", r->dir, stem_of(r)), r->manifest));
	good = good && output_set_take(set, product, r->out) && output_set_commit(set);
	if (!good)
		output_set_drop(set);
	return good;
}

const char *build_product(const BuildRequest *r, Arena *a, Diag *d)
{
	const char *product = make_product(r, a, d);
	if (!product)
		build_advice(r, a, d);
	return product && complete_manifest(r, a, d) ? product : NULL;
}

bool build(const BuildRequest *r, Arena *a, Diag *d)
{
	const char *product = build_product(r, a, d);
	return product && deliver(r, product, a, d);
}
