/* options.c -- a table of options; --name VALUE and --name=VALUE; `--` ends them. */
#include "runtime/options.h"
#include "runtime/image.h"
#include "runtime/report.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name, *value, *doc; /* value: null for a switch */
	size_t offset;
} table[] = {
    {"--json", NULL, "one line of JSON for each photograph", offsetof(Options, json)},
    {"--out", "FILE", "write the photograph with its detections (" IMAGE_ENDINGS ")", offsetof(Options, out)},
    {"--out-dir", "DIR", "the same for many: DIR/NAME of each", offsetof(Options, out_dir)},
    {"--threshold", "T", "show scores above T, 0 to 1 (0.5)", offsetof(Options, threshold)},
    {"--time", NULL, "say how long each photograph took", offsetof(Options, time)},
    {"--help", NULL, "print this", offsetof(Options, help)},
    {"--version", NULL, "print the versions of model and compiler", offsetof(Options, version)},
};
enum { NOPTIONS = sizeof table / sizeof *table };

static bool complain(const char *program, const char *subject, const char *what)
{
	fprintf(stderr, "%s: error: ", program);
	report_plain(stderr, subject);
	fprintf(stderr, "%s; see --help\n", what);
	return false;
}

static bool set_threshold(const char *program, const char *text, Options *o)
{
	char *end;

	o->threshold = strtod(text, &end);
	o->threshold_given = true;
	if (end == text || *end || !(o->threshold >= 0 && o->threshold <= 1))
		return complain(program, text, " is no threshold from 0 to 1");
	return true;
}

/* Takes argv[*at] and, where the option needs one, its value from the next argument. */
static bool take_option(int argc, char **argv, int *at, Options *o)
{
	const char *arg = !strcmp(argv[*at], "-h") ? "--help" : argv[*at];
	const size_t length = strcspn(arg, "=");
	const char *value = arg[length] ? arg + length + 1 : NULL;

	for (int i = 0; i < NOPTIONS; i++) {
		if (strlen(table[i].name) != length || strncmp(arg, table[i].name, length))
			continue;
		char *const field = (char *)o + table[i].offset;
		if (!table[i].value) {
			if (value)
				return complain(argv[0], table[i].name, " takes no value");
			memcpy(field, &(bool){true}, sizeof(bool));
			return true;
		}
		if (!value && *at + 1 < argc)
			value = argv[++*at];
		if (!value || !*value)
			return complain(argv[0], table[i].name, " needs a value");
		if (table[i].offset == offsetof(Options, threshold))
			return set_threshold(argv[0], value, o);
		memcpy(field, &value, sizeof value);
		return true;
	}
	return complain(argv[0], arg,
	                !strcmp(arg, "-v") || !strcmp(arg, "-V") ? " is unknown: --version prints the versions" : " is unknown");
}

static bool check(const char *program, const Options *o)
{
	if (o->help || o->version)
		return true;
	if (!o->nphoto)
		return complain(program, "no photograph", " given");
	if (o->out && o->out_dir)
		return complain(program, "--out and --out-dir", " exclude each other");
	if (o->out && o->nphoto > 1)
		return complain(program, "--out takes one photograph", ", --out-dir many");
	if (o->out && !image_can_write(o->out))
		return complain(program, o->out, " must end in " IMAGE_ENDINGS);
	return true;
}

bool options_parse(int argc, char **argv, Options *o)
{
	const char *const program = argc > 0 ? argv[0] : "detect";
	bool only_photos = false;

	memset(o, 0, sizeof *o);
	o->threshold = 0.5;
	o->photo = malloc((size_t)(argc > 0 ? argc : 1) * sizeof *o->photo);
	if (!o->photo)
		return complain(program, "out of memory", "");
	for (int i = 1; i < argc; i++) {
		if (only_photos || argv[i][0] != '-' || !argv[i][1])
			o->photo[o->nphoto++] = argv[i];
		else if (!strcmp(argv[i], "--"))
			only_photos = true;
		else if (!take_option(argc, argv, &i, o))
			return false;
	}
	return check(program, o);
}

void options_free(Options *o)
{
	free(o->photo);
}

void options_help(const char *program, const char *model)
{
	printf("usage: %s [options] photograph...\n\n"
	       "Detects objects in photographs (" IMAGE_READ "); - is standard input.\n%s\n\n",
	       program, model);
	for (int i = 0; i < NOPTIONS; i++) {
		int used = printf("  %s%s%s", table[i].name, table[i].value ? " " : "", table[i].value ? table[i].value : "");
		printf("%*s%s\n", used < 20 ? 20 - used : 1, "", table[i].doc);
	}
	puts("\nBoxes are left, top, right, bottom in pixels. A photograph has at most 32767 x 32767 and 134217728\n"
	     "pixels, a file 512 MiB, a progressive JPEG 500 scans. Standard input is one photograph: bytes behind\n"
	     "its end are an error. With --json a photograph that cannot be read has a line\n"
	     "{\"file\":...,\"error\":...}.\n\n"
	     "Exit status: 0 done, 2 wrong usage, 3 this CPU cannot run the program, 5 a photograph could not be\n"
	     "read or a picture not be written (the others were dealt with).");
}
