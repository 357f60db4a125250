/* bench_weights.c -- writes the made-up weights of a card as safetensors: a large file to measure with.
 *
 *     bench-weights CARD OUT.safetensors */
#include "import/import.h"

#include <stdio.h>
#include <stdlib.h>

static size_t bytes_of(const Value *v)
{
	return 4 * (size_t)type_count(&v->type);
}

static void print_header(FILE *out, const Graph *g)
{
	size_t at = 0;
	const char *separator = "{";
	for (int i = 0; i < g->nvalue; i++) {
		const Value *v = g->value[i];
		if (!v->data)
			continue;
		fprintf(out, "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[", separator, v->name);
		for (int k = 0; k < v->type.rank; k++)
			fprintf(out, "%s%lld", k ? "," : "", (long long)v->type.dim[k]);
		fprintf(out, "],\"data_offsets\":[%zu,%zu]}", at, at + bytes_of(v));
		at += bytes_of(v);
		separator = ",";
	}
	fputs("}", out);
}

static int write_all(const Graph *g, FILE *out)
{
	char *header = NULL;
	size_t size = 0;
	FILE *text = open_memstream(&header, &size);
	if (!text)
		return 1;
	print_header(text, g);
	fclose(text);
	unsigned char length[8];
	for (int i = 0; i < 8; i++)
		length[i] = (unsigned char)((uint64_t)size >> 8 * i);
	fwrite(length, 1, 8, out);
	fwrite(header, 1, size, out);
	free(header);
	Arena *a = arena_new();
	for (int i = 0; i < g->nvalue; i++)
		if (g->value[i]->data) {
			fwrite(blob_read_f32(g->value[i]->data, a), 1, bytes_of(g->value[i]), out);
			arena_reset(a);
		}
	arena_free(a);
	return ferror(out) != 0;
}

int main(int argc, char **argv)
{
	Diag d = {.out = stderr};
	if (argc != 3)
		return fputs("usage: bench-weights CARD OUT.safetensors\n", stderr), 2;
	Graph *g = import_card(argv[1], &(ImportOptions){.random = true, .seed = 1, .threshold = -1, .nms = -1}, &d);
	FILE *out = g ? fopen(argv[2], "wb") : NULL;
	int status = !out || write_all(g, out);
	if (out && fclose(out))
		status = 1;
	graph_free(g);
	return status;
}
