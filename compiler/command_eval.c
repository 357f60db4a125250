/* command_eval.c -- dssdc eval: how well a compiled program finds what people marked in a set of photographs. */
#include "compiler/commands.h"
#include "compiler/files.h"
#include "compiler/output.h"
#include "compiler/eval/plot.h"
#include "compiler/eval/precision.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
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
	Curve *curve;      /* by class */
	double *ap;        /* by class, 0 to 1; -1: not in the mean's reach */
	double mean;       /* of VOC */
	int nmean;         /* classes in it */
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

static void print_json(const Evaluation *e, FILE *out)
{
	cJSON *root = cJSON_CreateObject(), *classes = cJSON_AddArrayToObject(root, "classes");
	cJSON_AddStringToObject(root, "protocol", protocols[e->protocol].name);
	cJSON_AddNumberToObject(root, "photographs", e->set->nphoto);
	cJSON_AddNumberToObject(root, "detections", e->found->n);
	for (int i = 0; i < e->set->nclass; i++) {
		cJSON *c = cJSON_CreateObject();
		cJSON_AddStringToObject(c, "name", e->set->class[i]);
		cJSON_AddNumberToObject(c, "objects", e->curve[i].nobject);
		cJSON_AddNumberToObject(c, "ap", e->ap[i]);
		if (e->coco)
			cJSON_AddNumberToObject(c, "ap50", e->coco->class_ap50[i]);
		else
			cJSON_AddBoolToObject(c, "in_mean", in_mean(e, i));
		cJSON_AddItemToObject(c, "recall", cJSON_CreateDoubleArray(e->curve[i].recall, e->curve[i].n));
		cJSON_AddItemToObject(c, "precision", cJSON_CreateDoubleArray(e->curve[i].precision, e->curve[i].n));
		cJSON_AddItemToArray(classes, c);
	}
	for (int i = 0; e->coco && i < COCO_NUMBERS; i++)
		cJSON_AddNumberToObject(root, coco_name[i], e->coco->number[i]);
	if (!e->coco) {
		cJSON_AddNumberToObject(root, "iou", e->options->iou);
		cJSON_AddNumberToObject(root, "mean_ap", e->mean);
	}
	char *text = cJSON_Print(root);
	if (!text)
		bug("no memory for a report");
	fprintf(out, "%s\n", text);
	free(text);
	cJSON_Delete(root);
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
			panel[n++] = (Panel){.title = e->set->class[i], .x = recall, .y = precision,
			                     .note = arena_printf(a, "AP%s %.1f, %d objects", e->coco ? "50" : "", 100 * c->ap, c->nobject),
			                     .series = {c->recall, c->precision, c->n, NULL}};
	}
	const char *title = e->coco ? arena_printf(a, "Precision over recall, overlap 0.50 (COCO AP %.1f)", 100 * e->coco->number[0])
	                            : arena_printf(a, "Precision over recall, overlap %g (mean AP %.1f of %d classes)", e->options->iou,
	                                           100 * e->mean, e->nmean);
	plot_svg(&(Sheet){title, panel, n, 4, 260, 220}, out);
}

static void write_forms(const Evaluation *e, Arena *a, Diag *d)
{
	const Options *o = e->options;
	Output out;
	print_table(e, stdout);
	if (o->json && output_open(&out, o->json, NULL, a, d)) {
		print_json(e, out.file);
		output_close(&out, true, d);
	}
	if (o->curves && output_open(&out, o->curves, NULL, a, d)) {
		print_curves(e, out.file, a);
		output_close(&out, true, d);
	}
}

/* ---- the command ---- */

static const Detections *find(const Options *o, const Dataset *s, Arena *a, Diag *d)
{
	if (file_has_ending(o->model, ".jsonl"))
		return detections_read(o->model, s, a, d);
	Output copy = {0};
	if (o->detections && !output_open(&copy, o->detections, NULL, a, d))
		return NULL;
	const DetectionOptions how = {copy.file, isatty(2) && !o->quiet ? stderr : NULL};
	const Detections *f = detections_run(o->model, s, &how, a, d);
	if (o->detections && !output_close(&copy, f != NULL, d))
		return NULL;
	return f;
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

int command_eval(const Options *o, Arena *a, Diag *d)
{
	Evaluation e = {.options = o};
	e.set = dataset_read(o->dataset, &(DatasetOptions){o->photos, o->split}, a, d);
	if (e.set && find_protocol(o, e.set, &e.protocol, a, d))
		e.found = find(o, e.set, a, d);
	if (e.found && check(e.set, e.found, o->model, a, d)) {
		measure(&e, a);
		write_forms(&e, a, d);
	}
	return diag_exit_code(d);
}
