/* terms.h -- what each element of a value is, in terms of the elements of an earlier one.
 *
 * Decoders of boxes are written in many ways: constants folded together or not, columns cut apart and joined again,
 * halves taken before or after. Element by element they all come to bias + slope * x + grow * exp(rate * y), where x
 * and y are elements of the offsets. So nobody needs to know how the graph is written, only what it computes.
 */
#ifndef IMPORT_ONNX_TERMS_H
#define IMPORT_ONNX_TERMS_H

#include "ir/ir.h"

typedef struct Term { /* bias + slope * base[at] + grow * exp(rate * base[exp_at]) */
	double bias, slope, grow, rate;
	int32_t at, exp_at;
} Term;

typedef struct Terms {
	const Graph *g;
	int64_t left; /* terms that may still be made, over all searches: a small file cannot keep us busy */
	Arena *a;     /* as long as the search */
} Terms;

/* Looks at the terms of target, in its order. True: their base is the one. */
typedef bool TermsMatch(void *context, const Term *term);

/* The first value before target of that many elements by which the terms match. Null: there is none, or it would be too
 * much work. */
Value *terms_find_base(Terms *t, Value *target, int64_t count, TermsMatch *match, void *context);

/* Which element of base each one is after n nodes in a row, each a move of the one before; -1: none. */
const double *terms_moved(const Value *base, Node *const *node, int n, Arena *a);

/* The node moves elements and changes none: reshape, permute, slice, concat, take. */
bool terms_is_move(const Node *n);

#endif
