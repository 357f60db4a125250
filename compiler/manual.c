/* manual.c -- dssdc(1): what help says, as one page. An option that several commands take is in it once. */
#include "compiler/commands.h"
#include "compiler/help.h"
#include "compiler/option_table.h"

#include <string.h>

/* roff takes these for something else. */
static void put(FILE *out, const char *text)
{
	static const struct {
		char character;
		const char *roff;
	} escapes[] = {{'\\', "\\e"}, {'-', "\\-"}, {'\'', "\\(aq"}, {'`', "\\(ga"}, {'^', "\\(ha"}, {'~', "\\(ti"}};
	if (*text == '.')
		fputs("\\&", out);
	for (; *text; text++) {
		size_t i = 0, n = sizeof escapes / sizeof *escapes;
		while (i < n && escapes[i].character != *text)
			i++;
		if (i < n)
			fputs(escapes[i].roff, out);
		else
			fputc(*text, out);
	}
}

static void put_line(FILE *out, const char *before, const char *text, const char *after)
{
	fputs(before, out);
	put(out, text);
	fputs(after, out);
}

static void print_commands(FILE *out)
{
	fputs(".SH COMMANDS\n", out);
	for (const CommandInfo *c = command_info; c->name; c++) {
		put_line(out, ".TP\n\\fB", c->name, "\\fR");
		put_line(out, c->command & HAVE_OPERAND ? " [\\fIOPTIONS\\fR] \\fI" : "\\fI", c->operand, "\\fR\n");
		put_line(out, "", c->help, "\n");
	}
}

/* One help, then the commands that have it. */
static void print_help(int i, const char *help, FILE *out)
{
	const OptionInfo *row = &option_info[i];
	const char *comma = "(";
	put_line(out, "", help, "\n.br\n");
	if (row->commands == ALL)
		fputs("(every command", out);
	for (const CommandInfo *c = command_info; c->name && row->commands != ALL; c++) {
		if (row->commands & c->command && option_help(i, c->command) == help) {
			fprintf(out, "%s%s", comma, c->name);
			comma = ", ";
		}
	}
	fputs(")\n", out);
}

/* c is the first command of the option that has this help. */
static bool begins_help(int i, const CommandInfo *c)
{
	const char *help = option_help(i, c->command);
	for (const CommandInfo *e = command_info; e < c; e++)
		if (option_info[i].commands & e->command && option_help(i, e->command) == help)
			return false;
	return option_info[i].commands & c->command;
}

static void print_option(int i, FILE *out)
{
	const OptionInfo *row = &option_info[i];
	const char *paragraph = "";
	put_line(out, ".TP\n\\fB", row->name, "\\fR");
	put_line(out, option_join(row), "", "");
	put_line(out, "\\fI", row->argument ? row->argument : "", "\\fR\n");
	for (const CommandInfo *c = command_info; c->name; c++) {
		if (!begins_help(i, c))
			continue;
		fputs(paragraph, out);
		print_help(i, option_help(i, c->command), out);
		paragraph = ".IP\n";
	}
}

/* The first row of its group: there the whole group is printed. */
static bool begins_group(int i)
{
	for (int k = 0; k < i; k++)
		if (!strcmp(option_info[k].group, option_info[i].group))
			return false;
	return true;
}

static void print_options(FILE *out)
{
	fputs(".SH OPTIONS\n", out);
	for (int i = 0; i < ROW_COUNT; i++) {
		if (!begins_group(i))
			continue;
		put_line(out, ".SS \"", option_info[i].group, "\"\n");
		for (int k = i; k < ROW_COUNT; k++)
			if (!strcmp(option_info[k].group, option_info[i].group))
				print_option(k, out);
	}
}

static void print_environment(FILE *out)
{
	static const struct {
		const char *name, *meaning;
	} variables[] = {
	    {"CC", "the C compiler that is called, with options if need be; blanks in its path are understood [cc]"},
	    {"NVCC", "the compiler for GPU targets [nvcc]"},
	    {"TMPDIR", "where folders to work in are made [/tmp]"},
	    {"NO_COLOR", "if it is set, messages have no colours"},
	};
	fputs(".SH ENVIRONMENT\n", out);
	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
		put_line(out, ".TP\n.B ", variables[i].name, "\n");
		put_line(out, "", variables[i].meaning, "\n");
	}
}

void manual_print(FILE *out)
{
	/* No date: two builds give the same bytes. */
	fprintf(out, ".TH DSSDC 1 \"\" \"%s\" \"User Commands\"\n.SH NAME\ndssdc \\- ", tool_version());
	fputs("compile object detectors ahead of time\n.SH SYNOPSIS\n.B dssdc\n"
	      "\\fICOMMAND\\fR [\\fIOPTIONS\\fR] [\\fIMODEL\\fR]\n.SH DESCRIPTION\n",
	      out);
	put_line(out, "", help_about, "\n");
	put_line(out, "", help_model, "\n");
	print_commands(out);
	print_options(out);
	fputs(".SH EXIT STATUS\n", out);
	for (const HelpExit *e = help_exit; e->meaning; e++) {
		fprintf(out, ".TP\n.B %d\n", e->status);
		put_line(out, "", e->meaning, "\n");
	}
	print_environment(out);
	put_line(out, ".SH FILES\n.TP\n.I ", "share/dssdc/models", "\n");
	put_line(out,
	         "cards, class names and weights; found from \\fBpkg\\-config \\-\\-variable=models dssdc\\fR, "
	         "or as \\fBdssdc_MODELS\\fR by CMake\n.TP\n.I ",
	         "share/dssdc/examples", "\n");
	put_line(out, "", "programs that embed a detector: in C, through CMake, in Python, on a GPU", "\n");
	put_line(out, ".SH EXAMPLES\n.nf\n", help_example, "\n.fi\n");
}
