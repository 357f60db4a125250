/* import_ir.c -- IR text with what the command line adds: weights for constants of which it states only the hash, class
 * names, limits of detect. */
#include "codegen/codegen.h"
#include "base/files.h"
#include "import/import.h"
#include "import/formats/safetensors.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

/* ---- weights from a file ---- */

static void bind_constant(Graph *g, Value *v, Safetensors *s, const char *file, Arena *scratch, Diag *d)
{
	const Type *t = &v->type;
	const Loc loc = {.file = file, .offset = -1};
	if (!v->name) {
		diag_error(d, DIAG_REJECT, loc, "constant %%%d of '%s' has no name to find a tensor by", v->id, g->name);
		return;
	}
	Blob *b = safetensors_blob(s, v->name, t->rank, t->dim, weight_channel_axis(v), d);
	if (!b)
		return;
	if (b->dtype != t->dtype)
		diag_error(d, DIAG_REJECT, loc, "tensor '%s' has elements of type %s; the IR text says %s", diag_quote(scratch, v->name),
		           dtype_name(b->dtype), dtype_name(t->dtype));
	else if (blob_hash(b, scratch) != v->data->hash)
		diag_error(d, DIAG_REJECT, loc, "tensor '%s' is another: its hash is %016llx, the IR text says %016llx",
		           diag_quote(scratch, v->name), (unsigned long long)b->hash, (unsigned long long)v->data->hash);
	else
		v->data = b;
	arena_reset(scratch);
}

static bool is_elided(const Value *v)
{
	return value_is_constant(v) && v->data->kind == BLOB_ELIDED;
}

/* A file found beside the text was written with it, or by somebody else. */
static bool is_pair(const Safetensors *s, const char *text_file, const char *file, uint64_t hash, Diag *d)
{
	char want[ORIGIN_TEXT];
	const char *origin = safetensors_origin(s);
	if (!origin || !strcmp(origin, safetensors_origin_text(hash, want)))
		return true;
	diag_error(d, DIAG_REJECT, (Loc){.file = text_file, .offset = -1},
	           "this text and %s do not come from one dssdc import: import the model again, or say --weights=%s when the text was "
	           "changed on purpose",
	           file, file);
	return false;
}

/* text_file: the text with that hash, beside which the weights were found; null: somebody named them. */
static void bind_constants(Graph *g, const char *file, const char *text_file, uint64_t hash, Diag *d)
{
	int64_t size;
	int fd = file_open(file, true, &size, d);
	Safetensors *s = fd >= 0 ? safetensors_open(g, fd, size, arena_strdup(g->arena, file), d) : NULL;
	if (!s || (text_file && !is_pair(s, text_file, file, hash, d)))
		return;
	Arena *scratch = arena_new();
	int before = diag_errors(d);
	for (int i = 0; i < g->nvalue; i++)
		if (is_elided(g->value[i]))
			bind_constant(g, g->value[i], s, file, scratch, d);
	if (diag_errors(d) == before)
		safetensors_warn_unused(s, d);
	arena_free(scratch);
}

/* The text states the numbers of all of its constants: weights of a file would go nowhere, and none can be made up. */
static bool states_all_numbers(const Graph *g)
{
	int constants = 0;
	for (int i = 0; i < g->nvalue; i++) {
		if (is_elided(g->value[i]))
			return false;
		constants += value_is_constant(g->value[i]);
	}
	return constants > 0;
}

/* NAME.safetensors beside NAME.ir, as dssdc import writes it, when there are constants to find; else null. */
static const char *weights_beside(const Graph *g, const char *path)
{
	size_t n = strlen(path);
	bool elided = false;
	for (int i = 0; i < g->nvalue; i++)
		elided |= is_elided(g->value[i]);
	if (!elided || n < 4 || strcmp(path + n - 3, ".ir"))
		return NULL;
	const char *beside = arena_printf(g->arena, "%.*s.safetensors", (int)(n - 3), path);
	return access(beside, F_OK) ? NULL : beside;
}

Graph *import_ir(const char *path, const char *text, size_t size, const ImportOptions *o, Diag *d)
{
	int before = diag_errors(d);
	Graph *g = graph_parse(path, text, size, kernel_by_name, d);
	if (!g)
		return NULL;
	if ((o->weights || o->random) && states_all_numbers(g))
		diag_error(d, DIAG_REJECT, (Loc){.file = path, .offset = -1},
		           "%s is for IR text without the numbers of its constants; this text has them all",
		           o->weights ? "--weights" : "--random-weights");
	const char *beside = o->weights || o->random ? NULL : weights_beside(g, path);
	if (o->weights)
		bind_constants(g, o->weights, NULL, 0, d);
	else if (beside)
		bind_constants(g, beside, path, hash_bytes(0, text, size), d);
	import_finish(g, o, d);
	if (diag_errors(d) == before)
		return g;
	graph_free(g);
	return NULL;
}
