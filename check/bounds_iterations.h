/* bounds_iterations.h -- how the variables of a loop change with its iterations. */
#ifndef CHECK_BOUNDS_ITERATIONS_H
#define CHECK_BOUNDS_ITERATIONS_H

#include "check/bounds_state.h"

enum { WRITTEN = 64 };

typedef struct Written { /* a variable that the body writes */
	int slot;
	Value before, probe; /* before the loop; a fresh symbol that replaces it while the body is classified */
	enum {
		BY_CONSTANT, /* before + low * iteration */
		ANEW,        /* low .. high, or before */
		BETWEEN,     /* before + a symbol in low * iteration .. high * iteration */
		ANYHOW       /* any value */
	} how;
	int64_t low, high;
} Written;

typedef struct For {
	const Ast *body;
	const Ast *counter;
	Linear start, iterations; /* iterations: may be negative, then there are none */
	Linear way;               /* the distance from the start to the bound, which no iteration reaches */
	int64_t first;            /* iteration; > 0: those before it were walked apart */
	int64_t step;
	Written written[WRITTEN];
	int nwritten;
	bool may_peel;
	bool breaks; /* some iteration may leave before the head does */
	const Ast *condition;
	bool early; /* the condition has more terms than the counter's comparison: it may end the loop at any iteration */
} For;

bool loop_is_exact(const For *l); /* the number of iterations is constant */
int64_t loop_most_iterations(const State *s, const For *l);
Linear loop_any_iteration(State *s, const For *l); /* a symbol for all iterations that are run */

void loop_find_written(State *s, For *l); /* sets l->written */
void written_probe(State *s, Written *w);
void written_classify(State *s, Written *w); /* from the state after one iteration that began with the probe */
Value written_after(State *s, const Written *w, Linear iteration, int64_t most); /* after `iteration` iterations, at most `most` */
/* Whether the iteration that was just walked from `start` changes the variable as w says. */
bool written_is_inductive(State *s, const Written *w, const Value *start);
bool written_is_number(const Written *w);         /* an integer or a pointer */
bool loop_is_uneven(const For *l, bool pointers); /* some number, or some pointer, changes by no constant */
void loop_coarsen(State *s, const For *l);

#endif
