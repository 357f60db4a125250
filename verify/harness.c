/* harness.c -- see harness.h. */
#include "verify/harness.h"
#include "ir/cleanup.h"

#include <stdlib.h>

void *harness_pack(const Type *t, const double *x, Arena *a)
{
	const int64_t n = type_count(t), size = dtype_size(t->dtype);
	char *out = arena_alloc(a, (size_t)(n * size) + 1);
	for (int64_t i = 0; i < n; i++)
		number_store(t->dtype, x[i], out + i * size);
	return out;
}

double *harness_unpack(const Type *t, const void *data)
{
	const char *from = data;
	int64_t n = type_count(t), at[MAX_RANK] = {0};
	double *x = malloc(sizeof *x * (size_t)(n + 1));
	if (!x)
		stop_out_of_memory();
	for (int64_t i = 0; i < n; i++) {
		x[i] = number_load(t->dtype, from + type_index(t, at) * dtype_size(t->dtype));
		for (int k = t->rank - 1; k >= 0 && ++at[k] == t->dim[k]; k--)
			at[k] = 0;
	}
	return x;
}

int harness_run(const Graph *g, void *run, void *const *in, void *const *out, Detection *found)
{
	if (found) {
		int (*f)(const void *, Detection *, int);
		*(void **)&f = run;
		return f(in[0], found, g->output[0]->def->u.detect.keep_top_k);
	}
	void *p[HARNESS_TENSORS] = {0};
	for (int i = 0; i < g->ninput + g->noutput; i++)
		p[i] = i < g->ninput ? in[i] : out[i - g->ninput];
	int (*f)(void *, void *, void *, void *, void *, void *, void *, void *, void *, void *, void *, void *, void *, void *, void *,
	         void *);
	*(void **)&f = run; /* the ABI lets a function ignore arguments after its own */
	return f(p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[9], p[10], p[11], p[12], p[13], p[14], p[15]);
}
