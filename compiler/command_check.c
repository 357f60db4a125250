/* command_check.c -- dssdc check: does C or CUDA source keep the rules of emitted code? */
#include "compiler/checker.h"
#include "compiler/commands.h"
#include "base/json_write.h"
#include "ir/text.h"

#include <string.h>

static const struct {
	const char *number;
	int languages;
	const char *rule, *reason, *serves;
} rules[] = {
#define RULE(number, function, languages, rule, reason, serves) {#number, languages, rule, reason, serves},
#include "check/rules.def"
};
enum { NRULES = sizeof rules / sizeof *rules };

static const char *const profiles[] = {
#define PROFILE(name, constant, help) #name,
#include "check/profiles.def"
    NULL,
};

static const char *profile_at(const void *table, int i)
{
	(void)table;
	return profiles[i];
}

/* The word of --profile is in the table, or there is none. */
static bool profile_is_known(const char *word, Arena *a, Diag *d)
{
	const char *all = "";
	for (int i = 0; profiles[i]; i++) {
		if (!word || !strcmp(word, profiles[i]))
			return true;
		all = arena_printf(a, "%s%s%s", all, !i ? "" : profiles[i + 1] ? ", " : " or ", profiles[i]);
	}
	diag_error(d, DIAG_REJECT, (Loc){0}, "--profile takes %s, not '%s'%s", all, diag_quote(a, word),
	           name_hint(a, word, profile_at, NULL));
	return false;
}

static void print_rules(void)
{
	static const char *const languages[] = {[IN_C] = "C", [IN_CUDA] = "CUDA", [IN_C | IN_CUDA] = "C and CUDA"};
	for (int i = 0; i < NRULES; i++)
		printf("%-3s  %s\n     for: %s\n     why: %s\n     serves: %s\n", rules[i].number, rules[i].rule,
		       languages[rules[i].languages], rules[i].reason, rules[i].serves);
}

static void print_json(const char *path, const CheckResult *r)
{
	JsonWriter w = {.out = stdout, .compact = true};
	json_object(&w, NULL);
	json_text(&w, "file", path);
	json_text(&w, "profile", profiles[r->profile]);
	json_list(&w, "findings");
	for (int i = 0; i < r->n; i++) {
		const Finding *f = &r->finding[i];
		json_object(&w, NULL);
		json_text(&w, "rule", f->rule);
		json_text(&w, "file", f->loc.file);
		json_number(&w, "line", f->loc.line);
		json_number(&w, "column", f->loc.col);
		json_text(&w, "text", f->text);
		json_object_end(&w);
	}
	json_list_end(&w);
	json_object_end(&w);
	putchar('\n');
}

static void check_one(const Checker *c, const char *path, const Options *o, Arena *a, Diag *d)
{
	CheckResult r;
	const CheckOptions how = {.profile = o->profile, .arguments = o->cflags.item};
	if (*path == '-') /* a file after --, which libclang would take for an option */
		path = arena_printf(a, "./%s", path);
	if (!c->file(path, &how, &r, a, d))
		return;
	checker_report(&r, d);
	if (o->as_json)
		print_json(path, &r);
	else if (!o->quiet)
		printf("%s: %d finding%s, profile %s\n", path, r.n, r.n == 1 ? "" : "s", profiles[r.profile]);
}

int command_check(const Options *o, Arena *a, Diag *d)
{
	const char *why;
	if (o->rules) {
		print_rules();
		return 0;
	}
	if (!profile_is_known(o->profile, a, d))
		return diag_exit_code(d);
	const Checker *c = checker_load(&why, a);
	if (!c) {
		diag_error(d, DIAG_UNSUPPORTED, (Loc){0}, "cannot check: %s", why);
		return diag_exit_code(d);
	}
	for (int i = 0; i < o->files.n; i++)
		check_one(c, o->files.item[i], o, a, d);
	return diag_exit_code(d);
}
