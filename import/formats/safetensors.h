/* safetensors.h -- weights by name, out of a file that may be hostile.
 *
 * The whole header is checked when the file is opened: every rule of the format, and that the tensors tile the data
 * without hole or overlap. What stays is the header's text, an index of 48 bytes a tensor, and the open
 * descriptor: a tensor's bytes are read by pread when somebody wants them, never mapped (a file that shrinks would
 * be a signal then).
 */
#ifndef IMPORT_FORMATS_SAFETENSORS_H
#define IMPORT_FORMATS_SAFETENSORS_H

#include "ir/ir.h"

#include <stdio.h>

typedef struct Safetensors Safetensors;

/* fd is the graph's from here on. Null after errors were reported. */
Safetensors *safetensors_open(Graph *g, int fd, int64_t size, const char *file, Diag *d);

/* The tensor as a constant of the given shape; marks it used. I8 needs NAME.scale [dim[scale_axis]] in F32 beside it.
 * Null after an error was reported: no such tensor, another shape, an element type that weights cannot have. */
Blob *safetensors_blob(Safetensors *s, const char *name, int rank, const int64_t *dim, int scale_axis, Diag *d);

/* The extent of a tensor of one axis; -1 where there is no such tensor. Does not mark it used. */
int64_t safetensors_length(Safetensors *s, const char *name);

/* One warning for each tensor that was never asked for (the first 20, then their number). */
void safetensors_warn_unused(const Safetensors *s, Diag *d);

/* The hash of the IR text that the file was written with, as safetensors_write_origin() put it there; null: somebody else's. */
const char *safetensors_origin(const Safetensors *s);

/* All constants of a graph that are f32, f16 or bf16 as a file of this form, in the order of the graph; what is computed
 * from others becomes F32. Their names must differ. False when the stream failed. */
bool safetensors_write(const Graph *g, FILE *out);
bool safetensors_holds(const Blob *b); /* one of those */
/* Into the place that safetensors_write() left for it; out can be sought in. False when the stream failed. */
bool safetensors_write_origin(FILE *out, uint64_t hash);
enum { ORIGIN_TEXT = 17 };
const char *safetensors_origin_text(uint64_t hash, char text[ORIGIN_TEXT]);

#define ORIGIN_KEY "dssdc.ir" /* in __metadata__ */

#endif
