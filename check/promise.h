/* promise.h -- NAME.manifest.json, in the folder of the source: RAM, external names, buffers, weights. The rules E22 to E24 and E26
 * compare the source with it; without a manifest they find nothing.
 */
#ifndef CHECK_PROMISE_H
#define CHECK_PROMISE_H

#include "check/context.h"

typedef struct PromisedPlace {
	const char *object;   /* "arena", "weights" */
	int64_t offset, size; /* bytes */
	bool of_layer;        /* a result or scratch: not the input */
} PromisedPlace;

typedef struct Promise {
	const char *path;
	int64_t ram;                    /* bytes of static objects that are written to */
	const char **defined, **needed; /* null-terminated */
	PromisedPlace *place;
	int nplace;
	const char *weights_form; /* "incbin", "array", "object", "file" */
	int64_t weights_size;     /* bytes, without the head of NAME.weights */
	uint64_t weights_hash;
} Promise;

/* Null: there is no manifest, or it cannot be read, which was reported. */
const Promise *promise_read(const char *source, Arena *a, Diag *d);

/* E24: an array that a call passes must be a buffer of the manifest: at its offset, as large; for NAME_preprocess() the input's. E21
 * calls this where it sees an array passed, in CUDA check_places() does for what each call of NAME_enqueue() passes. call: or null. */
void check_passed(Rules *r, const Ast *at, const Ast *call, const char *object, int64_t offset, int64_t size);

#endif
