/* fuzz_safetensors.c -- any bytes as weights: refused, or an index in which a tensor can be looked for and read. */
#include "tests/fuzz/fuzz.h"

#include "import/formats/safetensors.h"

#include <fcntl.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t dim[] = {2};
	Diag d = {0};
	Graph *g = graph_new("fuzz");
	const char *path = fuzz_file(data, size);
	int fd = open(path, O_RDONLY);
	Safetensors *s = safetensors_open(g, fd, (int64_t)size, path, &d);
	if ((s == NULL) != (diag_errors(&d) > 0))
		abort();
	Blob *b = s ? safetensors_blob(s, "a", 1, dim, 0, &d) : NULL;
	if (b) {
		Arena *a = arena_new();
		blob_read_f32(b, a);
		arena_free(a);
	}
	if (s)
		safetensors_warn_unused(s, &d);
	graph_free(g);
	return 0;
}
