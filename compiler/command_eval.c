/* command_eval.c -- dssdc eval: how well a compiled program finds what people marked in a set of photographs. */
#include "compiler/commands.h"
#include "base/files.h"
#include "import/model_kind.h"
#include "base/output_set.h"
#include "eval/plot.h"
#include "eval/precision.h"
#include "base/json_write.h"

#include <string.h>
#include <unistd.h>

typedef enum Protocol { VOC07, VOC10, COCO, NPROTOCOLS } Protocol;

static const struct {
	const char *name, *title;
} protocols[NPROTOCOLS] = {
    {"voc07", "PASCAL VOC2007: mean over 11 recalls"},
    {"voc10", "PASCAL VOC2010 and later: area below the curve"},
    {"coco", "COCO: overlaps 0.50 to 0.95"},
};

typedef struct Evaluation {
	Protocol protocol;
	const Options *options;
	const Dataset *set;
	const Detections *found;
	Curve *curve;           /* by class */
	double *ap;             /* by class, 0 to 1; -1: not in the mean's reach */
	double mean;            /* of VOC */
	int nmean;              /* classes in it */
	const CocoResult *coco; /* or null */
} Evaluation;

static bool find_protocol(const Options *o, const Dataset *s, Protocol *p, Arena *a, Diag *d)
{
	*p = s->coco ? COCO : VOC07;
	if (!o->protocol)
		return true;
	for (*p = 0; *p < NPROTOCOLS; (*p)++)
		if (!strcmp(protocols[*p].name, o->protocol))
			return true;
	diag_error(d, DIAG_REJECT, (Loc){0}, "--protocol does not know '%s': voc07, voc10, coco", diag_quote(a, o->protocol));
	return false;
}

static bool in_mean(const Evaluation *e, int class)
{
	return e->curve[class].nobject > 0 && e->curve[class].nobject >= e->options->min_boxes;
}

static void measure(Evaluation *e, Arena *a)
{
	int n = e->set->nclass;
	if (e->protocol == COCO) {
		e->coco = precision_coco(e->set, e->found, a);
		e->curve = e->coco->curve;
		e->ap = e->coco->class_ap;
		return;
	}
	e->curve = arena_new_array(a, Curve, n + 1);
	e->ap = arena_new_array(a, double, n + 1);
	precision_voc(e->set, e->found, e->options->iou, e->protocol == VOC07, e->curve, a);
	for (int i = 0; i < n; i++) {
		e->ap[i] = e->curve[i].ap;
		if (in_mean(e, i)) {
			e->mean += e->ap[i];
			e->nmean++;
		}
	}
	if (e->nmean)
		e->mean /= e->nmean;
}

/* ---- forms ---- */

static void print_table(const Evaluation *e, FILE *out)
{
	int objects = 0;
	fprintf(out, "%s\n\n%-24s %8s %10s %7s%s\n", protocols[e->protocol].title, "class", "objects", "detections", "AP",
	        e->coco ? "    AP50" : "");
	for (int i = 0; i < e->set->nclass; i++) {
		const Curve *c = &e->curve[i];
		objects += c->nobject;
		if (!c->nobject && !c->ndetection)
			continue;
		fprintf(out, "%-24s %8d %10d ", e->set->class[i], c->nobject, c->ndetection);
		if (c->nobject)
			fprintf(out, "%7.1f", 100 * e->ap[i]);
		else
			fprintf(out, "%7s", "-");
		if (e->coco && c->nobject)
			fprintf(out, " %7.1f", 100 * e->coco->class_ap50[i]);
		fputs(!e->coco && c->nobject && !in_mean(e, i) ? "   not in the mean\n" : "\n", out);
	}
	fprintf(out, "\n%d photographs, %d objects, %d detections\n", e->set->nphoto, objects, e->found->n);
	if (!e->coco) {
		fprintf(out, "mean AP of %d classes: %.2f\n", e->nmean, 100 * e->mean);
		return;
	}
	for (int i = 0; i < COCO_NUMBERS; i++)
		fprintf(out, "%-10s %7.3f\n", coco_name[i], e->coco->number[i]);
}

static void print_numbers(JsonWriter *w, const char *key, const double *x, int n)
{
	json_list(w, key);
	for (int i = 0; i < n; i++)
		json_number(w, NULL, x[i]);
	json_list_end(w);
}

static void print_class(JsonWriter *w, const Evaluation *e, int i)
{
	const Curve *c = &e->curve[i];
	json_object(w, NULL);
	json_text(w, "name", e->set->class[i]);
	json_number(w, "objects", c->nobject);
	json_number(w, "ap", e->ap[i]);
	if (e->coco)
		json_number(w, "ap50", e->coco->class_ap50[i]);
	else
		json_bool(w, "in_mean", in_mean(e, i));
	print_numbers(w, "recall", c->recall, c->n);
	print_numbers(w, "precision", c->precision, c->n);
	json_object_end(w);
}

static void print_json(const Evaluation *e, FILE *out)
{
	JsonWriter w = {.out = out};
	json_object(&w, NULL);
	json_list(&w, "classes");
	for (int i = 0; i < e->set->nclass; i++)
		print_class(&w, e, i);
	json_list_end(&w);
	json_text(&w, "protocol", protocols[e->protocol].name);
	json_number(&w, "photographs", e->set->nphoto);
	json_number(&w, "detections", e->found->n);
	for (int i = 0; e->coco && i < COCO_NUMBERS; i++)
		json_number(&w, coco_name[i], e->coco->number[i]);
	if (!e->coco) {
		json_number(&w, "iou", e->options->iou);
		json_number(&w, "mean_ap", e->mean);
	}
	json_object_end(&w);
	fputc('\n', out);
}

static void print_curves(const Evaluation *e, FILE *out, Arena *a)
{
	static const double tick[] = {0, 0.2, 0.4, 0.6, 0.8, 1};
	const Axis recall = {.label = "recall", .most = 1, .tick = tick, .ntick = 6};
	const Axis precision = {.label = "precision", .most = 1, .tick = tick, .ntick = 6};
	Panel *panel = arena_new_array(a, Panel, e->set->nclass + 1);
	int n = 0;
	for (int i = 0; i < e->set->nclass; i++) {
		const Curve *c = &e->curve[i];
		if (c->nobject)
			panel[n++] = (Panel){.title = e->set->class[i],
			                     .x = recall,
			                     .y = precision,
			                     .note = arena_printf(a, "AP%s %.1f, %d objects", e->coco ? "50" : "", 100 * c->ap, c->nobject),
			                     .series = {c->recall, c->precision, c->n, NULL}};
	}
	const char *title = e->coco ? arena_printf(a, "Precision over recall, overlap 0.50 (COCO AP %.1f)", 100 * e->coco->number[0])
	                            : arena_printf(a, "Precision over recall, overlap %g (mean AP %.1f of %d classes)", e->options->iou,
	                                           100 * e->mean, e->nmean);
	plot_svg(&(Sheet){title, panel, n, 4, 260, 220}, out);
}

static void write_forms(const Evaluation *e, OutputSet *set, Arena *a)
{
	const Options *o = e->options;
	FILE *out;
	print_table(e, stdout);
	if (o->json && (out = output_set_open(set, o->json)))
		print_json(e, out);
	if (o->curves && (out = output_set_open(set, o->curves)))
		print_curves(e, out, a);
}

/* ---- the command ---- */

static const Detections *find(const Options *o, const Dataset *s, OutputSet *set, Arena *a, Diag *d)
{
	if (file_has_ending(o->model, ".jsonl"))
		return detections_read(o->model, s, a, d);
	FILE *copy = o->detections ? output_set_open(set, o->detections) : NULL;
	if (o->detections && !copy)
		return NULL;
	const DetectionOptions how = {copy, isatty(2) && !o->quiet ? stderr : NULL};
	return detections_run(o->model, s, &how, a, d);
}

/* Photographs without a line are an error; labels that do not meet are a warning: a set may have fewer classes. */
static bool check(const Dataset *s, const Detections *f, const char *source, Arena *a, Diag *d)
{
	const Loc loc = {.file = source, .offset = -1};
	int missing = 0;
	for (int i = 0; i < s->nphoto; i++)
		if (!f->seen[i] && !missing++)
			diag_error(d, DIAG_REJECT, loc, "no line about '%s'", diag_quote(a, s->photo[i].path));
	if (missing > 1)
		diag_error(d, DIAG_REJECT, loc, "%d photographs have no line", missing);
	for (int i = 0; i < f->nforeign; i++)
		diag_warning(d, loc, "finds '%s', which the data set does not have", diag_quote(a, f->foreign[i]));
	return !missing;
}

/* PROGRAM is what dssdc compile makes; a model in its place is a mistake that exec() would not explain. */
static bool is_program(const Options *o, Arena *a, Diag *d)
{
	const ModelKind kind = file_has_ending(o->model, ".jsonl") ? MODEL_NONE : model_kind_of_program(o->model, a);
	if (kind == MODEL_NONE)
		return true;
	diag_error(d, DIAG_REJECT, (Loc){.file = o->model, .offset = -1},
	           "this is %s, a model: compile it first (dssdc compile %s -o detect), then evaluate the program (dssdc eval ./detect %s)",
	           model_kind_name(kind), o->model, o->dataset);
	return false;
}

int command_eval(const Options *o, Arena *a, Diag *d)
{
	if (!is_program(o, a, d))
		return diag_exit_code(d);
	Evaluation e = {.options = o};
	OutputSet *set = output_set_new(a, d);
	file_note_read(o->model, d); /* the program that runs */
	e.set = dataset_read(o->dataset, &(DatasetOptions){o->photos, o->split}, a, d);
	for (int i = 0; e.set && i < e.set->nphoto; i++)
		file_note_read(e.set->photo[i].path, d);
	if (e.set && find_protocol(o, e.set, &e.protocol, a, d))
		e.found = find(o, e.set, set, a, d);
	if (e.found && check(e.set, e.found, o->model, a, d)) {
		measure(&e, a);
		write_forms(&e, set, a);
		output_set_commit(set);
	} else {
		output_set_drop(set);
	}
	return diag_exit_code(d);
}
