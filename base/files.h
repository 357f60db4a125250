/* files.h -- opening what a user or a model names.
 *
 * A model file may come from anybody: it must not make us wait at a FIFO, read a device, or follow a link that
 * somebody placed beside it. So every file is opened without blocking, looked at through its descriptor and refused
 * unless it is a regular file. Files that a model names are found beneath the folder of that model, never outside.
 */
#ifndef BASE_FILES_H
#define BASE_FILES_H

#include "ir/arena.h"
#include "ir/diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* A regular file, for reading; -1 after an error was reported. links: a symbolic link may be the last component. */
int file_open(const char *path, bool links, int64_t *size, Diag *d);

/* Standard input becomes a regular file, at its beginning: what comes through a pipe is copied into one without a name. file_open()
 * then takes "-" too. False after an error was reported. */
bool file_rewindable_input(Arena *a, Diag *d);

/* `relative` found in the folder of the file `beside`, through no symbolic link. The name was checked by
 * file_is_beneath(). -1 after an error was reported at loc. */
int file_open_beneath(const char *beside, const char *relative, int64_t *size, Loc loc, Diag *d);

/* The same, and the file has no other name: a hard link could be to anything that the user may read. */
int file_open_sealed(const char *beside, const char *relative, int64_t *size, Loc loc, Diag *d);

/* True for a relative path of plain components: no "..", no ".", no empty one, no backslash, no drive letter. */
bool file_is_beneath(const char *relative);

bool file_is_folder(const char *path);
const char *path_base(const char *path);                    /* after the last slash */
bool file_has_ending(const char *path, const char *ending); /* ".json" */

/* The folder of path, with its last slash, and `relative` after it: how messages name the file. */
const char *file_beside(Arena *a, const char *beside, const char *relative);

/* Of a call that failed with this errno: out of memory is a limit, everything else input and output. */
DiagClass file_error_class(int error);

/* ---- files that this run reads ---- */

/* Every function above that opens a file for reading notes it here, so that no output replaces it. */
typedef struct FileId {
	dev_t dev;
	ino_t ino;
} FileId;

struct FilesRead { /* Diag.read */
	Arena *arena;
	FileId *item;
	int n, room;
};

void file_note_read(const char *path, Diag *d); /* somebody else opens it */
bool file_was_read(const struct stat *st, const Diag *d);

/* size bytes at offset; false when there are fewer or the system refuses. */
bool file_read(int fd, void *to, size_t size, int64_t offset);

/* A new file in the folder of a descriptor, for printing: nothing of that name may be there. Null with errno. */
FILE *file_create(int folder, const char *name);
bool file_copy(const char *from, int folder, const char *name); /* into a new file with the same mode; false with errno */
bool file_copy_to(const char *from, const char *to);            /* into what is there: a device or FIFO; false with errno */

const char *file_temporary_prefix(Arena *a); /* $TMPDIR/dssdc. or /tmp/dssdc.: of folders for cleanup_folder_new() */

/* A whole text, at most limit bytes, with a NUL after it; "-" is standard input. Null after an error. */
char *file_text(const char *path, size_t limit, size_t *size, Arena *a, Diag *d);

#endif
