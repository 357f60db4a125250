/* output_set.h -- the files that a command writes: all of them appear, or none.
 *
 * A file waits under its own name in a folder ".dssdc-<16 digits>" beside its place (or where the C compiler made it) and
 * gets there by rename. When one rename of several fails, those before it are taken back. Two programs that finish a set
 * in the same folder do so one after the other.
 *
 * As with `cc -o`: a symbolic link stays and what it leads to is written; a device or FIFO is written in place, after
 * everything else; a file that is there keeps its mode. A file that this run has read is never written.
 */
#ifndef BASE_OUTPUT_SET_H
#define BASE_OUTPUT_SET_H

#include "ir/arena.h"
#include "ir/diag.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct OutputSet OutputSet;

OutputSet *output_set_new(Arena *a, Diag *d); /* lives in a; every set ends with commit or drop */

/* To print one of its files; the set closes it. path null or "-": standard output. Null after an error was reported. */
FILE *output_set_open(OutputSet *s, const char *path);
void output_set_call(OutputSet *s, const char *name); /* messages call the last one so */
/* Nothing more will be printed: where the file waits, to be read. Null after an error was reported. */
const char *output_set_close(OutputSet *s, FILE *f);

/* A file that somebody else made, complete and closed; it may be moved away from there. False after an error. */
bool output_set_take(OutputSet *s, const char *from, const char *path);

/* A commit that succeeds prints one line there with the names of its files. */
void output_set_tell(OutputSet *s, FILE *out);

bool output_set_commit(OutputSet *s); /* true: everything is in its place. False: nothing is, and it was said why */
void output_set_drop(OutputSet *s);

/* False, with an error reported, when path may not be written: a folder, or a file that this run has read. */
bool output_is_allowed(const char *path, Diag *d);

/* The beginning of the name of a temporary folder in dir. */
const char *output_folder_prefix(const char *dir, Arena *a);

#endif
