/* embedded.h -- the templates and the runtime as they are in the source tree, carried inside the program. */
#ifndef CODEGEN_EMBEDDED_H
#define CODEGEN_EMBEDDED_H

#include <stddef.h>

typedef struct EmbeddedFile {
	const char *name; /* path from the root: "codegen/kernels/c/detect.c"; null ends the table */
	const char *text; /* NUL follows the last byte */
	size_t size;
} EmbeddedFile;

extern const EmbeddedFile embedded_files[];

const EmbeddedFile *embedded_find(const char *name); /* null when there is none */

#endif
