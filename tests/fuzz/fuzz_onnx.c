/* fuzz_onnx.c -- any bytes as an ONNX model: errors, or a graph that graph_check() accepts. */
#include "tests/fuzz/fuzz.h"

#include "import/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Diag d = {0};
	Graph *g = import_onnx(fuzz_file(data, size), &(ImportOptions){.threshold = -1, .nms = -1}, &d);
	if ((g == NULL) != (diag_errors(&d) > 0))
		abort();
	if (g)
		graph_check(g);
	graph_free(g);
	return 0;
}
