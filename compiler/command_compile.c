/* command_compile.c -- dssdc compile: a model into C source, object, library or executable. */
#include "codegen/manifest.h"
#include "toolchain/build.h"
#include "compiler/commands.h"
#include "compiler/emitted.h"
#include "base/files.h"
#include "compiler/model.h"
#include "compiler/request.h"
#include "compiler/naming.h"
#include "compiler/needs_boxes.h"
#include "base/output_set.h"
#include "base/progress.h"
#include "compiler/ram_report.h"
#include "compiler/model_report.h"
#include "report/report.h"
#include "toolchain/manifest_json.h"
#include "ir/cleanup.h"
#include "ir/text.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

typedef struct Job {
	Naming place;
	const char *manifest; /* where it goes; null: none is wanted, or it has its place beside the source */
	const Target *target;
	bool only_pnm;
	EmitOptions emit;
} Job;

static const struct {
	const char *name;
	ProductKind kind;
	Product product;
} products[] = {
    {"exe", KIND_EXECUTABLE, PRODUCT_EXECUTABLE},
    {"obj", KIND_OBJECT, PRODUCT_OBJECT},
    {"lib", KIND_LIBRARY, PRODUCT_LIBRARY},
    {"shared", KIND_SHARED, PRODUCT_SHARED},
};

/* Asked for right before something is written: a run that fails earlier leaves no empty folder. */
static bool make_folder(const Naming *p, Diag *d)
{
	if (file_is_folder(p->dir) || !mkdir(p->dir, 0777))
		return true;
	diag_error(d, DIAG_IO, (Loc){.file = p->dir, .offset = -1}, "cannot make the folder: %s", strerror(errno));
	return false;
}

static const char *name_in_list(const void *table, int i)
{
	return ((const char *const *)table)[i];
}

/* Index of a word in a list that ends in null; reports when it is not there. No word: the first. */
static int choose(const char *option, const char *word, const char *const *list, Arena *a, Diag *d)
{
	const char *all = "";
	for (int i = 0; list[i]; i++) {
		if (!word || !strcmp(word, list[i]))
			return i;
		const char *quote =
		    strchr(list[i], ',') || (i && strchr(list[i - 1], ',')) ? "'" : ""; /* a value with commas in it is quoted */
		all = arena_printf(a, "%s%s%s%s%s", all, !i ? "" : list[i + 1] ? ", " : " or ", quote, list[i], quote);
	}
	diag_error(d, DIAG_REJECT, (Loc){0}, "%s takes %s, not '%s'%s", option, all, diag_quote(a, word),
	           name_hint(a, word, name_in_list, list));
	return 0;
}

/* OUT.manifest.json when --manifest does not name a file. source: the product is one. */
static void find_manifest(const Options *o, bool source, Job *j, Arena *a, Diag *d)
{
	const char *file = j->place.file;
	if (!option_given(o, manifest))
		return;
	if (source && *o->manifest)
		diag_error(d, DIAG_REJECT, (Loc){0}, "--manifest=FILE: --emit=c writes NAME.manifest.json beside the source");
	else if (*o->manifest && file && !strcmp(o->manifest, file))
		diag_error(d, DIAG_REJECT, (Loc){0}, "--manifest and -o name the same file");
	else if (!source && file)
		j->manifest = *o->manifest ? o->manifest : arena_printf(a, "%s.manifest.json", file);
}

/* Everything that the command line alone decides; all of its problems are reported. */
static bool prepare(const Options *o, ProductKind kind, const char *standard, Job *j, Arena *a, Diag *d)
{
	static const char *const forms[] = {"incbin", "array", "object", "file", NULL}, *const arenas[] = {"static", "caller", NULL},
	                         *const pictures[] = {"jpeg,png,pnm", "pnm", NULL};
	j->target = request_resolve(o, standard, a, d);
	model_check_options(o, d);
	const bool source = kind == KIND_SOURCE;
	naming_decide(o, kind, j->target ? j->target->suffix : ".c", &j->place, a, d);
	find_manifest(o, source, j, a, d);
	j->emit.manifest = source || j->manifest ? manifest_json : NULL;
	j->emit.weights = (WeightsForm)choose("--weights-form", o->weights_form, forms, a, d);
	j->emit.caller_arena = choose("--arena", o->arena, arenas, a, d) == 1;
	j->only_pnm = choose("--pictures", o->pictures, pictures, a, d) == 1;
	if (o->pictures && kind != KIND_EXECUTABLE)
		diag_error(d, DIAG_REJECT, (Loc){0}, "--pictures is for executables: only these read photographs");
	if (diag_errors(d))
		return false;
	j->emit.name = j->place.prefix;
	j->emit.file = j->place.stem;
	j->emit.tool = tool_version();
	j->emit.settings = options_normal_form(o, j->target->name, a);
	return true;
}

static void check_limit(bool given, uint64_t limit, int64_t bytes, const char *what, const char *option, const Options *o, Diag *d)
{
	if (given && (uint64_t)bytes > limit)
		diag_error(d, DIAG_LIMIT, (Loc){.file = o->model, .offset = -1}, "%lld bytes of %s; %s allows %llu", (long long)bytes, what,
		           option, (unsigned long long)limit);
}

/* --max-ram and --max-flash. */
static bool fits(const Graph *g, const Job *j, const Options *o, Arena *a, Diag *d)
{
	if (!option_given(o, max_ram) && !option_given(o, max_flash))
		return true;
	const Manifest *m = manifest_make(g, j->target, &j->emit, a);
	const bool device = manifest_object(m, STORAGE_DEVICE) || manifest_object(m, STORAGE_DEVICE_CALLER);
	const int64_t ram = device ? manifest_bytes(m, STORAGE_DEVICE) + manifest_bytes(m, STORAGE_DEVICE_CALLER)
	                           : manifest_bytes(m, STORAGE_RAM) + manifest_bytes(m, STORAGE_RAM_CALLER);
	const int64_t flash = manifest_bytes(m, STORAGE_FLASH) + manifest_bytes(m, STORAGE_FLASH_CALLER);
	const int before = diag_errors(d);
	check_limit(option_given(o, max_ram), o->max_ram, ram, device ? "device memory" : "RAM", "--max-ram", o, d);
	if (diag_errors(d) > before)
		ram_report(g, j->target, o, (int64_t)o->max_ram, a, d);
	check_limit(option_given(o, max_flash), o->max_flash, flash, "weights and constant tables", "--max-flash", o, d);
	return diag_errors(d) == before;
}

/* The graph is ready to be written, and there is a folder for the result. */
static bool ready(Graph *g, const Job *j, const Options *o, Arena *a, Diag *d)
{
	return model_run_passes(g, j->target, o, d) && fits(g, j, o, a, d) && make_folder(&j->place, d);
}

/* Every file of the list, from the temporary folder to its place; the source is the last. */
static bool deliver(const Options *o, const Job *j, const Emitted *list, const char *dir, Arena *a, Diag *d)
{
	OutputSet *set = output_set_new(a, d);
	bool good = true;
	for (int i = 0; good && i < list->n; i++)
		good = output_set_take(set, arena_printf(a, "%s/%s%s", dir, j->place.stem, list->suffix[i]),
		                       arena_printf(a, "%s/%s%s", j->place.dir, j->place.stem, list->suffix[i]));
	output_set_tell(set, progress_listing(options_progress(o)));
	if (good)
		return output_set_commit(set);
	output_set_drop(set);
	return false;
}

/* In a temporary folder beside its place: what can be large is moved, not copied. */
static void make_source(const Options *o, const Job *j, Graph *g, Arena *a, Diag *d)
{
	Emitted list;
	const int row = cleanup_folder_new(output_folder_prefix(j->place.dir, a));
	if (row < 0) {
		diag_error(d, file_error_class(errno), (Loc){.file = j->place.dir, .offset = -1}, "cannot write into this folder: %s",
		           strerror(errno));
		return;
	}
	const char *dir = cleanup_folder_path(row);
	progress(options_progress(o), "writing the source");
	if (emitted_write(g, j->target, &j->emit, dir, j->place.dir, &list, d) &&
	    emitted_check(o, g, j->target, &j->emit, dir, j->place.dir, a, d))
		deliver(o, j, &list, dir, a, d);
	cleanup_folder_remove(row);
}

static int compile_source(const Options *o, Arena *a, Diag *d)
{
	Job j = {0};
	if (!prepare(o, KIND_SOURCE, o->output && file_has_ending(o->output, ".cu") ? "cuda-standalone" : "c99", &j, a, d))
		return diag_exit_code(d);
	progress(options_progress(o), "reading the model");
	Graph *g = model_load(o, a, d);
	progress(options_progress(o), "running passes");
	if (g && ready(g, &j, o, a, d))
		make_source(o, &j, g, a, d);
	progress(options_progress(o), NULL);
	graph_free(g);
	return diag_exit_code(d);
}

static void make_product(const Options *o, Product product, Job *j, Graph *g, Arena *a, Diag *d)
{
	const int work = work_dir_make(d);
	if (work < 0)
		return;
	const char *dir = cleanup_folder_path(work);
	j->emit.incbin = arena_printf(a, "%s/%s.weights", dir, j->place.stem); /* no file of that name in the current folder */
	progress(options_progress(o), "writing C");
	const BuildRequest r = {
	    .product = product,
	    .work = work,
	    .dir = dir,
	    .name = j->place.prefix,
	    .stem = j->place.stem,
	    .out = j->place.file,
	    .beside = product == PRODUCT_EXECUTABLE ? NULL : j->place.dir,
	    .target = j->target,
	    .only_pnm = j->only_pnm,
	    .library = graph_uses_library(g),
	    .threshold = product == PRODUCT_EXECUTABLE ? graph_detector(g)->u.detect.threshold : 0,
	    .cflags = o->cflags.item,
	    .arch = o->arch,
	    .progress = options_progress(o),
	    .loads_weights = j->emit.weights == WEIGHTS_FILE,
	    .manifest = j->manifest,
	};
	EmitOptions emit = j->emit;
	const int errors = diag_errors(d);
	emit.pointer_bytes = r.manifest ? build_pointer_bytes(&r, a, d) : 0;
	if (diag_errors(d) == errors && emitted_write(g, j->target, &emit, dir, NULL, NULL, d) &&
	    emitted_check(o, g, j->target, &emit, dir, NULL, a, d)) {
		progress(options_progress(o), "compiling C");
		build(&r, a, d);
	}
	cleanup_folder_remove(work);
}

/* The form of weights that a build of ours can link; a form of their own files is as good. */
static void choose_form(const Options *o, Job *j, Arena *a)
{
	if (j->emit.weights == WEIGHTS_INCBIN && build_optimizes_at_link(o->cflags.item, a))
		j->emit.weights = WEIGHTS_OBJECT;
}

static int compile_product(const Options *o, int k, Arena *a, Diag *d)
{
	Job j = {0};
	bool good = prepare(o, products[k].kind, "native", &j, a, d);
	bool executable = products[k].product == PRODUCT_EXECUTABLE;
	if (executable && j.emit.caller_arena)
		diag_error(d, DIAG_REJECT, (Loc){0}, "--arena=caller makes a library; an executable has nobody to give it one");
	if (executable && j.emit.weights == WEIGHTS_FILE)
		diag_error(d, DIAG_REJECT, (Loc){0},
		           "--weights-form=file is for programs that load the weights; an executable carries them");
	if (!good || diag_errors(d))
		return diag_exit_code(d);
	choose_form(o, &j, a);
	progress(options_progress(o), "reading the model");
	Graph *g = model_load(o, a, d);
	progress(options_progress(o), "running passes");
	if (g && (!executable || gives_boxes(g, o, a, d)) && ready(g, &j, o, a, d) && output_is_allowed(j.place.file, d))
		make_product(o, products[k].product, &j, g, a, d);
	progress(options_progress(o), NULL);
	graph_free(g);
	return diag_exit_code(d);
}

int command_compile(const Options *o, Arena *a, Diag *d)
{
	const char *of_output = o->output ? naming_kind_of(o->output) : NULL;
	of_output = of_output ? of_output : report_kind_of(o->output);
	const char *emit = o->emit ? o->emit : of_output ? of_output : "exe";
	if (!strcmp(emit, "c") || !strcmp(emit, "cu")) /* one thing: the target says in which language */
		return compile_source(o, a, d);
	for (int i = 0; i < 4; i++)
		if (!strcmp(emit, products[i].name))
			return compile_product(o, i, a, d);
	return model_report(o, emit, a, d);
}
