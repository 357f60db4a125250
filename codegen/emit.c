/* emit.c -- writes the files: everything goes to NAME.x.PID.tmp first and gets its name when all are complete. */
#include "codegen/emit.h"
#include "ir/crc32.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct OutFile {
	const char *path, *temporary;
	FILE *file;
	bool good;
	uint32_t crc; /* of what follows the head of NAME.weights */
} OutFile;

static void refuse(Emission *e, OutFile *f, const char *why)
{
	if (f->good)
		diag_error(e->diag, DIAG_IO, (Loc){.file = f->path, .offset = -1}, "cannot write: %s", why);
	f->good = false;
}

static bool is_kept(const Emission *e, const char *path)
{
	struct stat out, in;
	if (!e->options->keep || stat(path, &out))
		return false;
	for (const char *const *k = e->options->keep; *k; k++)
		if (!stat(*k, &in) && in.st_dev == out.st_dev && in.st_ino == out.st_ino)
			return true;
	return false;
}

static void out_open(Emission *e, OutFile *f, const char *dir, const char *suffix)
{
	struct stat st;
	f->path = arena_printf(e->arena, "%s/%s%s", dir, e->options->name, suffix);
	f->good = true;
	if (!lstat(f->path, &st) && S_ISDIR(st.st_mode))
		refuse(e, f, strerror(EISDIR));
	else if (is_kept(e, f->path))
		refuse(e, f, "this is a file that the model is read from");
	if (!f->good)
		return;
	f->temporary = arena_printf(e->arena, "%s.%ld.tmp", f->path, (long)getpid());
	f->file = fopen(f->temporary, "wb");
	if (!f->file)
		refuse(e, f, strerror(errno));
}

static void out_close(Emission *e, OutFile *f)
{
	if (!f->file)
		return;
	bool good = !fflush(f->file) && !ferror(f->file);
	int error = errno;
	if (fclose(f->file) && good) {
		error = errno;
		good = false;
	}
	if (!good)
		refuse(e, f, strerror(error));
	f->file = NULL;
}

static bool write_weights(void *context, const void *bytes, size_t size)
{
	OutFile *f = context;
	f->crc = crc32_add(f->crc, bytes, size);
	return fwrite(bytes, 1, size, f->file) == size;
}

static bool discard(void *context, const void *bytes, size_t size)
{
	(void)context, (void)bytes, (void)size;
	return true;
}

static bool write_head(const Emission *e, OutFile *f)
{
	unsigned char head[WEIGHTS_HEAD] = {0};
	weights_mark(e, head);
	for (int i = 0; i < 4; i++)
		head[16 + i] = (unsigned char)(crc32_end(f->crc) >> 8 * i);
	return !fseek(f->file, 0, SEEK_SET) && fwrite(head, 1, sizeof head, f->file) == sizeof head;
}

/* Structure by the printed graph, content by the bytes that are written. */
static void hash_model(Emission *e)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	if (!f)
		bug("no memory for the model hash");
	graph_print(e->graph, f, (PrintOptions){0});
	fclose(f);
	e->model_hash = hash_bytes(e->weights_hash, text, size);
	free(text);
}

static void make_weights_file(Emission *e, OutFile *f, const char *dir)
{
	out_open(e, f, dir, ".weights");
	if (!f->file)
		return;
	setvbuf(f->file, NULL, _IONBF, 0); /* pieces are large */
	f->crc = CRC32_BEGIN;
	bool good = !fseek(f->file, WEIGHTS_HEAD, SEEK_SET) && weights_stream(e, write_weights, f, &e->weights_hash);
	hash_model(e);
	if (!good || !write_head(e, f))
		refuse(e, f, strerror(errno));
	out_close(e, f);
}

static void make_text_file(Emission *e, OutFile *f, const char *dir, const char *suffix,
                           void (*print)(const Emission *e, FILE *out))
{
	out_open(e, f, dir, suffix);
	if (f->file)
		print(e, f->file);
	out_close(e, f);
}

/* All or nothing, as far as the file system lets us: what could refuse a rename was looked at when files were opened.
 * The source comes last. */
static void finish(Emission *e, OutFile *file, int n)
{
	bool good = true;
	for (int i = 0; i < n; i++)
		good = good && (!file[i].path || file[i].good);
	for (int i = 0; i < n; i++) {
		if (!file[i].temporary)
			continue;
		if (good && rename(file[i].temporary, file[i].path)) {
			refuse(e, &file[i], strerror(errno));
			good = false;
		}
		if (!good)
			unlink(file[i].temporary);
	}
}

static Emission emission_make(const Graph *g, const Target *t, const EmitOptions *o, Arena *a, Diag *d)
{
	Emission e = {.graph = g, .target = t, .options = o, .arena = a, .diag = d};
	char *upper = arena_strdup(a, o->name);
	for (char *p = upper; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	e.upper = upper;
	e.device = strcmp(t->language, "c") != 0;
	e.detector = graph_detector(g) != NULL;
	e.weights_apart = o->weights == WEIGHTS_FILE || (g->weights_size && o->weights != WEIGHTS_ARRAY);
	e.library = graph_uses_library(g);
	if (e.device)
		e.queues = device_queues(g, a);
	instances_collect(&e);
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
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	if (!f)
		bug("no memory for the source");
	(e->device ? source_print_cuda : source_print)(e, f);
	if (fclose(f))
		bug("no memory for the source");
	manifest_read(e, e->manifest, text);
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

bool emit_source(const Graph *g, const Target *t, const EmitOptions *o, const char *dir, Diag *d)
{
	enum { FILES = 5 };
	int before = diag_errors(d);
	Emission e = emission_make(g, t, o, arena_new(), d);
	OutFile file[FILES] = {{0}};
	if (e.weights_apart) {
		make_weights_file(&e, &file[0], dir);
	} else {
		weights_stream(&e, discard, NULL, &e.weights_hash);
		hash_model(&e);
	}
	if (g->weights_size && o->weights == WEIGHTS_OBJECT)
		make_text_file(&e, &file[1], dir, "_weights.S", assembly_print);
	if (g->weights_size && o->weights == WEIGHTS_ARRAY)
		make_text_file(&e, &file[1], dir, "_weights.c", array_print);
	char *body = make_body(&e);
	make_text_file(&e, &file[2], dir, ".h", header_print);
	if (o->manifest)
		make_text_file(&e, &file[3], dir, ".manifest.json", print_manifest);
	make_text_file(&e, &file[4], dir, t->suffix, print_source);
	finish(&e, file, FILES);
	free(body);
	arena_free(e.arena);
	return diag_errors(d) == before;
}
