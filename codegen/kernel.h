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

/* The C type that numbers of an element type are computed in. */
typedef enum Class {
	CLASS_FLOAT,  /* float: f32, f16, bf16 */
	CLASS_DOUBLE, /* double: f64 */
	CLASS_INT,    /* int64_t */
	CLASS_U64,    /* the bits of an u64 in an int64_t */
} Class;

Class class_of(DType t);

/* The element type of an argument. */
void bind_type(Bindings *b, const char *word, DType t);
/* The C type of a class, and what brings an element to it: a function, a cast, or nothing. */
void bind_load(Bindings *b, const char *class_word, const char *load_word, DType t);
/* The conversion from a number of class c to an element of type t: a function, a cast, or nothing; low bits for integers. */
void bind_store(Bindings *b, const char *word, Class c, DType t);
/* f in class c as a function of (x, alpha, beta) or (x, y). */
void bind_class_function(Bindings *b, const char *word, Func f, Class c);
bool class_has_function(Func f, Class c);
/* v as a literal of type t, or of the number that a class computes with. */
void bind_number(Bindings *b, const char *word, DType t, double v);
void bind_class_number(Bindings *b, const char *word, DType t, double v);

/* Nested loops over positions, of which each operand takes a step in each loop. Repeat index `ii` runs over the loops:
 * <counts>_0.., and for each operand <steps>_0... Loops of one are dropped; neighbours in step become one. */
enum { MAX_OPERANDS = 4 };
typedef struct Loops {
	int rank; /* before that */
	int64_t count[MAX_RANK], step[MAX_OPERANDS][MAX_RANK];
} Loops;
Loops loops_over(const Type *t);                            /* no operand yet */
void loops_broadcast(Loops *l, int operand, const Type *x); /* dims of 1 stretch, missing ones in front too */
void loops_simplify(Loops *l, int operands);
void bind_loops(Bindings *b, const char *index, const char *counts, const Loops *l, int operands, const char *const *steps);
void bind_axis(Bindings *b, const Type *t, int axis); /* OUTER LENGTH INNER: extents before the axis, on it, after it */
int64_t type_outer(const Type *t, int axis);          /* product of the extents before the axis */
int64_t type_step(const Type *t, int axis);           /* elements from one index of the axis to the next */

bool is_linear(const Value *v); /* of any type, plain order, no halo */
bool all_linear(const Node *n); /* every input, and every output */
bool is_plain(const Value *v);  /* float, plain order, no halo; any rank */
bool is_f32(const Value *v);
bool all_plain(const Node *n); /* every input that is no constant, and every output */

#endif
