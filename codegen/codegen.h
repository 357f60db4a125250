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
	const char *name;     /* a C identifier: prefix of every external symbol */
	const char *file;     /* stem of every file: no quote, backslash, control byte or "??" in it. Null: name */
	const char *incbin;   /* the path that the assembler opens for the weights, any bytes. Null: FILE.weights, which it looks for in
	                       * the current folder and where -I says */
	const char *tool;     /* "dssdc 0.1.0" */
	const char *settings; /* the options in one normal form, base names only: goes into the head comment */
	WeightsForm weights;
	int pointer_bytes;                                     /* of the machine that the source is compiled for; 0: not known */
	bool caller_arena;                                     /* every call takes the arena first and is reentrant */
	void (*manifest)(const struct Manifest *m, FILE *out); /* prints DIR/NAME.manifest.json; null: there is none */
	bool trace; /* the source defines NAME_tracer, a struct of a function and its first argument, and calls it with each
	             * result of each node: for dssdc verify */
} EmitOptions;

/* NAME.weights begins with a head of WEIGHTS_HEAD bytes: "DSSDCW1" and a zero, the hash of the weights (8 bytes, the lowest first), their
 * CRC-32 (4 bytes, the lowest first), zeros. Its first WEIGHTS_MARK bytes say which weights they are; a program holds them against
 * the hash of those that it was emitted with. The weights are 4-byte numbers in little-endian order. */
enum { WEIGHTS_HEAD = 64, WEIGHTS_MARK = 16 };

/* The prefix of the macros and constants of a model whose functions have the given prefix: "net" gives "NET". Lives in a. */
const char *capitals_of(const char *prefix, Arena *a);

/* Where files come from. open: a new file FILE<suffix> that can be sought in; it stays open, and whoever made it closes it and
 * looks whether it was written. Null after an error was reported: nothing more is asked for then. */
typedef struct EmitFiles {
	void *context;
	FILE *(*open)(void *context, const char *suffix, Diag *d);
} EmitFiles;

/* Writes FILE.h, FILE.c (or .cu, as the target's language is) and, as the form needs, FILE.weights, FILE_weights.S or
 * FILE_weights.c; FILE.manifest.json when options give a function that prints it. False after an error was reported. */
bool emit_source(const Graph *g, const Target *t, const EmitOptions *o, const EmitFiles *files, Diag *d);

/* The source is the same, but for comments, whatever layers are called. g is as before in the end. */
bool source_ignores_names(Graph *g, const Target *t, const EmitOptions *o);

#endif
