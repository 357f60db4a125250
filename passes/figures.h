/* figures.h -- a graph in figures before the first pass and after each one: for reports of the effect of passes. */
#ifndef PASSES_FIGURES_H
#define PASSES_FIGURES_H

#include "ir/ir.h"

enum { MAX_PASSES = 64 };

typedef struct PassFigures {
	bool ran;
	int nodes, kernels;     /* nodes that have a kernel */
	int changed;            /* lines of the IR's text that the graph before did not have */
	int64_t macs;           /* -1 while types are not known */
	int64_t constants;      /* bytes of all constants in use; -1 while types are not known */
	int64_t maps;           /* bytes of all results with a buffer of their own; -1 while types are not known */
	int64_t weights, arena; /* bytes as planned; 0 before the plan */
} PassFigures;

/* row[0] is the model as it was imported, row[i + 1] the graph after pass i of the pipeline. */
typedef struct PassHistory {
	const struct Pipeline *pipeline; /* set by pipeline_run() */
	PassFigures row[MAX_PASSES + 1];
	const char *text; /* of the last graph; lives in the arena */
	Arena *arena;     /* set by the caller */
} PassHistory;

/* The IR's text, without the numbers of constants; lives in a. */
const char *graph_text(const Graph *g, Arena *a);

/* Null for h: nothing is kept. */
void figures_add(PassHistory *h, const Graph *g, int row);

#endif
