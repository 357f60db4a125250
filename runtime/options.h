/* options.h -- the command line of an executable. */
#ifndef RUNTIME_OPTIONS_H
#define RUNTIME_OPTIONS_H

#include <stdbool.h>

typedef struct Options {
	const char **photo; /* owned */
	int nphoto;
	const char *out, *out_dir; /* null: nothing is drawn */
	double threshold;
	bool threshold_given;
	bool json, time, help, version;
} Options;

/* False: a line on stderr said what is wrong. */
bool options_parse(int argc, char **argv, Options *o);
void options_free(Options *o);
void options_help(const char *program, const char *model);

#endif
