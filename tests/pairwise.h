/* pairwise.h -- few combinations of options in which every two values of two options meet once at least. Faults that need
 * three options at once are rare; all combinations would be thousands. */
#ifndef TESTS_PAIRWISE_H
#define TESTS_PAIRWISE_H

#include <stdbool.h>
#include <string.h>

enum { PAIRWISE_OPTIONS = 8, PAIRWISE_VALUES = 8, PAIRWISE_ROWS = 64 };

typedef struct Pairwise {
	int noption, nvalue[PAIRWISE_OPTIONS]; /* how many values each option has */
	int nrow, row[PAIRWISE_ROWS][PAIRWISE_OPTIONS];
	bool met[PAIRWISE_OPTIONS][PAIRWISE_VALUES][PAIRWISE_OPTIONS][PAIRWISE_VALUES];
} Pairwise;

/* Pairs that value v of option o would meet for the first time beside the values of a row that are chosen (not negative). */
static inline int pairwise_gain(const Pairwise *p, const int *row, int o, int v)
{
	int gain = 0;
	for (int k = 0; k < p->noption; k++)
		gain += k != o && row[k] >= 0 && !p->met[o][v][k][row[k]];
	return gain;
}

/* The first pair that has not met yet begins a row; false: there is none. */
static inline bool pairwise_begin(const Pairwise *p, int *row)
{
	memset(row, -1, sizeof(int) * PAIRWISE_OPTIONS);
	for (int a = 0; a < p->noption; a++)
		for (int b = a + 1; b < p->noption; b++)
			for (int v = 0; v < p->nvalue[a]; v++)
				for (int w = 0; w < p->nvalue[b]; w++)
					if (!p->met[a][v][b][w]) {
						row[a] = v, row[b] = w;
						return true;
					}
	return false;
}

/* The other options follow, each with the value that meets most; among equals another one in each row. */
static inline void pairwise_complete(const Pairwise *p, int *row)
{
	for (int o = 0; o < p->noption; o++) {
		if (row[o] >= 0)
			continue;
		int best = p->nrow % p->nvalue[o];
		for (int v = 0; v < p->nvalue[o]; v++)
			if (pairwise_gain(p, row, o, v) > pairwise_gain(p, row, o, best))
				best = v;
		row[o] = best;
	}
}

/* Fills row[] from noption and nvalue[]; false when there are more rows than room. */
static inline bool pairwise_make(Pairwise *p)
{
	while (p->nrow < PAIRWISE_ROWS && pairwise_begin(p, p->row[p->nrow])) {
		int *row = p->row[p->nrow];
		pairwise_complete(p, row);
		p->nrow++;
		for (int a = 0; a < p->noption; a++)
			for (int b = 0; b < p->noption; b++)
				p->met[a][row[a]][b][row[b]] = true;
	}
	return p->nrow < PAIRWISE_ROWS;
}

#endif
