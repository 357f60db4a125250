/* command_compile.c -- dssdc compile: a model into C source, object, library or executable. */
#include "codegen/codegen.h"
#include "compiler/build.h"
#include "compiler/commands.h"
#include "compiler/model.h"
#include "compiler/report.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

typedef struct Place { /* where the result goes */
	const char *dir, *name, *file;
} Place;

static const struct {
	const char *name;
	Product product;
	const char *suffix;
} products[] = {
    {"exe", PRODUCT_EXECUTABLE, ""},
    {"obj", PRODUCT_OBJECT, ".o"},
    {"lib", PRODUCT_LIBRARY, ".a"},
    {"shared", PRODUCT_SHARED, ".so"},
};

static const char *const c_words[] = {
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern", "float",
    "for", "goto", "if", "inline", "int", "long", "register", "restrict", "return", "short", "signed", "sizeof", "static",
    "struct", "switch", "typedef", "union", "unsigned", "void", "volatile", "while", "asm", "main", "net",
};

static bool is_identifier(const char *s)
{
	if (!isalpha((unsigned char)*s) || strlen(s) > 63)
		return false;
	for (const char *p = s; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '_')
			return false;
	for (size_t i = 0; i < sizeof c_words / sizeof *c_words; i++)
		if (!strcmp(s, c_words[i]))
			return false;
	return true;
}

/* An identifier as near to a file's name as can be: "my-net.v2.c" gives my_net_v2. */
static const char *identifier_from(const char *file, const char *suffix, Arena *a)
{
	char *s = arena_strdup(a, path_base(file));
	size_t n = strlen(s), m = suffix ? strlen(suffix) : 0;
	if (m && n > m && !strcmp(s + n - m, suffix))
		s[n - m] = 0;
	for (char *p = s; *p; p++)
		if (!isalnum((unsigned char)*p))
			*p = '_';
	if (!is_identifier(s))
		s = arena_printf(a, "model_%s", s);
	return s;
}

static bool is_folder(const char *path)
{
	struct stat st;
	return path[strlen(path) - 1] == '/' || (!stat(path, &st) && S_ISDIR(st.st_mode));
}

static const char *stem_of_model(const Options *o, Arena *a)
{
	char *s = arena_strdup(a, path_base(o->model));
	char *dot = strchr(s, '.');
	if (dot && dot > s)
		*dot = 0;
	return strcmp(s, "-") ? s : "model";
}

/* -o FILE, -o DIR/ or none, and --name, to folder, identifier and file. */
static bool find_place(const Options *o, const char *suffix, Place *p, Arena *a, Diag *d)
{
	const char *out = o->output ? o->output : arena_printf(a, "%s%s", stem_of_model(o, a), suffix);
	if (is_folder(out)) {
		size_t n = strlen(out);
		p->dir = n > 1 && out[n - 1] == '/' ? arena_strndup(a, out, n - 1) : out;
		out = arena_printf(a, "%s/%s%s", p->dir, o->name ? o->name : stem_of_model(o, a), suffix);
	} else {
		const char *slash = strrchr(out, '/');
		p->dir = !slash ? "." : slash == out ? "/" : arena_strndup(a, out, (size_t)(slash - out));
	}
	p->file = out;
	p->name = o->name ? o->name : identifier_from(out, suffix, a);
	if (!is_identifier(p->name)) {
		diag_error(d, DIAG_REJECT, (Loc){0}, "--name: '%s' is no C identifier of at most 63 letters", diag_quote(a, p->name));
		return false;
	}
	struct stat st;
	if (stat(p->dir, &st) && mkdir(p->dir, 0777)) {
		diag_error(d, DIAG_IO, (Loc){.file = p->dir, .offset = -1}, "cannot make the folder: %s", strerror(errno));
		return false;
	}
	struct stat model, file;
	if (!stat(o->model, &model) && !stat(p->file, &file) && model.st_ino == file.st_ino && model.st_dev == file.st_dev) {
		diag_error(d, DIAG_IO, (Loc){.file = p->file, .offset = -1}, "the output would replace the model itself");
		return false;
	}
	return true;
}

static bool emit_options(const Options *o, const Target *t, const char *name, EmitOptions *e, Arena *a, Diag *d)
{
	static const char *const forms[] = {"incbin", "array", "object", "file"};
	*e = (EmitOptions){.name = name, .tool = tool_version()};
	e->settings = arena_printf(a, "%s --target=%s", options_normal_form(o, a), t->name);
	int form = 0;
	while (o->weights_form && form < 4 && strcmp(forms[form], o->weights_form))
		form++;
	if (form == 4)
		diag_error(d, DIAG_REJECT, (Loc){0}, "--weights-form takes incbin, array, object or file, not '%s'",
			   diag_quote(a, o->weights_form));
	e->weights = (WeightsForm)form;
	if (o->arena && strcmp(o->arena, "static") && strcmp(o->arena, "caller"))
		diag_error(d, DIAG_REJECT, (Loc){0}, "--arena takes static or caller, not '%s'", diag_quote(a, o->arena));
	e->caller_arena = o->arena && !strcmp(o->arena, "caller");
	return !diag_errors(d);
}

static int compile_c(const Options *o, Arena *a, Diag *d)
{
	Place p;
	const Target *t = model_target(o, "c99", d);
	EmitOptions e;
	if (!t || !find_place(o, ".c", &p, a, d) || !emit_options(o, t, p.name, &e, a, d))
		return diag_exit_code(d);
	Graph *g = model_load(o, a, d);
	if (g && model_run_passes_until(g, t, o, NULL, d))
		emit_c(g, t, &e, p.dir, d);
	graph_free(g);
	return diag_exit_code(d);
}

static int compile_product(const Options *o, int k, Arena *a, Diag *d)
{
	Place p;
	const Target *t = model_target(o, "native", d);
	EmitOptions e;
	if (!t || !find_place(o, products[k].suffix, &p, a, d) || !emit_options(o, t, p.name, &e, a, d))
		return diag_exit_code(d);
	if (products[k].product == PRODUCT_EXECUTABLE && e.caller_arena) {
		diag_error(d, DIAG_REJECT, (Loc){0}, "--arena=caller makes a library; an executable has nobody to give it one");
		return diag_exit_code(d);
	}
	Graph *g = model_load(o, a, d);
	char *dir = g && model_run_passes_until(g, t, o, NULL, d) ? work_dir_make(a, d) : NULL;
	if (dir && emit_c(g, t, &e, dir, d)) {
		const BuildRequest r = {products[k].product, dir, p.name, p.file, t, o, NULL};
		build(&r, a, d);
	}
	if (dir)
		work_dir_remove(dir);
	graph_free(g);
	return diag_exit_code(d);
}

int command_compile(const Options *o, Arena *a, Diag *d)
{
	const char *emit = o->emit ? o->emit : "exe";
	if (!strcmp(emit, "c"))
		return compile_c(o, a, d);
	for (int i = 0; i < 4; i++)
		if (!strcmp(emit, products[i].name))
			return compile_product(o, i, a, d);
	return report_emit(o, emit, a, d);
}
