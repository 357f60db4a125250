/* manifest.h -- what an emitted program takes and needs, as facts.
 *
 * The emitter fills it once. The source's static memory and its head are printed from it, and whoever compiles gets it
 * to write NAME.manifest.json: none of the three can say something that the others do not. */
#ifndef CODEGEN_MANIFEST_H
#define CODEGEN_MANIFEST_H

#include "codegen/codegen.h"
#include "codegen/places.h"

/* Where an object is, and who provides it. */
typedef enum Storage {
	STORAGE_RAM,           /* static, written to: .bss */
	STORAGE_RAM_CALLER,    /* given with each call */
	STORAGE_FLASH,         /* constant */
	STORAGE_FLASH_CALLER,  /* constant, given once to NAME_load() */
	STORAGE_DEVICE,        /* static, of the GPU */
	STORAGE_DEVICE_CALLER, /* of the GPU, given to NAME_open() */
	STORAGE_OPENED,        /* allocated by NAME_open(), at most as many bytes */
	STORAGE_COUNT
} Storage;

extern const char *const storage_names[STORAGE_COUNT]; /* as keys of the JSON */

enum {
	POINTER_BYTES = 8, /* of 64-bit machines */
	MAX_PARTS_OF_OBJECT = 3,
	MAX_MANIFEST_OBJECTS = 256,
	MAX_MANIFEST_SYMBOLS = 128,
};

typedef struct ManifestPart { /* a member of an object that is a struct */
	const char *name, *use;
	const char *declaration; /* in C */
	int64_t size;            /* bytes */
} ManifestPart;

typedef struct ManifestObject {
	const char *name, *use;
	Storage storage;
	int64_t size;  /* bytes; what alignment adds at its end is in it */
	int alignment; /* bytes */
	ManifestPart part[MAX_PARTS_OF_OBJECT];
	int nparts; /* 0: it is no struct */
} ManifestObject;

typedef struct ManifestLayer {
	const char *layer, *kernel; /* kernel: the function without the model's prefix; "" in place */
	int64_t macs;
} ManifestLayer;

typedef struct Manifest {
	const Target *target;
	const EmitOptions *options;
	const char *model; /* any bytes */
	const char *weights_form;
	const char *contraction; /* of a * b + c: "fast", or "" when the compiler's flags do not say */
	int pointer_bytes;       /* what a pointer is counted as */
	int winograd;            /* layers */
	bool library;            /* it calls the vendor's */
	int64_t weights_size, arena_size, arena_bound;
	uint64_t model_hash, weights_hash; /* 0 before the weights were seen */
	int64_t macs;
	ManifestLayer *layer;
	int nlayer;
	Places places;
	ManifestObject object[MAX_MANIFEST_OBJECTS];
	int nobject;
	const char *defined[MAX_MANIFEST_SYMBOLS], *needed[MAX_MANIFEST_SYMBOLS]; /* external names, of functions and objects */
	int ndefined, nneeded;
} Manifest;

/* Of what would be emitted: everything but the hashes. Lives in a. */
const Manifest *manifest_make(const Graph *g, const Target *t, const EmitOptions *o, Arena *a);

int64_t manifest_bytes(const Manifest *m, Storage s);                /* of all objects there */
const ManifestObject *manifest_object(const Manifest *m, Storage s); /* the first one there, or null */

#endif
