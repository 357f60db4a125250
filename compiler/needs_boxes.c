/* needs_boxes.c -- an executable takes a photograph and prints boxes. A network that ends in tensors can be made one by
 * a fragment, which goes by the names of these tensors: so the message has them. */
#include "compiler/needs_boxes.h"
#include "ir/text.h"

enum { MOST_SHOWN = 6 };

static const char *tensors_text(Value *const *v, int n, Arena *a)
{
	const char *text = "";
	char type[TYPE_TEXT];
	for (int i = 0; i < n && i < MOST_SHOWN; i++) {
		const char *name = v[i]->name ? v[i]->name : v[i]->def ? v[i]->def->name : "";
		text = arena_printf(a, "%s%s'%s' %s", text, i ? ", " : "", diag_quote(a, name), type_format(&v[i]->type, type));
	}
	return n > MOST_SHOWN ? arena_printf(a, "%s and %d more", text, n - MOST_SHOWN) : text;
}

bool gives_boxes(const Graph *g, const Options *o, Arena *a, Diag *d)
{
	static const char need[] = "an executable needs a detector with preprocessing";
	static const char others[] = "--emit=c, obj, lib and shared take any network";
	const Loc loc = {.file = o->model, .offset = -1};
	const bool detector = graph_detector(g) != NULL;
	if (detector && g->preprocess.width > 0)
		return true;
	if (detector)
		diag_error(d, DIAG_REJECT, loc, "%s; this detector takes no image of pixels but %s; %s", need,
		           tensors_text(g->input, g->ninput, a), others);
	else
		diag_error(d, DIAG_REJECT, loc, "%s; this network ends in %s; %s", need, tensors_text(g->output, g->noutput, a), others);
	if (!detector && o->outputs.n)
		diag_note(d, loc, "--output-tensor has the program return tensors in the place of boxes");
	else if (!detector)
		diag_note(d, loc,
		          "where these are offsets of boxes and scores, --detect=FILE says how boxes come out of them: "
		          "models/README.md, which is "
		          "installed with the cards, has the words of such a fragment");
	return false;
}
