/* main.c -- dssdc: reads the command line and calls the command. */
#include "compiler/commands.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int run(const Options *o, Arena *a, Diag *d)
{
	switch (o->command) {
	case COMPILE:
		return command_compile(o, a, d);
	case INSPECT:
		return command_inspect(o, a, d);
	case VERIFY:
		return command_verify(o, a, d);
	case PASSES:
		return command_passes();
	case TARGETS:
		return command_targets();
	default:
		return command_ops();
	}
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN); /* a reader that went away is an error like others */
	Diag d = {.out = stderr, .color = isatty(2) && !getenv("NO_COLOR"), .show_notes = true, .max_shown = 100};
	if (argc == 2 && !strcmp(argv[1], "--version")) {
		printf("%s\n", tool_version());
		return 0;
	}
	if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))) {
		options_help(0, stdout);
		return 0;
	}
	Arena *a = arena_new();
	Options o;
	int status;
	if (!options_read(argc, argv, &o, a, &d)) {
		status = diag_exit_code(&d);
	} else if (o.help) {
		options_help(o.command, stdout);
		status = 0;
	} else {
		d.show_notes = !o.quiet;
		status = run(&o, a, &d);
	}
	arena_free(a);
	if (fflush(stdout) || ferror(stdout)) {
		fputs("dssdc: error: cannot write to standard output [io]\n", stderr);
		return DIAG_IO;
	}
	return status;
}
