/* prototxt_places.h -- where messages and their fields are in the text; internal to the reader. */
#ifndef IMPORT_FORMATS_PROTOTXT_PLACES_H
#define IMPORT_FORMATS_PROTOTXT_PLACES_H

#include "import/formats/prototxt.h"

typedef struct Place {
	int line, col;
} Place;

typedef struct Places { /* after each message; field: as in the descriptor */
	const char *file;
	Place self, field[];
} Places;

static inline size_t places_offset(const ProtobufCMessageDescriptor *type)
{
	return (type->sizeof_message + 15) / 16 * 16;
}

/* Null for a message that was not read from text. */
static inline Places *places(const void *message)
{
	return (void *)((const ProtobufCMessage *)message)->unknown_fields; /* no text has unknown fields to keep */
}

#endif
