/* diag.h -- what the user is told.
 *
 * Input errors are collected and counted, so that one run lists them all; the stage that follows looks at
 * diag_exit_code() and stops. Faults of our own end in bug(). Messages have gcc's shape:
 *
 *     FILE:LINE:COL: error: text [class]        a place in a text
 *     FILE:OFFSET: error: text [class]          a place in a binary file (bytes from its start)
 *     dssdc: error: text [class]                no place
 *
 * Every string that came from a file is escaped before it is shown (diag_quote).
 */
#ifndef IR_DIAG_H
#define IR_DIAG_H

#include "ir/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Where something came from. All zero: nowhere. */
typedef struct Loc {
	const char *file;  /* as the user gave it */
	int line, col;     /* from 1; 0: not a text, use offset */
	int64_t offset;    /* bytes from the start of the file; used when line is 0; -1: whole file */
	const char *layer; /* the layer's name in the model, or null */
} Loc;

/* Classes of trouble; the value is the exit status of the program. */
typedef enum DiagClass {
	DIAG_OK = 0,
	DIAG_DIFFERENCE = 1,  /* verify, check: a difference or finding */
	DIAG_REJECT = 2,      /* the input or the command line breaks a rule */
	DIAG_UNSUPPORTED = 3, /* legal, but not something that we can do */
	DIAG_LIMIT = 4,       /* larger than a stated limit, or out of memory */
	DIAG_IO = 5,          /* the system refused to read or write */
} DiagClass;

typedef struct Diag {
	FILE *out; /* null: count only */
	bool color;
	bool show_notes; /* false hides diag_note */
	int count[6];    /* errors seen, by class */
	int nwarning;
	int max_shown;          /* 0: no limit; more errors than this are counted but not printed */
	struct FilesRead *read; /* the files that this run reads, for base/files.h: it goes where messages go. Null: nobody asks */
} Diag;

void diag_error(Diag *d, DiagClass c, Loc loc, const char *format, ...) __attribute__((format(printf, 4, 5)));
void diag_warning(Diag *d, Loc loc, const char *format, ...) __attribute__((format(printf, 3, 4)));
void diag_note(Diag *d, Loc loc, const char *format, ...) __attribute__((format(printf, 3, 4)));

int diag_errors(const Diag *d);    /* number of errors of every class */
int diag_exit_code(const Diag *d); /* 0, or the lowest class with an error among 2..5, or 1 */

/* s with control bytes, quotes and invalid UTF-8 as \xNN, cut after 80 characters; lives in a */
const char *diag_quote(Arena *a, const char *s);

/* An error after which nothing can go on, where no Diag is at hand: prints it, takes back what was begun (ir/cleanup.h) and
 * ends the program with the class as its exit status. */
_Noreturn void diag_stop(DiagClass c, Loc loc, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A fault of ours: prints file, line and text, takes back what was begun, then aborts. */
#define bug(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void bug_at(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
