/* options.c -- reading the command line by the rows of options.def. */
#include "compiler/option_table.h"
#include "base/files.h"
#include "ir/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const OptionInfo option_info[] = {
#define OPTION(member_, name_, argument_, kind_, least_, most_, commands_, group_, ...) \
	{.offset = offsetof(Options, member_),                                          \
	 .name = name_,                                                                 \
	 .argument = argument_,                                                         \
	 .kind = kind_,                                                                 \
	 .least = least_,                                                               \
	 .most = most_,                                                                 \
	 .commands = commands_,                                                         \
	 .group = group_,                                                               \
	 .help = __VA_ARGS__},
#include "compiler/options.def"
};

const CommandInfo command_info[] = {
#define COMMAND(name, word, operands, operand, help) {#name, word, operands, operand, help},
#include "compiler/commands.def"
    {.name = NULL},
};
enum { NCOMMANDS = COMMANDS };

static void usage_error(Diag *d, const char *format, const char *a, const char *b)
{
	diag_error(d, DIAG_REJECT, (Loc){0}, format, a, b);
}

/* ---- values ---- */

static void append(List *list, const char *s, Arena *a)
{
	list->item = arena_grow(a, list->item, sizeof *list->item * (size_t)list->n, sizeof *list->item * (size_t)(list->n + 2));
	list->item[list->n++] = s;
}

/* PASS,PASS,... as well as one name */
static void append_all(List *list, const char *s, Arena *a, bool split)
{
	while (split && strchr(s, ',')) {
		size_t n = strcspn(s, ",");
		append(list, arena_strndup(a, s, n), a);
		s += n + 1;
	}
	append(list, s, a);
}

/* Digits only: no sign, no blanks. */
static bool read_int(const char *s, const OptionInfo *row, int *out)
{
	char *end;
	errno = 0;
	long x = strtol(s, &end, 10);
	if (!isdigit((unsigned char)*s) || *end || errno || (double)x < row->least || (double)x > row->most)
		return false;
	*out = (int)x;
	return true;
}

static bool read_double(const char *s, const OptionInfo *row, double *out)
{
	char *end;
	errno = 0;
	TextLocale l = text_locale_begin();
	*out = strtod(s, &end);
	text_locale_end(l);
	return (isdigit((unsigned char)*s) || *s == '.') && !*end && !errno && *out >= row->least && *out <= row->most;
}

/* 4096, 512K, 512KB, 512 KiB, 1.5M: K is 1024 in all spellings. At most 1024 G; a part of a byte is no size. */
static bool read_bytes(const char *s, uint64_t *out)
{
	static const char units[] = "KMG";
	char *end;
	TextLocale l = text_locale_begin();
	double x = strtod(s, &end);
	text_locale_end(l);
	if (!isdigit((unsigned char)*s) || strspn(s, "0123456789.") != (size_t)(end - s))
		return false;
	while (*end == ' ')
		end++;
	const char *unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
	for (int i = 0; unit && i <= unit - units; i++)
		x *= 1024;
	end += unit != NULL;
	end += unit && (*end == 'i' || *end == 'I') && (end[1] == 'B' || end[1] == 'b');
	end += *end == 'B' || *end == 'b';
	if (*end || !(x <= 0x1p40) || x != (double)(uint64_t)x)
		return false;
	*out = (uint64_t)x;
	return true;
}

static bool read_value(const OptionInfo *row, const char *value, Options *o, Arena *a)
{
	char *member = (char *)o + row->offset, *end; /* end: of a seed */
	switch (row->kind) {
	case FLAG:
		*(bool *)member = true;
		return true;
	case TEXT:
		*(const char **)member = value;
		return *value != 0;
	case INT:
		return read_int(value, row, (int *)member);
	case DOUBLE:
		return read_double(value, row, (double *)member);
	case SEED:
		errno = 0;
		*(uint64_t *)member = strtoull(value, &end, 10);
		return isdigit((unsigned char)*value) && !*end && !errno;
	case BYTES:
		return read_bytes(value, (uint64_t *)member);
	case MAYBE:
		*(const char **)member = value;
		return true;
	case LIST:
		append_all((List *)member, value, a, !strcmp(row->argument, "PASS"));
		return *value != 0;
	}
	return false;
}

/* ---- words ---- */

/* Rows of the same name belong to different commands. */
static bool is_of_another_command(int i, int command)
{
	for (int k = i + 1; k < ROW_COUNT && !(option_info[i].commands & command); k++)
		if (!strcmp(option_info[k].name, option_info[i].name))
			return true;
	return false;
}

/* Row of "--name", "--name=value", "-oVALUE", "-O1"; *value: what is joined to it, or null. */
static int find_row(const char *word, int command, const char **value)
{
	*value = NULL;
	for (int i = 0; i < ROW_COUNT; i++) {
		size_t n = strlen(option_info[i].name);
		if (strncmp(word, option_info[i].name, n) || is_of_another_command(i, command))
			continue;
		if (!word[n])
			return i;
		if (word[1] != '-') { /* -oFILE, -O0 */
			*value = word + n;
			return i;
		}
		if (word[n] == '=') {
			*value = word + n + 1;
			return i;
		}
	}
	return -1;
}

static const char *row_name_at(const void *table, int i)
{
	(void)table;
	return i < ROW_COUNT ? option_info[i].name : NULL;
}

static const char *command_name_at(const void *table, int i)
{
	(void)table;
	return i < NCOMMANDS ? command_info[i].name : NULL;
}

static const CommandInfo *find_command(const char *word)
{
	for (int c = 0; c < NCOMMANDS; c++)
		if (!strcmp(word, command_info[c].name))
			return &command_info[c];
	return NULL;
}

static const char *command_name(int command)
{
	int c = 0;
	while (command_info[c].command != command)
		c++;
	return command_info[c].name;
}

/* Words that other programs know. Null: not one of these. */
static const char *foreign_hint(const char *word, bool command)
{
	static const char *const version[] = {"-v", "-V", "-version", "--v", "--version", NULL};
	for (int i = 0; version[i]; i++)
		if (!strcmp(word, version[i]))
			return command ? "; dssdc --version prints the version, --verbose behind compile or verify shows what runs"
			               : "; --verbose shows what runs, dssdc --version prints the version";
	return NULL;
}

static const char *command_hint(Arena *a, const char *word)
{
	const char *text = name_hint(a, word, command_name_at, NULL), *foreign = foreign_hint(word, true);
	return foreign ? foreign : *text ? text : "; see dssdc --help";
}

static const char *see_help(const Options *o, Arena *a)
{
	return arena_printf(a, "; see dssdc %s --help", command_name(o->command));
}

static const char *option_hint(const Options *o, const char *word, Arena *a)
{
	const char *text = strlen(word) > 2 ? name_hint(a, word, row_name_at, NULL) : "",
	           *foreign = foreign_hint(word, false); /* every letter is near -o */
	return foreign ? foreign : *text ? text : see_help(o, a);
}

bool options_help_of(const char *word, FILE *out, Arena *a, Diag *d)
{
	const CommandInfo *c = find_command(word);
	if (c)
		options_help(c->command, out);
	else
		usage_error(d, "unknown command '%s'%s", diag_quote(a, word), command_hint(a, word));
	return c != NULL;
}

static void read_option(int argc, char **argv, int *at, Options *o, Arena *a, Diag *d)
{
	const char *word = !strcmp(argv[*at], "-h") ? "--help" : argv[*at], *value;
	int i = find_row(word, o->command, &value);
	if (i < 0) {
		const char *name = arena_strndup(a, word, strcspn(word, "="));
		usage_error(d, "unknown option '%s'%s", diag_quote(a, name), option_hint(o, name, a));
		return;
	}
	const OptionInfo *row = &option_info[i];
	if (!(row->commands & o->command)) {
		usage_error(d, "option %s does not belong to this command%s", row->name, see_help(o, a));
		if (row->kind != FLAG && !value && *at + 1 < argc)
			++*at; /* its value is no operand */
		return;
	}
	if (row->kind == FLAG && value) {
		usage_error(d, "option %s takes no value%s", row->name, "");
		return;
	}
	if (row->kind != FLAG && row->kind != MAYBE && !value) {
		if (*at + 1 >= argc) {
			usage_error(d, "option %s needs a value: %s", row->name, row->argument);
			return;
		}
		value = argv[++*at];
	}
	o->given[i] = true;
	if (read_value(row, value ? value : "", o, a))
		return;
	const char *range = row->kind == INT || row->kind == DOUBLE ? arena_printf(a, ": %.7g to %.7g", row->least, row->most)
	                    : row->kind == BYTES ? ": bytes, or a number with K, M or G (of 1024), as 512K, 1.5MB or 64 MiB"
	                                         : "";
	usage_error(d, "option %s does not take the value %s", row->name, arena_printf(a, "'%s'%s", diag_quote(a, value), range));
}

static void set_standard(Options *o)
{
	for (int i = 0; i < ROW_COUNT; i++) {
		const OptionInfo *row = &option_info[i];
		char *member = (char *)o + row->offset;
		if (row->kind == INT)
			*(int *)member = (int)row->standard;
		else if (row->kind == DOUBLE)
			*(double *)member = row->standard;
	}
}

bool options_read(int argc, char **argv, Options *o, Arena *a, Diag *d)
{
	int before = diag_errors(d);
	*o = (Options){0};
	set_standard(o);
	if (argc < 2) {
		options_help(0, stderr);
		d->count[DIAG_REJECT]++;
		return false;
	}
	const CommandInfo *c = find_command(argv[1]);
	if (!c) {
		usage_error(d, "unknown command '%s'%s", diag_quote(a, argv[1]), command_hint(a, argv[1]));
		return false;
	}
	o->command = c->command;
	bool only_operands = false;
	for (int i = 2; i < argc; i++) {
		if (!only_operands && !strcmp(argv[i], "--"))
			only_operands = true;
		else if (!only_operands && argv[i][0] == '-' && argv[i][1])
			read_option(argc, argv, &i, o, a, d);
		else if (o->files.n < c->operands)
			append(&o->files, argv[i], a);
		else
			usage_error(d, "one operand too many: '%s'%s", diag_quote(a, argv[i]), "");
	}
	o->model = o->files.n > 0 ? o->files.item[0] : NULL;
	o->dataset = o->files.n > 1 ? o->files.item[1] : NULL;
	int least = c->operands == MANY ? 1 : c->operands;
	if (o->files.n < least && !o->help && !o->rules)
		usage_error(d, "%s is missing; dssdc %s --help tells more", c->operand, c->name);
	if (o->check && o->no_check)
		usage_error(d, "--check and --no-check exclude each other%s%s", "", "");
	if (o->weights && option_given(o, random_weights))
		usage_error(d, "--weights and --random-weights exclude each other%s%s", "", "");
	return diag_errors(d) == before;
}

/* ---- normal form ---- */

/* INPUT=FILE without the file's folder. */
static const char *normal_item(int row, const char *item, Arena *a)
{
	const char *file = row == ROW_bind ? strchr(item, '=') : NULL;
	return file ? arena_printf(a, "%.*s=%s", (int)(file - item), item, path_base(file + 1)) : item;
}

const char *options_normal_form(const Options *o, const char *target, Arena *a)
{
	const char *text = arena_printf(a, "%s --target=%s -O%d --arena=%s --weights-form=%s", path_base(o->model), target, o->level,
	                                o->arena ? o->arena : "static", o->weights_form ? o->weights_form : "incbin");
	for (int i = 0; i < ROW_COUNT; i++) {
		if (!o->given[i] || option_info[i].unlisted)
			continue;
		const char *member = (const char *)o + option_info[i].offset, *value = "";
		switch (option_info[i].kind) {
		case FLAG:
		case MAYBE:
			break;
		case TEXT:
			value = path_base(*(const char *const *)member);
			break;
		case INT:
			value = arena_printf(a, "%d", *(const int *)member);
			break;
		case DOUBLE:
			value = arena_printf(a, "%.9g", *(const double *)member);
			break;
		case SEED:
		case BYTES:
			value = arena_printf(a, "%llu", (unsigned long long)*(const uint64_t *)member);
			break;
		case LIST:
			for (int k = 0; k < ((const List *)member)->n; k++)
				value = arena_printf(a, "%s%s%s", value, k ? "," : "", normal_item(i, ((const List *)member)->item[k], a));
			break;
		}
		text = arena_printf(a, "%s %s%s%s", text, option_info[i].name, *value && option_info[i].name[1] == '-' ? "=" : "", value);
	}
	return text;
}
