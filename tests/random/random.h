/* random.h -- random legal graphs, and what must hold for each of them. */
#ifndef TESTS_RANDOM_RANDOM_H
#define TESTS_RANDOM_RANDOM_H

#include "ir/ir.h"

/* Of the seeds 1 to 20, those of small graphs go through the passes in the quick set, the others in the slow one. */
enum { QUICK_FIRST = 3, QUICK_LAST = 10 };

/* The same graph for the same seed and C compiler. Numbers stay near 1, so that rounding stays small. */
Graph *random_graph(uint64_t seed);

/* The input tensors that belong to the graph of that seed; doubles that are floats. */
double **random_inputs(const Graph *g, uint64_t seed, Arena *a);

/* Evaluator before the passes = after each pass: at -O0, at -O1 and with each optional pass disabled, for a random
 * target; dump, read, dump is the same text. False after a report on stderr. */
bool judge_passes(uint64_t seed);

/* Evaluator = emitted program, for count seeds from first on: -O1 for a random target, -O0 or a pass disabled for
 * another. The programs of many graphs are compiled at once. Returns how many seeds failed. */
int judge_programs(uint64_t first, int count);

/* The graph of the seed, emitted into a folder as rSEED_NUMBER.c: for number 0 at -O1 and a random target, 1 at -O0, 2 with a
 * pass disabled. Returns the file's name, or null after a report on stderr. */
const char *random_emit(uint64_t seed, int number, const char *folder, Arena *a);

/* The graph with all its numbers, as FOLDER/random-SEED.ir in $TMPDIR or /tmp: to reproduce. */
void random_dump(uint64_t seed);

uint64_t random_next(uint64_t *state);
int random_below(uint64_t *state, int n);

#endif
