/* stack.h -- how deep the functions of an emitted source go, by the compiler that makes the object.
 *
 * The compiler is asked for its assembly with the flags of the object, and for the frame of each function
 * (-fstack-usage: gcc, and clang from 11 on). gcc from 10 on writes its call graph with the frames in it, for every CPU
 * (-fcallgraph-info=su). Of other compilers, which function calls which is read from the assembly, after inlining: a mention of
 * another function counts as a call of it. */
#ifndef TOOLCHAIN_STACK_H
#define TOOLCHAIN_STACK_H

#include "ir/arena.h"
#include "ir/diag.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct StackEntry { /* an external function of the source */
	const char *name;
	int64_t bytes;
	const char **path; /* null-terminated: who calls whom where it is deepest, itself first */
} StackEntry;

typedef struct StackUse {
	const char *unknown;  /* why there is no number; null: it is known */
	const char *compiler; /* as it calls itself; "" when it does not */
	const char *flags;    /* without folders */
	StackEntry *entry;
	int nentry;
	int64_t bytes;        /* the largest */
	const char **outside; /* null-terminated, sorted: functions of others that are called; their frames are not counted */
} StackUse;

/* Of what is in assembly and usage, the two files that the compiler wrote. name: of the model; its external functions
 * are the entries. */
StackUse stack_read(const char *name, const char *assembly, const char *usage, Arena *a);

/* The same of gcc's call graph. The assembly tells the compiler's name, whether the machine has a red zone, and calls that
 * gcc adds after it has written the graph. */
StackUse stack_read_graph(const char *assembly, const char *graph, Arena *a);

#endif
