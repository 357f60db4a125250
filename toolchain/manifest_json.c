/* manifest_json.c -- see manifest_json.h. Every key is always there; the stack, which is measured last, is the last one. */
#include "toolchain/manifest_json.h"
#include "base/files.h"
#include "base/json_write.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void hash(JsonWriter *w, uint64_t hash, Arena *a)
{
	json_text(w, "hash", arena_printf(a, "%016llx", (unsigned long long)hash));
}

static void names(JsonWriter *w, const char *key, const char *const *name, int n)
{
	json_list(w, key);
	for (int i = 0; i < n; i++)
		json_text(w, NULL, name[i]);
	json_list_end(w);
}

static void parts(JsonWriter *w, const ManifestObject *o)
{
	json_list(w, "parts");
	for (int i = 0; i < o->nparts; i++) {
		json_object(w, NULL);
		json_text(w, "name", o->part[i].name);
		json_text(w, "use", o->part[i].use);
		json_number(w, "bytes", (double)o->part[i].size);
		json_object_end(w);
	}
	json_list_end(w);
}

static void storage(JsonWriter *w, const Manifest *m, Storage s)
{
	json_object(w, storage_names[s]);
	json_number(w, "bytes", (double)manifest_bytes(m, s));
	json_list(w, "objects");
	for (int i = 0; i < m->nobject; i++) {
		const ManifestObject *x = &m->object[i];
		if (x->storage != s)
			continue;
		json_object(w, NULL);
		json_text(w, "name", x->name);
		json_text(w, "use", x->use);
		json_number(w, "bytes", (double)x->size);
		json_number(w, "alignment", x->alignment);
		parts(w, x);
		json_object_end(w);
	}
	json_list_end(w);
	json_object_end(w);
}

static void weights(JsonWriter *w, const Manifest *m, Arena *a)
{
	json_object(w, "weights");
	json_text(w, "form", m->weights_form);
	json_number(w, "bytes", (double)m->weights_size);
	hash(w, m->weights_hash, a);
	json_object_end(w);
}

static void numbers(JsonWriter *w, const Manifest *m)
{
	const Precision *p = &m->target->chosen;
	json_object(w, "numbers");
	json_text(w, "precision", p->name);
	json_text(w, "sums", "f32");
	json_text(w, "contraction", *m->contraction ? m->contraction : "unstated");
	json_number(w, "winograd_layers", m->winograd);
	json_number(w, "vector", m->target->vector);
	json_bool(w, "vendor_library", m->library);
	json_object_end(w);
}

static void macs(JsonWriter *w, const Manifest *m, Arena *a)
{
	json_object(w, "macs");
	json_number(w, "total", (double)m->macs);
	json_list(w, "layers");
	for (int i = 0; i < m->nlayer; i++) {
		json_object(w, NULL);
		json_text(w, "layer", utf8_valid(m->layer[i].layer, a));
		json_text(w, "kernel", m->layer[i].kernel);
		json_number(w, "macs", (double)m->layer[i].macs);
		json_object_end(w);
	}
	json_list_end(w);
	json_object_end(w);
}

static void places(JsonWriter *w, const Manifest *m, Arena *a)
{
	json_list(w, "places");
	for (int i = 0; i < m->places.n; i++) {
		const BufferPlace *p = &m->places.place[i];
		json_object(w, NULL);
		json_text(w, "layer", utf8_valid(p->layer, a));
		json_text(w, "use", p->use);
		json_text(w, "object", p->object);
		json_number(w, "offset", (double)p->offset);
		json_number(w, "bytes", (double)p->size);
		json_object_end(w);
	}
	json_list_end(w);
}

static void model(JsonWriter *w, const Manifest *m, Arena *a)
{
	json_object(w, "model");
	json_text(w, "name", utf8_valid(m->model, a));
	hash(w, m->model_hash, a);
	json_object_end(w);
}

static void symbols(JsonWriter *w, const Manifest *m)
{
	json_object(w, "symbols");
	names(w, "defined", m->defined, m->ndefined);
	names(w, "needed", m->needed, m->nneeded);
	json_object_end(w);
}

static const char no_stack[] = "\t\"stack\":\tnull\n}\n"; /* how a manifest without it ends */

void manifest_json(const Manifest *m, FILE *out)
{
	Arena *a = arena_new();
	JsonWriter w = {.out = out};
	json_object(&w, NULL);
	json_number(&w, "manifest", MANIFEST_VERSION);
	json_text(&w, "name", m->options->name);
	json_text(&w, "tool", m->options->tool);
	model(&w, m, a);
	json_text(&w, "options", utf8_valid(m->options->settings, a));
	json_text(&w, "target", m->target->name);
	json_text(&w, "profile", m->target->profile);
	json_list(&w, "flags");
	for (int i = 0; m->target->cflags[i]; i++)
		json_text(&w, NULL, m->target->cflags[i]);
	json_list_end(&w);
	numbers(&w, m);
	weights(&w, m, a);
	json_number(&w, "pointer_bytes", m->pointer_bytes);
	for (int s = 0; s < STORAGE_COUNT; s++)
		storage(&w, m, (Storage)s);
	places(&w, m, a);
	macs(&w, m, a);
	symbols(&w, m);
	json_null(&w, "stack");
	json_object_end(&w);
	fputc('\n', out);
	arena_free(a);
}

/* ---- the stack ---- */

static int count_of(const char *const *list)
{
	int n = 0;
	while (list[n])
		n++;
	return n;
}

static void stack(JsonWriter *w, const StackUse *s)
{
	json_object(w, "stack");
	if (s->unknown)
		json_null(w, "bytes");
	else
		json_number(w, "bytes", (double)s->bytes);
	json_text(w, "unknown", s->unknown ? s->unknown : "");
	json_text(w, "compiler", s->compiler);
	json_text(w, "flags", s->flags);
	json_list(w, "entries");
	for (int i = 0; i < s->nentry && !s->unknown; i++) {
		json_object(w, NULL);
		json_text(w, "name", s->entry[i].name);
		json_number(w, "bytes", (double)s->entry[i].bytes);
		names(w, "path", s->entry[i].path, count_of(s->entry[i].path));
		json_object_end(w);
	}
	json_list_end(w);
	names(w, "not_counted", s->outside, s->outside ? count_of(s->outside) : 0);
	json_object_end(w);
}

bool manifest_json_add_stack(const char *path, const StackUse *s, Arena *a, Diag *d)
{
	enum { LIMIT = 1 << 28 };
	size_t size = 0;
	const size_t end = strlen(no_stack);
	char *text = file_text(path, LIMIT, &size, a, d);
	if (!text)
		return false;
	if (size < end || strcmp(text + size - end, no_stack))
		bug("a manifest does not end with its stack");
	FILE *f = fopen(path, "wbe");
	bool good = f != NULL;
	if (f) {
		JsonWriter w = {.out = f, .depth = 1};
		fwrite(text, 1, size - end, f);
		stack(&w, s);
		fputs("\n}\n", f);
		good = !ferror(f);
		good = !fclose(f) && good;
	}
	if (!good)
		diag_error(d, file_error_class(errno), (Loc){.file = path, .offset = -1}, "cannot write: %s", strerror(errno));
	return good;
}
