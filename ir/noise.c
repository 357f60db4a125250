/* noise.c -- inputs to try a network with: bytes of a noise image as they leave the preprocessing, or numbers of
 * deviation 1 (integers: about -14 to 14, cut to what the type holds). The same for the same seed. */
#include "ir/ir.h"

double *graph_noise(const Graph *g, const Value *v, uint64_t seed, Arena *a)
{
	const Preprocess *p = &g->preprocess;
	const DType t = v->type.dtype;
	const double unit = dtype_is_float(t) ? 73.6 : 9;
	const int64_t n = type_count(&v->type), map = p->width ? (int64_t)p->width * p->height : 1;
	double *x = arena_new_array(a, double, n + 1);
	for (int64_t i = 0; i < n; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		double byte = (double)(seed >> 56);
		int c = (int)(i / map % 3);
		x[i] = p->width ? (byte - p->mean[c]) / p->divisor[c] : (byte - 127.5) / unit;
		x[i] = number_round(t, t == DT_F32 ? (double)(float)x[i] : x[i]);
	}
	return x;
}
