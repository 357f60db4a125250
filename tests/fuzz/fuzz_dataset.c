/* fuzz_dataset.c -- any bytes as a data set: COCO's JSON or a table, by the first byte. */
#include "tests/fuzz/fuzz.h"

#include "eval/dataset_forms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Diag d = {0};
	Arena *a = arena_new();
	const DatasetOptions o = {.photos = "."};
	const char *path = fuzz_file(data, size);
	Dataset *s = size && *data == '{' ? dataset_read_coco(path, &o, a, &d) : dataset_read_table(path, &o, a, &d);
	if ((s == NULL) != (diag_errors(&d) > 0))
		abort();
	arena_free(a);
	return 0;
}
