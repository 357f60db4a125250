/* report.h -- what the executable prints about a photograph: a table for people or one line of JSON. */
#ifndef RUNTIME_REPORT_H
#define RUNTIME_REPORT_H

#include "runtime/found.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct Report {
	const char *file;
	int width, height; /* pixels of the photograph, upright */
	const Found *found;
	int n;
	bool timed;
	double decode_ms, detect_ms;
} Report;

/* A photograph without result: {"file":...,"error":...}. */
void report_failure_json(FILE *out, const char *file, const char *why);
/* Text for a terminal: bytes that are no printable UTF-8 as \xNN. */
void report_plain(FILE *out, const char *text);
void report_text(FILE *out, const Report *r);
void report_json(FILE *out, const Report *r);

#endif
