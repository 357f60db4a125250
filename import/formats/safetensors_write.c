/* safetensors_write.c -- constants of a graph as a file. The header is padded with spaces to 8 bytes. */
#include "import/formats/safetensors.h"
#include "base/json_write.h"
#include "ir/memory_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool safetensors_holds(const Blob *b)
{
	return b->kind != BLOB_ELIDED && dtype_in(b->dtype, DTYPES_TO_FLOAT32);
}

static int64_t stored_bytes(const Blob *b)
{
	return blob_count(b) * dtype_size(b->dtype);
}

static void write_entry(const Value *v, int64_t at, FILE *out)
{
	json_quoted(out, v->name);
	fprintf(out, ":{\"dtype\":\"%s\",\"shape\":[", v->data->dtype == DT_F32 ? "F32" : v->data->dtype == DT_F16 ? "F16" : "BF16");
	for (int i = 0; i < v->data->rank; i++)
		fprintf(out, "%s%" PRId64, i ? "," : "", v->data->dim[i]);
	fprintf(out, "],\"data_offsets\":[%" PRId64 ",%" PRId64 "]}", at, at + stored_bytes(v->data));
}

static const char before_origin[] = "{\"__metadata__\":{\"" ORIGIN_KEY "\":\"";
enum { PREFIX = 8 }; /* bytes in front of the header: its length */

const char *safetensors_origin_text(uint64_t hash, char text[ORIGIN_TEXT])
{
	snprintf(text, ORIGIN_TEXT, "%016" PRIx64, hash);
	return text;
}

bool safetensors_write_origin(FILE *out, uint64_t hash)
{
	char text[ORIGIN_TEXT];
	if (fseek(out, PREFIX + (long)sizeof before_origin - 1, SEEK_SET))
		return false;
	fputs(safetensors_origin_text(hash, text), out);
	return !fflush(out) && !ferror(out);
}

static char *make_header(const Graph *g, size_t *size)
{
	MemoryText m;
	char origin[ORIGIN_TEXT];
	FILE *f = memory_text_open(&m);
	int64_t at = 0;
	fputs(before_origin, f);
	fputs(safetensors_origin_text(0, origin), f);
	fputs("\"}", f);
	for (int i = 0; i < g->nvalue; i++) {
		const Value *v = g->value[i];
		if (!value_is_constant(v) || !safetensors_holds(v->data))
			continue;
		fputc(',', f);
		write_entry(v, at, f);
		at += stored_bytes(v->data);
	}
	fputc('}', f);
	fprintf(f, "%*s", (int)(7 - (memory_text_size(&m) + 7) % 8), "");
	char *header = memory_text_close(&m);
	*size = m.size;
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
