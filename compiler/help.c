/* help.c -- help of the program and of each command, printed from the tables of options.c. */
#include "compiler/help.h"
#include "compiler/option_table.h"

#include <string.h>

const char help_about[] = "An ahead-of-time compiler for SSD and DSSD object detectors: a trained model in, C source or an "
                          "executable out.";
const char help_model[] = "MODEL is a card (models/*.json), a Caffe network (.prototxt), an ONNX model (.onnx) or IR text "
                          "(.ir), known by its content, then by its name; - is standard input.";
const char help_example[] = "dssdc compile models/dssd321_mobilenet.json -o detect && ./detect photo.jpg --out boxes.png";

const HelpExit help_exit[] = {
    {0, "done"},
    {1, "a difference or a finding (verify, check)"},
    {2, "rejected input or usage"},
    {3, "unsupported"},
    {4, "over a limit"},
    {5, "reading or writing failed"},
    {141, "the reader of standard output left, as head does; nothing is said"},
    {0, NULL},
};

/* Words from column `from` on, on as many lines as it takes. */
static void print_wrapped(FILE *out, int from, const char *text)
{
	enum { WIDTH = 100 };
	int column = from;
	while (*text) {
		int n = (int)strcspn(text, " ");
		if (column > from && column + 1 + n > WIDTH) {
			fprintf(out, "\n%*s", from, "");
			column = from;
		} else if (column > from) {
			fputc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", n, text);
		column += n;
		text += n + (text[n] != 0);
	}
	fputc('\n', out);
}

const char *option_join(const OptionInfo *row)
{
	return !row->argument || row->kind == MAYBE || !strcmp(row->name, "-O") ? "" : row->name[1] == '-' ? "=" : " ";
}

typedef struct OtherHelp {
	OptionRow row;
	int commands;
	const char *help, *words;
} OtherHelp;

/* The row of option_help.def for a command; null: the option means there what options.def says. */
static const OtherHelp *other_help(int row, int command)
{
	static const OtherHelp others[] = {
#define HELP(member, commands, ...) {ROW_##member, commands, __VA_ARGS__},
#include "compiler/option_help.def"
	};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if ((int)others[i].row == row && others[i].commands & command)
			return &others[i];
	return NULL;
}

const char *option_help(int row, int command)
{
	const OtherHelp *other = other_help(row, command);
	return other ? other->help : option_info[row].help;
}

const char *option_words(int row, int command)
{
	const OtherHelp *other = other_help(row, command);
	return other && other->words ? other->words : option_info[row].words;
}

static void print_row(int i, int command, FILE *out)
{
	enum { FROM = 30 };
	const OptionInfo *row = &option_info[i];
	char left[64];
	snprintf(left, sizeof left, "%s%s%s", row->name, option_join(row), row->argument ? row->argument : "");
	fprintf(out, "  %-27s ", left);
	print_wrapped(out, FROM, option_help(i, command));
}

static void help_program(FILE *out)
{
	fputs("usage: dssdc COMMAND [OPTIONS] [MODEL]\n\n", out);
	print_wrapped(out, 0, help_about);
	print_wrapped(out, 0, help_model);
	fputs("\ncommands:\n", out);
	for (const CommandInfo *c = command_info; c->name; c++)
		fprintf(out, "  %-10s %s\n", c->name, c->help);
	fputs("\n  dssdc COMMAND --help   the options of a command; so does dssdc help COMMAND\n  dssdc --manual         all of it, as a "
	      "manual page\n"
	      "  dssdc --completion     for bash: source <(dssdc --completion)\n  dssdc --version        version\n\n",
	      out);
	fprintf(out, "example:\n  %s\n\nexit status:\n", help_example);
	for (const HelpExit *e = help_exit; e->meaning; e++)
		fprintf(out, "  %-3d  %s\n", e->status, e->meaning);
}

void options_help(int command, FILE *out)
{
	if (!command) {
		help_program(out);
		return;
	}
	for (const CommandInfo *c = command_info; c->name; c++)
		if (c->command == command)
			fprintf(out, "usage: dssdc %s [OPTIONS] %s\n\n%s: %s\n", c->name, c->operand, c->name, c->help);
	const char *group = NULL;
	for (int i = 0; i < ROW_COUNT; i++) {
		if (!(option_info[i].commands & command))
			continue;
		if (!group || strcmp(group, option_info[i].group))
			fprintf(out, "\n%s:\n", group = option_info[i].group);
		print_row(i, command, out);
	}
}
