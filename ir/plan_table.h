/* plan_table.h -- which kernel, with which plan, a node of a certain shape gets: rows of a file, in place of the cost models.
 *
 *     dssdc plans 1
 *     # comment
 *     conv2d f32[1,64,40,40] f32[64,64,3,3] f32[64] -> f32[1,64,40,40] pad=1,1,1,1 target=avx2 : conv_tile th:2,tw:6,tv:1,panels_first:0
 *
 * Left of the colon is the key: op, element types and extents of inputs and results, attributes with the epilogue, target. No
 * name is in it: a row serves every node that is like it, in every model. Right of it: the only kernel that such nodes may get, and a
 * number for each choice that the kernel has. `dssdc inspect --emit=plans` writes the rows of a model; where a key comes twice, the later
 * row counts.
 */
#ifndef IR_PLAN_TABLE_H
#define IR_PLAN_TABLE_H

#include "ir/target.h"

#include <stdio.h>

typedef struct PlanRow {
	const char *key;
	const Kernel *kernel;
	int plan[MAX_PLAN];
	Loc loc;
} PlanRow;

typedef struct PlanTable PlanTable;

/* Null after errors were reported: another version, an unknown kernel, choices that the kernel does not have. All is the arena's. */
PlanTable *plan_table_read(const char *file, const char *text, size_t size, KernelByName find_kernel, Arena *a, Diag *d);

/* The row of a node, or null. Of the node's values only element types and extents count, not layouts. The table may be null. */
const PlanRow *plan_table_find(const PlanTable *table, const Node *n, const Target *t);

/* A row for each key of a graph's nodes whose kernels have choices, in the form of the file; a comment where nodes of one key differ. */
void plan_table_print(FILE *out, const Graph *g, const Target *t);

#endif
