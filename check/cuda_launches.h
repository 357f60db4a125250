/* cuda_launches.h -- launches of kernels: which kernel, which sizes. */
#ifndef CHECK_CUDA_LAUNCHES_H
#define CHECK_CUDA_LAUNCHES_H

#include "check/context.h"

typedef struct Launch {
	const Ast *kernel, *grid, *block, *shared; /* expressions, null if not known; shared may be null: 0 */
	bool is_asked_for;                         /* NAME_launch() asks for more shared memory than a device gives by itself */
	bool is_hidden;                            /* the sizes are in a structure */
} Launch;

bool launch_of(const Rules *r, const Ast *n, Launch *l); /* false: n is no launch */
bool launch_extent(const Ast *n, int64_t v[3]);          /* of the expression for grid or block; false: it is not constant */
const Ast *launch_kernel(const Ast *n);                  /* the definition of the kernel that the expression names, or null */
/* The kernel of a launch, and its sizes; null: they are not constant. */
const Ast *launch_sizes(const Rules *r, const Ast *call, int64_t grid[3], int64_t block[3]);

#endif
