/* emit.c -- writes the files: everything goes to NAME.x.tmp first and gets its name when all are complete. */
#include "codegen/emit.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct OutFile {
	const char *path, *temporary;
	FILE *file;
	bool good;
	uint32_t crc; /* of what follows the head, WEIGHTS_FILE only */
} OutFile;

static void out_open(Emission *e, OutFile *f, const char *dir, const char *suffix)
{
	f->path = arena_printf(e->arena, "%s/%s%s", dir, e->options->name, suffix);
	f->temporary = arena_printf(e->arena, "%s.%ld.tmp", f->path, (long)getpid());
	f->file = fopen(f->temporary, "wb");
	f->good = f->file != NULL;
	if (!f->good)
		diag_error(e->diag, DIAG_IO, (Loc){.file = f->path, .offset = -1}, "cannot write: %s", strerror(errno));
}

static void out_close(Emission *e, OutFile *f)
{
	if (!f->file)
		return;
	bool good = !ferror(f->file);
	if (fclose(f->file))
		good = false;
	if (!good && f->good)
		diag_error(e->diag, DIAG_IO, (Loc){.file = f->path, .offset = -1}, "cannot write: %s", strerror(errno));
	f->good = f->good && good;
	f->file = NULL;
}

static uint32_t crc32_of(uint32_t crc, const unsigned char *p, size_t n)
{
	static const uint32_t nibble[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
					    0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
					    0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		crc = crc >> 4 ^ nibble[crc & 15];
		crc = crc >> 4 ^ nibble[crc & 15];
	}
	return crc;
}

static bool write_weights(void *context, const void *bytes, size_t size)
{
	OutFile *f = context;
	f->crc = crc32_of(f->crc, bytes, size);
	return fwrite(bytes, 1, size, f->file) == size;
}

static bool write_plain(void *context, const void *bytes, size_t size)
{
	return fwrite(bytes, 1, size, ((OutFile *)context)->file) == size;
}

static bool discard(void *context, const void *bytes, size_t size)
{
	(void)context, (void)bytes, (void)size;
	return true;
}

/* Magic, model hash, CRC; 64 bytes. */
static void write_head(const Emission *e, OutFile *f)
{
	unsigned char head[64] = "DSSDCW1";
	for (int i = 0; i < 8; i++)
		head[8 + i] = (unsigned char)(e->model_hash >> 8 * i);
	for (int i = 0; i < 4; i++)
		head[16 + i] = (unsigned char)((f->crc ^ 0xffffffffu) >> 8 * i);
	if (fseek(f->file, 0, SEEK_SET) || fwrite(head, 1, sizeof head, f->file) != sizeof head)
		f->good = false;
}

static void hash_model(Emission *e)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	if (!f)
		bug("no memory for the model hash");
	/* structure by the printed graph, content by the bytes that are written */
	graph_print(e->graph, f, (PrintOptions){0});
	fclose(f);
	e->model_hash = hash_bytes(e->weights_hash, text, size);
	free(text);
}

static void print_weights_file(Emission *e, OutFile *f, const char *dir)
{
	WeightsForm form = e->options->weights;
	if (!e->graph->weights_size || form == WEIGHTS_ARRAY) {
		weights_stream(e, discard, NULL); /* for the hash */
		hash_model(e);
		return;
	}
	out_open(e, f, dir, ".weights");
	if (!f->good)
		return;
	setvbuf(f->file, NULL, _IONBF, 0); /* pieces are large */
	f->crc = 0xffffffffu;
	if (form == WEIGHTS_FILE)
		f->good = !fseek(f->file, 64, SEEK_SET);
	if (!weights_stream(e, form == WEIGHTS_FILE ? write_weights : write_plain, f))
		diag_error(e->diag, DIAG_IO, (Loc){.file = f->path, .offset = -1}, "cannot write: %s", strerror(errno));
	hash_model(e);
	if (form == WEIGHTS_FILE)
		write_head(e, f);
	out_close(e, f);
}

static void finish(Emission *e, OutFile *file, int n)
{
	bool good = !diag_errors(e->diag);
	for (int i = 0; i < n; i++)
		good = good && (!file[i].path || file[i].good);
	for (int i = 0; i < n; i++) {
		if (!file[i].path)
			continue;
		if (!good)
			unlink(file[i].temporary);
		else if (rename(file[i].temporary, file[i].path))
			diag_error(e->diag, DIAG_IO, (Loc){.file = file[i].path, .offset = -1}, "cannot write: %s", strerror(errno));
	}
}

bool emit_c(const Graph *g, const Target *t, const EmitOptions *o, const char *dir, Diag *d)
{
	int before = diag_errors(d);
	Emission e = {.graph = g, .target = t, .options = o, .arena = arena_new(), .diag = d};
	char *upper = arena_strdup(e.arena, o->name);
	for (char *p = upper; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	e.upper = upper;
	e.detector = g->noutput == 1 && g->output[0]->def && g->output[0]->def->op == OP_detect && g->ninput == 1;
	OutFile file[3] = {{0}};
	instances_collect(&e);
	print_weights_file(&e, &file[0], dir);
	out_open(&e, &file[1], dir, ".h");
	if (file[1].good)
		header_print(&e, file[1].file);
	out_close(&e, &file[1]);
	out_open(&e, &file[2], dir, ".c");
	if (file[2].good)
		source_print(&e, file[2].file);
	out_close(&e, &file[2]);
	finish(&e, file, 3);
	arena_free(e.arena);
	return diag_errors(d) == before;
}
