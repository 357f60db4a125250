/* codegen.h -- Graph -> C or CUDA source. Everything was decided by passes; here it is only printed. */
#ifndef CODEGEN_CODEGEN_H
#define CODEGEN_CODEGEN_H

#include "ir/ir.h"
#include "ir/target.h"

extern const Target *const targets[]; /* null-terminated */
/* "native" is resolved to the widest target that the machine at hand runs. Null when unknown. */
const Target *target_find(const char *name);

const Kernel *kernel_by_name(const char *name); /* among all targets; for reading IR text back */

typedef enum WeightsForm {
	WEIGHTS_INCBIN, /* NAME.c pulls NAME.weights in by file-scope asm */
	WEIGHTS_ARRAY,  /* numbers in NAME_weights.c, compiled and linked beside it */
	WEIGHTS_OBJECT, /* NAME_weights.S, assembled and linked beside it, pulls NAME.weights in */
	WEIGHTS_FILE,   /* NAME.weights is handed to NAME_load() */
} WeightsForm;

struct Manifest; /* codegen/manifest.h */

typedef struct EmitOptions {
	const char *name;     /* a C identifier: prefix of every external symbol, stem of every file */
	const char *tool;     /* "dssdc 0.1.0" */
	const char *settings; /* the options in one normal form, base names only: goes into the head comment */
	WeightsForm weights;
	bool caller_arena;    /* every call takes the arena first and is reentrant */
	const char *const *keep; /* null-terminated: files that are read while we write, never replaced; or null */
	void (*manifest)(const struct Manifest *m, FILE *out); /* prints DIR/NAME.manifest.json; null: there is none */
	bool trace;           /* the source defines a pointer NAME_tracer and calls it after each node: for dssdc verify */
} EmitOptions;

/* Writes DIR/NAME.h, DIR/NAME.c (or .cu, as the target's language is) and, as the form needs, DIR/NAME.weights,
 * DIR/NAME_weights.S or DIR/NAME_weights.c; DIR/NAME.manifest.json if somebody prints it. Files appear under their final names only when all are complete. False after an error was reported. */
bool emit_source(const Graph *g, const Target *t, const EmitOptions *o, const char *dir, Diag *d);

/* The source is the same, but for comments, whatever layers are called. g is as before in the end. */
bool source_ignores_names(Graph *g, const Target *t, const EmitOptions *o);

#endif
