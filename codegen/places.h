/* places.h -- a buffer of an emitted program, as the manifest has it. */
#ifndef CODEGEN_PLACES_H
#define CODEGEN_PLACES_H

#include <stdint.h>

typedef struct BufferPlace {
	const char *layer;        /* whose it is, any bytes */
	const char *object, *use; /* "arena" or "weights"; "input", "lines", "calls", "result", "scratch" or "weights" */
	int64_t offset, size;     /* bytes; of one image */
} BufferPlace;

typedef struct Places {
	BufferPlace *place;
	int n;
} Places;

#endif
