/* fuzz_caffemodel.c -- any bytes as the weights of a small Caffe network: errors, or a graph whose every constant can be
 * read. */
#include "tests/fuzz/fuzz.h"

#include "import/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Diag d = {0};
	const ImportOptions o = {.threshold = -1, .nms = -1, .weights = fuzz_file(data, size)};
	Graph *g = import_caffe("tests/import/caffe/small.prototxt", &o, &d);
	if ((g == NULL) != (diag_errors(&d) > 0))
		abort();
	Arena *a = arena_new();
	for (int i = 0; g && i < g->nvalue; i++)
		if (g->value[i]->data)
			blob_read_f32(g->value[i]->data, a);
	arena_free(a);
	graph_free(g);
	return 0;
}
