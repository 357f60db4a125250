/* fuzz_card.c -- any bytes as a card without weights: errors, or a graph that graph_check() accepts. Widths are divided, so
 * that a card of a thousand layers is built quickly. */
#include "tests/fuzz/fuzz.h"

#include "import/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Diag d = {0};
	Graph *g =
	    import_card(fuzz_file(data, size), &(ImportOptions){.threshold = -1, .nms = -1, .width_divisor = 16, .random = true}, &d);
	if ((g == NULL) != (diag_errors(&d) > 0))
		abort();
	if (g)
		graph_check(g);
	graph_free(g);
	return 0;
}
