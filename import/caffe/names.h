/* names.h -- blobs and layers by their names, while a network is imported. */
#ifndef IMPORT_CAFFE_NAMES_H
#define IMPORT_CAFFE_NAMES_H

#include "ir/ir.h"

typedef struct Named {
	const char *name;
	Value *value; /* null: it could not be built */
	bool result;  /* a layer made the blob, and no layer has read it since */
	bool silenced;
} Named;

typedef struct Names { /* open addressing; never more than half full */
	Named *slot;
	size_t room, n;
} Names;

/* Null when there is none. */
Named *name_find(const Names *t, const char *name);
/* The one that is there, or a new one. */
Named *name_add(Names *t, Arena *a, const char *name);

#endif
