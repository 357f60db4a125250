/* file_kind.h -- what a file is that is not what was asked for: formats of other systems, pictures, archives, pointers of Git LFS. */
#ifndef IMPORT_FILE_KIND_H
#define IMPORT_FILE_KIND_H

#include "ir/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct FileHead { /* the beginning of a file */
	const unsigned char *p;
	size_t n;
	int64_t size; /* of all */
} FileHead;

typedef struct FileKind { /* "a pointer of Git LFS, not the file itself", "fetch it with git lfs pull" */
	const char *what, *way;
} FileKind;

/* Reads the beginning into the arena. False when the file cannot be read. */
bool file_kind_read(int fd, int64_t size, FileHead *h, Arena *a);

/* The kind of a file that is no model of ours; what is null where it is not known. path: for its ending. By words: without a look at the
 * fields of protocol buffers, which an ONNX model is as well. */
FileKind file_kind(const FileHead *h, const char *path);
FileKind file_kind_by_words(const FileHead *h, const char *path);
/* Where the first word of a text begins: after blanks and comments (# of .prototxt and IR text, ; of IR text). */
size_t file_first_word(const FileHead *h);

bool file_kind_is_onnx(const FileHead *h);

#endif
