/* rules_cuda.h -- the rules of CUDA source, and what rules of C ask of it. */
#ifndef CHECK_RULES_CUDA_H
#define CHECK_RULES_CUDA_H

#include "check/rules.h"

void check_shared_memory(Rules *r, const Ast *n);
void check_launches(Rules *r, const Ast *n);
void check_launch_statuses(Rules *r, const Ast *n);
void check_allocations(Rules *r, const Ast *n);
void check_device_objects(Rules *r, const Ast *n);
void check_statuses(Rules *r, const Ast *n);
void check_early_launches(Rules *r, const Ast *n);

/* The kernel of a launch, and its sizes; null: they are not constant. */
const Ast *launch_sizes(const Rules *r, const Ast *call, int64_t grid[3], int64_t block[3]);

bool cuda_is_dropped(const Ast *call);        /* nothing is done with what it returns; a cast to void counts as well */
bool cuda_may_call(const Ast *call);        /* something that is not of the file */
bool cuda_runs_on_host(const Ast *function); /* on both too; null, beside all functions: true */

#endif
