/* fuzz_ir.c -- any bytes as IR text. */
#include "tests/fuzz/fuzz.h"

#include "import/import.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Diag d = {0};
	char *text = malloc(size + 1);
	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	Graph *g = import_ir("fuzz.ir", text, size, &(ImportOptions){.threshold = -1, .nms = -1}, &d);
	if (g)
		graph_check(g);
	graph_free(g);
	free(text);
	return 0;
}
