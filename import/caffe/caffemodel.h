/* caffemodel.h -- weights by layer, out of a file that may be hostile.
 *
 * A caffemodel is one NetParameter in protobuf's wire format. It is read a layer at a time: each is checked as a whole
 * (wire.h), then only its name and the shapes and places of its blobs are kept. The numbers stay in the file and are
 * read by pread when somebody wants them, so a gigabyte of weights costs the memory of its largest layer.
 */
#ifndef IMPORT_CAFFE_CAFFEMODEL_H
#define IMPORT_CAFFE_CAFFEMODEL_H

#include "ir/ir.h"

typedef struct Caffemodel Caffemodel;
typedef struct CaffemodelLayer CaffemodelLayer;

/* fd is the graph's from here on. Null after errors were reported. */
Caffemodel *caffemodel_open(Graph *g, int fd, int64_t size, const char *file, Diag *d);

/* The first layer of that name, marked as used; null: there is none. */
const CaffemodelLayer *caffemodel_find(Caffemodel *m, const char *name);
int caffemodel_blob_count(const CaffemodelLayer *l);
Loc caffemodel_loc(const Caffemodel *m, const CaffemodelLayer *l);

/* Blob i < caffemodel_blob_count of the layer as a constant of the given shape; extents of 1 may be more or fewer in
 * the file. Null after an error was reported. */
Blob *caffemodel_blob(Caffemodel *m, const CaffemodelLayer *l, int i, int rank, const int64_t *dim, Diag *d);

/* One warning for each layer with blobs that was never asked for (the first 20, then their number). */
void caffemodel_warn_unused(const Caffemodel *m, Diag *d);

#endif
