/* model_options.c -- an option that a model's reader does not look at is refused, never passed over: the table says
 * which kinds of model have a use for it. Options that need more than a kind (a detector, an image) are refused where
 * that is known, in import.c. */
#include "compiler/model_options.h"
#include "compiler/option_table.h"

enum {
	CARD = KIND_BIT(MODEL_CARD),
	CAFFE = KIND_BIT(MODEL_CAFFE),
	ONNX = KIND_BIT(MODEL_ONNX),
	IR = KIND_BIT(MODEL_IR),
	EVERY = CARD | CAFFE | ONNX | IR,
};

static const char inside[] = ": it has its weights inside, or in files that it names itself";

const OptionKinds option_kinds[] = {
    {ROW_labels, EVERY, ""},
    {ROW_weights, EVERY & ~ONNX, inside},
    {ROW_random_weights, EVERY & ~ONNX, inside},
    {ROW_strict_weights, EVERY, ""},
    {ROW_width_divisor, CARD, ""},
    {ROW_threshold, EVERY, ""},
    {ROW_nms, EVERY, ""},
    {ROW_top_k, EVERY, ""},
    {ROW_keep_top_k, EVERY, ""},
    {ROW_classes, CARD, ""},
    {ROW_mean, EVERY, ""},
    {ROW_divisor, EVERY, ""},
    {ROW_channel_order, EVERY, ""},
    {ROW_detect, EVERY & ~CARD, ": a card's network has its boxes"},
    {ROW_box_order, ONNX, ""},
    {ROW_prior_offset, CAFFE, ""},
    {ROW_prior_sizes, CAFFE, ""},
    {ROW_skip_unknown, CAFFE, ""},
    {ROW_outputs, EVERY, ""},
    {ROW_bind, ONNX, ""},
    {ROW_dims, ONNX, ""},
};
const int option_kinds_length = sizeof option_kinds / sizeof *option_kinds;

/* "cards, Caffe networks and IR text": the kinds of a set. */
static const char *kinds_text(int kinds, Arena *a)
{
	static const struct {
		int kind;
		const char *name;
	} rows[] = {{CARD, "cards"}, {CAFFE, "Caffe networks"}, {ONNX, "ONNX models"}, {IR, "IR text"}};
	const char *text = "";
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!(kinds & rows[i].kind))
			continue;
		kinds &= ~rows[i].kind;
		text = arena_printf(a, "%s%s%s", text, !*text ? "" : kinds ? ", " : " and ", rows[i].name);
	}
	return text;
}

bool model_options_fit(const Options *o, ModelKind kind, Diag *d)
{
	const int before = diag_errors(d);
	Arena *a = arena_new();
	for (int i = 0; i < option_kinds_length; i++) {
		const OptionKinds *k = &option_kinds[i];
		if (o->given[k->row] && !(k->kinds & KIND_BIT(kind)))
			diag_error(d, DIAG_REJECT, (Loc){.file = o->model, .offset = -1}, "%s is for %s; this is %s%s",
			           option_info[k->row].name, kinds_text(k->kinds, a), model_kind_name(kind), k->why);
	}
	arena_free(a);
	return diag_errors(d) == before;
}
