/* bounds_threads.c -- blockIdx and threadIdx are symbols below the sizes of the launch: one walk of a kernel serves all threads. */
#include "check/bounds_threads.h"

#include <string.h>

static Linear below(State *s, int64_t n)
{
	return n > 1 ? linear_symbol(&s->k, 0, n - 1) : linear_constant(0);
}

void thread_set_launch(State *s, const int64_t grid[3], const int64_t block[3])
{
	for (int i = 0; i < 3; i++) {
		s->launch[LAUNCH_BLOCK][i] = below(s, grid[i]);
		s->launch[LAUNCH_THREAD][i] = below(s, block[i]);
		s->launch[LAUNCH_BLOCKS][i] = linear_constant(grid[i]);
		s->launch[LAUNCH_THREADS][i] = linear_constant(block[i]);
	}
}

bool thread_index(const State *s, const Ast *n, Value *v)
{
	static const char *const names[] = {
	    [LAUNCH_BLOCK] = "blockIdx", [LAUNCH_THREAD] = "threadIdx", [LAUNCH_BLOCKS] = "gridDim", [LAUNCH_THREADS] = "blockDim"};
	const Ast *of = n->child ? ast_bare(n->child) : NULL;
	const int axis = n->name[0] - 'x';
	if (s->rules->language != IN_CUDA || !of || of->refers || axis < 0 || axis > 2 || n->name[1])
		return false;
	for (int i = 0; i < LAUNCH_INDICES; i++)
		if (!strcmp(of->name, names[i])) {
			*v = value_integer(s->launch[i][axis]);
			return true;
		}
	return false;
}
