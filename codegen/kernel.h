/* kernel.h -- what kernel rows use to bind their templates. */
#ifndef CODEGEN_KERNEL_H
#define CODEGEN_KERNEL_H

#include "codegen/template.h"
#include "ir/target.h"

/* Emits the part of functions.c or vector.c with that name (and what it needs) into the source. */
void bind_part(Bindings *b, const char *part);

/* Numbers of a rank-4 value: <p>C <p>H <p>W its shape; <p>ROWS <p>COLS its rows and columns in memory; <p>TOP
 * <p>LEFT its halo; <p>B its channel block; <p>CB how many blocks. p is X for inputs, Y for outputs. */
void bind_map(Bindings *b, const char *p, const Value *v);

/* The vector of n floats: VL, words VEC, LOAD, STORE; n = 1 is a plain float. */
void bind_vector(Bindings *b, int n);

/* Epilogue k of the node, for vectors of n floats. Numbers ELT<s> (0, 1), ACT<s>ON (0, 1); words OP<s> (the operator
 * of elt: + or *), ACT<s> (function of (x, alpha, beta)), ALPHA<s>, BETA<s>. s is "" or the output's number. */
void bind_epilogue(Bindings *b, const Node *n, int k, const char *s, int vector);

/* A scalar function as the word ACT.. of vectors of n floats. */
void bind_function(Bindings *b, const char *word, Func f, int vector);

bool is_plain(const Value *v);  /* float, plain order, no halo; any rank */
bool is_f32(const Value *v);
bool all_plain(const Node *n);  /* every input that is no constant, and every output */

/* Tables of rows, one for each family. */
typedef struct KernelTable {
	const Kernel *row;
	int n;
} KernelTable;

#endif
