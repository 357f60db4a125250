/* command_import.c -- dssdc import: a model in our own form, IR text and, beside it, weights as safetensors.
 *
 * The text refers to the weights by name and hash, so that neither can be exchanged without the other. */
#include "compiler/commands.h"
#include "compiler/files.h"
#include "compiler/model.h"
#include "compiler/output.h"
#include "compiler/formats/safetensors.h"

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
		if (!v->data || !safetensors_holds(v->data))
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
		if (!v->data || !safetensors_holds(v->data))
			continue;
		Blob *b = safetensors_blob(s, v->name, v->type.rank, v->type.dim, -1, d);
		if (!b)
			break;
		v->data = b;
		v->type.dtype = b->dtype;
	}
	return diag_errors(d) == before;
}

static bool write_weights(Graph *g, const char *path, const char *const *keep, Arena *a, Diag *d)
{
	Output out;
	name_weights(g, a);
	return output_open(&out, path, keep, a, d) && output_close(&out, safetensors_write(g, out.file), d) && bind_weights(g, path, d);
}

static bool has_weights(const Graph *g)
{
	for (int i = 0; i < g->nvalue; i++)
		if (g->value[i]->data && safetensors_holds(g->value[i]->data))
			return true;
	return false;
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
	const char *weights = arena_printf(a, "%.*s.safetensors", (int)(n - 3), o->output);
	const char *const keep[] = {o->model, o->weights ? o->weights : o->model, NULL};
	Output out;
	bool weighty = has_weights(g);
	if ((!weighty || write_weights(g, weights, keep, a, d)) && output_open(&out, o->output, keep, a, d)) {
		graph_print(g, out.file, (PrintOptions){.small = true});
		if (output_close(&out, true, d) && !weighty)
			diag_note(d, (Loc){0}, "the model has no weights: %s refers to them by hash only", o->output);
	}
	graph_free(g);
	return diag_exit_code(d);
}
