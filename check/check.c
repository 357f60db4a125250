/* check.c -- parses a source with libclang as its head says, then applies the rules. */
#include "check/check.h"
#include "check/findings.h"
#include "check/names.h"
#include "check/promise.h"
#include "check/parse_cuda.h"
#include "check/rules.h"
#include "base/files.h"

#include <stdlib.h>
#include <string.h>

enum { HEAD = 4096, SOURCE_LIMIT = 1 << 30 };

const Checker dssdc_checker = {CHECKER_VERSION, check_file};

/* The strings of libclang end with its tree. */
static void diagnose(void *context, Loc loc, const char *text)
{
	Rules *r = context;
	loc.file = arena_strdup(r->arena, loc.file);
	finding_add(r, "E00", loc, arena_strdup(r->arena, text));
}

static bool is_cuda(const char *path)
{
	const char *dot = strrchr(path, '.');
	return dot && !strcmp(dot, ".cu");
}

static Profile profile_by_name(const char *name)
{
	static const char *const names[] = {
#define PROFILE(name, constant, help) #name,
#include "check/profiles.def"
	};
	int i = 0;
	while (i < PROFILE_COUNT && strcmp(names[i], name))
		i++;
	if (i == PROFILE_COUNT)
		bug("no profile is called %s", name);
	return (Profile)i;
}

/* The head of an emitted file says " * profile  c99". */
static Profile profile_of(const char *path, const char *text)
{
	if (is_cuda(path))
		return PROFILE_CUDA;
	const char *at = strstr(text, "\n * profile  "), *end = strstr(text, "*/");
	return at && end && at < end && strncmp(at + 13, "c99\n", 4) ? PROFILE_VECTOR : PROFILE_C99;
}

/* Options that define the macros of the flags in the head's line " * flags    -mavx2 -mfma", whatever CPU dssdc itself runs on. A
 * null-terminated list. */
static const char **macros_of(const char *text, Arena *a)
{
	const char *at = strstr(text, "\n * flags    "), *end = strstr(text, "*/");
	const char **list = arena_new_array(a, const char *, 1);
	int n = 0;
	if (!at || !end || at > end)
		return list;
	char *line = arena_strndup(a, at + 13, strcspn(at + 13, "\n"));
	for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) {
		if (strncmp(word, "-m", 2) || strspn(word + 2, "abcdefghijklmnopqrstuvwxyz0123456789") != strlen(word + 2))
			continue;
		list = arena_grow(a, list, sizeof *list * (size_t)(n + 1), sizeof *list * (size_t)(n + 2));
		list[n++] = arena_printf(a, "-D__%s__=1", name_capitals(word + 2, a));
	}
	return list;
}

/* Reads names, profile and flags from the head of the file. */
static bool read_head(Rules *r, const char *path, const CheckOptions *o, Profile *p, const char *const **macros, Arena *a, Diag *d)
{
	size_t size;
	const char *text = file_text(path, SOURCE_LIMIT, &size, a, d);
	if (!text)
		return false;
	names_read(r, text);
	*p = o->profile ? profile_by_name(o->profile) : profile_of(path, text);
	*macros = macros_of(text, a);
	return true;
}

static int compare_findings(const void *a, const void *b)
{
	const Finding *x = a, *y = b;
	if (x->loc.line != y->loc.line)
		return x->loc.line - y->loc.line;
	return x->loc.col != y->loc.col ? x->loc.col - y->loc.col : strcmp(x->rule, y->rule);
}

static int length(const char *const *list)
{
	int n = 0;
	while (list && list[n])
		n++;
	return n;
}

static bool check_c(Rules *r, const char *path, const char *const *given, const char *const *macros, Diag *d)
{
	static const char *const common[] = {"-x", "c", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wvla"};
	enum { NCOMMON = sizeof common / sizeof *common };
	const int more = length(given), wanted = length(macros);
	const char **arguments = arena_new_array(r->arena, const char *, NCOMMON + wanted + more + 2);
	memcpy(arguments, common, sizeof common);
	arguments[NCOMMON] = "-std=c99";
	for (int i = 0; i < wanted; i++)
		arguments[NCOMMON + 1 + i] = macros[i];
	for (int i = 0; i < more; i++)
		arguments[NCOMMON + 1 + wanted + i] = given[i];
	AstFile file;
	r->file = &file;
	bool good = ast_open(&file, path, arguments, NULL, diagnose, r, d);
	if (good)
		rules_apply(r);
	ast_close(&file);
	return good;
}

bool check_file(const char *path, const CheckOptions *o, CheckResult *result, Arena *a, Diag *d)
{
	*result = (CheckResult){0};
	const char *const *macros;
	Rules r = {.prefix = name_stem(path, a), .result = result, .arena = a};
	r.upper = name_capitals(r.prefix, a);
	if (!read_head(&r, path, o, &result->profile, &macros, a, d))
		return false;
	const bool cuda = result->profile == PROFILE_CUDA;
	r.language = cuda ? IN_CUDA : IN_C;
	r.promise = promise_read(path, a, d);
	bool good = cuda ? check_cuda(&r, path, o->arguments, d) : check_c(&r, path, o->arguments, macros, d);
	if (result->n)
		qsort(result->finding, (size_t)result->n, sizeof *result->finding, compare_findings);
	return good;
}
