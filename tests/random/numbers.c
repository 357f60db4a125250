/* numbers.c -- pseudo-random numbers, and inputs of a graph that are made of them. */
#include "tests/random/random.h"

uint64_t random_next(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

int random_below(uint64_t *state, int n)
{
	return (int)(random_next(state) >> 33) % n;
}

double **random_inputs(const Graph *g, uint64_t seed, Arena *a)
{
	uint64_t state = seed ^ 0x5851f42d4c957f2du;
	double **in = arena_new_array(a, double *, g->ninput + 1);
	for (int i = 0; i < g->ninput; i++) {
		int64_t n = type_count(&g->input[i]->type);
		in[i] = arena_new_array(a, double, n + 1);
		const DType t = g->input[i]->type.dtype;
		for (int64_t k = 0; k < n; k++) {
			int v = random_below(&state, 4097) - 2048;
			in[i][k] = t == DT_F32 ? v / 1024.0 : number_round(t, dtype_is_float(t) ? v / 64.0 : v / 16);
		}
	}
	return in;
}
