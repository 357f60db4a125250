/* stack_parts.h -- internal header of the readers of frames and calls: stack.c (assembly, and what both share) and
 * stack_graph.c (gcc's own call graph). */
#ifndef TOOLCHAIN_STACK_PARTS_H
#define TOOLCHAIN_STACK_PARTS_H

#include "toolchain/stack.h"

#include <stddef.h>

typedef struct Function {
	const char *name;
	bool external, visiting, done;
	int64_t frame, bytes; /* its own, with what it calls */
	int *callee, ncallee;
	int deepest; /* of callee; -1: none */
} Function;

typedef struct Reader {
	const char *prefix; /* of the model's functions */
	const char *usage;
	int64_t more;     /* bytes that a call takes beside the frame */
	int64_t red_zone; /* bytes below the last frame */
	Function *function;
	int n, noutside;
	int calls; /* mentions in instructions that are known to call */
	StackUse *use;
	Arena *arena;
} Reader;

size_t stack_symbol_length(const char *s);
void stack_give_up(Reader *r, const char *reason); /* the first reason stays */
void stack_add_callee(Reader *r, Function *f, int callee);
void stack_add_outside(Reader *r, const Function *f, const char *name); /* a function that is not in the source */
void stack_add_entries(Reader *r);                                      /* the deepest way from each external function, sorted by name */
int64_t stack_red_zone(const char *assembly);

/* The compiler's own words for itself: .ident "GCC: (Debian 12.2.0) 12.2.0" */
void stack_read_ident(Reader *r, const char *line, size_t size);

#endif
