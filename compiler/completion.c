/* completion.c -- a completion script for bash: commands, the options of each, and their values where these are a fixed
 * list. Targets, precisions, profiles and passes come from their tables; the words of others are in options.def, and tests/install
 * holds them against what is accepted. */
#include "codegen/codegen.h"
#include "compiler/commands.h"
#include "compiler/help.h"
#include "compiler/option_table.h"
#include "passes/pass.h"

#include <string.h>

/* The name means one thing, whatever the command is. */
static bool has_one_row(int row)
{
	for (int i = 0; i < ROW_COUNT; i++)
		if (i != row && !strcmp(option_info[i].name, option_info[row].name))
			return false;
	return true;
}

/* An arm of the case: "*:--option)" or "COMMAND:--option | COMMAND:--option)". */
static void print_pattern(FILE *out, int row, int commands)
{
	const char *bar = "\t\t";
	if (commands == ALL && has_one_row(row)) {
		fprintf(out, "\t\t*:%s) ", option_info[row].name);
		return;
	}
	for (const CommandInfo *c = command_info; c->name; c++) {
		if (!(option_info[row].commands & commands & c->command))
			continue;
		fprintf(out, "%s%s:%s", bar, c->name, option_info[row].name);
		bar = " | ";
	}
	fputs(") ", out);
}

static void print_targets(FILE *out)
{
	for (int i = 0; targets[i]; i++)
		fprintf(out, "%s ", targets[i]->name);
	fputs("native", out);
}

/* Each name once, although targets share them. */
static void print_precisions(FILE *out)
{
	const char *seen[64];
	int n = 0;
	for (int i = 0; targets[i]; i++)
		for (const Precision *p = targets[i]->precision; p->name && n < 64; p++) {
			int k = 0;
			while (k < n && strcmp(seen[k], p->name))
				k++;
			if (k < n)
				continue;
			fprintf(out, "%s%s", n ? " " : "", p->name);
			seen[n++] = p->name;
		}
}

static void print_profiles(FILE *out)
{
	fputs(
#define PROFILE(name, constant, help) #name " "
#include "check/profiles.def"
	    , out);
}

static void print_passes(FILE *out, bool optional)
{
	const char *space = "";
	const Pipeline *p = &pipeline_inference;
	for (int i = 0; i < p->length; i++)
		if (p->pass[i].optional || !optional) {
			fprintf(out, "%s%s", space, p->pass[i].name);
			space = " ";
		}
}

/* An arm for an option whose values are no fixed list. */
static void print_value(FILE *out, int row)
{
	const char *argument = option_info[row].argument;
	print_pattern(out, row, ALL);
	if (!strcmp(argument, "FILE") || !strcmp(argument, "OUT")) {
		fputs("files=-f", out);
	} else if (!strcmp(argument, "DIR")) {
		fputs("files=-d", out);
	} else { /* no words: a number, or a name of the user's */
		fputs("words=\"", out);
		if (row == ROW_target || row == ROW_flags)
			print_targets(out);
		else if (row == ROW_precision)
			print_precisions(out);
		else if (row == ROW_profile)
			print_profiles(out);
		else if (!strcmp(argument, "PASS"))
			print_passes(out, row == ROW_disable);
		fputc('"', out);
	}
	fputs(" ;;\n", out);
}

/* Arms for each list of words; commands that share one have an arm together. */
static void print_words(FILE *out, int row)
{
	int left = option_info[row].commands;
	for (const CommandInfo *c = command_info; c->name; c++) {
		const char *words = option_words(row, c->command);
		int same = 0;
		for (const CommandInfo *e = c; left & c->command && e->name; e++)
			same |= left & e->command && option_words(row, e->command) == words ? e->command : 0;
		if (!same)
			continue;
		print_pattern(out, row, same == option_info[row].commands ? ALL : same);
		fprintf(out, "words=\"%s\" ;;\n", words);
		left &= ~same;
	}
}

static void print_values(FILE *out)
{
	for (int row = 0; row < ROW_COUNT; row++)
		if (option_info[row].words)
			print_words(out, row);
		else if (option_info[row].argument && row != ROW_level)
			print_value(out, row);
}

/* After what needs no value: an option when the word begins with -, else a file where the command takes one. */
static void print_options(FILE *out)
{
	fputs("\t\t*) case $word:${COMP_WORDS[1]} in\n", out);
	for (const CommandInfo *c = command_info; c->name; c++) {
		fprintf(out, "\t\t\t-*:%s) words=\"--help", c->name);
		for (int row = 0; row < ROW_COUNT; row++) {
			const OptionInfo *o = &option_info[row];
			if (!(o->commands & c->command) || row == ROW_help)
				continue;
			if (row == ROW_level)
				fputs(" -O0 -O1", out);
			else
				fprintf(out, " %s%s", o->name, *option_join(o) == '=' ? "=" : "");
		}
		fputs("\" ;;\n", out);
	}
	for (const CommandInfo *c = command_info; c->name; c++)
		if (c->operands)
			fprintf(out, "\t\t\t*:%s) files=-f ;;\n", c->name);
	fputs("\t\t\tesac ;;\n", out);
}

void completion_print(FILE *out)
{
	fprintf(out, "# bash completion of %s; made by dssdc --completion.\n_dssdc()\n{\n", tool_version());
	fputs("\tlocal word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} before=\"\" words=\"\" files=\"\"\n"
	      "\tif [ \"$word\" = = ]; then # --option=value is three words\n\t\tword=\"\"\n"
	      "\telif [ \"$option\" = = ]; then\n\t\toption=${COMP_WORDS[COMP_CWORD - 2]}\n"
	      "\telif [[ $word == --*=* ]]; then # or one, if COMP_WORDBREAKS says so\n"
	      "\t\toption=${word%%=*} before=${word%%=*}= word=${word#*=}\n\tfi\n"
	      "\tif [ \"$COMP_CWORD\" = 1 ]; then\n\t\twords=\"",
	      out);
	for (const CommandInfo *c = command_info; c->name; c++)
		fprintf(out, "%s ", c->name);
	fputs("--help --version --manual --completion\"\n\telse\n\t\tcase ${COMP_WORDS[1]}:$option in\n", out);
	print_values(out);
	print_options(out);
	fputs("\t\tesac\n\tfi\n"
	      "\tif [ -n \"$files\" ]; then\n\t\tmapfile -t COMPREPLY < <(compgen \"$files\" -P \"$before\" -- \"$word\")\n"
	      "\t\tcompopt -o filenames 2>/dev/null\n"
	      "\telse\n\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -P \"$before\" -- \"$word\")\n"
	      "\t\t[[ ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null\n"
	      "\tfi\n}\ncomplete -F _dssdc dssdc\n",
	      out);
}
