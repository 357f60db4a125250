/* safetensors_write.c -- constants of a graph as a file. The header is padded with spaces to 8 bytes. */
#include "compiler/formats/safetensors.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool safetensors_holds(const Blob *b)
{
	return b->kind != BLOB_ELIDED && (b->dtype == DT_F32 || b->dtype == DT_F16 || b->dtype == DT_BF16);
}

static int64_t stored_bytes(const Blob *b)
{
	return blob_count(b) * dtype_size(b->dtype);
}

static void write_entry(const Value *v, int64_t at, FILE *out)
{
	cJSON *name = cJSON_CreateString(v->name);
	char *text = name ? cJSON_PrintUnformatted(name) : NULL;
	if (!text)
		bug("no memory for a name");
	fprintf(out, "%s:{\"dtype\":\"%s\",\"shape\":[", text, v->data->dtype == DT_F32 ? "F32" : v->data->dtype == DT_F16 ? "F16" : "BF16");
	for (int i = 0; i < v->data->rank; i++)
		fprintf(out, "%s%" PRId64, i ? "," : "", v->data->dim[i]);
	fprintf(out, "],\"data_offsets\":[%" PRId64 ",%" PRId64 "]}", at, at + stored_bytes(v->data));
	free(text);
	cJSON_Delete(name);
}

static char *make_header(const Graph *g, size_t *size)
{
	char *header;
	FILE *f = open_memstream(&header, size);
	int64_t at = 0;
	if (!f)
		bug("no memory for a header");
	for (int i = 0; i < g->nvalue; i++) {
		const Value *v = g->value[i];
		if (!v->data || !safetensors_holds(v->data))
			continue;
		fputc(at ? ',' : '{', f);
		write_entry(v, at, f);
		at += stored_bytes(v->data);
	}
	fputs(at ? "}" : "{}", f);
	while ((ftell(f) + 8) % 8)
		fputc(' ', f);
	fclose(f);
	return header;
}

bool safetensors_write(const Graph *g, FILE *out)
{
	size_t size;
	char *header = make_header(g, &size);
	for (int i = 0; i < 8; i++)
		fputc((int)((uint64_t)size >> 8 * i & 255), out);
	fwrite(header, 1, size, out);
	free(header);
	Arena *scratch = arena_new();
	for (int i = 0; i < g->nvalue && !ferror(out); i++) {
		const Blob *b = g->value[i]->data;
		if (!b || !safetensors_holds(b))
			continue;
		fwrite(blob_read_raw(b, scratch), 1, (size_t)stored_bytes(b), out);
		arena_reset(scratch);
	}
	arena_free(scratch);
	return !ferror(out);
}
