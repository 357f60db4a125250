/* test_evaluate.c -- ONNX's node tests through the importer and the evaluator: no C compiler in the loop. */
#include "tests/onnx/cases.h"

static void evaluate(Run *r)
{
	const double *in[MAX_TENSORS];
	Tensor out[MAX_TENSORS];
	for (int i = 0; i < r->g->ninput; i++)
		in[i] = blob_read_f64(r->in[i], r->a);
	graph_check(r->g);
	r->slack = 1; /* the evaluator computes in double what is f32 */
	eval_graph(r->g, in, out, NULL, NULL, r->a);
	for (int k = 0; k < r->g->noutput; k++) {
		double *x = out[k].data;
		for (int64_t i = 0; r->g->output[k]->type.dtype == DT_F32 && i < type_count(&out[k].type); i++)
			x[i] = (double)(float)x[i];
		compare(r, k, x);
	}
}

static void every_case(void **state)
{
	(void)state;
	judge_all_cases(evaluate, "evaluated");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_case)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
