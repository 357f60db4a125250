/* maker.h -- what the generators of random graphs share. */
#ifndef TESTS_RANDOM_MAKER_H
#define TESTS_RANDOM_MAKER_H

#include "ir/ir.h"

enum { MOST_VALUES = 512 };

typedef struct Maker {
	Graph *g;
	Arena *a; /* tensors; freed at the end */
	uint64_t state;
	Value *pool[MOST_VALUES]; /* f32 */
	int npool;
	Value *exact[MOST_VALUES]; /* of every type; what they hold is exact, so that comparisons and casts are */
	int nexact;
	Tensor known[4096]; /* by value id */
	Diag quiet;
} Maker;

int maker_below(Maker *m, int n);
bool maker_chance(Maker *m, int percent);
Node *maker_node(Maker *m, Op op, int nin, Value **in);
/* Types and evaluates the node; null when it is not legal or too large. */
Value *maker_finish(Maker *m, Node *n);
/* Into the pool; null when nobody should read it. */
Value *maker_offer(Maker *m, Value *v);
Value *maker_choose(Maker *m, int rank);

/* tensors.c: the exact pool */
void tensors_inputs(Maker *m);
void tensors_make(Maker *m); /* one node, or a few */
void tensors_outputs(Maker *m, int most);

#endif
