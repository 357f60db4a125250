/* main.c -- dssdc: reads the command line and calls the command. */
#include "compiler/commands.h"
#include "base/files.h"
#include "compiler/help.h"
#include "base/signals.h"
#include "base/standard_output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int run(const Options *o, Arena *a, Diag *d)
{
	switch (o->command) {
#define COMMAND(name, word, operands, operand, help) \
	case word:                                   \
		return command_##name(o, a, d);
#include "compiler/commands.def"
	default:
		bug("command %d", o->command);
	}
}

static bool is_word(const char *s, const char *a, const char *b)
{
	return !strcmp(s, a) || !strcmp(s, b);
}

static int run_command_line(int argc, char **argv, Arena *a, Diag *d)
{
	Options o;
	if (argc == 2 && is_word(argv[1], "--version", "version")) {
		printf("%s\n", tool_version());
		return 0;
	}
	if (argc == 2 && (is_word(argv[1], "--help", "-h") || is_word(argv[1], "help", "-help"))) {
		options_help(0, stdout);
		return 0;
	}
	if (argc == 3 && is_word(argv[1], "help", "--help"))
		return options_help_of(argv[2], stdout, a, d) ? 0 : diag_exit_code(d);
	if (argc == 2 && !strcmp(argv[1], "--manual")) {
		manual_print(stdout);
		return 0;
	}
	if (argc == 2 && !strcmp(argv[1], "--completion")) {
		completion_print(stdout);
		return 0;
	}
	if (!options_read(argc, argv, &o, a, d))
		return diag_exit_code(d);
	if (o.help) {
		options_help(o.command, stdout);
		return 0;
	}
	d->show_notes = !o.quiet;
	return run(&o, a, d);
}

/* The exit status when standard output has taken everything, or says why it has not. */
static int close_output(int status)
{
	const bool written = standard_output_flush(), left = !written && standard_output_lost_reader();
	const bool closed = !fclose(stdout) || errno == EBADF;
	if (written && closed)
		return status;
	if (left)
		return STATUS_READER_LEFT;
	fputs("dssdc: error: cannot write to standard output [io]\n", stderr);
	return DIAG_IO;
}

int main(int argc, char **argv)
{
	signals_begin();
	Diag d = {.out = stderr, .color = isatty(2) && !getenv("NO_COLOR"), .show_notes = true, .max_shown = 100};
	Arena *a = arena_new();
	struct FilesRead read = {.arena = a};
	d.read = &read;
	int status = run_command_line(argc, argv, a, &d);
	arena_free(a);
	return close_output(status);
}
