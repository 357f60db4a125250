/* wire.h -- protocol buffers out of a file that may be hostile.
 *
 * protobuf-c's own reader recurses without limit, keeps unknown fields and allocates before it has checked. This one
 * walks the bytes once with a stack of its own, driven by protobuf-c's descriptors, and fills the same structs, so that
 * the generated types are used as they are. What it holds to:
 *
 *   varints of at most 64 bits (longer spellings of a small number are legal); field numbers 1 .. 2^29 - 1; wire types
 *   0, 1, 2, 5 (groups are refused); lengths that end inside their message; a known field has its own wire type, or
 *   packed for repeated numbers; 32-bit fields hold 32-bit numbers; strings are free of NUL and, unless told otherwise,
 *   UTF-8; at most WIRE_DEPTH messages within each other; at most 32 MiB plus the size of the file in structs.
 *
 * Unknown fields are checked and skipped. As the format says, a scalar given twice keeps its last value, a message
 * given twice is merged, and packed and single numbers of one field follow each other.
 */
#ifndef IMPORT_FORMATS_WIRE_H
#define IMPORT_FORMATS_WIRE_H

#include "ir/arena.h"
#include "ir/diag.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WIRE_DEPTH = 100 };

typedef struct Wire {
	const uint8_t *data; /* the whole message; ProtobufCBinaryData of the structs point into it */
	size_t size;         /* < 2^31 */
	const char *file;    /* for messages */
	int64_t base;        /* data is the part of the file from here on */
	bool any_text;       /* strings need not be UTF-8 */
} Wire;

/* A message of type root from the whole of w, in a, or null after an error was reported at its offset. Nothing of it
 * may be handed to protobuf-c's functions. */
void *wire_unpack(const Wire *w, const ProtobufCMessageDescriptor *root, Arena *a, Diag *d);

/* The same rules; keeps nothing. */
bool wire_check(const Wire *w, const ProtobufCMessageDescriptor *root, Diag *d);

/* Where the content of an unpacked message begins: bytes from the start of the file. */
static inline int64_t wire_offset(const ProtobufCMessage *m)
{
	return m->n_unknown_fields; /* wire_unpack keeps no unknown fields, so their count holds the place */
}

#endif
