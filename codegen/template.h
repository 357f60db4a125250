/* template.h -- kernels are printed from templates, which are legal C on their own.
 *
 * The engine does six things and nothing more:
 *   1. drops the block `#ifndef DSSDC ... #endif`, which serves a template that is compiled alone;
 *   2. resolves `#if`, `#elif`, `#else`, `#endif` whose condition uses bound numbers only;
 *   3. repeats a line that ends in the comment `for i` or `for i, j` for all values of i (and j): i as a word and as a
 *      part _i of a word becomes the number (register tiles need named accumulators; alone, i is 0);
 *   4. puts bound words in the place of names, and a bound segment's number in the place of a part _N of a word.
 *      `net_` and `NET_` at the start of a word become the model's name; KERNEL at the start of KERNEL_more becomes
 *      what KERNEL is bound to;
 *   5. declares the pointers in the head of one function as arrays of bound sizes: `const float x[1024]` in place of
 *      `const float *x`. To the C compiler both are the same; a reader, and dssdc check, hold the function and its
 *      calls to it;
 *   6. with EARLY bound to 1, begins each __global__ function with net_begin(), unless its body calls that itself later.
 * Bound numbers stay names in the bodies of KERNEL and KERNEL_more, each of which begins with an enum that gives those
 * that it uses, so that the emitted code reads like the template; elsewhere they are written out.
 */
#ifndef CODEGEN_TEMPLATE_H
#define CODEGEN_TEMPLATE_H

#include "ir/arena.h"

#include <stdint.h>
#include <stdio.h>

typedef struct Bindings Bindings;

Bindings *bindings_new(Arena *a, const char *model_name);
void bind_int(Bindings *b, const char *name, int64_t value);
void bind_word(Bindings *b, const char *name, const char *word);
void bind_float(Bindings *b, const char *name, double value); /* an f-suffixed literal that reads back exactly as float */
void bind_repeat(Bindings *b, const char *index, int count);
void bind_segment(Bindings *b, const char *name, int64_t value);
/* function: as the template names it, "KERNEL"; extent[k]: elements that its pointer k leads to; 0 or less: it stays a pointer. Pointers
 * after the first n stay as they are; a head with fewer is a fault of ours. The arrays live as long as the bindings. */
void bind_extents(Bindings *b, const char *function, const int64_t *extent, int n);

/* Parts of functions.c and vector.c that the instance calls. */
void bindings_add_part(Bindings *b, const char *part);
int bindings_part_count(const Bindings *b);
const char *bindings_part(const Bindings *b, int i);

/* A text that is equal for equal bindings. */
const char *bindings_key(const Bindings *b, Arena *a);
Arena *bindings_arena(const Bindings *b);
int64_t bindings_int(const Bindings *b, const char *name); /* bug() when it is not bound */
int64_t bindings_int_or(const Bindings *b, const char *name, int64_t otherwise);

/* Facts of expanded text for the manifest, collected as it is expanded. Names and types are those of the template. */
typedef struct TextTable {       /* `static const TYPE NAME[COUNT] = ` */
	const char *type, *name; /* the type as it is written, "char *const" */
	int64_t count;           /* elements; 0: as many as its initialiser has */
} TextTable;

enum { MAX_TEXT_TABLES = 256, MAX_TEXT_CALLS = 512 };

typedef struct TextFacts {
	Arena *arena;
	TextTable table[MAX_TEXT_TABLES];
	const char *call[MAX_TEXT_CALLS]; /* each name that an opening bracket follows, once */
	int ntable, ncall;
} TextFacts;

/* The expanded text, in the arena of the bindings. name is the template's path, for messages about faults of ours; facts: where to add
 * to, or null. */
const char *template_expand(const char *name, const char *text, const Bindings *b, TextFacts *facts);

/* Shortest decimal literal of a float with suffix f; inf and nan never occur in emitted code and end in bug(). */
const char *float_literal(Arena *a, float x);

#endif
