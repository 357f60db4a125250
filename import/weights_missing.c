/* weights_missing.c -- the error for a model without weights. Where dssdc looks for a file of weights depends on the kind of model; the
 * message names the file. */
#include "import/weights_missing.h"
#include "base/files.h"
#include "import/import.h"
#include "import/model_kind.h"

#include <string.h>

bool weights_are_missing(const Graph *g)
{
	for (int i = 0; i < g->nvalue; i++)
		if (value_is_constant(g->value[i]) && g->value[i]->data->kind == BLOB_ELIDED)
			return true;
	return false;
}

/* NAME.safetensors for NAME.ir, the pair that dssdc import writes; null for other names. */
static const char *beside_text(const char *path, Arena *a)
{
	const size_t n = strlen(path);
	return file_has_ending(path, ".ir") ? arena_printf(a, "%.*s.safetensors", (int)(n - 3), path) : NULL;
}

void weights_missing_report(const char *model, Diag *d)
{
	const Loc loc = {.file = model, .offset = -1};
	Arena *a = arena_new();
	Diag silent = {.out = NULL};
	const ModelKind kind = model_kind(model, a, &silent);
	const char *beside = !strcmp(model, "-")   ? NULL
	                     : kind == MODEL_CAFFE ? import_caffe_weights(model, a)
	                     : kind == MODEL_IR    ? beside_text(model, a)
	                                           : NULL;
	diag_error(d, DIAG_REJECT, loc, "the model has no weights: give --weights=FILE or --random-weights=SEED");
	if (kind == MODEL_CARD)
		diag_note(d, loc,
		          "the card names no file of weights: the cards that come with dssdc have none, but for those "
		          "that models/README.md calls trained");
	else if (beside)
		diag_note(d, loc, "there is no %s, which was looked for beside it", beside);
	else
		diag_note(d, loc, "it has no name by which weights beside it could be looked for");
	arena_free(a);
}
