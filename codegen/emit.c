/* emit.c -- which files there are, and what goes into each. Where they are is for others to know (EmitFiles). */
#include "codegen/emission.h"
#include "ir/crc32.h"
#include "ir/memory_text.h"

#include <stdlib.h>
#include <string.h>

typedef struct WeightsFile {
	FILE *file;
	uint32_t crc; /* of what follows the head of NAME.weights */
} WeightsFile;

static bool write_weights(void *context, const void *bytes, size_t size)
{
	WeightsFile *f = context;
	f->crc = crc32_add(f->crc, bytes, size);
	return fwrite(bytes, 1, size, f->file) == size;
}

static bool discard(void *context, const void *bytes, size_t size)
{
	(void)context, (void)bytes, (void)size;
	return true;
}

static void write_head(const Emission *e, const WeightsFile *f)
{
	unsigned char head[WEIGHTS_HEAD] = {0};
	weights_mark(e, head);
	for (int i = 0; i < 4; i++)
		head[16 + i] = (unsigned char)(crc32_end(f->crc) >> 8 * i);
	if (!fseek(f->file, 0, SEEK_SET))
		fwrite(head, 1, sizeof head, f->file);
}

/* Structure by the printed graph, content by the bytes that are written. */
static void hash_model(Emission *e)
{
	MemoryText m;
	graph_print(e->graph, memory_text_open(&m), (PrintOptions){.no_plans = true});
	char *text = memory_text_close(&m);
	e->model_hash = hash_bytes(e->weights_hash, text, m.size);
	free(text);
}

/* A write that fails stays known to the stream; whoever gave it to us looks. False when there is no stream. */
static bool make_weights_file(Emission *e, const EmitFiles *files)
{
	WeightsFile f = {files->open(files->context, ".weights", e->diag), CRC32_BEGIN};
	if (!f.file)
		return false;
	setvbuf(f.file, NULL, _IONBF, 0);                         /* pieces are large */
	fwrite((char[WEIGHTS_HEAD]){0}, 1, WEIGHTS_HEAD, f.file); /* its place */
	const bool good = weights_stream(e, write_weights, &f, &e->weights_hash);
	hash_model(e);
	if (good)
		write_head(e, &f);
	return true;
}

static bool make_text_file(Emission *e, const EmitFiles *files, const char *suffix, void (*print)(const Emission *e, FILE *out))
{
	FILE *f = files->open(files->context, suffix, e->diag);
	if (f)
		print(e, f);
	return f != NULL;
}

static Emission emission_make(const Graph *g, const Target *t, const EmitOptions *o, Arena *a, Diag *d)
{
	Emission e = {.graph = g, .target = t, .options = o, .arena = a, .diag = d};
	e.upper = capitals_of(o->name, a);
	e.file = o->file ? o->file : o->name;
	e.device = target_is_gpu(t);
	e.detector = graph_detector(g) != NULL;
	e.weights_apart = o->weights == WEIGHTS_FILE || (g->weights_size && o->weights != WEIGHTS_ARRAY);
	e.library = graph_uses_library(g);
	e.facts = arena_new_one(a, TextFacts);
	e.facts->arena = a;
	program_make(&e);
	e.manifest = manifest_collect(&e);
	return e;
}

static void print_manifest(const Emission *e, FILE *out)
{
	e->options->manifest(e->manifest, out);
}

static void print_source(const Emission *e, FILE *out)
{
	head_print(e, out);
	fputs(e->body, out);
}

/* The source without its head, which says what the text needs. */
static char *make_body(Emission *e)
{
	MemoryText m;
	(e->device ? source_print_cuda : source_print)(e, memory_text_open(&m));
	char *text = memory_text_close(&m);
	manifest_add_facts(e, e->manifest);
	e->manifest->model_hash = e->model_hash;
	e->manifest->weights_hash = e->weights_hash;
	e->body = text;
	return text;
}

const Manifest *manifest_make(const Graph *g, const Target *t, const EmitOptions *o, Arena *a)
{
	Emission e = emission_make(g, t, o, a, NULL);
	free(make_body(&e));
	return e.manifest;
}

char *source_text(const Graph *g, const Target *t, const EmitOptions *o)
{
	Arena *a = arena_new();
	Emission e = emission_make(g, t, o, a, NULL);
	char *text = make_body(&e);
	arena_free(a);
	return text;
}

/* The source comes last. */
static bool make_files(Emission *e, const EmitFiles *files)
{
	const Graph *g = e->graph;
	const WeightsForm form = e->options->weights;
	if (e->weights_apart && !make_weights_file(e, files))
		return false;
	if (!e->weights_apart) {
		weights_stream(e, discard, NULL, &e->weights_hash);
		hash_model(e);
	}
	if (g->weights_size && form == WEIGHTS_OBJECT && !make_text_file(e, files, "_weights.S", assembly_print))
		return false;
	if (g->weights_size && form == WEIGHTS_ARRAY && !make_text_file(e, files, "_weights.c", array_print))
		return false;
	char *body = make_body(e);
	const bool good = make_text_file(e, files, ".h", header_print) &&
	                  (!e->options->manifest || make_text_file(e, files, ".manifest.json", print_manifest)) &&
	                  make_text_file(e, files, e->target->suffix, print_source);
	free(body);
	return good;
}

bool emit_source(const Graph *g, const Target *t, const EmitOptions *o, const EmitFiles *files, Diag *d)
{
	Emission e = emission_make(g, t, o, arena_new(), d);
	const bool good = make_files(&e, files);
	arena_free(e.arena);
	return good;
}
