/* prototxt.h -- protocol buffers in their text form, read by the descriptors that protobuf-c makes of a schema.
 *
 * Accepted is what protoc accepts for proto2: fields in braces or angle brackets, lists in square ones, commas and
 * semicolons between fields, both quotes, adjacent strings, escapes, comments, enum values by name or number,
 * hexadecimal and octal integers, inf and nan for floating point. Stricter: no extensions, no NUL in a string, no
 * number that becomes infinite, nesting of at most 100. A field of the message type Ignored is checked for its syntax
 * and forgotten.
 *
 * A field that a C struct of protobuf-c cannot have as a member (`base`) has an underscore after its name in the schema.
 *
 * Messages are in the arena and are never freed by protobuf-c. After each one is noted where it and its fields are.
 */
#ifndef IMPORT_FORMATS_PROTOTXT_H
#define IMPORT_FORMATS_PROTOTXT_H

#include "ir/diag.h"

#include <protobuf-c/protobuf-c.h>

#include <stddef.h>

enum { PROTOTXT_DEPTH = 100 };

typedef struct Prototxt {
	const char *file; /* for messages; must live as long as the result */
	const char *text;
	size_t size;
	bool skip_unknown;         /* unknown fields are a warning, not an error */
	const char *const *strict; /* null-terminated, or null: messages whose unknown fields are an error all the same */
} Prototxt;

/* Null after errors were reported: all that are not of the syntax, and the first that is. */
ProtobufCMessage *prototxt_read(const Prototxt *t, const ProtobufCMessageDescriptor *root, Arena *a, Diag *d);

/* Where a message of that tree begins, or the first occurrence of its field; the message when the field is absent. Nowhere
 * (no file) for a message that was not read from text. */
Loc prototxt_loc(const void *message, const char *field);
/* The field is written in the text. */
bool prototxt_has(const void *message, const char *field);

#endif
