/* report_manifest.c -- see report_manifest.h. Every key is always there. */
#include "compiler/report/report_manifest.h"
#include "compiler/files.h"
#include "compiler/report/report_utf8.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void add_hash(cJSON *o, const char *key, uint64_t hash, Arena *a)
{
	cJSON_AddStringToObject(o, key, arena_printf(a, "%016llx", (unsigned long long)hash));
}

static cJSON *names(const char *const *name, int n)
{
	cJSON *list = cJSON_CreateArray();
	for (int i = 0; i < n; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(name[i]));
	return list;
}

static cJSON *parts(const ManifestObject *o)
{
	cJSON *list = cJSON_CreateArray();
	for (int i = 0; i < o->nparts; i++) {
		cJSON *p = cJSON_CreateObject();
		cJSON_AddStringToObject(p, "name", o->part[i].name);
		cJSON_AddStringToObject(p, "use", o->part[i].use);
		cJSON_AddNumberToObject(p, "bytes", (double)o->part[i].size);
		cJSON_AddItemToArray(list, p);
	}
	return list;
}

static cJSON *storage(const Manifest *m, Storage s)
{
	cJSON *o = cJSON_CreateObject(), *list = cJSON_CreateArray();
	cJSON_AddNumberToObject(o, "bytes", (double)manifest_bytes(m, s));
	for (int i = 0; i < m->nobject; i++) {
		const ManifestObject *x = &m->object[i];
		if (x->storage != s)
			continue;
		cJSON *row = cJSON_CreateObject();
		cJSON_AddStringToObject(row, "name", x->name);
		cJSON_AddStringToObject(row, "use", x->use);
		cJSON_AddNumberToObject(row, "bytes", (double)x->size);
		cJSON_AddNumberToObject(row, "alignment", x->alignment);
		cJSON_AddItemToObject(row, "parts", parts(x));
		cJSON_AddItemToArray(list, row);
	}
	cJSON_AddItemToObject(o, "objects", list);
	return o;
}

static cJSON *weights(const Manifest *m, Arena *a)
{
	cJSON *o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "form", m->weights_form);
	cJSON_AddNumberToObject(o, "bytes", (double)m->weights_size);
	add_hash(o, "hash", m->weights_hash, a);
	return o;
}

static cJSON *numbers(const Manifest *m)
{
	const Precision *p = &m->target->chosen;
	cJSON *o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "precision", p->name);
	cJSON_AddStringToObject(o, "sums", "f32");
	cJSON_AddStringToObject(o, "contraction", *m->contraction ? m->contraction : "unstated");
	cJSON_AddNumberToObject(o, "winograd_layers", m->winograd);
	cJSON_AddNumberToObject(o, "vector", m->target->vector);
	cJSON_AddBoolToObject(o, "vendor_library", m->library);
	return o;
}

static cJSON *macs(const Manifest *m, Arena *a)
{
	cJSON *o = cJSON_CreateObject(), *list = cJSON_CreateArray();
	cJSON_AddNumberToObject(o, "total", (double)m->macs);
	for (int i = 0; i < m->nlayer; i++) {
		cJSON *row = cJSON_CreateObject();
		cJSON_AddStringToObject(row, "layer", report_utf8(m->layer[i].layer, a));
		cJSON_AddStringToObject(row, "kernel", m->layer[i].kernel);
		cJSON_AddNumberToObject(row, "macs", (double)m->layer[i].macs);
		cJSON_AddItemToArray(list, row);
	}
	cJSON_AddItemToObject(o, "layers", list);
	return o;
}

static cJSON *places(const Manifest *m, Arena *a)
{
	cJSON *list = cJSON_CreateArray();
	for (int i = 0; i < m->places.n; i++) {
		const BufferPlace *p = &m->places.place[i];
		cJSON *row = cJSON_CreateObject();
		cJSON_AddStringToObject(row, "layer", report_utf8(p->layer, a));
		cJSON_AddStringToObject(row, "use", p->use);
		cJSON_AddStringToObject(row, "object", p->object);
		cJSON_AddNumberToObject(row, "offset", (double)p->offset);
		cJSON_AddNumberToObject(row, "bytes", (double)p->size);
		cJSON_AddItemToArray(list, row);
	}
	return list;
}

static cJSON *model(const Manifest *m, Arena *a)
{
	cJSON *o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "name", report_utf8(m->model, a));
	add_hash(o, "hash", m->model_hash, a);
	return o;
}

static cJSON *symbols(const Manifest *m)
{
	cJSON *o = cJSON_CreateObject();
	cJSON_AddItemToObject(o, "defined", names(m->defined, m->ndefined));
	cJSON_AddItemToObject(o, "needed", names(m->needed, m->nneeded));
	return o;
}

static void print(const cJSON *o, FILE *out)
{
	char *text = cJSON_Print(o);
	if (text)
		fprintf(out, "%s\n", text);
	free(text);
}

void report_manifest(const Manifest *m, FILE *out)
{
	Arena *a = arena_new();
	cJSON *o = cJSON_CreateObject();
	cJSON_AddNumberToObject(o, "manifest", MANIFEST_VERSION);
	cJSON_AddStringToObject(o, "name", m->options->name);
	cJSON_AddStringToObject(o, "tool", m->options->tool);
	cJSON_AddItemToObject(o, "model", model(m, a));
	cJSON_AddStringToObject(o, "options", report_utf8(m->options->settings, a));
	cJSON_AddStringToObject(o, "target", m->target->name);
	cJSON_AddStringToObject(o, "profile", m->target->profile);
	cJSON_AddItemToObject(o, "numbers", numbers(m));
	cJSON_AddItemToObject(o, "weights", weights(m, a));
	cJSON_AddNumberToObject(o, "pointer_bytes", POINTER_BYTES);
	for (int s = 0; s < STORAGE_COUNT; s++)
		cJSON_AddItemToObject(o, storage_names[s], storage(m, (Storage)s));
	cJSON_AddItemToObject(o, "places", places(m, a));
	cJSON_AddItemToObject(o, "macs", macs(m, a));
	cJSON_AddItemToObject(o, "symbols", symbols(m));
	cJSON_AddItemToObject(o, "stack", cJSON_CreateNull());
	print(o, out);
	cJSON_Delete(o);
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

static cJSON *stack(const StackUse *s)
{
	cJSON *o = cJSON_CreateObject(), *list = cJSON_CreateArray();
	if (s->unknown)
		cJSON_AddNullToObject(o, "bytes");
	else
		cJSON_AddNumberToObject(o, "bytes", (double)s->bytes);
	cJSON_AddStringToObject(o, "unknown", s->unknown ? s->unknown : "");
	cJSON_AddStringToObject(o, "compiler", s->compiler);
	cJSON_AddStringToObject(o, "flags", s->flags);
	for (int i = 0; i < s->nentry && !s->unknown; i++) {
		cJSON *row = cJSON_CreateObject();
		cJSON_AddStringToObject(row, "name", s->entry[i].name);
		cJSON_AddNumberToObject(row, "bytes", (double)s->entry[i].bytes);
		cJSON_AddItemToObject(row, "path", names(s->entry[i].path, count_of(s->entry[i].path)));
		cJSON_AddItemToArray(list, row);
	}
	cJSON_AddItemToObject(o, "entries", list);
	cJSON_AddItemToObject(o, "not_counted", names(s->outside, s->outside ? count_of(s->outside) : 0));
	return o;
}

bool report_manifest_add_stack(const char *path, const StackUse *s, Arena *a, Diag *d)
{
	enum { LIMIT = 1 << 28 };
	size_t size = 0;
	char *text = file_text(path, LIMIT, &size, a, d);
	cJSON *o = text ? cJSON_ParseWithLength(text, size) : NULL;
	FILE *f = o ? fopen(path, "wb") : NULL;
	bool good = false;
	if (f) {
		cJSON_ReplaceItemInObjectCaseSensitive(o, "stack", stack(s));
		print(o, f);
		good = !ferror(f);
		good = !fclose(f) && good;
	}
	if (!good && text)
		diag_error(d, DIAG_IO, (Loc){.file = path, .offset = -1}, "cannot write: %s", strerror(errno));
	cJSON_Delete(o);
	return good;
}
