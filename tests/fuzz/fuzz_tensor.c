/* fuzz_tensor.c -- any bytes as the file of --bind: a .npy array or a TensorProto. */
#include "tests/fuzz/fuzz.h"

#include "import/onnx/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Diag d = {0};
	Graph *g = graph_new("fuzz");
	Blob *b = onnx_tensor_file(g, fuzz_file(data, size), &d);
	if ((b == NULL) != (diag_errors(&d) > 0))
		abort();
	graph_free(g);
	return 0;
}
