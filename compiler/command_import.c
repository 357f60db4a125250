/* command_import.c -- dssdc import: a model in our own form, IR text and, beside it, weights as safetensors.
 *
 * The text refers to the weights by name and hash, and the weights carry the hash of the text, so that neither can be exchanged
 * without the other. Both are read again before they appear. */
#include "compiler/commands.h"
#include "base/files.h"
#include "import/import.h"
#include "compiler/model.h"
#include "base/output_set.h"
#include "import/weights_missing.h"
#include "import/formats/safetensors.h"
#include "ir/memory_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare_names(const void *a, const void *b)
{
	const Value *x = *(Value *const *)a, *y = *(Value *const *)b;
	int order = strcmp(x->name, y->name);
	return order ? order : (x->id > y->id) - (x->id < y->id);
}

/* Every weight gets a name of its own: those without one, and the second of two, one made of its number. */
static void name_weights(Graph *g, Arena *a)
{
	Value **weight = arena_new_array(a, Value *, g->nvalue + 1);
	int n = 0;
	for (int i = 0; i < g->nvalue; i++) {
		Value *v = g->value[i];
		if (!value_is_constant(v) || !safetensors_holds(v->data))
			continue;
		if (!v->name || !*v->name || !strcmp(v->name, "__metadata__"))
			v->name = arena_printf(g->arena, "constant.%d", v->id);
		weight[n++] = v;
	}
	qsort(weight, (size_t)n, sizeof *weight, compare_names);
	const char *last = NULL;
	for (int i = 0; i < n; i++)
		if (last && !strcmp(last, weight[i]->name))
			weight[i]->name = arena_printf(g->arena, "%s.%d", last, weight[i]->id);
		else
			last = weight[i]->name;
}

/* From here on the constants are those of the new file: it is read back, and the hashes in the text are its own. */
static bool bind_weights(Graph *g, const char *path, Diag *d)
{
	int64_t size;
	int before = diag_errors(d), fd = file_open(path, true, &size, d);
	Safetensors *s = fd >= 0 ? safetensors_open(g, fd, size, arena_strdup(g->arena, path), d) : NULL;
	for (int i = 0; s && i < g->nvalue; i++) {
		Value *v = g->value[i];
		if (!value_is_constant(v) || !safetensors_holds(v->data))
			continue;
		Blob *b = safetensors_blob(s, v->name, v->type.rank, v->type.dim, -1, d);
		if (!b)
			break;
		v->data = b;
		v->type.dtype = b->dtype;
	}
	return diag_errors(d) == before;
}

static bool has_weights(const Graph *g)
{
	for (int i = 0; i < g->nvalue; i++)
		if (value_is_constant(g->value[i]) && safetensors_holds(g->value[i]->data))
			return true;
	return false;
}

typedef struct Import {
	OutputSet *set;
	const char *text, *weights; /* where both files wait; weights null: there are none */
	Arena *a;
	Diag *d;
} Import;

static bool write_weights(Import *im, Graph *g, const char *path)
{
	FILE *f = output_set_open(im->set, path);
	if (!f)
		return false;
	name_weights(g, im->a);
	safetensors_write(g, f);
	im->weights = output_set_close(im->set, f);
	return im->weights && bind_weights(g, im->weights, im->d);
}

/* The file of weights learns with which text it belongs together. */
static bool write_origin(const Import *im, uint64_t hash)
{
	FILE *f = fopen(im->weights, "r+be");
	bool good = f && safetensors_write_origin(f, hash);
	int error = errno;
	if (f && fclose(f) && good) {
		error = errno;
		good = false;
	}
	if (!good)
		diag_error(im->d, file_error_class(error), (Loc){.file = im->weights, .offset = -1}, "cannot write: %s", strerror(error));
	return good;
}

static bool write_text(Import *im, const Graph *g, const char *path)
{
	MemoryText m;
	FILE *f = output_set_open(im->set, path);
	if (!f)
		return false;
	graph_print(g, memory_text_open(&m), (PrintOptions){.small = true});
	char *text = memory_text_close(&m);
	fwrite(text, 1, m.size, f);
	const uint64_t hash = hash_bytes(0, text, m.size);
	free(text);
	im->text = output_set_close(im->set, f);
	return im->text && (!im->weights || write_origin(im, hash));
}

/* Nothing is written that would be refused afterwards. */
static bool reads_back(const Import *im)
{
	enum { LIMIT = 1 << 30 };
	const ImportOptions how = {.weights = im->weights, .threshold = -1, .nms = -1};
	size_t size;
	char *text = file_text(im->text, LIMIT, &size, im->a, im->d);
	Graph *g = text ? import_ir(im->text, text, size, &how, im->d) : NULL;
	if (!g)
		diag_note(im->d, (Loc){0},
		          "the model was read, but its own form cannot be: a fault of dssdc, please report it; nothing was written");
	graph_free(g);
	return g != NULL;
}

int command_import(const Options *o, Arena *a, Diag *d)
{
	size_t n = o->output ? strlen(o->output) : 0;
	if (n < 4 || strcmp(o->output + n - 3, ".ir")) {
		diag_error(d, DIAG_REJECT, (Loc){0}, "give -o NAME.ir; the weights go to NAME.safetensors");
		return diag_exit_code(d);
	}
	Graph *g = model_load(o, a, d);
	if (!g)
		return diag_exit_code(d);
	Import im = {.set = output_set_new(a, d), .a = a, .d = d};
	const bool weighty = has_weights(g);
	if ((!weighty || write_weights(&im, g, arena_printf(a, "%.*s.safetensors", (int)(n - 3), o->output))) &&
	    write_text(&im, g, o->output) && reads_back(&im)) {
		if (output_set_commit(im.set) && weights_are_missing(g))
			diag_note(d, (Loc){0},
			          "the model has no weights, so %.*s.safetensors was not written: %s is the network alone, to look at or "
			          "to compile with "
			          "--random-weights=SEED; import the model again with --weights=FILE for one that detects",
			          (int)(n - 3), o->output, o->output);
	} else {
		output_set_drop(im.set);
	}
	graph_free(g);
	return diag_exit_code(d);
}
